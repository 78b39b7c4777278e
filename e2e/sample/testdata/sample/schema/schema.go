// Package schema declares what the sample plugin stores.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"gatehouse/ent/schema/core"
)

// SampleNote belongs to an organization: it is reached only through an access bound to
// one, or explicitly through the platform's.
type SampleNote struct{ ent.Schema }

// Mixin gives the id.
func (SampleNote) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the note.
func (SampleNote) Fields() []ent.Field {
	return []ent.Field{
		field.String("organization_id").MaxLen(core.MaxIndexed).Optional().Nillable().Immutable(),
		field.Text("text"),
		core.CreatedAt(),
	}
}

// Indexes serve the list of one organization.
func (SampleNote) Indexes() []ent.Index { return []ent.Index{index.Fields("organization_id")} }

// Annotations hold the data life.
func (SampleNote) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Personal: []string{"text"}, Export: true, OnDelete: core.Cascade}}
}

// UserMixin is what the plugin adds to users.
type UserMixin struct{ mixin.Schema }

// Fields added to users; optional, as the core creates users without knowing it.
func (UserMixin) Fields() []ent.Field {
	return []ent.Field{field.String("nickname").MaxLen(64).Optional().Nillable()}
}
