package console_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// undo presses the button of the message after an act; it fails when there is none.
func undo(t *testing.T, b *servertest.Browser, page string) string {
	t.Helper()
	_, toast, _ := strings.Cut(look(t, b.Get(page)), `class="toasts"`)
	form := regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`).FindStringSubmatch(toast)
	if form == nil {
		t.Fatalf("nothing can be taken back: %.300s", toast)
	}
	values := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(form[2], -1) {
		values.Add(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	a := b.Form(html.UnescapeString(form[1]), values).Want(http.StatusSeeOther, "")
	return look(t, b.Get(a.Location()))
}

// TestUndo: what was changed a moment ago is as before, by the button of its message.
func TestUndo(t *testing.T) {
	h := open(t, nil)
	owner := h.as("owner")
	title := func() string { return h.Host.Core.Settings.Appearance.Current().SignInTitle["en"] }
	save := func(text string) {
		t.Helper()
		owner.Form("/admin/settings/appearance", url.Values{"appearance.sign_in_title.en": {text}}).Want(http.StatusSeeOther, "")
	}
	save("Hello")
	look(t, owner.Get("/admin/settings/appearance"))
	save("Second")
	undo(t, owner, "/admin/settings/appearance")
	if got := title(); got != "Hello" {
		t.Errorf("the title is %q", got)
	}
	look(t, owner.Get("/admin"))

	owner.Form("/admin/settings/mail", url.Values{"present": {"mail.notices.device"}}).Want(http.StatusSeeOther, "")
	if h.Host.Core.Settings.Mail.Current().Notices.Device {
		t.Fatal("the switch is on")
	}
	undo(t, owner, "/admin/settings/mail")
	if !h.Host.Core.Settings.Mail.Current().Notices.Device {
		t.Error("the switch is off")
	}
	look(t, owner.Get("/admin"))

	// Of several, those that nobody had set are taken away and the others set back.
	owner.Form("/admin/settings/sessions", url.Values{"session.expires_in": {"10d"}}).Want(http.StatusSeeOther, "")
	look(t, owner.Get("/admin"))
	owner.Form("/admin/settings/sessions", url.Values{"session.expires_in": {"12d"}, "present": {"session.refresh"}}).Want(http.StatusSeeOther, "")
	undo(t, owner, "/admin/settings/sessions")
	for key, want := range map[string]string{"session.expires_in": "console 10d", "session.refresh": "default true"} {
		if f, _ := h.Host.Settings.Field(key); string(f.Source)+" "+f.Value != want {
			t.Errorf("%s is %s %s, want %s", key, f.Source, f.Value, want)
		}
	}
	look(t, owner.Get("/admin"))

	id := h.User("user@example.test").ID
	owner.Form("/admin/users/"+id+"/ban", url.Values{"life": {"1h"}}).Want(http.StatusSeeOther, "")
	expect(t, undo(t, owner, "/admin/users/"+id), []string{"can sign in again"})
	if h.User("user@example.test").Banned {
		t.Error("still banned")
	}
	look(t, owner.Get("/admin"))

	owner.Form("/admin/users/views", url.Values{"name": {"Mine"}, "query": {"role=admin"}}).Want(http.StatusSeeOther, "")
	look(t, owner.Get("/admin"))
	owner.Form("/admin/users/views/forget", url.Values{"name": {"Mine"}}).Want(http.StatusSeeOther, "")
	expect(t, undo(t, owner, "/admin/users"), []string{">Mine<"})
}

// TestNobodyCanSignIn: a server whose only way in is switched off says so.
func TestNobodyCanSignIn(t *testing.T) {
	h := open(t, nil, pages.New())
	if body := look(t, h.as("owner").Get("/admin")); strings.Contains(body, "no other way to sign in is on") {
		t.Error("warns without need")
	}
	if err := h.Host.Settings.Apply(map[string]json.RawMessage{"sign_in.password": []byte("false")}); err != nil {
		t.Fatal(err)
	}
	expect(t, look(t, h.as("owner").Get("/admin")), []string{"no other way to sign in is on"})
}
