package admin

import (
	"gatehouse/auth/words"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

// endpoints are the routes of better-auth admin 5, and new-password, which is ours. Their sessions are always read from
// the store, so a demotion or a ban acts at once (SEC-115); keys do not get in.
func (s *Service) endpoints() []plugins.Endpoint {
	user, wrapped := schema.Of[userInput](), schema.Of[struct {
		User any `json:"user" schema:"optional"`
	}]()
	success := schema.Of[successOutput]()
	return []plugins.Endpoint{
		post("/admin/set-role", "setUserRole", "Set the role of a user", proven(guarded(ScopeSetRole, ErrMayNotSetRole)), schema.Of[roleInput](), wrapped, s.setRole, ErrNoSuchRole, ErrUnknownUser),
		get("/admin/get-user", "getUser", "Get a user", guarded(ScopeGet, ErrMayNotGet), schema.Of[getInput](), s.getUser, ErrUnknownUser),
		post("/admin/create-user", "createUser", "Create a user", guarded(ScopeCreate, ErrMayNotCreate), schema.Of[createInput](), wrapped, s.createUser, ErrMayNotSetRole, ErrNoSuchRole, ErrRoleType, ErrMayNotBan, auth.ErrInvalidEmail, auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, ErrEmailTaken),
		post("/admin/update-user", "adminUpdateUser", "Update a user", guarded(ScopeUpdate, ErrMayNotUpdate), schema.Of[updateInput](), nil, s.updateUser, ErrNoData, ErrPasswordInUpdate, ErrIDInUpdate, ErrMayNotSetRole, ErrMayNotBan, ErrCannotBanSelf, ErrMayNotSetEmail, ErrEmailTaken, ErrMayNotSetPhone, ErrUnknownUser),
		get("/admin/list-users", "listUsers", "List users", guarded(ScopeList, ErrMayNotList), schema.Of[listInput](), s.listUsers),
		post("/admin/list-user-sessions", "adminListUserSessions", "List the sessions of a user", looking(guarded(ScopeSessionList, ErrMayNotListSessions)), user, nil, s.listUserSessions),
		post("/admin/ban-user", "banUser", "Ban a user", guarded(ScopeBan, ErrMayNotBan), schema.Of[banInput](), wrapped, s.banUser, ErrUnknownUser, ErrCannotBanSelf),
		post("/admin/unban-user", "unbanUser", "Lift the ban of a user", guarded(ScopeBan, ErrMayNotBan), user, wrapped, s.unbanUser, ErrUnknownUser),
		post("/admin/impersonate-user", "impersonateUser", "Open a session in the name of a user", proven(guarded(ScopeImpersonate, ErrMayNotImpersonate)), user, nil, s.impersonateUser, ErrUnknownUser, ErrCannotImpersonate, ErrBanned),
		post("/admin/stop-impersonating", "stopImpersonating", "End the session in the name of a user", plugins.Access{Who: plugins.Inside, FromStore: true, Looks: true}, nil, nil, s.stopImpersonating, ErrNotImpersonating, ErrNoAdminSession),
		post("/admin/revoke-user-session", "revokeUserSession", "End one session of a user", guarded(ScopeSessionRevoke, ErrMayNotRevoke), schema.Of[sessionInput](), success, s.revokeUserSession),
		post("/admin/revoke-user-sessions", "revokeUserSessions", "End all sessions of a user", guarded(ScopeSessionRevoke, ErrMayNotRevoke), user, success, s.revokeUserSessions),
		post("/admin/remove-user", "removeUser", "Remove a user", proven(guarded(ScopeDelete, ErrMayNotDelete)), schema.Of[removeInput](), success, s.removeUser, ErrCannotRemoveSelf, ErrUnknownUser),
		post("/admin/set-user-password", "setUserPassword", "Set the password of a user", proven(guarded(ScopeSetPassword, ErrMayNotSetPassword)), schema.Of[passwordInput](), schema.Of[statusOutput](), s.setUserPassword, auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, ErrUnknownUser),
		post("/admin/new-password", "chooseOwnPassword", "Choose one's own password in place of a temporary one, and go on with the sign-in", plugins.Access{Who: plugins.Public},
			schema.Of[ownPasswordInput](), nil, s.ownPassword, ErrOwnPasswordIsOver, ErrStillTemporary, auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, auth.ErrPasswordCompromised),
		post("/admin/has-permission", "userHasPermission", "Check what the caller may do", looking(signedIn()), schema.Of[permissionInput](), nil, s.hasPermission, ErrNothingToCheck),
	}
}

// signedIn is the access of everybody who has a session of their own.
func signedIn() plugins.Access {
	return plugins.Access{Who: plugins.SignedIn, FromStore: true, Unauthenticated: ErrNoSession,
		Schemes: []string{auth.SchemeSession, auth.SchemeBearer}}
}

// looking marks what changes nothing although it is a post.
func looking(a plugins.Access) plugins.Access {
	a.Looks = true
	return a
}

// proven marks what opens an account to somebody, gives power or cannot be undone.
func proven(a plugins.Access) plugins.Access {
	a.Proven = true
	return a
}

func guarded(scope string, refusal *auth.Error) plugins.Access {
	a := signedIn()
	a.Scope, a.Forbidden = scope, refusal
	return a
}

func post(path, name, summary string, a plugins.Access, body, output *schema.Schema, handle func(*plugins.Call) (any, error), errs ...*auth.Error) plugins.Endpoint {
	return plugins.Endpoint{Method: http.MethodPost, Path: path, Name: name, Summary: words.Raw(summary), Access: a, Body: body, Output: output,
		Errors: refusals(a, errs), NoStore: true, Handle: handle}
}

func get(path, name, summary string, a plugins.Access, query *schema.Schema, handle func(*plugins.Call) (any, error), errs ...*auth.Error) plugins.Endpoint {
	return plugins.Endpoint{Method: http.MethodGet, Path: path, Name: name, Summary: words.Raw(summary), Access: a, Query: query,
		Errors: refusals(a, errs), NoStore: true, Handle: handle}
}

func refusals(a plugins.Access, errs []*auth.Error) []*auth.Error {
	if a.Forbidden != nil {
		errs = append([]*auth.Error{a.Forbidden}, errs...)
	}
	return append(errs, ErrNoSession)
}
