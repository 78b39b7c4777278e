package routes

import (
	"fmt"
	"net/http"
	"strings"
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

// TestTrustedApp: an app on a trusted origin calls the API, and sends no form to a page:
// what is wrong with the app must not press a button of the console.
func TestTrustedApp(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, r := range table(t) {
		if safe(r.Method) || crossSite[r.route()] {
			continue
		}
		s := h.scene("owner")
		s.browser.Header.Set("Origin", trustedApp)
		s.browser.Header.Set("Sec-Fetch-Site", "same-site")
		a := s.ask(r)
		if r.api() && fmt.Sprint(a.Status) != r.Want[len(r.Want)-1] {
			t.Errorf("%s from a trusted app: %d %s, want %s", r.route(), a.Status, excerpt(a.Body), r.Want[len(r.Want)-1])
		}
		if !r.api() && (a.Status != http.StatusForbidden || !strings.Contains(string(a.Body), "a page of "+h.Origin)) {
			t.Errorf("%s from a trusted app: %d %s, want 403 that says where to send it", r.route(), a.Status, excerpt(a.Body))
		}
	}
}

// TestTokenPages: browsers post the forms of pages without a referrer with the origin
// "null", over plain http without fetch metadata. Only an address that holds a token may
// then pass, and never when the metadata name another site.
func TestTokenPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	token := map[string]bool{}
	for _, part := range h.Host.Registry.Parts {
		for _, r := range part.Routes {
			token[r.Method+" "+r.Path] = r.TokenInURL
		}
	}
	if !token["POST /claim/:token"] {
		t.Fatal("the claim page does not say that its address holds a token")
	}
	for _, r := range table(t) {
		if safe(r.Method) || r.api() {
			continue
		}
		for site, passes := range map[string]bool{"": token[r.route()], "same-origin": true, "same-site": false, "cross-site": false} {
			s := h.scene("owner")
			s.browser.Header.Set("Origin", "null")
			s.browser.Header.Set("Sec-Fetch-Site", site)
			a := s.ask(r)
			if passes && fmt.Sprint(a.Status) != r.Want[len(r.Want)-1] || !passes && a.Status != http.StatusForbidden {
				t.Errorf("%s with the origin null from site %q: %d %s", r.route(), site, a.Status, excerpt(a.Body))
			}
		}
	}
}

// pages are the paths of pages and static files.
func (h *house) pages() map[string]bool {
	paths := map[string]bool{"/static/*": true}
	for _, part := range h.Host.Registry.Parts {
		for _, r := range part.Routes {
			if r.Method == http.MethodGet && !r.API {
				paths[r.Path] = true
			}
		}
	}
	return paths
}

// TestHead: HEAD of a page is its GET without the body (RFC 9110 §9.3.2).
func TestHead(t *testing.T) {
	h := open(t)
	s, pages := h.scene("owner"), h.pages()
	for _, r := range table(t) {
		if r.Method != http.MethodGet || !pages[r.Path] {
			continue
		}
		q := s.request(r)
		want := s.send(s.browser, q)
		q.method = http.MethodHead
		a := s.send(s.browser, q)
		if a.Status != want.Status || a.Location() != want.Location() || len(a.Body) > 0 {
			t.Errorf("HEAD %s answers %d %s with %d bytes, GET %d %s", r.Path, a.Status, a.Location(), len(a.Body), want.Status, want.Location())
		}
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
	pages := h.pages()
	for _, r := range table(t) {
		path := s.target(r)
		for _, method := range []string{"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "REPORT"} {
			if declared[method+" "+r.Path] || method == http.MethodHead && pages[r.Path] {
				continue
			}
			a := s.browser.Do(method, path, "application/json", []byte("{}"))
			if a.Status != http.StatusNotFound || a.Header.Get("Allow") != "" || r.api() && len(a.Body) > 0 {
				t.Errorf("%s %s answers %d %s, want 404", method, r.Path, a.Status, excerpt(a.Body))
			}
		}
	}
}
