package core_test

import (
	"strings"
	"testing"

	"gatehouse/handlers/servertest"
)

const (
	alice = "alice@example.test"
	bob   = "bob@example.test"
)

func signUp(over map[string]any) map[string]any {
	body := map[string]any{"name": "Alice", "email": alice, "password": servertest.Password}
	for k, v := range over {
		if v == nil {
			delete(body, k)
			continue
		}
		body[k] = v
	}
	return body
}

func TestSignUp(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.Browser()
	a := b.Post("/api/auth/sign-up/email", signUp(map[string]any{"email": "Alice@Example.test", "image": "https://p.example/a.png"})).Want(200, "")
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
}
