package core_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/mail/mailtest"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/outboxmessage"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
)

func job(t *testing.T, rig *servertest.Rig, name string) func(context.Context) error {
	t.Helper()
	part, _ := rig.Host.Registry.Part("core")
	for _, j := range part.Jobs {
		if j.Name == name {
			return j.Run
		}
	}
	t.Fatalf("no job %s", name)
	return nil
}

func TestJobs(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/request-password-reset", body{"email": alice}).Want(200, "")
	b.Post("/api/auth/sign-in/email", signIn(body{"password": "wrong-wrong"})).Want(401, "")
	ctx := t.Context()
	err := rig.Host.DB.InTx(ctx, func(ctx ctxT, tx *auth.Tx) error {
		return tx.RateLimit().Create().SetID(random.ID()).SetKey("k").SetCount(1).SetLastRequest(rig.Clock.Now().UnixMilli()).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	a := rig.Host.DB.Access(ctx)
	count := map[string]func() int{
		"sweep-sessions":      func() int { return a.Session().Query().CountX(ctx) },
		"sweep-verifications": func() int { return a.Verification().Query().CountX(ctx) },
		"sweep-outbox":        func() int { return a.OutboxMessage().Query().CountX(ctx) },
		"sweep-rate-limits":   func() int { return a.RateLimit().Query().CountX(ctx) },
		"sweep-attempts":      func() int { return a.Attempt().Query().CountX(ctx) },
	}
	for name, rows := range count {
		if err := job(t, rig, name)(ctx); err != nil || rows() != 1 {
			t.Errorf("%s too early: %d rows, %v", name, rows(), err)
		}
	}
	rig.Clock.Advance(40 * 24 * time.Hour)
	for name, rows := range count {
		if err := job(t, rig, name)(ctx); err != nil || rows() != 0 {
			t.Errorf("%s: %d rows, %v", name, rows(), err)
		}
	}
}

func TestMailChannel(t *testing.T) {
	sink := mailtest.Start(t, mailtest.Options{})
	rig := servertest.New(t, servertest.Options{Settings: map[string]string{"smtp": sink.URL(), "app.name": "Acme"}})
	if err := rig.Host.Messages.Ready(t.Context(), "mail"); err != nil {
		t.Fatal(err)
	}
	b := rig.SignUp("Alice", alice)
	b.Post("/api/auth/request-password-reset", body{"email": alice, "redirectTo": "/new"}).Want(200, "")
	link := rig.Link(alice, "reset-password")
	if err := rig.Host.Messages.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := sink.Mails()
	if len(got) != 1 || !strings.Contains(got[0].Text, link) || !strings.Contains(got[0].Subject, "Acme") || got[0].To != alice {
		t.Errorf("%+v", got)
	}
	row := rig.Host.DB.Access(t.Context()).OutboxMessage().Query().OnlyX(t.Context())
	if row.State != outboxmessage.StateSent || row.Body != "" {
		t.Errorf("%v", row)
	}
}

func TestMessagesRender(t *testing.T) {
	rig := servertest.New(t, servertest.Options{})
	kinds := rig.Host.Messages.Kinds()
	if len(kinds) < 10 {
		t.Fatalf("%d messages", len(kinds))
	}
	for _, k := range kinds {
		for _, tag := range rig.Host.Languages.Known() {
			speaker, _ := rig.Host.Languages.Speaker(tag)
			wording, err := rig.Host.Messages.Wording(t.Context(), k.Kind, speaker)
			if err != nil {
				t.Fatal(err)
			}
			if err := rig.Host.Messages.Judge(k.Kind, wording.Template); err != nil {
				t.Errorf("%s in %s: %v", k.Kind, tag, err)
			}
			subject, content := rig.Host.Messages.Draft(k.Kind, speaker, wording.Template)
			text, _, err := mail.Render(t.Context(), content)
			if err != nil || subject == "" || content.Title == "" || content.Lang != tag || strings.Contains(text, "{{") || k.Notice != "" && !strings.Contains(text, "203.0.113.7") {
				t.Errorf("%s in %s: %q %q %v", k.Kind, tag, subject, text, err)
			}
		}
	}
}

// masks makes every session one that somebody else opened.
var masks = stub{Grants: []auth.GrantSource{{Grants: func(context.Context, auth.Facts) (auth.Given, error) {
	return auth.Given{ImpersonatedBy: "somebody"}, nil
}}}}

func TestImpersonatorsManageNothing(t *testing.T) {
	rig := servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{masks}, Settings: map[string]string{"mail.links": "direct"}})
	b := rig.SignUp("Alice", alice)
	for path, send := range map[string]body{
		"/change-password": change(nil), "/change-email": {"newEmail": bob}, "/delete-user": {"password": servertest.Password},
		"/unlink-account": {"accountId": "x"}, "/link-social": {"provider": "x"},
	} {
		b.Post("/api/auth"+path, send).Want(403, "NOT_ALLOWED_WHILE_IMPERSONATING")
	}
	b.Get("/api/auth/delete-user/callback?token=x").Want(403, "NOT_ALLOWED_WHILE_IMPERSONATING")
	b.Post("/api/auth/update-user", body{"name": "x"}).Want(200, "")
}

// keys stands in for API keys that may be used as a session.
func keys(rig **servertest.Rig) stub {
	return stub{Authenticators: []plugins.Authenticator{{Scheme: auth.SchemeAPIKey, Present: func(_ context.Context, r *http.Request) (*plugins.Presented, error) {
		if r.Header.Get("X-Api-Key") == "" {
			return nil, nil
		}
		u := (*rig).User(alice)
		row := &ent.Session{ID: "key", UserID: u.ID, CreatedAt: (*rig).Clock.Now(), ExpiresAt: (*rig).Clock.Now().Add(time.Hour)}
		facts := &auth.SessionFacts{ID: "key", UserID: u.ID, CreatedAt: row.CreatedAt, Virtual: true}
		return &plugins.Presented{Principal: auth.NewPrincipal(auth.Principal{Subject: u.ID, Scheme: auth.SchemeAPIKey, Session: facts}, nil, row.CreatedAt),
			Virtual: &auth.Current{Session: row, User: u, Scheme: auth.SchemeAPIKey}}, nil
	}}}}
}

func TestKeysManageNothing(t *testing.T) {
	var rig *servertest.Rig
	rig = servertest.New(t, servertest.Options{Plugins: []plugins.Plugin{keys(&rig)}})
	rig.SignUp("Alice", alice)
	b := rig.Browser()
	b.Header.Set("X-Api-Key", "x")
	for path, send := range map[string]body{
		"/change-password": change(nil), "/change-email": {"newEmail": bob}, "/delete-user": {"password": servertest.Password},
		"/unlink-account": {"accountId": "x"}, "/link-social": {"provider": "x"},
		"/revoke-session": {"token": "x"}, "/revoke-sessions": {}, "/revoke-other-sessions": {}, "/update-session": {},
		"/verify-password": {"password": servertest.Password}, "/get-access-token": {"accountId": "x"}, "/refresh-token": {"accountId": "x"},
	} {
		b.Post("/api/auth"+path, send).Want(403, "NOT_ALLOWED_WITH_THIS_CREDENTIAL")
	}
	for _, path := range []string{"/list-accounts", "/list-sessions", "/account-info?accountId=x"} {
		b.Get("/api/auth"+path).Want(403, "NOT_ALLOWED_WITH_THIS_CREDENTIAL")
	}
	b.Post("/api/auth/sign-out", nil).Want(200, "")
}
