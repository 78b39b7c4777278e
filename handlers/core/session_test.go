package core_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

func TestListSessions(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	one := rig.SignUp("Alice", alice)
	rig.SignUp("Bob", bob)
	two := rig.SignIn(alice)
	own := two.Get("/api/auth/get-session").Text("session.token")
	list := two.Get("/api/auth/list-sessions").Want(200, "")
	if list.Text("0.token") != own || !strings.HasPrefix(list.Text("1.token"), "handle_") || list.Value("2") != nil {
		t.Fatalf("list %s", list.Body)
	}
	thief := rig.Browser()
	thief.Header.Set("Cookie", "better-auth.session_token="+rig.Host.Keys.Sign(list.Text("1.token")))
	if s := thief.Get("/api/auth/get-session"); string(s.Body) != "null" {
		t.Errorf("a handle signs in: %s", s.Body)
	}
	two.Post("/api/auth/revoke-session", body{"token": list.Text("1.token")}).Want(200, "")
	if s := one.Get("/api/auth/get-session"); string(s.Body) != "null" {
		t.Errorf("revoked session lives: %s", s.Body)
	}
	rig.Clock.Advance(25 * time.Hour)
	two.Get("/api/auth/list-sessions").Want(403, "SESSION_NOT_FRESH")
	rig.Browser().Get("/api/auth/list-sessions").Want(401, "UNAUTHORIZED")
}

func TestRevokeSession(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	a, b := rig.SignUp("Alice", alice), rig.SignUp("Bob", bob)
	token := b.Get("/api/auth/get-session").Text("session.token")
	for _, foreign := range []string{"no-such-token", token, "handle_" + b.Get("/api/auth/get-session").Text("session.id"), ""} {
		if ans := a.Post("/api/auth/revoke-session", body{"token": foreign}).Want(200, ""); string(ans.Body) != `{"status":true}` || len(ans.Header["Set-Cookie"]) != 0 {
			t.Errorf("%q: %s %v", foreign, ans.Body, ans.Header)
		}
	}
	if s := b.Get("/api/auth/get-session"); s.Text("session.token") != token {
		t.Error("somebody else's session ended")
	}
	a.Post("/api/auth/revoke-session", body{}).Want(400, "VALIDATION_ERROR")
	own := b.Post("/api/auth/revoke-session", body{"token": token}).Want(200, "")
	if len(own.Header["Set-Cookie"]) != 3 {
		t.Errorf("cookies %q", own.Header["Set-Cookie"])
	}
}

func TestRevokeSessions(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	one := rig.SignUp("Alice", alice)
	two, three := rig.SignIn(alice), rig.SignIn(alice)
	two.Do(http.MethodPost, "/api/auth/revoke-other-sessions", "", nil).Want(200, "")
	for name, b := range map[string]*servertest.Browser{"one": one, "three": three} {
		if s := b.Get("/api/auth/get-session"); string(s.Body) != "null" {
			t.Errorf("%s lives", name)
		}
	}
	a := two.Post("/api/auth/revoke-sessions", nil).Want(200, "")
	if len(a.Header["Set-Cookie"]) != 3 {
		t.Errorf("cookies %q", a.Header["Set-Cookie"])
	}
	two.Post("/api/auth/revoke-sessions", nil).Want(401, "UNAUTHORIZED")
}

func TestDeadSession(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	rig.Clock.Advance(8 * 24 * time.Hour)
	token := b.Cookie("better-auth.session_token")
	a := b.Get("/api/auth/get-session").Want(200, "")
	if string(a.Body) != "null" || len(a.Header["Set-Cookie"]) != 3 {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	c := rig.Browser()
	c.Header.Set("Cookie", "better-auth.session_token="+token)
	if u := c.Post("/api/auth/update-user", body{"name": "x"}).Want(401, "UNAUTHORIZED"); len(u.Header["Set-Cookie"]) != 3 {
		t.Errorf("%v", u.Header)
	}
}

func TestSessionLife(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	expiry := func(path string) time.Time {
		at, err := time.Parse(time.RFC3339, b.Get(path).Text("session.expiresAt"))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := expiry("/api/auth/get-session")
	rig.Clock.Advance(25 * time.Hour)
	if kept := expiry("/api/auth/get-session?disableRefresh=1"); !kept.Equal(first) {
		t.Errorf("refreshed to %v", kept)
	}
	a := b.Get("/api/auth/get-session")
	if c := a.Cookies()["better-auth.session_token"]; c == nil || c.MaxAge != 604800 {
		t.Errorf("cookies %v", a.Header)
	}
	if moved := expiry("/api/auth/get-session"); moved.Sub(first) < 24*time.Hour {
		t.Errorf("not refreshed: %v", moved)
	}
	for range 29 {
		rig.Clock.Advance(24 * time.Hour)
		a = b.Get("/api/auth/get-session")
	}
	if string(a.Body) != "null" {
		t.Errorf("outlives its absolute end: %s", a.Body)
	}
}

func TestDeferredRefresh(t *testing.T) {
	plain := servertest.New(t, servertest.Options{}).Browser()
	plain.Do(http.MethodPost, "/api/auth/get-session", "text/plain", []byte("x")).Want(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED")

	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"session.defer_refresh": "true"}})
	b := rig.SignUp("Alice", alice)
	if a := b.Get("/api/auth/get-session"); !strings.HasSuffix(string(a.Body), `,"needsRefresh":false}`) {
		t.Errorf("%s", a.Body)
	}
	rig.Clock.Advance(25 * time.Hour)
	if a := b.Get("/api/auth/get-session"); a.Value("needsRefresh") != true || len(a.Header["Set-Cookie"]) != 0 {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	if a := b.Get("/api/auth/get-session?disableRefresh=1"); a.Value("needsRefresh") != nil {
		t.Errorf("%s", a.Body)
	}
	a := b.Do(http.MethodPost, "/api/auth/get-session", "text/plain", []byte("anything")).Want(200, "")
	if a.Value("needsRefresh") != nil || a.Cookies()["better-auth.session_token"] == nil {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	if again := b.Get("/api/auth/get-session"); again.Value("needsRefresh") != false {
		t.Errorf("%s", again.Body)
	}
}

func TestCookieCache(t *testing.T) {
	for _, strategy := range []string{"compact", "jwt", "jwe"} {
		t.Run(strategy, func(t *testing.T) {
			rig := servertest.New(t, servertest.Options{Settings: map[string]string{
				"session.cookie_cache.enabled": "true", "session.cookie_cache.strategy": strategy, "session.defer_refresh": "true"}})
			b := rig.SignUp("Alice", alice)
			if b.Cookie("better-auth.session_data") == "" {
				t.Fatal("no cache cookie")
			}
			a := b.Get("/api/auth/get-session").Want(200, "")
			if a.Text("user.email") != alice || a.Value("needsRefresh") != nil || len(a.Header["Set-Cookie"]) != 0 {
				t.Errorf("%s %v", a.Body, a.Header)
			}
			order := regexp.MustCompile(`^{"session":{"id":"\w+","createdAt":"[^"]+","updatedAt":"[^"]+","userId":"\w+","expiresAt":"[^"]+","token":"\w+","ipAddress":"[^"]*","userAgent":"[^"]*"[,}].*` +
				`"user":{"id":"\w+","createdAt":"[^"]+","updatedAt":"[^"]+","email":"[^"]+","emailVerified":false,"name":"Alice","image":null[,}]`)
			if !order.Match(a.Body) {
				t.Errorf("order of the keys: %s", a.Body)
			}
			rig.SignIn(alice).Post("/api/auth/revoke-other-sessions", nil).Want(200, "")
			b.Get("/api/auth/get-session").Want(200, "")
			b.Post("/api/auth/revoke-sessions", nil).Want(401, "UNAUTHORIZED")
			if s := b.Get("/api/auth/get-session"); string(s.Body) != "null" {
				t.Errorf("revived: %s", s.Body)
			}
		})
	}
}

func TestUpdateSession(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{
		"session.fields": `{theme = {type = "string", required = false}, level = {type = "string", required = false, input = false}}`}})
	b := rig.SignUp("Alice", alice)
	refuse(t, b, []row{
		{"a list", "/update-session", []int{}, 400, "VALIDATION_ERROR", "[body] Invalid input: expected record, received array"},
		{"nothing", "/update-session", body{}, 400, "", "No fields to update"},
		{"core field alone", "/update-session", body{"userId": "x"}, 400, "", "No fields to update"},
		{"core field beside", "/update-session", body{"theme": "x", "expiresAt": "2040-01-01"}, 400, "FIELD_NOT_ALLOWED", "expiresAt is not allowed to be set"},
		{"closed field", "/update-session", body{"level": "x"}, 400, "FIELD_NOT_ALLOWED", "level is not allowed to be set"},
	})
	rig.Clock.Advance(time.Minute)
	a := b.Post("/api/auth/update-session", body{"theme": "dark"}).Want(200, "")
	if a.Text("session.theme") != "dark" || a.Cookies()["better-auth.session_token"] == nil || a.Value("user") != nil {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	if s := b.Get("/api/auth/get-session"); s.Text("session.theme") != "dark" || s.Text("session.updatedAt") == s.Text("session.createdAt") {
		t.Errorf("%s", s.Body)
	}
	rig.Browser().Post("/api/auth/update-session", body{}).Want(401, "UNAUTHORIZED")
}

func TestUpdateSessionGone(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"session.cookie_cache.enabled": "true",
		"session.fields": `{theme = {type = "string", required = false}}`}})
	b := rig.SignUp("Alice", alice)
	rig.SignIn(alice).Post("/api/auth/revoke-other-sessions", nil).Want(200, "")
	a := b.Post("/api/auth/update-session", body{"theme": "x"}).Want(401, "FAILED_TO_GET_SESSION")
	if len(a.Cookies()) != 3 {
		t.Errorf("cookies %q", a.Header["Set-Cookie"])
	}
}

func TestSessionExtra(t *testing.T) {
	adds := hooks(auth.Hooks{SessionRead: []auth.On[*auth.Reading]{{Class: auth.Observe, Do: func(_ context.Context, r *auth.Reading) error {
		r.Extra["zone"], r.Extra["badge"] = 1, "gold"
		return nil
	}}}})
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{adds}})
	a := rig.SignUp("Alice", alice).Get("/api/auth/get-session")
	if !strings.HasSuffix(string(a.Body), `,"badge":"gold","zone":1}`) {
		t.Errorf("%s", a.Body)
	}
}

// TestCookieLines looks at whole Set-Cookie lines (better-auth core 5.2).
func TestCookieLines(t *testing.T) {
	for _, tt := range []struct {
		settings map[string]string
		want     string
	}{
		{nil, `^better-auth\.session_token=[^;]+; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax$`},
		{map[string]string{"cookies.same_site": "strict"}, `; HttpOnly; SameSite=Strict$`},
		{map[string]string{"cookies.same_site": "none", "cookies.secure": "true"}, `^__Secure-better-auth\.session_token=[^;]+; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=None$`},
		{map[string]string{"cookies.same_site": "none"}, `; Path=/; HttpOnly; Secure; SameSite=None$`},
	} {
		if tt.settings == nil {
			tt.settings = map[string]string{}
		}
		tt.settings["mail.notices.device"] = "false" // which sets a cookie of its own
		rig := servertest.New(t, servertest.Options{Settings: tt.settings})
		a := rig.Browser().Post("/api/auth/sign-up/email", signUp(nil)).Want(200, "")
		lines := a.Header["Set-Cookie"]
		if len(lines) != 1 || !regexp.MustCompile(tt.want).MatchString(lines[0]) {
			t.Errorf("%v: %q, want %s", tt.settings, lines, tt.want)
		}
	}
}
