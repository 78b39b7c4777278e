package admin_test

import (
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/plugins/list"
)

func TestPeopleOfTheCommandLine(t *testing.T) {
	h := empty(t, nil, nil)
	api, ok := plugins.Offer[adminapi.Administration](h.Host)
	if !ok {
		t.Fatal("nothing is offered")
	}
	ctx := h.commandLine()
	made, err := api.CreatePerson(ctx, "Kim", "Kim@Example.test", servertest.Password, []string{"support"}, true)
	if err != nil || made.Email != "kim@example.test" || !made.EmailVerified || !slices.Equal(made.Roles, []string{"support"}) {
		t.Fatal(made, err)
	}
	if err := api.SetPersonRoles(ctx, "KIM@example.test", []string{"owner"}); err != nil {
		t.Error(err)
	}
	if err := api.SetPersonPassword(ctx, made.ID, "another-Good-1-password"); err != nil {
		t.Error(err)
	}
	h.Browser().Post("/api/auth/sign-in/email", body{"email": made.Email, "password": "another-Good-1-password"}).Want(200, "")
	if n, err := api.EndPersonSessions(ctx, made.Email); n != 1 || err != nil {
		t.Errorf("%d sessions ended, %v", n, err)
	}
	if err := api.BanPerson(ctx, made.Email, "", time.Hour); code(err) != "LAST_ADMINISTRATOR" {
		t.Errorf("the last owner was banned: %v", err)
	}
	other, err := api.CreatePerson(ctx, "Lee", "lee@example.test", "", nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := api.BanPerson(ctx, other.Email, "spam", time.Hour); err != nil {
		t.Error(err)
	}
	list, err := api.ListPeople(ctx, "", 10)
	if err != nil || len(list) != 2 || list[0].Email != other.Email || !list[0].Banned {
		t.Errorf("listed %v, %v", list, err)
	}
	if list, err := api.ListPeople(ctx, "kim", 10); err != nil || len(list) != 1 {
		t.Errorf("found %v, %v", list, err)
	}
	if list, err := api.ListPeople(ctx, "", 1); err != nil || len(list) != 1 {
		t.Errorf("listed %v, %v", list, err)
	}
	if err := api.UnbanPerson(ctx, other.ID); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{"id": api.UnbanPerson(ctx, "nobody"), "address": api.UnbanPerson(ctx, "nobody@example.test")} {
		if code(err) != "USER_NOT_FOUND" {
			t.Errorf("an unknown %s: %v", name, err)
		}
	}
	if h.count("user.banned", other.ID) != 1 {
		t.Error("no event")
	}
}

func TestEveryMethodJudgesThePrincipal(t *testing.T) {
	h := open(t, nil, nil)
	target := h.somebody("ann", "user")
	plain := h.as(h.somebody("plain", "user"))
	for name, do := range map[string]func() error{
		"list":          func() error { _, err := h.s.List(plain, admin.ListQuery{}); return err },
		"get":           func() error { _, err := h.s.Get(plain, target.ID); return err },
		"access":        func() error { _, err := h.s.AccessOf(plain, target.ID); return err },
		"live sessions": func() error { _, err := h.s.LiveSessions(plain, list.Query{}); return err },
		"sessions":      func() error { _, err := h.s.Sessions(plain, target.ID); return err },
		"invitations":   func() error { _, err := h.s.Invitations(plain, list.Query{}); return err },
		"invite":        func() error { _, err := h.s.Invite(plain, admin.Invite{Email: "x@example.test"}); return err },
		"resend":        func() error { _, err := h.s.Resend(plain, "x", false); return err },
		"cancel":        func() error { return h.s.Cancel(plain, "x") },
		"reset link":    func() error { _, err := h.s.ResetLink(plain, target.ID); return err },
	} {
		if err := do(); auth.AsError(err).Status != 403 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.s.List(t.Context(), admin.ListQuery{}); auth.AsError(err).Status != 401 {
		t.Errorf("nobody lists: %v", err)
	}
}

func TestResetLinks(t *testing.T) {
	h := open(t, nil, nil)
	target := h.resident("ann", "user")
	ctx := h.as(h.User(rootEmail))
	r, err := h.s.ResetLink(ctx, target.ID)
	if err != nil || r.Mailed || r.Link == "" || !r.ExpiresAt.After(h.Host.Clock()) {
		t.Fatal(r, err)
	}
	to := h.Browser().Visit(r.Link).Location()
	if to == "" {
		t.Fatal("the link leads nowhere")
	}
	if _, err := h.s.ResetLink(h.as(h.somebody("helper", "support")), target.ID); code(err) != "YOU_ARE_NOT_ALLOWED_TO_SEND_RESET_LINKS" {
		t.Errorf("support has a link: %v", err)
	}
	if r, err := h.s.SendReset(h.as(h.User("helper@example.test")), target.ID); err != nil || !r.Mailed || r.Link != "" {
		t.Errorf("sent %v, %v", r, err)
	}
	h.Link(target.Email, "reset-password")
	if h.count("user.reset-sent", target.ID) != 2 {
		t.Error("events are missing")
	}
}

func TestAccessSaysWhy(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	write(t, h, u.ID, setRole("viewer,emperor"))
	access, err := h.s.AccessOf(h.as(h.User(rootEmail)), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(access.Roles) != 2 || !access.Roles[0].Known || access.Roles[0].Scopes != 3 || access.Roles[1].Known {
		t.Errorf("roles %+v", access.Roles)
	}
	for _, s := range access.Scopes {
		held := slices.Contains([]string{"user:list", "user:get", "session:list"}, s.Scope.Name())
		if held != (len(s.Sources) == 1) || held && (s.Sources[0].Name != "viewer" || s.Sources[0].Plugin != "admin") {
			t.Errorf("%s from %v", s.Scope.Name(), s.Sources)
		}
	}
}

func TestLiveSessions(t *testing.T) {
	h := open(t, nil, nil)
	for _, name := range []string{"a", "b", "c"} {
		h.as(h.somebody(name, "user"))
	}
	ctx := h.as(h.User(rootEmail))
	var names []string
	for cursor := ""; ; {
		page, err := h.s.LiveSessions(ctx, list.Query{Cursor: cursor, Limit: 2})
		if err != nil || page.Total != 5 || page.More {
			t.Fatal(page, err)
		}
		for _, s := range page.Rows {
			names = append(names, s.Edges.User.Name)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(names, []string{"Administrator", "c", "b", "a", "Administrator"}) {
		t.Errorf("sessions of %v", names)
	}
	h.Clock.Advance(8 * 24 * time.Hour)
	if page, err := h.s.LiveSessions(ctx, list.Query{}); err != nil || page.Total != 0 {
		t.Errorf("%d live, %v", page.Total, err)
	}
}
