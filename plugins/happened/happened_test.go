package happened_test

import (
	"bytes"
	"context"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/handlers/builtin"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/openapi"
	"gatehouse/web"
)

func open(t *testing.T) *servertest.Rig {
	t.Helper()
	return servertest.New(t, servertest.Options{BuiltIn: builtin.Parts(), Plugins: []plugins.Plugin{admin.New(admin.Options{}), bearer.New(), openapi.New()}})
}

// TestDeclarations: whatever an event may say to people has words, in German too.
func TestDeclarations(t *testing.T) {
	rig := open(t)
	german := func(what string, text words.Text) {
		t.Helper()
		if key, ok := text.Key(); !ok || !rig.Host.Words.Has("de", key) {
			t.Errorf("%s: no words, or no German: %q", what, text)
		}
	}
	kinds, shown := rig.Host.Events.Kinds(), 0
	for _, k := range kinds {
		german(k.Name, k.Words)
		for _, f := range k.Fields {
			if f.Hidden {
				continue
			}
			shown++
			german(k.Name+"."+f.Name, f.Words)
			for value, text := range f.Choices {
				german(k.Name+"."+f.Name+" "+value, text)
			}
		}
		for reason, text := range k.Reasons {
			german(k.Name+" because of "+reason, text)
		}
	}
	if len(kinds) < 50 || shown < 40 {
		t.Fatalf("%d kinds with %d fields", len(kinds), shown)
	}
	for _, p := range rig.Host.Registry.Parts {
		for _, task := range p.Tasks {
			german("task "+task.Name, task.Words)
		}
		for _, m := range p.SignInMethods {
			german("method "+m.ID, m.Name)
		}
		for _, e := range p.Errors {
			german(e.Code, e.Message)
		}
	}
}

// said draws the facts of an event as one text, in a language and zone.
func said(t *testing.T, rig *servertest.Rig, language string, e *ent.Event) string {
	t.Helper()
	speaker, ok := rig.Host.Words.Speaker(language)
	if !ok {
		t.Fatalf("no %s", language)
	}
	ctx := web.With(words.With(t.Context(), speaker), web.Request{Speaker: speaker, Zone: time.FixedZone("CET", 3600)})
	var out bytes.Buffer
	if details := happened.Details(happened.For(rig.Host).Facts(e)); details != nil {
		if err := details.Render(ctx, &out); err != nil {
			t.Fatal(err)
		}
	}
	text := regexp.MustCompile(`</dt>|</div>|</summary>`).ReplaceAllString(out.String(), "|")
	text = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, ""))
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '|' }), "|")
}

// TestFacts: what is stored is read as words; what has no words stands as it is.
func TestFacts(t *testing.T) {
	rig := open(t)
	type data = map[string]any
	for name, c := range map[string]struct {
		event ent.Event
		want  string
		never string
	}{
		"method":         {ent.Event{Kind: "sign-in.succeeded", Data: data{"method": "email"}}, "Sign-in method|Email and password", ""},
		"unknown method": {ent.Event{Kind: "sign-in.succeeded", Data: data{"method": "carrier-pigeon"}}, "Sign-in method|carrier-pigeon", ""},
		"link":           {ent.Event{Kind: "sign-in.succeeded", Data: data{"method": "link"}}, "Sign-in link of an administrator", ""},
		"refusal":        {ent.Event{Kind: "sign-in.failed", Reason: "BANNED_USER"}, "Reason|You have been banned", "BANNED_USER"},
		"reason":         {ent.Event{Kind: "sign-in.failed", Reason: "wrong-password"}, "Reason|Wrong password", ""},
		"ended":          {ent.Event{Kind: "session.ended", Reason: "revoked", Data: data{"count": 2.0}}, "Reason|Ended from elsewhere|Sessions|2", "revoked"},
		"code":           {ent.Event{Kind: "admin.refused", Data: data{"code": "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS"}}, "Reason|You are not allowed to ban users", "YOU_ARE"},
		"unknown code":   {ent.Event{Kind: "admin.refused", Data: data{"code": "NO_IDEA"}}, "Reason|NO_IDEA", ""},
		"roles":          {ent.Event{Kind: "user.role-changed", Data: data{"before": "user", "after": "admin,auditor"}}, "Before|User|Afterwards|Admin, auditor", ""},
		"yes":            {ent.Event{Kind: "user.reset-sent", Data: data{"mailed": true}}, "By mail|Yes", "true"},
		"no":             {ent.Event{Kind: "user.unbanned", Data: data{"expired": false}}, "It was over by itself|No", "false"},
		"time":           {ent.Event{Kind: "user.banned", Data: data{"reason": "Spam", "expires": "2030-01-02T03:04:05Z"}}, "Reason|Spam|Until|2 Jan 2030, 04:04 CET", "T03"},
		"no time":        {ent.Event{Kind: "user.banned", Data: data{"expires": "soon"}}, "Until|soon", ""},
		"hidden":         {ent.Event{Kind: "impersonation.started", Data: data{"reason": "Ticket 7", "impersonatedSession": "abcdef", "writes": true}}, "Reason|Ticket 7|May change things|Yes", "abcdef"},
		"changes": {ent.Event{Kind: "user.updated", Data: data{"by": "admin", "changes": data{"banned": []any{false, true}, "banReason": []any{nil, "Spam"}, "role": []any{"user", "admin"},
			"banExpires": []any{nil, "2030-01-02T03:04:05Z"}, "favouriteColour": []any{"red", "blue"}, "broken": "x"}}},
			"Changes|End of the ban: none → 2 Jan 2030, 04:04 CET|Reason for the ban: none → Spam|Banned: no → yes|Favourite colour: red → blue|Role: User → Admin|Way|Administration", "broken"},
		"odd changes":   {ent.Event{Kind: "user.updated", Data: data{"changes": []any{1.0}}}, "Changes|[1]", ""},
		"erased":        {ent.Event{Kind: "email.changed", Data: data{"from": "", "to": nil}}, "", "address"},
		"proof":         {ent.Event{Kind: "session.created", Data: data{"amr": "pwd,otp"}}, "Proof|Password, code", ""},
		"task":          {ent.Event{Kind: "task.finished", Data: data{"kind": "admin/end-sessions", "total": 1200.0, "skipped": 0.0}}, "Act|End the sessions of many people|Chosen|1,200|Left out|0", "admin/"},
		"message":       {ent.Event{Kind: "outbox.message-read", SubjectType: "message", SubjectID: "x1", Data: data{"kind": "test-message", "to": "a@b.test"}}, "Message|Test message|To|a@b.test", "test-message"},
		"wording":       {ent.Event{Kind: "message.reworded", SubjectType: "message", SubjectID: "test-message", Data: data{"language": "de"}}, "Message|Test message|Language|Deutsch", ""},
		"list":          {ent.Event{Kind: "list.exported", Data: data{"list": "users", "format": "jsonl", "query": "q=ann&role=admin&sort=name"}}, "List|Users|Format|JSON lines|Search and filters|ann, admin", "name"},
		"on or off":     {ent.Event{Kind: "setting.changed", Data: data{"key": "sign_up.enabled", "before": "true", "after": "false"}}, "|Before|Yes|Afterwards|No", "sign_up"},
		"a length":      {ent.Event{Kind: "setting.changed", Data: data{"key": "session.fresh_age", "before": "24h", "after": "10m"}}, "|Before|1 day|Afterwards|10 minutes", "fresh_age"},
		"a secret":      {ent.Event{Kind: "setting.changed", Data: data{"key": "smtp", "before": "", "after": "changed"}}, "Setting|Mail server|Afterwards|Changed", ""},
		"gone setting":  {ent.Event{Kind: "setting.changed", Data: data{"key": "no.such", "after": "x"}}, "Setting|no.such|Afterwards|x", ""},
		"gone kind":     {ent.Event{Kind: "no.such", Data: data{"a": "b"}}, "", "b"},
		"long":          {ent.Event{Kind: "user.banned", Data: data{"reason": strings.Repeat("ä", 400)}}, strings.Repeat("ä", 300) + "…", strings.Repeat("ä", 301)},
		"not an option": {ent.Event{Kind: "user.created", Data: data{"by": "<b>magic</b>"}}, "Way|<b>magic</b>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := said(t, rig, "en", &c.event)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" || c.never != "" && strings.Contains(got, c.never) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := said(t, rig, "de", &ent.Event{Kind: "user.updated", Data: data{"changes": data{"banned": []any{false, true}}}}); !strings.Contains(got, "Änderungen|Gesperrt: nein → ja") {
		t.Errorf("%q", got)
	}
}

// TestStored: what was recorded reads well after it was stored, and stays stored raw.
func TestStored(t *testing.T) {
	rig := open(t)
	err := rig.Host.Events.Record(t.Context(), auth.Event{Kind: "user.banned", SubjectType: "user", Subject: "u",
		Data: map[string]any{"reason": new("Spam"), "expires": rig.Host.Clock(), "before": false}})
	if err != nil {
		t.Fatal(err)
	}
	row := rig.Host.DB.Access(t.Context()).Event().Query().Where(event.Kind("user.banned")).OnlyX(context.Background())
	if got := said(t, rig, "en", row); !strings.Contains(got, "Reason|Spam|Until|2 Jan 2030, 04:04 CET|Banned before|No") {
		t.Errorf("%q", got)
	}
	if row.Data["reason"] != "Spam" || row.Data["before"] != false {
		t.Errorf("%v", row.Data)
	}
}

// TestOnce: an event whose words tell of a failure has no badge besides.
func TestOnce(t *testing.T) {
	tell := happened.For(open(t).Host)
	for _, c := range []struct {
		kind, result string
		badge        bool
	}{{"sign-in.failed", "failure", false}, {"admin.refused", "denied", false}, {"mail.tested", "failure", true}, {"mail.tested", "success", false}, {"user.updated", "denied", true}} {
		if got := tell.Result(&ent.Event{Kind: c.kind, Result: c.result}); (got != nil) != c.badge {
			t.Errorf("%s %s: %v", c.kind, c.result, got)
		}
	}
}

// TestSubject: what is no person is named, not by its id.
func TestSubject(t *testing.T) {
	tell := happened.For(open(t).Host)
	for want, e := range map[string]ent.Event{
		"End the sessions of many people": {Kind: "task.started", SubjectType: "task", SubjectID: "t1", Data: map[string]any{"kind": "admin/end-sessions", "total": 3.0}},
		"Test message":                    {Kind: "message.wording-reset", SubjectType: "message", SubjectID: "test-message", Data: map[string]any{"language": "de"}},
		"ada@example.test":                {Kind: "mail.tested", SubjectType: "setting", SubjectID: "smtp", Data: map[string]any{"to": "ada@example.test"}},
		"":                                {Kind: "outbox.released", SubjectType: "message", Data: map[string]any{"count": 3.0}},
	} {
		if got := tell.Subject(&e); got.English() != want {
			t.Errorf("%s: %q, want %q", e.Kind, got, want)
		}
	}
}
