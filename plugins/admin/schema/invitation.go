package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"gatehouse/ent/schema/core"
)

// PlatformInvitation asks a person to join the platform with a role. It is good
// once, until it expires or is cancelled.
type PlatformInvitation struct{ ent.Schema }

// Mixin gives the id.
func (PlatformInvitation) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the invitation. mailed tells whether the link went to the address,
// in which case accepting it proves the address.
func (PlatformInvitation) Fields() []ent.Field {
	return []ent.Field{
		field.String("email").MaxLen(core.MaxIndexed),
		field.String("name").MaxLen(core.MaxIndexed).Default(""),
		field.String("role").MaxLen(core.MaxIndexed).NotEmpty(),
		field.String("token_hash").MaxLen(core.MaxIndexed).NotEmpty().Unique().Sensitive(),
		field.String("inviter_id").MaxLen(core.MaxKey),
		core.CreatedAt(),
		core.Time("expires_at"),
		field.Bool("mailed").Default(false),
		core.Time("accepted_at").Nillable(),
		field.String("accepted_user_id").MaxLen(core.MaxKey).Optional().Nillable(),
		core.Time("cancelled_at").Nillable(),
	}
}

// Indexes serve the list, newest first, and the invitations of one address.
func (PlatformInvitation) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at"), index.Fields("email")}
}

// Annotations hold the data life.
func (PlatformInvitation) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{
		Owner:    "accepted_user_id",
		Search:   []string{"email", "name"},
		Personal: []string{"email", "name"},
		Secret:   []string{"token_hash"},
		Export:   true,
		OnDelete: core.Cascade,
	}}
}
