package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Session is one signed-in browser or device of a user (better-auth core 9).
type Session struct{ ent.Schema }

// Mixin gives the id.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields in the order of the wire object (better-auth core 3.2), then ours.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		Time("expires_at"),
		// token holds sha256:<hex> of the token, never the token itself.
		field.String("token").MaxLen(MaxIndexed).Unique().NotEmpty().
			Annotations(Wire{Reserved: true}),
		CreatedAt(),
		UpdatedAt(),
		field.String("ip_address").MaxLen(MaxIndexed).Optional(),
		field.Text("user_agent").Optional(),
		field.String("user_id").MaxLen(MaxKey),
		AdditionalFields(),
		// authenticated_at is the last time the person proved who they are.
		Time("authenticated_at").DefaultNow().Annotations(Hidden()),
		// amr lists the proofs given, comma-separated (RFC 8176 names).
		field.String("amr").MaxLen(MaxIndexed).Default("").Annotations(Hidden()),
		// absolute_expires_at ends the session however often it is refreshed.
		Time("absolute_expires_at").Nillable().Annotations(Hidden()),
		field.Bool("remembered").Default(true).Annotations(Hidden()),
		Time("last_seen_at").Nillable().Annotations(Hidden()),
	}
}

// Edges name the user.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("sessions").Field("user_id").Unique().Required(),
	}
}

// Indexes serve a user's sessions, the list of all and the removal of expired ones.
func (Session) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id"), index.Fields("expires_at"), index.Fields("created_at", "id")}
}

// Annotations hold the data life.
func (Session) Annotations() []schema.Annotation {
	return []schema.Annotation{ReadBack{Marked: true}, Life{
		Owner:    "user_id",
		Personal: []string{"ip_address", "user_agent", "additional_fields"},
		Secret:   []string{"token"},
		Export:   true,
		OnDelete: Cascade,
	}}
}
