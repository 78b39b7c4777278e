// Package schema declares entities with a tenant, in every shape the generator
// knows.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"

	"gatehouse/ent/schema/core"
)

// Plugin is the plugin's id where the folder's name is another.
const Plugin = "team-notes"

// Organization is the tenant itself.
type Organization struct{ ent.Schema }

func (Organization) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

func (Organization) Fields() []ent.Field { return []ent.Field{field.String("name")} }

func (Organization) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("notes", Note.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

func (Organization) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "id"}}
}

// Note belongs to an organization and has comments.
type Note struct{ ent.Schema }

func (Note) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

func (Note) Fields() []ent.Field {
	return []ent.Field{
		field.String("text").Unique(),
		field.String("organization_id").Immutable(),
		field.String("author_id").Optional().Nillable(),
	}
}

func (Note) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("organization", Organization.Type).Ref("notes").Field("organization_id").Unique().Required().Immutable(),
		edge.To("author", core.User.Type).Field("author_id").Unique(),
		edge.To("comments", Comment.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

func (Note) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Search: []string{"text"}}}
}

// Comment belongs to an organization, or to the platform.
type Comment struct{ ent.Schema }

func (Comment) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

func (Comment) Fields() []ent.Field {
	return []ent.Field{
		field.String("text"),
		field.String("organization_id").Optional().Nillable().Immutable(),
		field.String("note_id").Optional().Nillable(),
	}
}

func (Comment) Edges() []ent.Edge {
	return []ent.Edge{edge.From("note", Note.Type).Ref("comments").Field("note_id").Unique()}
}

func (Comment) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id"}}
}

// UserMixin adds to the core's user.
type UserMixin struct{ mixin.Schema }

func (UserMixin) Fields() []ent.Field { return []ent.Field{field.Bool("note_taker").Default(false)} }
