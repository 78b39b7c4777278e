// Package schema declares what the plugin of API keys stores: keys (better-auth api-key
// 2), and ours: service accounts, and how much keys are used.
//
// What belongs to an organization carries its id as the tenant; keys of people and the
// platform's service accounts carry none.
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

// Plugin is the id of the plugin, which is not the name of its folder.
const Plugin = "api-key"

// APIKey is a key by which a program is known.
type APIKey struct{ ent.Schema }

// Mixin gives the id.
func (APIKey) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object; permissions and metadata are JSON texts, key is
// the hash of the key. Intervals are milliseconds.
func (APIKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("config_id").MaxLen(core.MaxIndexed).Default("default"),
		field.String("name").MaxLen(core.MaxIndexed).Optional().Nillable(),
		field.String("start").MaxLen(core.MaxIndexed).Optional().Nillable(),
		// reference_id is the owner: a user, an organization or a service account.
		field.String("reference_id").MaxLen(core.MaxKey),
		field.String("prefix").MaxLen(core.MaxIndexed).Optional().Nillable(),
		field.String("key").MaxLen(core.MaxIndexed).NotEmpty().Unique().Sensitive(),
		field.Int64("refill_interval").Optional().Nillable(),
		field.Int64("refill_amount").Optional().Nillable(),
		core.Time("last_refill_at").Nillable(),
		field.Bool("enabled").Default(true),
		field.Bool("rate_limit_enabled").Default(true),
		field.Int64("rate_limit_time_window").Optional().Nillable(),
		field.Int64("rate_limit_max").Optional().Nillable(),
		field.Int64("request_count").Default(0),
		field.Int64("remaining").Optional().Nillable(),
		core.Time("last_request").Nillable(),
		core.Time("expires_at").Nillable(),
		core.CreatedAt(),
		core.UpdatedAt(),
		field.Text("permissions").Optional().Nillable(),
		field.Text("metadata").Optional().Nillable(),

		// owner_kind is "user", "organization" or "service-account".
		field.String("owner_kind").MaxLen(32).Default("user").Immutable().Annotations(core.Hidden()),
		field.String("organization_id").MaxLen(core.MaxKey).Optional().Nillable().Immutable().Annotations(core.Hidden()),
		// created_by made the key; one of an organization outlives them.
		field.String("created_by").MaxLen(core.MaxKey).Default("").Annotations(core.Hidden()),
		// last_used_at is the last use of this very key: last_request is that of the window it
		// shares with keys it replaced.
		core.Time("last_used_at").Nillable().Annotations(core.Hidden()),
		field.String("last_address").MaxLen(core.MaxIndexed).Default("").Annotations(core.Hidden()),
		// rotated_to is the key that takes over from this one, which ends at expires_at.
		field.String("rotated_to").MaxLen(core.MaxKey).Optional().Nillable().Annotations(core.Hidden()),
		// warned_at is when the mail about the coming end was sent.
		core.Time("warned_at").Nillable().Annotations(core.Hidden()),
	}
}

// Indexes serve the keys of an owner, of an organization, the list of all, and the removal
// of those that are over.
func (APIKey) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("reference_id", "created_at", "id"),
		index.Fields("organization_id", "created_at", "id"),
		index.Fields("created_at", "id"),
		index.Fields("last_used_at", "id"),
		index.Fields("name", "id"),
		index.Fields("expires_at", "id"),
		index.Fields("config_id"),
	}
}

// Annotations name the wire's table and hold the data life.
func (APIKey) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "apikey"}, core.Life{Tenant: "organization_id", Owner: "reference_id",
		Search: []string{"name", "start"}, Personal: []string{"name", "metadata", "last_address"}, Secret: []string{"key"}, Export: true, OnDelete: core.Cascade}}
}

// KeyUsage counts the verifications of one key on one day.
type KeyUsage struct{ ent.Schema }

// Mixin gives the id.
func (KeyUsage) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the count; day is a date, "2026-11-28", in UTC.
func (KeyUsage) Fields() []ent.Field {
	return []ent.Field{
		field.String("key_id").MaxLen(core.MaxKey),
		field.String("organization_id").MaxLen(core.MaxKey).Optional().Nillable().Immutable(),
		field.String("day").MaxLen(10),
		field.Int64("allowed").Default(0),
		field.Int64("refused").Default(0),
	}
}

// Edges end the count with the key.
func (KeyUsage) Edges() []ent.Edge {
	return []ent.Edge{edge.To("key", APIKey.Type).Field("key_id").Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes keep one count a day.
func (KeyUsage) Indexes() []ent.Index {
	return []ent.Index{index.Fields("key_id", "day").Unique(), index.Fields("day")}
}

// Annotations hold the data life.
func (KeyUsage) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", OnDelete: core.Cascade}}
}

// ServiceAccount is a principal that is no person: of one organization, or of the platform.
// It outlives who made it.
type ServiceAccount struct{ ent.Schema }

// Mixin gives the id.
func (ServiceAccount) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the account; role holds roles of its realm with commas between them.
func (ServiceAccount) Fields() []ent.Field {
	return []ent.Field{
		field.String("organization_id").MaxLen(core.MaxKey).Optional().Nillable().Immutable(),
		field.String("name").MaxLen(core.MaxIndexed).NotEmpty(),
		field.String("description").MaxLen(core.MaxIndexed).Default(""),
		field.String("role").MaxLen(core.MaxIndexed).Default(""),
		field.Bool("enabled").Default(true),
		core.Time("ends_at").Nillable(),
		field.String("created_by").MaxLen(core.MaxKey).Default(""),
		core.CreatedAt(),
		core.UpdatedAt(),
	}
}

// Indexes serve the list of an organization and of all.
func (ServiceAccount) Indexes() []ent.Index {
	return []ent.Index{index.Fields("organization_id", "created_at", "id"), index.Fields("created_at", "id")}
}

// Annotations hold the data life.
func (ServiceAccount) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Search: []string{"name"}, OnDelete: core.Cascade}}
}
