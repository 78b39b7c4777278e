package admin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/admin"
)

const ownPassword = "quite-Another-9-word"

// temporary gives a person a temporary password, as an admin would.
func (h *house) temporary(id string) string {
	h.t.Helper()
	text, err := h.s.SetTemporaryPassword(h.commandLine(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

func (h *house) try(address, password string) (*servertest.Browser, *servertest.Answer) {
	b := h.Browser()
	return b, b.Post(api+"/sign-in/email", body{"email": address, "password": password})
}

func (h *house) sessions(id string) int {
	h.t.Helper()
	rows, err := h.s.Sessions(h.commandLine(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return len(rows)
}

func TestTemporaryPassword(t *testing.T) {
	h := open(t, nil, nil)
	u, before := h.person("ann", "user")
	text := h.temporary(u.ID)
	if len(text) < 19 || h.sessions(u.ID) != 0 || before.Get(api+"/get-session").Value("user") != nil {
		t.Errorf("%q, %d sessions", text, h.sessions(u.ID))
	}
	if h.count("user.temporary-password", u.ID) != 1 {
		t.Error("not recorded")
	}
	h.try(u.Email, servertest.Password)
	b, a := h.try(u.Email, text)
	a.Want(200, "")
	if a.Value("passwordChangeRequired") != true || a.Text("url") != h.Origin+"/new-password" || a.Value("token") != nil {
		t.Fatalf("answered %s", a.Body)
	}
	if h.sessions(u.ID) != 0 || b.Cookie("better-auth.session_token") != "" {
		t.Error("a session before the own password")
	}
	choose := func(b *servertest.Browser, password string) *servertest.Answer {
		return b.Post(api+"/admin/new-password", body{"newPassword": password})
	}
	choose(h.Browser(), ownPassword).Want(401, "SIGN_IN_AGAIN")
	choose(b, "short").Want(400, "PASSWORD_TOO_SHORT")
	choose(b, text).Want(400, "PASSWORD_STILL_TEMPORARY")
	a = choose(b, ownPassword).Want(200, "")
	if a.Text("user.id") != u.ID || a.Text("token") == "" || b.Get(api+"/get-session").Text("user.id") != u.ID {
		t.Fatalf("answered %s", a.Body)
	}
	if h.count("user.own-password", u.ID) != 1 || h.reload(u.ID).PasswordTemporary {
		t.Error("still temporary")
	}
	if _, a := h.try(u.Email, text); a.Status != 401 {
		t.Errorf("the temporary password still works: %d", a.Status)
	}
	if _, a := h.try(u.Email, ownPassword); a.Value("token") == nil {
		t.Errorf("the own one does not: %s", a.Body)
	}
}

// TestOwnPasswordOnce: the step works once, and ends with its time, with a ban, and with
// any other new password.
func TestOwnPasswordOnce(t *testing.T) {
	h := open(t, nil, nil)
	for name, end := range map[string]func(id string){
		"time":              func(string) { h.Clock.Advance(16 * time.Minute) },
		"another password":  func(id string) { h.must(h.s.SetPassword(h.commandLine(), id, "set-By-an-7-admin")) },
		"another temporary": func(id string) { h.temporary(id) },
		"ban": func(id string) {
			_, err := h.s.Ban(h.commandLine(), id, admin.Ban{})
			h.must(err)
		},
		"deletion": func(id string) { h.must(h.s.Remove(h.commandLine(), id)) },
	} {
		u := h.resident(strings.ReplaceAll(name, " ", "-"), "user")
		b, a := h.try(u.Email, h.temporary(u.ID))
		a.Want(200, "")
		end(u.ID)
		if a := b.Post(api+"/admin/new-password", body{"newPassword": ownPassword}); a.Status != 401 {
			t.Errorf("after %s: %d %s", name, a.Status, a.Body)
		}
	}
	u := h.resident("race", "user")
	b, a := h.try(u.Email, h.temporary(u.ID))
	a.Want(200, "")
	cookie := b.Cookie("better-auth.own_password")
	if cookie == "" {
		t.Fatal("no cookie")
	}
	ok, refused := h.race(4, func(int) error {
		if a := b.Post(api+"/admin/new-password", body{"newPassword": ownPassword}); a.Status != 200 {
			return admin.ErrOwnPasswordIsOver
		}
		return nil
	}, admin.ErrOwnPasswordIsOver)
	if ok != 1 || refused != 3 || h.sessions(u.ID) != 1 {
		t.Errorf("%d went on, %d did not, %d sessions", ok, refused, h.sessions(u.ID))
	}
}

// TestTemporaryEnds: an own password by any path ends what is temporary.
func TestTemporaryEnds(t *testing.T) {
	h := open(t, nil, nil)
	for name, choose := range map[string]func(id, address string) error{
		"administrator": func(id, _ string) error { return h.s.SetPassword(h.commandLine(), id, ownPassword) },
		"reset": func(_, address string) error {
			if err := h.Service().RequestReset(t.Context(), address, "/"); err != nil {
				return err
			}
			token := resetToken(h.Link(address, "reset-password"))
			return h.Service().Reset(t.Context(), token, ownPassword)
		},
		"stored": func(id, _ string) error { return h.Host.Users.SetPassword(t.Context(), id, "x") },
	} {
		u := h.resident(name, "user")
		h.temporary(u.ID)
		if !h.reload(u.ID).PasswordTemporary {
			t.Fatal("not temporary")
		}
		if err := choose(u.ID, u.Email); err != nil {
			t.Fatal(name, err)
		}
		if h.reload(u.ID).PasswordTemporary {
			t.Errorf("%s: still temporary", name)
		}
	}
}

func TestTemporaryPasswordRules(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	admin1, owner := h.somebody("one", "admin"), h.User(rootEmail)
	target := h.somebody("target", "user")
	for name, tt := range map[string]struct {
		ctx  context.Context
		id   string
		want error
	}{
		"on oneself":    {h.as(admin1), admin1.ID, admin.ErrSelf},
		"above":         {h.as(admin1), owner.ID, admin.ErrMayNotSetPassword},
		"without scope": {h.as(h.somebody("helper", "support")), target.ID, admin.ErrMayNotSetPassword},
		"unknown":       {h.as(admin1), "nobody", admin.ErrUnknownUser},
		"impersonating": {h.masked(owner, admin1), target.ID, auth.ErrImpersonating},
	} {
		if _, err := h.s.SetTemporaryPassword(tt.ctx, tt.id); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h.reload(target.ID).PasswordTemporary {
		t.Error("refused, and done")
	}
	strict := empty(t, nil, map[string]string{"password.min": "40"})
	if text := strict.temporary(strict.somebody("x", "user").ID); len(text) < 40 {
		t.Errorf("%q is too short", text)
	}
}

// masked is the context of somebody who acts as another.
func (h *house) masked(actor, as *ent.User) context.Context {
	h.t.Helper()
	p := auth.PrincipalOf(h.as(as))
	facts := *p.Session
	facts.ImpersonatedBy = actor.ID
	q := *p
	q.Session = &facts
	return auth.WithPrincipal(h.t.Context(), &q)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestSignInLink(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	boss := h.somebody("boss", "admin")
	u := h.somebody("ann", "user")
	link := func() string {
		t.Helper()
		r, err := h.s.SignInLink(h.as(boss), u.ID)
		h.must(err)
		return lastPart(r.Link)
	}
	first := link()
	second := link()
	if _, err := h.s.UseSignInLink(t.Context(), first); !errors.Is(err, admin.ErrLinkOver) {
		t.Errorf("the former link: %v", err)
	}
	found, err := h.s.SignInLinkOf(t.Context(), second)
	if err != nil || found == nil || found.ID != u.ID {
		t.Fatal(found, err)
	}
	ok, _ := h.race(4, func(int) error { _, err := h.s.UseSignInLink(t.Context(), second); return err }, admin.ErrLinkOver)
	if ok != 1 || h.sessions(u.ID) != 1 {
		t.Errorf("used %d times, %d sessions", ok, h.sessions(u.ID))
	}
	rows, _ := h.s.Sessions(h.commandLine(), u.ID)
	if rows[0].Amr != "link" || h.count("user.sign-in-link", u.ID) != 2 || h.count("sign-in.succeeded", u.ID) != 1 {
		t.Errorf("session %+v", rows[0])
	}
	// Each of these ends a link that is handed over.
	for name, end := range map[string]func(){
		"time": func() { h.Clock.Advance(16 * time.Minute) },
		"ban": func() {
			_, err := h.s.Ban(h.commandLine(), u.ID, admin.Ban{})
			h.must(err)
			_, err = h.s.Unban(h.commandLine(), u.ID)
			h.must(err)
		},
		"promotion of the person": func() { h.role(u.ID, "admin") },
		"demotion of the maker":   func() { h.role(boss.ID, "support") },
		"ban of the maker": func() {
			_, err := h.s.Ban(h.commandLine(), boss.ID, admin.Ban{})
			h.must(err)
		},
	} {
		token := link()
		end()
		if _, err := h.s.UseSignInLink(t.Context(), token); !errors.Is(err, admin.ErrLinkOver) {
			t.Errorf("after %s: %v", name, err)
		}
		if open, err := h.s.SignInLinkOf(t.Context(), token); open != nil || err != nil {
			t.Errorf("after %s it is shown as open", name)
		}
		_, err := h.s.Unban(h.commandLine(), boss.ID)
		h.must(err)
		h.role(boss.ID, "admin")
		h.role(u.ID, "user")
	}
	// A temporary password stays a step before the session.
	h.temporary(u.ID)
	token := link()
	out, err := h.s.UseSignInLink(t.Context(), token)
	if err != nil || out.Next == nil || out.Issued != nil {
		t.Errorf("with a temporary password: %+v %v", out, err)
	}
}

func (h *house) role(id, role string) {
	h.t.Helper()
	_, err := h.s.SetRole(h.commandLine(), id, []string{role})
	h.must(err)
}

func TestSignInLinkRules(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	one, two, owner := h.somebody("one", "admin"), h.somebody("two", "admin"), h.User(rootEmail)
	target := h.somebody("target", "user")
	banned := h.somebody("banned", "user")
	_, err := h.s.Ban(h.commandLine(), banned.ID, admin.Ban{})
	h.must(err)
	for name, tt := range map[string]struct {
		ctx  context.Context
		id   string
		want error
	}{
		"an equal":      {h.as(one), two.ID, admin.ErrMayNotLink},
		"above":         {h.as(one), owner.ID, admin.ErrMayNotLink},
		"oneself":       {h.as(one), one.ID, admin.ErrMayNotLink},
		"banned":        {h.as(one), banned.ID, admin.ErrPersonBanned},
		"without scope": {h.as(h.somebody("helper", "support")), target.ID, admin.ErrMayNotLink},
		"impersonating": {h.masked(owner, one), target.ID, auth.ErrImpersonating},
	} {
		if _, err := h.s.SignInLink(tt.ctx, tt.id); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.s.SignInLink(h.as(owner), one.ID); err != nil {
		t.Errorf("an owner for an admin: %v", err)
	}
}

func TestVerifying(t *testing.T) {
	h := open(t, nil, nil)
	u, err := h.s.Create(h.commandLine(), admin.NewPerson{Name: "Ann", Email: "ann@example.test"})
	h.must(err)
	helper := h.somebody("helper", "support")
	h.must(h.s.SendVerification(h.as(helper), u.ID))
	if link := h.Link(u.Email, "verify-email"); link == "" || h.count("user.verification-sent", u.ID) != 1 {
		t.Error("nothing was sent")
	}
	if _, err := h.s.MarkVerified(h.as(helper), u.ID); !errors.Is(err, admin.ErrMayNotSetEmail) {
		t.Errorf("support verifies: %v", err)
	}
	after, err := h.s.MarkVerified(h.as(h.somebody("boss", "admin")), u.ID)
	if err != nil || !after.EmailVerified {
		t.Fatal(err)
	}
	if _, err := h.s.MarkVerified(h.commandLine(), u.ID); !errors.Is(err, admin.ErrAlreadyVerified) {
		t.Errorf("twice: %v", err)
	}
	if err := h.s.SendVerification(h.commandLine(), u.ID); !errors.Is(err, admin.ErrAlreadyVerified) {
		t.Errorf("sent after all: %v", err)
	}
}

func TestMetadata(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	boss, helper := h.somebody("boss", "admin"), h.somebody("helper", "support")
	for text, good := range map[string]bool{
		`{"plan":"pro","n":9007199254740992}`: true, `{"n":12345678901234567890}`: false, `{"n":-0.5e-3}`: true, "": true, " {} ": true, `{"a":{"b":[1,2,null]}}`: true,
		`[1]`: false, `"x"`: false, `null`: false, `{`: false, `{} {}`: false, "{\"a\":\"\\u0000\"}": false, `{"a":1e999}`: false,
		`{"a":"` + long(16*1024) + `"}`: false,
	} {
		if _, err := admin.ParseMetadata(text); good != (err == nil) {
			t.Errorf("%.40q: %v", text, err)
		} else if err != nil && auth.AsError(err).Fields["metadata"] == "" {
			t.Errorf("%.40q: the error stands at no field: %v", text, err)
		}
	}
	data, err := admin.ParseMetadata(`{"n":9007199254740992,"plan":"pro"}`)
	h.must(err)
	change := admin.Change{}
	change.Metadata.Present, change.Metadata.Value = true, data
	change.Note.Present, change.Note.Value = true, "Pays late"
	if _, err := h.s.Update(h.as(helper), u.ID, change); !errors.Is(err, admin.ErrMayNotUpdate) {
		t.Errorf("support writes metadata: %v", err)
	}
	_, err = h.s.Update(h.as(boss), u.ID, change)
	h.must(err)
	after := h.reload(u.ID)
	if after.AdminNote == nil || *after.AdminNote != "Pays late" || h.s.MetadataText(after) != "{\n  \"n\": 9007199254740992,\n  \"plan\": \"pro\"\n}" {
		t.Errorf("stored %v %s", after.AdminNote, h.s.MetadataText(after))
	}
	if h.count("user.note-changed", u.ID) != 1 || h.count("user.metadata-changed", u.ID) != 1 {
		t.Error("not recorded")
	}
	// The wire neither shows nor writes them.
	a := h.root.Get(api+"/admin/get-user?id="+u.ID).Want(200, "")
	for _, name := range []string{"adminNote", "adminMetadata", "passwordTemporary", "admin_note"} {
		if a.Value(name) != nil {
			t.Errorf("the wire shows %s", name)
		}
	}
	empty := admin.Change{}
	empty.Note.Present, empty.Metadata.Present = true, true
	_, err = h.s.Update(h.as(boss), u.ID, empty)
	h.must(err)
	if after := h.reload(u.ID); after.AdminNote != nil || len(after.AdminMetadata) != 0 {
		t.Errorf("not emptied: %v %v", after.AdminNote, after.AdminMetadata)
	}
	tooLong := admin.Change{}
	tooLong.Note.Present, tooLong.Note.Value = true, long(5001)
	if _, err := h.s.Update(h.as(boss), u.ID, tooLong); auth.AsError(err).Fields["note"] == "" {
		t.Errorf("a long note: %v", err)
	}
}

func TestDevices(t *testing.T) {
	h := open(t, nil, nil)
	u, other := h.somebody("ann", "user"), h.somebody("other", "user")
	helper, viewer := h.somebody("helper", "support"), h.somebody("viewer", "viewer")
	var ids []string
	for i, key := range []string{"a", "b"} {
		h.must(h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			d, err := tx.Device().Create().SetUserID(u.ID).SetKey(key).SetLastSeenAt(h.Clock.Now().Add(time.Duration(i) * time.Hour)).Save(ctx)
			if err == nil {
				ids = append(ids, d.ID)
			}
			return err
		}))
	}
	list, err := h.s.Devices(h.as(viewer), u.ID)
	if err != nil || len(list) != 2 || list[0].ID != ids[1] {
		t.Fatalf("%v %v", list, err)
	}
	if err := h.s.ForgetDevice(h.as(viewer), u.ID, ids[0]); !errors.Is(err, admin.ErrMayNotRevoke) {
		t.Errorf("a viewer forgets: %v", err)
	}
	if err := h.s.ForgetDevice(h.as(helper), h.User(rootEmail).ID, ids[0]); !errors.Is(err, admin.ErrMayNotRevoke) {
		t.Errorf("above: %v", err)
	}
	h.must(h.s.ForgetDevice(h.as(helper), other.ID, ids[0])) // not theirs: nothing happens
	h.must(h.s.ForgetDevice(h.as(helper), u.ID, ids[1]))
	if list, _ := h.s.Devices(h.as(viewer), u.ID); len(list) != 1 || list[0].ID != ids[0] || h.count("device.forgotten", u.ID) != 1 || h.count("device.forgotten", other.ID) != 0 {
		t.Errorf("left %v", list)
	}
}
