package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/a-h/templ"

	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/user"
	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/web"
	"gatehouse/web/webtest"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`

// office is a house with the console and somebody of every role, signed in.
type office struct {
	*house
	as    map[string]*servertest.Browser
	users map[string]*ent.User
}

func openOffice(t *testing.T, settings map[string]string, more ...plugins.Plugin) *office {
	t.Helper()
	list := append([]plugins.Plugin{admin.New(admin.Options{})}, more...)
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), console.New()}, Plugins: list, Settings: settings})
	o := &office{house: &house{Rig: rig, t: t, s: plugins.MustOffer[*admin.Service](rig.Host)}, as: map[string]*servertest.Browser{}, users: map[string]*ent.User{}}
	if err := o.s.EnsureAdministrator(t.Context(), "owner@example.test", servertest.Password, "owner"); err != nil {
		t.Fatal(err)
	}
	o.users["owner"], o.as["owner"] = o.User("owner@example.test"), o.SignIn("owner@example.test")
	for _, role := range []string{"admin", "support", "viewer", "user"} {
		o.users[role], o.as[role] = o.person(role, role)
	}
	return o
}

// page asserts a good page and returns its markup.
func page(t *testing.T, a *servertest.Answer) string {
	t.Helper()
	for _, problem := range webtest.Page(string(a.Body)) {
		t.Error(problem)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	return string(a.Body)
}

func expect(t *testing.T, body string, has []string, lacks ...string) {
	t.Helper()
	for _, text := range has {
		if !strings.Contains(body, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	for _, text := range lacks {
		if strings.Contains(body, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// TestScreens asks for every screen about a plain person as every role.
func TestScreens(t *testing.T) {
	o := openOffice(t, nil)
	at := "/admin/users/" + o.somebody("target", "user").ID
	for _, tt := range []struct{ path, scope, roles string }{
		{"/admin/users", "user:list", "owner admin support viewer"},
		{"/admin/users/new", "user:create", "owner admin"},
		{at, "user:get", "owner admin support viewer"},
		{at + "/access", "user:get", "owner admin support viewer"},
		{at + "/sessions", "session:list", "owner admin support viewer"},
		{at + "/accounts", "user:get", "owner admin support viewer"},
		{at + "/activity", "event:read", "owner admin"},
		{at + "/sign-in-link", "user:sign-in-link", "owner admin"},
		{at + "/temporary", "user:set-password", "owner admin"},
		{at + "/role", "user:set-role", "owner admin"},
		{at + "/ban", "user:ban", "owner admin support"},
		{at + "/reset", "user:send-reset", "owner admin support"},
		{at + "/password", "user:set-password", "owner admin"},
		{at + "/end-sessions", "session:revoke", "owner admin support"},
		{at + "/impersonate", "user:impersonate", "owner admin"},
		{at + "/delete", "user:delete", "owner admin"},
		{"/admin/sessions", "session:list", "owner admin support viewer"},
		{"/admin/invitations", "user:invite", "owner admin"},
		{"/admin/invitations/new", "user:invite", "owner admin"},
	} {
		for role, b := range o.as {
			a := b.Get(tt.path)
			want := http.StatusForbidden
			if strings.Contains(tt.roles, role) {
				want = http.StatusOK
			}
			if a.Status != want {
				t.Errorf("%s for %s: %d, want %d", tt.path, role, a.Status, want)
			}
			if body := page(t, a); want == http.StatusForbidden {
				expect(t, body, []string{tt.scope})
			}
		}
		if a := o.Browser().Get(tt.path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/sign-in?") {
			t.Errorf("%s for nobody: %d %s", tt.path, a.Status, a.Location())
		}
	}
}

// TestPosts tries every act as every role that lacks its scope: nothing happens.
func TestPosts(t *testing.T) {
	o := openOffice(t, nil)
	u := o.somebody("target", "user")
	at := "/admin/users/" + u.ID
	for _, tt := range []struct{ path, roles string }{
		{"/admin/users", "support viewer user"}, {at, "viewer user"}, {at + "/role", "support viewer user"}, {at + "/ban", "viewer user"},
		{at + "/unban", "viewer user"}, {at + "/reset", "viewer user"}, {at + "/password", "support viewer user"}, {at + "/end-sessions", "viewer user"},
		{at + "/temporary", "support viewer user"}, {at + "/sign-in-link", "support viewer user"}, {at + "/verify", "support viewer user"}, {at + "/send-verification", "viewer user"},
		{at + "/devices/forget", "viewer user"}, {"/admin/users/bulk/ban", "viewer user"}, {"/admin/users/bulk/unban", "viewer user"}, {"/admin/users/bulk/delete", "support viewer user"},
		{"/admin/users/bulk/role", "support viewer user"}, {"/admin/users/bulk/reset", "viewer user"}, {"/admin/users/bulk/verify", "support viewer user"}, {"/admin/users/bulk/end-sessions", "viewer user"},
		{at + "/impersonate", "support viewer user"}, {at + "/delete", "support viewer user"}, {"/admin/sessions/end", "viewer user"},
		{"/admin/invitations", "support viewer user"}, {"/admin/invitations/x/resend", "support viewer user"}, {"/admin/invitations/x/cancel", "support viewer user"},
	} {
		for role := range strings.FieldsSeq(tt.roles) {
			form := url.Values{"name": {"New"}, "email": {"new@example.test"}, "roles": {"owner"}, "password": {servertest.Password}, "confirm": {u.Email}, "reason": {"r"}, "id": {u.ID}, "confirmed": {"on"}}
			if a := o.as[role].Form(tt.path, form); a.Status != http.StatusForbidden {
				t.Errorf("POST %s as %s: %d", tt.path, role, a.Status)
			}
		}
		b := o.SignIn("owner@example.test")
		b.Header.Set("Origin", "https://evil.test")
		if a := b.Form(tt.path, nil); a.Status != http.StatusForbidden {
			t.Errorf("POST %s from another origin: %d", tt.path, a.Status)
		}
	}
	if after := o.User(u.Email); after.Name != u.Name || after.Banned || *after.Role != "user" {
		t.Errorf("the person changed: %+v", after)
	}
}

// TestRank draws no acts on people above, and refuses them.
func TestRank(t *testing.T) {
	o := openOffice(t, nil)
	for _, tt := range []struct {
		reader, target string
		has, lacks     []string
	}{
		{"admin", "owner", nil, []string{"/ban", "/role", "/password", "/delete", "/impersonate", "/reset", "/end-sessions", `name="name"`}},
		{"support", "admin", nil, []string{"/ban", "/role", "/password", "/delete", "/impersonate", "/reset", "/end-sessions", `name="name"`}},
		{"support", "user", []string{"/ban", "/reset", "/end-sessions", `name="name"`, "Only administrators change addresses"}, []string{"/role", "/password", "/delete", "/impersonate"}},
		{"support", "viewer", []string{"/reset"}, []string{"/ban", "/role"}},
		{"viewer", "user", nil, []string{"/ban", "/role", "/reset", `name="name"`}},
		{"admin", "user", []string{"/ban", "/role", "/password", "/delete", "/impersonate", "/reset"}, []string{"/unban"}},
		{"admin", "admin", []string{"/password", `name="name"`}, []string{"/ban", "/role", "/delete", "/impersonate"}},
		{"owner", "admin", []string{"/ban", "/role", "/impersonate", "/delete"}, nil},
	} {
		at := "/admin/users/" + o.users[tt.target].ID
		body := page(t, o.as[tt.reader].Get(at))
		for _, part := range tt.has {
			if strings.HasPrefix(part, "/") {
				part = `"` + at + part + `"`
			}
			if !strings.Contains(body, part) {
				t.Errorf("%s on %s lacks %s", tt.reader, tt.target, part)
			}
		}
		for _, part := range tt.lacks {
			if strings.HasPrefix(part, "/") {
				part = `"` + at + part + `"`
			}
			if strings.Contains(body, part) {
				t.Errorf("%s on %s has %s", tt.reader, tt.target, part)
			}
		}
	}
	owner := "/admin/users/" + o.users["owner"].ID
	for path, form := range map[string]url.Values{"/ban": nil, "/role": {"roles": {"user"}}, "/password": {"password": {"another-Horse-7-battery"}},
		"/delete": {"confirm": {"owner@example.test"}}, "/impersonate": {"reason": {"x"}}, "/end-sessions": nil, "/reset": nil, "": {"name": {"Fallen"}}} {
		a := o.as["admin"].Form(owner+path, form)
		if a.Status != http.StatusForbidden {
			t.Errorf("POST %s on the owner: %d", path, a.Status)
		}
		page(t, a)
	}
	if a := o.as["admin"].Form("/admin/users/"+o.users["user"].ID+"/role", url.Values{"roles": {"owner"}}); a.Status != http.StatusForbidden {
		t.Errorf("an admin gave the role owner: %d", a.Status)
	}
	if u := o.User("owner@example.test"); u.Banned || u.Name == "Fallen" {
		t.Errorf("the owner changed: %+v", u)
	}
}

// TestList searches, filters, sorts and pages by the list's own links.
func TestList(t *testing.T) {
	o := openOffice(t, nil)
	for i := range 27 {
		o.somebody("p-"+strconv.Itoa(100+i), "user")
	}
	if _, err := o.s.Ban(o.commandLine(), o.User("p-105@example.test").ID, admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	b := o.as["viewer"]
	for _, tt := range []struct {
		query string
		first string
		count int // rows over all pages
	}{
		{"", "p-126", 32}, {"?sort=name&order=ascending", "Administrator", 32}, {"?sort=email", "admin", 32}, {"?q=p-11", "p-119", 10},
		{"?role=support", "support", 1}, {"?status=banned", "p-105", 1}, {"?role=user&status=active", "p-126", 27}, {"?verified=no", "", 0}, {"?limit=50", "p-126", 32},
		{"?q=p-10&sort=name&order=ascending&status=active", "p-100", 9}, {"?role=nonsense", "p-126", 32}, {"?limit=9999&sort=password&status=x", "p-126", 32},
	} {
		names := o.follow(t, b, "/admin/users"+tt.query)
		if len(names) != tt.count || tt.count > 0 && names[0] != tt.first {
			t.Errorf("%s: %d rows, the first %q, want %d and %q", tt.query, len(names), append(names, "")[0], tt.count, tt.first)
		}
		slices.Sort(names)
		if len(slices.Compact(names)) != tt.count {
			t.Errorf("%s: somebody comes twice", tt.query)
		}
	}
	body := page(t, b.Get("/admin/users?role=user&status=active&q=p-1"))
	expect(t, body, []string{`href="/admin/users?q=p-1&amp;status=active"`, `href="/admin/users?q=p-1&amp;role=user"`, "Clear all", `value="p-1"`})
	expect(t, page(t, b.Get("/admin/users?q=zebra")), []string{"Nothing matches"})
	for _, cursor := range []string{"x", "AAAA", strings.Repeat("A", 4000)} {
		b.Get("/admin/users?page="+cursor).Want(http.StatusBadRequest, "")
	}
}

var rowName = regexp.MustCompile(`<span class="person">.*?<a href="/admin/users/[^"]*">([^<]*)</a>`)

// follow reads all pages of a list and returns the names in order.
func (o *office) follow(t *testing.T, b *servertest.Browser, path string) []string {
	t.Helper()
	var names []string
	for path != "" && len(names) < 200 {
		body := page(t, b.Get(path))
		for _, m := range rowName.FindAllStringSubmatch(body, -1) {
			names = append(names, m[1])
		}
		path = ""
		if m := regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*rel="next"`).FindStringSubmatch(body); m != nil {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	return names
}

// TestHostile shows names, addresses of pictures, reasons and agents as the text they are.
func TestHostile(t *testing.T) {
	o := openOffice(t, nil)
	u, _ := o.person("target", "user")
	b := o.as["owner"]
	at := "/admin/users/" + u.ID
	b.Form(at, url.Values{"name": {hostile}, "email": {u.Email}, "emailVerified": {"on"}}).Want(http.StatusSeeOther, "")
	// As an adopted database may have it.
	query, args := sql.Dialect(o.Host.DB.Dialect()).Update(user.Table).Set(user.FieldImage, "javascript:alert(1)").Query()
	if _, err := o.Host.DB.Store().SQL.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
	victim := o.Browser()
	victim.Header.Set("User-Agent", hostile)
	victim.Post("/api/auth/sign-in/email", map[string]any{"email": u.Email, "password": servertest.Password}).Want(200, "")
	for _, path := range []string{"/admin/users", at, at + "/access", at + "/sessions", at + "/accounts", at + "/activity", at + "/delete", at + "/ban", at + "/impersonate", "/admin/sessions", "/admin"} {
		expect(t, page(t, b.Get(path)), nil, "<script>alert", "<img src=x", `src="javascript`, `href="javascript`)
	}
	b.Form(at+"/ban", url.Values{"reason": {hostile}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(at)), []string{"&lt;script&gt;alert(1)", "Banned"}, "<script>alert", "<img src=x")
	a := b.Form("/admin/invitations", url.Values{"email": {hostile}, "name": {hostile}})
	a.Want(http.StatusBadRequest, "")
	expect(t, page(t, a), []string{"Invalid email"}, "<script>alert", "<img src=x")
	expect(t, page(t, b.Get("/admin/users?q="+url.QueryEscape(hostile)+"&role="+url.QueryEscape(hostile))), nil, "<script>alert", "<img src=x")
}

// TestActs does everything once as the owner, and sees it done.
func TestActs(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["owner"]
	a := b.Form("/admin/users", url.Values{"name": {"Grace"}, "email": {"grace@example.test"}, "role": {"support"}, "way": {"password"}, "password": {servertest.Password}, "emailVerified": {"on"}})
	expect(t, page(t, a.Want(http.StatusOK, "")), []string{"Grace was created.", servertest.Password, "grace@example.test", o.Origin + "/sign-in", "Copy all"})
	u := o.User("grace@example.test")
	at := "/admin/users/" + u.ID
	if *u.Role != "support" || !u.EmailVerified || u.PasswordTemporary {
		t.Fatalf("%+v", u)
	}
	expect(t, page(t, b.Get(at)), []string{"Grace", "support"})
	expect(t, page(t, b.Get(at+"/access")), []string{"role Support", "user:ban", "Not held", "user:set-role"})
	expect(t, page(t, b.Get(at+"/accounts")), []string{"Password"}, "argon2")

	b.Form(at, url.Values{"name": {"Grace H."}, "email": {"hopper@example.test"}}).Want(http.StatusSeeOther, "")
	if u = o.User("hopper@example.test"); u.Name != "Grace H." || u.EmailVerified {
		t.Errorf("after the edit: %+v", u)
	}
	for _, form := range []url.Values{{"name": {""}, "email": {"hopper@example.test"}}, {"name": {"x"}, "email": {"nonsense"}}, {"name": {"x"}, "email": {"owner@example.test"}}} {
		if a := b.Form(at, form); a.Status < 400 || a.Status > 422 || !strings.Contains(page(t, a), "field-error") {
			t.Errorf("%v: %d", form, a.Status)
		}
	}

	b.Form(at+"/role", url.Values{"roles": {"viewer", "user"}}).Want(http.StatusSeeOther, "")
	if u = o.User("hopper@example.test"); *u.Role != "viewer,user" {
		t.Errorf("roles %s", *u.Role)
	}
	expect(t, page(t, b.Form(at+"/role", nil)), []string{"Choose at least one role."})

	her := o.SignIn("hopper@example.test")
	expect(t, page(t, b.Get(at+"/sessions")), []string{"by password", "End"})
	b.Form(at+"/end-sessions", nil).Want(http.StatusSeeOther, "")
	if her.Get("/api/auth/get-session").Value("user") != nil {
		t.Error("her session lives")
	}

	b.Form(at+"/ban", url.Values{"reason": {"Too loud"}, "life": {"7d"}}).Want(http.StatusSeeOther, "")
	if u = o.User("hopper@example.test"); !u.Banned || *u.BanReason != "Too loud" || u.BanExpires.Sub(o.Clock.Now()).Round(time.Hour) != 7*24*time.Hour {
		t.Errorf("ban %+v", u)
	}
	expect(t, page(t, b.Get(at)), []string{"Too loud", "/unban"}, `"`+at+`/ban"`)
	b.Form(at+"/unban", nil).Want(http.StatusSeeOther, "")
	if o.User("hopper@example.test").Banned {
		t.Error("still banned")
	}
	b.Form(at+"/ban", url.Values{"life": {"nonsense"}}).Want(http.StatusBadRequest, "")

	a = b.Form(at+"/password", url.Values{"password": {"short"}})
	expect(t, page(t, a.Want(http.StatusBadRequest, "")), []string{"Password too short"}, `value="short"`)
	b.Form(at+"/password", url.Values{"password": {"another-Horse-7-battery"}}).Want(http.StatusSeeOther, "")
	o.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": "hopper@example.test", "password": "another-Horse-7-battery"}).Want(200, "")

	a = b.Form(at+"/delete", url.Values{"confirm": {"grace@example.test"}})
	expect(t, page(t, a.Want(http.StatusBadRequest, "")), []string{"hopper@example.test"})
	a = b.Form(at+"/delete", url.Values{"confirm": {"hopper@example.test"}})
	if a.Want(http.StatusSeeOther, ""); a.Location() != "/admin/users" {
		t.Errorf("location %s", a.Location())
	}
	b.Get(at).Want(http.StatusNotFound, "")
	b.Form(at+"/ban", nil).Want(http.StatusNotFound, "")
	self := "/admin/users/" + o.users["owner"].ID
	b.Form(self+"/delete", url.Values{"confirm": {"owner@example.test"}}).Want(http.StatusBadRequest, "")
	b.Form(self+"/ban", nil).Want(http.StatusBadRequest, "")
}

var secretLink = regexp.MustCompile(`<code id="hand-over-[0-9]">([^<]*)</code>`)

// TestLinksOnce makes links while no mail server is set: shown once, working once.
func TestLinksOnce(t *testing.T) {
	o := openOffice(t, nil)
	at := "/admin/users/" + o.somebody("target", "user").ID
	a := o.as["admin"].Form(at+"/reset", nil).Want(http.StatusOK, "")
	m := secretLink.FindStringSubmatch(page(t, a))
	if m == nil || !strings.HasPrefix(m[1], o.Origin+"/api/auth/reset-password/") {
		t.Fatalf("no link in %s", a.Body)
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the link may be kept")
	}
	token := strings.TrimPrefix(strings.Split(m[1], "?")[0], o.Origin+"/api/auth/reset-password/")
	expect(t, page(t, o.as["admin"].Get(at)), nil, token)
	o.Browser().Post("/api/auth/reset-password", map[string]any{"newPassword": "their-own-Horse-9", "token": token}).Want(200, "")
	o.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": "target@example.test", "password": "their-own-Horse-9"}).Want(200, "")

	a = o.as["support"].Form(at+"/reset", nil)
	if a.Status != http.StatusSeeOther || secretLink.Match(a.Body) {
		t.Errorf("support was shown a link: %d", a.Status)
	}
	if o.Link("target@example.test", "reset-password") == m[1] {
		t.Error("the link of support is not a new one")
	}

	a = o.as["owner"].Form("/admin/users", url.Values{"name": {"New"}, "email": {"new@example.test"}, "way": {"hand"}}).Want(http.StatusOK, "")
	if !secretLink.MatchString(page(t, a)) {
		t.Error("the new person got no link")
	}
}

// TestInvitations goes through the life of invitations.
func TestInvitations(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["admin"]
	expect(t, page(t, b.Get("/admin/invitations")), []string{"No invitations yet"})
	expect(t, page(t, b.Get("/admin/invitations/new")), []string{"admin", "shown to you, once"}, `value="owner"`)
	a := b.Form("/admin/invitations", url.Values{"email": {"lise@example.test"}, "name": {"Lise"}, "role": {"support"}}).Want(http.StatusOK, "")
	m := secretLink.FindStringSubmatch(page(t, a))
	if m == nil || !strings.HasPrefix(m[1], o.Origin+"/accept-invitation/") {
		t.Fatalf("no link in %s", a.Body)
	}
	token := strings.TrimPrefix(m[1], o.Origin+"/accept-invitation/")
	if i, err := o.s.Invitation(t.Context(), token); err != nil || i == nil || i.Role.English() != "Support" {
		t.Fatalf("invitation %+v %v", i, err)
	}
	body := page(t, b.Get("/admin/invitations"))
	expect(t, body, []string{"Lise", "lise@example.test", "Support", "Not accepted yet", "New link to hand over"}, token)
	id := regexp.MustCompile(`/admin/invitations/([^/"]+)/resend`).FindStringSubmatch(body)[1]
	b.Form("/admin/invitations", url.Values{"email": {"top@example.test"}, "role": {"owner"}}).Want(http.StatusForbidden, "")

	a = b.Form("/admin/invitations/"+id+"/resend", url.Values{"by": {"hand"}}).Want(http.StatusOK, "")
	if again := secretLink.FindStringSubmatch(page(t, a)); again == nil || again[1] == m[1] {
		t.Error("the link is not new")
	}
	if i, _ := o.s.Invitation(t.Context(), token); i != nil {
		t.Error("the former link works")
	}
	page(t, b.Get("/admin/invitations/"+id+"/cancel").Want(http.StatusOK, ""))
	b.Form("/admin/invitations/"+id+"/cancel", nil).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get("/admin/invitations?state=cancelled")), []string{"lise@example.test", "Cancelled"}, "/resend")
	expect(t, page(t, b.Get("/admin/invitations?state=pending")), []string{"Nothing matches"})
	b.Form("/admin/invitations/none/cancel", nil).Want(http.StatusNotFound, "")

	if _, err := o.s.Invite(o.commandLine(), admin.Invite{Email: "high@example.test", Role: "owner"}); err != nil {
		t.Fatal(err)
	}
	expect(t, page(t, b.Get("/admin/invitations?state=pending")), []string{"high@example.test"}, "/resend", "/cancel")
}

// TestSessionsScreen ends sessions of others, by handle, and never the own one.
func TestSessionsScreen(t *testing.T) {
	o := openOffice(t, nil)
	b := o.as["support"]
	body := page(t, b.Get("/admin/sessions"))
	expect(t, body, []string{"owner@example.test", "You", "user@example.test"}, o.as["owner"].Cookie("better-auth.session_token"))
	handles := regexp.MustCompile(`name="handle" value="([^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(handles) != 2 {
		t.Fatalf("support may end %d sessions, want those of user and viewer", len(handles))
	}
	// Together: the owner's, which ranks higher, and the own one are left out.
	viewer := o.SignIn(o.users["viewer"].Email)
	a := b.Form("/admin/sessions/bulk/end", url.Values{"all": {"on"}, "filter": {"user=" + o.users["support"].ID}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get(a.Location())), []string{"No session ended. One was left out"})
	b.Form("/admin/sessions/bulk/end", url.Values{"all": {"on"}, "filter": {"user=" + o.users["owner"].ID}}).Want(http.StatusSeeOther, "")
	b.Form("/admin/sessions/bulk/end", url.Values{"all": {"on"}, "filter": {"user=" + o.users["viewer"].ID}}).Want(http.StatusSeeOther, "")
	if viewer.Get("/api/auth/get-session").Value("user") != nil {
		t.Error("the session of the viewer lives")
	}

	b.Form("/admin/sessions/bulk/end", url.Values{"id": {"handle_of_nothing"}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, b.Get("/admin/sessions")), []string{"One is not there any more."}, "One session ended")

	back := "/admin/users/" + o.users["user"].ID + "/sessions"
	for _, h := range handles {
		for want, given := range map[string]string{"/admin/sessions": "https://evil.test/", back: back} {
			a := b.Form("/admin/sessions/end", url.Values{"handle": {h[1]}, "back": {given}}).Want(http.StatusSeeOther, "")
			if a.Location() != want {
				t.Errorf("back to %s", a.Location())
			}
		}
	}
	if o.as["user"].Get("/api/auth/get-session").Value("user") != nil {
		t.Error("the session of the user lives")
	}
	if o.as["owner"].Get("/api/auth/get-session").Value("user") == nil {
		t.Error("the session of the owner ended")
	}
	row, err := o.Host.DB.Access(t.Context()).Session().Query().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range row {
		if r.UserID == o.users["owner"].ID {
			b.Form("/admin/sessions/end", url.Values{"handle": {o.s.Handle(r)}}).Want(http.StatusForbidden, "")
		}
	}
}

// TestImpersonationScreen goes there and back, with the bar on every page and credentials
// out of reach.
func TestImpersonationScreen(t *testing.T) {
	o := openOffice(t, nil)
	helper := o.somebody("helper", "support")
	b, at := o.as["owner"], "/admin/users/"+helper.ID
	expect(t, page(t, b.Form(at+"/impersonate", nil).Want(http.StatusBadRequest, "")), []string{"Say why"})
	if a := b.Form(at+"/impersonate", url.Values{"reason": {"ticket 7"}}).Want(http.StatusSeeOther, ""); a.Location() != "/account" {
		t.Fatalf("location %s", a.Location())
	}
	expect(t, page(t, b.Get("/admin/users")), []string{"/admin/stop-impersonating"}, "Create user")
	b.Form("/admin/users/"+o.users["user"].ID+"/reset", nil).Want(http.StatusForbidden, "")
	b.Get("/admin/outbox").Want(http.StatusForbidden, "")
	a := b.Form("/admin/stop-impersonating", nil).Want(http.StatusSeeOther, "")
	if a.Location() != at {
		t.Errorf("location %s", a.Location())
	}
	expect(t, page(t, b.Get(at)), []string{"your own name again", "/impersonate"}, "/admin/stop-impersonating")
	rows, err := o.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind("impersonation.started")).All(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Data["reason"] != "ticket 7" {
		t.Errorf("events %v %v", rows, err)
	}
	b.Form("/admin/stop-impersonating", nil).Want(http.StatusBadRequest, "")
}

// tabs is a plugin with tabs about people: one for everybody, one behind a scope, one
// that does not apply.
type tabs struct{}

func (tabs) Manifest() plugins.Manifest { return plugins.Manifest{ID: "tabs", Name: "Tabs"} }

func (tabs) Contribute(*plugins.Host) (plugins.Contribution, error) {
	draw := func(_ *plugins.Call, subject string) (templ.Component, error) {
		return web.Text("about " + subject), nil
	}
	never := func(context.Context, string) bool { return false }
	return plugins.Contribution{Tabs: []plugins.Tab{
		{Entity: "user", ID: "keys", Label: "Their keys", Scope: "user:get", Draw: draw},
		{Entity: "user", ID: "safe", Label: "Their safe", Scope: "outbox:read", Draw: draw},
		{Entity: "user", ID: "never", Label: "Never drawn", Scope: "user:get", Visible: never, Draw: draw},
		{Entity: "organization", ID: "other", Label: "Not of people", Scope: "user:get", Draw: draw},
	}}, nil
}

// TestForeignTabs draws the tabs of other plugins in the frame of the person.
func TestForeignTabs(t *testing.T) {
	o := openOffice(t, nil, tabs{})
	id := o.users["user"].ID
	at := "/admin/users/" + id
	expect(t, page(t, o.as["viewer"].Get(at)), []string{"Their keys"}, "Their safe", "Never drawn", "Not of people")
	expect(t, page(t, o.as["viewer"].Get(at+"/keys")), []string{"about " + id, "Sign-in methods"})
	expect(t, page(t, o.as["viewer"].Get(at+"/safe").Want(http.StatusForbidden, "")), []string{"outbox:read"}, "about "+id)
	expect(t, page(t, o.as["owner"].Get(at+"/safe")), []string{"about " + id})
	for _, tab := range []string{"never", "other", "nothing"} {
		o.as["owner"].Get(at+"/"+tab).Want(http.StatusNotFound, "")
	}
}

// TestBanForever: a ban without an end can be chosen beside a default length, and the
// empty choice is the default.
func TestBanForever(t *testing.T) {
	o := openOffice(t, map[string]string{"admin.default_ban_expires_in": "3d"})
	b, u := o.as["owner"], o.users["user"]
	at := "/admin/users/" + u.ID
	expect(t, page(t, b.Get(at+"/ban")), []string{"3 days (default)", "Until it is lifted"})
	b.Form(at+"/ban", url.Values{"life": {"forever"}}).Want(http.StatusSeeOther, "")
	if u = o.User(u.Email); !u.Banned || u.BanExpires != nil {
		t.Errorf("for ever: %v until %v", u.Banned, u.BanExpires)
	}
	b.Form(at+"/unban", nil).Want(http.StatusSeeOther, "")
	b.Form(at+"/ban", url.Values{"life": {""}}).Want(http.StatusSeeOther, "")
	if u = o.User(u.Email); u.BanExpires == nil || u.BanExpires.Sub(o.Clock.Now()).Round(time.Hour) != 72*time.Hour {
		t.Errorf("the default: until %v", u.BanExpires)
	}
}
