package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Account is a way a user signs in: a password, or an identity of an outside
// provider (better-auth core 9).
type Account struct{ ent.Schema }

// Mixin gives the id.
func (Account) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields in the order of the wire object (better-auth core 3); the stored scope
// is hidden because the wire shows it as the array scopes.
func (Account) Fields() []ent.Field {
	return []ent.Field{
		field.String("account_id").MaxLen(MaxIndexed),
		field.String("provider_id").MaxLen(MaxIndexed),
		field.String("user_id").MaxLen(MaxKey),
		field.Text("access_token").Optional().Nillable().Sensitive(),
		field.Text("refresh_token").Optional().Nillable().Sensitive(),
		field.Text("id_token").Optional().Nillable().Sensitive(),
		Time("access_token_expires_at").Nillable().Annotations(Hidden()),
		Time("refresh_token_expires_at").Nillable().Annotations(Hidden()),
		field.Text("scope").Optional().Nillable().Annotations(Hidden()),
		field.Text("password").Optional().Nillable().Sensitive(),
		CreatedAt(),
		UpdatedAt(),
		AdditionalFields(),
	}
}

// Edges name the user.
func (Account) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("accounts").Field("user_id").Unique().Required(),
	}
}

// Indexes make an outside identity one user's only.
func (Account) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("provider_id", "account_id").Unique(),
		index.Fields("user_id"),
	}
}

// Annotations hold the data life.
func (Account) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Owner:    "user_id",
		Personal: []string{"account_id", "additional_fields"},
		Secret:   []string{"access_token", "refresh_token", "id_token", "password"},
		Export:   true,
		OnDelete: Cascade,
	}}
}
