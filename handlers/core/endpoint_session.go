package core

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// errDeferOnly answers POST /get-session while refreshing is not deferred to it.
var errDeferOnly = auth.E(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
	"POST method requires deferSessionRefresh to be enabled in session config")

// sessionFlags are the query fields of get-session; the session desk reads them itself,
// on every guarded route.
type sessionFlags struct {
	DisableCookieCache bool `json:"disableCookieCache" schema:"coerce"`
	DisableRefresh     bool `json:"disableRefresh" schema:"coerce"`
}

type namedSession struct {
	Token string `json:"token"`
}

var (
	signedInFromStore = plugins.Access{Who: plugins.SignedIn, FromStore: true}
	managing          = plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	managingFresh     = plugins.Access{Who: plugins.Fresh, FromStore: true, ManagesCredentials: true}
)

func (w wire) sessionEndpoints() []plugins.Endpoint {
	record := schema.Of[map[string]schema.Value]()
	return []plugins.Endpoint{
		{Method: http.MethodGet, Path: "/get-session", Name: "getSession", Summary: "The current session and its user, or null",
			Query: schema.Of[sessionFlags](), NoStore: true, Handle: w.getSession},
		{Method: http.MethodPost, Path: "/get-session", Summary: "The same, and extends the session where that is deferred",
			Query: schema.Of[sessionFlags](), NoStore: true, AnyMedia: true, Handle: w.postSession},
		{Method: http.MethodGet, Path: "/list-sessions", Name: "listUserSessions", Summary: "The person's sessions",
			Access: plugins.Access{Who: plugins.Fresh}, NoStore: true, Handle: w.listSessions},
		{Method: http.MethodPost, Path: "/revoke-session", Summary: "End one session of the person", Access: signedInFromStore,
			Body: schema.Of[namedSession](), Handle: w.revokeSession},
		{Method: http.MethodPost, Path: "/revoke-sessions", Summary: "End all sessions of the person", Access: signedInFromStore, Handle: w.revokeSessions},
		{Method: http.MethodPost, Path: "/revoke-other-sessions", Summary: "End all sessions of the person but this one", Access: signedInFromStore, Handle: w.revokeOthers},
		{Method: http.MethodPost, Path: "/update-session", Name: "updateSession", Summary: "Change additional fields of the session",
			Access: plugins.Access{Who: plugins.SignedIn}, Body: record, Handle: w.updateSession},
	}
}

func (w wire) postSession(c *plugins.Call) (any, error) {
	if !w.h.Core.Settings.Session.Get().DeferRefresh {
		c.Header.Set("Pragma", "no-cache")
		return nil, errDeferOnly
	}
	return w.getSession(c)
}

func (w wire) getSession(c *plugins.Call) (any, error) {
	c.Header.Set("Cache-Control", "no-store")
	c.Header.Set("Pragma", "no-cache")
	current, err := c.Desk.Resolve(c, false)
	if err != nil || current == nil {
		return nil, err
	}
	return w.sessionAnswer(c, current), nil
}

func (w wire) sessionAnswer(c *plugins.Call, current *auth.Current) ent.WireObject {
	if current.Virtual { // better-auth api-key 8
		session := w.h.WireSession(current.Session, current.Token).First("id", "token", "userId", "userAgent", "ipAddress", "createdAt", "updatedAt", "expiresAt")[:8]
		return ent.WireObject{{Key: "user", Value: w.h.WireUser(current.User)}, {Key: "session", Value: session}}
	}
	if cached := current.Cached; cached != nil {
		return ent.WireObject{{Key: "session", Value: json.RawMessage(cached.Session)}, {Key: "user", Value: json.RawMessage(cached.User)}}
	}
	o := ent.WireObject{
		{Key: "session", Value: w.h.WireSession(current.Session, current.Token)},
		{Key: "user", Value: w.h.WireUser(current.User)},
	}
	for _, name := range slices.Sorted(maps.Keys(current.Extra)) {
		o = append(o, ent.WireField{Key: name, Value: current.Extra[name]})
	}
	if w.h.Core.Settings.Session.Get().DeferRefresh && c.Request.Method == http.MethodGet && current.Remember &&
		c.Request.URL.Query().Get("disableRefresh") == "" {
		o = append(o, ent.WireField{Key: "needsRefresh", Value: current.Due})
	}
	return o
}

func (w wire) listSessions(c *plugins.Call) (any, error) {
	if err := maySee(c); err != nil {
		return nil, err
	}
	rows, err := w.svc.ListSessions(c.Context(), c.Current.User.ID)
	if err != nil {
		return nil, err
	}
	list := make([]ent.WireObject, len(rows))
	for i, row := range rows {
		name := w.svc.Handle(row)
		if row.ID == c.Current.Session.ID {
			name = c.Current.Token
		}
		list[i] = w.h.WireSession(row, name)
	}
	return list, nil
}

// status is the answer of routes that only did something.
type status struct {
	Status bool `json:"status"`
}

// did is the answer of an act: its error, or that it is done.
func did(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return status{true}, nil
}

// mayManage bars sessions that no row holds, as API keys have them, from managing
// sessions (SEC-143).
func mayManage(c *plugins.Call) error {
	if p := c.Principal(); p == nil || p.Session == nil || p.Session.Virtual {
		return auth.ErrCredentialScheme
	}
	return nil
}

// maySee bars sessions that no row holds from what shows how their owner signs in, unless
// the setting of the wire lets them.
func maySee(c *plugins.Call) error {
	if p := c.Principal(); p != nil && p.Session != nil && p.Session.SeesSessions {
		return nil
	}
	return mayManage(c)
}

func (w wire) revokeSession(c *plugins.Call) (any, error) {
	if err := mayManage(c); err != nil {
		return nil, err
	}
	own, err := w.svc.EndSession(c.Context(), c.Current, plugins.BodyOf[namedSession](c).Token)
	if err != nil {
		return nil, err
	}
	if own {
		c.Desk.Clear(c)
	}
	return status{true}, nil
}

func (w wire) revokeSessions(c *plugins.Call) (any, error) {
	if err := mayManage(c); err != nil {
		return nil, err
	}
	if err := w.svc.EndSessions(c.Context(), c.Current); err != nil {
		return nil, err
	}
	c.Desk.Clear(c)
	return status{true}, nil
}

func (w wire) revokeOthers(c *plugins.Call) (any, error) {
	if err := mayManage(c); err != nil {
		return nil, err
	}
	return did(w.svc.EndOtherSessions(c.Context(), c.Current))
}

func (w wire) updateSession(c *plugins.Call) (any, error) {
	if err := mayManage(c); err != nil {
		return nil, err
	}
	current, err := c.Desk.Resolve(c, true)
	if err != nil {
		return nil, err
	}
	if current == nil {
		return nil, auth.ErrFailedToGetSession
	}
	next, err := w.svc.UpdateSession(c.Context(), current, plain(plugins.BodyOf[map[string]schema.Value](c)))
	if err != nil {
		return nil, err
	}
	if err := c.Desk.Reissue(c, next); err != nil {
		return nil, err
	}
	return ent.WireObject{{Key: "session", Value: w.h.WireSession(next.Session, next.Token)}}, nil
}

// plain turns decoded members into plain Go values.
func plain(given map[string]schema.Value) map[string]any {
	values := make(map[string]any, len(given))
	for k, v := range given {
		values[k] = v.Any()
	}
	return values
}
