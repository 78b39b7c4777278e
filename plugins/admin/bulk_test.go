package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/task"
	"gatehouse/ent/user"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/list"
)

func (h *house) bulk(ctx context.Context, act admin.BulkAct, people ...string) admin.BulkResult {
	h.t.Helper()
	r, err := h.s.Bulk(ctx, act, admin.Those(people))
	h.must(err)
	return r
}

// reasons are the codes of who was left out, by id.
func reasons(list []auth.Skipped) map[string]string {
	m := map[string]string{}
	for _, s := range list {
		m[s.Item] = s.Code
	}
	return m
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: left out %v, want %v", what, got, want)
	}
}

func TestBulk(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	owner := h.User(rootEmail)
	boss, equal, viewer := h.somebody("boss", "admin"), h.somebody("equal", "admin"), h.somebody("viewer", "viewer")
	a, b := h.somebody("a", "user"), h.somebody("b", "user")
	me := h.as(boss)

	r := h.bulk(me, admin.BulkAct{Name: admin.BulkBan, Ban: admin.Ban{Reason: "Spring cleaning"}}, a.ID, b.ID, a.ID, "", owner.ID, boss.ID, "nobody", viewer.ID)
	if r.Done != 3 || r.Task != nil {
		t.Errorf("%d banned", r.Done)
	}
	same(t, "ban", reasons(r.Skipped), map[string]string{owner.ID: "RANKS_ABOVE_YOU", boss.ID: "YOURSELF", "nobody": "GONE"})
	if u := h.reload(a.ID); !u.Banned || *u.BanReason != "Spring cleaning" || h.count("user.banned", a.ID) != 1 {
		t.Errorf("%+v", u)
	}
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkBan}, a.ID)
	same(t, "ban again", reasons(r.Skipped), map[string]string{a.ID: "ALREADY_BANNED"})
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkUnban}, a.ID, b.ID, viewer.ID, equal.ID)
	same(t, "unban", reasons(r.Skipped), map[string]string{equal.ID: "NOT_BANNED"})

	helper := h.as(h.somebody("helper", "support"))
	r = h.bulk(helper, admin.BulkAct{Name: admin.BulkBan}, a.ID, viewer.ID, boss.ID)
	same(t, "ban by support", reasons(r.Skipped), map[string]string{viewer.ID: "PART_OF_THE_CONSOLE", boss.ID: "RANKS_ABOVE_YOU"})

	r = h.bulk(me, admin.BulkAct{Name: admin.BulkRole, Roles: []string{"viewer"}}, a.ID, b.ID, viewer.ID, boss.ID, equal.ID, owner.ID)
	same(t, "role", reasons(r.Skipped), map[string]string{viewer.ID: "HAS_ROLE", boss.ID: "YOURSELF", owner.ID: "RANKS_ABOVE_YOU"})
	if *h.reload(equal.ID).Role != "viewer" {
		t.Error("an equal kept the role")
	}
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkVerify}, a.ID)
	same(t, "verify", reasons(r.Skipped), map[string]string{a.ID: "ALREADY_VERIFIED"})
	h.as(b)
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkEnd}, b.ID, owner.ID, boss.ID)
	same(t, "end", reasons(r.Skipped), map[string]string{owner.ID: "RANKS_ABOVE_YOU", boss.ID: "YOURSELF"})
	if h.sessions(b.ID) != 0 {
		t.Error("sessions live")
	}
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkReset}, b.ID, owner.ID)
	same(t, "reset", reasons(r.Skipped), map[string]string{owner.ID: "RANKS_ABOVE_YOU"})
	h.Link(b.Email, "reset-password")
	r = h.bulk(me, admin.BulkAct{Name: admin.BulkDelete}, b.ID, owner.ID, boss.ID)
	same(t, "delete", reasons(r.Skipped), map[string]string{owner.ID: "RANKS_ABOVE_YOU", boss.ID: "YOURSELF"})
	if u, _ := h.Host.Users.ByID(t.Context(), b.ID); u != nil {
		t.Error("not deleted")
	}
}

func TestBulkRefused(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	owner, boss := h.User(rootEmail), h.somebody("boss", "admin")
	target := h.somebody("target", "user")
	for name, tt := range map[string]struct {
		ctx  context.Context
		act  admin.BulkAct
		ids  []string
		want error
	}{
		"without scope": {h.as(h.somebody("viewer", "viewer")), admin.BulkAct{Name: admin.BulkBan}, []string{target.ID}, admin.ErrMayNotBan},
		"masked":        {h.masked(owner, boss), admin.BulkAct{Name: admin.BulkBan}, []string{target.ID}, auth.ErrImpersonating},
		"a higher role": {h.as(boss), admin.BulkAct{Name: admin.BulkRole, Roles: []string{"owner"}}, []string{target.ID}, admin.ErrMayNotSetRole},
		"nobody chosen": {h.as(boss), admin.BulkAct{Name: admin.BulkBan}, []string{""}, admin.ErrNobodyChosen},
		"anonymous":     {t.Context(), admin.BulkAct{Name: admin.BulkBan}, []string{target.ID}, auth.ErrUnauthorized},
	} {
		if _, err := h.s.Bulk(tt.ctx, tt.act, admin.Those(tt.ids)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, act := range []admin.BulkAct{{Name: "nonsense"}, {Name: admin.BulkRole}, {Name: admin.BulkRole, Roles: []string{"emperor"}}, {Name: admin.BulkBan, Ban: admin.Ban{Reason: long(1001)}}} {
		if _, err := h.s.Bulk(h.as(boss), act, admin.Those([]string{target.ID})); err == nil {
			t.Errorf("%.80v went through", act)
		}
	}
	if u := h.reload(target.ID); u.Banned || *u.Role != "user" {
		t.Error("refused, and done")
	}
}

// crowd makes people without ways to sign in.
func (h *house) crowd(n int) []string {
	h.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = h.somebody(fmt.Sprintf("crowd%03d", i), "user").ID
	}
	return ids
}

// TestBulkTask: many are worked off in the background, as the person who asked, who may
// fall from grace meanwhile.
func TestBulkTask(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	boss, owner := h.somebody("boss", "admin"), h.User(rootEmail)
	people := append(h.crowd(60), owner.ID, boss.ID)
	r := h.bulk(h.as(boss), admin.BulkAct{Name: admin.BulkBan, Ban: admin.Ban{Reason: "All of you"}}, people...)
	if r.Task == nil || r.Done != 0 || h.reload(people[0]).Banned {
		t.Fatalf("%+v", r)
	}
	h.must(h.Host.Tasks.Work(t.Context()))
	s, err := h.s.TaskOf(h.as(boss), r.Task.ID)
	h.must(err)
	if s.State != task.StateDone || s.Done != 62 || s.Total != 62 {
		t.Errorf("%+v", s.Task)
	}
	same(t, "task", reasons(s.Skipped), map[string]string{owner.ID: "RANKS_ABOVE_YOU", boss.ID: "YOURSELF"})
	if n := h.Host.DB.Access(t.Context()).User().Query().Where(user.Banned(true), user.BanReason("All of you")).CountX(t.Context()); n != 60 {
		t.Errorf("%d banned", n)
	}
	var act admin.BulkAct
	if json.Unmarshal(s.Act, &act) != nil || act.Ban.Reason != "All of you" {
		t.Errorf("act %s", s.Act)
	}

	r = h.bulk(h.as(boss), admin.BulkAct{Name: admin.BulkUnban}, people...)
	h.role(boss.ID, "viewer")
	h.must(h.Host.Tasks.Work(t.Context()))
	s, err = h.s.TaskOf(h.as(boss), r.Task.ID)
	h.must(err)
	if s.SkippedCount != 62 || s.Skipped[0].Code != "NO_LONGER_ALLOWED" || !h.reload(people[0]).Banned {
		t.Errorf("somebody demoted goes on: %+v", s.Task)
	}
}

// TestTaskOf: who may look at a task, and stop it.
func TestTaskOf(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	owner, boss := h.User(rootEmail), h.somebody("boss", "admin")
	people := h.crowd(51)
	bosses := h.bulk(h.as(boss), admin.BulkAct{Name: admin.BulkBan}, people...).Task.ID
	owners := h.bulk(h.as(owner), admin.BulkAct{Name: admin.BulkBan}, people...).Task.ID
	for name, tt := range map[string]struct {
		who  *ent.User
		id   string
		sees bool
	}{
		"own":       {boss, bosses, true},
		"by above":  {owner, bosses, true},
		"by equal":  {h.somebody("other", "admin"), bosses, true},
		"by below":  {boss, owners, false},
		"by helper": {h.somebody("helper", "support"), bosses, false},
		"unknown":   {owner, "nonsense", false},
	} {
		_, err := h.s.TaskOf(h.as(tt.who), tt.id)
		if tt.sees != (err == nil) || err != nil && auth.AsError(err).Status != 404 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.s.StopTask(h.as(boss), owners); err == nil {
		t.Error("stopped by somebody below")
	}
	if _, err := h.s.StopTask(h.masked(owner, boss), bosses); !errors.Is(err, auth.ErrImpersonating) {
		t.Errorf("stopped by an impersonator: %v", err)
	}
	if did, err := h.s.StopTask(h.as(boss), bosses); !did || err != nil {
		t.Error(did, err)
	}
	h.must(h.Host.Tasks.Work(t.Context()))
	if s, _ := h.s.TaskOf(h.as(boss), bosses); s.State != task.StateStopped || s.Done != 0 {
		t.Errorf("%+v", s.Task)
	}
}

// owners are the unbanned owners of a house.
func (h *house) owners() int {
	h.t.Helper()
	n := 0
	for _, u := range h.Host.DB.Access(h.t.Context()).User().Query().AllX(h.t.Context()) {
		if u.Role != nil && slices.Contains(auth.SplitRoles(*u.Role), "owner") && !admin.Banned(u, h.Clock.Now()) {
			n++
		}
	}
	return n
}

// TestBulkLeavesAnOwner: the last owner stays whatever many are done at once, by the
// command line, by an owner, by many owners at the same time, at once or as a task.
func TestBulkLeavesAnOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		acts := []admin.BulkAct{{Name: admin.BulkBan}, {Name: admin.BulkDelete}, {Name: admin.BulkRole, Roles: []string{"admin"}}}
		for i, act := range acts {
			h := empty(t, db, nil)
			// A ban, a deletion, a demotion of all owners in one go.
			one, two := h.somebody(fmt.Sprint("one", i), "owner"), h.somebody(fmt.Sprint("two", i), "owner,user")
			r := h.bulk(h.commandLine(), act, one.ID, two.ID)
			same(t, act.Name, reasons(r.Skipped), map[string]string{two.ID: "LAST_ADMINISTRATOR"})
			if h.owners() != 1 {
				t.Fatalf("%s left %d owners", act.Name, h.owners())
			}
			// Owners that do it to each other at the same time, each with everybody chosen.
			everybody := []string{two.ID}
			var them []*ent.User
			for n := range 5 {
				them = append(them, h.somebody(fmt.Sprintf("o%d-%d", i, n), "owner"))
				everybody = append(everybody, them[n].ID)
			}
			contexts := make([]context.Context, len(them))
			for n, u := range them {
				contexts[n] = h.as(u)
			}
			var wg sync.WaitGroup
			for _, ctx := range contexts {
				wg.Go(func() {
					if _, err := h.s.Bulk(ctx, act, admin.Those(everybody)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := h.owners(); n < 1 {
				t.Fatalf("%s at the same time left %d owners", act.Name, n)
			}
			// A task of the last owner that names them and everybody else.
			last := h.Host.DB.Access(t.Context()).User().Query().Where(user.RoleContains("owner")).AllX(t.Context())
			for _, u := range last {
				if admin.Banned(u, h.Clock.Now()) {
					continue
				}
				people := []string{u.ID}
				for n := range 60 {
					people = append(people, fmt.Sprint("gone", n))
				}
				h.bulk(h.as(u), act, people...)
				break
			}
			h.must(h.Host.Tasks.Work(t.Context()))
			if n := h.owners(); n < 1 {
				t.Fatalf("%s as a task left %d owners", act.Name, n)
			}
			h.must(h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error { // the next round begins without them
				return tx.User().Update().SetRole("user").Exec(ctx)
			}))
			h.Clock.Advance(time.Second)
		}
	})
}

// TestLastOwnerInTheAccountArea: nor can they delete themselves.
func TestLastOwnerDeletesNobody(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	owner := h.User(rootEmail)
	h.root.Post(api+"/delete-user", body{"password": "correct-Horse-7-battery"}).Want(403, "LAST_ADMINISTRATOR")
	second, b := h.person("second", "owner")
	// Two owners who leave at the same time: one stays.
	codes := make(chan int, 2)
	var wg sync.WaitGroup
	for _, who := range []func() int{
		func() int { return h.root.Post(api+"/delete-user", body{"password": "correct-Horse-7-battery"}).Status },
		func() int { return b.Post(api+"/delete-user", body{"password": "correct-Horse-7-battery"}).Status },
	} {
		wg.Go(func() { codes <- who() })
	}
	wg.Wait()
	sum := <-codes + <-codes
	if sum != 200+403 || h.owners() != 1 {
		t.Errorf("answers add up to %d, %d owners (%s, %s)", sum, h.owners(), owner.ID, second.ID)
	}
	// Nor by the acts of this plugin on themselves, nor by a temporary password or a link.
	last := h.Host.DB.Access(t.Context()).User().Query().Where(user.Role("owner")).OnlyX(t.Context())
	ctx := h.as(last)
	if _, err := h.s.Ban(ctx, last.ID, admin.Ban{}); !errors.Is(err, admin.ErrCannotBanSelf) {
		t.Errorf("ban: %v", err)
	}
	if err := h.s.Remove(ctx, last.ID); !errors.Is(err, admin.ErrCannotRemoveSelf) {
		t.Errorf("removal: %v", err)
	}
	if _, err := h.s.SetRole(ctx, last.ID, []string{"user"}); !errors.Is(err, auth.ErrLastAdministrator) {
		t.Errorf("demotion: %v", err)
	}
	if _, err := h.s.SetTemporaryPassword(ctx, last.ID); !errors.Is(err, admin.ErrSelf) {
		t.Errorf("temporary password: %v", err)
	}
	for name, err := range map[string]error{
		"ban":     h.s.BanPerson(h.commandLine(), last.Email, "", 0),
		"demoted": h.s.SetPersonRoles(h.commandLine(), last.Email, []string{"user"}),
	} {
		if !errors.Is(err, auth.ErrLastAdministrator) {
			t.Errorf("%s by the command line: %v", name, err)
		}
	}
}

func TestActivity(t *testing.T) {
	h := open(t, nil, nil)
	u := h.resident("ann", "user")
	h.SignIn(u.Email)
	name := "Anna"
	for range 3 {
		_, err := h.s.Update(h.commandLine(), u.ID, admin.Change{Name: &name})
		h.must(err)
	}
	boss := h.somebody("boss", "admin")
	_, err := h.s.Update(h.as(boss), u.ID, admin.Change{Name: &name})
	h.must(err)
	ctx := h.withEvents(boss)
	kinds := func(id string, side auth.Side, limit int) []string {
		t.Helper()
		var names []string
		cursor := ""
		for range 50 {
			page, err := h.s.Activity(ctx, id, activityQuery(side, cursor, limit))
			h.must(err)
			for _, e := range page.Rows {
				names = append(names, e.Kind)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		return names
	}
	all := kinds(u.ID, auth.BothSides, 100)
	if !slices.Equal(all, []string{"user.updated", "user.updated", "user.updated", "user.updated", "sign-in.succeeded", "session.created", "user.created"}) {
		t.Errorf("all: %v", all)
	}
	for _, limit := range []int{1, 2, 3} {
		if got := kinds(u.ID, auth.BothSides, limit); !slices.Equal(got, all) {
			t.Errorf("pages of %d: %v", limit, got)
		}
	}
	if got := kinds(u.ID, auth.DoneBy, 100); !slices.Equal(got, []string{"sign-in.succeeded", "session.created"}) {
		t.Errorf("done by them: %v", got)
	}
	if got := kinds(boss.ID, auth.DoneBy, 100); !slices.Contains(got, "user.updated") {
		t.Errorf("done by the boss: %v", got)
	}
	if got := kinds(boss.ID, auth.DoneTo, 100); slices.Contains(got, "user.updated") {
		t.Errorf("done to the boss: %v", got)
	}
	if _, err := h.s.Activity(h.as(boss), u.ID, activityQuery("", "", 10)); auth.AsError(err).Scope != "event:read" {
		t.Errorf("without the scope: %v", err)
	}
	if _, err := h.s.Activity(ctx, u.ID, activityQuery("", "nonsense", 10)); !errors.Is(err, list.ErrBadCursor) {
		t.Errorf("a bad cursor: %v", err)
	}
}

func activityQuery(side auth.Side, cursor string, limit int) list.Query {
	q := list.Query{Sort: "created", Cursor: cursor, Limit: limit, Filters: map[string][]string{}}
	if side != auth.BothSides {
		q.Filters["side"] = []string{string(side)}
	}
	return q
}

// withEvents is a person who may see what happened, which the console declares.
func (h *house) withEvents(u *ent.User) context.Context {
	h.t.Helper()
	p := auth.PrincipalOf(h.as(u))
	grants := append(p.Grants(), auth.Grant{Scope: "event:read"})
	return auth.WithPrincipal(h.t.Context(), auth.NewPrincipal(*p, grants, h.Clock.Now()))
}
