package organization

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// Addresses of pages. Those of one organization lie below plugins.OrganizationsPath.
const (
	organizationsPath = "/admin/organizations"
	inside            = plugins.OrganizationsPath + "/:slug"
)

// lists are the lists of the console.
type lists struct {
	organizations *list.List[organizationRow]
	members       *list.List[memberRow]
	invitations   *list.List[invitationRow]
	teams         *list.List[teamRow]
	activity      *list.List[happened.Row]
}

func (s *Service) makeLists() lists {
	return lists{organizations: s.organizationsList(), members: s.membersList(), invitations: s.invitationsList(), teams: s.teamsList(), activity: s.activityLog().List()}
}

func (s *Service) screens() []plugins.Screen {
	within := func(order int, icon string, label words.Text, path, scope string) plugins.Screen {
		return plugins.Screen{ID: "organization" + path, Group: plugins.GroupOrganizations, Order: order, Icon: icon, Label: label, Path: path, Scope: scope, Organization: true}
	}
	screens := []plugins.Screen{
		{ID: listOrganizations, Group: plugins.GroupOrganizations, Order: 10, Icon: "building-2", Label: "Organizations", Path: organizationsPath, Scope: ScopeList, Key: "o",
			Begins: []plugins.Beginning{{Label: "New organization", Icon: "building-2", Path: organizationsPath + "/new", Scope: ScopeCreate}}},
		within(10, "gauge", "Overview", "", ScopeRead),
		within(20, "users", "Members", "/members", ScopeMemberRead),
		within(40, "mail-plus", "Invitations", "/invitations", ScopeInvite),
		within(50, "shield-check", "Roles", "/roles", ScopeInspect),
		within(60, "globe-lock", "Domains", "/domains", ScopeDomainRead),
		within(90, "history", "Activity", "/activity", ScopeEvents),
		within(100, "settings", "Settings", "/settings", ScopeInspect),
	}
	if s.cfg.Get().Teams.Enabled {
		screens = append(screens, within(30, "users-round", "Teams", "/teams", ScopeTeamRead))
	}
	return screens
}

// pages are the routes of the console. Each names the scope that its service asks for again.
func (s *Service) pages() []plugins.Route {
	get := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodGet, Path: inside + path, Summary: summary, Access: plugins.Within(scope), Handle: handle}
	}
	post := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: inside + path, Summary: summary, Access: plugins.Within(scope), Handle: handle}
	}
	outside := func(method, path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: method, Path: path, Summary: summary, Access: plugins.Access{Who: plugins.SignedIn, Scope: scope}, Handle: handle}
	}
	logo := post("/logo", "Change the picture of an organization", ScopeUpdate, s.saveLogo)
	logo.Upload = maxUpload
	routes := []plugins.Route{
		outside(http.MethodGet, organizationsPath, "The list of organizations", ScopeList, s.organizationsPage),
		outside(http.MethodGet, organizationsPath+"/new", "The form to make an organization for others", ScopeCreate, s.newPage),
		outside(http.MethodPost, organizationsPath, "Make an organization for others", ScopeCreate, s.doNew),
		outside(http.MethodGet, placesPath, "The organizations of a person", "", s.placesPage),
		outside(http.MethodGet, placesPath+"/new", "The form to make an organization", "", s.newPage),
		outside(http.MethodPost, placesPath, "Make an organization", "", s.doNew),
		outside(http.MethodPost, placesPath+"/join", "Join an organization by the domain of the own address", "", s.doJoin),
		outside(http.MethodPost, placesPath+"/withdraw", "Take an own request to join back", "", s.doWithdraw),
		get("", "One organization", ScopeRead, s.overviewPage),
		get("/members", "The members of an organization", ScopeMemberRead, s.membersPage),
		get("/members/add", "The form to add a member", ScopeMemberCreate, s.addPage),
		post("/members", "Add a member", ScopeMemberCreate, s.doAdd),
		post("/members/bulk/remove", "Remove many members", ScopeMemberDelete, s.removeMany()),
		get("/members/:id", "One member", ScopeMemberRead, s.memberPage),
		post("/members/:id/grants/end", "End a role for a time", ScopeMemberUpdate, s.endGrant),
		get("/invitations", "The invitations of an organization", ScopeInvite, s.invitationsPage),
		get("/invitations/new", "The form to invite somebody", ScopeInvite, s.invitePage),
		post("/invitations", "Invite somebody", ScopeInvite, s.doInvite),
		post("/invitations/:id/resend", "Send an invitation again, or show its link", ScopeInvite, s.doResend),
		get("/roles", "What each role of an organization gives", ScopeInspect, s.rolesPage),
		get("/domains", "The mail domains of an organization", ScopeDomainRead, s.domainsPage),
		post("/domains", "Add a mail domain", ScopeDomainUpdate, s.domainPost(s.doAddDomain)),
		post("/domains/:id/verify", "Look for the record that proves a mail domain", ScopeDomainUpdate, s.domainPost(s.doVerifyDomain)),
		post("/domains/:id/vouch", "Take a mail domain for proved", ScopeDomainUpdate, s.domainPost(s.doVouchDomain)),
		post("/domains/:id/joining", "Choose how people join by a mail domain", ScopeDomainUpdate, s.domainPost(s.doJoining)),
		post("/requests/:id", "Decide a request to join", ScopeMemberCreate, s.doDecide),
		get("/activity", "What happened in an organization", ScopeEvents, s.activityPage),
		get("/settings", "The settings of an organization", ScopeInspect, s.settingsPage),
		post("/settings", "Change an organization", ScopeUpdate, s.saveSettings),
		logo,
		post("/logo/remove", "Remove the picture of an organization", ScopeUpdate, s.removeLogo),
	}
	if s.cfg.Get().DynamicRoles.Enabled {
		routes = append(routes,
			get("/roles/new", "The form to make a role", ScopeRoleCreate, s.newRolePage),
			post("/roles", "Make a role", ScopeRoleCreate, s.saveRole),
			get("/roles/:id", "The form to change a role", ScopeRoleUpdate, s.rolePage),
			post("/roles/:id", "Change a role", ScopeRoleUpdate, s.saveRole))
		routes = append(routes, s.deleteRoleAct().Routes()...)
	}
	if s.cfg.Get().Teams.Enabled {
		routes = append(routes,
			get("/teams", "The teams of an organization", ScopeTeamRead, s.teamsPage),
			get("/teams/new", "The form to make a team", ScopeTeamCreate, s.newTeamPage),
			post("/teams", "Make a team", ScopeTeamCreate, s.doNewTeam),
			get("/teams/:id", "One team", ScopeTeamRead, s.teamPage),
			post("/teams/:id/members", "Put a member into a team", ScopeMemberUpdate, s.doTeamAdd),
			post("/teams/:id/members/remove", "Take a member out of a team", ScopeMemberDelete, s.doTeamRemove))
		routes = slices.Concat(routes, s.teamActs(), s.lists.teams.Routes(s.host, ScopeTeamRead))
	}
	return slices.Concat(routes, s.memberActs(), s.cancelAct().Routes(), s.removeDomainAct().Routes(), s.deleteAct().Routes(), s.leaveAct().Routes(), s.joinAct().Routes(),
		s.lists.organizations.Routes(s.host, ScopeList), s.lists.members.Routes(s.host, ScopeMemberRead),
		s.lists.invitations.Routes(s.host, ScopeInvite), s.lists.activity.Routes(s.host, ScopeEvents))
}

// head is what all pages about one organization share.
type head struct {
	Org *ent.Organization
	// Actor is who looks, with what they hold here.
	Actor actor
}

// head loads the organization of a request.
func (s *Service) head(c *plugins.Call) (head, error) {
	row, err := s.byID(c.Context(), c.Organization.ID)
	if err != nil {
		return head{}, err
	}
	if row == nil { // deleted since the access rule found it
		return head{}, auth.ErrForbidden
	}
	a, err := s.actor(c.Context(), row.ID)
	return head{row, a}, err
}

// url is the address of a page of the organization.
func (h head) url(page string) string { return listed(h.Org).Path(page) }

// mark is the picture of an organization, or its initials.
func mark(o *ent.Organization) web.Avatar {
	return web.Avatar{Name: o.Name, Seed: o.ID, Image: listed(o).Logo, Square: true, Large: true}
}

// shell is the frame of a page about the organization.
func (h head) shell(title, text words.Text, actions templ.Component, further ...web.Crumb) web.App {
	trail := append([]web.Crumb{{Label: words.Raw(h.Org.Name), Href: h.url("")}}, further...)
	return web.App{Title: title, Text: text, Actions: actions, Trail: trail}
}

// can reports whether a page draws what a scope allows. Who acts in the name of somebody
// else gets no such buttons.
func (h head) can(scope string) bool { return h.Actor.Can(scope) && !h.Actor.p.Impersonated() }
