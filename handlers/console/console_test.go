package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/outboxmessage"
	"gatehouse/ent/setting"
	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/web"
	"gatehouse/web/webtest"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`

// house is a server with the console and somebody of every role.
type house struct {
	*servertest.Rig
	people map[string]*servertest.Browser
}

func open(t *testing.T, values map[string]string, more ...plugins.Plugin) *house {
	t.Helper()
	list := append([]plugins.Plugin{admin.New(admin.Options{})}, more...)
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), console.New(list...)}, Plugins: list, Settings: values})
	h := &house{rig, map[string]*servertest.Browser{}}
	s := plugins.MustOffer[*admin.Service](rig.Host)
	if err := s.EnsureAdministrator(t.Context(), "owner@example.test", servertest.Password, "owner"); err != nil {
		t.Fatal(err)
	}
	ctx := auth.WithPrincipal(t.Context(), adminapi.CommandLine(rig.Host.Scopes, rig.Host.Clock()))
	for _, role := range []string{"admin", "support", "viewer", "user"} {
		_, err := s.Create(ctx, admin.NewPerson{Name: role, Email: role + "@example.test", Password: servertest.Password, Roles: []string{role}, EmailVerified: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, role := range []string{"owner", "admin", "support", "viewer", "user"} {
		h.people[role] = h.SignIn(role + "@example.test")
	}
	h.people["nobody"] = h.Browser()
	return h
}

func (h *house) as(role string) *servertest.Browser { return h.people[role] }

// look asserts a good page and returns its markup.
func look(t *testing.T, a *servertest.Answer) string {
	t.Helper()
	for _, problem := range webtest.Page(string(a.Body)) {
		t.Error(problem)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", a.Header.Get("Cache-Control"))
	}
	return string(a.Body)
}

func expect(t *testing.T, body string, has []string, lacks ...string) {
	t.Helper()
	for _, text := range has {
		if !strings.Contains(body, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	for _, text := range lacks {
		if strings.Contains(body, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// TestScreens asks for every screen as every role: who sees it, and which scope the
// refusal names.
func TestScreens(t *testing.T) {
	h := open(t, nil)
	for _, tt := range []struct {
		path, scope string
		roles       string // that see it
	}{
		{"/admin", "readiness:read", "owner admin support viewer"},
		{"/admin/plugins", "readiness:read", "owner admin support viewer"},
		{"/admin/plugins/admin", "readiness:read", "owner admin support viewer"},
		{"/admin/plugins/console", "readiness:read", "owner admin support viewer"},
		{"/admin/settings", "settings:read", "owner admin"},
		{"/admin/settings/mail", "settings:read", "owner admin"},
		{"/admin/settings/plugins", "settings:read", "owner admin"},
		{"/admin/outbox", "outbox:read", "owner"},
		{"/admin/gallery", "readiness:read", "owner admin support viewer"},
	} {
		for role, b := range h.people {
			a := b.Get(tt.path)
			switch {
			case role == "nobody":
				if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/sign-in?returnTo="+url.QueryEscape(tt.path)) {
					t.Errorf("%s for nobody: %d %s", tt.path, a.Status, a.Location())
				}
			case strings.Contains(tt.roles, role):
				if a.Status != http.StatusOK {
					t.Errorf("%s for %s: %d", tt.path, role, a.Status)
				}
				look(t, a)
			case tt.path == "/admin":
				if a.Status != http.StatusSeeOther || a.Location() != "/account" {
					t.Errorf("the console for %s: %d %s, want the account area", role, a.Status, a.Location())
				}
			default:
				if a.Status != http.StatusForbidden {
					t.Errorf("%s for %s: %d", tt.path, role, a.Status)
				}
				expect(t, look(t, a), []string{tt.scope})
			}
		}
	}
}

// TestNavigation draws the entries that a role may see and no others.
func TestNavigation(t *testing.T) {
	h := open(t, nil)
	for role, want := range map[string]string{"owner": "overview plugins settings outbox", "admin": "overview plugins settings", "viewer": "overview plugins"} {
		body := look(t, h.as(role).Get("/admin"))
		for id, path := range map[string]string{"overview": `"/admin"`, "plugins": `"/admin/plugins"`, "settings": `"/admin/settings"`, "outbox": `"/admin/outbox"`} {
			if drawn := strings.Contains(body, "href="+path); drawn != strings.Contains(want, id) {
				t.Errorf("%s for %s is drawn: %v", id, role, drawn)
			}
		}
	}
}

// TestLimitedConsole leads somebody without the overview to the first screen they have.
func TestLimitedConsole(t *testing.T) {
	h := open(t, map[string]string{"admin.roles": `{ watcher = { scopes = ["settings:read"] } }`})
	s := plugins.MustOffer[*admin.Service](h.Host)
	ctx := auth.WithPrincipal(t.Context(), adminapi.CommandLine(h.Host.Scopes, h.Host.Clock()))
	if _, err := s.Create(ctx, admin.NewPerson{Name: "w", Email: "w@example.test", Password: servertest.Password, Roles: []string{"watcher"}, EmailVerified: true}); err != nil {
		t.Fatal(err)
	}
	a := h.SignIn("w@example.test").Get("/admin")
	if a.Status != http.StatusSeeOther || a.Location() != "/admin/settings" {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
}

// extra is a plugin with tiles: a figure, a panel, one that fails, and one behind a
// scope; and a prerequisite that fails.
type extra struct{}

func (extra) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "extra", Name: "Extra", Sentence: hostile, Needs: []plugins.Need{{Plugin: "missing", For: "more"}}}
}

func (extra) Contribute(*plugins.Host) (plugins.Contribution, error) {
	tile := func(id, scope string, body templ.Component, err error) plugins.Tile {
		return plugins.Tile{ID: id, Scope: scope, Draw: func(context.Context) (templ.Component, error) { return body, err }}
	}
	return plugins.Contribution{
		Tiles: []plugins.Tile{
			tile("figure", "readiness:read", web.Stat{Label: "Things", Figure: "4711"}, nil),
			tile("panel", "readiness:read", web.Text("a panel"), nil),
			tile("broken", "readiness:read", nil, errors.New("no")),
			tile("secret", "outbox:read", web.Text("for owners only"), nil),
		},
		Prerequisites: []plugins.Prerequisite{{Name: "the moon is full", Fix: "wait", Check: func(context.Context) error { return errors.New("it is " + hostile) }}},
		Jobs:          []plugins.Job{{Name: "sweep", Words: "sweeps the floor", Period: time.Hour, Run: func(context.Context) error { return nil }}},
		Events:        []auth.EventKind{{Name: "extra.done", Words: "Extra done"}},
		RollUps:       []plugins.RollUp{{Name: "extras", Words: "Extras", Events: []string{"extra.done"}}},
	}, nil
}

// TestOverview counts what happened and draws the parts of plugins.
func TestOverview(t *testing.T) {
	h := open(t, nil, extra{})
	h.Browser().Post("/api/auth/sign-in/email", map[string]any{"email": "owner@example.test", "password": "wrong-password"}).Want(401, "")
	for range 3 {
		if err := h.Host.Events.Record(t.Context(), auth.Event{Kind: "extra.done"}); err != nil {
			t.Fatal(err)
		}
	}
	h.Clock.Advance(25 * time.Hour)
	h.SignIn("admin@example.test")
	body := look(t, h.SignIn("owner@example.test").Get("/admin"))
	expect(t, body, []string{"4711", "a panel", "Extra could not be loaded", "for owners only", "Getting started", "Connect a mail server",
		"Invite a second administrator", "Extra: the moon is full", "Recent activity", "Extras per day", "Signed in", ">5<"}, "<script>alert")
	if !strings.Contains(body, `<th scope="row">2 Jan</th><td class="end">5</td><td class="end">5</td>`) {
		t.Errorf("yesterday's sign-ins and new people are not in the table:\n%s", between(body, "Sign-ins and new people per day", "</table>"))
	}
	viewer := look(t, h.SignIn("viewer@example.test").Get("/admin"))
	expect(t, viewer, []string{"4711"}, "for owners only", "Recent activity", "/admin/settings/general")
}

// between cuts a piece of a page out for a failure's message.
func between(body, from, to string) string {
	_, rest, _ := strings.Cut(body, from)
	piece, _, _ := strings.Cut(rest, to)
	return piece
}

// TestPlugins shows readiness, and what a plugin brings, with hostile texts as text.
func TestPlugins(t *testing.T) {
	h := open(t, map[string]string{"plugins.enabled": "admin,extra"}, extra{}, off{})
	body := look(t, h.as("viewer").Get("/admin/plugins"))
	expect(t, body, []string{"Administration", "Extra", "Needs attention", "Sleeping", "Off", "Console"}, "<script>alert")
	body = look(t, h.as("viewer").Get("/admin/plugins/extra"))
	expect(t, body, []string{"The moon is full", "It is &#34;", "Wait.", "Sweeps the floor", "Every 1 hour", "not run yet", "Plugin missing"}, "<script>alert", "/admin/settings")
	body = look(t, h.as("admin").Get("/admin/plugins/admin"))
	expect(t, body, []string{"platformInvitation", "added to <code>user</code>", "banReason", "user:set-role", "/api/auth/admin/list-users", "/admin/users", "UserCreating",
		"user.banned", "Remove invitations", "present and current", "/admin/settings/people", "endpoints of the API</summary>", "pages and forms</summary>"}, "<details class=\"card-fold\" open")
	expect(t, look(t, h.as("viewer").Get("/admin/plugins/sleeping")), []string{"Not enabled"})
	h.as("viewer").Get("/admin/plugins/none").Want(http.StatusNotFound, "")
}

// off is a plugin of the build that does not run.
type off struct{}

func (off) Manifest() plugins.Manifest { return plugins.Manifest{ID: "sleeping", Name: "Sleeping"} }
func (off) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{}, nil
}

// TestSettings changes values and takes them back; refusals keep what was typed and
// change nothing.
func TestSettings(t *testing.T) {
	h := open(t, map[string]string{"app.name": "House " + hostile, "mail.recipient_limit": "7"})
	body := look(t, h.as("owner").Get("/admin/settings/mail"))
	expect(t, body, []string{"mail.links", "environment GATEHOUSE_MAIL_RECIPIENT_LIMIT", "Save changes", "Test message"}, "<script>alert")
	expect(t, look(t, h.as("admin").Get("/admin/settings/mail")), []string{"Read only for you"}, "Save changes", "Test message")
	expect(t, look(t, h.as("owner").Get("/admin/settings/general")), []string{"GATEHOUSE_SECRET", "Needs a restart"}, servertest.Secret)
	h.as("owner").Get("/admin/settings/none").Want(http.StatusNotFound, "")

	form := url.Values{"mail.from": {"Gate <gate@example.test>"}, "mail.links": {"direct"}, "present": {"mail.notices.device"}, "mail.recipient_limit": {"9"}, "url": {"https://evil.test"}}
	for _, role := range []string{"admin", "support", "viewer", "user"} {
		h.as(role).Form("/admin/settings/mail", form).Want(http.StatusForbidden, "")
	}
	foreign := h.as("owner")
	foreign.Header.Set("Origin", "https://evil.test")
	foreign.Form("/admin/settings/mail", form).Want(http.StatusForbidden, "")
	foreign.Header.Del("Origin")
	if got := h.Core.Mail.Get(); got.Links != "confirm" || !got.Notices.Device {
		t.Fatalf("refused requests changed %+v", got)
	}

	a := h.as("owner").Form("/admin/settings/mail", form).Want(http.StatusSeeOther, "")
	if a.Location() != "/admin/settings/mail" {
		t.Fatalf("location %s", a.Location())
	}
	got := h.Core.Mail.Get()
	if got.From != "Gate <gate@example.test>" || got.Links != "direct" || got.Notices.Device || got.RecipientLimit != 7 {
		t.Fatalf("settings are %+v", got)
	}
	if n := len(h.events("setting.changed")); n != 3 {
		t.Fatalf("%d events", n)
	}
	if ev := h.events("setting.changed")[1]; ev.SubjectID != "mail.links" || ev.Data["before"] != "confirm" || ev.Data["after"] != "direct" {
		t.Errorf("event %+v", ev)
	}
	expect(t, look(t, h.as("owner").Get("/admin/settings/mail")), []string{"changed here", "Back to the default", "Saved."})

	bad := url.Values{"mail.from": {"not " + hostile}, "mail.links": {"sideways"}, "present": {"mail.notices.device"}}
	a = h.as("owner").Form("/admin/settings/mail", bad).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"not &#34;&gt;&lt;script&gt;", "field-error"}, "<script>alert")
	if h.Core.Mail.Get().Links != "direct" {
		t.Fatal("a refused form changed something")
	}

	rules := url.Values{"rate_limit.rules": {`[{ path = "/a", window = "1s", max = 1 }, { pth = "/b" }]`}}
	a = h.as("owner").Form("/admin/settings/security", rules).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{`aria-invalid="true"`, "2.pth: is unknown here."}, "rate_limit.rules.1")

	h.as("owner").Form("/admin/settings/mail", url.Values{"reset": {"mail.links"}}).Want(http.StatusSeeOther, "")
	if h.Core.Mail.Get().Links != "confirm" {
		t.Fatal("the default is not back")
	}
	h.as("owner").Form("/admin/settings/mail", url.Values{"reset": {"mail.recipient_limit"}}).Want(http.StatusNotFound, "")
	h.as("owner").Form("/admin/settings/mail", url.Values{"reset": {"url"}}).Want(http.StatusNotFound, "")
}

// fussy is a plugin with a setting of every kind.
type fussy struct {
	options *settings.Section[fussyOptions]
}

type fussyOptions struct {
	_ struct{} `title:"Fussy" help:"Every kind."`

	Names []string          `setting:"names" help:"some names" level:"console"`
	Token settings.Secret   `setting:"token" help:"a token" level:"console" secret:"true"`
	Wait  time.Duration     `setting:"wait" help:"a time" level:"console" check:"min=1s;max=1h"`
	Size  settings.Size     `setting:"size" help:"a size" level:"console"`
	Mode  settings.Toggle   `setting:"mode" help:"a mode" level:"console"`
	Count int               `setting:"count" help:"a number" level:"console" check:"max=9"`
	Table map[string]string `setting:"table" help:"a table" level:"console"`
}

func newFussy() fussy {
	return fussy{settings.Define("fussy", fussyOptions{Wait: time.Minute, Size: settings.KiB})}
}

func (f fussy) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "fussy", Name: "Fussy", Settings: []settings.Group{f.options}}
}

func (fussy) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{}, nil
}

// TestSettingKinds changes a setting of every kind; the secret is never shown or
// recorded.
func TestSettingKinds(t *testing.T) {
	f := newFussy()
	h := open(t, nil, f)
	body := look(t, h.as("owner").Get("/admin/settings/plugins"))
	expect(t, body, []string{"Fussy", "Every kind.", "fussy.names", "Not set"})
	unchanged := url.Values{"fussy.names": {""}, "fussy.wait": {"1m"}, "fussy.size": {"1KiB"}, "fussy.mode": {"auto"}, "fussy.count": {"0"}, "fussy.table": {""}, "fussy.token": {""}}
	h.as("owner").Form("/admin/settings/plugins", unchanged).Want(http.StatusSeeOther, "")
	if n := len(h.events("setting.changed")); n != 0 {
		t.Fatalf("nothing new was recorded %d times", n)
	}
	h.as("owner").Form("/admin/settings/plugins", url.Values{"fussy.names": {"one\r\n\r\n  two \n"}, "fussy.wait": {"90s"}, "fussy.size": {"2MiB"},
		"fussy.mode": {"true"}, "fussy.count": {"3"}, "fussy.table": {`{ a = "b" }`}, "fussy.token": {"s3cret-token"}}).Want(http.StatusSeeOther, "")
	got := f.options.Get()
	if strings.Join(got.Names, "|") != "one|two" || got.Wait != 90*time.Second || got.Size != 2*settings.MiB || !got.Mode.Or(false) || got.Count != 3 ||
		got.Table["a"] != "b" || got.Token.Reveal() != "s3cret-token" {
		t.Fatalf("settings are %+v", got)
	}
	for _, ev := range h.events("setting.changed") {
		if strings.Contains(fmt.Sprint(ev.Data), "s3cret") {
			t.Errorf("the secret is in the event %v", ev.Data)
		}
	}
	row, err := h.Host.DB.Access(t.Context()).Setting().Query().Where(setting.Key("fussy.token")).Only(t.Context())
	if err != nil || strings.Contains(row.Value, "s3cret") {
		t.Errorf("the secret is stored as %q, %v", row.Value, err)
	}
	expect(t, look(t, h.as("owner").Get("/admin/settings/plugins")), []string{"Has a value. Type to replace it.", "one\ntwo"}, "s3cret")
	a := h.as("owner").Form("/admin/settings/plugins", url.Values{"fussy.wait": {"2h"}, "fussy.count": {"10"}, "fussy.token": {"other-s3cret"}})
	a.Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{`value="2h"`, `value="10"`}, "other-s3cret")
	if f.options.Get().Wait != 90*time.Second || f.options.Get().Token.Reveal() != "s3cret-token" {
		t.Error("a refused form changed something")
	}
}

// TestFollow takes over what another process stored.
func TestFollow(t *testing.T) {
	h := open(t, nil)
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Setting().Create().SetID("s1").SetKey("app.name").SetValue(`"Elsewhere"`).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Minute)
	h.Browser().Get("/health/none")
	if name := h.Core.App.Get().Name; name != "Elsewhere" {
		t.Fatalf("the name is %q", name)
	}
}

func (h *house) events(kind string) []*ent.Event {
	h.T.Helper()
	rows, err := h.Host.DB.Access(context.Background()).Event().Query().Where(event.Kind(kind)).Order(ent.Asc(event.FieldOccurredAt)).All(context.Background())
	if err != nil {
		h.T.Fatal(err)
	}
	return rows
}

// TestOutbox reads messages, each reading being an event, and pages through many.
func TestOutbox(t *testing.T) {
	h := open(t, nil)
	ctx := t.Context()
	if err := h.Host.Messages.Send(ctx, "test-message", "mail", "owner@example.test", time.Time{}, auth.MessageData{}); err != nil {
		t.Fatal(err)
	}
	send := func(to, url string) {
		h.T.Helper()
		if err := h.Host.Messages.Send(ctx, "reset-password", "mail", to, h.Host.Clock().Add(time.Hour), auth.MessageData{Name: hostile, URL: url}); err != nil {
			t.Fatal(err)
		}
	}
	send("ada@example.test", "http://localhost:3000/x?token=t0ken")
	body := look(t, h.as("owner").Get("/admin/outbox"))
	expect(t, body, []string{"ada@example.test", "owner@example.test", "Kept here", "No mail server is set"}, "t0ken")
	expect(t, look(t, h.as("owner").Get("/admin/outbox?q=ada")), []string{"ada@example.test"}, "owner@example.test</div>")
	expect(t, look(t, h.as("owner").Get("/admin/outbox?kind=test-message&state=held")), []string{"owner@example.test</div>"}, "ada@example.test")
	expect(t, look(t, h.as("owner").Get("/admin/outbox?state=sent")), []string{"Nothing matches"})
	if n := len(h.events("outbox.message-read")); n != 0 {
		t.Fatalf("the list recorded %d readings", n)
	}

	row, err := h.Host.DB.Access(ctx).OutboxMessage().Query().Where(outboxmessage.Recipient("ada@example.test")).Only(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h.as("admin").Get("/admin/outbox/"+row.ID).Want(http.StatusForbidden, "")
	body = look(t, h.as("owner").Get("/admin/outbox/"+row.ID))
	expect(t, body, []string{"t0ken", "ada@example.test"}, "<script>alert", "Send again")
	if list := h.events("outbox.message-read"); len(list) != 1 || list[0].SubjectID != row.ID {
		t.Fatalf("events %v", list)
	}
	h.as("owner").Form("/admin/outbox/"+row.ID+"/send", nil).Want(http.StatusNotFound, "")
	h.Clock.Advance(2 * time.Hour)
	expect(t, look(t, h.SignIn("owner@example.test").Get("/admin/outbox/"+row.ID)), []string{"The text was removed"}, "t0ken")
	h.as("owner").Get("/admin/outbox/"+row.ID).Want(http.StatusForbidden, "") // the last proof is two hours old
	h.SignIn("owner@example.test").Get("/admin/outbox/none").Want(http.StatusNotFound, "")
}

// TestOutboxPages goes through the list by its own links and refuses made-up ones.
func TestOutboxPages(t *testing.T) {
	h := open(t, map[string]string{"mail.recipient_limit": "0"})
	for range 120 {
		if err := h.Host.Messages.Send(t.Context(), "test-message", "mail", "many@example.test", time.Time{}, auth.MessageData{}); err != nil {
			t.Fatal(err)
		}
	}
	path, seen := "/admin/outbox?q=many", map[string]bool{}
	for pages := 1; ; pages++ {
		body := look(t, h.as("owner").Get(path))
		for _, piece := range strings.Split(body, `class="table-link" href="/admin/outbox/`)[1:] {
			id, _, _ := strings.Cut(piece, `"`)
			if seen[id] {
				t.Fatalf("%s comes twice", id)
			}
			seen[id] = true
		}
		older := linkOf(body, "next")
		if older == "" {
			if pages != 6 || len(seen) != 120 {
				t.Fatalf("%d rows on %d pages", len(seen), pages)
			}
			break
		}
		path = older
	}
	for _, page := range []string{"x", "$gh$abc$def", strings.Repeat("a", 5000)} {
		if a := h.as("owner").Get("/admin/outbox?page=" + url.QueryEscape(page)); a.Status != http.StatusBadRequest {
			t.Errorf("page %.20q: %d", page, a.Status)
		}
	}
}

// linkOf finds the link with a relation in a page.
func linkOf(body, rel string) string {
	for _, piece := range strings.Split(body, "<a ")[1:] {
		tag, _, _ := strings.Cut(piece, ">")
		if strings.Contains(tag, `rel="`+rel+`"`) {
			_, rest, _ := strings.Cut(tag, `href="`)
			address, _, _ := strings.Cut(rest, `"`)
			return strings.ReplaceAll(address, "&amp;", "&")
		}
	}
	return ""
}
