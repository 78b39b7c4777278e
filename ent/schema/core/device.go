package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Device is a browser from which a person signed in before. It outlives sessions, so that
// a sign-in from another one can be told.
type Device struct{ ent.Schema }

// Mixin gives the id.
func (Device) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the device; key is the hash of what its cookie holds.
func (Device) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").MaxLen(MaxKey),
		field.String("key").MaxLen(MaxIndexed).NotEmpty().Sensitive(),
		field.String("ip_address").MaxLen(MaxIndexed).Default(""),
		Text("user_agent"),
		CreatedAt(),
		Time("last_seen_at").DefaultNow(),
	}
}

// Edges name the person.
func (Device) Edges() []ent.Edge { return []ent.Edge{ofUser("user_id")} }

// Indexes know one device of a person once, and serve the removal of old ones.
func (Device) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "key").Unique(), index.Fields("last_seen_at")}
}

// Annotations hold the data life.
func (Device) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Owner: "user_id", Personal: []string{"ip_address", "user_agent"}, Secret: []string{"key"}, Export: true, OnDelete: Cascade,
	}}
}
