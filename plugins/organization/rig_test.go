package organization_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/event"
	"gatehouse/ent/member"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

const api = "/api/auth/organization/"

type body = map[string]any

// house is a server with the plugin on.
type house struct {
	*servertest.Rig
	t testing.TB
	s *organization.Service
}

func open(t testing.TB, settings map[string]string) *house {
	return openWith(t, nil, settings, organizationapi.Hooks{})
}

func openWith(t testing.TB, db *database.DB, settings map[string]string, hooks organizationapi.Hooks, more ...plugins.Plugin) *house {
	t.Helper()
	named := map[string]string{}
	for k, v := range settings {
		if k != "smtp" && !strings.HasPrefix(k, "session.") {
			k = "organization." + k
		}
		named[k] = v
	}
	list := append([]plugins.Plugin{organization.New(organization.Options{Hooks: hooks})}, more...)
	rig := servertest.New(t, servertest.Options{Plugins: list, Settings: named, Database: db})
	return &house{Rig: rig, t: t, s: plugins.MustOffer[*organization.Service](rig.Host)}
}

// in is the house for a subtest.
func (h *house) in(t testing.TB) *house {
	c := *h
	c.t = t
	return &c
}

// someone is a person with a browser that is signed in.
type someone struct {
	*servertest.Browser
	h    *house
	user *ent.User
}

// person makes somebody with a verified address and a session.
func (h *house) person(name string) *someone {
	h.t.Helper()
	return h.enter(h.made(name, true))
}

func (h *house) made(name string, verified bool) *ent.User {
	h.t.Helper()
	u, err := h.Host.Users.Create(h.t.Context(), auth.NewUser{Name: name, Email: name + "@example.test", EmailVerified: verified, By: "sign-up"})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// enter gives a person a session of their own.
func (h *house) enter(u *ent.User) *someone {
	h.t.Helper()
	issued, err := h.Host.Sessions.Create(h.t.Context(), auth.NewSession{User: u, Remember: true})
	if err != nil {
		h.t.Fatal(err)
	}
	b := h.Browser().In(h.t)
	at, err := url.Parse(h.Origin)
	if err != nil {
		h.t.Fatal(err)
	}
	b.Jar.SetCookies(at, []*http.Cookie{{Name: "better-auth.session_token", Value: url.QueryEscape(h.Host.Keys.Sign(issued.Token)), Path: "/"}})
	return &someone{b, h, u}
}

// post and get call a route of the plugin.
func (p *someone) post(path string, b any) *servertest.Answer { return p.Post(api+path, b) }
func (p *someone) get(path string) *servertest.Answer         { return p.Get(api + path) }

// session is what get-session tells of the session.
func (p *someone) session(field string) string {
	p.h.t.Helper()
	return p.Get("/api/auth/get-session").Want(200, "").Text("session." + field)
}

// found makes an organization and returns its id.
func (p *someone) found(slug string) string {
	p.h.t.Helper()
	return p.post("create", body{"name": strings.ToUpper(slug), "slug": slug}).Want(200, "").Text("id")
}

// join makes a person a member without an invitation and returns the id of the membership.
func (h *house) join(p *someone, org string, roles ...string) string {
	h.t.Helper()
	row, err := h.s.Add(h.t.Context(), org, organization.NewMembership{User: p.user.ID, Roles: roles, Trusted: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return row.ID
}

// newcomer is a person who is a member with the organization active.
func (h *house) newcomer(name, org string, roles ...string) *someone {
	h.t.Helper()
	p := h.person(name)
	h.join(p, org, roles...)
	p.post("set-active", body{"organizationId": org}).Want(200, "")
	return p
}

// members counts the stored memberships of an organization.
func (h *house) members(org string) int {
	h.t.Helper()
	n, err := h.Host.DB.Access(h.t.Context()).Organization(org).Member().Query().Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// row reads the membership of a person; nil when there is none.
func (h *house) row(org string, p *someone) *ent.Member {
	h.t.Helper()
	row, err := h.Host.DB.Access(h.t.Context()).Organization(org).Member().Query().Where(member.UserID(p.user.ID)).Only(h.t.Context())
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return row
}

// write changes a stored membership behind the service's back.
func (h *house) write(org string, p *someone, set func(*ent.MemberUpdate)) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		up := tx.Organization(org).Member().Update().Where(member.UserID(p.user.ID))
		set(up)
		return up.Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// as is the context of a person's session.
func (h *house) as(p *someone) context.Context {
	h.t.Helper()
	ctx := h.t.Context()
	issued, err := h.Host.Sessions.Create(ctx, auth.NewSession{User: p.user, Remember: true})
	if err != nil {
		h.t.Fatal(err)
	}
	current, err := h.Host.Sessions.Read(ctx, issued.Token)
	if err != nil {
		h.t.Fatal(err)
	}
	principal, err := h.Host.Principals.OfSession(ctx, current, h.Host.Sessions.Facts(current.Session))
	if err != nil {
		h.t.Fatal(err)
	}
	return auth.WithPrincipal(ctx, principal)
}

// platform is the context of an administrator of the platform with some scopes.
func (h *house) platform(scopes ...string) context.Context {
	var grants []auth.Grant
	for _, scope := range scopes {
		grants = append(grants, auth.Grant{Scope: scope})
	}
	return auth.WithPrincipal(h.t.Context(), auth.NewPrincipal(auth.Principal{Subject: "chief", Scheme: auth.SchemeSession, Name: "Chief"}, grants, h.Clock.Now()))
}

// happened counts the events of a kind in an organization.
func (h *house) happened(kind, org string) int {
	h.t.Helper()
	n, err := h.Host.DB.Access(h.t.Context()).Event().Query().Where(event.Kind(kind), event.OrganizationID(org)).Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// race does something n times at once and counts outcomes; another error than the expected
// ones fails the test.
func (h *house) race(n int, do func(i int) error, expected ...error) (ok, refused int) {
	h.t.Helper()
	results := make([]error, n)
	var start, all sync.WaitGroup
	start.Add(1)
	for i := range n {
		all.Go(func() {
			start.Wait()
			results[i] = do(i)
		})
	}
	start.Done()
	all.Wait()
	for _, err := range results {
		switch {
		case err == nil:
			ok++
		case slices.ContainsFunc(expected, func(e error) bool { return errors.Is(err, e) }):
			refused++
		default:
			h.t.Errorf("outcome: %v", err)
		}
	}
	return ok, refused
}

// message fails unless the answer is an error with a message.
func message(a *servertest.Answer, status int, text string) {
	a.Want(status, "")
	if a.Text("message") != text {
		a.Want(status, "with the message "+text)
	}
}

// count is the length of a list in an answer.
func count(a *servertest.Answer, path string) int {
	list, _ := a.Value(path).([]any)
	return len(list)
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
