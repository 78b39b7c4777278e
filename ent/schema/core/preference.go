package core

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Preference is one choice of a person about their own pages: language, time zone, the
// columns of a list, a saved filter.
type Preference struct{ ent.Schema }

// Mixin gives the id.
func (Preference) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the preference; value is JSON text or a plain word.
func (Preference) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").MaxLen(MaxKey),
		field.String("name").MaxLen(MaxIndexed).NotEmpty(),
		Text("value"),
		UpdatedAt(),
	}
}

// Edges name the person.
func (Preference) Edges() []ent.Edge { return []ent.Edge{ofUser("user_id")} }

// Indexes keep one value a name.
func (Preference) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "name").Unique()}
}

// Annotations hold the data life.
func (Preference) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Owner: "user_id", Personal: []string{"value"}, Export: true, OnDelete: Cascade}}
}

// ofUser is the edge of rows that go with a person.
func ofUser(column string) ent.Edge {
	return edge.To("user", User.Type).Field(column).Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade))
}
