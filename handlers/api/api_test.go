package api_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/api"
	"gatehouse/handlers/core"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

const (
	alice = "alice@example.test"
	app   = "https://app.example.test"
	evil  = "https://evil.example.test"
	base  = api.Base
)

// keys is an authenticator for a header: a principal without a session, or a refusal.
type keys struct{}

func (keys) Manifest() plugins.Manifest { return plugins.Manifest{ID: "keys", Name: "Keys"} }

func (keys) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	present := func(_ context.Context, r *http.Request) (*plugins.Presented, error) {
		switch r.Header.Get("X-Api-Key") {
		case "":
			return nil, nil
		case "good":
			return &plugins.Presented{Principal: auth.NewPrincipal(auth.Principal{Subject: "organization:acme", Scheme: auth.SchemeAPIKey}, nil, h.Clock())}, nil
		}
		return &plugins.Presented{Reject: &plugins.Rejection{Reason: "api_key_invalid", Err: auth.ErrUnauthorized.Saying("Invalid API key")}}, nil
	}
	return plugins.Contribution{
		Authenticators: []plugins.Authenticator{{Scheme: auth.SchemeAPIKey, Present: present}},
		Scopes:         []auth.Scope{{Resource: "thing", Action: "read", Roles: []string{"reader"}}},
		Grants: []auth.GrantSource{{Grants: func(context.Context, auth.Facts) (auth.Given, error) {
			return auth.Given{Roles: []string{"reader"}, Grants: []auth.Grant{{Scope: "thing:read"}}}, nil
		}}},
	}, nil
}

func newRig(t *testing.T) *servertest.Rig {
	t.Helper()
	return servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), api.New()},
		Plugins: []plugins.Plugin{keys{}}, Settings: map[string]string{"trusted_origins": app}})
}

func TestBegin(t *testing.T) {
	rig := newRig(t)
	page := rig.Origin + "/sign-in"
	cases := []struct {
		name   string
		body   string
		status int
		want   string // redirectTo, or the code
	}{
		{"empty", `{}`, 200, page},
		{"a path", `{"returnTo":"/account?x=1"}`, 200, page + "?returnTo=%2Faccount%3Fx%3D1"},
		{"a trusted app", `{"returnTo":"` + app + `/in"}`, 200, page + "?returnTo=" + url.QueryEscape(app+"/in")},
		{"the other name", `{"redirectTo":"/account"}`, 200, page + "?returnTo=%2Faccount"},
		{"foreign", `{"returnTo":"` + evil + `"}`, 400, "return_to_not_allowed"},
		{"foreign by the other name", `{"redirectTo":"` + evil + `"}`, 400, "return_to_not_allowed"},
		{"foreign host", `{"returnTo":"//evil.example.test"}`, 400, "return_to_not_allowed"},
		{"script", `{"returnTo":"javascript:alert(1)"}`, 400, "return_to_not_allowed"},
		{"not a text", `{"returnTo":7}`, 400, "VALIDATION_ERROR"},
		{"not JSON", `{`, 400, "BAD_REQUEST"},
		{"unknown provider", `{"providerId":"github"}`, 404, "PROVIDER_NOT_FOUND"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := rig.Browser().Post(base+"/signin", c.body)
			got := a.Text("redirectTo")
			if c.status >= 400 {
				got = a.Text("code")
			}
			if a.Status != c.status || got != c.want {
				t.Errorf("status %d body %s, want %d %s", a.Status, a.Body, c.status, c.want)
			}
		})
	}
}

func TestBeginInBrowser(t *testing.T) {
	rig := newRig(t)
	b := rig.Browser()
	b.Header.Set("Accept", "text/html,application/xhtml+xml")
	a := b.Form(base+"/signin", url.Values{"returnTo": {app}})
	if a.Status != 302 || a.Location() != "/sign-in?returnTo="+url.QueryEscape(app) {
		t.Errorf("status %d to %q", a.Status, a.Location())
	}
	b.Form(base+"/signin", url.Values{"returnTo": {evil}}).Want(400, "return_to_not_allowed")
	if a := b.Get(base + "/callback?code=x&state=y"); a.Status != 302 || !strings.HasPrefix(a.Location(), "/error?error=") {
		t.Errorf("callback: status %d to %q", a.Status, a.Location())
	}
	rig.Browser().Get(base+"/callback").Want(404, "PROVIDER_NOT_FOUND")
	foreign := rig.Browser()
	foreign.Header.Set("Origin", evil)
	foreign.Post(base+"/callback", nil).Want(404, "PROVIDER_NOT_FOUND")
	foreign.Post(base+"/signin", nil).Want(403, "INVALID_ORIGIN")
	foreign.Post(base+"/signout", nil).Want(403, "INVALID_ORIGIN")
	rig.Browser().Do("POST", base+"/signin", "text/plain", []byte("x")).Want(415, "UNSUPPORTED_MEDIA_TYPE")
}

func TestSession(t *testing.T) {
	rig := newRig(t)
	if a := rig.Browser().Get(base + "/session"); a.Status != 200 || string(a.Body) != "null" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("anonymous: %d %s %v", a.Status, a.Body, a.Header)
	}
	b := rig.SignUp("Alice", alice)
	a := b.Get(base+"/session").Want(200, "")
	u := rig.User(alice)
	for path, want := range map[string]any{"userId": u.ID, "subject": u.ID, "scheme": "custom", "state": "active", "roles.0": "reader", "scopes.0": "platform:thing:read",
		"claims.email": alice, "claims.emailVerified": false, "claims.amr.0": "pwd", "refreshedAt": nil} {
		if got := a.Value(path); got != want {
			t.Errorf("%s is %v, want %v in %s", path, got, want, a.Body)
		}
	}
	if a.Text("claims.sessionId") != a.Text("id") || a.Text("id") == "" || !strings.HasSuffix(a.Text("issuedAt"), "Z") || len(a.Text("expiresAt")) != 24 {
		t.Errorf("session %s", a.Body)
	}
	if token, _, _ := strings.Cut(b.Cookie("better-auth.session_token"), "."); strings.Contains(string(a.Body), token) {
		t.Error("the answer holds the token")
	}
	rig.Clock.Advance(2 * 24 * time.Hour)
	renewed := b.Get(base + "/session")
	if renewed.Cookies()["better-auth.session_token"] == nil || renewed.Text("refreshedAt") == "" {
		t.Errorf("not renewed: %s %v", renewed.Body, renewed.Header)
	}
}

func TestMe(t *testing.T) {
	rig := newRig(t)
	if a := rig.Browser().Get(base + "/me"); a.Status != 200 || string(a.Body) != `{"authenticated":false}` {
		t.Errorf("anonymous: %d %s", a.Status, a.Body)
	}
	b := rig.SignUp("Alice", alice)
	a := b.Get(base+"/me").Want(200, "")
	if a.Value("authenticated") != true || a.Text("user.subject") != rig.User(alice).ID || a.Text("user.scheme") != "custom" ||
		a.Text("user.displayName") != "Alice" || a.Text("session.state") != "active" {
		t.Errorf("answer %s", a.Body)
	}
	key := rig.Browser()
	key.Header.Set("X-Api-Key", "good")
	a = key.Get(base+"/me").Want(200, "")
	if a.Text("user.subject") != "organization:acme" || a.Text("user.scheme") != "api-key" || a.Value("session") != nil {
		t.Errorf("key: %s", a.Body)
	}
	if a := key.Get(base + "/session"); string(a.Body) != "null" {
		t.Errorf("a key has the session %s", a.Body)
	}
}

// TestRejected: a bad credential is a typed refusal, never an anonymous pass.
func TestRejected(t *testing.T) {
	rig := newRig(t)
	bad := func(name string, b *servertest.Browser, code string) {
		t.Helper()
		for _, path := range []string{"/session", "/me"} {
			a := b.Get(base + path)
			if a.Status != 401 || !strings.HasPrefix(string(a.Body), `{"code":"`+code+`","message":"`) {
				t.Errorf("%s: %s answers %d %s, want %s", name, path, a.Status, a.Body, code)
			}
		}
	}
	key := rig.Browser()
	key.Header.Set("X-Api-Key", "bad")
	bad("key", key, "api_key_invalid")

	forged := rig.Browser()
	forged.Header.Set("Cookie", "better-auth.session_token=abc.def")
	bad("forged", forged, "token_signature_invalid")

	ended := rig.SignUp("Alice", alice)
	cookie := "better-auth.session_token=" + ended.Cookie("better-auth.session_token")
	rig.SignIn(alice).Post("/api/auth/revoke-sessions", nil).Want(200, "")
	ghost := rig.Browser()
	ghost.Header.Set("Cookie", cookie)
	bad("ended", ghost, "session_revoked")

	late := rig.SignIn(alice)
	cookie = "better-auth.session_token=" + late.Cookie("better-auth.session_token")
	rig.Clock.Advance(60 * 24 * time.Hour)
	ghost.Header.Set("Cookie", cookie)
	a := ghost.Get(base+"/session").Want(401, "session_expired")
	if c := a.Cookies()["better-auth.session_token"]; c == nil || c.MaxAge >= 0 {
		t.Errorf("the dead cookie stays: %v", a.Header)
	}
	ghost.Post(base+"/signin", nil).Want(200, "")
	ghost.Post(base+"/signout", nil).Want(200, "")
	if a := ghost.Get("/api/auth/get-session"); a.Status != 200 || string(a.Body) != "null" {
		t.Errorf("the wire answers %d %s", a.Status, a.Body)
	}
}

func TestSignOut(t *testing.T) {
	rig := newRig(t)
	if a := rig.Browser().Post(base+"/signout", nil); a.Status != 200 || a.Value("signedOut") != true {
		t.Errorf("without a session: %d %s", a.Status, a.Body)
	}
	b := rig.SignUp("Alice", alice)
	cookie := "better-auth.session_token=" + b.Cookie("better-auth.session_token")
	b.Post(base+"/signout", map[string]string{"returnTo": evil}).Want(400, "return_to_not_allowed")
	a := b.Post(base+"/signout", map[string]string{"returnTo": app}).Want(200, "")
	if a.Text("redirectTo") != app || b.Cookie("better-auth.session_token") != "" {
		t.Errorf("answer %s, cookies %v", a.Body, a.Header["Set-Cookie"])
	}
	ghost := rig.Browser()
	ghost.Header.Set("Cookie", cookie)
	ghost.Get(base+"/me").Want(401, "session_revoked")
}
