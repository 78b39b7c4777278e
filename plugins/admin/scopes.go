package admin

import (
	"gatehouse/auth"

	"gatehouse/auth/words"
)

// The graded roles that are always there (decisions 42), the widest first.
const (
	RoleOwner   = "owner"
	RoleAdmin   = "admin"
	RoleSupport = "support"
	RoleViewer  = "viewer"
	RoleUser    = "user"
)

// Scopes of the plugin by their names in the platform's realm. Those of the wire are
// better-auth admin 3; the rest are ours.
const (
	ScopeCreate            = "user:create"
	ScopeList              = "user:list"
	ScopeSetRole           = "user:set-role"
	ScopeBan               = "user:ban"
	ScopeImpersonate       = "user:impersonate"
	ScopeImpersonateAdmins = "user:impersonate-admins"
	ScopeDelete            = "user:delete"
	ScopeSetPassword       = "user:set-password"
	ScopeSetEmail          = "user:set-email"
	ScopeSetPhone          = "user:set-phone"
	ScopeGet               = "user:get"
	ScopeUpdate            = "user:update"
	ScopeSessionList       = "session:list"
	ScopeSessionRevoke     = "session:revoke"

	ScopeBanStaff   = "user:ban-staff"
	ScopeSetFields  = "user:set-fields"
	ScopeSendReset  = "user:send-reset"
	ScopeInvite     = "user:invite"
	ScopeSignInLink = "user:sign-in-link"
	// ScopeImpersonateWrite lets a session in another person's name change things.
	ScopeImpersonateWrite = "user:impersonate-write"
	// ScopeSeeAs shows the console as another person would see it.
	ScopeSeeAs = "principal:see-as"
)

// administrators are the roles that count as administrator on the wire.
func administrators() []string { return []string{RoleOwner, RoleAdmin} }

func scopes() []auth.Scope {
	var (
		top     = []string{RoleOwner}
		admins  = administrators()
		helpers = []string{RoleOwner, RoleAdmin, RoleSupport}
		staff   = []string{RoleOwner, RoleAdmin, RoleSupport, RoleViewer}
	)
	user := func(action string, what words.Text, roles []string) auth.Scope {
		return auth.Scope{Resource: "user", Action: action, Words: what, Roles: roles, Interactive: true}
	}
	session := func(action string, what words.Text, roles []string) auth.Scope {
		return auth.Scope{Resource: "session", Action: action, Words: what, Roles: roles, Interactive: true}
	}
	return []auth.Scope{
		user("create", "Create people", admins),
		user("list", "See the list of people", staff),
		user("get", "See one person", staff),
		user("update", "Change name and picture of a person", helpers),
		user("set-fields", "Change the further fields of a person", admins),
		user("set-role", "Change the role of a person", admins),
		user("set-email", "Change the address of a person", admins),
		user("set-phone", "Change the phone number of a person", admins),
		user("set-password", "Set the password of a person", admins),
		user("send-reset", "Send a person a link to a new password", helpers),
		user("sign-in-link", "Hand over a link that signs a person in", admins),
		user("ban", "Ban people who have no part in the console", helpers),
		user("ban-staff", "Ban people who have a part in the console", admins),
		user("impersonate", "Act in the name of a person", admins),
		user("impersonate-admins", "Act in the name of an administrator", top),
		user("impersonate-write", "Change things while acting in the name of a person", top),
		{Resource: "principal", Action: "see-as", Words: "See the console as another person would", Roles: admins, Interactive: true},
		user("delete", "Remove people", admins),
		user("invite", "Invite people", admins),
		session("list", "See the sessions of a person", staff),
		session("revoke", "End sessions of a person", helpers),
		session("delete", "Delete sessions", admins),
	}
}
