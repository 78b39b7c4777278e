package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Setting is a value set at run time in the console.
type Setting struct{ ent.Schema }

// Mixin gives the id.
func (Setting) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the setting; value is JSON text, encrypted where the setting is a
// secret.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("key").MaxLen(MaxIndexed).NotEmpty().Unique(),
		field.Text("value").Sensitive(),
		UpdatedAt(),
		field.String("updated_by").MaxLen(MaxKey).Optional().Nillable(),
	}
}

// Annotations hold the data life.
func (Setting) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Owner: "updated_by", Secret: []string{"value"}, OnDelete: Keep,
	}}
}
