package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Task is an act on many things that a server works off piece by piece, so that a page
// can show how far it is and what was skipped.
type Task struct{ ent.Schema }

// Mixin gives the id.
func (Task) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the task. input says what to do to which things, skipped what was left out
// and why; both are JSON text. lease_until belongs to the server that works on it.
func (Task) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").MaxLen(MaxIndexed).NotEmpty(),
		field.Enum("state").Values("waiting", "running", "done", "stopped").Default("waiting"),
		Text("input"),
		field.Int("total").Default(0).NonNegative(),
		field.Int("done").Default(0).NonNegative(),
		Text("skipped"),
		field.String("created_by").MaxLen(MaxKey),
		CreatedAt(),
		Time("lease_until").Nillable(),
		Time("finished_at").Nillable(),
	}
}

// Edges name who asked for it.
func (Task) Edges() []ent.Edge { return []ent.Edge{ofUser("created_by")} }

// Indexes serve the queue and the list of one person.
func (Task) Indexes() []ent.Index {
	return []ent.Index{index.Fields("state", "created_at"), index.Fields("created_by", "created_at")}
}

// Annotations hold the data life.
func (Task) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Owner: "created_by", Personal: []string{"input", "skipped"}, OnDelete: Cascade}}
}
