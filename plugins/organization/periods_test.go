package organization_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/session"
	"gatehouse/ent/teammember"
	"gatehouse/plugins/organization"
)

// TestHeldForATime: who holds something for a time gives it to nobody for longer, themselves
// least of all, by whatever way.
func TestHeldForATime(t *testing.T) {
	h, owner, _, org := pair(t, nil)
	owner.post("create-role", body{"role": "deputy", "permission": body{"member": []string{"create", "update"}, "invitation": []string{"create"}, "ac": []string{"create", "update"}, "domain": []string{"read", "update"}}}).Want(200, "")
	dora, bob, carl := h.newcomer("dora", org, "member"), h.newcomer("bob", org, "member"), h.newcomer("carl", org, "admin")
	doraID, bobID, carlID := h.row(org, dora).ID, h.row(org, bob).ID, h.row(org, carl).ID
	end, later := h.Clock.Now().Add(time.Hour), h.Clock.Now().Add(2*time.Hour)
	if _, err := h.s.GrantRole(h.as(owner), org, doraID, "deputy", organization.Period{End: &end}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.SetPeriod(h.as(owner), org, carlID, organization.Period{End: &end}); err != nil {
		t.Fatal(err)
	}
	domain, err := h.s.AddDomain(h.as(owner), org, "acme.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"deputy", "admin"} {
		dora.post("update-member-role", body{"memberId": doraID, "role": []string{"member", role}}).Want(403, "")
		dora.post("update-member-role", body{"memberId": bobID, "role": role}).Want(403, "")
		dora.post("invite-member", body{"email": role + "@x.test", "role": role}).Want(403, "")
	}
	dora.post("create-role", body{"role": "mine", "permission": body{"member": []string{"update"}}}).Want(403, "")
	dora.post("update-role", body{"roleName": "deputy", "data": body{"permission": body{"member": []string{"update"}}}}).Want(403, "")
	for what, err := range map[string]error{
		"joining": h.s.SetJoining(h.as(dora), org, domain.ID, "automatic", "deputy"),
		"added": func() error {
			_, err := h.s.Add(h.as(dora), org, organization.NewMembership{User: h.person("fay").user.ID, Roles: []string{"deputy"}})
			return err
		}(),
		"own membership": func() error { _, err := h.s.SetPeriod(h.as(carl), org, carlID, organization.Period{}); return err }(),
		"prolonged": func() error {
			_, err := h.s.SetPeriod(h.as(carl), org, carlID, organization.Period{End: &later})
			return err
		}(),
	} {
		if !errors.Is(err, organization.ErrMayNotGive) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if a := dora.Form("/admin/o/acme/roles", url.Values{"role": {"mine"}, "scope": {"member:update"}}); a.Status != 403 || !strings.Contains(string(a.Body), "You hold this for a time only, and a role has no end: member:update") {
		t.Errorf("a role: %d %s", a.Status, a.Body)
	}
	same(t, "dora's", h.row(org, dora).Role, "member")
	// Pages say until when, at the field of the end.
	for path, form := range map[string]url.Values{
		"invitations":                 {"email": {"guest@x.test"}, "role": {"deputy"}},
		"members/" + bobID + "/grant": {"role": {"deputy"}, "end": {later.Format("2006-01-02T15:04")}},
	} {
		a := dora.Form("/admin/o/acme/"+path, form)
		if body := string(a.Body); a.Status != 403 || !strings.Contains(body, "You hold this only until 2 Jan 2030, 04:04 UTC. Choose an end that is not later.") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	// For as long as they hold it they may, and take in plain members for good.
	dora.post("invite-member", body{"email": "plain@x.test", "role": "member"}).Want(200, "")
	if _, err := h.s.Invite(h.as(dora), org, organization.Invite{Email: "guest@x.test", Roles: []string{"deputy"}, MemberUntil: &end}); err != nil {
		t.Errorf("an invitation that ends with it: %v", err)
	}
	if _, err := h.s.SetPeriod(h.as(carl), org, bobID, organization.Period{End: &later}); err != nil {
		t.Errorf("a membership that ends sooner than it did: %v", err)
	}
}

// TestPeriods: memberships and roles with a start and an end.
func TestPeriods(t *testing.T) { dbtest.Each(t, testPeriods) }

func testPeriods(t *testing.T, db *database.DB) {
	h, owner, admin, org := pairOn(t, db, nil)
	now := h.Clock.Now()
	at := func(d time.Duration) *time.Time { v := now.Add(d); return &v }
	bob := h.newcomer("bob", org, "member")
	id, ownerID := h.row(org, bob).ID, h.row(org, owner).ID
	can := func(action string) any {
		t.Helper()
		return bob.post("has-permission", body{"organizationId": org, "permissions": body{"member": []string{action}}}).Value("success")
	}
	t.Run("owners have none", func(t *testing.T) {
		for _, err := range []error{
			second(h.s.SetPeriod(h.in(t).as(owner), org, ownerID, organization.Period{End: at(time.Hour)})),
			second(h.s.GrantRole(h.in(t).as(owner), org, id, "owner", organization.Period{End: at(time.Hour)})),
		} {
			if !errors.Is(err, organization.ErrOwnersHaveNoEnd) {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("only what lies ahead", func(t *testing.T) {
		for _, p := range []organization.Period{{End: at(-time.Hour)}, {Start: at(2 * time.Hour), End: at(time.Hour)}} {
			if _, err := h.s.SetPeriod(h.in(t).as(owner), org, id, p); !errors.Is(err, organization.ErrPeriod) {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("who may", func(t *testing.T) {
		if _, err := h.s.SetPeriod(h.in(t).as(bob), org, id, organization.Period{}); !errors.Is(err, organization.ErrMayNotUpdateMember) {
			t.Errorf("oneself: %v", err)
		}
		if _, err := h.s.SetPeriod(h.in(t).as(admin), org, ownerID, organization.Period{}); !errors.Is(err, organization.ErrMayNotUpdateMember) {
			t.Errorf("an owner, by an admin: %v", err)
		}
		owner.In(t).Post(api+"create-role", body{"role": "remover", "permission": body{"organization": []string{"delete"}}}).Want(200, "")
		if _, err := h.s.GrantRole(h.in(t).as(admin), org, id, "remover", organization.Period{End: at(time.Hour)}); !errors.Is(err, organization.ErrMayNotGive) {
			t.Errorf("more than they hold: %v", err)
		}
		if _, err := h.s.GrantRole(h.in(t).as(admin), org, id, "nope", organization.Period{}); !errors.Is(err, organization.ErrRoleNotFound) {
			t.Errorf("unknown role: %v", err)
		}
		if _, err := h.s.GrantRole(h.in(t).as(admin), org, id, "member", organization.Period{}); !errors.Is(err, organization.ErrRoleHeld) {
			t.Errorf("held role: %v", err)
		}
		carl := h.in(t).newcomer("carl", org, "member")
		carlID := h.row(org, carl).ID
		if _, err := h.s.GrantRole(h.in(t).as(owner), org, carlID, "admin", organization.Period{End: at(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		for _, p := range []organization.Period{{}, {End: at(2 * time.Hour)}} {
			if _, err := h.s.GrantRole(h.in(t).as(carl), org, id, "admin", p); !errors.Is(err, organization.ErrMayNotGive) {
				t.Errorf("for longer than they hold it: %v", err)
			}
		}
		if _, err := h.s.SetRoles(h.in(t).as(owner), org, carlID, []string{"remover"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.s.SetPeriod(h.in(t).as(admin), org, carlID, organization.Period{End: at(time.Hour)}); !errors.Is(err, organization.ErrMayNotGive) {
			t.Errorf("the time of a role they may not give: %v", err)
		}
		if _, err := h.s.Remove(h.in(t).as(owner), org, carlID); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a role for a time", func(t *testing.T) {
		if _, err := h.s.GrantRole(h.in(t).as(admin), org, id, "admin", organization.Period{Start: at(time.Hour), End: at(2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		same(t, "before", can("delete"), any(false))
		h.Clock.Advance(61 * time.Minute)
		same(t, "meanwhile", can("delete"), any(true))
		same(t, "told", bob.get("get-active-member-role").Text("role"), "member,admin")
		h.Clock.Advance(time.Hour)
		same(t, "after", can("delete"), any(false))
		if err := h.s.EndOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		n, err := h.Host.DB.Access(t.Context()).Organization(org).MemberRole().Query().Count(t.Context())
		if err != nil || n != 0 {
			t.Errorf("left: %d %v", n, err)
		}
		same(t, "event", h.in(t).happened("organization.role-ended", org), 1)
	})
	t.Run("taken away", func(t *testing.T) {
		row, err := h.s.GrantRole(h.in(t).as(owner), org, id, "admin", organization.Period{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "held", can("delete"), any(true))
		if err := h.s.EndRole(h.in(t).as(bob), org, row.ID); err != nil { // an admin for a time may
			t.Fatal(err)
		}
		same(t, "ended", can("delete"), any(false))
		if err := h.s.EndRole(h.in(t).as(owner), org, row.ID); !errors.Is(err, organization.ErrRoleNotFound) {
			t.Errorf("twice: %v", err)
		}
	})
	t.Run("a membership for a time", func(t *testing.T) {
		end := h.Clock.Now().Add(time.Hour)
		if _, err := h.s.SetPeriod(h.in(t).as(admin), org, id, organization.Period{End: &end}); err != nil {
			t.Fatal(err)
		}
		owner.In(t).Post(api+"update-member-role", body{"memberId": id, "role": "owner"}).Want(400, "OWNERS_HAVE_NO_END")
		team := owner.In(t).Post(api+"create-team", body{"name": "T"}).Want(200, "").Text("id")
		owner.In(t).Post(api+"add-team-member", body{"teamId": team, "userId": bob.user.ID}).Want(200, "")
		h.Clock.Advance(2 * time.Hour)
		bob.get("list-members?organizationId="+org).Want(403, "")
		same(t, "seen by others", count(owner.In(t).Get(api+"list-members"), "members"), 2)
		// who comes back has a new membership, with nothing of the former
		fresh := h.in(t).join(bob, org, "member")
		if fresh == id {
			t.Error("the former membership was kept")
		}
		n, err := h.Host.DB.Access(t.Context()).Organization(org).TeamMember().Query().Where(teammember.UserID(bob.user.ID)).Count(t.Context())
		if err != nil || n != 0 {
			t.Errorf("teams: %d %v", n, err)
		}
		start := h.Clock.Now().Add(time.Hour)
		if _, err := h.s.SetPeriod(h.in(t).as(admin), org, fresh, organization.Period{Start: &start}); err != nil {
			t.Fatal(err)
		}
		bob.get("list-members?organizationId="+org).Want(403, "")
		owner.In(t).Post(api+"invite-member", body{"email": bob.user.Email, "role": "member"}).Want(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")
		h.Clock.Advance(2 * time.Hour)
		bob.get("list-members?organizationId="+org).Want(200, "")
	})
	t.Run("the job", func(t *testing.T) {
		end := h.Clock.Now().Add(time.Hour)
		if _, err := h.s.SetPeriod(h.in(t).as(owner), org, h.in(t).row(org, bob).ID, organization.Period{End: &end}); err != nil {
			t.Fatal(err)
		}
		bob.post("set-active", body{"organizationId": org}).Want(200, "")
		h.Clock.Advance(2 * time.Hour)
		if err := h.s.EndOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		n, err := h.Host.DB.Access(t.Context()).Session().Query().Where(session.ActiveOrganizationID(org), session.UserID(bob.user.ID)).Count(t.Context())
		if err != nil || n != 0 || h.in(t).row(org, bob) != nil {
			t.Errorf("sessions %d %v", n, err)
		}
		same(t, "events", h.in(t).happened("organization.member-ended", org), 2)
	})
}

// TestRolesForATimeMeet: the same role given twice for times that meet is one role for the
// longer time; what is given already is refused, and nobody has any number of them.
func TestRolesForATimeMeet(t *testing.T) { dbtest.Each(t, testRolesForATimeMeet) }

func testRolesForATimeMeet(t *testing.T, db *database.DB) {
	h, owner, _, org := pairOn(t, db, nil)
	now := h.Clock.Now()
	bob := h.newcomer("bob", org, "member")
	id := h.row(org, bob).ID
	period := func(start, end int) organization.Period { // in hours from now; 0 is open
		p := organization.Period{}
		if start != 0 {
			at := now.Add(time.Duration(start) * time.Hour)
			p.Start = &at
		}
		if end != 0 {
			at := now.Add(time.Duration(end) * time.Hour)
			p.End = &at
		}
		return p
	}
	held := func() string {
		t.Helper()
		rows, err := h.Host.DB.Access(t.Context()).Organization(org).MemberRole().Query().Where(memberrole.MemberID(id)).All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list := make([]string, len(rows))
		for i, row := range rows {
			hours := func(at *time.Time) string {
				if at == nil {
					return ""
				}
				return fmt.Sprint(int(at.Sub(now).Hours()))
			}
			list[i] = row.Role + " " + hours(row.StartsAt) + "-" + hours(row.EndsAt)
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	owner.post("create-role", body{"role": "helper", "permission": body{"team": []string{"create"}}}).Want(200, "")
	for _, c := range []struct {
		role       string
		start, end int
		err        error
		held       string
	}{
		{"admin", 2, 4, nil, "admin 2-4"},
		{"admin", 2, 4, organization.ErrRoleHeld, "admin 2-4"},
		{"admin", 3, 4, organization.ErrRoleHeld, "admin 2-4"},
		{"helper", 3, 5, nil, "admin 2-4, helper 3-5"}, // another role is another matter
		{"admin", 3, 6, nil, "admin 2-6, helper 3-5"},
		{"admin", 8, 10, nil, "admin 2-6, admin 8-10, helper 3-5"},
		{"admin", 6, 7, nil, "admin 2-7, admin 8-10, helper 3-5"}, // follows at once
		{"admin", 5, 9, nil, "admin 2-10, helper 3-5"},            // joins two
		{"admin", 0, 1, nil, "admin -1, admin 2-10, helper 3-5"},
		{"admin", 0, 1, organization.ErrRoleHeld, "admin -1, admin 2-10, helper 3-5"},
		{"admin", 0, 2, nil, "admin -10, helper 3-5"},
		{"admin", 0, 0, nil, "admin -, helper 3-5"},
		{"admin", 0, 50, organization.ErrRoleHeld, "admin -, helper 3-5"},
	} {
		if _, err := h.s.GrantRole(h.as(owner), org, id, c.role, period(c.start, c.end)); !errors.Is(err, c.err) {
			t.Errorf("%s %d-%d: %v", c.role, c.start, c.end, err)
		}
		if got := held(); got != c.held {
			t.Fatalf("%s %d-%d: held is %q, want %q", c.role, c.start, c.end, got, c.held)
		}
	}
	// one that was given by an admin is prolonged within the rights of who prolongs it
	carl := h.newcomer("carl", org, "member")
	if _, err := h.s.GrantRole(h.as(owner), org, h.row(org, carl).ID, "admin", period(0, 3)); err != nil {
		t.Fatal(err)
	}
	dora := h.newcomer("dora", org, "member")
	if _, err := h.s.GrantRole(h.as(owner), org, h.row(org, dora).ID, "admin", period(0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.GrantRole(h.as(carl), org, h.row(org, dora).ID, "admin", period(0, 4)); !errors.Is(err, organization.ErrMayNotGive) {
		t.Errorf("prolonged beyond what they hold: %v", err)
	}
	if _, err := h.s.GrantRole(h.as(carl), org, h.row(org, dora).ID, "admin", period(0, 2)); err != nil {
		t.Errorf("prolonged: %v", err)
	}
	// apart from each other there may be many, and not any number
	refused := 0
	for i := range 30 {
		_, err := h.s.GrantRole(h.as(owner), org, id, "helper", period(10+3*i, 11+3*i))
		switch {
		case errors.Is(err, organization.ErrTooManyTimed):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	same(t, "refused", refused, 12)
	if _, err := h.s.GrantRole(h.as(owner), org, id, "helper", period(0, 200)); err != nil {
		t.Errorf("what makes them fewer: %v", err)
	}
	same(t, "in one", held(), "admin -, helper 0-200")
	ctx := h.as(owner)
	ok, held2 := h.race(8, func(int) error {
		_, err := h.s.GrantRole(ctx, org, h.row(org, carl).ID, "helper", period(1, 5))
		return err
	}, organization.ErrRoleHeld)
	same(t, "of many at once", ok, 1)
	same(t, "refused at once", held2, 7)
	// what is over says nothing, although it is still stored
	h.Clock.Advance(300 * time.Hour)
	now = h.Clock.Now()
	if _, err := h.s.GrantRole(h.as(owner), org, id, "helper", period(0, 1)); err != nil {
		t.Errorf("after one that is over: %v", err)
	}
}

// TestOwnPeriod: nobody prolongs their membership beyond a role for a time of theirs, which would
// last longer with it.
func TestOwnPeriod(t *testing.T) {
	h, owner, _, org := pair(t, nil)
	eve := h.person("eve")
	h.join(eve, org, "member")
	id := h.row(org, eve).ID
	day, year := h.Clock.Now().Add(24*time.Hour), h.Clock.Now().Add(300*24*time.Hour)
	if _, err := h.s.GrantRole(h.as(owner), org, id, "admin", organization.Period{End: &year}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.SetPeriod(h.as(owner), org, id, organization.Period{End: &day}); err != nil {
		t.Fatal(err)
	}
	for _, end := range []*time.Time{nil, &year} {
		if _, err := h.s.SetPeriod(h.as(eve), org, id, organization.Period{End: end}); !errors.Is(err, organization.ErrMayNotGive) {
			t.Errorf("prolonged to %v: %v", end, err)
		}
	}
	if _, err := h.s.SetPeriod(h.as(owner), org, id, organization.Period{}); err != nil {
		t.Error(err)
	}
}
