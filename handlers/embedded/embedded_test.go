package embedded_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/handlers/embedded"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

const key = "0123456789abcdef0123456789abcdef"

var ctx = context.Background()

func open(t *testing.T, options map[string]string) *embedded.Server {
	t.Helper()
	g, err := embedded.New(ctx, embedded.Config{URL: "http://localhost:3000", Data: t.TempDir(), Secret: key, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func TestReservedOptions(t *testing.T) {
	for _, name := range []string{"database", "secret", "plugins.enabled", "data", "url"} {
		_, err := embedded.New(ctx, embedded.Config{URL: "http://localhost:3000", Data: t.TempDir(), Secret: key, Options: map[string]string{name: "x"}})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s was overridden: %v", name, err)
		}
	}
	if _, err := embedded.New(ctx, embedded.Config{URL: "http://localhost:3000", Data: t.TempDir(), Secret: key, Options: map[string]string{"sign_upp.enabled": "true"}}); err == nil {
		t.Error("an unknown option passes")
	}
}

func TestMounted(t *testing.T) {
	g := open(t, nil)
	rec := httptest.NewRecorder()
	g.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "http://localhost:3000/api/auth/ok", nil))
	if rec.Code != http.StatusOK || rec.Body.String() != `{"ok":true}` {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// TestServicesOfPlugins: a program works with what plugins offer, as the docs of organizations
// and keys show.
func TestServicesOfPlugins(t *testing.T) {
	g, err := embedded.New(ctx, embedded.Config{URL: "http://localhost:3000", Data: t.TempDir(), Secret: key,
		Plugins: []plugins.Plugin{organization.New(organization.Options{}), apikey.New(apikey.Options{})}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	host := g.Host()
	orgs, _ := plugins.Offer[*organization.Service](host)
	keys, _ := plugins.Offer[*apikey.Service](host)
	ada, err := host.Users.Create(ctx, auth.NewUser{Name: "Ada", Email: "ada@example.test", By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	kim, err := host.Users.Create(ctx, auth.NewUser{Name: "Kim", Email: "kim@example.test", By: "test"})
	if err != nil {
		t.Fatal(err)
	}

	who, err := host.Principals.OfUser(ctx, ada)
	if err != nil {
		t.Fatal(err)
	}
	made, err := orgs.Create(auth.WithPrincipal(ctx, who), organization.NewOrganization{Name: "Acme", Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	id := made.Organization.ID
	if _, err := orgs.Add(ctx, id, organization.NewMembership{User: kim.ID, Roles: []string{"member"}, Trusted: true}); err != nil {
		t.Fatal(err)
	}
	if in, err := host.Principals.In(ctx, who, id); err != nil || !in.CanIn(id, "member:create") {
		t.Errorf("the owner holds %v, %v", in.ScopesIn(auth.In(id)), err)
	}

	uses := int64(100)
	key, err := keys.Create(ctx, apikey.NewKey{ConfigID: "org", OrganizationID: id, Permissions: apikey.Permissions{"project": {"deploy"}}, Remaining: &uses})
	if err != nil {
		t.Fatal(err)
	}
	row, err := keys.Verify(ctx, apikey.Ask{Key: key.Secret, Permissions: apikey.Permissions{"project": {"deploy"}}})
	if err != nil || *row.Remaining != 99 {
		t.Errorf("verified %v, %v", row, err)
	}
	if _, err := keys.Verify(ctx, apikey.Ask{Key: key.Secret, Permissions: apikey.Permissions{"project": {"delete"}}}); err == nil {
		t.Error("a key does what it may not")
	}
}

// TestSessions: get, create, refresh and revoke all work (principal 3).
func TestSessions(t *testing.T) {
	g := open(t, nil)
	b := g.Backend()
	u, err := g.Host().Users.Create(ctx, auth.NewUser{Name: "Ada", Email: "ada@example.test", By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	token, made, err := b.CreateSession(ctx, u.ID, embedded.NewSession{Remember: true, AMR: []string{"hwk"}})
	if err != nil || made == nil || made.UserID != u.ID || made.State != "active" {
		t.Fatalf("created %+v, %v", made, err)
	}
	if _, _, err := b.CreateSession(ctx, "nobody", embedded.NewSession{}); !errors.Is(err, auth.ErrUserNotFound) {
		t.Errorf("for nobody: %v", err)
	}
	got, err := b.Session(ctx, token)
	if err != nil || got == nil || got.ID != made.ID || got.Subject != u.ID {
		t.Errorf("got %+v, %v", got, err)
	}
	if fresh, err := b.RefreshSession(ctx, token); err != nil || fresh == nil {
		t.Errorf("refreshed %+v, %v", fresh, err)
	}
	if plain, ok := b.Verify(b.Sign(token)); !ok || plain != token {
		t.Error("the signed form does not come back")
	}
	authenticate(t, b, token, u.ID)
	if err := b.RevokeSession(ctx, token); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Session(ctx, token); got != nil || err != nil {
		t.Errorf("a revoked session: %+v, %v", got, err)
	}
	if err := b.SignOut(ctx, token); err != nil {
		t.Errorf("ending it again: %v", err)
	}
}

func authenticate(t *testing.T, b embedded.Backend, token, user string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost:3000/app", nil)
	if p, _, err := b.Authenticate(r); p != nil || err != nil {
		t.Errorf("nobody is %+v, %v", p, err)
	}
	signed := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(b.Sign(token))
	r.Header.Set("Cookie", "better-auth.session_token="+signed)
	p, _, err := b.Authenticate(r)
	if err != nil || p == nil || p.Subject != user || p.Scheme != auth.SchemeSession {
		t.Errorf("the cookie is %+v, %v", p, err)
	}
	r.Header.Set("Cookie", "better-auth.session_token=dead.signature")
	if p, _, err := b.Authenticate(r); p != nil || err != nil {
		t.Errorf("a forged cookie is %+v, %v", p, err)
	}
}

func TestInteractive(t *testing.T) {
	b := open(t, nil).Backend()
	if to, err := b.SignIn("/inside"); err != nil || to != "http://localhost:3000/sign-in?returnTo=%2Finside" {
		t.Errorf("sign-in at %q, %v", to, err)
	}
	var e *auth.Error
	if _, err := b.SignIn("https://evil.example.org/"); !errors.As(err, &e) || e.Code != "return_to_not_allowed" {
		t.Errorf("a foreign return: %v", err)
	}
	var u *embedded.UnsupportedError
	if _, err := b.Callback(ctx, "google"); !errors.As(err, &u) || u.Operation != "callback" || u.Backend != b.Name() {
		t.Errorf("callback: %v", err)
	}
	if ids := b.Providers(ctx); len(ids) != 1 || ids[0] != "email" {
		t.Errorf("providers %v", ids)
	}
}
