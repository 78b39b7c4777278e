package core_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

func TestUpdateUser(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{
		"user.fields": `{nick = {type = "string", required = false}, level = {type = "string", required = false, input = false}}`}})
	b := rig.SignUp("Alice", alice)
	const path = "/update-user"
	refuse(t, b, []row{
		{"a list", path, []int{}, 400, "VALIDATION_ERROR", "[body] Invalid input: expected record, received array"},
		{"nothing", path, body{}, 400, "", "No fields to update"},
		{"unknown", path, body{"id": "x", "emailVerified": true, "role": "admin"}, 400, "", "No fields to update"},
		{"null name", path, body{"name": nil}, 400, "VALIDATION_ERROR", "[body.name] Invalid input: expected string, received null"},
		{"number for a name", path, body{"name": 1}, 400, "VALIDATION_ERROR", "[body.name] Invalid input: expected string, received number"},
		{"object for an image", path, body{"image": body{}}, 400, "VALIDATION_ERROR", "[body.image] Invalid input: expected string, received object"},
		{"address", path, body{"name": "x", "email": bob}, 400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"},
		{"closed field", path, body{"level": "x"}, 400, "FIELD_NOT_ALLOWED", "level is not allowed to be set"},
		{"script for an image", path, body{"image": "javascript:alert(1)"}, 400, "VALIDATION_ERROR", "The address of a picture begins with http:// or https://."},
		{"page for an image", path, body{"image": "data:text/html,<script>alert(1)</script>"}, 400, "VALIDATION_ERROR", ""},
		{"long name", path, body{"name": strings.Repeat("x", 256)}, 400, "VALIDATION_ERROR", ""},
	})
	a := b.Post("/api/auth/update-user", body{"name": "Cooper", "image": "https://p.example/c.png", "nick": "Al", "email": ""}).Want(200, "")
	if string(a.Body) != `{"status":true}` || a.Cookies()["better-auth.session_token"] == nil {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	s := b.Get("/api/auth/get-session")
	if s.Text("user.name") != "Cooper" || s.Text("user.image") != "https://p.example/c.png" || s.Text("user.nick") != "Al" {
		t.Errorf("%s", s.Body)
	}
	b.Post("/api/auth/update-user", body{"image": ""}).Want(200, "")
	b.Post("/api/auth/update-user", body{"image": nil}).Want(200, "")
	if s := b.Get("/api/auth/get-session"); s.Value("user.image") != nil || s.Text("user.name") != "Cooper" {
		t.Errorf("%s", s.Body)
	}
	rig.Browser().Post("/api/auth/update-user", body{}).Want(401, "UNAUTHORIZED")
}

func TestUpdateUserRenewsCache(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"session.cookie_cache.enabled": "true"}})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/update-user", body{"name": "Cooper"}).Want(200, "")
	if s := b.Get("/api/auth/get-session"); s.Text("user.name") != "Cooper" {
		t.Errorf("%s", s.Body)
	}
}

func TestDeleteUser(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	refuse(t, b, []row{
		{"long password", "/delete-user", body{"password": strings.Repeat("x", 129)}, 400, "PASSWORD_TOO_LONG", ""},
		{"wrong password", "/delete-user", body{"password": "wrong-wrong"}, 400, "INVALID_PASSWORD", "Invalid password"},
		{"unknown token", "/delete-user", body{"token": "nonsense"}, 404, "INVALID_TOKEN", "Invalid token"},
	})
	rig.Browser().Post("/api/auth/delete-user", body{}).Want(401, "UNAUTHORIZED")
	rig.Clock.Advance(25 * time.Hour)
	b.Post("/api/auth/delete-user", body{}).Want(400, "SESSION_EXPIRED")
	a := b.Post("/api/auth/delete-user", body{"password": servertest.Password}).Want(200, "")
	if string(a.Body) != `{"success":true,"message":"User deleted"}` || len(a.Cookies()) != 3 {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	for _, left := range []int{rig.Host.DB.Access(t.Context()).User().Query().CountX(t.Context()),
		rig.Host.DB.Access(t.Context()).Session().Query().CountX(t.Context()), rig.Host.DB.Access(t.Context()).Account().Query().CountX(t.Context())} {
		if left != 0 {
			t.Errorf("%d rows left", left)
		}
	}
}

func TestDeleteUserFresh(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice).Post("/api/auth/delete-user", body{}).Want(200, "")
}

func TestDeleteUserOff(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"user.delete": "false", "mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	if a := b.Post("/api/auth/delete-user", body{}).Want(404, ""); len(a.Body) != 0 {
		t.Errorf("%s", a.Body)
	}
	b.Get("/api/auth/delete-user/callback?token=x").Want(404, "NOT_FOUND")
}

func deletionRig(t *testing.T, links string) *servertest.Rig {
	return servertest.New(t, servertest.Options{Settings: map[string]string{"user.delete_confirmation_mail": "true", "mail.links": links}})
}

func TestDeleteByMail(t *testing.T) {
	rig := deletionRig(t, "direct")
	b, other := rig.SignUp("Alice", alice), rig.SignUp("Bob", bob)
	ask := func() string {
		a := b.Post("/api/auth/delete-user", body{"password": servertest.Password, "callbackURL": "/bye"}).Want(200, "")
		if a.Text("message") != "Verification email sent" || len(a.Header["Set-Cookie"]) != 0 {
			t.Fatalf("%s %v", a.Body, a.Header)
		}
		return rig.Link(alice, "delete-account")
	}
	link := ask()
	if !strings.HasSuffix(link, "&callbackURL=%2Fbye") {
		t.Errorf("link %s", link)
	}
	rig.Browser().Visit(link).Want(404, "FAILED_TO_GET_USER_INFO")
	b.Get("/api/auth/delete-user/callback?token=x&callbackURL=https://evil.example").Want(403, "INVALID_CALLBACK_URL")
	b.Get("/api/auth/delete-user/callback").Want(400, "VALIDATION_ERROR")
	b.Header.Set("Sec-Purpose", "prefetch;prerender")
	b.Visit(link).Want(425, "PREFETCH_NOT_ALLOWED")
	b.Header.Del("Sec-Purpose")
	if a := b.Do(http.MethodHead, strings.TrimPrefix(link, rig.Origin), "", nil); a.Status != 404 {
		t.Errorf("HEAD answers %d", a.Status)
	}
	other.Visit(link).Want(404, "INVALID_TOKEN")
	b.Visit(link).Want(404, "INVALID_TOKEN") // used up by the wrong owner
	a := b.Visit(ask()).Want(302, "")
	if a.Location() != "/bye" || len(a.Cookies()) != 3 {
		t.Errorf("%v", a.Header)
	}
	other.Post("/api/auth/delete-user", body{}).Want(200, "")
	token, _ := url.Parse(rig.Link(bob, "delete-account"))
	if a := other.Post("/api/auth/delete-user", body{"token": token.Query().Get("token")}).Want(200, ""); len(a.Cookies()) != 3 {
		t.Errorf("%v", a.Header)
	}
}

func TestDeletionEndsWithItsSession(t *testing.T) {
	rig := deletionRig(t, "direct")
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/delete-user", body{}).Want(200, "")
	link := rig.Link(alice, "delete-account")
	two := rig.SignIn(alice)
	b.Post("/api/auth/sign-out", nil).Want(200, "")
	two.Visit(link).Want(404, "INVALID_TOKEN")
	rig.User(alice)
}

func TestDeletionAsks(t *testing.T) {
	rig := deletionRig(t, "confirm")
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/delete-user", body{"callbackURL": "/bye"}).Want(200, "")
	a := b.Visit(rig.Link(alice, "delete-account")).Want(302, "")
	if !strings.HasPrefix(a.Location(), "/account/delete?token=") || !strings.HasSuffix(a.Location(), "&callbackURL=%2Fbye") {
		t.Errorf("%v", a.Header)
	}
	rig.User(alice)
}

func TestDeletionRefused(t *testing.T) {
	last := auth.E(403, "LAST", "The last one stays")
	guard := hooks(auth.Hooks{UserDeleting: []auth.On[*auth.UserChange]{{Class: auth.Refuse, Do: func(context.Context, *auth.UserChange) error { return last }}}})
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{guard}, Settings: map[string]string{
		"user.delete_confirmation_mail": "true", "mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/delete-user", body{}).Want(200, "")
	link := rig.Link(alice, "delete-account")
	b.Visit(link).Want(403, "LAST")
	b.Visit(link).Want(403, "LAST") // the token survives
	rig.User(alice)
}
