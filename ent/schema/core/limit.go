package core

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// RateLimit counts requests of one address on one path (better-auth core 8.7
// and 9). It is used where the database is the limiter's store.
type RateLimit struct{ ent.Schema }

// Mixin gives the id.
func (RateLimit) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the counter; last_request is in milliseconds since 1970.
func (RateLimit) Fields() []ent.Field {
	return []ent.Field{
		field.String("key").MaxLen(MaxIndexed).Unique(),
		field.Int("count").NonNegative(),
		field.Int64("last_request"),
	}
}

// Indexes serve the removal of old counters.
func (RateLimit) Indexes() []ent.Index { return []ent.Index{index.Fields("last_request")} }

// Annotations hold the data life.
func (RateLimit) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Personal: []string{"key"}, OnDelete: Keep}}
}

// Attempt counts failed sign-ins of one account, whatever address they came
// from.
type Attempt struct{ ent.Schema }

// Mixin gives the id.
func (Attempt) Mixin() []ent.Mixin { return []ent.Mixin{Keyed{}} }

// Fields of the counter. key is derived from what was typed; identifier is that text,
// sealed, for the list of locked accounts; user_id is the account it names, if any.
func (Attempt) Fields() []ent.Field {
	return []ent.Field{
		field.String("key").MaxLen(MaxIndexed).Unique(),
		field.Int("failures").Default(0).NonNegative(),
		Time("last_failure_at"),
		Time("blocked_until").Nillable(),
		field.Text("identifier").Optional(),
		field.String("user_id").MaxLen(MaxKey).Optional().Nillable(),
		field.String("ip_address").MaxLen(MaxIndexed).Default(""),
	}
}

// Edges name the account.
func (Attempt) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Field("user_id").Unique().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes serve the removal of old counters and the list of what is locked.
func (Attempt) Indexes() []ent.Index {
	return []ent.Index{index.Fields("last_failure_at"), index.Fields("blocked_until", "id")}
}

// Annotations hold the data life.
func (Attempt) Annotations() []schema.Annotation {
	return []schema.Annotation{Life{Owner: "user_id", Personal: []string{"key", "identifier", "ip_address"}, OnDelete: Cascade}}
}
