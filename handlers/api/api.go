// Package api holds the five endpoints beside the better-auth wire below /api/v1/auth:
// they answer who is asking, whatever the credential was, and begin and end sessions.
package api

import (
	"gatehouse/auth/words"
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
)

// Base is the path all endpoints lie below.
const Base = "/api/v1/auth"

// Part is the built-in part.
type Part struct{ h *plugins.Host }

// New returns the part.
func New() *Part { return &Part{} }

// Manifest implements plugins.Plugin.
func (*Part) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "api", Name: "Principal API", BuiltIn: true,
		Sentence: "Tells apps who is asking and what they may do, for every kind of credential."}
}

// Contribute implements plugins.Plugin.
func (p *Part) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.h = h
	route := func(method, path string, summary words.Text, do func(*plugins.Call) error) plugins.Route {
		r := plugins.Route{Method: method, Path: Base + path, Summary: summary, Access: plugins.Access{Who: plugins.Public}, API: true, Handle: do}
		if method == http.MethodPost {
			r.Origin = plugins.OriginForm
		}
		return r
	}
	callback := func(method string) plugins.Route {
		r := route(method, "/callback", "Completes a provider's redirect", p.callback)
		r.Origin = plugins.OriginNone // providers post here
		return r
	}
	me := route(http.MethodGet, "/me", "Who is asking, and what they may do", p.me)
	me.Access.Sessionless = true
	return plugins.Contribution{Routes: []plugins.Route{
		route(http.MethodPost, "/signin", "Begins an interactive sign-in", p.signIn),
		callback(http.MethodGet),
		callback(http.MethodPost),
		route(http.MethodPost, "/signout", "Ends the session", p.signOut),
		route(http.MethodGet, "/session", "The session of the request, or null", p.session),
		me,
	}}, nil
}

func (p *Part) core() *core.Service { return plugins.MustOffer[*core.Service](p.h) }

// answer writes a value with the cookies of the call. Everything here is personal and
// is kept by nobody.
func answer(c *plugins.Call, value any) error {
	body, err := schema.Marshal(value)
	if err != nil {
		return err
	}
	for _, line := range c.Cookies.Lines() {
		c.Header.Add("Set-Cookie", line)
	}
	c.Header.Set("Content-Type", "application/json")
	c.Header.Set("Cache-Control", "no-store")
	c.Writer.WriteHeader(http.StatusOK)
	_, err = c.Writer.Write(body)
	return err
}

// reasons say the typed rejections to a person.
var reasons = map[string]words.Text{
	plugins.ReasonExpired:   "The session has expired",
	plugins.ReasonRevoked:   "The session was ended",
	plugins.ReasonSignature: "The session token is not signed by this server",
}

// rejected is the answer to a credential that came and is not good; nil when none came.
// A bad credential is never an anonymous pass here.
func (p *Part) rejected(c *plugins.Call) error {
	if c.Principal() != nil || c.Refused == nil {
		return nil
	}
	text, known := reasons[c.Refused.Reason]
	if !known && c.Refused.Err != nil {
		text = c.Refused.Err.Message
	}
	p.h.Log.InfoContext(c.Context(), "credential refused", "stage", "authenticate", "decision", "reject",
		"method", c.Request.Method, "path", c.Request.URL.Path, "reason", c.Refused.Reason)
	e := auth.E(http.StatusUnauthorized, c.Refused.Reason, text)
	e.CodeFirst = true
	return e
}

// browser reports whether the client wants a page, not JSON.
func browser(c *plugins.Call) bool {
	accept := c.Request.Header.Get("Accept")
	return strings.Contains(accept, "text/html") && !strings.Contains(accept, "application/json")
}
