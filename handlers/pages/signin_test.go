package pages_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/ent/session"
	"gatehouse/handlers/servertest"
)

func TestSignIn(t *testing.T) {
	rig := newRig(t, nil)
	rig.SignUp("Alice", alice)
	cases := []struct {
		name   string
		form   []string
		status int
		leads  string
		wants  []string
	}{
		{"in", []string{alice, servertest.Password}, 303, "/", nil},
		{"to a page", []string{alice, servertest.Password, "returnTo", "/account/sessions?x=1"}, 303, "/account/sessions?x=1", nil},
		{"to the own origin", []string{alice, servertest.Password, "returnTo", rig.Origin + "/account"}, 303, rig.Origin + "/account", nil},
		{"to a trusted app", []string{alice, servertest.Password, "returnTo", app + "/in?a=1"}, 200, "", []string{`content="0;url=` + app + `/in?a=1"`, "One moment"}},
		{"wrong password", []string{alice, "wrong-password-1"}, 401, "", []string{"Invalid email or password.", `value="` + alice + `"`}},
		{"unknown", []string{bob, "wrong-password-1"}, 401, "", []string{"Invalid email or password.", `value="` + bob + `"`}},
		{"no address", []string{"bob", "wrong-password-1"}, 400, "", []string{"This is not an email address.", `value="bob"`}},
		{"to a foreign page", []string{alice, servertest.Password, "returnTo", evil}, 403, "", nil},
		{"to a foreign host", []string{alice, servertest.Password, "returnTo", "//evil.example.test"}, 403, "", nil},
		{"behind a backslash", []string{alice, servertest.Password, "returnTo", `/\evil.example.test`}, 403, "", nil},
		{"to a script", []string{alice, servertest.Password, "returnTo", "javascript:alert(1)"}, 403, "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := rig.Browser()
			a := b.Form("/sign-in", door(c.form[0], c.form[1], c.form[2:]...))
			if c.leads != "" {
				leads(t, a, c.leads)
			} else {
				looks(t, a, c.status, c.wants...)
			}
			if signedIn(b) != (c.status < 400) {
				t.Errorf("signed in: %v", signedIn(b))
			}
		})
	}
}

func TestSignInPage(t *testing.T) {
	rig := newRig(t, nil)
	looks(t, rig.Browser().Get("/sign-in"), 200, "Nobody owns this server yet", `autocomplete="current-password"`, `href="/sign-up"`, `href="/forgot-password"`)
	b := rig.SignUp("Alice", alice)
	leads(t, b.Get("/sign-in?returnTo=%2Faccount%2Flinked"), "/account/linked")
	leads(t, b.Get("/sign-up"), "/")
	leads(t, b.Get("/sign-in?returnTo="+evil), "/")
	page := looks(t, rig.Browser().Get("/sign-in?returnTo="+evil), 200)
	if strings.Contains(page, `="`+evil) {
		t.Error("a form of the page leads to a foreign address")
	}
	looks(t, rig.Browser().Get("/sign-in?returnTo="+app), 200, `name="returnTo" value="`+app+`"`)
	looks(t, b.Get("/sign-in?returnTo="+app), 200, "One moment")
}

func TestForget(t *testing.T) {
	rig := newRig(t, nil)
	rig.SignUp("Alice", alice)
	b := rig.Browser()
	a := b.Form("/sign-in", form("email", alice, "password", servertest.Password))
	leads(t, a, "/")
	if c := a.Cookies()["better-auth.session_token"]; c == nil || c.MaxAge != 0 {
		t.Errorf("cookie %v outlives the browser", c)
	}
}

func TestHome(t *testing.T) {
	rig := newRig(t, nil)
	leads(t, rig.Browser().Get("/"), "/sign-in")
	leads(t, rig.SignUp("Alice", alice).Get("/"), "/account")
}

func TestSignOut(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	thief := rig.Browser()
	thief.Jar = b.Jar
	thief.Header.Set("Origin", evil)
	looks(t, thief.Form("/sign-out", nil), 403)
	looks(t, b.Get("/account"), 200)

	a := b.Form("/sign-out", nil)
	leads(t, a, "/sign-in")
	if a.Header.Get("Clear-Site-Data") == "" || signedIn(b) {
		t.Errorf("left behind: %v", a.Header)
	}
	looks(t, b.Get("/sign-in"), 200, "You are signed out.")
	leads(t, b.Get("/account"), "/sign-in?returnTo=%2Faccount")
	leads(t, rig.Browser().Form("/sign-out", nil), "/sign-in")
	looks(t, rig.SignIn(alice).Form("/sign-out", form("returnTo", app)), 200, "One moment")
	looks(t, rig.SignIn(alice).Form("/sign-out", form("returnTo", evil)), 403)
}

// TestThrottled: too many tries are told on the page, with what was typed.
func TestThrottled(t *testing.T) {
	rig := newRig(t, map[string]string{"rate_limit.account.delay_after": "1"})
	rig.SignUp("Alice", alice)
	b := rig.Browser()
	b.Address = "198.51.100.7:1"
	var a *servertest.Answer
	for range 4 {
		a = b.Form("/sign-in", door(alice, "wrong-password-1"))
	}
	looks(t, a, http.StatusTooManyRequests, "Too many tries. Try again in", `value="`+alice+`"`)
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	rig.Clock.Advance(time.Hour)
	leads(t, b.Form("/sign-in", door(alice, servertest.Password)), "/")
}

// TestLimited: the limit of an address answers with a page.
func TestLimited(t *testing.T) {
	rig := newRig(t, map[string]string{"rate_limit.enabled": "true"})
	b := rig.Browser()
	for range 3 {
		looks(t, b.Form("/sign-in", door("nobody", "x")), 400)
	}
	looks(t, b.Form("/sign-in", door("nobody", "x")), 429, "Please wait a moment")
	for range 3 {
		leads(t, b.Form("/forgot-password", form("email", bob)), "/forgot-password?sent")
	}
	looks(t, b.Form("/forgot-password", form("email", bob)), 429)
}

// TestTheme keeps the choice and returns to pages of this server only.
func TestTheme(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.Browser()
	leads(t, b.Form("/theme", form("theme", "dark", "returnTo", "/sign-up")), "/sign-up")
	looks(t, b.Get("/sign-in"), 200, `data-theme="dark"`)
	leads(t, b.Form("/theme", form("theme", "light", "returnTo", app)), "/")
	leads(t, b.Form("/theme", form("theme", "light", "returnTo", "//evil.example.test")), "/")
	leads(t, b.Form("/theme", form("theme", `"><script>`, "returnTo", "/sign-in")), "/sign-in")
	if page := looks(t, b.Get("/sign-in"), 200); strings.Contains(page, "data-theme=") {
		t.Error("an unknown theme is kept")
	}
}

func TestFailure(t *testing.T) {
	rig := newRig(t, nil)
	looks(t, rig.Browser().Get("/error?error=access_denied"), 400, "You said no", "Reference")
	page := looks(t, rig.Browser().Get("/error?error=%3Cscript%3Epay+here&error_description=pay+here"), 400, "This did not work")
	if strings.Contains(page, "pay here") {
		t.Error("the page repeats the query")
	}
	looks(t, rig.Browser().Get("/?error=state_mismatch"), 400, "This sign-in is over")
}

// TestNoMail: without any way to send mail nothing promises one.
func TestNoMail(t *testing.T) {
	rig := newRig(t, map[string]string{"url": "https://id.example.test"})
	page := looks(t, rig.Browser().Get("/sign-in"), 200)
	if strings.Contains(page, "/forgot-password") || strings.Contains(page, "Nobody owns") {
		t.Errorf("promises too much: %s", text(page))
	}
	looks(t, rig.Browser().Get("/forgot-password"), 404, "Ask an administrator")
	looks(t, rig.Browser().Form("/forgot-password", form("email", alice)), 400, "sends no mail")
	if c := rig.Browser().Form("/theme", form("theme", "dark")).Cookies()["gatehouse_theme"]; c == nil || !c.Secure {
		t.Errorf("cookie %v is not secure", c)
	}
}

// TestCompressed: pages are compressed with a length that differs from answer to answer;
// answers to forms and pages whose address holds a token are not.
func TestCompressed(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.Browser()
	b.Header.Set("Accept-Encoding", "gzip")
	lengths := map[int]bool{}
	for range 20 {
		a := b.Get("/sign-in").Want(http.StatusOK, "")
		if a.Header.Get("Content-Encoding") != "gzip" || !slices.Contains(a.Header.Values("Vary"), "Accept-Encoding") {
			t.Fatalf("%v", a.Header)
		}
		z, err := gzip.NewReader(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(z)
		if err != nil || !strings.Contains(string(page), "</html>") {
			t.Fatalf("%v: %.100s", err, page)
		}
		lengths[len(z.Name)] = true
	}
	if len(lengths) < 5 {
		t.Errorf("lengths %v", lengths)
	}
	for name, a := range map[string]*servertest.Answer{"form": b.Form("/sign-in", url.Values{"email": {"x"}}), "token": b.Get("/reset-password?token=x")} {
		if a.Header.Get("Content-Encoding") != "" || !strings.Contains(string(a.Body), "</html>") {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
	}
	b.Header.Set("Accept-Encoding", "gzip;q=0")
	if a := b.Get("/sign-in"); a.Header.Get("Content-Encoding") != "" {
		t.Errorf("%v", a.Header)
	}
}

// TestSignInSettings: what the sign-in page offers, and what it then takes.
func TestSignInSettings(t *testing.T) {
	rig := newRig(t, map[string]string{"sign_in.remember": "unchecked", "sign_in.forgot_link": "false", "sign_in.sign_up_link": "false"})
	page := looks(t, rig.Browser().Get("/sign-in"), 200, `name="rememberMe"`, `name="password"`)
	for _, gone := range []string{" checked", `href="/sign-up"`, `href="/forgot-password"`} {
		if strings.Contains(page, gone) {
			t.Errorf("the page has %q", gone)
		}
	}
	looks(t, rig.Browser().Get("/sign-up"), 200)

	rig = newRig(t, map[string]string{"sign_in.remember": "never"})
	if page := looks(t, rig.Browser().Get("/sign-in"), 200); strings.Contains(page, "rememberMe") {
		t.Error("the page offers to remember")
	}
	rig.SignUp("Alice", alice)
	a := rig.Browser().Form("/sign-in", door(alice, servertest.Password, "rememberMe", "on"))
	if c := a.Cookies()["better-auth.session_token"]; c == nil || c.MaxAge != 0 {
		t.Errorf("cookie %v outlives the browser", c)
	}
	row := rig.Host.DB.Access(t.Context()).Session().Query().Order(session.ByCreatedAt(), session.ByID()).AllX(t.Context())
	for _, s := range row {
		if s.Remembered || s.ExpiresAt.After(rig.Clock.Now().Add(24*time.Hour)) {
			t.Errorf("a session lives until %s", s.ExpiresAt)
		}
	}

	rig = newRig(t, nil)
	rig.SignUp("Alice", alice)
	if err := rig.Set.Apply(map[string]json.RawMessage{"sign_in.password": []byte("false")}); err != nil {
		t.Fatal(err)
	}
	if page := looks(t, rig.Browser().Get("/sign-in"), 200, "No way to sign in is switched on"); strings.Contains(page, `name="password"`) {
		t.Error("the page asks for a password")
	}
	b := rig.Browser()
	looks(t, b.Form("/sign-in", door(alice, servertest.Password)), 400)
	if signedIn(b) {
		t.Error("a password was taken")
	}
	looks(t, rig.Browser().Get("/sign-up"), 403)
	looks(t, rig.Browser().Form("/sign-up", form("name", "Alice", "email", alice, "password", servertest.Password)), 403)
	rig.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": alice, "password": servertest.Password}).Want(400, "EMAIL_PASSWORD_DISABLED")
	rig.Browser().Post("/api/auth/sign-up/email", map[string]any{"name": "A", "email": alice, "password": servertest.Password}).Want(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED")
}
