package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// MessageText is the wording of a message in one language as an administrator changed it.
// Without a row the built-in words hold.
type MessageText struct{ ent.Schema }

// Mixin gives the id.
func (MessageText) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the wording.
func (MessageText) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").MaxLen(100).NotEmpty(),
		field.String("language").MaxLen(35).NotEmpty(),
		Text("subject"),
		Text("body"),
		UpdatedAt(),
		field.String("updated_by").MaxLen(MaxKey).Optional().Nillable(),
	}
}

// Indexes keep one wording a message and language.
func (MessageText) Indexes() []ent.Index {
	return []ent.Index{index.Fields("kind", "language").Unique()}
}

// Annotations hold the data life.
func (MessageText) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Owner: "updated_by", OnDelete: Keep}}
}
