package handlers

import (
	"gatehouse/auth/words"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// errorPage shows an error in plain words with the id to tell an operator.
func (s *Server) errorPage(c *plugins.Call, e *auth.Error) templ.Component {
	reference := auth.OriginOf(c.Context()).RequestID
	switch {
	case e.Status == http.StatusForbidden && e.Scope != "":
		lack := s.lack(c, e)
		if e.Inside && lack.In == nil {
			return page.Outside(e.Scope, reference)
		}
		return page.Missing{Scope: e.Scope, What: lack.What, Organization: lack.organization(), Roles: auth.RolesWords(lack.Roles), Reference: reference}.Failure()
	case e.Status == http.StatusNotFound:
		return page.NotFound(reference)
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable:
		return page.Failure{Title: "Please wait a moment", Text: e.Message, Advice: waiting(e.RetryAfter), Reference: reference, Icon: web.Icon("clock")}
	case e.Status >= http.StatusInternalServerError:
		return page.Broken(reference)
	}
	return page.Failure{Title: "This did not work", Text: e.Message, Reference: reference}
}

func waiting(d time.Duration) []words.Text {
	if d <= 0 {
		return nil
	}
	return []words.Text{words.F("Try again in %s.", web.Span(d))}
}

// lack is what a caller who was refused may know of the permission that is missing: what it
// is, where, and which roles would give it; never who holds it.
type lack struct {
	What words.Text
	In   *plugins.Organization // nil where the caller has no part in it (SEC-136)
	// Roles would give it: names.
	Roles []string
}

func (l lack) organization() string {
	if l.In == nil {
		return ""
	}
	return l.In.Name
}

// lack explains a refusal for a missing scope to whoever was refused. A foreign
// organization is like none: neither its name nor roles that it made are told.
func (s *Server) lack(c *plugins.Call, e *auth.Error) lack {
	if !e.Inside {
		sc, _ := s.core.Scopes.Lookup(e.Scope)
		l := lack{What: sc.Words}
		for _, role := range s.core.Scopes.RoleNames() {
			if s.core.Scopes.OfRole(role)[e.Scope] {
				l.Roles = append(l.Roles, role)
			}
		}
		return l
	}
	sc, _ := s.core.Scopes.LookupIn(e.Scope)
	l := lack{What: sc.Words, In: s.known(c, e.Organization)}
	if l.In != nil {
		givers, err := s.core.Principals.Givers(c.Context(), auth.In(l.In.ID), e.Scope)
		if err == nil {
			for _, g := range givers {
				if g.Source.Kind == auth.SourceOrganizationRole && g.Realm.Organization == l.In.ID {
					l.Roles = append(l.Roles, g.Source.Name)
				}
			}
			return l
		}
		s.log.WarnContext(c.Context(), "roles for a refusal", "error", err)
	}
	for _, role := range s.core.Scopes.RoleNamesIn() {
		if held, _ := s.core.Scopes.OfRoleIn(role); held[e.Scope] {
			l.Roles = append(l.Roles, role)
		}
	}
	return l
}

// known is the organization of a refusal, for callers who know it anyway: they hold something
// there, or in every one. Else it is nil.
func (s *Server) known(c *plugins.Call, id string) *plugins.Organization {
	all, ok := plugins.Offer[plugins.Organizations](s.host)
	if !ok || id == "" {
		return nil
	}
	p, err := s.core.Principals.In(c.Context(), c.Principal(), id)
	var found *plugins.Organization
	if err == nil && (len(p.ScopesIn(auth.In(id))) > 0 || slices.ContainsFunc(s.core.Scopes.ScopesIn(), func(sc auth.Scope) bool { return p.Can(sc.Name()) })) {
		if found = c.Organization; found == nil || found.ID != id {
			found, err = all.OrganizationByID(c.Context(), id)
		}
	}
	if err != nil {
		s.log.WarnContext(c.Context(), "the organization of a refusal", "error", err)
	}
	return found
}
