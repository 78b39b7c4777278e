package core_test

import (
	"log/slog"
	"net/url"
	"testing"

	"gatehouse/handlers/servertest"
)

// FuzzBodies sends anything to every endpoint that takes a body: the answer is a
// declared refusal or a success, never a fault of the server (SEC-177).
func FuzzBodies(f *testing.F) {
	rig := servertest.New(f, servertest.Options{Log: slog.New(slog.DiscardHandler), Settings: map[string]string{"rate_limit.account.enabled": "false",
		"user.fields": `{nick = {type = "string", required = false}}`, "session.fields": `{theme = {type = "string", required = false}}`}})
	signed := rig.SignUp("Alice", alice)
	part, _ := rig.Host.Registry.Part("core")
	var paths []string
	for _, e := range part.Endpoints {
		if e.Method == "POST" && e.Path != "/send-verification-email" && e.Path != "/sign-out" && e.Path != "/revoke-sessions" && e.Path != "/delete-user" {
			paths = append(paths, "/api/auth"+e.Path)
		}
	}
	for i := range paths {
		for _, seed := range []string{``, `{}`, `[]`, `null`, `{"email":"a@b.co","password":"x","name":"\ud800"}`, `{"name":{"a":[1]},"image":1e400}`,
			`{"accountId":"x","userId":null}`, `{"token":"handle_x","newPassword":"12345678","newEmail":"a@b.co"}`, `{"theme":{"deep":[[[]]]},"nick":"\u0000"}`,
			`{"provider":"x","additionalParams":{"a":1},"idToken":{"token":[]}}`} {
			f.Add(uint8(i), "application/json", []byte(seed))
		}
		f.Add(uint8(i), "application/x-www-form-urlencoded", []byte("email=a%40b.co&password=%ff&name=a&name=b"))
	}
	f.Fuzz(func(t *testing.T, at uint8, media string, raw []byte) {
		path := paths[int(at)%len(paths)]
		for _, b := range []*servertest.Browser{rig.Browser(), signed} {
			if a := b.In(t).Do("POST", path, media, raw); a.Status >= 500 {
				t.Errorf("%s %q %q: %d %s", path, media, raw, a.Status, a.Body)
			}
		}
	})
}

// FuzzLinks opens the links of mails and callbacks with anything in their query.
func FuzzLinks(f *testing.F) {
	rig := servertest.New(f, servertest.Options{Log: slog.New(slog.DiscardHandler)})
	paths := []string{"/verify-email", "/delete-user/callback", "/reset-password/x", "/callback/x", "/error", "/get-session", "/account-info"}
	for i := range paths {
		f.Add(uint8(i), "token=x&callbackURL=/a")
		f.Add(uint8(i), "token=%00&token=%ff&callbackURL=//evil.example&error=<b>&state=%zz;")
	}
	f.Fuzz(func(t *testing.T, at uint8, query string) {
		path := "/api/auth" + paths[int(at)%len(paths)] + "?" + (&url.URL{RawQuery: query}).Query().Encode()
		a := rig.Browser().In(t).Get(path)
		if a.Status >= 500 {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	})
}
