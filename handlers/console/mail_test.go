package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail/mailtest"
	"gatehouse/ent/messagetext"
	"gatehouse/ent/outboxmessage"
	"gatehouse/ent/setting"
	"gatehouse/handlers/servertest"
)

// TestTestMessage shows what the mail server says, at once, to owners only, and keeps
// nothing in the outbox.
func TestTestMessage(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	refusing := mailtest.Start(t, mailtest.Options{Replies: map[string]string{"RCPT": "550 5.1.1 no such user <x>"}})
	h := open(t, nil)
	const path = "/admin/settings/test-message"
	a := h.as("owner").Form(path, nil).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"no mail server is configured"})
	h.as("admin").Form(path, nil).Want(http.StatusForbidden, "")

	save := func(address string) {
		t.Helper()
		h.as("owner").Form("/admin/settings/mail", url.Values{"smtp": {address}}).Want(http.StatusSeeOther, "")
	}
	save(server.URL())
	row, err := h.Host.DB.Access(t.Context()).Setting().Query().Where(setting.Key("smtp")).Only(t.Context())
	if err != nil || strings.Contains(row.Value, server.Addr) {
		t.Errorf("the address, which may hold a password, is stored as %q, %v", row.Value, err)
	}
	h.as("owner").Form(path, nil).Want(http.StatusSeeOther, "")
	h.as("owner").Form(path, url.Values{"to": {"elsewhere@example.test"}}).Want(http.StatusSeeOther, "")
	got := server.Mails()
	if len(got) != 2 || got[0].To != "owner@example.test" || got[1].To != "elsewhere@example.test" || !strings.Contains(got[1].HTML, "Mail works") {
		t.Fatalf("%+v", got)
	}
	a = h.as("owner").Form(path, url.Values{"to": {"nobody"}}).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"This is not an email address.", `value="nobody"`})

	save(refusing.URL())
	a = h.as("owner").Form(path, url.Values{"to": {"x@example.test"}}).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"The recipient was refused: SMTP code 550", "5.1.1 no such user &lt;x&gt;", `value="x@example.test"`})
	save("smtp://127.0.0.1:1?tls=none")
	a = h.as("owner").Form(path, nil).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"Connecting failed", "connection refused"})
	if n := h.Host.DB.Access(t.Context()).OutboxMessage().Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d messages in the outbox", n)
	}
	events := h.events("mail.tested")
	if len(events) != 5 || events[1].Result != "success" || events[3].Result != "failure" || !strings.Contains(events[3].Data["error"].(string), "550") {
		t.Errorf("%+v", events)
	}
}

// TestHangingTest gives a mail server that says nothing up in time.
func TestHangingTest(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{Silent: true})
	h := open(t, map[string]string{"smtp": server.URL()})
	a := h.as("owner").Form("/admin/settings/test-message", nil).Want(http.StatusUnprocessableEntity, "")
	if body := string(a.Body); !strings.Contains(body, `name="returnTo" value="/admin/settings/mail"`) {
		t.Error("a change of the theme would lead to an address that takes forms only")
	}
	expect(t, look(t, a), []string{"The greeting failed", "no answer in time"})
}

// TestKeptMessages are sent when there is a mail server at last, once, save those whose
// links are over; one that failed can be tried again at once.
func TestKeptMessages(t *testing.T) {
	h := open(t, nil)
	ctx := t.Context()
	for i, life := range []time.Duration{time.Hour, 10 * time.Minute} {
		err := h.Host.Messages.Send(ctx, "reset-password", "mail", string(rune('a'+i))+"@example.test", h.Host.Clock().Add(life), auth.MessageData{URL: "https://a.example/x"})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.as("owner").Form("/admin/outbox/release", nil) // nowhere to send to
	server := mailtest.Start(t, mailtest.Options{})
	h.as("owner").Form("/admin/settings/mail", url.Values{"smtp": {server.URL()}}).Want(http.StatusSeeOther, "")
	h.Clock.Advance(30 * time.Minute)
	expect(t, look(t, h.as("owner").Get("/admin/outbox")), []string{"Messages were kept", "Send them"}, "No mail server is set")
	h.as("admin").Form("/admin/outbox/release", nil).Want(http.StatusForbidden, "")
	h.as("owner").Form("/admin/outbox/release", nil).Want(http.StatusSeeOther, "")
	if err := h.Host.Messages.Deliver(ctx); err != nil {
		t.Fatal(err)
	}
	if got := server.Mails(); len(got) != 1 || got[0].To != "a@example.test" {
		t.Fatalf("%+v", got)
	}
	if list := h.events("outbox.released"); len(list) != 1 {
		t.Errorf("%d events", len(list))
	}
	expect(t, look(t, h.as("owner").Get("/admin/outbox")), []string{"Sent"}, "Messages were kept")
}

// TestDelivery shows the state of a message that waits, fails and is sent after all.
func TestDelivery(t *testing.T) {
	h := open(t, map[string]string{"mail.notices.device": "false"})
	ctx := t.Context()
	save := func(address string) {
		t.Helper()
		h.as("owner").Form("/admin/settings/mail", url.Values{"smtp": {address}}).Want(http.StatusSeeOther, "")
	}
	save("smtp://127.0.0.1:1?tls=none")
	if err := h.Host.Messages.Send(ctx, "reset-password", "mail", "a@example.test", h.Host.Clock().Add(30*24*time.Hour), auth.MessageData{URL: "https://a.example/x"}); err != nil {
		t.Fatal(err)
	}
	deliver := func() {
		t.Helper()
		if err := h.Host.Messages.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
	}
	deliver()
	id := h.Host.DB.Access(ctx).OutboxMessage().Query().OnlyIDX(ctx)
	expect(t, look(t, h.as("owner").Get("/admin/outbox?state=queued")), []string{"connection refused", "Next try"})
	expect(t, look(t, h.as("owner").Get("/admin/outbox/"+id)), []string{"The last try failed; it will be tried again", "Next try", "Try again now"})
	for range 16 {
		h.Clock.Advance(7 * time.Hour)
		deliver()
	}
	if row := h.Host.DB.Access(ctx).OutboxMessage().GetX(ctx, id); row.State != outboxmessage.StateFailed || row.Attempts != 17 {
		t.Fatalf("%+v", row)
	}
	h.people["owner"] = h.SignIn("owner@example.test")
	expect(t, look(t, h.as("owner").Get("/admin/outbox?state=failed")), []string{"Failed", "connection refused"}, "Next try")
	server := mailtest.Start(t, mailtest.Options{})
	save(server.URL())
	a := h.as("owner").Form("/admin/outbox/bulk/send", url.Values{"id": {id, "gone"}, "filter": {"state=failed"}}).Want(http.StatusSeeOther, "")
	if a.Location() != "/admin/outbox?state=failed" {
		t.Errorf("leads to %s", a.Location())
	}
	expect(t, look(t, h.as("owner").Get("/admin/outbox")), []string{"One message is on its way. One was left out"})
	h.as("owner").Form("/admin/outbox/"+id+"/send", nil).Want(http.StatusSeeOther, "")
	deliver()
	if got := server.Mails(); len(got) != 1 || !strings.Contains(got[0].Text, "https://a.example/x") {
		t.Fatalf("%+v", got)
	}
	h.as("owner").Form("/admin/outbox/"+id+"/send", nil).Want(http.StatusNotFound, "")
}

// TestMailThatFails: the overview says that mail does not arrive, and the step is open
// again, until a delivery or a test works.
func TestMailThatFails(t *testing.T) {
	h := open(t, map[string]string{"mail.notices.device": "false"})
	ctx := t.Context()
	h.as("owner").Form("/admin/settings/mail", url.Values{"smtp": {"smtp://127.0.0.1:1?tls=none"}}).Want(http.StatusSeeOther, "")
	const warning, link = "Mail does not arrive", "/admin/outbox?state=failed&amp;state=queued"
	done := func(want bool) {
		t.Helper()
		body := look(t, h.as("owner").Get("/admin"))
		step, _, _ := strings.Cut(between(body, ">Getting started<", "</ul>"), "Invite a second administrator")
		if _, mail, _ := strings.Cut(step, "Connect a mail server"); strings.Contains(mail, ">Done<") != want {
			t.Errorf("done is not %t: %s", want, mail)
		}
		if want {
			expect(t, body, nil, warning)
			return
		}
		expect(t, body, []string{warning, "connection refused", link, "Show the messages"})
		expect(t, look(t, h.as("viewer").Get("/admin")), []string{warning, "connection refused"}, link)
	}
	done(true) // nothing was tried
	if err := h.Host.Messages.Send(ctx, "reset-password", "mail", "a@example.test", time.Time{}, auth.MessageData{URL: "https://a.example/x"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Host.Messages.Deliver(ctx); err != nil {
		t.Fatal(err)
	}
	done(false)
	expect(t, look(t, h.as("owner").Get("/admin/outbox?state=failed&state=queued")), []string{"a@example.test"})
	server := mailtest.Start(t, mailtest.Options{})
	h.as("owner").Form("/admin/settings/mail", url.Values{"smtp": {server.URL()}}).Want(http.StatusSeeOther, "")
	h.as("owner").Form("/admin/settings/test-message", nil).Want(http.StatusSeeOther, "")
	done(true)
}

// TestDeadMailServer: sign-up answers as fast as ever while the mail server refuses or
// says nothing, and the message waits.
func TestDeadMailServer(t *testing.T) {
	for name, address := range map[string]string{"refusing": "smtp://127.0.0.1:1?tls=none", "hanging": mailtest.Start(t, mailtest.Options{Silent: true}).URL()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, map[string]string{"smtp": address, "email_verification.on_sign_up": "true"})
			go h.Host.Messages.Run(t.Context())
			start := time.Now()
			h.Browser().Post("/api/auth/sign-up/email", map[string]any{"name": "New", "email": "new@example.test", "password": servertest.Password}).Want(200, "")
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("sign-up took %s", d)
			}
			row := h.Host.DB.Access(t.Context()).OutboxMessage().Query().Where(outboxmessage.Kind("verify-email")).OnlyX(t.Context())
			if row.State != outboxmessage.StateQueued {
				t.Errorf("%+v", row)
			}
		})
	}
}

// TestMessages: every message can be looked at in every language; the words of one are
// changed and set back.
func TestMessages(t *testing.T) {
	h := open(t, map[string]string{"app.name": "House " + hostile})
	expect(t, look(t, h.as("admin").Get("/admin/messages")), []string{"verify-email", "platform-invitation", "built in"}, "<script>alert")
	for _, k := range h.Host.Messages.Kinds() {
		for _, tag := range h.Host.Languages.Known() {
			here := "/admin/messages/" + k.Kind + "/" + tag
			body := look(t, h.as("admin").Get(here).Want(200, ""))
			expect(t, body, []string{`<iframe`, `src="` + here + `/preview"`}, "<script>alert", "Save changes")
			a := h.as("admin").Get(here+"/preview").Want(200, "")
			if !strings.Contains(string(a.Body), "<html lang=\""+tag+"\"") || strings.Contains(string(a.Body), "<script>alert") || strings.Contains(string(a.Body), "{{") {
				t.Errorf("%s: %s", here, a.Body)
			}
			policy := a.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "frame-ancestors 'self'") || a.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
				t.Errorf("%s: %q %q", here, policy, a.Header.Get("X-Frame-Options"))
			}
		}
	}
	const here = "/admin/messages/reset-password/en"
	if a := h.as("owner").Get("/admin/messages/reset-password"); a.Status != http.StatusSeeOther || a.Location() != here {
		t.Errorf("%d %s", a.Status, a.Location())
	}
	for _, path := range []string{"/admin/messages/none", "/admin/messages/none/en", "/admin/messages/reset-password/fr", "/admin/messages/reset-password/fr/preview"} {
		h.as("owner").Get(path).Want(http.StatusNotFound, "")
	}
	page := h.as("owner").Get(here)
	if !strings.Contains(page.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("the page may not show its preview: %s", page.Header.Get("Content-Security-Policy"))
	}
	expect(t, look(t, page), []string{"Save changes", "{{link}}", `formtarget="preview"`, "Preview as text"})

	form := url.Values{"subject": {"Neu"}, "body": {"# Hey {{name}}\n\nGo: {{link}}"}, "version": {""}}
	h.as("admin").Form(here, form).Want(http.StatusForbidden, "")
	h.as("admin").Form(here+"/preview", form).Want(http.StatusForbidden, "")
	a := h.as("owner").Form(here+"/preview", form).Want(200, "")
	expect(t, string(a.Body), []string{"Hey Ada Lovelace"})
	form.Set("part", "text")
	a = h.as("owner").Form(here+"/preview", form).Want(200, "")
	if string(a.Body) != "Hey Ada Lovelace\n\nGo:\nhttps://auth.example.com/link\n" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%q %s", a.Body, a.Header.Get("Content-Type"))
	}
	if h.Host.DB.Access(t.Context()).MessageText().Query().CountX(t.Context()) != 0 {
		t.Fatal("a preview stored something")
	}
	bad := url.Values{"subject": {"Neu"}, "body": {"No link, but {{who}} " + hostile}}
	a = h.as("owner").Form(here, bad).Want(http.StatusUnprocessableEntity, "")
	expect(t, look(t, a), []string{"There is no {{who}}", "makes no sense without {{link}}", "No link, but {{who}} &#34;"}, "<script>alert")
	h.as("owner").Form(here+"/preview", bad).Want(http.StatusUnprocessableEntity, "")

	h.as("owner").Form(here, form).Want(http.StatusSeeOther, "")
	a = h.as("owner").Form(here, form).Want(http.StatusConflict, "") // the version of before
	expect(t, look(t, a), []string{"Somebody else changed this meanwhile"})
	h.Browser().Post("/api/auth/request-password-reset", map[string]any{"email": "viewer@example.test", "redirectTo": "/"}).Want(200, "")
	if list := h.Mail("viewer@example.test"); len(list) != 1 || list[0].Subject != "Neu" || list[0].Content.Title != "Hey viewer" {
		t.Errorf("%+v", list)
	}
	expect(t, look(t, h.as("owner").Get("/admin/messages")), []string{"English changed"})
	row := h.Host.DB.Access(t.Context()).MessageText().Query().Where(messagetext.Kind("reset-password")).OnlyX(t.Context())
	if row.UpdatedBy == nil || *row.UpdatedBy != h.User("owner@example.test").ID {
		t.Errorf("%+v", row)
	}
	expect(t, look(t, h.as("owner").Get(here)), []string{"Back to the built-in words", "Changed by"})
	h.as("admin").Form(here, url.Values{"reset": {"yes"}}).Want(http.StatusForbidden, "")
	h.as("owner").Form(here, url.Values{"reset": {"yes"}}).Want(http.StatusSeeOther, "")
	expect(t, look(t, h.as("owner").Get(here)), []string{"Built in"}, "Back to the built-in words")
	if len(h.events("message.reworded")) != 1 || len(h.events("message.wording-reset")) != 1 {
		t.Error("a change was not recorded")
	}
}

// TestNewDevice tells of a sign-in from another browser, with where it came from, and of
// none while the notice is off or an administrator acts as somebody.
func TestNewDevice(t *testing.T) {
	h := open(t, nil)
	count := func() (n int) {
		for _, m := range h.Mail("user@example.test") {
			if m.Kind == "new-device" {
				n++
			}
		}
		return n
	}
	if count() != 0 {
		t.Fatal("the first sign-in was told")
	}
	again := func(b *servertest.Browser) {
		t.Helper()
		b.Post("/api/auth/sign-in/email", map[string]any{"email": "user@example.test", "password": servertest.Password}).Want(200, "")
	}
	again(h.as("user"))
	if count() != 0 {
		t.Error("the same browser was told")
	}
	other := h.Browser()
	other.Header.Set("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15")
	again(other)
	again(other)
	if count() != 1 {
		t.Fatalf("%d notices", count())
	}
	list := h.Mail("user@example.test")
	text := list[len(list)-1].Content
	if text.ActionURL != h.Origin+"/account/sessions" || !strings.Contains(text.Parts[2].Text, "With: Safari on macOS\nFrom: 192.0.2.10") {
		t.Errorf("%+v", text)
	}
	h.as("owner").Post("/api/auth/admin/impersonate-user", map[string]any{"userId": h.User("user@example.test").ID}).Want(200, "")
	if count() != 1 {
		t.Error("an impersonation was told")
	}
	forged := h.Browser()
	forged.Header.Set("Cookie", "better-auth.device="+url.QueryEscape(strings.Split(other.Cookie("better-auth.device"), ".")[0]+".1.forged"))
	again(forged)
	if count() != 2 {
		t.Error("a forged cookie is a known device")
	}
}
