package apikey_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

const api = "/api/auth"

type body = map[string]any

// house is a server with keys, organizations and administration.
type house struct {
	*servertest.Rig
	t testing.TB
	s *apikey.Service
}

// setup says what differs from the product's defaults.
type setup struct {
	settings map[string]string
	options  apikey.Options
	db       *database.DB
	without  bool // the organization plugin
}

func open(t *testing.T, with setup) *house {
	t.Helper()
	return openWith(t, with)
}

// openWith is open with further plugins.
func openWith(t testing.TB, with setup, more ...plugins.Plugin) *house {
	t.Helper()
	list := []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{}), apikey.New(with.options)}
	if with.without {
		list = []plugins.Plugin{list[0], list[2]}
	}
	rig := servertest.New(t, servertest.Options{Plugins: append(list, more...), Settings: with.settings, Database: with.db})
	return &house{rig, t, plugins.MustOffer[*apikey.Service](rig.Host)}
}

// kinds are settings with the given kinds of keys, as TOML.
func kinds(text string) map[string]string {
	return map[string]string{"api_key.configurations": text}
}

// plain is one kind, default, with further settings of its own.
func plain(more string) map[string]string { return kinds("{default = {" + more + "}}") }

// person signs somebody up.
func (h *house) person(name string) (*ent.User, *servertest.Browser) {
	h.t.Helper()
	b := h.SignUp(name, name+"@example.test")
	return h.User(name + "@example.test"), b
}

// administrator makes somebody with a role of the platform and signs them in.
func (h *house) administrator(name, role string) (*ent.User, *servertest.Browser) {
	h.t.Helper()
	s := plugins.MustOffer[*admin.Service](h.Host)
	ctx := auth.WithPrincipal(h.t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
	u, err := s.Create(ctx, admin.NewPerson{Name: name, Email: name + "@example.test", EmailVerified: true, Password: servertest.Password, Roles: []string{role}})
	if err != nil {
		h.t.Fatal(err)
	}
	return u, h.SignIn(u.Email)
}

// organization makes an organization of the browser's person and returns its id.
func (h *house) organization(b *servertest.Browser, slug string) string {
	h.t.Helper()
	return b.Post(api+"/organization/create", body{"name": slug, "slug": slug}).Want(200, "").Text("id")
}

// join makes somebody a member.
func (h *house) join(org string, u *ent.User, role string) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Organization(org).Member().Create().SetUserID(u.ID).SetRole(role).SetCreatedAt(h.Host.Clock()).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// key makes a key by the wire.
func (h *house) key(b *servertest.Browser, in any) *servertest.Answer {
	h.t.Helper()
	return b.Post(api+"/api-key/create", in).Want(200, "")
}

// made makes a key as the program does.
func (h *house) made(n apikey.NewKey) *apikey.Made {
	h.t.Helper()
	m, err := h.s.Create(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// verify is what the program is told of a key: the code of the refusal, "" for none.
func (h *house) verify(key string, change ...func(*apikey.Ask)) (*ent.APIKey, string) {
	h.t.Helper()
	ask := apikey.Ask{Key: key}
	for _, c := range change {
		c(&ask)
	}
	row, err := h.s.Verify(h.t.Context(), ask)
	return row, codeOf(h.t, err)
}

func codeOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e := auth.AsError(err)
	if e.Status == 500 && e.Code == "INTERNAL_SERVER_ERROR" {
		t.Fatal(err)
	}
	return e.Code
}

// want verifies keys and compares the codes.
func (h *house) want(key string, codes ...string) {
	h.t.Helper()
	for i, want := range codes {
		if _, got := h.verify(key); got != want {
			h.t.Fatalf("verification %d: %q, want %q", i+1, got, want)
		}
	}
}

func scoped(id string) func(*apikey.Ask) { return func(a *apikey.Ask) { a.ConfigID = &id } }

func asking(p apikey.Permissions) func(*apikey.Ask) { return func(a *apikey.Ask) { a.Permissions = p } }

// with is a browser that sends a key and no cookie.
func (h *house) with(key string) *servertest.Browser {
	b := h.Browser()
	b.Header.Set("X-Api-Key", key)
	return b
}

// row reads a key of the database; nil when it is gone.
func (h *house) row(id string) *ent.APIKey {
	h.t.Helper()
	row, err := h.Host.DB.Access(h.t.Context()).Platform().APIKey().Get(h.t.Context(), id)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return row
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

// ban bans a person in the database, whatever their rank, or ends it.
func (h *house) ban(u *ent.User, banned bool) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.User().UpdateOneID(u.ID).SetBanned(banned).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// role gives a person a role of the platform in the database, whatever their rank.
func (h *house) role(u *ent.User, role string) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.User().UpdateOneID(u.ID).SetRole(role).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// cookies are what a browser sends now, as a header.
func (h *house) cookies(b *servertest.Browser) string {
	h.t.Helper()
	at, err := url.Parse(h.Origin)
	if err != nil {
		h.t.Fatal(err)
	}
	var list []string
	for _, c := range b.Jar.Cookies(at) {
		list = append(list, c.String())
	}
	return strings.Join(list, "; ")
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

// keysOf lists the keys of a JSON object in their order.
func keysOf(t *testing.T, raw []byte) string {
	t.Helper()
	var keys []string
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, name.(string))
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(keys, " ")
}

func ptr[T any](v T) *T { return &v }

const day = 24 * time.Hour
