package core_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

const (
	alice = "alice@example.test"
	bob   = "bob@example.test"
	good  = "another-Good-1-password"
)

// stub is a plugin made of its contribution.
type stub plugins.Contribution

func (stub) Manifest() plugins.Manifest { return plugins.Manifest{ID: "stub", Name: "Stub"} }

func (s stub) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution(s), nil
}

func hooks(h auth.Hooks) stub { return stub{Moments: plugins.Moments{Hooks: h}} }

type body = map[string]any

func with(base, over body) body {
	merged := body{}
	for k, v := range base {
		merged[k] = v
	}
	for k, v := range over {
		merged[k] = v
		if v == nil {
			delete(merged, k)
		}
	}
	return merged
}

func signUp(over body) body {
	return with(body{"name": "Alice", "email": alice, "password": servertest.Password}, over)
}

func signIn(over body) body {
	return with(body{"email": alice, "password": servertest.Password}, over)
}

// row is one refusal: what is sent, and the status, code and message that come back.
type row struct {
	name, path string
	send       any
	status     int
	code, text string
}

func refuse(t *testing.T, b *servertest.Browser, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			a := b.Post("/api/auth"+r.path, r.send)
			if a.Status != r.status || a.Text("code") != r.code || r.text != "" && a.Text("message") != r.text {
				t.Errorf("%d %s, want %d %s %q", a.Status, a.Body, r.status, r.code, r.text)
			}
		})
	}
}

func TestSignUp(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.Browser()
	a := b.Post("/api/auth/sign-up/email", signUp(body{"email": "Alice@Example.test", "image": "https://p.example/a.png"})).Want(200, "")
	if !strings.HasPrefix(string(a.Body), `{"token":"`) || len(a.Text("token")) != 32 {
		t.Errorf("body %s", a.Body)
	}
	want := `"user":{"name":"Alice","email":"alice@example.test","emailVerified":false,"image":"https://p.example/a.png","createdAt":"2030-01-02T03:04:0`
	if !strings.Contains(string(a.Body), want) {
		t.Errorf("body %s\nwant %s", a.Body, want)
	}
	if c := a.Cookies()["better-auth.session_token"]; c == nil || c.MaxAge != 604800 || !c.HttpOnly {
		t.Errorf("cookie %v", c)
	}
	s := b.Get("/api/auth/get-session").Want(200, "")
	if s.Text("session.token") != a.Text("token") || s.Text("user.id") != a.Text("user.id") || s.Value("needsRefresh") != nil {
		t.Errorf("session %s", s.Body)
	}
	if s.Header.Get("Cache-Control") != "no-store" || s.Header.Get("Pragma") != "no-cache" || s.Header.Get("Content-Type") != "application/json" {
		t.Errorf("header %v", s.Header)
	}
	if mails := rig.Mail(alice); len(mails) != 0 {
		t.Errorf("mails %v", mails)
	}
}

func TestSignUpRefusals(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{
		"user.fields": `{nick = {type = "string", required = true}, level = {type = "string", input = false, required = false}}`}})
	bobs := signUp(body{"email": bob, "nick": "b"})
	rig.Browser().Post("/api/auth/sign-up/email", bobs).Want(200, "")
	const path = "/sign-up/email"
	ok := signUp(body{"nick": "a"})
	refuse(t, rig.Browser(), []row{
		{"no name", path, with(ok, body{"name": nil}), 400, "VALIDATION_ERROR", "[body.name] Invalid input: expected string, received undefined"},
		{"no address", path, with(ok, body{"email": "not-an-address"}), 400, "VALIDATION_ERROR", "[body.email] Invalid email address"},
		{"empty password", path, with(ok, body{"password": ""}), 400, "VALIDATION_ERROR", "[body.password] Too small: expected string to have >=1 characters"},
		{"null image", path, `{"name":"A","email":"a@b.co","password":"12345678","image":null}`, 400, "VALIDATION_ERROR", "[body.image] Invalid input: expected string, received null"},
		{"text for a flag", path, with(ok, body{"rememberMe": "false"}), 400, "VALIDATION_ERROR", "[body.rememberMe] Invalid input: expected boolean, received string"},
		{"short", path, with(ok, body{"password": "seven77"}), 400, "PASSWORD_TOO_SHORT", "Password too short"},
		{"long", path, with(ok, body{"password": strings.Repeat("x", 129)}), 400, "PASSWORD_TOO_LONG", "Password too long"},
		{"common", path, with(ok, body{"password": "password1"}), 400, "PASSWORD_COMPROMISED", ""},
		{"long name", path, with(ok, body{"name": strings.Repeat("ä", 128)}), 400, "VALIDATION_ERROR", ""},
		{"long address", path, with(ok, body{"email": strings.Repeat("a", 250) + "@b.example"}), 400, "VALIDATION_ERROR", ""},
		{"NUL", path, with(ok, body{"name": "a\x00b"}), 400, "VALIDATION_ERROR", ""},
		{"missing field", path, signUp(nil), 400, "MISSING_FIELD", "nick is required"},
		{"forbidden field", path, with(ok, body{"level": "boss"}), 400, "FIELD_NOT_ALLOWED", "level is not allowed to be set"},
		{"script for an image", path, with(ok, body{"image": "javascript:alert(1)"}), 400, "VALIDATION_ERROR", "The address of a picture begins with http:// or https://."},
		{"taken", path, with(bobs, body{"email": "BOB@example.test"}), 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email."},
		{"untrusted callback", path, with(ok, body{"callbackURL": "https://evil.example"}), 403, "INVALID_CALLBACK_URL", "Invalid callbackURL"},
	})
	a := rig.Browser().Post("/api/auth/sign-up/email", with(ok, body{"level": "", "id": "mine", "emailVerified": true, "createdAt": "x"})).Want(200, "")
	if a.Text("user.nick") != "a" || a.Value("user.emailVerified") != false || a.Text("user.id") == "mine" {
		t.Errorf("body %s", a.Body)
	}
}

func TestSignUpWithoutBody(t *testing.T) {
	b := servertest.New(t, servertest.Options{}).Browser()
	two := "[body] Invalid input: expected object, received %; [body] Invalid input: expected record, received %"
	for send, got := range map[string]string{"": "undefined", "[]": "array", "null": "null", "1": "number"} {
		a := b.Do(http.MethodPost, "/api/auth/sign-up/email", "application/json", []byte(send)).Want(400, "VALIDATION_ERROR")
		if want := strings.ReplaceAll(two, "%", got); a.Text("message") != want {
			t.Errorf("%q: %s, want %s", send, a.Body, want)
		}
	}
}

func TestSignUpClosed(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"sign_up.enabled": "false"}})
	rig.Browser().Post("/api/auth/sign-up/email", signUp(nil)).Want(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED")
}

// mask hides what may differ between two sign-ups.
func mask(raw []byte) string {
	raw = regexp.MustCompile(`"id":"[A-Za-z0-9]{32}"`).ReplaceAll(raw, []byte(`"id":"*"`))
	return string(regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`).ReplaceAll(raw, []byte("*")))
}

func TestSignUpUniform(t *testing.T) {
	marked := hooks(auth.Hooks{UserCreating: []auth.On[*auth.UserDraft]{{Class: auth.Observe, Do: func(_ context.Context, d *auth.UserDraft) error {
		d.Fields["grade"] = "new"
		return nil
	}}}})
	marked.Fields = []auth.Field{{Entity: "user", Name: "grade", Type: "string", Returned: true}}
	for name, set := range map[string]map[string]string{
		"verification required": {"email_verification.required": "true"},
		"no automatic sign-in":  {"sign_up.auto_sign_in": "false"},
	} {
		t.Run(name, func(t *testing.T) {
			rig := servertest.New(t, servertest.Options{Settings: set, Plugins: []plugins.Plugin{marked}})
			send := func(name, address string) (string, http.Header) {
				a := rig.Browser().Post("/api/auth/sign-up/email", signUp(body{"name": name, "email": address})).Want(200, "")
				a.Header.Del("X-Request-Id")
				return mask(a.Body), a.Header
			}
			fresh, freshHeader := send("Same", alice)
			before := rig.User(alice)
			taken, takenHeader := send("Same", "ALICE@example.test")
			if fresh != taken || !strings.HasPrefix(fresh, `{"token":null,"user":{"name":"Same"`) || !strings.Contains(fresh, `"grade":"new"`) {
				t.Errorf("fresh %s\ntaken %s", fresh, taken)
			}
			if len(freshHeader) != len(takenHeader) || freshHeader.Get("Set-Cookie") != "" {
				t.Errorf("fresh %v\ntaken %v", freshHeader, takenHeader)
			}
			after := rig.User(alice)
			if after.Email != before.Email || !after.UpdatedAt.Equal(before.UpdatedAt) {
				t.Errorf("the owner changed: %v to %v", before, after)
			}
			if n := rig.Host.DB.Access(t.Context()).User().Query().CountX(t.Context()); n != 1 {
				t.Errorf("%d users", n)
			}
			rig.Link(alice, "existing-account")
		})
	}
}

func TestSignUpRefusedByPlugin(t *testing.T) {
	no := auth.E(403, "validation_failed", "User validation failed")
	refusing := hooks(auth.Hooks{UserCreating: []auth.On[*auth.UserDraft]{{Class: auth.Refuse, Do: func(context.Context, *auth.UserDraft) error { return no }}}})
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{refusing}})
	rig.Browser().Post("/api/auth/sign-up/email", signUp(nil)).Want(403, "validation_failed")
	if n := rig.Host.DB.Access(t.Context()).User().Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d users", n)
	}
}

func TestSignIn(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	a := rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"email": "ALICE@example.test", "callbackURL": "/inside?x=1"})).Want(200, "")
	if a.Location() != "/inside?x=1" || a.Value("redirect") != true || a.Text("url") != "/inside?x=1" || len(a.Text("token")) != 32 {
		t.Errorf("%v %s", a.Header, a.Body)
	}
	plain := rig.Browser().Post("/api/auth/sign-in/email", signIn(nil)).Want(200, "")
	if !strings.HasPrefix(string(plain.Body), `{"redirect":false,"token":"`) || strings.Contains(string(plain.Body), `"url"`) || plain.Location() != "" {
		t.Errorf("%s", plain.Body)
	}
	form := rig.Browser().Form("/api/auth/sign-in/email", url.Values{"email": {alice}, "password": {servertest.Password}})
	form.Want(200, "")
	rig.Browser().Form("/api/auth/sign-in/email", url.Values{"email": {alice}, "password": {"x"}, "rememberMe": {"false"}}).Want(400, "VALIDATION_ERROR")
}

func TestSignInForgetful(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	b := rig.Browser()
	a := b.Post("/api/auth/sign-in/email", signIn(body{"rememberMe": false})).Want(200, "")
	set := a.Cookies()
	if set["better-auth.session_token"].MaxAge != 0 || set["better-auth.dont_remember"] == nil {
		t.Errorf("cookies %v", a.Header["Set-Cookie"])
	}
	expires, err := time.Parse(time.RFC3339, b.Get("/api/auth/get-session").Text("session.expiresAt"))
	if left := expires.Sub(rig.Clock.Now()); err != nil || left > 24*time.Hour || left < 23*time.Hour {
		t.Errorf("expires in %v, %v", left, err)
	}
	again := b.Post("/api/auth/sign-in/email", signIn(nil)).Want(200, "").Cookies()["better-auth.dont_remember"]
	if again == nil || again.MaxAge >= 0 {
		t.Errorf("the mark stays: %v", again)
	}
}

func TestSignInRefusals(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	const path = "/sign-in/email"
	refuse(t, rig.Browser(), []row{
		{"no body", path, body{}, 400, "VALIDATION_ERROR", "[body.email] Invalid input: expected string, received undefined; [body.password] Invalid input: expected string, received undefined"},
		{"an object", path, signIn(body{"email": body{"$ne": 1}}), 400, "VALIDATION_ERROR", "[body.email] Invalid input: expected string, received object"},
		{"no address", path, signIn(body{"email": "' OR 1=1 --"}), 400, "INVALID_EMAIL", "Invalid email"},
		{"long", path, signIn(body{"password": strings.Repeat("x", 129)}), 400, "PASSWORD_TOO_LONG", "Password too long"},
		{"null flag", path, `{"email":"a@b.co","password":"x","rememberMe":null}`, 400, "VALIDATION_ERROR", ""},
		{"wrong", path, signIn(body{"password": "wrong"}), 401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"},
		{"unknown", path, signIn(body{"email": bob}), 401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"},
		{"untrusted callback", path, signIn(body{"callbackURL": "//evil.example"}), 403, "INVALID_CALLBACK_URL", ""},
		{"callback of a wrong type", path, signIn(body{"callbackURL": []string{"/x"}}), 400, "", "Invalid callbackURL: expected a string"},
	})
}

func TestSignInLooksAlike(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	rig.SignUp("Alice", alice)
	wrong := rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"password": "wrong-wrong"}))
	unknown := rig.Browser().Post("/api/auth/sign-in/email", signIn(body{"email": bob}))
	wrong.Header.Del("X-Request-Id")
	unknown.Header.Del("X-Request-Id")
	if string(wrong.Body) != string(unknown.Body) || len(wrong.Header) != len(unknown.Header) {
		t.Errorf("%v %s\n%v %s", wrong.Header, wrong.Body, unknown.Header, unknown.Body)
	}
	ctx := t.Context()
	if n := rig.Host.DB.Access(ctx).Event().Query().Where(event.Kind("sign-in.failed")).CountX(ctx); n != 2 {
		t.Errorf("%d failures recorded", n)
	}
}

func TestSignInUnverified(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{
		"email_verification.required": "true", "email_verification.on_sign_in": "true"}})
	b := rig.SignUp("Alice", alice)
	first := rig.Link(alice, "verify-email")
	b.Post("/api/auth/sign-in/email", signIn(body{"password": "wrong-wrong"})).Want(401, "INVALID_EMAIL_OR_PASSWORD")
	if n := len(rig.Mail(alice)); n != 1 {
		t.Errorf("%d mails after a wrong password", n)
	}
	a := b.Post("/api/auth/sign-in/email", signIn(body{"callbackURL": "/x"})).Want(403, "EMAIL_NOT_VERIFIED")
	if a.Header.Get("Set-Cookie") != "" {
		t.Errorf("cookies %v", a.Header)
	}
	second := rig.Link(alice, "verify-email")
	if second == first || !strings.HasSuffix(second, "&callbackURL=%2Fx") {
		t.Errorf("first %s\nsecond %s", first, second)
	}
}

func TestSignInThrottled(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"rate_limit.account.delay_after": "2"}})
	rig.SignUp("Alice", alice)
	for _, address := range []string{alice, bob} { // guesses come from everywhere
		b := rig.Browser()
		for i := range 3 {
			b.Address = fmt.Sprintf("198.51.100.%d:1000", 8+i)
			b.Post("/api/auth/sign-in/email", signIn(body{"email": address, "password": "wrong-wrong"})).Want(401, "")
		}
		b.Address = "198.51.100.7:1000"
		a := b.Post("/api/auth/sign-in/email", signIn(body{"email": address})).Want(429, "")
		if a.Header.Get("Retry-After") != "2" || a.Header.Get("X-Retry-After") != "2" {
			t.Errorf("%s: %v", address, a.Header)
		}
	}
	rig.SignIn(alice) // from where she signed up
	rig.Clock.Advance(3 * time.Second)
	b := rig.Browser()
	b.Address = "198.51.100.7:1000"
	b.Post("/api/auth/sign-in/email", signIn(nil)).Want(200, "")
}

// TestDeadline: every request has an end (SEC-176).
func TestDeadline(t *testing.T) {
	var left time.Duration
	look := stub{Moments: plugins.Moments{RequestReceived: []auth.On[*plugins.Incoming]{{Class: auth.Observe, Do: func(ctx context.Context, in *plugins.Incoming) error {
		end, _ := in.Request.Context().Deadline()
		left = time.Until(end)
		return nil
	}}}}}
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{look}, Settings: map[string]string{"limits.request_timeout": "20s"}})
	rig.Browser().Get("/api/auth/ok").Want(200, "")
	if left <= 0 || left > 20*time.Second {
		t.Errorf("%v left", left)
	}
}

func TestSignInNextStep(t *testing.T) {
	step := &auth.NextStep{Body: body{"twoFactorRedirect": true}, Page: "/two-factor", Cookies: []auth.StepCookie{{Key: "two_factor", Value: "x", MaxAge: 300}}}
	second := hooks(auth.Hooks{FirstFactorProven: []auth.On[*auth.FirstFactor]{{Class: auth.Interrupt, Do: func(_ context.Context, f *auth.FirstFactor) error {
		if f.User.Name == "Factor" {
			f.Next = step
		}
		return nil
	}}}})
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{second}})
	rig.SignUp("Alice", alice)
	ctx := t.Context()
	if _, err := rig.Host.Users.Patch(ctx, rig.User(alice).ID, "test", nil, func(u *ent.UserUpdateOne) { u.SetName("Factor") }); err != nil {
		t.Fatal(err)
	}
	b := rig.Browser()
	a := b.Post("/api/auth/sign-in/email", signIn(body{"callbackURL": "/in"})).Want(200, "")
	set := a.Cookies()
	if string(a.Body) != `{"twoFactorRedirect":true}` || set["better-auth.session_token"] != nil || set["better-auth.two_factor"].MaxAge != 300 {
		t.Errorf("%s %v", a.Body, a.Header)
	}
	if s := b.Get("/api/auth/get-session"); string(s.Body) != "null" {
		t.Errorf("session %s", s.Body)
	}
}

func TestSignOut(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	stolen := b.Cookie("better-auth.session_token")
	a := b.Post("/api/auth/sign-out", nil).Want(200, "")
	if string(a.Body) != `{"success":true}` {
		t.Errorf("%s", a.Body)
	}
	lines := a.Header["Set-Cookie"]
	for i, name := range []string{"session_token", "session_data", "dont_remember"} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], "better-auth."+name+"=; Max-Age=0;") {
			t.Fatalf("cookies %q", lines)
		}
	}
	thief := rig.Browser()
	thief.Header.Set("Cookie", "better-auth.session_token="+stolen)
	if s := thief.Get("/api/auth/get-session"); string(s.Body) != "null" {
		t.Errorf("still lives: %s", s.Body)
	}
	rig.Browser().Do(http.MethodPost, "/api/auth/sign-out", "", nil).Want(200, "")
}
