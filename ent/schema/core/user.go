package core

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// User is a person who signs in (better-auth core 9).
type User struct{ ent.Schema }

// Mixin gives the id.
func (User) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields in the order of the wire object (better-auth core 3.1).
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxLen(MaxIndexed),
		field.String("email").MaxLen(MaxIndexed).Unique(),
		field.Bool("email_verified").Default(false),
		field.Text("image").Optional().Nillable().Validate(PictureAddress),
		CreatedAt(),
		UpdatedAt(),
		AdditionalFields(),
	}
}

// Edges of the rows that end with the user.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("sessions", Session.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("accounts", Account.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes serve the list of users: newest first, and by name.
func (User) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at", "id"), index.Fields("name", "id")}
}

// Annotations hold the data life.
func (User) Annotations() []schema.Annotation {
	return []schema.Annotation{ReadBack{Marked: true}, Life{
		Owner:    "id",
		Search:   []string{"name", "email"},
		Personal: []string{"name", "email", "image", "additional_fields"},
		Export:   true,
		OnDelete: Cascade,
		Bin:      true,
	}}
}

// AdditionalFields holds what a deployment declares beyond the columns of an entity.
func AdditionalFields() ent.Field {
	return field.JSON("additional_fields", map[string]any{}).Optional().Annotations(Hidden())
}
