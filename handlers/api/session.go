package api

import (
	"time"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// Session is the AuthSession of this surface.
type Session struct {
	ID          string         `json:"id"`
	UserID      string         `json:"userId"`
	Subject     string         `json:"subject"`
	Scheme      string         `json:"scheme"`
	State       string         `json:"state"`
	Scopes      []string       `json:"scopes"`
	Roles       []string       `json:"roles"`
	Claims      map[string]any `json:"claims"`
	IssuedAt    string         `json:"issuedAt"`
	ExpiresAt   string         `json:"expiresAt"`
	RefreshedAt string         `json:"refreshedAt,omitempty"`
}

// user is who is asking.
type user struct {
	Subject       string         `json:"subject"`
	Scheme        string         `json:"scheme"`
	DisplayName   string         `json:"displayName,omitempty"`
	Email         string         `json:"email,omitempty"`
	EmailVerified *bool          `json:"emailVerified,omitempty"`
	Roles         []string       `json:"roles"`
	Scopes        []string       `json:"scopes"`
	Claims        map[string]any `json:"claims"`
}

// identity is the answer of /me.
type identity struct {
	Authenticated bool     `json:"authenticated"`
	User          *user    `json:"user,omitempty"`
	Session       *Session `json:"session,omitempty"`
}

// session answers the session of the request, or null. Its cookie is renewed when due.
func (p *Part) session(c *plugins.Call) error {
	if err := p.rejected(c); err != nil {
		return err
	}
	return answer(c, sessionOf(c))
}

// me answers who is asking; somebody without any credential is not an error.
func (p *Part) me(c *plugins.Call) error {
	if err := p.rejected(c); err != nil {
		return err
	}
	who := c.Principal()
	if who == nil {
		return answer(c, identity{})
	}
	u := &user{Subject: who.Subject, Scheme: scheme(who), DisplayName: who.Name, Email: who.Email,
		Roles: list(who.Roles), Scopes: list(who.Scopes()), Claims: who.Claims}
	if verified, ok := who.Claims["emailVerified"].(bool); ok {
		u.EmailVerified = &verified
	}
	return answer(c, identity{Authenticated: true, User: u, Session: sessionOf(c)})
}

// signOut ends the session, if there is one.
func (p *Part) signOut(c *plugins.Call) error {
	in, err := p.begin(c)
	if err != nil {
		return err
	}
	if c.Current != nil && (c.Principal() == nil || c.Principal().Session == nil || !c.Principal().Session.Virtual) {
		if err := p.core().SignOut(c.Context(), c.Current); err != nil {
			return err
		}
	}
	c.Desk.Clear(c)
	out := map[string]any{"signedOut": true}
	if to := in.target(); to != "" {
		out["redirectTo"] = to
	}
	return answer(c, out)
}

func sessionOf(c *plugins.Call) *Session { return Describe(c.Current, c.Principal()) }

// Describe is the session behind a principal, or nil where there is none that a row holds.
func Describe(current *auth.Current, who *auth.Principal) *Session {
	if who == nil || current == nil || current.Session == nil {
		return nil
	}
	row := current.Session
	s := &Session{ID: row.ID, UserID: row.UserID, Subject: who.Subject, Scheme: scheme(who), State: "active",
		Scopes: list(who.Scopes()), Roles: list(who.Roles), Claims: who.Claims, IssuedAt: stamp(row.CreatedAt), ExpiresAt: stamp(row.ExpiresAt)}
	if row.UpdatedAt.After(row.CreatedAt) {
		s.RefreshedAt = stamp(row.UpdatedAt)
	}
	return s
}

// scheme names how the principal was established; this surface calls a session custom.
func scheme(p *auth.Principal) string {
	if p.Scheme == auth.SchemeSession {
		return "custom"
	}
	return p.Scheme
}

// stamp is a time as the wire writes it: UTC, three fraction digits.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// list is never null in JSON.
func list(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
