package organization

import (
	"maps"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Roles of every organization that are there from the start (better-auth organization 4.2).
const (
	RoleOwner  = "owner"
	RoleAdmin  = "admin"
	RoleMember = "member"
)

// Scopes of organizations. Those that read are ours; the rest is better-auth organization
// 4.2. As scopes of the platform they hold in every organization.
const (
	ScopeRead         = "organization:read"
	ScopeUpdate       = "organization:update"
	ScopeDelete       = "organization:delete"
	ScopeMemberRead   = "member:read"
	ScopeMemberCreate = "member:create"
	ScopeMemberUpdate = "member:update"
	ScopeMemberDelete = "member:delete"
	ScopeInvite       = "invitation:create"
	ScopeCancelInvite = "invitation:cancel"
	ScopeTeamRead     = "team:read"
	ScopeTeamCreate   = "team:create"
	ScopeTeamUpdate   = "team:update"
	ScopeTeamDelete   = "team:delete"
	ScopeRoleCreate   = "ac:create"
	ScopeRoleRead     = "ac:read"
	ScopeRoleUpdate   = "ac:update"
	ScopeRoleDelete   = "ac:delete"
	ScopeDomainRead   = "domain:read"
	ScopeDomainUpdate = "domain:update"
	ScopeEvents       = "event:read"
	// ScopeInspect shows how the organization is set up.
	ScopeInspect = "organization:inspect"
)

// Scopes of the platform alone.
const (
	// ScopeList shows the list of all organizations.
	ScopeList = "organization:list"
	// ScopeCreate makes organizations, for others too, whatever the settings say.
	ScopeCreate = "organization:create"
	// ScopeOwn acts as an owner does in every organization: gives, changes and ends
	// memberships of owners.
	ScopeOwn = "organization:own"
	// ScopeLimits sets the limits of an organization.
	ScopeLimits = "organization:set-limits"
	// ScopeVouch says that a domain is an organization's, without a proof.
	ScopeVouch = "domain:vouch"
)

func scopes(c Config) []auth.Scope {
	var (
		everyone = []string{RoleOwner, RoleAdmin, RoleMember}
		admins   = []string{RoleOwner, RoleAdmin}
		owners   = []string{RoleOwner}
		staff    = []string{"owner", "admin", "support", "viewer"} // of the platform
		chiefs   = []string{"owner", "admin"}
	)
	called := map[string]words.Text{"organization": "Organization", "member": "Members", "invitation": "Invitations", "team": "Teams", "ac": "Roles", "domain": "Domains", "event": "Activity"}
	inside := func(resource, action string, what words.Text, roles, everywhere []string) auth.Scope {
		return auth.Scope{Resource: resource, Action: action, Organization: true, Words: what, Of: called[resource], Roles: roles, Everywhere: everywhere}
	}
	byHand := func(s auth.Scope) auth.Scope {
		s.Interactive = true
		return s
	}
	list := []auth.Scope{
		inside("organization", "read", "See the organization", everyone, staff),
		byHand(inside("organization", "inspect", "See how the organization is set up", admins, staff)),
		inside("organization", "update", "Change the organization", admins, chiefs),
		inside("organization", "delete", "Delete the organization", owners, chiefs),
		inside("member", "read", "See the members", admins, staff),
		byHand(inside("member", "create", "Add members", admins, chiefs)),
		inside("member", "update", "Change the roles of members", admins, chiefs),
		inside("member", "delete", "Remove members", admins, chiefs),
		inside("invitation", "create", "Invite people and see the invitations", admins, chiefs),
		inside("invitation", "cancel", "Cancel invitations", admins, chiefs),
		inside("team", "read", "See the teams", admins, staff),
		inside("team", "create", "Make teams", admins, chiefs),
		inside("team", "update", "Change teams", admins, chiefs),
		inside("team", "delete", "Remove teams", admins, chiefs),
		inside("ac", "create", "Make roles", admins, chiefs),
		inside("ac", "read", "See the roles", everyone, staff),
		inside("ac", "update", "Change roles", admins, chiefs),
		inside("ac", "delete", "Remove roles", admins, chiefs),
		byHand(inside("domain", "read", "See the mail domains", admins, staff)),
		byHand(inside("domain", "update", "Change the mail domains, and who joins by them", admins, chiefs)),
		byHand(inside("event", "read", "See the activity", admins, nil)),
		{Resource: "organization", Action: "list", Words: "See the list of organizations", Roles: staff, Interactive: true},
		{Resource: "organization", Action: "create", Words: "Make organizations for others", Roles: chiefs, Interactive: true},
		{Resource: "organization", Action: "own", Words: "Give and take ownership in every organization", Roles: chiefs},
		{Resource: "organization", Action: "set-limits", Words: "Set the limits of an organization", Roles: chiefs, Interactive: true},
		{Resource: "domain", Action: "vouch", Words: "Vouch for the mail domain of an organization", Roles: chiefs, Interactive: true},
	}
	// Owners have those of the operator's own, as all others, so that they can give them.
	for _, resource := range slices.Sorted(maps.Keys(c.Permissions)) {
		for _, action := range c.Permissions[resource].Actions {
			list = append(list, inside(resource, action, words.Raw(resource+":"+action), []string{c.CreatorRole}, chiefs))
		}
	}
	return list
}

// implied are the scopes that every membership gives, whatever its role.
func (s *Service) implied() []string {
	if s.cfg.Get().MembersSeeMembers {
		return []string{ScopeRead, ScopeMemberRead, ScopeTeamRead}
	}
	return []string{ScopeRead}
}
