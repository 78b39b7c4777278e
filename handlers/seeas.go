package handlers

import (
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// scopeSeeAs lets its holders see the console as somebody else would.
const scopeSeeAs = "principal:see-as"

// Answers while the console is shown as somebody else would see it.
var (
	errSeeing   = auth.E(http.StatusForbidden, "SEEING_AS_SOMEBODY", "You see the console as somebody else would. Nothing can be changed until you stop.")
	errNotShown = auth.E(http.StatusForbidden, "SEEING_AS_SOMEBODY", "This is not shown while you see the console as somebody else would.")
)

// seeAs puts the principal of another person in the place of the viewer's on the pages of
// the console, where the viewer asked for it and still may: they hold the scope, act in
// their own name and rank as high as that person. No form of any page is taken meanwhile;
// pages outside the console, and the API, stay the viewer's own.
func (s *Server) seeAs(c *plugins.Call, rt *plugins.Route) error {
	subject, sent := c.SeenAs(s.core.Clock())
	if !sent {
		return nil
	}
	seen, err := s.seenAs(c, subject)
	if err != nil {
		return err
	}
	if seen == nil {
		c.StopSeeing()
		return nil
	}
	c.Seen = seen
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		if rt.Access.Looks {
			return nil
		}
		return errSeeing
	}
	if path := c.Request.URL.Path; path != "/admin" && !strings.HasPrefix(path, "/admin/") {
		return nil
	}
	c.SetContext(auth.WithPrincipal(c.Context(), seen))
	return nil
}

// seenAs builds the principal of the other person; nil when the viewer may not.
func (s *Server) seenAs(c *plugins.Call, subject string) (*auth.Principal, error) {
	viewer := c.Principal()
	if subject == "" || viewer == nil || viewer.Session == nil || viewer.Session.Virtual || viewer.Impersonated() || !viewer.Can(scopeSeeAs) {
		return nil, nil
	}
	u, err := s.core.Users.ByID(c.Context(), subject)
	if err != nil || u == nil {
		return nil, err
	}
	other, err := s.core.Principals.OfUser(c.Context(), u)
	if err != nil {
		if auth.AsError(err).Status < http.StatusInternalServerError {
			return nil, nil // banned: nobody sees anything as them
		}
		return nil, err
	}
	if !viewer.PlatformScopes().Covers(other.PlatformScopes()) {
		return nil, nil
	}
	seen, facts := *other, *viewer.Session
	facts.ReadOnly = true
	seen.Session, seen.Viewer = &facts, viewer
	return &seen, nil
}
