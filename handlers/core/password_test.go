package core_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/account"
	"gatehouse/handlers/servertest"
)

func change(over body) body {
	return with(body{"currentPassword": servertest.Password, "newPassword": good}, over)
}

func TestChangePasswordRefusals(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	const path = "/change-password"
	refuse(t, b, []row{
		{"nothing", path, body{}, 400, "VALIDATION_ERROR", "[body.newPassword] Invalid input: expected string, received undefined; [body.currentPassword] Invalid input: expected string, received undefined"},
		{"short", path, change(body{"newPassword": "short", "currentPassword": "wrong"}), 400, "PASSWORD_TOO_SHORT", ""},
		{"long", path, change(body{"newPassword": strings.Repeat("x", 129)}), 400, "PASSWORD_TOO_LONG", ""},
		{"long current", path, change(body{"currentPassword": strings.Repeat("x", 129)}), 400, "PASSWORD_TOO_LONG", ""},
		{"wrong current", path, change(body{"currentPassword": "wrong-wrong"}), 400, "INVALID_PASSWORD", "Invalid password"},
		{"common", path, change(body{"newPassword": "password1"}), 400, "PASSWORD_COMPROMISED", ""},
	})
	rig.SignIn(alice)
	rig.Browser().Post("/api/auth"+path, change(nil)).Want(401, "UNAUTHORIZED")
	ctx := t.Context()
	err := rig.Host.DB.InTx(ctx, func(ctx ctxT, tx *auth.Tx) error {
		return tx.Account().Update().Where(account.ProviderID("credential")).SetProviderID("elsewhere").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Post("/api/auth"+path, change(nil)).Want(400, "CREDENTIAL_ACCOUNT_NOT_FOUND")
}

func TestChangePassword(t *testing.T) {
	for _, c := range []struct {
		name    string
		setting string
		send    body
		revokes bool
	}{
		{"by default", "true", nil, true},
		{"as upstream", "false", nil, false},
		{"as upstream, asked", "false", body{"revokeOtherSessions": true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rig := servertest.New(t, servertest.Options{Settings: map[string]string{"password.revoke_sessions_on_change": c.setting}})
			b := rig.SignUp("Alice", alice)
			other := rig.SignIn(alice)
			before := b.Get("/api/auth/get-session").Text("session.token")
			a := b.Post("/api/auth/change-password", change(c.send)).Want(200, "")
			now := b.Get("/api/auth/get-session").Text("session.token")
			lives := string(other.Get("/api/auth/get-session").Body) != "null"
			if c.revokes && (a.Text("token") != now || now == before || lives) {
				t.Errorf("%s: token %s before %s, other lives %v", a.Body, now, before, lives)
			}
			if !c.revokes && (!strings.HasPrefix(string(a.Body), `{"token":null,"user":{"name":"Alice"`) || now != before || !lives || len(a.Header["Set-Cookie"]) != 0) {
				t.Errorf("%s %v", a.Body, a.Header)
			}
			rig.Link(alice, "password-changed")
			rig.Browser().Post("/api/auth/sign-in/email", signIn(nil)).Want(401, "")
			rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"password": good})).Want(200, "")
		})
	}
}

func TestNoticesOff(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"mail.notices.password": "false"}})
	rig.SignUp("Alice", alice).Post("/api/auth/change-password", change(nil)).Want(200, "")
	if n := len(rig.Mail(alice)); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestVerifyPassword(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	rig.Clock.Advance(time.Hour)
	refuse(t, b, []row{
		{"wrong", "/verify-password", body{"password": "wrong-wrong"}, 400, "INVALID_PASSWORD", "Invalid password"},
		{"long", "/verify-password", body{"password": strings.Repeat("x", 129)}, 400, "PASSWORD_TOO_LONG", ""},
	})
	old := rig.Host.DB.Access(t.Context()).Session().Query().OnlyX(t.Context())
	b.Post("/api/auth/verify-password", body{"password": servertest.Password}).Want(200, "")
	proved := rig.Host.DB.Access(t.Context()).Session().Query().OnlyX(t.Context())
	if proved.AuthenticatedAt.Sub(old.AuthenticatedAt) < time.Hour || !proved.UpdatedAt.Equal(old.UpdatedAt) {
		t.Errorf("proof at %v after %v, updated %v after %v", proved.AuthenticatedAt, old.AuthenticatedAt, proved.UpdatedAt, old.UpdatedAt)
	}
	rig.Browser().Post("/api/auth/verify-password", body{"password": "x"}).Want(401, "UNAUTHORIZED")
	b.Post("/api/auth/set-password", body{"newPassword": good}).Want(404, "")
}

func TestVerifyPasswordThrottled(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"rate_limit.account.delay_after": "1"}})
	b := rig.SignUp("Alice", alice)
	b.Address = "198.51.100.9:1"
	for range 2 {
		b.Post("/api/auth/verify-password", body{"password": "wrong-wrong"}).Want(400, "INVALID_PASSWORD")
	}
	b.Post("/api/auth/verify-password", body{"password": servertest.Password}).Want(429, "")
}

func resetLink(t *testing.T, rig *servertest.Rig) (link, token string) {
	t.Helper()
	a := rig.Browser().Post("/api/auth/request-password-reset", body{"email": alice, "redirectTo": "/new?a=b%20c#f"}).Want(200, "")
	if string(a.Body) != `{"status":true,"message":"If this email exists in our system, check your email for the reset link"}` {
		t.Errorf("%s", a.Body)
	}
	link = rig.Link(alice, "reset-password")
	token, _, _ = strings.Cut(strings.TrimPrefix(link, rig.Origin+"/api/auth/reset-password/"), "?")
	return link, token
}

func TestResetLink(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	link, token := resetLink(t, rig)
	if !strings.HasSuffix(link, "?callbackURL=%2Fnew%3Fa%3Db%2520c%23f") || len(token) != 24 {
		t.Errorf("link %s", link)
	}
	b := rig.Browser()
	for range 2 {
		if a := b.Visit(link).Want(302, ""); a.Location() != rig.Origin+"/new?a=b+c&token="+token+"#f" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%v", a.Header)
		}
	}
	if a := b.Get("/api/auth/reset-password/nonsense?callbackURL=%2Fnew").Want(302, ""); a.Location() != rig.Origin+"/new?error=INVALID_TOKEN" {
		t.Errorf("%v", a.Header)
	}
	if a := b.Get("/api/auth/reset-password/"+token+"?callbackURL=").Want(302, ""); a.Location() != rig.Origin+"/api/auth/error?error=INVALID_TOKEN" {
		t.Errorf("%v", a.Header)
	}
	b.Get("/api/auth/reset-password/"+token).Want(400, "VALIDATION_ERROR")
	b.Get("/api/auth/reset-password/"+token+"?callbackURL=https://evil.example").Want(403, "INVALID_CALLBACK_URL")
	b.Post("/api/auth/request-password-reset", body{"email": alice, "redirectTo": "https://evil.example"}).Want(403, "INVALID_REDIRECT_URL")
	b.Post("/api/auth/request-password-reset", body{"email": "nonsense"}).Want(400, "VALIDATION_ERROR")
}

func TestResetUnknownAddress(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	known := rig.Browser().Post("/api/auth/request-password-reset", body{"email": alice})
	unknown := rig.Browser().Post("/api/auth/request-password-reset", body{"email": bob})
	if string(known.Body) != string(unknown.Body) || known.Status != unknown.Status || len(known.Header) != len(unknown.Header) {
		t.Errorf("%v %v", known, unknown)
	}
	if n := rig.Host.DB.Access(t.Context()).Verification().Query().CountX(t.Context()); n != 2 || len(rig.Mail(bob)) != 0 {
		t.Errorf("%d values", n)
	}
}

func TestReset(t *testing.T) {
	for setting, ends := range map[string]bool{"true": true, "false": false} {
		t.Run("sessions end "+setting, func(t *testing.T) {
			rig := servertest.New(t, servertest.Options{Settings: map[string]string{"password.revoke_sessions_on_reset": setting}})
			b := rig.SignUp("Alice", alice)
			_, first := resetLink(t, rig)
			_, token := resetLink(t, rig)
			refuse(t, rig.Browser(), []row{
				{"no token", "/reset-password", body{"newPassword": good}, 400, "INVALID_TOKEN", "Invalid token"},
				{"nonsense", "/reset-password", body{"newPassword": good, "token": "nonsense"}, 400, "INVALID_TOKEN", ""},
				{"short", "/reset-password", body{"newPassword": "short", "token": token}, 400, "PASSWORD_TOO_SHORT", ""},
				{"short before unknown", "/reset-password", body{"newPassword": "short", "token": "nonsense"}, 400, "PASSWORD_TOO_SHORT", ""},
				{"long", "/reset-password", body{"newPassword": strings.Repeat("x", 129), "token": token}, 400, "PASSWORD_TOO_LONG", ""},
				{"common", "/reset-password", body{"newPassword": "password1", "token": token}, 400, "PASSWORD_COMPROMISED", ""},
			})
			a := rig.Browser().Post("/api/auth/reset-password?token="+token, body{"newPassword": good}).Want(200, "")
			if string(a.Body) != `{"status":true}` || len(a.Header["Set-Cookie"]) != 0 {
				t.Errorf("%s %v", a.Body, a.Header)
			}
			for _, used := range []string{token, first} {
				rig.Browser().Post("/api/auth/reset-password", body{"newPassword": good, "token": used}).Want(400, "INVALID_TOKEN")
			}
			if gone := string(b.Get("/api/auth/get-session").Body) == "null"; gone != ends {
				t.Errorf("session gone: %v", gone)
			}
			rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"password": good})).Want(200, "")
			if rig.User(alice).EmailVerified {
				t.Error("verified")
			}
			rig.Link(alice, "password-reset")
		})
	}
}

func TestResetExpires(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	_, token := resetLink(t, rig)
	rig.Clock.Advance(time.Hour)
	rig.Browser().Post("/api/auth/reset-password", body{"newPassword": good, "token": token}).Want(400, "INVALID_TOKEN")
}

func TestResetEndsThrottling(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"rate_limit.account.delay_after": "1"}})
	rig.SignUp("Alice", alice)
	b := rig.Browser()
	b.Address = "198.51.100.9:1"
	for range 2 {
		b.Post("/api/auth/sign-in/email", signIn(body{"password": "wrong-wrong"})).Want(401, "")
	}
	b.Post("/api/auth/sign-in/email", signIn(nil)).Want(429, "")
	_, token := resetLink(t, rig)
	b.Post("/api/auth/reset-password", body{"newPassword": good, "token": token}).Want(200, "")
	b.Post("/api/auth/sign-in/email", signIn(body{"password": good})).Want(200, "")
}

func TestSetPassword(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	ctx := t.Context()
	current := &auth.Current{User: rig.User(alice)}
	svc := rig.Service()
	if err := svc.SetPassword(ctx, current, good); auth.AsError(err).Code != "PASSWORD_ALREADY_SET" {
		t.Errorf("%v", err)
	}
	err := rig.Host.DB.InTx(ctx, func(ctx ctxT, tx *auth.Tx) error {
		_, err := tx.Account().Delete().Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.SetPassword(ctx, current, "short"); auth.AsError(err).Code != "PASSWORD_TOO_SHORT" {
		t.Errorf("%v", err)
	}
	if err := svc.SetPassword(ctx, current, good); err != nil {
		t.Fatal(err)
	}
	rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"password": good})).Want(200, "")
}
