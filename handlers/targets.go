package handlers

import (
	"net/http"
	"strings"

	"gatehouse/auth/text/weburl"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// targetJudge tells plugins where people may be sent.
type targetJudge struct{ s *Server }

// Allowed implements plugins.Targets.
func (t targetJudge) Allowed(target string) bool { return t.s.origins().Redirect(target) }

// Origin implements plugins.Targets.
func (t targetJudge) Origin(origin string) bool { return t.s.origins().Trusted(origin) }

// Leave implements plugins.Viewer: browsers apply form-action to every redirect after
// a post, so another origin is reached over a page of our own (decisions 34).
func (v viewer) Leave(c *plugins.Call, target string) error {
	if !v.s.origins().Redirect(target) {
		target = "/"
	}
	if strings.HasPrefix(target, "/") {
		return c.SeeOther(target)
	}
	if u, err := weburl.Parse(target); err == nil {
		if o, ok := u.Origin(); ok && o == v.s.top().Origin() {
			return c.SeeOther(target)
		}
	}
	return c.Page(http.StatusOK, page.Continue{URL: target})
}
