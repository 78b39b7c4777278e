// Package schema declares what the admin plugin stores: the role and ban of a
// user, who impersonates in a session, and invitations to the platform
// (better-auth admin 1).
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"gatehouse/ent/schema/core"
)

// UserMixin adds roles and bans to the user.
type UserMixin struct{ mixin.Schema }

// Fields of the mixin. role may hold several roles, comma-separated; null means
// the default role. Adopted rows may hold null in banned, which reads as false.
func (UserMixin) Fields() []ent.Field {
	return []ent.Field{
		field.String("role").MaxLen(core.MaxIndexed).Optional().Nillable(),
		field.Bool("banned").Optional().Default(false),
		field.Text("ban_reason").Optional().Nillable(),
		core.Time("ban_expires").Nillable(),
		// admin_note is what administrators write about a person, for themselves.
		field.Text("admin_note").Optional().Nillable().Annotations(core.Hidden()),
		// admin_metadata is free JSON that administrators keep with a person.
		field.JSON("admin_metadata", map[string]any{}).Optional().Annotations(core.Hidden()),
		// password_temporary asks for an own password at the next sign-in.
		field.Bool("password_temporary").Default(false).Annotations(core.Hidden()),
	}
}

// Indexes serve the question who holds a role, and the list of users by role and ban,
// newest first.
func (UserMixin) Indexes() []ent.Index {
	return []ent.Index{index.Fields("role", "created_at", "id"), index.Fields("banned", "created_at", "id")}
}

// SessionMixin records who opened a session in another person's name.
type SessionMixin struct{ mixin.Schema }

// Fields of the mixin.
func (SessionMixin) Fields() []ent.Field {
	return []ent.Field{
		field.String("impersonated_by").MaxLen(core.MaxKey).Optional().Nillable(),
		// impersonation_writes lifts the rule that such a session only reads.
		field.Bool("impersonation_writes").Default(false).Annotations(core.Hidden()),
	}
}
