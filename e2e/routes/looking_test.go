package routes

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

// accesses are the access rules of all routes, by "METHOD PATH".
func (h *house) accesses() map[string]plugins.Access {
	all := map[string]plugins.Access{}
	for _, part := range h.Host.Registry.Parts {
		for _, e := range part.Endpoints {
			all[e.Method+" /api/auth"+e.Path] = e.Access
		}
		for _, r := range part.Routes {
			all[r.Method+" "+r.Path] = r.Access
		}
	}
	return all
}

// impersonated is a scene whose browser acts in the name of a person of the role admin, so
// that no scope is what refuses. An owner may change things meanwhile, an admin may not.
func (h *house) impersonated(as string) *scene {
	h.t.Helper()
	s := h.scene(as)
	person := h.someone("admin")
	a := s.browser.Post("/api/auth/admin/impersonate-user", map[string]any{"userId": person.ID}).Want(http.StatusOK, "")
	if a.Text("user.id") != person.ID {
		h.t.Fatalf("acts as %s", a.Body)
	}
	s.caller = person
	return s
}

// TestImpersonationKeepsCredentials: whatever changes how somebody gets in, or is
// dangerous, is closed to somebody who acts in their name, also with every right to change
// things (SEC-046).
func TestImpersonationKeepsCredentials(t *testing.T) {
	t.Parallel()
	h := openWith(t, dbtest.SQLite(t), map[string]string{"admin.impersonation_writes": "true"})
	access, tried := h.accesses(), 0
	s := h.impersonated("owner")
	for _, r := range table(t) {
		if a := access[r.route()]; !a.ManagesCredentials && !a.Dangerous {
			continue
		}
		tried++
		a := s.ask(r)
		if a.Status != http.StatusForbidden || r.api() && a.Text("code") != "NOT_ALLOWED_WHILE_IMPERSONATING" ||
			!strings.Contains(string(a.Body), "Not allowed while impersonating") {
			t.Errorf("%s: %d %s", r.route(), a.Status, excerpt(a.Body))
		}
	}
	if tried < 30 {
		t.Errorf("only %d routes are closed to impersonators", tried)
	}
	// Such a session is good for something: what it may not be used for is not all.
	s.browser.Form("/account/profile", url.Values{"name": {"Other"}}).Want(http.StatusSeeOther, "")
}

// TestImpersonationLooks: without the scope to change things every form is refused but
// those that end it, and so are the endpoints that need a session.
func TestImpersonationLooks(t *testing.T) {
	t.Parallel()
	h := openWith(t, dbtest.SQLite(t), map[string]string{"admin.allow_impersonating_admins": "true"})
	access := h.accesses()
	s := h.impersonated("admin")
	ends := []string{"POST /sign-out", "POST /accept-invitation/:id/sign-out", "POST /admin/stop-impersonating"}
	var rows []row
	var requests []request
	for _, r := range table(t) {
		a := access[r.route()]
		public := a.Who == plugins.Public || a.Who == plugins.Nobody
		if !safe(r.Method) && !slices.Contains(ends, r.route()) && !(r.api() && (public || a.Looks)) {
			rows, requests = append(rows, r), append(requests, s.request(r))
		}
		if a.Looks && !r.api() && !slices.Contains(append(ends, "POST /admin/see-as/stop"), r.route()) {
			t.Errorf("%s is open to sessions that only look", r.route())
		}
	}
	before := h.contents()
	for i, r := range rows {
		a := s.send(s.browser, requests[i])
		if r.Path == "/admin/see-as/stop" && a.Status == http.StatusSeeOther {
			continue // there is nothing to stop
		}
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", r.route(), a.Status, excerpt(a.Body))
		}
	}
	after := h.contents()
	for _, name := range changes(before, after) {
		if name != "event" {
			t.Errorf("refused requests changed the table %s", name)
		}
	}
	for _, path := range []string{"/admin", "/admin/users", "/admin/users/" + s.person.ID, "/admin/sessions", "/account"} {
		if a := s.browser.Get(path); a.Status != http.StatusOK || !strings.Contains(string(a.Body), "nothing can be changed") {
			t.Errorf("looking at %s: %d %s", path, a.Status, excerpt(a.Body))
		}
	}
	s.browser.Form("/admin/stop-impersonating", nil).Want(http.StatusSeeOther, "")
	s.browser.Form("/account/profile", url.Values{"name": {"Other"}}).Want(http.StatusSeeOther, "")
}

// TestSeeAs: while an owner sees the console as a viewer, its pages answer what they answer
// the viewer, no page takes a form, and the pages of the account area and the API stay the
// owner's own.
func TestSeeAs(t *testing.T) {
	t.Parallel()
	h := open(t)
	access := h.accesses()
	s := h.scene("owner")
	other := h.someone("viewer")
	s.browser.Form("/admin/users/"+other.ID+"/see-as", nil).Want(http.StatusSeeOther, "")
	viewer := slices.Index(callers, "viewer")
	var rows []row
	var requests []request
	for _, r := range table(t) {
		switch {
		case r.Path == "/admin/see-as/stop" || r.api() || !strings.HasPrefix(r.Path, "/admin") && (safe(r.Method) || access[r.route()].Who == plugins.Nobody || access[r.route()].Looks):
		case r.Path == "/admin/tasks/:id":
			// A task is there for who asked for it and those above: the viewer did not.
			s.ask(r).Want(http.StatusNotFound, "")
		case !safe(r.Method):
			rows, requests = append(rows, r), append(requests, s.request(r))
		case access[r.route()].Dangerous:
			if a := s.ask(r); a.Status != http.StatusForbidden {
				t.Errorf("%s is shown: %d", r.route(), a.Status)
			}
		default:
			a := s.ask(r)
			if problem := judge(r, r.Want[viewer], a); problem != "" {
				t.Errorf("%s seen as a viewer: %s", r.route(), problem)
			}
			if a.Status == http.StatusOK && strings.Contains(a.Header.Get("Content-Type"), "html") && !strings.Contains(string(a.Body), "You see the console as <strong>"+other.Name+"</strong> would. Nothing can be changed.") {
				t.Errorf("%s does not say as whom it is seen", r.route())
			}
		}
	}
	before := h.contents()
	for i, r := range rows {
		if r.Path == "/admin/stop-impersonating" {
			continue // it answers that nobody is impersonated
		}
		a := s.send(s.browser, requests[i])
		if a.Status != http.StatusForbidden || !strings.Contains(string(a.Body), "Nothing can be changed") {
			t.Errorf("%s: %d %s", r.route(), a.Status, excerpt(a.Body))
		}
	}
	for _, name := range changes(before, h.contents()) {
		t.Errorf("refused requests changed the table %s", name)
	}
	if a := s.browser.Get("/account"); a.Status != http.StatusOK || !strings.Contains(string(a.Body), s.caller.Email) || !strings.Contains(string(a.Body), `action="/admin/see-as/stop"`) {
		t.Errorf("the account area is another's: %d %s", a.Status, excerpt(a.Body))
	}
	if got := s.browser.Get("/api/auth/get-session").Text("user.id"); got != s.caller.ID {
		t.Errorf("the API answers for %s", got)
	}
	s.browser.Post("/api/auth/admin/ban-user", map[string]any{"userId": s.person.ID}).Want(http.StatusOK, "")
	a := s.browser.Form("/admin/see-as/stop", nil).Want(http.StatusSeeOther, "")
	if a.Location() != "/admin/users/"+other.ID {
		t.Errorf("leads to %s", a.Location())
	}
	s.browser.Get("/admin/outbox").Want(http.StatusOK, "")
}

// TestSeeAsWhom: only people of no higher rank who have a part in the console, and only for
// the session that began it.
func TestSeeAsWhom(t *testing.T) {
	t.Parallel()
	h := openWith(t, dbtest.SQLite(t), map[string]string{"admin.allow_impersonating_admins": "true"})
	s := h.scene("admin")
	try := func(b *servertest.Browser, id string) int {
		return b.Form("/admin/users/"+id+"/see-as", nil).Status
	}
	owner, user, viewer := h.someone("owner"), h.someone("user"), h.someone("viewer")
	for name, id := range map[string]string{"an owner": owner.ID, "oneself": s.caller.ID, "somebody without a part in the console": user.ID} {
		if got := try(s.browser, id); got != http.StatusForbidden {
			t.Errorf("as %s: %d", name, got)
		}
	}
	if got := try(h.impersonated("admin").browser, viewer.ID); got != http.StatusForbidden {
		t.Errorf("while impersonating: %d", got)
	}
	seen := func(b *servertest.Browser) bool { return b.Get("/admin/settings").Status == http.StatusForbidden }
	if try(s.browser, viewer.ID) != http.StatusSeeOther || !seen(s.browser) {
		t.Fatal("not seen as a viewer")
	}
	if got := try(s.browser, h.someone("viewer").ID); got != http.StatusForbidden {
		t.Errorf("one inside the other: %d", got)
	}
	cookie := s.browser.Cookie("__Secure-better-auth.see_as")
	if cookie == "" {
		t.Fatal("no cookie")
	}
	// Another session does not take the cookie over, and it goes away.
	again := h.browser("admin", h.session(s.caller).Token)
	again.Header.Set("Cookie", sessionCookie+"="+again.Cookie(sessionCookie)+"; __Secure-better-auth.see_as="+cookie)
	if a := again.Get("/admin/settings"); a.Status != http.StatusOK || a.Cookies()["__Secure-better-auth.see_as"] == nil {
		t.Errorf("another session: %d %v", a.Status, a.Cookies())
	}
	// It ends when the person rises above the viewer, and by itself.
	if _, err := h.admin.SetRole(h.commandLine(), viewer.ID, []string{"owner"}); err != nil {
		t.Fatal(err)
	}
	if seen(s.browser) {
		t.Error("seen as somebody of higher rank")
	}
	second := h.scene("admin")
	if try(second.browser, h.someone("viewer").ID) != http.StatusSeeOther {
		t.Fatal("cannot begin")
	}
	h.Clock.Advance(61 * time.Minute)
	if seen(second.browser) {
		t.Error("does not end by itself")
	}
}
