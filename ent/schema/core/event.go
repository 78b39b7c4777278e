package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Event is one line of the audit log: who did what to whom, how, and with what
// result. It is written in the transaction of what it tells.
type Event struct{ ent.Schema }

// Mixin gives the id.
func (Event) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the event. Nothing is ever updated, except that erasing a person
// empties what names them.
func (Event) Fields() []ent.Field {
	short := func(name string) ent.Field { return field.String(name).MaxLen(MaxIndexed).Default("") }
	return []ent.Field{
		field.String("kind").MaxLen(MaxIndexed).NotEmpty(),
		Time("occurred_at").DefaultNow().Immutable(),
		short("actor_id"),
		short("actor_name"),
		// scheme is how the actor was known: session, api key, job, command.
		short("scheme"),
		short("subject_type"),
		short("subject_id"),
		field.String("organization_id").MaxLen(MaxKey).Optional().Nillable(),
		short("session_id"),
		short("ip_address"),
		Text("user_agent"),
		short("request_id"),
		short("result"),
		Text("reason"),
		field.JSON("data", map[string]any{}).Optional(),
	}
}

// Indexes serve the log as a whole, of one subject, actor and organization.
func (Event) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("occurred_at", "id"),
		index.Fields("subject_id", "occurred_at"),
		index.Fields("actor_id", "occurred_at"),
		index.Fields("organization_id", "occurred_at"),
		index.Fields("kind", "occurred_at"),
		index.Fields("request_id"),
	}
}

// Annotations hold the data life.
func (Event) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Owner: "actor_id",
		// What data holds of a person is marked by the kind of the event.
		Personal: []string{"actor_name", "ip_address", "user_agent"},
		Export:   true,
		OnDelete: Blank,
	}}
}
