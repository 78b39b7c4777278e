package admin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/admin"
)

// grades are the graded roles, the widest first.
var grades = []string{"owner", "admin", "support", "viewer", "user"}

func TestGradedRoles(t *testing.T) {
	h := empty(t, nil, nil)
	held := func(role string) string {
		var names []string
		for s := range h.Host.Scopes.OfRole(role) {
			names = append(names, s)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	viewer := "session:list user:get user:list"
	support := "session:list session:revoke user:ban user:get user:list user:send-reset user:update"
	all := "principal:see-as session:delete session:list session:revoke user:ban user:ban-staff user:create user:delete user:get user:impersonate user:invite user:list user:send-reset user:set-email user:set-fields user:set-password user:set-phone user:set-role user:sign-in-link user:update"
	for role, want := range map[string]string{"user": "", "viewer": viewer, "support": support, "admin": all,
		"owner": strings.Replace(all, "user:impersonate ", "user:impersonate user:impersonate-admins user:impersonate-write ", 1)} {
		if got := held(role); got != want {
			t.Errorf("%s holds\n%s, want\n%s", role, got, want)
		}
	}
}

// TestRankOfActs tries every act by every grade on every grade.
func TestRankOfActs(t *testing.T) {
	h := empty(t, nil, nil)
	const (
		no = iota
		equal
		below
	)
	acts := []struct {
		name string
		// least is the lowest grade that may act at all, reach how far up.
		least string
		reach int
		only  string // the one grade that support may act on
		code  string
		do    func(ctx context.Context, id string) error
	}{
		{"set-role", "admin", equal, "", "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE", func(ctx context.Context, id string) error {
			_, err := h.s.SetRole(ctx, id, []string{"user"})
			return err
		}},
		{"update", "support", equal, "", "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS", func(ctx context.Context, id string) error {
			name := "N"
			_, err := h.s.Update(ctx, id, admin.Change{Name: &name})
			return err
		}},
		{"ban", "support", equal, "user", "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS", func(ctx context.Context, id string) error {
			_, err := h.s.Ban(ctx, id, admin.Ban{})
			return err
		}},
		{"unban", "support", equal, "user", "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS", func(ctx context.Context, id string) error {
			_, err := h.s.Unban(ctx, id)
			return err
		}},
		{"end-sessions", "support", equal, "", "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS", func(ctx context.Context, id string) error {
			_, err := h.s.EndSessions(ctx, id)
			return err
		}},
		{"send-reset", "support", equal, "", "YOU_ARE_NOT_ALLOWED_TO_SEND_RESET_LINKS", func(ctx context.Context, id string) error {
			_, err := h.s.SendReset(ctx, id)
			return err
		}},
		{"reset-link", "admin", below, "", "YOU_ARE_NOT_ALLOWED_TO_SEND_RESET_LINKS", func(ctx context.Context, id string) error {
			_, err := h.s.ResetLink(ctx, id)
			return err
		}},
		{"sign-in-link", "admin", below, "", "YOU_ARE_NOT_ALLOWED_TO_MAKE_SIGN_IN_LINKS", func(ctx context.Context, id string) error {
			_, err := h.s.SignInLink(ctx, id)
			return err
		}},
		{"temporary", "admin", equal, "", "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD", func(ctx context.Context, id string) error {
			_, err := h.s.SetTemporaryPassword(ctx, id)
			return err
		}},
		{"note", "support", equal, "", "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS", func(ctx context.Context, id string) error {
			c := admin.Change{}
			c.Note.Present, c.Note.Value = true, "N"
			_, err := h.s.Update(ctx, id, c)
			return err
		}},
		{"forget-device", "support", equal, "", "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS", func(ctx context.Context, id string) error {
			return h.s.ForgetDevice(ctx, id, "x")
		}},
		{"impersonate", "admin", below, "", "", func(ctx context.Context, id string) error {
			_, err := h.s.Impersonate(ctx, id, "")
			return err
		}},
		{"remove", "admin", equal, "", "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS", func(ctx context.Context, id string) error { return h.s.Remove(ctx, id) }},
	}
	n := 0
	h.somebody("standing", "owner")
	for _, act := range acts {
		for ai, actor := range grades {
			n++
			me := h.somebody(strings.Join([]string{act.name, actor}, "-"), actor)
			ctx := h.as(me)
			for ti, target := range grades {
				n++
				other := h.somebody(strings.Join([]string{act.name, actor, target}, "-"), target)
				err := act.do(ctx, other.ID)
				allowed := ai <= slices.Index(grades, act.least) && (ti > ai || ti == ai && act.reach == equal)
				if actor == "support" && act.only != "" {
					allowed = target == act.only
				}
				if allowed != (err == nil) {
					t.Errorf("%s %ss a %s: %v", actor, act.name, target, err)
				}
				if err != nil && act.code != "" && auth.AsError(err).Code != act.code {
					t.Errorf("%s %ss a %s: code %v, want %s", actor, act.name, target, err, act.code)
				}
			}
		}
	}
}

func TestNobodyGivesARoleAboveTheirOwn(t *testing.T) {
	h := empty(t, nil, map[string]string{"admin.roles": `{auditor = {scopes = ["user:impersonate-admins"]}}`})
	target := h.somebody("target", "user")
	for ai, actor := range grades {
		ctx := h.as(h.somebody(actor, actor))
		for ri, role := range append(slices.Clone(grades), "auditor") {
			_, err := h.s.SetRole(ctx, target.ID, []string{role})
			allowed := ai <= 1 && ri >= ai && (role != "auditor" || actor == "owner")
			if allowed != (err == nil) {
				t.Errorf("%s gives %s: %v", actor, role, err)
			}
			if _, err := h.s.SetRole(h.commandLine(), target.ID, []string{"user"}); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.s.GivableRoles(ctx); actor == "admin" && !slices.Equal(got, []string{"admin", "support", "viewer", "user"}) {
			t.Errorf("an admin may give %v", got)
		}
	}
}

func TestSupportChangesNameAndPictureOnly(t *testing.T) {
	h := open(t, nil, map[string]string{"user.fields": `{plan = {required = false}}`})
	target := h.somebody("ann", "user")
	_, support := h.person("helper", "support")
	for key, code := range map[string]string{"name": "", "image": "", "email": "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL", "emailVerified": "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL",
		"role": "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE", "plan": "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS"} {
		value := any("https://pictures.example/x")
		if key == "emailVerified" {
			value = true
		}
		status := 403
		if code == "" {
			status = 200
		}
		support.Post(api+"/admin/update-user", body{"userId": target.ID, "data": body{key: value}}).Want(status, code)
	}
	support.Post(api+"/admin/set-user-password", body{"userId": target.ID, "newPassword": "another-Good-1-password"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD")
	support.Post(api+"/admin/ban-user", body{"userId": target.ID}).Want(200, "")
}

func TestRoleTextIsSplitAndTrimmed(t *testing.T) {
	h := open(t, nil, nil)
	u, b := h.person("ann", "user")
	write(t, h, u.ID, func(c *ent.UserUpdateOne) { c.SetRole("user, admin") })
	b.Get(api+"/admin/list-users").Want(200, "")
	if list, err := holders(h, "user:delete"); err != nil || len(list) != 2 {
		t.Errorf("holders %v, %v", list, err)
	}
	if page, err := h.s.List(h.commandLine(), admin.ListQuery{Roles: []string{"admin"}}); err != nil || page.Total != 2 {
		t.Errorf("listed %d, %v", page.Total, err)
	}
	h.root.Post(api+"/admin/set-role", body{"userId": u.ID, "role": " support , user,,support"}).Want(200, "")
	if got := *h.reload(u.ID).Role; got != "support,user" {
		t.Errorf("stored %q", got)
	}
}

// write changes a row past every rule, as direct SQL would.
func write(t *testing.T, h *house, id string, set func(*ent.UserUpdateOne)) {
	t.Helper()
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		u := tx.User().UpdateOneID(id)
		set(u)
		return u.Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := open(t, nil, map[string]string{"admin_role": "owner"})
	owner := h.User(rootEmail)
	line := h.commandLine()
	last := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, auth.ErrLastAdministrator) {
			t.Errorf("%s: %v", what, err)
		}
	}
	attempts := func() {
		t.Helper()
		_, err := h.s.SetRole(line, owner.ID, []string{"admin"})
		last("demotion by the command line", err)
		_, err = h.s.Ban(line, owner.ID, admin.Ban{})
		last("ban", err)
		last("removal", h.s.Remove(line, owner.ID))
		h.root.Post(api+"/admin/set-role", body{"userId": owner.ID, "role": "user"}).Want(403, "LAST_ADMINISTRATOR")
		h.root.Post(api+"/admin/update-user", body{"userId": owner.ID, "data": body{"role": "user"}}).Want(403, "LAST_ADMINISTRATOR")
		a := h.root.Post(api+"/delete-user", body{"password": servertest.Password})
		a.Want(403, "LAST_ADMINISTRATOR")
		// Setters that another part of the server adds are seen as well.
		_, err = h.Host.Users.Patch(line, owner.ID, "test", nil, func(u *ent.UserUpdateOne) { u.SetRole("user") })
		last("a patch of another part", err)
	}
	attempts()
	h.somebody("second", "admin") // an admin does not replace an owner
	attempts()
	second := h.somebody("third", "user,owner")
	write(t, h, second.ID, func(u *ent.UserUpdateOne) { u.SetBanned(true) })
	attempts() // nor does a banned owner
	write(t, h, second.ID, func(u *ent.UserUpdateOne) { u.SetBanExpires(h.Host.Clock().Add(-time.Hour)) })
	if _, err := h.s.SetRole(line, owner.ID, []string{"user"}); err != nil {
		t.Errorf("with another owner whose ban is over: %v", err)
	}
	name := "Still"
	if _, err := h.s.Update(line, second.ID, admin.Change{Name: &name, Roles: []string{"owner"}}); err != nil {
		t.Errorf("a change that keeps the role: %v", err)
	}
}

func TestWithoutOwnersTheLastAdminStays(t *testing.T) {
	h := open(t, nil, nil)
	first := h.User(rootEmail)
	if _, err := h.s.SetRole(h.commandLine(), first.ID, []string{"user"}); !errors.Is(err, auth.ErrLastAdministrator) {
		t.Errorf("the only admin: %v", err)
	}
	if _, err := h.s.SetRole(h.commandLine(), first.ID, []string{"owner"}); err != nil {
		t.Errorf("promotion: %v", err)
	}
	if _, err := h.s.SetRole(h.commandLine(), first.ID, []string{"admin"}); !errors.Is(err, auth.ErrLastAdministrator) {
		t.Errorf("the only owner: %v", err)
	}
	other := h.somebody("other", "admin")
	if err := h.s.Remove(h.commandLine(), other.ID); err != nil {
		t.Errorf("an admin beside an owner: %v", err)
	}
}

func TestProtectionCanBeTurnedOff(t *testing.T) {
	h := open(t, nil, map[string]string{"admin.protect_administrators": "false"})
	owner := h.somebody("owner", "owner")
	h.root.Post(api+"/admin/ban-user", body{"userId": owner.ID}).Want(200, "")
	h.root.Post(api+"/admin/set-role", body{"userId": h.User(rootEmail).ID, "role": "user"}).Want(200, "")
}

func TestParallelDemotionsLeaveOneOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		for round, role := range []string{"owner", "owner,user"} {
			h := empty(t, db, nil)
			const n = 32
			ids := make([]string, n)
			for i := range ids {
				u, err := h.Host.Users.Create(t.Context(), auth.NewUser{Name: "O", Email: fmt.Sprintf("o%d-%d@example.test", round, i), By: "test",
					Set: []func(*ent.UserCreate){func(c *ent.UserCreate) { c.SetRole(role) }}})
				if err != nil {
					t.Fatal(err)
				}
				ids[i] = u.ID
			}
			ok, refused := h.race(n, func(i int) error {
				ctx := h.commandLine()
				switch i % 3 {
				case 0:
					_, err := h.s.SetRole(ctx, ids[i], []string{"user"})
					return err
				case 1:
					return h.s.Remove(ctx, ids[i])
				}
				_, err := h.s.Ban(ctx, ids[i], admin.Ban{})
				return err
			}, auth.ErrLastAdministrator)
			if ok != n-1 || refused != 1 {
				t.Errorf("%s: %d went, %d were refused", role, ok, refused)
			}
			for _, id := range ids { // the next round begins without them
				if u, _ := h.Host.Users.ByID(t.Context(), id); u != nil {
					write(t, h, id, func(c *ent.UserUpdateOne) { c.SetRole("user") })
				}
			}
		}
	})
}

// race runs something n times at once and counts outcomes; another error than the
// expected one fails the test.
func (h *house) race(n int, do func(i int) error, expected error) (ok, refused int) {
	h.t.Helper()
	results := make([]error, n)
	var start, all sync.WaitGroup
	start.Add(1)
	for i := range n {
		all.Go(func() {
			start.Wait()
			results[i] = do(i)
		})
	}
	start.Done()
	all.Wait()
	for _, err := range results {
		switch {
		case err == nil:
			ok++
		case errors.Is(err, expected):
			refused++
		default:
			h.t.Errorf("outcome: %v", err)
		}
	}
	return ok, refused
}

func setRole(text string) func(*ent.UserUpdateOne) {
	return func(u *ent.UserUpdateOne) { u.SetRole(text) }
}
