// Package schema declares what the organization plugin stores: organizations, members,
// invitations, teams, roles of an organization (better-auth organization 2), and ours:
// roles for a time, mail domains and requests to join.
//
// Everything but the session's columns belongs to one organization, so it is reached only
// through an access bound to that one, or explicitly through the platform's.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"gatehouse/ent/schema/core"
)

// Organization is a group of people with roles of its own.
type Organization struct{ ent.Schema }

// Mixin gives the id.
func (Organization) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object; metadata is the text of a JSON object.
func (Organization) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxLen(core.MaxIndexed),
		field.String("slug").MaxLen(core.MaxIndexed).Unique(),
		field.Text("logo").Optional().Nillable().Validate(core.PictureAddress),
		core.CreatedAt(),
		field.Text("metadata").Optional().Nillable(),
		core.AdditionalFields(),
		// member_limit replaces the setting for this organization.
		field.Int("member_limit").Optional().Nillable().NonNegative().Annotations(core.Hidden()),
	}
}

// Indexes serve the list, newest first and by name.
func (Organization) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at", "id"), index.Fields("name", "id")}
}

// Annotations hold the data life.
func (Organization) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "id", Search: []string{"name", "slug"}, OnDelete: core.Cascade}}
}

// Member is a person's place in an organization.
type Member struct{ ent.Schema }

// Mixin gives the id.
func (Member) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object; role holds the roles that have no end, with
// commas between them.
func (Member) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("user_id").MaxLen(core.MaxKey),
		roles(),
		core.CreatedAt(),
		core.AdditionalFields(),
		// The membership counts from starts_at until ends_at; null is open.
		core.Time("starts_at").Nillable().Annotations(core.Hidden()),
		core.Time("ends_at").Nillable().Annotations(core.Hidden()),
		// user_name and user_email follow the user, so that the members of one organization
		// are ordered and searched without reading those of all.
		field.String("user_name").MaxLen(core.MaxIndexed).Default("").Annotations(core.Hidden()),
		field.String("user_email").MaxLen(core.MaxIndexed).Default("").Annotations(core.Hidden()),
	}
}

// Edges end the membership with the organization and the person.
func (Member) Edges() []ent.Edge { return []ent.Edge{ofOrganization(), ofUser("user_id")} }

// Indexes keep a person in an organization once, and serve its list of members.
func (Member) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("organization_id", "user_id").Unique(),
		index.Fields("organization_id", "created_at", "id"),
		// Holds what a search of one organization looks through.
		index.Fields("organization_id", "user_name", "user_email", "id"),
		index.Fields("organization_id", "role", "created_at", "id"),
		// Counts those in force without reading their rows.
		index.Fields("organization_id", "starts_at", "ends_at"),
		index.Fields("user_id"),
		index.Fields("ends_at"),
	}
}

// Annotations hold the data life.
func (Member) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Owner: "user_id",
		Personal: []string{"user_name", "user_email", "additional_fields"}, Export: true, OnDelete: core.Cascade}}
}

// MemberRole is a role that a member has for a time, beside those of the membership.
type MemberRole struct{ ent.Schema }

// Mixin gives the id.
func (MemberRole) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the role; null at one side is open.
func (MemberRole) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("member_id").MaxLen(core.MaxKey),
		field.String("role").MaxLen(core.MaxIndexed).NotEmpty(),
		core.Time("starts_at").Nillable(),
		core.Time("ends_at").Nillable(),
		field.String("granted_by").MaxLen(core.MaxKey).Default(""),
		core.CreatedAt(),
	}
}

// Edges end the role with the membership.
func (MemberRole) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("member", Member.Type).Field("member_id").Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes serve the roles of a member, of an organization, and the removal of those that
// are over.
func (MemberRole) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id"), index.Fields("organization_id", "role"), index.Fields("ends_at")}
}

// Annotations hold the data life.
func (MemberRole) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", OnDelete: core.Cascade}}
}

// Invitation asks the person of an address to join an organization. Its id is the link.
type Invitation struct{ ent.Schema }

// Mixin gives the id.
func (Invitation) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object; team_id holds ids with commas between them.
func (Invitation) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("email").MaxLen(core.MaxIndexed),
		field.String("role").MaxLen(core.MaxIndexed).Optional().Nillable(),
		field.Text("team_id").Optional().Nillable(),
		field.String("status").MaxLen(32).Default("pending"),
		core.Time("expires_at"),
		core.CreatedAt(),
		field.String("inviter_id").MaxLen(core.MaxKey).Optional().Nillable(),
		core.AdditionalFields(),
		// mailed tells whether the link went to the address. Accepting proves the address only
		// by the link that was mailed, which carries a proof of its own.
		field.Bool("mailed").Default(false).Annotations(core.Hidden()),
		core.Time("sent_at").Nillable().Annotations(core.Hidden()),
		core.Time("decided_at").Nillable().Annotations(core.Hidden()),
		// The membership that it makes ends then; null is open.
		core.Time("member_until").Nillable().Annotations(core.Hidden()),
	}
}

// Edges end the invitation with the organization and the person who made it.
func (Invitation) Edges() []ent.Edge {
	return []ent.Edge{
		ofOrganization(),
		edge.To("inviter", core.User.Type).Field("inviter_id").Unique().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes serve the invitations of an organization and of an address.
func (Invitation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("organization_id", "created_at", "id"),
		index.Fields("organization_id", "status", "expires_at"),
		index.Fields("organization_id", "email"),
		index.Fields("email"),
		index.Fields("inviter_id"),
	}
}

// Annotations hold the data life.
func (Invitation) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id",
		Personal: []string{"email", "additional_fields"}, OnDelete: core.Cascade}}
}

// Team is a part of an organization.
type Team struct{ ent.Schema }

// Mixin gives the id.
func (Team) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object.
func (Team) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxLen(core.MaxIndexed),
		// member_count holds the seats that are taken, for the limit.
		field.Int("member_count").Default(0).Annotations(core.Hidden()),
		tenant(),
		core.CreatedAt(),
		core.Time("updated_at").Nillable(),
		core.AdditionalFields(),
	}
}

// Edges end the team with the organization.
func (Team) Edges() []ent.Edge { return []ent.Edge{ofOrganization()} }

// Indexes serve the list of an organization.
func (Team) Indexes() []ent.Index {
	return []ent.Index{index.Fields("organization_id", "created_at", "id"), index.Fields("organization_id", "name", "id")}
}

// Annotations hold the data life.
func (Team) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", OnDelete: core.Cascade}}
}

// TeamMember is a member's place in a team.
type TeamMember struct{ ent.Schema }

// Mixin gives the id.
func (TeamMember) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object.
func (TeamMember) Fields() []ent.Field {
	return []ent.Field{
		field.String("team_id").MaxLen(core.MaxKey),
		field.String("user_id").MaxLen(core.MaxKey),
		// membership_key is made of both (better-auth organization 2.4).
		field.String("membership_key").MaxLen(core.MaxIndexed).Optional().Nillable().Unique().Annotations(core.Hidden()),
		core.Time("created_at").Nillable().DefaultNow(),
		// The wire has no organization here; it keeps the row inside one.
		field.String("organization_id").MaxLen(core.MaxKey).Immutable().Annotations(core.Hidden()),
	}
}

// Edges end the place with the team and the person.
func (TeamMember) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("team", Team.Type).Field("team_id").Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade)),
		ofUser("user_id"),
	}
}

// Indexes keep a person in a team once, and serve the teams of a person.
func (TeamMember) Indexes() []ent.Index {
	return []ent.Index{index.Fields("team_id", "user_id").Unique(), index.Fields("user_id"), index.Fields("organization_id", "user_id")}
}

// Annotations hold the data life.
func (TeamMember) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Owner: "user_id", Export: true, OnDelete: core.Cascade}}
}

// OrganizationRole is a role that an organization made for itself.
type OrganizationRole struct{ ent.Schema }

// Mixin gives the id.
func (OrganizationRole) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields in the order of the wire object; permission is the text of a JSON object of
// resources to lists of actions.
func (OrganizationRole) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("role").MaxLen(core.MaxIndexed).NotEmpty(),
		field.Text("permission"),
		core.CreatedAt(),
		core.Time("updated_at").Nillable(),
		core.AdditionalFields(),
		field.String("description").MaxLen(core.MaxIndexed).Default("").Annotations(core.Hidden()),
	}
}

// Edges end the role with the organization.
func (OrganizationRole) Edges() []ent.Edge { return []ent.Edge{ofOrganization()} }

// Indexes keep a name once in an organization.
func (OrganizationRole) Indexes() []ent.Index {
	return []ent.Index{index.Fields("organization_id", "role").Unique()}
}

// Annotations hold the data life.
func (OrganizationRole) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", OnDelete: core.Cascade}}
}

// OrganizationDomain is a mail domain that an organization says is its own. People with a
// proved address there may join it.
type OrganizationDomain struct{ ent.Schema }

// Mixin gives the id.
func (OrganizationDomain) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the domain; token is what the DNS record has to hold, and verified_domain the
// domain once more while it is proved, so that it is one organization's only.
func (OrganizationDomain) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("domain").MaxLen(core.MaxIndexed).NotEmpty(),
		field.String("token").MaxLen(core.MaxIndexed).NotEmpty(),
		field.String("verified_domain").MaxLen(core.MaxIndexed).Optional().Nillable().Unique(),
		core.Time("verified_at").Nillable(),
		// verified_by is "dns", or the id of the administrator who vouched for it.
		field.String("verified_by").MaxLen(core.MaxKey).Default(""),
		// joining is "off", "approval" or "automatic".
		field.String("joining").MaxLen(32).Default("approval"),
		field.String("role").MaxLen(core.MaxIndexed).Default("member"),
		core.Time("checked_at").Nillable(),
		core.Text("check_error"),
		field.String("created_by").MaxLen(core.MaxKey).Default(""),
		core.CreatedAt(),
	}
}

// Edges end the domain with the organization.
func (OrganizationDomain) Edges() []ent.Edge { return []ent.Edge{ofOrganization()} }

// Indexes keep a domain once in an organization.
func (OrganizationDomain) Indexes() []ent.Index {
	return []ent.Index{index.Fields("organization_id", "domain").Unique(), index.Fields("domain")}
}

// Annotations hold the data life.
func (OrganizationDomain) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", OnDelete: core.Cascade}}
}

// JoinRequest is a person's wish to join an organization by the domain of their address.
type JoinRequest struct{ ent.Schema }

// Mixin gives the id.
func (JoinRequest) Mixin() []ent.Mixin { return []ent.Mixin{core.Keyed{}} }

// Fields of the request.
func (JoinRequest) Fields() []ent.Field {
	return []ent.Field{
		tenant(),
		field.String("user_id").MaxLen(core.MaxKey),
		field.String("email").MaxLen(core.MaxIndexed),
		field.String("role").MaxLen(core.MaxIndexed).NotEmpty(),
		core.CreatedAt(),
	}
}

// Edges end the request with the organization and the person.
func (JoinRequest) Edges() []ent.Edge { return []ent.Edge{ofOrganization(), ofUser("user_id")} }

// Indexes keep one request of a person, and serve the list of an organization.
func (JoinRequest) Indexes() []ent.Index {
	return []ent.Index{index.Fields("organization_id", "user_id").Unique(), index.Fields("organization_id", "created_at", "id"), index.Fields("user_id")}
}

// Annotations hold the data life.
func (JoinRequest) Annotations() []schema.Annotation {
	return []schema.Annotation{core.Life{Tenant: "organization_id", Owner: "user_id", Personal: []string{"email"}, Export: true, OnDelete: core.Cascade}}
}

// SessionMixin keeps what is active in a session (better-auth organization 2.6). The ids
// are checked against the membership whenever they are used.
type SessionMixin struct{ mixin.Schema }

// Fields of the mixin.
func (SessionMixin) Fields() []ent.Field {
	return []ent.Field{
		field.String("active_organization_id").MaxLen(core.MaxKey).Optional().Nillable(),
		field.String("active_team_id").MaxLen(core.MaxKey).Optional().Nillable(),
	}
}

// tenant is the organization that a row belongs to, for good.
func tenant() ent.Field { return field.String("organization_id").MaxLen(core.MaxKey).Immutable() }

// roles are role names with commas between them.
func roles() ent.Field { return field.String("role").MaxLen(core.MaxIndexed).Default("member") }

func ofOrganization() ent.Edge {
	return edge.To("organization", Organization.Type).Field("organization_id").Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))
}

func ofUser(column string) ent.Edge {
	return edge.To("user", core.User.Type).Field(column).Unique().Required().Annotations(entsql.OnDelete(entsql.Cascade))
}
