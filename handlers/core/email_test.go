package core_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/ent"
	"gatehouse/handlers/servertest"
)

const carol = "carol@example.test"

func verified(t *testing.T, rig *servertest.Rig, address string) {
	t.Helper()
	if _, err := rig.Host.Users.Patch(t.Context(), rig.User(address).ID, "test", nil, func(u *ent.UserUpdateOne) { u.SetEmailVerified(true) }); err != nil {
		t.Fatal(err)
	}
}

func TestSendVerification(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	a := rig.SignUp("Alice", alice)
	rig.SignUp("Bob", bob)
	const path = "/send-verification-email"
	refuse(t, a, []row{
		{"no address", path, body{"email": "nonsense"}, 400, "VALIDATION_ERROR", "[body.email] Invalid email address"},
		{"somebody else's", path, body{"email": bob}, 400, "EMAIL_MISMATCH", "Email mismatch"},
		{"untrusted", path, body{"email": alice, "callbackURL": "https://evil.example/"}, 403, "INVALID_CALLBACK_URL", ""},
	})
	a.Post("/api/auth"+path, body{"email": alice}).Want(200, "")
	if link := rig.Link(alice, "verify-email"); !strings.HasPrefix(link, rig.Origin+"/api/auth/verify-email?token=eyJ") || !strings.HasSuffix(link, "&callbackURL=%2F") {
		t.Errorf("link %s", link)
	}
	verified(t, rig, alice)
	a.Post("/api/auth"+path, body{"email": alice}).Want(400, "EMAIL_ALREADY_VERIFIED")
	before := len(rig.Mail(alice))
	for _, address := range []string{alice, bob, "nobody@example.test"} {
		start := time.Now()
		rig.Browser().Post("/api/auth"+path, body{"email": address}).Want(200, "")
		if took := time.Since(start); took < 500*time.Millisecond {
			t.Errorf("%s answered after %v", address, took)
		}
	}
	if len(rig.Mail(alice)) != before || len(rig.Mail(bob)) != 1 || len(rig.Mail("nobody@example.test")) != 0 {
		t.Error("mails went to the wrong people")
	}
	cross := rig.Browser()
	cross.Header.Set("Origin", "https://evil.example")
	cross.Post("/api/auth"+path, body{"email": bob}).Want(403, "INVALID_ORIGIN")
}

func TestWithoutMail(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"url": "https://auth.example.com", "email_verification.on_sign_up": "true"}})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/send-verification-email", body{"email": alice}).Want(400, "VERIFICATION_EMAIL_NOT_ENABLED")
	b.Post("/api/auth/request-password-reset", body{"email": alice}).Want(400, "RESET_PASSWORD_DISABLED")
	if a := b.Post("/api/auth/change-email", body{"newEmail": bob}).Want(400, ""); a.Text("message") != "Verification email isn't enabled" || a.Text("code") != "" {
		t.Errorf("%s", a.Body)
	}
	if n := len(rig.Mail(alice)); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func ask(t *testing.T, b *servertest.Browser, rig *servertest.Rig, callback string) string {
	t.Helper()
	b.Post("/api/auth/send-verification-email", body{"email": alice, "callbackURL": callback}).Want(200, "")
	return rig.Link(alice, "verify-email")
}

func TestVerifyEmail(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	link := ask(t, b, rig, "/welcome?x=1")
	stranger := rig.Browser()
	if a := stranger.Do(http.MethodHead, strings.TrimPrefix(link, rig.Origin), "", nil); a.Status != 404 || rig.User(alice).EmailVerified {
		t.Fatal("HEAD acts")
	}
	if a := stranger.Visit(link).Want(302, ""); a.Location() != "/welcome?x=1" || len(a.Header["Set-Cookie"]) != 0 || len(a.Body) != 0 {
		t.Errorf("%v", a.Header)
	}
	if !rig.User(alice).EmailVerified {
		t.Fatal("not verified")
	}
	if a := b.Visit(link).Want(302, ""); a.Location() != "/welcome?x=1" {
		t.Errorf("again: %v", a.Header)
	}
	if a := b.Get(strings.TrimPrefix(strings.Split(link, "&")[0], rig.Origin)).Want(200, ""); string(a.Body) != `{"status":true,"user":null}` {
		t.Errorf("again: %s", a.Body)
	}
	rig.Clock.Advance(2 * time.Hour)
	b.Get(strings.TrimPrefix(strings.Split(link, "&")[0], rig.Origin)).Want(401, "TOKEN_EXPIRED")
}

func TestVerifyEmailRefusals(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	const path = "/api/auth/verify-email"
	b.Get(path).Want(400, "VALIDATION_ERROR")
	b.Get(path+"?token=nonsense").Want(401, "INVALID_TOKEN")
	b.Get(path+"?token=nonsense&callbackURL=https://evil.example").Want(403, "INVALID_CALLBACK_URL")
	if a := b.Get(path+"?token=nonsense&callbackURL=%2Fwelcome%3Fa%3D%2520%23f").Want(302, ""); a.Location() != "/welcome?a=%20&error=INVALID_TOKEN#f" {
		t.Errorf("%v", a.Header)
	}
	link := ask(t, b, rig, "")
	b.Header.Set("Purpose", "prefetch")
	b.Visit(link).Want(425, "")
	b.Header.Del("Purpose")
	if rig.User(alice).EmailVerified {
		t.Fatal("a prefetch acts")
	}
	// The address moves on: the link is void, also for whoever takes the address.
	if _, err := rig.Host.Users.Patch(t.Context(), rig.User(alice).ID, "test", nil, func(u *ent.UserUpdateOne) { u.SetEmail(carol) }); err != nil {
		t.Fatal(err)
	}
	rig.SignUp("Other", alice)
	if a := rig.Browser().Visit(link).Want(302, ""); a.Location() != "/?error=INVALID_TOKEN" {
		t.Errorf("%v", a.Header)
	}
	if rig.User(alice).EmailVerified || rig.User(carol).EmailVerified {
		t.Error("verified")
	}
	// Tokens of other purposes mean nothing here.
	b.Post("/api/auth/request-password-reset", body{"email": carol, "redirectTo": "/r"}).Want(200, "")
	reset := strings.TrimPrefix(strings.Split(rig.Link(carol, "reset-password"), "?")[0], rig.Origin+"/api/auth/reset-password/")
	b.Get(path+"?token="+reset).Want(401, "INVALID_TOKEN")
}

func TestVerifySignsIn(t *testing.T) {
	set := map[string]string{"email_verification.required": "true", "email_verification.auto_sign_in": "true"}
	t.Run("after a button", func(t *testing.T) {
		rig := servertest.New(t, servertest.Options{Settings: set})
		b := rig.SignUp("Alice", alice)
		link := rig.Link(alice, "verify-email")
		a := b.Visit(link).Want(302, "")
		if !strings.HasPrefix(a.Location(), "/verify-email?token=eyJ") || !strings.HasSuffix(a.Location(), "&callbackURL=%2F") || rig.User(alice).EmailVerified {
			t.Errorf("%v", a.Header)
		}
	})
	t.Run("at once", func(t *testing.T) {
		set["mail.links"] = "direct"
		rig := servertest.New(t, servertest.Options{Settings: set})
		b := rig.SignUp("Alice", alice)
		link := rig.Link(alice, "verify-email")
		if a := b.Visit(link).Want(302, ""); a.Cookies()["better-auth.session_token"] == nil {
			t.Errorf("%v", a.Header)
		}
		if s := b.Get("/api/auth/get-session"); s.Value("user.emailVerified") != true {
			t.Errorf("%s", s.Body)
		}
		if a := rig.Browser().Visit(link).Want(302, ""); len(a.Header["Set-Cookie"]) != 0 {
			t.Errorf("the second visit signs in: %v", a.Header)
		}
	})
	t.Run("own session kept", func(t *testing.T) {
		rig := servertest.New(t, servertest.Options{Settings: map[string]string{"email_verification.auto_sign_in": "true", "mail.links": "direct"}})
		b := rig.SignUp("Alice", alice)
		token := b.Get("/api/auth/get-session").Text("session.token")
		if a := b.Visit(ask(t, b, rig, "/")).Want(302, ""); a.Cookies()["better-auth.session_token"] == nil {
			t.Errorf("%v", a.Header)
		}
		if s := b.Get("/api/auth/get-session"); s.Text("session.token") != token {
			t.Errorf("another session: %s", s.Body)
		}
	})
}

func TestChangeEmailRefusals(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	refuse(t, b, []row{
		{"no address", "/change-email", body{"newEmail": "x"}, 400, "VALIDATION_ERROR", "[body.newEmail] Invalid email address"},
		{"the same", "/change-email", body{"newEmail": "ALICE@example.test"}, 400, "", "Email is the same"},
		{"untrusted", "/change-email", body{"newEmail": bob, "callbackURL": "https://evil.example"}, 403, "INVALID_CALLBACK_URL", ""},
	})
	rig.Browser().Post("/api/auth/change-email", body{"newEmail": bob}).Want(401, "UNAUTHORIZED")
	rig.Clock.Advance(25 * time.Hour)
	b.Post("/api/auth/change-email", body{"newEmail": bob}).Want(403, "SESSION_NOT_FRESH")
	off := servertest.New(t, servertest.Options{Settings: map[string]string{"user.change_email": "false"}})
	off.SignUp("Alice", alice).Post("/api/auth/change-email", body{"newEmail": bob}).Want(400, "CHANGE_EMAIL_DISABLED")
}

func TestChangeEmailVerified(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	verified(t, rig, alice)
	b.Post("/api/auth/change-email", body{"newEmail": "Carol@example.test", "callbackURL": "/done"}).Want(200, "")
	approve := rig.Link(alice, "change-email-confirm")
	if len(rig.Mail(carol)) != 0 {
		t.Error("the new address was asked before the old one")
	}
	other := rig.SignUp("Bob", bob)
	if a := other.Visit(approve).Want(302, ""); a.Location() != "/done?error=INVALID_USER" {
		t.Errorf("%v", a.Header)
	}
	if a := rig.Browser().Visit(approve).Want(302, ""); a.Location() != "/done" || len(a.Header["Set-Cookie"]) != 0 {
		t.Errorf("%v", a.Header)
	}
	if a := rig.Browser().Visit(approve).Want(302, ""); a.Location() != "/done?error=INVALID_TOKEN" {
		t.Errorf("used twice: %v", a.Header)
	}
	change := rig.Link(carol, "change-email-verify")
	if rig.User(alice).Email != alice {
		t.Fatal("changed too early")
	}
	a := b.Get(strings.TrimPrefix(strings.Split(change, "&")[0], rig.Origin)).Want(200, "")
	if a.Text("user.email") != carol || a.Value("user.emailVerified") != true || a.Cookies()["better-auth.session_token"] == nil {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	rig.Link(alice, "email-changed")
	if s := b.Get("/api/auth/get-session"); s.Text("user.email") != carol {
		t.Errorf("%s", s.Body)
	}
	b.Get(strings.TrimPrefix(strings.Split(change, "&")[0], rig.Origin)).Want(401, "INVALID_TOKEN")
}

// TestChangeEmailAsks: opening a link of a change does nothing: a button does (SEC-095).
func TestChangeEmailAsks(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	verified(t, rig, alice)
	b.Post("/api/auth/change-email", body{"newEmail": carol, "callbackURL": "/done"}).Want(200, "")
	for range 2 {
		if a := rig.Browser().Visit(rig.Link(alice, "change-email-confirm")).Want(302, ""); !strings.HasPrefix(a.Location(), "/verify-email?token=") {
			t.Fatalf("leads to %s", a.Location())
		}
	}
	if len(rig.Mail(carol)) != 0 {
		t.Error("opening the link acted")
	}
}

func TestChangeEmailUnverified(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/change-email", body{"newEmail": carol}).Want(200, "")
	if len(rig.Mail(alice)) != 0 {
		t.Error("an address that nobody verified was asked")
	}
	if a := rig.Browser().Visit(rig.Link(carol, "change-email-verify")).Want(302, ""); len(a.Header["Set-Cookie"]) != 0 {
		t.Errorf("%v", a.Header)
	}
	if u := rig.User(carol); u.EmailVerified {
		t.Error("the mark of the old address changed")
	}
}

func TestChangeEmailTaken(t *testing.T) {
	for name, prove := range map[string]bool{"verified": true, "unverified": false} {
		t.Run(name, func(t *testing.T) {
			rig := servertest.New(t, servertest.Options{})
			b := rig.SignUp("Alice", alice)
			rig.SignUp("Bob", bob)
			if prove {
				verified(t, rig, alice)
			}
			free := b.Post("/api/auth/change-email", body{"newEmail": carol}).Want(200, "")
			mails := len(rig.Mail(alice))
			taken := b.Post("/api/auth/change-email", body{"newEmail": bob}).Want(200, "")
			if string(free.Body) != string(taken.Body) || len(free.Header) != len(taken.Header) {
				t.Errorf("%v\n%v", free, taken)
			}
			if len(rig.Mail(bob)) != 0 || len(rig.Mail(alice)) != mails {
				t.Error("mails for a taken address")
			}
		})
	}
}

func TestChangeEmailMeanwhileTaken(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/change-email", body{"newEmail": carol}).Want(200, "")
	rig.SignUp("Carol", carol)
	a := b.Visit(rig.Link(carol, "change-email-verify")).Want(302, "")
	if a.Location() != "/?error=USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" || rig.User(alice).Name != "Alice" {
		t.Errorf("%v", a.Header)
	}
}

func TestChangeEmailAtOnce(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"user.update_email_without_verification": "true"}})
	b := rig.SignUp("Alice", alice)
	rig.SignUp("Bob", bob)
	taken := b.Post("/api/auth/change-email", body{"newEmail": bob}).Want(200, "")
	rig.User(alice)
	free := b.Post("/api/auth/change-email", body{"newEmail": carol}).Want(200, "")
	if len(taken.Cookies()) != len(free.Cookies()) || free.Cookies()["better-auth.session_token"] == nil {
		t.Errorf("%v\n%v", taken.Header, free.Header)
	}
	rig.User(carol)
	rig.Link(carol, "verify-email")
	rig.Link(alice, "email-changed")
}
