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
	activity      *list.List[happened.Row]
}

func (s *Service) makeLists() lists {
	return lists{organizations: s.organizationsList(), members: s.membersList(), invitations: s.invitationsList(), activity: s.activityLog().List()}
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
	routes := []plugins.Route{
		{Method: http.MethodGet, Path: organizationsPath, Summary: "The list of organizations", Access: plugins.Access{Who: plugins.SignedIn, Scope: ScopeList}, Handle: s.organizationsPage},
		get("", "One organization", ScopeRead, s.overviewPage),
		get("/members", "The members of an organization", ScopeMemberRead, s.membersPage),
		get("/invitations", "The invitations of an organization", ScopeInvite, s.invitationsPage),
		get("/activity", "What happened in an organization", ScopeEvents, s.activityPage),
	}
	return slices.Concat(routes,
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
