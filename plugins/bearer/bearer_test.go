package bearer_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/auth/secret"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/bearer"
)

const password = "correct-horse-battery"

// client sends no cookies, as clients of the plugin do.
type client struct {
	t   *testing.T
	rig *servertest.Rig
}

func newClient(t *testing.T, settings map[string]string) client {
	t.Helper()
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{bearer.New()}, Settings: settings})
	return client{t, rig}
}

// do sends a request with headers given as pairs.
func (c client) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, c.rig.Origin+"/api/auth"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.rig.Server.ServeHTTP(w, r)
	return w
}

// signUp makes a person and returns the token of set-auth-token and the session cookie.
func (c client) signUp(address string) (token, cookie string) {
	c.t.Helper()
	w := c.do(http.MethodPost, "/sign-up/email", `{"name":"Ada","email":"`+address+`","password":"`+password+`"}`)
	token = w.Header().Get("set-auth-token")
	if w.Code != http.StatusOK || token == "" {
		c.t.Fatalf("sign-up: %d %s", w.Code, w.Body)
	}
	cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return token, cookie
}

func (c client) session(headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	w := c.do(http.MethodGet, "/get-session", "", headers...)
	if w.Code != http.StatusOK {
		c.t.Fatalf("get-session: %d %s", w.Code, w.Body)
	}
	return w
}

func TestRequestSide(t *testing.T) {
	c := newClient(t, nil)
	token, cookie := c.signUp("ada@example.com")
	bare, _, _ := strings.Cut(token, ".")
	foreign, err := secret.NewRing(nil, "a secret of another server, long enough")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		header, cookie string
		known          bool
	}{
		"signed":                        {"Bearer " + token, "", true},
		"lower case":                    {"bearer " + token, "", true},
		"mixed case, spaces":            {"BeArEr    " + token + " ", "", true},
		"percent-encoded":               {"Bearer " + url.QueryEscape(token), "", true},
		"bare, signature required":      {"Bearer " + bare, "", false},
		"forged":                        {"Bearer " + foreign.Sign(bare), "", false},
		"signature cut":                 {"Bearer " + token[:len(token)-1], "", false},
		"another value":                 {"Bearer x" + token, "", false},
		"undecodable":                   {"Bearer " + token + "%", "", false},
		"other scheme":                  {"Basic " + token, "", false},
		"no space":                      {"Bearer" + token, "", false},
		"empty":                         {"Bearer ", "", false},
		"nonsense keeps the cookie":     {"Bearer invalid.token", cookie, true},
		"bare keeps the cookie":         {"Bearer " + bare + "x", cookie, true},
		"hash of the stored token":      {"Bearer " + foreign.Sign(secret.HashSession(bare)), "", false},
		"own signature of a dead token": {"Bearer " + c.rig.Host.Keys.Sign("nobody"), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{"Authorization", test.header}
			if test.cookie != "" {
				headers = append(headers, "Cookie", test.cookie)
			}
			body := c.session(headers...).Body.String()
			if known := strings.Contains(body, "ada@example.com"); known != test.known {
				t.Errorf("session %s", body)
			}
			if !test.known && body != "null" {
				t.Errorf("answer %s", body)
			}
		})
	}
}

func TestForgedTokenChangesNoCookie(t *testing.T) {
	c := newClient(t, nil)
	token, _ := c.signUp("ada@example.com")
	w := c.session("Authorization", "Bearer "+token[:len(token)-2]+"AA")
	if got := w.Header().Values("Set-Cookie"); len(got) != 0 {
		t.Errorf("cookies %q", got)
	}
}

func TestBareTokenWhereAllowed(t *testing.T) {
	c := newClient(t, map[string]string{"bearer.require_signature": "false"})
	token, _ := c.signUp("ada@example.com")
	bare, _, _ := strings.Cut(token, ".")
	if body := c.session("Authorization", "Bearer "+bare).Body.String(); !strings.Contains(body, "ada@example.com") {
		t.Errorf("session %s", body)
	}
	w := c.session("Authorization", "Bearer nobody")
	if w.Body.String() != "null" || len(w.Header().Values("Set-Cookie")) != 3 {
		t.Errorf("unknown bare token: %s, cookies %q", w.Body, w.Header().Values("Set-Cookie"))
	}
}

func TestAnswerSide(t *testing.T) {
	c := newClient(t, map[string]string{"trusted_origins": "https://app.example.com"})
	token, _ := c.signUp("ada@example.com")

	// A change of the profile answers with the token again, without cookies or Origin.
	w := c.do(http.MethodPost, "/update-user", `{"name":"Ada L"}`, "Authorization", "Bearer "+token)
	if w.Code != http.StatusOK || w.Header().Get("set-auth-token") != token {
		t.Errorf("update: %d, token %q", w.Code, w.Header().Get("set-auth-token"))
	}

	// The header is exposed beside those that are already.
	w = c.do(http.MethodPost, "/sign-in/email", `{"email":"ada@example.com","password":"`+password+`"}`, "Origin", "https://app.example.com")
	exposed := w.Header().Get("Access-Control-Expose-Headers")
	if !strings.Contains(exposed, "set-auth-token") || !strings.HasPrefix(exposed, "X-Retry-After, ") {
		t.Errorf("exposed headers %q", exposed)
	}
	if n := len(w.Header().Values("Access-Control-Expose-Headers")); n != 1 {
		t.Errorf("%d lines of exposed headers", n)
	}

	// Nothing is handed out where nothing was set, or the session ends.
	if got := c.session("Authorization", "Bearer "+token).Header().Get("set-auth-token"); got != "" {
		t.Errorf("token %q without a cookie", got)
	}
	w = c.do(http.MethodPost, "/sign-out", "{}", "Authorization", "Bearer "+token)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"success":true`) || w.Header().Get("set-auth-token") != "" {
		t.Errorf("sign-out: %d %s", w.Code, w.Body)
	}
	if body := c.session("Authorization", "Bearer "+token).Body.String(); body != "null" {
		t.Errorf("session after sign-out %s", body)
	}
}

func TestSecureCookieName(t *testing.T) {
	c := newClient(t, map[string]string{"url": "https://auth.example.com"})
	token, cookie := c.signUp("ada@example.com")
	if !strings.HasPrefix(cookie, "__Secure-better-auth.session_token=") {
		t.Fatalf("cookie %q", cookie)
	}
	if body := c.session("Authorization", "Bearer "+token).Body.String(); !strings.Contains(body, "ada@example.com") {
		t.Errorf("session %s", body)
	}
}

// FuzzAuthorization sends any header: the answer is a session for the real token only.
func FuzzAuthorization(f *testing.F) {
	rig := servertest.New(f, servertest.Options{Plugins: []plugins.Plugin{bearer.New()}})
	for _, seed := range []string{"", "Bearer ", "bearer a.b", "Bearer %zz.", "BEARER ....", "Basic x", "Bearer " + strings.Repeat("a", 4096) + ".b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, rig.Origin+"/api/auth/get-session", nil)
		r.Header["Authorization"] = []string{header}
		w := httptest.NewRecorder()
		rig.Server.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != "null" {
			t.Errorf("%q: %d %s", header, w.Code, w.Body)
		}
	})
}
