package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/device"
	"gatehouse/ent/outboxmessage"
)

// withMessages adds an invitation in English and German, a notice, and a channel that
// delivers as say decides.
func (r *rig) withMessages(t *testing.T, say func(*auth.Outgoing) error) *rig {
	t.Helper()
	c, err := words.NewCatalogue(fstest.MapFS{"de.toml": {Data: []byte(`"Join {{app}}" = "Komm zu {{app}}"
"Hello {{name}}," = "Hallo {{name}},"
"Join: {{link}}" = "Mitmachen: {{link}}"
"# New sign-in" = "# Neue Anmeldung"
`)}})
	if err != nil {
		t.Fatal(err)
	}
	r.Languages.Use(c)
	err = errors.Join(
		r.Events.Declare("test", auth.EventKind{Name: auth.EventReworded, Fields: []auth.EventField{{Name: "language", Hidden: true}}},
			auth.EventKind{Name: auth.EventReset, Fields: []auth.EventField{{Name: "language", Hidden: true}}}),
		r.Messages.Declare("test",
			auth.Message{Kind: "join", Words: "Join", Subject: "Join {{app}}", Body: []words.Text{"Hello {{name}},", "Join: {{link}}", "-- {{why}}"},
				Needs: []string{"link"}, Places: []auth.Place{{Name: "why", Words: "Why"}}},
			auth.Message{Kind: auth.MessageNewDevice, Notice: auth.NoticeDevice, Subject: "New sign-in", Body: auth.NoticeBody("# New sign-in")}),
		r.Messages.AddChannel("test", auth.Channel{Name: "mail", Ready: func(context.Context) error { return nil },
			Deliver: func(_ context.Context, o *auth.Outgoing) error { return say(o) }}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) outbox(t *testing.T) []mail.Content {
	t.Helper()
	rows, err := r.DB.Access(t.Context()).OutboxMessage().Query().Order(outboxmessage.ByCreatedAt()).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []mail.Content
	for _, row := range rows {
		c, err := r.Messages.Open(row)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func taken(*auth.Outgoing) error { return nil }

// TestMessageLanguage: the language that the recipient chose comes before that of the
// request, and that before the setting.
func TestMessageLanguage(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t), "--languages.default=de").withMessages(t, taken)
	u := r.user(t, "ada@example.test")
	send := func(ctx context.Context, user string) string {
		t.Helper()
		r.advance(time.Second)
		err := r.Messages.Send(ctx, "join", "mail", "ada@example.test", time.Time{}, auth.MessageData{User: user, Name: "Ada", URL: "https://a.example/x",
			Texts: map[string]words.Text{"why": "Hello {{name}},"}})
		if err != nil {
			t.Fatal(err)
		}
		list := r.outbox(t)
		last := list[len(list)-1]
		if last.Footer != map[string]string{"en": "Hello {{name}},", "de": "Hallo {{name}},"}[last.Lang] {
			t.Errorf("%+v", last)
		}
		return last.Lang + " " + last.Parts[0].Text + " " + last.Parts[1].Text
	}
	german, english := "de Hallo Ada, Mitmachen", "en Hello Ada, Join"
	fr := auth.WithOrigin(t.Context(), auth.Origin{Language: "fr"})
	en := auth.WithOrigin(t.Context(), auth.Origin{Language: "fr, en;q=0.5"})
	if got := send(fr, ""); got != german {
		t.Errorf("setting: %q", got)
	}
	if got := send(en, u.ID); got != english {
		t.Errorf("request: %q", got)
	}
	r.prefer(t, u.ID, auth.PreferLanguage, "de")
	if got := send(en, u.ID); got != german {
		t.Errorf("preference: %q", got)
	}
	r.prefer(t, u.ID, auth.PreferLanguage, "tlh")
	if got := send(en, u.ID); got != english {
		t.Errorf("a language that nobody speaks here: %q", got)
	}
}

func (r *rig) prefer(t *testing.T, user, name, value string) {
	t.Helper()
	err := r.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		if _, err := tx.Preference().Delete().Exec(ctx); err != nil {
			return err
		}
		return tx.Preference().Create().SetID("p").SetUserID(user).SetName(name).SetValue(value).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReword: changed wordings hold until they are set back, in their language alone;
// those that are not in order or were changed meanwhile are refused and change nothing.
func TestReword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db).withMessages(t, taken)
		ctx := t.Context()
		de, _ := r.Languages.Speaker("de")
		built, err := r.Messages.Wording(ctx, "join", de)
		if err != nil || built.Changed || built.Version != "" || built.Subject != "Komm zu {{app}}" || built.Body != "Hallo {{name}},\n\nMitmachen: {{link}}\n\n-- {{why}}" {
			t.Fatalf("%+v %v", built, err)
		}
		in := auth.Reword{Kind: "join", Language: "de", Template: mail.Template{Subject: " Servus ", Body: "# Na?\r\n\r\nLos: {{link}}\r\n"}}
		if err := r.Messages.Reword(ctx, in); err != nil {
			t.Fatal(err)
		}
		first, err := r.Messages.Wording(ctx, "join", de)
		if err != nil || !first.Changed || first.Subject != "Servus" || first.Body != "# Na?\n\nLos: {{link}}" || first.Version == "" {
			t.Fatalf("%+v %v", first, err)
		}
		if err := r.Messages.Reword(ctx, in); !errors.Is(err, auth.ErrStale) {
			t.Errorf("a second first change: %v", err)
		}
		in.Version, in.Subject = first.Version, "Zwei"
		if err := r.Messages.Reword(ctx, in); err != nil {
			t.Fatal(err)
		}
		in.Subject = "Drei"
		if err := r.Messages.Reword(ctx, in); !errors.Is(err, auth.ErrStale) {
			t.Errorf("a change of what is gone: %v", err)
		}
		in.Version = "nonsense"
		if err := r.Messages.Reword(ctx, in); !errors.Is(err, auth.ErrStale) {
			t.Errorf("a version that is none: %v", err)
		}
		second, _ := r.Messages.Wording(ctx, "join", de)
		if second.Subject != "Zwei" {
			t.Errorf("%+v", second)
		}
		if other, _ := r.Messages.Wording(ctx, "join", words.English()); other.Changed {
			t.Errorf("English changed as well: %+v", other)
		}
		if list, err := r.Messages.Changed(ctx); err != nil || strings.Join(list["join"], " ") != "de" {
			t.Errorf("%v %v", list, err)
		}

		in.Version = second.Version
		in.Template = mail.Template{Subject: "{{link}} {{who}}", Body: "{{who}} {{why}}"}
		err = r.Messages.Reword(ctx, in)
		e := auth.AsError(err)
		if e.Status != 422 || !strings.Contains(e.Fields["subject"].English(), "There is no {{who}}. This message has {{app}}, {{name}}, {{address}}, {{why}}.") ||
			!strings.Contains(e.Fields["subject"].English(), "does not belong in a subject") || !strings.Contains(e.Fields["body"].English(), "makes no sense without {{link}}") {
			t.Errorf("%v %q", err, e.Fields)
		}
		for _, in := range []auth.Reword{{Kind: "none", Language: "de"}, {Kind: "join", Language: "fr"}, {Kind: "join", Language: words.Pseudo}, {Kind: "join"}} {
			if err := r.Messages.Reword(ctx, in); auth.AsError(err).Status != 404 {
				t.Errorf("%+v: %v", in, err)
			}
		}
		for range 2 {
			if err := r.Messages.ResetWording(ctx, "join", "de"); err != nil {
				t.Fatal(err)
			}
		}
		if back, _ := r.Messages.Wording(ctx, "join", de); back.Changed || back.Subject != "Komm zu {{app}}" {
			t.Errorf("%+v", back)
		}
		if n := r.DB.Access(ctx).Event().Query().CountX(ctx); n != 3 {
			t.Errorf("%d events, want two changes and one reset", n)
		}
	})
}

// TestBrokenDeclaration: a message whose own words are not in order stops the start.
func TestBrokenDeclaration(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	if err := r.Messages.Declare("test", auth.Message{Kind: "x", Subject: "s", Body: []words.Text{"no link"}, Needs: []string{"link"}}); err == nil {
		t.Error("accepted")
	}
}

// TestFailedMessage: what failed for good keeps its body while it says something, and can
// be sent again; what is over cannot.
func TestFailedMessage(t *testing.T) {
	answer := error(&mail.Error{Stage: mail.StageRecipient, Server: "mail.example:25", Code: 550, Err: errors.New("no such user")})
	r := newRig(t, dbtest.SQLite(t)).withMessages(t, func(*auth.Outgoing) error { return answer })
	ctx := t.Context()
	send := func() string {
		t.Helper()
		if err := r.Messages.Send(ctx, "join", "mail", "ada@example.test", r.clock().Add(time.Hour), auth.MessageData{URL: "https://a.example/x"}); err != nil {
			t.Fatal(err)
		}
		if err := r.Messages.Deliver(ctx); err != nil {
			t.Fatal(err)
		}
		return r.DB.Access(ctx).OutboxMessage().Query().Order(outboxmessage.ByCreatedAt()).AllX(ctx)[0].ID
	}
	id := send()
	row := r.DB.Access(ctx).OutboxMessage().GetX(ctx, id)
	if row.State != outboxmessage.StateFailed || row.Body == "" || !strings.Contains(row.LastError, "no such user") || !r.Messages.Sendable(ctx, row) {
		t.Fatalf("%+v", row)
	}
	answer = nil
	if again, err := r.Messages.Again(ctx, id); err != nil || again == nil {
		t.Fatal(again, err)
	}
	if err := r.Messages.Deliver(ctx); err != nil {
		t.Fatal(err)
	}
	row = r.DB.Access(ctx).OutboxMessage().GetX(ctx, id)
	if row.State != outboxmessage.StateSent || row.Body != "" || row.SentAt == nil {
		t.Fatalf("%+v", row)
	}
	if again, err := r.Messages.Again(ctx, id); err != nil || again != nil {
		t.Errorf("what was sent is sent again: %v %v", again, err)
	}
	r.DB.Access(ctx).OutboxMessage().Delete().ExecX(ctx)
	answer = &mail.Error{Stage: mail.StageRecipient, Err: errors.New("no")}
	id = send()
	r.advance(2 * time.Hour)
	if again, err := r.Messages.Again(ctx, id); err != nil || again != nil {
		t.Errorf("what is over is sent again: %v %v", again, err)
	}
}

// TestTry says what the channel says, and keeps nothing.
func TestTry(t *testing.T) {
	refusal := errors.New("535 no")
	r := newRig(t, dbtest.SQLite(t)).withMessages(t, func(o *auth.Outgoing) error {
		if o.To == "bad@example.test" {
			return refusal
		}
		return nil
	})
	if err := r.Messages.Try(t.Context(), "join", "mail", "bad@example.test", auth.MessageData{}); !errors.Is(err, refusal) {
		t.Error(err)
	}
	if err := r.Messages.Try(t.Context(), "join", "mail", "good@example.test", auth.MessageData{}); err != nil {
		t.Error(err)
	}
	if n := len(r.outbox(t)); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// TestDevices: the first sign-in ever sends no notice, a known browser none, another one
// does, with where it came from; what was not seen for a year is forgotten.
func TestDevices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db, "--mail.recipient_limit=1").withMessages(t, taken)
		u := r.user(t, "ada@example.test")
		ctx := auth.WithOrigin(t.Context(), auth.Origin{Address: "203.0.113.9", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
		signIn := func(value string) int {
			t.Helper()
			r.advance(time.Minute)
			if err := r.Devices.SignedIn(ctx, r.session(t, u), value); err != nil {
				t.Fatal(err)
			}
			return len(r.outbox(t))
		}
		laptop, phone := auth.NewDevice(), auth.NewDevice()
		for i, step := range []struct {
			value string
			mails int
		}{{laptop, 0}, {laptop, 0}, {phone, 1}, {laptop, 1}, {phone, 1}, {auth.NewDevice(), 2}} {
			if got := signIn(step.value); got != step.mails {
				t.Fatalf("step %d: %d mails, want %d", i, got, step.mails)
			}
		}
		text, _, err := mail.Render(ctx, r.outbox(t)[0])
		if err != nil || !strings.Contains(text, "When: 2 Jan 2030, 03:07 UTC\nWith: Firefox on Linux\nFrom: 203.0.113.9\n") || !strings.Contains(text, "/account/sessions") {
			t.Errorf("%s %v", text, err)
		}
		for _, row := range r.DB.Access(ctx).Device().Query().AllX(ctx) {
			if row.Key == laptop || row.Key == phone || row.IPAddress != "203.0.113.9" {
				t.Errorf("%+v", row)
			}
		}
		for range 120 {
			signIn(auth.NewDevice())
		}
		if n := r.DB.Access(ctx).Device().Query().Where(device.UserID(u.ID)).CountX(ctx); n != 100 {
			t.Errorf("%d devices", n)
		}
		r.advance(auth.DeviceLife - time.Hour)
		signIn(laptop)
		r.advance(2 * time.Hour)
		n, err := r.Devices.Sweep(ctx, 500)
		if left := r.DB.Access(ctx).Device().Query().CountX(ctx); err != nil || left != 1 || n != 99 {
			t.Errorf("%d swept, %d left, %v", n, left, err)
		}
	})
}

// TestOthersAct: a notice of what an administrator did says nothing of their browser.
func TestOthersAct(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t)).withMessages(t, taken)
	u := r.user(t, "ada@example.test")
	ctx := auth.WithOrigin(t.Context(), auth.Origin{Address: "203.0.113.9", UserAgent: "curl/8"})
	ctx = auth.WithPrincipal(ctx, auth.NewPrincipal(auth.Principal{Subject: "somebody else"}, nil, r.clock()))
	if err := r.Notices.Changed(ctx, u, auth.MessageNewDevice, nil); err != nil {
		t.Fatal(err)
	}
	text, _, err := mail.Render(ctx, r.outbox(t)[0])
	if err != nil || strings.Contains(text, "203.0.113.9") || strings.Contains(text, "curl") || !strings.Contains(text, "When: 2 Jan 2030") {
		t.Errorf("%s %v", text, err)
	}
	r.prefer(t, u.ID, auth.PreferZone, "Asia/Tokyo")
	r.advance(time.Minute)
	if err := r.Notices.Changed(ctx, u, auth.MessageNewDevice, nil); err != nil {
		t.Fatal(err)
	}
	if text, _, _ := mail.Render(ctx, r.outbox(t)[1]); !strings.Contains(text, "12:05 JST") {
		t.Errorf("%s", text)
	}
}
