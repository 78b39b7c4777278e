package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Job is the lease and the last run of a periodic job, so that one server of a
// cluster runs it at a time.
type Job struct{ ent.Schema }

// Mixin gives the id.
func (Job) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the lease and the run.
func (Job) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxLen(MaxIndexed).NotEmpty().Unique(),
		field.String("lease_owner").MaxLen(MaxIndexed).Default(""),
		Time("lease_until").Nillable(),
		Time("last_started_at").Nillable(),
		Time("last_finished_at").Nillable(),
		Text("last_error"),
	}
}

// Annotations hold the data life.
func (Job) Annotations() []schema.Annotation { return []schema.Annotation{Life{OnDelete: Keep}} }
