package admin

import (
	"context"
	"errors"
	"gatehouse/auth/words"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/plugins"
	"gatehouse/web"
)

// Addresses of the screens.
const (
	usersPath       = "/admin/users"
	sessionsPath    = "/admin/sessions"
	overviewPath    = "/admin"
	invitationsPath = "/admin/invitations"
	ownPasswordPath = "/new-password"
	signInLinkPath  = "/sign-in-link/"
	tasksPath       = "/admin/tasks"
	stopPath        = "/admin/stop-impersonating"
	stopSeeingPath  = "/admin/see-as/stop"
)

func screens() []plugins.Screen {
	return []plugins.Screen{
		{ID: "users", Group: plugins.GroupPeople, Order: 10, Icon: "users", Label: "Users", Key: "u", Path: usersPath, Scope: ScopeList,
			Begins: []plugins.Beginning{{Label: "Create user", Icon: "user-plus", Path: usersPath + "/new", Scope: ScopeCreate}}},
		{ID: "invitations", Group: plugins.GroupPeople, Order: 20, Icon: "mail-plus", Label: "Invitations", Key: "i", Path: invitationsPath, Scope: ScopeInvite,
			Begins: []plugins.Beginning{{Label: "Invite somebody", Icon: "mail-plus", Path: invitationsPath + "/new", Scope: ScopeInvite}}},
		{ID: "roles", Group: plugins.GroupAccess, Order: 10, Icon: "shield-check", Label: "Roles", Key: "r", Path: rolesPath, Scope: ScopeGet},
		{ID: "sessions", Group: plugins.GroupPeople, Order: 30, Icon: "monitor", Label: "Sessions", Key: "s", Path: sessionsPath, Scope: ScopeSessionList},
	}
}

// tiles are the figures of the overview. People and sessions are counted there anyway.
func (s *Service) tiles() []plugins.Tile {
	return []plugins.Tile{
		{ID: "invitations", Order: 20, Scope: ScopeInvite, Draw: func(ctx context.Context) (templ.Component, error) {
			n, err := s.host.DB.Access(ctx).PlatformInvitation().Query().Where(pending(s.now())).Count(ctx)
			return web.Stat{Label: "Open invitations", Icon: "mail-plus", Figure: words.Number(n), Href: invitationsPath + "?state=" + string(StatePending)}, err
		}},
		{ID: "banned", Order: 30, Scope: ScopeList, Draw: func(ctx context.Context) (templ.Component, error) {
			n, err := s.host.DB.Access(ctx).User().Query().Where(bannedNow(s.now())).Count(ctx)
			return web.Stat{Label: "Banned people", Icon: "ban", Figure: words.Number(n), Href: usersPath + "?status=" + string(BannedNow)}, err
		}},
	}
}

// pages are the routes of the screens. Each names the scope that its service asks for
// again; acts that change how people get in are closed while impersonating.
func (s *Service) pages() []plugins.Route {
	routes := slices.Concat(s.listPages(), s.listRoutes(), s.bulkRoutes(), s.gatePages())
	for _, a := range s.acts() {
		access := plugins.Access{Who: plugins.SignedIn, Scope: a.scope, ManagesCredentials: a.manages}
		acts := access
		acts.Dangerous = a.dangerous
		routes = append(routes,
			plugins.Route{Method: http.MethodGet, Path: usersPath + "/:id/" + a.name, Summary: words.F("Asks: %s", a.summary), Access: access, Handle: s.ask(a)},
			plugins.Route{Method: http.MethodPost, Path: usersPath + "/:id/" + a.name, Summary: a.summary, Access: acts, Handle: s.act(a)})
	}
	gives := plugins.Access{Who: plugins.SignedIn, Scope: ScopeSetRole, Dangerous: true}
	routes = append(routes,
		plugins.Route{Method: http.MethodPost, Path: usersPath + "/:id/timed-roles", Summary: "Give a person a role for a time", Access: gives, Handle: s.giveTimedRolePage},
		plugins.Route{Method: http.MethodPost, Path: usersPath + "/:id/timed-roles/end", Summary: "End a role that a person has for a time", Access: gives, Handle: s.endTimedRolePage})
	for i := range routes {
		routes[i].Handle = spoken(routes[i].Handle)
	}
	return append(routes, plugins.Route{Method: http.MethodPost, Path: stopPath, Summary: "Stop acting in another person's name",
		Access: plugins.Access{Who: plugins.SignedIn, FromStore: true, Looks: true}, Handle: s.stopPage},
		plugins.Route{Method: http.MethodPost, Path: stopSeeingPath, Summary: "Stop seeing the console as another person",
			Access: plugins.Access{Who: plugins.SignedIn, FromStore: true, Looks: true}, Handle: s.stopSeeingPage})
}

func (s *Service) listPages() []plugins.Route {
	route := func(method, path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: method, Path: path, Summary: summary, Access: plugins.Access{Who: plugins.SignedIn, Scope: scope}, Handle: handle}
	}
	get, post := http.MethodGet, http.MethodPost
	return []plugins.Route{
		route(get, usersPath, "The list of people", ScopeList, s.usersPage),
		route(post, usersPath, "Create a person", ScopeCreate, s.createPage),
		route(get, usersPath+"/new", "The form to create a person", ScopeCreate, s.newPage),
		route(get, usersPath+"/:id", "One person", ScopeGet, s.userPage),
		route(post, usersPath+"/:id", "Change a person", ScopeUpdate, s.editPage),
		route(get, usersPath+"/:id/access", "What a person may do, and why", ScopeGet, s.accessPage),
		route(get, usersPath+"/:id/sessions", "The sessions of a person", ScopeSessionList, s.userSessionsPage),
		route(get, usersPath+"/:id/accounts", "How a person signs in", ScopeGet, s.accountsPage),
		route(get, usersPath+"/:id/activity", "What a person did, and what was done to them", ScopeEvents, s.activityPage),
		route(post, usersPath+"/:id/devices/forget", "Forget a known device of a person", ScopeSessionRevoke, s.forgetDevicePage),
		route(get, rolesPath, "What each role may do", ScopeGet, s.rolesPage),
		route(get, tasksPath+"/:id", "How far an act on many is", "", s.taskPage),
		route(post, tasksPath+"/:id/stop", "Stop an act on many", "", s.stopTaskPage),
		route(get, usersPath+"/:id/:tab", "A page of another plugin about a person", ScopeGet, s.tabPage),
		route(get, sessionsPath, "Who is signed in", ScopeSessionList, s.sessionsPage),
		route(post, sessionsPath+"/end", "End a session", ScopeSessionRevoke, s.endSessionPage),
		route(post, sessionsPath+"/bulk/end", "End many sessions", ScopeSessionRevoke, s.lists.sessions.Do(s.endSelected, endedMany)),
		route(get, invitationsPath, "The invitations", ScopeInvite, s.invitationsPage),
		route(get, invitationsPath+"/new", "The form to invite a person", ScopeInvite, s.newInvitationPage),
		route(post, invitationsPath, "Invite a person", ScopeInvite, s.invitePage),
		route(post, invitationsPath+"/:id/resend", "Give an invitation a new link", ScopeInvite, s.resendPage),
		route(get, invitationsPath+"/:id/cancel", "Asks before an invitation is cancelled", ScopeInvite, s.askCancelPage),
		route(post, invitationsPath+"/:id/cancel", "Cancel an invitation", ScopeInvite, s.cancelPage),
	}
}

// stopPage ends an impersonation. When the administrator's session is dead, only the
// sign-in page is left.
func (s *Service) stopPage(c *plugins.Call) error {
	person := c.Principal().Subject
	if _, err := s.End(c); err != nil {
		if errors.Is(err, ErrNoAdminSession) {
			return c.SeeOther("/sign-in")
		}
		return err
	}
	c.Flash("good", "You act in your own name again.")
	return c.SeeOther(usersPath + "/" + person)
}
