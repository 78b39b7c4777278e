package admin_test

import (
	"context"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
)

const (
	api       = "/api/auth"
	rootEmail = "root@example.test"
)

// house is a server with the plugin on and one administrator.
type house struct {
	*servertest.Rig
	t    *testing.T
	root *servertest.Browser
	s    *admin.Service
}

// open makes a house whose administrator has the role admin, unless settings name
// another in "admin_role".
func open(t *testing.T, db *database.DB, settings map[string]string) *house {
	t.Helper()
	role := "admin"
	if r := settings["admin_role"]; r != "" {
		role = r
	}
	h := empty(t, db, settings)
	if err := h.s.EnsureAdministrator(t.Context(), rootEmail, servertest.Password, role); err != nil {
		t.Fatal(err)
	}
	h.root = h.SignIn(rootEmail)
	return h
}

// empty makes a house without any person.
func empty(t *testing.T, db *database.DB, settings map[string]string) *house {
	t.Helper()
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{admin.New(admin.Options{})}, Settings: settings, Database: db})
	return &house{Rig: rig, t: t, s: plugins.MustOffer[*admin.Service](rig.Host)}
}

// commandLine is a context that may do everything.
func (h *house) commandLine() context.Context {
	return auth.WithPrincipal(h.t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
}

// person makes somebody with a role and signs them in.
func (h *house) person(name, role string) (*ent.User, *servertest.Browser) {
	h.t.Helper()
	u := h.resident(name, role)
	return u, h.SignIn(u.Email)
}

// resident makes somebody with the rig's password.
func (h *house) resident(name, role string) *ent.User {
	h.t.Helper()
	return h.create(admin.NewPerson{Name: name, Password: servertest.Password, Roles: []string{role}})
}

// somebody makes a person without a password, which is quick.
func (h *house) somebody(name, role string) *ent.User {
	h.t.Helper()
	return h.create(admin.NewPerson{Name: name, Roles: []string{role}})
}

func (h *house) create(n admin.NewPerson) *ent.User {
	h.t.Helper()
	n.Email, n.EmailVerified = n.Name+"@example.test", true
	u, err := h.s.Create(h.commandLine(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// as is the context of a person's own session.
func (h *house) as(u *ent.User) context.Context {
	h.t.Helper()
	ctx := h.t.Context()
	issued, err := h.Host.Sessions.Create(ctx, auth.NewSession{User: u, Remember: true})
	if err != nil {
		h.t.Fatal(err)
	}
	current, err := h.Host.Sessions.Read(ctx, issued.Token)
	if err != nil {
		h.t.Fatal(err)
	}
	p, err := h.Host.Principals.OfSession(ctx, current, h.Host.Sessions.Facts(current.Session))
	if err != nil {
		h.t.Fatal(err)
	}
	return auth.WithPrincipal(ctx, p)
}

func (h *house) reload(id string) *ent.User {
	h.t.Helper()
	u, err := h.Host.DB.Access(h.t.Context()).User().Get(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// count is how often an event happened to a subject.
func (h *house) count(kind, subject string) int {
	h.t.Helper()
	n, err := h.Host.DB.Access(h.t.Context()).Event().Query().Where(event.Kind(kind), event.SubjectID(subject)).Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

type body = map[string]any

// holders lists who holds a scope of the platform, read in small pages.
func holders(h *house, scope string) (all []auth.Holder, err error) {
	q := auth.HolderQuery{Scope: scope, Limit: 2}
	for {
		page, err := h.Host.Principals.WhoHolds(h.t.Context(), q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Holders...)
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return all, nil
}
