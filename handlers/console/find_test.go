package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
)

// found is what the search of the console shows below its box.
func (h *house) found(t *testing.T, role, text string) string {
	t.Helper()
	body := look(t, h.as(role).Get("/admin/find?q="+url.QueryEscape(text)))
	_, rest, _ := strings.Cut(body, `id="found"`)
	return rest
}

// TestFind: one box over people, settings, pages and what begins something, what fits best
// first, and only what the reader may see.
func TestFind(t *testing.T) {
	h := open(t, nil)
	s := plugins.MustOffer[*admin.Service](h.Host)
	ctx := auth.WithPrincipal(t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
	create := func(name, email string) {
		t.Helper()
		if _, err := s.Create(ctx, admin.NewPerson{Name: name, Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	create("Ben", "first@example.test")
	for i := range 60 {
		create(fmt.Sprintf("Ben %d", i), fmt.Sprintf("other-%d@example.test", i))
	}

	people := h.found(t, "owner", "ben")
	if at := strings.Index(h.found(t, "owner", "Ben"), "first@example.test"); at < 0 || at > strings.Index(h.found(t, "owner", "Ben"), "other-") {
		t.Error("the person who is called so is not first")
	}
	expect(t, people, []string{"All that match", "/admin/users?q=ben"})
	if n := strings.Count(people, "@example.test"); n != 6 {
		t.Errorf("%d people", n)
	}
	expect(t, h.found(t, "owner", "first@example.test"), []string{"Ben"}, "All that match", "other-")

	settings := h.found(t, "owner", "mail")
	expect(t, settings, []string{`href="/admin/settings/mail"`, `href="/admin/settings/mail#f-smtp"`, "Mail server"})
	expect(t, h.found(t, "owner", "passwords"), []string{`href="/admin/settings/`})
	expect(t, h.found(t, "owner", "step_up_age"), []string{"#f-session.step_up_age"})
	expect(t, h.found(t, "owner", "create user"), []string{`href="/admin/users/new"`})
	expect(t, h.found(t, "owner", "invite"), []string{`href="/admin/invitations/new"`})
	expect(t, h.found(t, "owner", "lockouts"), []string{`href="/admin/lockouts"`})
	expect(t, h.found(t, "owner", "zzzzzz"), []string{"Nothing is called “zzzzzz”."})
	expect(t, h.found(t, "owner", "b"), []string{"at least two characters"}, "@example.test")
	expect(t, h.found(t, "owner", hostile), nil, "<script>alert")

	expect(t, h.found(t, "viewer", "mail"), nil, "/admin/settings")
	expect(t, h.found(t, "viewer", "create user"), nil, "/admin/users/new")
	expect(t, h.found(t, "support", "lockouts"), []string{`href="/admin/lockouts"`})
	expect(t, h.found(t, "viewer", "lockouts"), nil, `href="/admin/lockouts"`)
	if a := h.as("user").Get("/admin/find?q=ben"); a.Status != http.StatusSeeOther || a.Location() != "/account" {
		t.Errorf("somebody without the console: %d %s", a.Status, a.Location())
	}
}
