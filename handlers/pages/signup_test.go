package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/handlers/servertest"
)

func TestSignUp(t *testing.T) {
	rig := newRig(t, nil)
	rig.SignUp("Bob", bob)
	ask := func(name, address, password string) []string {
		return []string{"name", name, "email", address, "password", password}
	}
	cases := []struct {
		name   string
		form   []string
		status int
		wants  []string
	}{
		{"taken", ask("Alice", bob, servertest.Password), 422, []string{"This address has an account already.", `value="Alice"`}},
		{"short", ask("Alice", alice, "short"), 400, []string{"This password is too short."}},
		{"known", ask("Alice", alice, "password1"), 400, []string{"too easy to guess"}},
		{"nameless", ask(" ", alice, servertest.Password), 400, []string{"A name is needed."}},
		{"long name", ask(strings.Repeat("a", 300), alice, servertest.Password), 400, []string{"This name is too long."}},
		{"no address", ask("Alice", "alice", servertest.Password), 400, []string{"This is not an email address.", `value="alice"`}},
		{"hostile", ask(`"><script>alert(1)</script>`, "x", servertest.Password), 400, []string{"&lt;script&gt;"}},
		{"foreign", append(ask("Alice", alice, servertest.Password), "returnTo", evil), 403, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := rig.Browser()
			looks(t, b.Form("/sign-up", form(c.form...)), c.status, c.wants...)
			if signedIn(b) {
				t.Error("signed in")
			}
		})
	}
	b := rig.Browser()
	looks(t, b.Get("/sign-up?returnTo=/account/linked"), 200, `autocomplete="new-password"`, `autocomplete="username"`, "At least 8 characters")
	leads(t, b.Form("/sign-up", form(ask("Alice", alice, servertest.Password)...)), "/")
	if !signedIn(b) {
		t.Error("not signed in")
	}
}

func TestSignUpClosed(t *testing.T) {
	rig := newRig(t, map[string]string{"sign_up.enabled": "false"})
	looks(t, rig.Browser().Get("/sign-up"), 403, "By invitation only")
	looks(t, rig.Browser().Form("/sign-up", form("name", "A", "email", alice, "password", servertest.Password)), 403, "By invitation only")
	if page := looks(t, rig.Browser().Get("/sign-in"), 200); strings.Contains(page, "/sign-up") {
		t.Error("the sign-in page offers to sign up")
	}
}

// TestSignUpVerified goes from the sign-up form over the mail to the page that was
// wanted, and cannot be told apart for a taken address (SEC-015).
func TestSignUpVerified(t *testing.T) {
	rig := newRig(t, map[string]string{"email_verification.required": "true"})
	sign := func(b *servertest.Browser) *servertest.Answer {
		return b.Form("/sign-up", form("name", "Alice", "email", alice, "password", servertest.Password, "returnTo", app+"/in"))
	}
	b, other := rig.Browser(), rig.Browser()
	first := sign(b)
	leads(t, first, "/verify-email?returnTo="+"https%3A%2F%2Fapp.example.test%2Fin")
	sent := looks(t, b.Get(first.Location()), 200, "Check your mail", alice, "Send it again")

	second := sign(other)
	leads(t, second, first.Location())
	if again := looks(t, other.Get(second.Location()), 200); text(again) != text(sent) {
		t.Errorf("a taken address is told:\n%s\n%s", text(sent), text(again))
	}

	looks(t, b.Form("/sign-in", door(alice, servertest.Password)), 403, "Verify your email first", "Send a new link")
	leads(t, b.Form("/verify-email/resend", form("email", alice, "returnTo", "/account")), "/verify-email?returnTo=%2Faccount")

	a := b.Visit(rig.Link(alice, "verify-email"))
	if a.Status != 302 {
		t.Fatalf("status %d", a.Status)
	}
	looks(t, b.Visit(absolute(rig, a.Location())), 200, "Email verified", `href="/account"`)
	leads(t, b.Form("/sign-in", door(alice, servertest.Password)), "/")
}

func absolute(rig *servertest.Rig, location string) string {
	if strings.HasPrefix(location, "/") {
		return rig.Origin + location
	}
	return location
}

// TestVerifyAsks: a link that would open a session leads to a button, and looking at it
// does nothing (SEC-095, decisions 37).
func TestVerifyAsks(t *testing.T) {
	rig := newRig(t, map[string]string{"email_verification.required": "true", "email_verification.auto_sign_in": "true"})
	b := rig.Browser()
	leads(t, b.Form("/sign-up", form("name", "Alice", "email", alice, "password", servertest.Password)), "/verify-email")
	a := b.Visit(rig.Link(alice, "verify-email"))
	if a.Status != 302 || !strings.Contains(a.Location(), "/verify-email?token=") {
		t.Fatalf("status %d to %q", a.Status, a.Location())
	}
	for range 2 {
		looks(t, b.Visit(absolute(rig, a.Location())), 200, "Is this you?", "Verify and sign in", alice)
	}
	if rig.User(alice).EmailVerified || signedIn(b) {
		t.Fatal("looking acted")
	}
	token := tokenOf(t, a.Location())
	thief := rig.Browser()
	thief.Header.Set("Origin", evil)
	looks(t, thief.Form("/verify-email", form("token", token)), 403)
	looks(t, b.Form("/verify-email", form("token", token, "returnTo", evil)), 403)
	if rig.User(alice).EmailVerified {
		t.Fatal("a refused post acted")
	}
	leads(t, b.Form("/verify-email", form("token", token, "returnTo", "/account")), "/account")
	if !rig.User(alice).EmailVerified || !signedIn(b) {
		t.Fatal("the button did not act")
	}
	leads(t, b.Visit(absolute(rig, a.Location())), "/verify-email?state=done")
	stranger := rig.Browser()
	stranger.Form("/verify-email", form("token", token))
	if signedIn(stranger) {
		t.Fatal("a used link signs in")
	}
}

func tokenOf(t *testing.T, location string) string {
	t.Helper()
	_, rest, ok := strings.Cut(location, "token=")
	token, _, _ := strings.Cut(rest, "&")
	if !ok || token == "" {
		t.Fatalf("no token in %q", location)
	}
	return token
}

func TestVerifyFailed(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.Browser()
	leads(t, b.Get("/verify-email"), "/sign-in")
	looks(t, b.Get("/verify-email?token=nonsense"), 400, "This link does not work any more", `action="/verify-email/resend"`)
	looks(t, b.Get("/verify-email?state=done&error=TOKEN_EXPIRED"), 400, "This link does not work any more")
	looks(t, b.Form("/verify-email", form("token", "nonsense")), 400, "This link does not work any more")
	looks(t, b.Form("/verify-email/resend", form("email", "nobody")), 422, "This is not an email address.")
	looks(t, b.Form("/verify-email/resend", form("email", alice, "returnTo", evil)), 403)
	looks(t, b.Get("/verify-email?state=done&returnTo="+evil), 200, `href="/"`)
	leads(t, b.Form("/verify-email/resend", form("email", "stranger@example.test")), "/verify-email")
	looks(t, b.Get("/verify-email"), 200, "stranger@example.test")
}

// TestNeededFields: what the settings want of a sign-up is asked for.
func TestNeededFields(t *testing.T) {
	rig := newRig(t, map[string]string{"user.fields": `{ favouriteColour = { type = "string", required = true, input = true }, shoeSize = { type = "number", required = true, input = true } }`})
	looks(t, rig.Browser().Get("/sign-up"), 200, "Favourite colour", "Shoe size")
	base := []string{"name", "Alice", "email", alice, "password", servertest.Password}
	looks(t, rig.Browser().Form("/sign-up", form(append(base, "favouriteColour", "red")...)), 400, "This is needed.", `value="red"`)
	looks(t, rig.Browser().Form("/sign-up", form(append(base, "favouriteColour", "red", "shoeSize", "big")...)), 400, "This is not a number.")
	b := rig.Browser()
	leads(t, b.Form("/sign-up", form(append(base, "favouriteColour", "red", "shoeSize", "41.5")...)), "/")
	if got := b.Get("/api/auth/get-session"); got.Value("user.favouriteColour") != "red" || got.Value("user.shoeSize") != 41.5 {
		t.Errorf("stored %s", got.Body)
	}
}

func TestForgotten(t *testing.T) {
	rig := newRig(t, nil)
	device := rig.SignUp("Alice", alice)
	b, other := rig.Browser(), rig.Browser()
	looks(t, b.Get("/forgot-password"), 200, "Forgot your password?")
	looks(t, b.Form("/forgot-password", form("email", "nobody")), 422, "This is not an email address.", `value="nobody"`)
	leads(t, b.Form("/forgot-password", form("email", alice)), "/forgot-password?sent")
	leads(t, other.Form("/forgot-password", form("email", "x"+alice)), "/forgot-password?sent")
	known := text(looks(t, b.Get("/forgot-password?sent"), 200, alice, "outbox of the console"))
	unknown := text(looks(t, other.Get("/forgot-password?sent"), 200))
	if strings.ReplaceAll(unknown, "x"+alice, alice) != known {
		t.Errorf("an unknown address is told:\n%s\n%s", known, unknown)
	}
	if len(rig.Mail("x"+alice)) != 0 {
		t.Error("mail to a stranger")
	}

	a := b.Visit(rig.Link(alice, "reset-password"))
	if a.Status != 302 || !strings.Contains(a.Location(), "/reset-password?token=") {
		t.Fatalf("status %d to %q", a.Status, a.Location())
	}
	path, token := absolute(rig, a.Location()), tokenOf(t, a.Location())
	for range 2 {
		looks(t, b.Visit(path), 200, "Choose a new password", `autocomplete="new-password"`, "All devices will be signed out.")
	}
	looks(t, b.Form("/reset-password", form("token", token, "newPassword", "short")), 400, "This password is too short.")
	looks(t, b.Form("/reset-password", form("token", token, "newPassword", "gatehouse12")), 400, "too easy to guess")
	looks(t, b.Form("/reset-password", form("token", token, "newPassword", servertest.Password+"2", "returnTo", evil)), 403)
	leads(t, b.Form("/reset-password", form("token", token, "newPassword", servertest.Password+"2")), "/sign-in")
	looks(t, b.Get("/sign-in"), 200, "Your password is changed.")
	looks(t, b.Visit(path), 400, "This link does not work any more")
	looks(t, b.Form("/reset-password", form("token", token, "newPassword", servertest.Password+"3")), 400, "This link does not work any more")
	looks(t, b.Get("/reset-password"), 400, "This link does not work any more")
	looks(t, b.Get("/reset-password?error=INVALID_TOKEN"), 400, "Send a new link")
	leads(t, device.Get("/account"), "/sign-in?returnTo=%2Faccount")
	looks(t, b.Form("/sign-in", door(alice, servertest.Password)), http.StatusUnauthorized)
	leads(t, b.Form("/sign-in", door(alice, servertest.Password+"2")), "/")
}
