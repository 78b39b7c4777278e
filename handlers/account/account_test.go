package account_test

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/handlers/account"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/web/webtest"
)

const (
	alice  = "alice@example.test"
	bob    = "bob@example.test"
	app    = "https://app.example.test"
	evil   = "https://evil.example.test"
	second = servertest.Password + "2"
)

func newRig(t *testing.T, settings map[string]string, more ...plugins.Plugin) *servertest.Rig {
	t.Helper()
	all := map[string]string{"trusted_origins": app, "session.max_age": "90d", "session.expires_in": "60d"}
	for k, v := range settings {
		all[k] = v
	}
	return servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New(), account.New()},
		Plugins: append([]plugins.Plugin{admin.New(admin.Options{})}, more...), Settings: all})
}

// looks checks what every page must keep and returns its markup.
func looks(t *testing.T, a *servertest.Answer, status int, wants ...string) string {
	t.Helper()
	markup := string(a.Body)
	if a.Status != status {
		t.Fatalf("status %d, want %d; location %q\n%s", a.Status, status, a.Location(), markup)
	}
	for _, problem := range webtest.Page(markup) {
		t.Error(problem)
	}
	if !strings.Contains(a.Header.Get("Content-Security-Policy"), "form-action 'self'") || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", a.Header)
	}
	for _, want := range wants {
		if !strings.Contains(markup, want) {
			t.Errorf("the page lacks %q\n%s", want, markup)
		}
	}
	if strings.Contains(markup, servertest.Password) {
		t.Error("the page shows a password")
	}
	return markup
}

func leads(t *testing.T, a *servertest.Answer, to string) {
	t.Helper()
	if a.Status != 303 || a.Location() != to {
		t.Fatalf("status %d to %q, want 303 to %q\n%s", a.Status, a.Location(), to, a.Body)
	}
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// door signs in on the page and returns the browser.
func door(t *testing.T, rig *servertest.Rig, address, password string) *servertest.Browser {
	t.Helper()
	b := rig.Browser()
	leads(t, b.Form("/sign-in", form("email", address, "password", password, "rememberMe", "on")), "/")
	return b
}

// old lets the sign-in grow old: still signed in, but not fresh.
func old(rig *servertest.Rig) { rig.Clock.Advance(3 * 24 * time.Hour) }

func TestProfile(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.Browser()
	b.Post("/api/auth/sign-up/email", map[string]any{"name": "Alice", "email": alice, "password": servertest.Password, "image": "https://p.example.test/a.png"}).Want(200, "")
	page := looks(t, b.Get("/account"), 200, alice, "Not verified", "Delete account", `href="/account/sessions"`, "Development mode")
	if strings.Contains(page, "p.example.test") {
		t.Error("the image address stands in the page")
	}
	looks(t, b.Form("/account/profile", form("name", " ")), 400, "A name is needed.")
	looks(t, b.Form("/account/profile", form("name", strings.Repeat("x", 300))), 400, "This name is too long.")
	leads(t, b.Form("/account/profile", form("name", `Alice <b>&"`)), "/account")
	page = looks(t, b.Get("/account"), 200, "Your profile is saved.", "Alice &lt;b&gt;&amp;&#34;")
	if strings.Contains(page, "<b>&") {
		t.Error("a name became markup")
	}
	if again := looks(t, b.Get("/account"), 200); strings.Contains(again, "Your profile is saved.") {
		t.Error("a message is shown twice")
	}
	if got := b.Get("/api/auth/get-session").Text("user.name"); got != `Alice <b>&"` {
		t.Errorf("the wire has %q", got)
	}
}

// TestAnonymous: the whole area sends to the sign-in page and back.
func TestAnonymous(t *testing.T) {
	rig := newRig(t, nil)
	contribution, err := account.New().Contribute(rig.Host)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range contribution.Routes {
		want := "/sign-in?returnTo=" + url.QueryEscape(r.Path)
		if r.Method == "POST" {
			want = "/sign-in?returnTo=%2F"
		}
		leads(t, rig.Browser().Do(r.Method, r.Path, "application/x-www-form-urlencoded", nil), want)
		if r.Method == "POST" {
			thief := rig.Browser()
			thief.Header.Set("Origin", evil)
			thief.Header.Set("Cookie", "any=1")
			looks(t, thief.Form(r.Path, nil), 403)
		}
	}
	for _, p := range contribution.Panels {
		if !strings.HasPrefix(p.Path, "/account") {
			t.Errorf("panel at %q", p.Path)
		}
	}
}

// follow opens a link and presses the button it leads to.
func follow(b *servertest.Browser, link string) *servertest.Answer {
	a := b.Visit(link)
	asked, err := url.Parse(a.Location())
	if err != nil || asked.Query().Get("token") == "" {
		return a
	}
	return b.Form("/verify-email", form("token", asked.Query().Get("token"), "returnTo", asked.Query().Get("callbackURL")))
}

func TestEmail(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	rig.SignUp("Bob", bob)
	looks(t, b.Get("/account/email"), 200, "We send a link to the new address.", `autocomplete="email"`)
	looks(t, b.Form("/account/email", form("newEmail", "nobody")), 400, "This is not an email address.", `value="nobody"`)
	looks(t, b.Form("/account/email", form("newEmail", alice)), 400, "Email is the same")

	leads(t, b.Form("/account/email", form("newEmail", bob)), "/account/email")
	taken := looks(t, b.Get("/account/email"), 200, bob)
	looks(t, b.Get("/account"), 200, "Waiting for "+bob+" to be confirmed.")
	leads(t, b.Form("/account/email/resend", nil), "/account/email")
	looks(t, b.Get("/account/email"), 200, "A link went to "+bob)
	leads(t, b.Form("/account/email", form("newEmail", "new@example.test")), "/account/email")
	free := looks(t, b.Get("/account/email"), 200, "A link went to new@example.test.", "Waiting for your new address")
	if plain(free) != plain(strings.ReplaceAll(taken, bob, "new@example.test")) {
		t.Error("a taken address is told")
	}
	if len(rig.Mail(bob)) != 0 {
		t.Error("mail to the owner of a taken address")
	}
	a := follow(b, rig.Link("new@example.test", "change-email-verify"))
	if a.Status != 303 {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	looks(t, b.Get(strings.TrimPrefix(a.Location(), rig.Origin)), 200, "Email verified", `href="/account"`)
	looks(t, b.Get("/account"), 200, "new@example.test")
}

// plain is a page without what differs between any two answers.
func plain(markup string) string {
	_, body, _ := strings.Cut(markup, "<body>")
	var kept []string
	for _, part := range strings.Fields(body) {
		if !strings.Contains(part, "nonce") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, " ")
}

// TestEmailApproved: a verified address is asked before the new one.
func TestEmailApproved(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	leads(t, b.Form("/account/email/verify", nil), "/account")
	looks(t, b.Get("/account"), 200, "A link went to "+alice)
	b.Visit(rig.Link(alice, "verify-email"))
	looks(t, b.Get("/account"), 200, "Verified")
	leads(t, b.Form("/account/email/verify", nil), "/account")
	looks(t, b.Get("/account"), 200, "This address is verified already.")
	looks(t, b.Get("/account/email"), 200, "We send a link to your current address first")
	leads(t, b.Form("/account/email", form("newEmail", "new@example.test")), "/account/email")
	looks(t, b.Get("/account/email"), 200, "Waiting for your old address", "A link went to "+alice, "Agree there, and a second link goes to new@example.test.", "Send it again")
	first := rig.Link(alice, "change-email-confirm")
	leads(t, b.Form("/account/email/resend", nil), "/account/email")
	if again := b.Visit(first); !strings.Contains(again.Location(), "error=") {
		t.Errorf("the link before the last one still works: %d to %q", again.Status, again.Location())
	}
	follow(b, rig.Link(alice, "change-email-confirm"))
	looks(t, b.Get("/account/email"), 200, "Waiting for your new address", "Done")
	follow(b, rig.Link("new@example.test", "change-email-verify"))
	page := looks(t, b.Get("/account/email"), 200, "Now: new@example.test")
	if strings.Contains(page, "Waiting") {
		t.Error("a change that is done is waited for")
	}
	if mails := rig.Mail(alice); mails[len(mails)-1].Kind != "email-changed" {
		t.Errorf("the old address is not told: %v", mails)
	}
}

// TestEmailGivenUp: a change that was given up cannot be finished, and nobody else's is
// touched.
func TestEmailGivenUp(t *testing.T) {
	rig := newRig(t, nil)
	a, b := rig.SignUp("Alice", alice), rig.SignUp("Bob", bob)
	leads(t, a.Form("/account/email", form("newEmail", "a@example.test")), "/account/email")
	leads(t, b.Form("/account/email", form("newEmail", "b@example.test")), "/account/email")
	leads(t, a.Form("/account/email/cancel", nil), "/account/email")
	if page := looks(t, a.Get("/account/email"), 200, "Your address stays as it is."); strings.Contains(page, "a@example.test") {
		t.Error("what was given up is still there")
	}
	follow(a, rig.Link("a@example.test", "change-email-verify"))
	rig.User(alice)
	follow(b, rig.Link("b@example.test", "change-email-verify"))
	rig.User("b@example.test")
	leads(t, a.Form("/account/email/resend", nil), "/account/email")
	looks(t, a.Get("/account/email"), 200, "No change of address is waiting any more.")
}

// TestEmailWithoutMail: where no mail leaves the server, the page says so.
func TestEmailWithoutMail(t *testing.T) {
	rig := newRig(t, map[string]string{"url": "https://id.example.test"})
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/email"), 200, "This server sends no mail. Ask an administrator.")
	page := looks(t, b.Get("/account"), 200, "This server sends no mail now.")
	if strings.Contains(page, "Send me a link") {
		t.Error("offers a link that cannot be sent")
	}
}

// TestEmailOld: an old sign-in has to be proved again (SEC-041), and then the form that
// was sent is carried out.
func TestEmailOld(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	rig.Clock.Advance(11 * time.Minute)
	if page := looks(t, b.Get("/account/email"), 200); strings.Contains(page, "current-password") {
		t.Error("the form asks for the password by itself")
	}
	asked := looks(t, b.Form("/account/email", form("newEmail", "new@example.test")), 403, "Confirm it is you", `autocomplete="current-password"`)
	wrong := looks(t, b.Form("/step-up", fields(asked, "password", second)), 400, "This is not your password.")
	if len(rig.Mail("new@example.test")) != 0 {
		t.Fatal("a mail went out without proof")
	}
	leads(t, b.Form("/step-up", fields(wrong, "password", servertest.Password)), "/account/email")
	rig.Link("new@example.test", "change-email-verify")
}

// fields are the hidden fields of the form for a proof of identity, and more.
func fields(markup string, pairs ...string) url.Values {
	_, markup, _ = strings.Cut(markup, `action="/step-up"`)
	markup, _, _ = strings.Cut(markup, "</form>")
	v := form(pairs...)
	for _, name := range []string{"returnTo", "waiting", "strength"} {
		if _, rest, ok := strings.Cut(markup, `name="`+name+`" value="`); ok {
			value, _, _ := strings.Cut(rest, `"`)
			v.Set(name, html.UnescapeString(value))
		}
	}
	return v
}

func TestEmailClosed(t *testing.T) {
	rig := newRig(t, map[string]string{"user.change_email": "false"})
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/email"), 200, "Addresses are changed by an administrator here.")
	looks(t, b.Form("/account/email", form("newEmail", "new@example.test")), 400, "Addresses are changed by an administrator here.")
}

func TestPassword(t *testing.T) {
	rig := newRig(t, map[string]string{"password.revoke_sessions_on_change": "false"})
	b := rig.SignUp("Alice", alice)
	other := door(t, rig, alice, servertest.Password)
	looks(t, b.Get("/account/password"), 200, "Change password", `autocomplete="current-password"`, `autocomplete="new-password"`, `autocomplete="username"`)
	for _, c := range []struct{ now, next, says string }{
		{"wrong", second, "This is not your password."},
		{"", second, "This is not your password."},
		{servertest.Password, "short", "This password is too short."},
		{servertest.Password, "password1", "too easy to guess"},
	} {
		looks(t, b.Form("/account/password", form("currentPassword", c.now, "newPassword", c.next)), 400, c.says)
	}
	leads(t, b.Form("/account/password", form("currentPassword", servertest.Password, "newPassword", second)), "/account")
	looks(t, b.Get("/account"), 200, "Your password is saved.")
	looks(t, other.Get("/account"), 200)
	leads(t, b.Form("/account/password", form("currentPassword", second, "newPassword", servertest.Password, "revokeOtherSessions", "on")), "/account")
	looks(t, b.Get("/account"), 200)
	leads(t, other.Get("/account"), "/sign-in?returnTo=%2Faccount")
}

func TestSessions(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	phone := rig.Browser()
	phone.Address = "198.51.100.7:1"
	phone.Header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1")
	leads(t, phone.Form("/sign-in", form("email", alice, "password", servertest.Password)), "/")
	strange := rig.Browser()
	strange.Header.Set("User-Agent", `<script>alert(1)</script>`)
	leads(t, strange.Form("/sign-in", form("email", alice, "password", servertest.Password)), "/")
	bobs := rig.SignUp("Bob", bob)

	page := looks(t, b.Get("/account/sessions"), 200, "This device", "Safari on iOS", "198.51.100.7", "Sign out others")
	if strings.Contains(page, "<script>alert") {
		t.Error("a user agent became markup")
	}
	for _, holder := range []*servertest.Browser{b, phone, strange} {
		token, _, _ := strings.Cut(holder.Cookie("better-auth.session_token"), ".")
		if token == "" || strings.Contains(page, token) {
			t.Error("the page shows a session token")
		}
	}
	handle := handles(page)
	if len(handle) != 2 {
		t.Fatalf("handles %v", handle)
	}
	leads(t, bobs.Form("/account/sessions/revoke", form("id", handle[0])), "/account/sessions")
	looks(t, phone.Get("/account"), 200)
	looks(t, strange.Get("/account"), 200)

	looks(t, b.Get("/account/sessions/revoke-others"), 200, "2 other sessions end at once")
	leads(t, b.Form("/account/sessions/revoke", form("id", handle[0])), "/account/sessions")
	leads(t, strange.Get("/account"), "/sign-in?returnTo=%2Faccount")
	leads(t, b.Form("/account/sessions/revoke-others", nil), "/account/sessions")
	leads(t, phone.Get("/account"), "/sign-in?returnTo=%2Faccount")
	page = looks(t, b.Get("/account/sessions"), 200, "All other sessions are ended.")
	if strings.Contains(page, "Sign out others") {
		t.Error("offers to end sessions that are gone")
	}
	leads(t, b.Get("/account/sessions/revoke-others"), "/account/sessions")
	own := rig.Service().Handle(session(t, rig, alice))
	leads(t, b.Form("/account/sessions/revoke", form("id", own)), "/sign-in")
	leads(t, b.Get("/account"), "/sign-in?returnTo=%2Faccount")
}

// handles are the values that the page's forms end sessions by.
func handles(page string) []string {
	var list []string
	for _, part := range strings.Split(page, `name="id" value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		list = append(list, value)
	}
	return list
}

// TestConfirm: who signed in long ago proves again that it is them before the list of
// sessions is shown, and before an account is unlinked.
func TestConfirm(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	link(t, rig, alice, "github", "4711")
	id := handles(looks(t, b.Get("/account/linked"), 200))[0]
	old(rig)
	leads(t, b.Get("/account/sessions"), "/step-up?returnTo=%2Faccount%2Fsessions")
	asked := looks(t, b.Form("/account/linked/unlink", form("id", id)), 403, "Confirm it is you")
	looks(t, b.Get("/step-up?returnTo=/account/sessions"), 200, "Confirm it is you", `value="/account/sessions"`)
	looks(t, b.Form("/step-up", form("password", "wrong", "returnTo", "/account/sessions")), 400, "This is not your password.", `value="/account/sessions"`)
	leads(t, b.Form("/step-up", form("password", servertest.Password, "returnTo", evil)), "/account")
	looks(t, b.Get("/account/sessions"), 200, "This device")
	looks(t, b.Get("/account/linked"), 200, "4711")
	leads(t, b.Form("/step-up", fields(asked, "password", servertest.Password)), "/account/linked")
	looks(t, b.Get("/account/linked"), 200, "The account is unlinked.", "No linked accounts")
}

func TestLinked(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/linked"), 200, "No linked accounts")
	link(t, rig, alice, "github", "4711")
	page := looks(t, b.Get("/account/linked"), 200, "github", "4711", "Unlink")
	ids := handles(page)
	if len(ids) != 1 {
		t.Fatalf("ids %v", ids)
	}
	leads(t, b.Form("/account/linked/unlink", form("id", "unknown")), "/account/linked")
	looks(t, b.Get("/account/linked"), 200, "Account not found")
	leads(t, b.Form("/account/linked/unlink", form("id", ids[0])), "/account/linked")
	looks(t, b.Get("/account/linked"), 200, "The account is unlinked.", "No linked accounts")
}

func TestDelete(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/delete"), 200, "This cannot be undone.", `autocomplete="current-password"`)
	looks(t, b.Form("/account/delete", form("password", servertest.Password, "confirm", "yes")), 422, "Type your email address")
	looks(t, b.Form("/account/delete", form("password", second, "confirm", alice)), 400, "This is not your password.")
	looks(t, b.Form("/account/delete", form("confirm", alice)), 400, "This is not your password.")
	rig.User(alice)
	a := b.Form("/account/delete", form("password", servertest.Password, "confirm", "Alice@example.test"))
	leads(t, a, "/sign-in")
	if a.Header.Get("Clear-Site-Data") == "" || b.Cookie("better-auth.session_token") != "" {
		t.Error("something stays in the browser")
	}
	looks(t, b.Get("/sign-in"), 200, "Your account is deleted.")
	looks(t, b.Form("/sign-in", form("email", alice, "password", servertest.Password)), 401)
}

// TestDeleteByMail: the link of the mail leads to a button, and the button acts.
func TestDeleteByMail(t *testing.T) {
	rig := newRig(t, map[string]string{"user.delete_confirmation_mail": "true"})
	b := rig.SignUp("Alice", alice)
	leads(t, b.Form("/account/delete", form("password", servertest.Password, "confirm", alice)), "/account/delete?sent")
	looks(t, b.Get("/account/delete?sent"), 200, "Check your mail")
	a := b.Visit(rig.Link(alice, "delete-account"))
	if a.Status != 302 || !strings.Contains(a.Location(), "/account/delete?token=") {
		t.Fatalf("status %d to %q", a.Status, a.Location())
	}
	path := strings.TrimPrefix(a.Location(), rig.Origin)
	for range 2 {
		looks(t, b.Get(path), 200, "Delete your account?", alice)
	}
	parsed, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	token := parsed.Query().Get("token")
	stranger := rig.SignUp("Bob", bob)
	looks(t, stranger.Get("/account/delete?token="+token), 400, "This link does not work any more")
	looks(t, b.Form("/account/delete", form("token", "nonsense")), 400, "This link does not work any more")
	looks(t, b.Form("/account/delete", form("token", token, "returnTo", evil)), 403)
	looks(t, b.Get("/account/delete?callbackURL="+app+"&token="+token), 200, `name="returnTo" value="`+app+`"`)
	looks(t, b.Form("/account/delete", form("token", token, "returnTo", app)), 200, "One moment")
	looks(t, b.Form("/sign-in", form("email", alice, "password", servertest.Password)), 401)
}

func TestDeleteClosed(t *testing.T) {
	rig := newRig(t, map[string]string{"user.delete": "false"})
	b := rig.SignUp("Alice", alice)
	looks(t, b.Get("/account/delete"), 404)
	looks(t, b.Form("/account/delete", form("password", servertest.Password, "confirm", alice)), 404)
	if page := looks(t, b.Get("/account"), 200); strings.Contains(page, "/account/delete") {
		t.Error("the profile offers to delete")
	}
}
