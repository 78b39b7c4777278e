package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"gatehouse/ent/schema/core"
)

// TimedRole is a role of the platform that a person has for a time, beside those of the
// user.
type TimedRole struct{ ent.Schema }

// Mixin gives the id.
func (TimedRole) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the role; null at one side is open.
func (TimedRole) Fields() []ent.Field {
	return []ent.Field{
		field.String("user_id").MaxLen(core.MaxKey),
		field.String("role").MaxLen(core.MaxIndexed).NotEmpty(),
		core.Time("starts_at").Nillable(),
		core.Time("ends_at").Nillable(),
		field.String("granted_by").MaxLen(core.MaxKey).Default(""),
		core.CreatedAt(),
	}
}

// Edges end the role with the person.
func (TimedRole) Edges() []ent.Edge {
	return []ent.Edge{edge.To("user", core.User.Type).Field("user_id").Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes serve the roles of a person, the holders of a role, and the removal of those
// that are over.
func (TimedRole) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id"), index.Fields("role"), index.Fields("ends_at")}
}

// Annotations hold the data life.
func (TimedRole) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Owner: "user_id", Export: true, OnDelete: core.Cascade}}
}
