package console_test

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
	"gatehouse/auth/random"
	"gatehouse/auth/words"
	"gatehouse/handlers/backup"
	"gatehouse/plugins"
)

// stepped is a plugin with a first step that others may not do, and one that cannot be
// judged.
type stepped struct{ done *bool }

func (stepped) Manifest() plugins.Manifest { return plugins.Manifest{ID: "stepped", Name: "Stepped"} }

func (s stepped) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Steps: []plugins.Step{
		{ID: "own", Order: 5, Title: "Feed the cat", Scope: "outbox:read", Path: "/admin/cat", Done: func(context.Context) (bool, error) { return *s.done, nil }},
	}}, nil
}

// TestSteps: the first steps stand there for those who may do them until all are done or
// the reader has seen enough; plugins add theirs.
func TestSteps(t *testing.T) {
	done := false
	h := open(t, nil, stepped{&done})
	body := look(t, h.as("owner").Get("/admin"))
	expect(t, body, []string{"Getting started", "Feed the cat", "/admin/cat", "Make a backup", "1 of 5 steps done"})
	if strings.Index(body, "Feed the cat") > strings.Index(body, "Set the public address") {
		t.Error("the order of the steps does not count")
	}
	expect(t, look(t, h.as("admin").Get("/admin")), []string{"Set the public address"}, "Feed the cat", "Make a backup")
	expect(t, look(t, h.as("viewer").Get("/admin")), nil, "Getting started")

	h.as("owner").Form("/admin/checklist", url.Values{"hide": {"yes"}}).Want(http.StatusSeeOther, "")
	expect(t, look(t, h.as("owner").Get("/admin")), []string{`value="no"`}, "Feed the cat")
	expect(t, look(t, h.as("admin").Get("/admin")), []string{"Set the public address"})
	h.as("owner").Form("/admin/checklist", url.Values{"hide": {"no"}}).Want(http.StatusSeeOther, "")
	expect(t, look(t, h.as("owner").Get("/admin")), []string{"Feed the cat"})

	done = true
	if err := backup.Note(t.Context(), h.Host.DB.Store(), h.Host.Clock()); err != nil {
		t.Fatal(err)
	}
	if err := backup.Note(t.Context(), h.Host.DB.Store(), h.Host.Clock()); err != nil {
		t.Fatal(err)
	}
	expect(t, look(t, h.as("owner").Get("/admin")), []string{"3 of 5 steps done"})
	ready := open(t, map[string]string{"url": "https://auth.example.test", "smtp": "smtp://127.0.0.1:1"}, stepped{&done})
	if err := backup.Note(t.Context(), ready.Host.DB.Store(), ready.Host.Clock()); err != nil {
		t.Fatal(err)
	}
	expect(t, look(t, ready.as("owner").Get("/admin")), nil, "Getting started", "Feed the cat")
}

// TestRecent names who an event is about, who did it and when it is both.
func TestRecent(t *testing.T) {
	h := open(t, nil)
	viewer := h.User("viewer@example.test").ID
	h.as("owner").Post("/api/auth/admin/update-user", map[string]any{"userId": viewer, "data": map[string]any{"name": "Vera " + hostile}}).Want(200, "")
	h.as("owner").Form("/admin/settings/mail", url.Values{"mail.links": {"direct"}}).Want(http.StatusSeeOther, "")
	h.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": "nobody@example.test", "password": "wrong-password"}).Want(401, "")
	body := look(t, h.as("owner").Get("/admin"))
	expect(t, body, []string{"Vera &#34;&gt;&lt;script&gt;", "by Administrator", `href="/admin/users/` + viewer + `"`, "Mail: Links that sign in, change an address or delete" + words.Dot + "by Administrator" + words.Dot + "192.0.2.10", "Somebody not signed in" + words.Dot + "192.0.2.10", "#settings"}, "<script>alert")
	expect(t, between(body, "<h2>Recent activity</h2>", "</section>"), []string{"Sign-in failed"}, "mail.links", ">Failed<", "> ·", ">·")
	if err := h.Host.Users.Delete(t.Context(), viewer, "test"); err != nil {
		t.Fatal(err)
	}
	expect(t, look(t, h.as("owner").Get("/admin")), []string{"User deleted", "Somebody who is gone"})
}

// TestCountsAreKept: counting whole tables and days that are over is not done at every
// view; today is.
func TestCountsAreKept(t *testing.T) {
	h := open(t, nil)
	add := func() {
		t.Helper()
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			id := random.ID()
			return tx.User().Create().SetID(id).SetName(id).SetEmail(id + "@example.test").SetCreatedAt(h.Host.Clock()).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	figure := func() string {
		t.Helper()
		body := look(t, h.as("owner").Get("/admin"))
		return between(body, ">People<", "</dl>")
	}
	holds := func(when string, people, joined int) {
		t.Helper()
		got := figure()
		if !strings.Contains(got, fmt.Sprintf(`<dd class="figure">%d</dd>`, people)) || !strings.Contains(got, fmt.Sprintf("+%d in 7 days", joined)) {
			t.Errorf("%s: %s", when, got)
		}
	}
	holds("at first", 5, 5)
	add()
	holds("within the minute", 5, 6)
	h.Clock.Advance(2 * time.Minute)
	holds("later", 6, 6)
}

// TestWhoActed: what the server and its command line did does not stand under a name of
// the program's own.
func TestWhoActed(t *testing.T) {
	h := open(t, nil)
	ctx := auth.WithPrincipal(t.Context(), auth.System(auth.ServerSubject))
	for _, subject := range []string{"", h.User("user@example.test").ID} {
		if err := h.Host.Events.Record(ctx, auth.Event{Kind: "password.reset-requested", SubjectType: "user", Subject: subject}); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, look(t, h.as("owner").Get("/admin")), []string{"The server", "by the server"}, "by job", ">job")
}

// TestWhereRolesAreSet: the button of the page of roles leads to the setting.
func TestWhereRolesAreSet(t *testing.T) {
	h := open(t, nil)
	m := regexp.MustCompile(`href="(/admin/settings[^"#]*)#(f-admin\.roles)"`).FindStringSubmatch(look(t, h.as("owner").Get("/admin/roles")))
	if m == nil {
		t.Fatal("no button")
	}
	expect(t, look(t, h.as("owner").Get(m[1])), []string{`id="` + m[2] + `"`})
	expect(t, look(t, h.as("support").Get("/admin/roles")), nil, "/admin/settings")
	for _, key := range []string{"url", "smtp"} {
		if at := regexp.MustCompile(`href="(/admin/settings[^"#]*)#f-` + key + `"`).FindStringSubmatch(look(t, h.as("owner").Get("/admin"))); at == nil {
			t.Errorf("no step leads to %s", key)
		} else {
			expect(t, look(t, h.as("owner").Get(at[1])), []string{`id="f-` + key + `"`})
		}
	}
}
