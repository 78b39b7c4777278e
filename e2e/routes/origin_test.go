package routes

import (
	"net/http"
	"testing"
)

// open to posts of other sites, on purpose: identity providers send people back by a
// form on their own page (principal 4).
var crossSite = map[string]bool{"POST /api/v1/auth/callback": true}

// TestOrigin: a request that may change something and carries a cookie says where it
// comes from, and that is this server or a trusted app (better-auth core 8.1). Nothing
// happens before that is judged.
func TestOrigin(t *testing.T) {
	h := open(t)
	s := h.scene("owner")
	var rows []row
	var requests []request
	for _, r := range table(t) {
		if !safe(r.Method) && !crossSite[r.route()] {
			rows, requests = append(rows, r), append(requests, s.request(r))
		}
	}
	before := h.contents()
	for _, c := range []struct{ name, origin, code string }{
		{"no origin", "", "MISSING_OR_NULL_ORIGIN"},
		{"the origin null", "null", "MISSING_OR_NULL_ORIGIN"},
		{"a foreign origin", "https://evil.example.test", "INVALID_ORIGIN"},
		{"a neighbour's origin", "https://id.example.test.evil.test", "INVALID_ORIGIN"},
		{"plain http", "http://id.example.test", "INVALID_ORIGIN"},
	} {
		b := *s.browser
		b.Header = http.Header{"Origin": {c.origin}, "Sec-Fetch-Site": {"cross-site"}}
		for i, q := range requests {
			a := s.send(&b, q)
			if a.Status != http.StatusForbidden || rows[i].api() && a.Text("code") != c.code {
				t.Errorf("%s with %s: %d %s, want 403", rows[i].route(), c.name, a.Status, excerpt(a.Body))
			}
		}
	}
	for _, table := range changes(before, h.contents()) {
		t.Errorf("refused requests changed the table %s", table)
	}
}

// TestUnknown: what is not declared does not exist, whatever the method.
func TestUnknown(t *testing.T) {
	h := open(t)
	s := h.scene("owner")
	for _, path := range []string{"/nothing", "/admin/nothing", "/admin/users/" + s.word("$user") + "/a/b", "/account/nothing", "/sign-in/", "/Sign-in",
		"/api", "/api/auth", "/api/auth/", "/api/auth/nothing", "/api/auth/set-password", "/api/auth/admin", "/api/auth/ok/", "/api/auth//ok", "/api/v1/auth/nothing",
		"/static/nothing.js", "/static/", "/static/../table.txt", "/health", "/.env"} {
		if a := s.browser.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("GET %s answers %d %s, want 404", path, a.Status, a.Location())
		}
	}
	declared := map[string]bool{}
	for _, r := range table(t) {
		declared[r.route()] = true
	}
	for _, r := range table(t) {
		path := s.target(r)
		for _, method := range []string{"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "REPORT"} {
			if declared[method+" "+r.Path] {
				continue
			}
			a := s.browser.Do(method, path, "application/json", []byte("{}"))
			if a.Status != http.StatusNotFound || a.Header.Get("Allow") != "" || r.api() && len(a.Body) > 0 {
				t.Errorf("%s %s answers %d %s, want 404", method, r.Path, a.Status, excerpt(a.Body))
			}
		}
	}
}
