package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Delivery is an event on its way to one sink, written with the event and removed
// when the sink has taken it.
type Delivery struct{ ent.Schema }

// Mixin gives the id.
func (Delivery) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the delivery.
func (Delivery) Fields() []ent.Field {
	return []ent.Field{
		field.String("sink").MaxLen(MaxIndexed).NotEmpty(),
		field.String("event_id").MaxLen(MaxIndexed).NotEmpty(),
		field.Int("attempts").Default(0).NonNegative(),
		Time("next_attempt_at").DefaultNow(),
		Text("last_error"),
		CreatedAt(),
	}
}

// Indexes serve the delivery queue.
func (Delivery) Indexes() []ent.Index {
	return []ent.Index{index.Fields("next_attempt_at"), index.Fields("event_id")}
}

// Annotations hold the data life.
func (Delivery) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{OnDelete: Keep}}
}
