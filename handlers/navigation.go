package handlers

import (
	"context"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
	"slices"
)

// navigate puts the navigation of a person on a page: in the account area the panels
// everybody has, in the console the screens of the server or of the organization that the
// page is about, every entry behind the scope it names. The person menu leads from one to
// the other, the switcher from one organization to another.
func (s *Server) navigate(c *plugins.Call, p *auth.Principal, r *web.Request) {
	ctx, path := c.Context(), c.Request.URL.Path
	server, places := s.hasScreen(p), s.places(ctx, p)
	console := server || len(places) > 0
	if console {
		r.Find = web.FindPath
	}
	r.Menu = []web.NavItem{{Label: "Your account", Icon: "user", Href: "/account"}}
	leads := console && !(path == page.OrganizationsPath && !server && len(places) > 1 && p.Claims["activeOrganizationId"] == nil) // it would lead here
	if leads {
		r.Menu = append(r.Menu, web.NavItem{Label: "Console", Icon: "gauge", Href: "/admin"})
	}
	switch inside := strings.HasPrefix(path, "/admin"); {
	case inside && c.Organization != nil:
		r.Nav = s.screensIn(p, *c.Organization)
		if r.Find != "" {
			r.Find += "?" + url.Values{web.FindIn: {c.Organization.Slug}}.Encode()
		}
	case inside && server:
		r.Nav = s.screens(ctx, p)
	default:
		r.Nav = []web.NavGroup{s.panels()}
		if leads {
			r.Nav = append(r.Nav, web.NavGroup{Title: "Administration", Items: []web.NavItem{{Label: "Console", Icon: "gauge", Href: "/admin"}}})
		}
		return
	}
	r.Switcher = s.switcher(p, c.Organization, places, server)
}

// switchTo is how many organizations the switcher offers.
const switchTo = 8

// places are the organizations that a person belongs to, by name. Keys and service accounts
// use no pages.
func (s *Server) places(ctx context.Context, p *auth.Principal) []plugins.Organization {
	known, ok := plugins.Offer[plugins.Organizations](s.host)
	if !ok || p == nil || p.Session == nil && p.Email == "" {
		return nil
	}
	list, err := known.OrganizationsOf(ctx, p.Subject, switchTo+1)
	if err != nil {
		s.log.WarnContext(ctx, "reading the organizations of a person", "error", err)
	}
	return list
}

// switcher changes between the server and organizations; nil where there is nothing to
// change to.
func (s *Server) switcher(p *auth.Principal, at *plugins.Organization, places []plugins.Organization, server bool) *web.Switcher {
	w := &web.Switcher{}
	if server {
		w.Places = append(w.Places, web.SwitchPlace{Label: "Whole server", Icon: "server", Href: "/admin", Here: at == nil})
	}
	known := at == nil
	for _, o := range places[:min(len(places), switchTo)] {
		here := at != nil && at.ID == o.ID
		known = known || here
		w.Places = append(w.Places, organizationPlace(o, here))
	}
	if !known {
		w.Places = append(w.Places, organizationPlace(*at, true))
	}
	switch {
	case s.hasOrganizations(p):
		w.More = organizationsPath
	case len(places) > switchTo:
		w.More = page.OrganizationsPath
	}
	if len(w.Places) < 2 && w.More == "" {
		return nil
	}
	return w
}

// organizationsPath is where the list of all organizations is, if there is one.
const organizationsPath = "/admin/organizations"

// hasOrganizations reports whether a principal may see the list of all organizations.
func (s *Server) hasOrganizations(p *auth.Principal) bool {
	return slices.ContainsFunc(s.registry.Screens(false), func(sc plugins.Screen) bool { return sc.Path == organizationsPath && p.Can(sc.Scope) })
}

func organizationPlace(o plugins.Organization, here bool) web.SwitchPlace {
	return web.SwitchPlace{Label: words.Raw(o.Name), Mark: web.Avatar{Name: o.Name, Seed: o.ID, Image: o.Logo, Square: true}, Href: o.Path(""), Here: here}
}

// screens are the screens of the server that a principal may see.
func (s *Server) screens(ctx context.Context, p *auth.Principal) []web.NavGroup {
	var groups []web.NavGroup
	last := ""
	for _, sc := range s.registry.Screens(false) {
		if !p.Can(sc.Scope) {
			continue
		}
		if len(groups) == 0 || sc.Group != last {
			groups, last = append(groups, web.NavGroup{Title: groupLabels[sc.Group]}), sc.Group
		}
		item := web.NavItem{Label: sc.Label, Icon: web.Icon(sc.Icon), Href: sc.Path, Key: sc.Key, Exact: sc.Path == "/admin"}
		if sc.Count != nil {
			if n, err := sc.Count(ctx); err == nil && n > 0 {
				item.Count = words.Number(n)
			}
		}
		group := &groups[len(groups)-1]
		group.Items = append(group.Items, item)
	}
	return groups
}

// screensIn are the screens of one organization that a principal may see.
func (s *Server) screensIn(p *auth.Principal, o plugins.Organization) []web.NavGroup {
	group := web.NavGroup{}
	for _, sc := range s.registry.Screens(true) {
		if p.ShowsIn(o.ID, sc.Scope) {
			group.Items = append(group.Items, web.NavItem{Label: sc.Label, Icon: web.Icon(sc.Icon), Href: o.Path(sc.Path), Key: sc.Key, Exact: sc.Path == ""})
		}
	}
	return []web.NavGroup{group}
}

var groupLabels = map[string]words.Text{plugins.GroupOverview: "", plugins.GroupPeople: "People", plugins.GroupOrganizations: "Organizations",
	plugins.GroupAccess: "Access", plugins.GroupSecurity: "Security", plugins.GroupSystem: "System"}

// panels is the account area of the navigation.
func (s *Server) panels() web.NavGroup {
	var list []plugins.Panel
	for _, part := range s.registry.Parts {
		list = append(list, part.Panels...)
	}
	slices.SortStableFunc(list, func(a, b plugins.Panel) int { return a.Order - b.Order })
	group := web.NavGroup{Title: "Your account"}
	for _, p := range list {
		group.Items = append(group.Items, web.NavItem{Label: p.Label, Icon: web.Icon(p.Icon), Href: p.Path})
	}
	return group
}

// hasScreen reports whether a principal may see any screen of the whole server.
func (s *Server) hasScreen(p *auth.Principal) bool {
	return slices.ContainsFunc(s.registry.Screens(false), func(sc plugins.Screen) bool { return p.Can(sc.Scope) })
}
