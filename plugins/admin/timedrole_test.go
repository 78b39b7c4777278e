package admin_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/timedrole"
	"gatehouse/plugins/admin"
)

// may reports whether a person holds a scope of the platform now.
func may(h *house, id, scope string) bool {
	h.t.Helper()
	p, err := h.Host.Principals.OfUser(h.t.Context(), h.reload(id))
	if err != nil {
		h.t.Fatal(err)
	}
	return p.Can(scope)
}

func TestRolesForATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db, nil)
		u := h.somebody("ann", "user")
		ctx := h.as(h.User(rootEmail))
		start, end := h.Clock.Now().Add(time.Hour), h.Clock.Now().Add(2*time.Hour)
		now, err := h.s.GrantTimedRole(ctx, u.ID, "viewer", time.Time{}, start)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.GrantTimedRole(ctx, u.ID, "support", start, end); err != nil {
			t.Fatal(err)
		}
		listed := func(scope string) bool {
			list, err := holders(h, scope)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(list, func(x auth.Holder) bool {
				return x.Subject == u.ID && x.Source.Kind == auth.SourceRole && !x.End.IsZero()
			})
		}
		for _, step := range []struct {
			name         string
			reads, sends bool
			wait         time.Duration
		}{{"before the second begins", true, false, 0}, {"in the second", true, true, 90 * time.Minute}, {"after both", false, false, time.Hour}} {
			h.Clock.Advance(step.wait)
			if step.reads != may(h, u.ID, "user:get") || step.sends != may(h, u.ID, "user:send-reset") {
				t.Errorf("%s: reads %v, sends %v", step.name, !step.reads, !step.sends)
			}
			if step.reads != listed("user:get") || step.sends != listed("user:send-reset") {
				t.Errorf("%s: the list says reads %v, sends %v", step.name, !step.reads, !step.sends)
			}
		}
		if err := h.s.EndTimedRole(h.commandLine(), u.ID, now.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.s.EndTimedRole(h.commandLine(), u.ID, now.ID); !errors.Is(err, admin.ErrTimedRoleOver) {
			t.Errorf("ended twice: %v", err)
		}
		runJob(t, h, "timed-roles")
		if n, err := h.Host.DB.Access(t.Context()).TimedRole().Query().Where(timedrole.UserID(u.ID)).Count(t.Context()); n != 0 || err != nil {
			t.Errorf("%d rows are left, %v", n, err)
		}
		if given, over := h.count("user.role-given-for-a-time", u.ID), h.count("user.role-for-a-time-ended", u.ID); given != 2 || over != 2 {
			t.Errorf("recorded %d times given and %d times over", given, over)
		}
	})
}

func runJob(t *testing.T, h *house, name string) {
	t.Helper()
	part, _ := h.Host.Registry.Part(admin.ID)
	for _, j := range part.Jobs {
		if j.Name == name {
			if err := j.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("there is no job %s", name)
}

func TestWhoGivesRolesForATime(t *testing.T) {
	h := empty(t, nil, nil)
	h.somebody("standing", "owner")
	target := h.somebody("target", "user")
	above := h.somebody("above", "owner")
	until := h.Clock.Now().Add(time.Hour)
	for ai, actor := range grades {
		me := h.somebody(actor, actor)
		for ri, role := range grades {
			row, err := h.s.GrantTimedRole(h.as(me), target.ID, role, time.Time{}, until)
			if allowed := ai <= 1 && ri >= ai && role != "owner"; allowed != (err == nil) {
				t.Errorf("%s gives %s for a time: %v", actor, role, err)
			}
			if err == nil {
				if err := h.s.EndTimedRole(h.commandLine(), target.ID, row.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err := h.s.GrantTimedRole(h.as(me), above.ID, "viewer", time.Time{}, until)
		if allowed := actor == "owner"; allowed != (err == nil) {
			t.Errorf("%s gives an owner a role for a time: %v", actor, err)
		}
	}
	for name, term := range map[string][2]time.Time{"past": {{}, h.Clock.Now()}, "turned round": {until.Add(time.Hour), until}, "too long": {{}, until.AddDate(1, 0, 3)}} {
		if _, err := h.s.GrantTimedRole(h.commandLine(), target.ID, "viewer", term[0], term[1]); !errors.Is(err, admin.ErrBadTerm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.s.GrantTimedRole(h.commandLine(), target.ID, "viewer,admin", time.Time{}, until); !errors.Is(err, admin.ErrNoSuchRole) {
		t.Errorf("two roles at once: %v", err)
	}
}

// TestPermissionOfARoleForATime: the wire's question about permissions knows roles for a time.
func TestPermissionOfARoleForATime(t *testing.T) {
	h := empty(t, nil, nil)
	u := h.somebody("ann", "user")
	has := func() bool {
		ok, err := h.s.HasPermission(h.as(u), map[string][]string{"user": {"send-reset"}})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if _, err := h.s.GrantTimedRole(h.commandLine(), u.ID, "support", time.Time{}, h.Clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !has() {
		t.Error("a role for a time is not known")
	}
	h.Clock.Advance(2 * time.Hour)
	if has() {
		t.Error("a role that is over still counts")
	}
}

// TestLastAdministratorsAreForGood: an admin for a time does not free the last permanent one,
// and ranks as an admin meanwhile.
func TestLastAdministratorsAreForGood(t *testing.T) {
	h := open(t, nil, nil)
	root := h.User(rootEmail)
	u := h.somebody("ann", "user")
	if _, err := h.s.GrantTimedRole(h.commandLine(), u.ID, "admin", time.Time{}, h.Clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.SetRole(h.as(u), root.ID, []string{"user"}); !errors.Is(err, auth.ErrLastAdministrator) {
		t.Errorf("the last permanent administrator fell: %v", err)
	}
	support := h.somebody("helper", "support")
	if _, err := h.s.Ban(h.as(support), u.ID, admin.Ban{}); err == nil {
		t.Error("support banned an admin for a time")
	}
}

// TestAdminForATimeIsNotImpersonated: without the rule of ranks, the one about
// administrators still holds.
func TestAdminForATimeIsNotImpersonated(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.protect_administrators": "false"})
	u := h.somebody("ann", "user")
	answers := func(status int, code string) {
		t.Helper()
		h.root.Post("/api/auth/admin/impersonate-user", map[string]any{"userId": u.ID}).Want(status, code)
	}
	if _, err := h.s.GrantTimedRole(h.commandLine(), u.ID, "admin", time.Time{}, h.Clock.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answers(403, admin.ErrCannotImpersonate.Code)
	h.Clock.Advance(2 * time.Minute)
	answers(200, "")
}

func TestPageOfRolesForATime(t *testing.T) {
	h := open(t, nil, nil)
	u := h.somebody("ann", "user")
	at := "/admin/users/" + u.ID + "/access"
	h.root.Get(at).Want(200, "")
	h.root.Form("/admin/users/"+u.ID+"/timed-roles", url.Values{"role": {"support"}, "life": {"8h"}}).Want(303, "")
	if !may(h, u.ID, "user:send-reset") {
		t.Error("the role is not held")
	}
	site, err := url.Parse(h.Origin)
	if err != nil {
		t.Fatal(err)
	}
	h.root.Jar.SetCookies(site, []*http.Cookie{{Name: "gatehouse_zone", Value: "Europe/Berlin", Path: "/"}})
	h.root.Form("/admin/users/"+u.ID+"/timed-roles", url.Values{"role": {"viewer"}, "life": {"1d"}, "from": {"2030-06-01"}}).Want(303, "")
	rows, err := h.s.TimedRoles(h.commandLine(), u.ID)
	if err != nil || len(rows) != 2 || rows[1].StartsAt == nil || !rows[1].StartsAt.Equal(time.Date(2030, 5, 31, 22, 0, 0, 0, time.UTC)) {
		t.Fatalf("%v %v", rows, err)
	}
	for name, form := range map[string]url.Values{"no length": {"role": {"viewer"}, "life": {"soon"}}, "no day": {"role": {"viewer"}, "life": {"1d"}, "from": {"tomorrow"}},
		"beyond a year": {"role": {"viewer"}, "life": {"365d"}, "from": {"2030-06-01"}}, "owner": {"role": {"owner"}, "life": {"1d"}}, "unknown": {"role": {"emperor"}, "life": {"1d"}}} {
		if got := h.root.Form("/admin/users/"+u.ID+"/timed-roles", form).Status; got != 400 {
			t.Errorf("%s: %d", name, got)
		}
	}
	h.root.Form("/admin/users/"+u.ID+"/timed-roles/end", url.Values{"timed": {rows[0].ID}}).Want(303, "")
	h.root.Form("/admin/users/"+u.ID+"/timed-roles/end", url.Values{"timed": {rows[0].ID}}).Want(404, "")
	if may(h, u.ID, "user:send-reset") {
		t.Error("the role that ended is held")
	}
	_, viewer := h.person("viewer", "viewer")
	viewer.Form("/admin/users/"+u.ID+"/timed-roles", url.Values{"role": {"viewer"}, "life": {"8h"}}).Want(403, "")
}

// TestNobodyGivesForLonger: who has a role for an hour gives it for that hour at most.
func TestNobodyGivesForLonger(t *testing.T) {
	h := empty(t, nil, nil)
	h.somebody("standing", "owner")
	me, target := h.somebody("me", "user"), h.somebody("target", "user")
	end := h.Clock.Now().Add(time.Hour)
	if _, err := h.s.GrantTimedRole(h.commandLine(), me.ID, "admin", time.Time{}, end); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.SetRole(h.as(me), target.ID, []string{"admin"}); !errors.Is(err, admin.ErrMayNotSetRole) {
		t.Errorf("for good: %v", err)
	}
	if _, err := h.s.GrantTimedRole(h.as(me), target.ID, "admin", time.Time{}, end.Add(time.Minute)); !errors.Is(err, admin.ErrMayNotSetRole) {
		t.Errorf("longer: %v", err)
	}
	if _, err := h.s.GrantTimedRole(h.as(me), target.ID, "admin", time.Time{}, end); err != nil {
		t.Errorf("as long: %v", err)
	}
}

// TestTemporaryTakesNobodyOver: who is an administrator for a time opens no account to themselves
// of somebody who is one for longer, and would stay so by it.
func TestTemporaryTakesNobodyOver(t *testing.T) {
	o := openOffice(t, nil)
	temp, perm := o.users["user"], o.users["admin"]
	if _, err := o.s.GrantTimedRole(o.commandLine(), temp.ID, "admin", time.Time{}, o.Clock.Now().Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	b := o.SignIn(temp.Email)
	b.Post("/api/auth/admin/set-user-password", body{"userId": perm.ID, "newPassword": "another-Horse-8-battery"}).Want(403, "")
	b.Post("/api/auth/admin/update-user", body{"userId": perm.ID, "data": body{"email": "mine@example.test"}}).Want(403, "")
	b.Post("/api/auth/admin/update-user", body{"userId": perm.ID, "data": body{"name": "Renamed"}}).Want(200, "")
	if _, err := o.s.SetTemporaryPassword(o.house.as(temp), perm.ID); err == nil {
		t.Error("a temporary password was given")
	}
	// One who is so for as long does, as equals may.
	if _, err := o.s.SetRole(o.commandLine(), temp.ID, []string{"admin"}); err != nil {
		t.Fatal(err)
	}
	b.Post("/api/auth/admin/set-user-password", body{"userId": perm.ID, "newPassword": "another-Horse-8-battery"}).Want(200, "")
}
