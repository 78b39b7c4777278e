package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OutboxMessage is a message to a person, stored with the command that caused
// it and delivered afterwards.
type OutboxMessage struct{ ent.Schema }

// Mixin gives the id.
func (OutboxMessage) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the message. The body is encrypted, as it may hold a link that
// opens a session; it is emptied when what it holds expires.
func (OutboxMessage) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").MaxLen(MaxIndexed).NotEmpty(),
		field.String("channel").MaxLen(MaxIndexed).NotEmpty(),
		field.Text("recipient"),
		Text("subject"),
		field.Text("body").Sensitive(),
		field.Enum("state").Values("queued", "sent", "failed", "held").Default("queued"),
		field.Int("attempts").Default(0).NonNegative(),
		Time("next_attempt_at").DefaultNow(),
		Text("last_error"),
		Time("expires_at").Nillable(),
		CreatedAt(),
		Time("sent_at").Nillable(),
	}
}

// Indexes serve the delivery queue, the list, and the removal of old messages.
func (OutboxMessage) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("state", "next_attempt_at"),
		index.Fields("created_at"),
		index.Fields("expires_at"),
	}
}

// Annotations hold the data life.
func (OutboxMessage) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{
		Personal: []string{"recipient", "subject"}, Secret: []string{"body"}, OnDelete: Keep,
	}}
}
