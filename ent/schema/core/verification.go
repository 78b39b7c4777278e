package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Verification is a value that is good for a while and usually once: a reset
// token, a code, a state (better-auth core 7.6 and 9).
type Verification struct{ ent.Schema }

// Mixin gives the id.
func (Verification) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the row; none but the times is for the wire.
func (Verification) Fields() []ent.Field {
	return []ent.Field{
		field.String("identifier").MaxLen(MaxIndexed).Annotations(Hidden()),
		field.Text("value").Sensitive(),
		Time("expires_at"),
		CreatedAt(),
		UpdatedAt(),
		// subject is the id of the user the value concerns, if there is one yet.
		field.String("subject").MaxLen(MaxKey).Optional().Nillable().Annotations(Hidden()),
		field.String("purpose").MaxLen(MaxIndexed).Default("").Annotations(Hidden()),
		// reservation is set on markers that may exist once: its unique index
		// lets exactly one writer win.
		field.String("reservation").MaxLen(MaxIndexed).Optional().Nillable().Unique().
			Annotations(Hidden()),
	}
}

// Indexes serve look-ups, a user's values, and the removal of expired ones.
func (Verification) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("identifier"), index.Fields("subject"), index.Fields("expires_at"),
	}
}

// Annotations hold the data life.
func (Verification) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Owner: "subject", Secret: []string{"identifier", "value"}, OnDelete: Cascade,
	}}
}
