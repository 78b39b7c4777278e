package apikey_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	surface "gatehouse/handlers/api"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/organization"
)

const sessions = `sessions = true, metadata = true, rate_limit = {max = 1000}`

// TestKeySessions: KEY-100, 101, 103, 106 to 108, D-3.
func TestKeySessions(t *testing.T) {
	asked := 0
	h := open(t, setup{settings: plain(sessions), options: apikey.Options{Custom: map[string]apikey.Custom{"default": {
		Validate: func(_ context.Context, key string) (bool, error) {
			asked++
			return !strings.HasPrefix(key, "evil"), nil
		}}}}})
	u, b := h.person("ann")
	made := h.key(b, nil)
	key := made.Text("key")
	a := h.with(key).Get(api+"/get-session").Want(200, "")
	if asked != 1 {
		t.Errorf("KEY-101: the validator was asked %d times", asked)
	}
	if keysOf(t, a.Body) != "user session" || a.Text("user.id") != u.ID || a.Text("session.id") != made.Text("id") || a.Text("session.token") != key || a.Text("session.userId") != u.ID {
		t.Errorf("KEY-100, 108: %s", a.Body)
	}
	if m := a.Value("session").(map[string]any); len(m) != 8 {
		t.Errorf("the session has %d members: %v", len(m), m)
	}
	end, _ := time.Parse(time.RFC3339, a.Text("session.expiresAt"))
	if left := end.Sub(h.Clock.Now()); left < 6*day || left > 7*day+time.Second {
		t.Errorf("D-3: the session lasts %v", left)
	}
	if len(a.Cookies()) != 0 {
		t.Error("a key gets cookies")
	}
	other, ob := h.person("bob")
	ob.Header.Set("X-Api-Key", key) // overrides any cookie
	if got := ob.Get(api + "/get-session").Text("user.id"); got != u.ID || got == other.ID {
		t.Errorf("the session of %s", got)
	}
	h.with("short").Get(api+"/get-session").Want(403, "INVALID_API_KEY") // KEY-107
	h.with("evil"+strings.Repeat("x", 64)).Get(api+"/get-session").Want(403, "INVALID_API_KEY")
	h.with(strings.Repeat("x", 64)).Get(api+"/get-session").Want(401, "INVALID_API_KEY")
	b.Post(api+"/api-key/update", body{"keyId": made.Text("id"), "enabled": false}).Want(200, "")
	h.with(key).Get(api+"/get-session").Want(401, "KEY_DISABLED")
	b.Post(api+"/api-key/update", body{"keyId": made.Text("id"), "enabled": true, "expiresIn": 86400}).Want(200, "")
	a = h.with(key).Get(api+"/get-session").Want(200, "")
	if row := h.row(made.Text("id")); a.Text("session.expiresAt") != row.ExpiresAt.Format("2006-01-02T15:04:05.000Z") {
		t.Errorf("the session ends %s, the key %s", a.Text("session.expiresAt"), row.ExpiresAt)
	}
	h.Clock.Advance(25 * time.Hour)
	h.with(key).Get(api+"/get-session").Want(401, "KEY_EXPIRED")
	h.with(key).Get(api+"/get-session").Want(401, "INVALID_API_KEY")
	h.with(key).Get(api+"/ok").Want(200, "") // D-8

	off := open(t, setup{})
	_, b = off.person("ann")
	if got := off.with(off.key(b, nil).Text("key")).Get(api + "/get-session"); string(got.Body) != "null" { // KEY-103
		t.Errorf("%s", got.Body)
	}
	b.Header.Set("X-Api-Key", "nonsense")
	if got := b.Get(api + "/get-session"); got.Text("user.email") != "ann@example.test" {
		t.Errorf("a header that means nothing hides the cookie: %s", got.Body)
	}
}

// TestKeySessionLimit: KEY-44.
func TestKeySessionLimit(t *testing.T) {
	h := open(t, setup{settings: plain(`sessions = true, rate_limit = {max = 2}`)})
	_, b := h.person("ann")
	k := h.with(h.key(b, nil).Text("key"))
	k.Get(api+"/get-session").Want(200, "")
	k.Get(api+"/get-session").Want(200, "")
	a := k.Get(api+"/get-session").Want(429, "RATE_LIMITED")
	if n, _ := a.Value("details.tryAgainIn").(float64); n <= 0 || a.Header.Get("Retry-After") == "" {
		t.Errorf("%s %v", a.Body, a.Header)
	}
}

// TestForeignKinds: KEY-102, 105.
func TestForeignKinds(t *testing.T) {
	h := open(t, setup{settings: kinds(`{default = {sessions = true}, second = {sessions = true}, org = {references = "organization", sessions = true, headers = ["x-org-key"]}}`)})
	u, b := h.person("ann")
	h.with(h.made(apikey.NewKey{UserID: u.ID, ConfigID: "second"}).Secret).Get(api+"/get-session").Want(401, "INVALID_API_KEY")
	o := h.Browser()
	o.Header.Set("X-Org-Key", h.made(apikey.NewKey{OrganizationID: h.organization(b, "acme"), ConfigID: "org"}).Secret)
	o.Get(api+"/get-session").Want(401, "INVALID_REFERENCE_ID_FROM_API_KEY")
}

// TestClosedToKeys: KEY-109, 168, D-7, SEC-143: whatever manages credentials, sessions or
// keys is closed to keys, and nothing breaks by one.
func TestClosedToKeys(t *testing.T) {
	h := open(t, setup{settings: plain(sessions)})
	u, b := h.person("ann")
	org := h.organization(b, "acme")
	root, _ := h.administrator("root", "owner")
	made := h.key(b, nil)
	key := h.with(made.Text("key"))
	for path, in := range map[string]any{
		"/change-password": body{"currentPassword": servertest.Password, "newPassword": "another-Horse-8-battery"},
		"/verify-password": body{"password": servertest.Password}, "/change-email": body{"newEmail": "new@example.test"},
		"/delete-user": body{"password": servertest.Password}, "/revoke-sessions": nil, "/revoke-other-sessions": nil, "/revoke-session": body{"token": "x"},
		"/update-session": body{"x": 1}, "/link-social": body{"provider": "github"}, "/unlink-account": body{"accountId": "x"},
		"/get-access-token": body{"accountId": "x"}, "/refresh-token": body{"accountId": "x"},
		"/api-key/create": body{"name": "more"}, "/api-key/update": body{"keyId": made.Text("id"), "name": "x"}, "/api-key/delete": body{"keyId": made.Text("id")},
		"/admin/ban-user": body{"userId": root.ID}, "/admin/list-user-sessions": body{"userId": root.ID},
	} {
		if a := key.Post(api+path, in); a.Status != 401 && a.Status != 403 {
			t.Errorf("POST %s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/account/api-keys", "/account/api-keys/" + made.Text("id"), "/account/api-keys/new"} {
		if a := key.Get(path); a.Status != 403 || strings.Contains(string(a.Body), made.Text("start")) { // names no key of its owner
			t.Errorf("GET %s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/list-sessions", "/list-accounts", "/api-key/list", "/api-key/get?id=" + made.Text("id"), "/account-info?accountId=x", "/admin/list-users"} {
		if a := key.Get(api + path); a.Status != 401 && a.Status != 403 {
			t.Errorf("GET %s: %d %s", path, a.Status, a.Body)
		}
	}
	key.Post(api+"/admin/stop-impersonating", nil).Want(400, "")                                       // KEY-168
	if a := key.Post(api+"/organization/set-active", body{"organizationId": org}); a.Status/100 != 4 { // section 8
		t.Errorf("set-active: %d %s", a.Status, a.Body)
	}
	_, inviter := h.person("ida") // whose organization its owner joins in person, or not
	other := h.organization(inviter, "other")
	invited := inviter.Post(api+"/organization/invite-member", body{"organizationId": other, "email": u.Email, "role": "admin"}).Want(200, "").Text("id")
	key.Post(api+"/organization/accept-invitation", body{"invitationId": invited}).Want(403, "NOT_ALLOWED_WITH_THIS_CREDENTIAL")
	key.Post(api+"/organization/reject-invitation", body{"invitationId": invited}).Want(403, "NOT_ALLOWED_WITH_THIS_CREDENTIAL")
	virtual := auth.NewPrincipal(auth.Principal{Subject: u.ID, Scheme: auth.SchemeAPIKey, Session: &auth.SessionFacts{UserID: u.ID, Virtual: true}}, nil, h.Clock.Now())
	if _, err := plugins.MustOffer[*organization.Service](h.Host).JoinByDomain(auth.WithPrincipal(t.Context(), virtual)); !errors.Is(err, auth.ErrCredentialScheme) {
		t.Errorf("joining by domain with a key: %v", err)
	}
	b.Post(api+"/organization/accept-invitation", body{"invitationId": invited}).Want(200, "")
	key.Post(api+"/update-user", body{"name": "By a key"}).Want(200, "")
	key.Post(api+"/sign-out", nil).Want(200, "")
	key.Get(api+"/get-session").Want(200, "")
	if got := h.User(u.Email).Name; got != "By a key" {
		t.Errorf("name %q", got)
	}
	// The console takes no key for a person who may look around there.
	rootKey := h.made(apikey.NewKey{UserID: root.ID, Permissions: apikey.Permissions{"user": {"list"}}})
	if a := h.with(rootKey.Secret).Get("/admin/users"); a.Status == 200 {
		t.Error("a key sees the list of people")
	}
	if a := h.with(rootKey.Secret).Get("/account/sessions"); a.Status == 200 && strings.Contains(string(a.Body), "192.0.2.10") {
		t.Error("a key sees sessions")
	}
	wire := open(t, setup{settings: map[string]string{"api_key.configurations": `{default = {sessions = true}}`, "api_key.wire_sessions": "true"}})
	_, b = wire.person("ann")
	wired := wire.with(wire.key(b, nil).Text("key"))
	wired.Get(api+"/list-sessions").Want(200, "")
	a := wired.Get(api + "/get-session")
	end, _ := time.Parse(time.RFC3339, a.Text("session.expiresAt"))
	if left := end.Sub(wire.Clock.Now()); left < 10*time.Minute || left > 10*time.Minute+5*time.Second {
		t.Errorf("Q-3: the session lasts %v", left)
	}
	wired.Post(api+"/api-key/create", nil).Want(403, "")
}

// asked is a server with a route that any principal may call and that tells who did.
type asked struct{ seen *auth.Principal }

func (a *asked) Manifest() plugins.Manifest { return plugins.Manifest{ID: "asked", Name: "Asked"} }

func (a *asked) Contribute(*plugins.Host) (plugins.Contribution, error) {
	see := func(c *plugins.Call) (any, error) {
		a.seen = c.Principal()
		return map[string]bool{"session": c.Current != nil}, nil
	}
	return plugins.Contribution{Endpoints: []plugins.Endpoint{
		{Method: http.MethodGet, Path: "/asked/any", Access: plugins.Access{Who: plugins.Principal}, Handle: see},
		{Method: http.MethodGet, Path: "/asked/list", Access: plugins.Access{Who: plugins.Principal, Scope: "user:list"}, Handle: see},
		{Method: http.MethodGet, Path: "/asked/signed-in", Access: plugins.Access{Who: plugins.SignedIn}, Handle: see},
		{Method: http.MethodPost, Path: "/asked/in", Access: plugins.Access{Who: plugins.Principal, Scope: "member:read", Organization: plugins.OrganizationSource{In: "body", Name: "organizationId"}}, Handle: see},
	}}, nil
}

// TestPrincipals: better-auth api-key 13.
func TestPrincipals(t *testing.T) {
	look := &asked{}
	h := openWith(t, setup{settings: kinds(`{default = {rate_limit = {enabled = false}}, org = {references = "organization", headers = ["x-org-key"], rate_limit = {enabled = false}}, web = {sessions = true, headers = ["x-web-key"], rate_limit = {enabled = false}}}`)}, look, bearer.New(), surface.New())
	root, b := h.administrator("root", "admin")
	org, foreign := h.organization(b, "acme"), h.organization(b, "other")
	user := h.made(apikey.NewKey{UserID: root.ID, Permissions: apikey.Permissions{"user": {"list", "impersonate-admins"}, "files": {"read"}, "member": {"read"}}})
	owned := h.made(apikey.NewKey{OrganizationID: org, ConfigID: "org", Permissions: apikey.Permissions{"member": {"read"}, "project": {"deploy"}, "user": {"list"}}})
	web := h.made(apikey.NewKey{UserID: root.ID, ConfigID: "web"})

	h.with(user.Secret).Get(api+"/asked/any").Want(200, "")
	p := look.seen
	if p.Subject != root.ID || p.Scheme != auth.SchemeAPIKey || len(p.Roles) != 0 || p.Session != nil || p.Name != root.Name {
		t.Errorf("%+v", p)
	}
	if p.Claims["apiKeyId"] != user.Row.ID || p.Claims["configId"] != "default" || p.Claims["sessionId"] != nil || p.Claims["organizationId"] != nil {
		t.Errorf("claims %v", p.Claims)
	}
	if got := strings.Join(p.Scopes(), " "); got != "files:read platform:member:read platform:user:list" {
		t.Errorf("scopes %s", got)
	}
	if p.Can("files:read") || p.CanIn(org, "apiKey:create") {
		t.Error("a key holds more than it names")
	}
	h.with(user.Secret).Get(api+"/asked/list").Want(200, "")
	h.with(user.Secret).Get(api+"/asked/signed-in").Want(401, "UNAUTHORIZED")
	if me := h.with(user.Secret).Get(surface.Base+"/me").Want(200, ""); me.Text("user.subject") != root.ID || me.Text("user.scheme") != auth.SchemeAPIKey || me.Value("session") != nil {
		t.Errorf("who a key without a session is: %s", me.Body)
	}
	h.with("nonsense").Get(surface.Base+"/me").Want(401, "")

	o := h.Browser()
	o.Header.Set("X-Org-Key", owned.Secret)
	o.Get(api+"/asked/any").Want(200, "")
	p = look.seen
	if p.Subject != "organization:"+org || p.Claims["organizationId"] != org || p.Claims["activeOrganizationId"] != nil || p.Can("user:list") || !p.CanIn(org, "project:deploy") || p.CanIn(foreign, "project:deploy") {
		t.Errorf("%+v", p)
	}
	o.Get(api+"/asked/list").Want(403, "FORBIDDEN")
	o.Post(api+"/asked/in", body{"organizationId": org}).Want(200, "")
	if a := o.Get(api+"/organization/list-teams?organizationId="+org).Want(403, "FORBIDDEN"); a.Text("scope") != "team:read" { // and no empty list
		t.Errorf("teams for a key that may not see them: %s", a.Body)
	}
	o.Post(api+"/asked/in", body{"organizationId": foreign}).Want(403, "FORBIDDEN")
	o.Post(api+"/asked/in", body{"organizationId": "unknown"}).Want(403, "FORBIDDEN")

	w := h.Browser()
	w.Header.Set("X-Web-Key", web.Secret)
	for _, path := range []string{"/asked/any", "/asked/signed-in"} {
		if a := w.Get(api+path).Want(200, ""); a.Value("session") != true {
			t.Errorf("%s", a.Body)
		}
		p = look.seen
		if p.Subject != root.ID || strings.Join(p.Roles, ",") != "admin" || len(p.Scopes()) != 0 || p.Session == nil || !p.Session.Virtual {
			t.Errorf("%+v", p)
		}
	}

	// SEC-144: a key of one kind fails in the header of another, and a query is no header.
	h.with(owned.Secret).Get(api+"/asked/any").Want(401, "INVALID_API_KEY")
	h.Browser().Get(api+"/asked/any?x-api-key="+user.Secret).Want(401, "UNAUTHORIZED")
	h.with("nonsense").Get(api+"/asked/any").Want(401, "INVALID_API_KEY")
	if n := h.row(user.Row.ID).LastRequest; n != nil {
		t.Errorf("the last use of a key without limits is written at once: %v", n)
	}
}

// TestReasons: a rejection says in one word why.
func TestReasons(t *testing.T) {
	h := open(t, setup{})
	u, _ := h.person("ann")
	var look plugins.Authenticator
	for _, part := range h.Host.Registry.Parts {
		if part.ID == apikey.ID {
			look = part.Authenticators[0]
		}
	}
	reason := func(key string) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Api-Key", key)
		found, err := look.Any(t.Context(), r)
		if err != nil || found == nil || found.Reject == nil {
			t.Fatalf("%+v %v", found, err)
		}
		return found.Reject.Reason
	}
	off := h.made(apikey.NewKey{UserID: u.ID})
	if _, err := h.s.Update(t.Context(), "", off.Row.ID, u.ID, apikey.Change{Enabled: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	limited := h.made(apikey.NewKey{UserID: u.ID, RateLimitMax: ptr(int64(0))})
	h.verify(limited.Secret)
	used := h.made(apikey.NewKey{UserID: u.ID, Remaining: ptr(int64(0))})
	short := h.made(apikey.NewKey{UserID: u.ID, ExpiresIn: ptr(86400.0)})
	for key, want := range map[string]string{"nonsense": "api_key_invalid", off.Secret: "api_key_disabled", limited.Secret: "api_key_rate_limited", used.Secret: "api_key_usage_exceeded"} {
		if got := reason(key); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	h.Clock.Advance(25 * time.Hour)
	if got := reason(short.Secret); got != "api_key_expired" {
		t.Error(got)
	}
	if found, err := look.Any(t.Context(), httptest.NewRequest(http.MethodGet, "/", nil)); found != nil || err != nil {
		t.Errorf("without a key: %+v %v", found, err)
	}
}

// FuzzHeader: no text in the header gets in or breaks anything.
func FuzzHeader(f *testing.F) {
	h := openWith(f, setup{settings: plain(`sessions = true`)})
	f.Add("")
	f.Add(strings.Repeat("x", 64))
	f.Add("\x00\xff' OR 1=1 --")
	f.Fuzz(func(t *testing.T, key string) {
		b := h.with(key).In(t)
		if a := b.Get(api + "/get-session"); a.Status != 401 && a.Status != 403 && !(key == "" && a.Status == 200) {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}

// FuzzPermissions: what a key shall hold and what is asked of it agree with the plain
// reading of both.
func FuzzPermissions(f *testing.F) {
	h := openWith(f, setup{settings: plain(`rate_limit = {enabled = false}`)})
	b := h.SignUp("ann", "ann@example.test")
	_ = b
	u := h.User("ann@example.test")
	f.Add("files", "read", "files", "read")
	f.Add("a:b", "c", "a", "b:c")
	f.Add("", "", "", "")
	f.Add("user", "list", "user", "list")
	f.Fuzz(func(t *testing.T, resource, action, other, asked string) {
		m, err := h.s.Create(t.Context(), apikey.NewKey{UserID: u.ID, Permissions: apikey.Permissions{resource: {action}}})
		if err != nil {
			t.Skip() // no text of the database
		}
		_, err = h.s.Verify(t.Context(), apikey.Ask{Key: m.Secret, Permissions: apikey.Permissions{other: {asked}}})
		_, platform := h.Host.Scopes.Lookup(other + ":" + asked)
		if want := resource+":"+action == other+":"+asked && !platform; (err == nil) != want {
			t.Errorf("%q:%q asked for %q:%q: %v", resource, action, other, asked, err)
		}
	})
}
