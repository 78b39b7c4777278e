package organization_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/user"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/organization"
)

// hall is a server with organizations whose rows a test writes itself.
type hall struct {
	*servertest.Rig
	t *testing.T
	n int
}

func openHall(t *testing.T, db *database.DB, settings map[string]string) *hall {
	t.Helper()
	return &hall{Rig: servertest.New(t, servertest.Options{Database: db, Settings: settings,
		Plugins: []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{})}}), t: t}
}

func (h *hall) in(write func(ctx context.Context, tx *auth.Tx) error) {
	h.t.Helper()
	if err := h.Host.DB.InTx(h.t.Context(), write); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) organization(id string) {
	h.t.Helper()
	h.in(func(ctx context.Context, tx *auth.Tx) error {
		return tx.Platform().Organization().Create().SetID(id).SetName("The " + id).SetSlug(id).SetCreatedAt(h.Host.Clock()).Exec(ctx)
	})
}

// role makes a role of one organization.
func (h *hall) role(org, name, permission string) {
	h.t.Helper()
	h.in(func(ctx context.Context, tx *auth.Tx) error {
		h.n++
		return tx.Organization(org).OrganizationRole().Create().SetID(fmt.Sprint("role-", h.n)).SetRole(name).SetPermission(permission).Exec(ctx)
	})
}

// term is from when until when something holds, in hours from now; zero is open.
type term struct{ from, until int }

func (h *hall) times(x term) (start, end *time.Time) {
	at := func(hours int) *time.Time {
		if hours == 0 {
			return nil
		}
		moment := h.Host.Clock().Add(time.Duration(hours) * time.Hour)
		return &moment
	}
	return at(x.from), at(x.until)
}

// member makes somebody with a place in an organization and roles for a time.
func (h *hall) member(org, name, roles string, x term, timed map[string]term) *ent.User {
	h.t.Helper()
	var u *ent.User
	h.in(func(ctx context.Context, tx *auth.Tx) (err error) {
		h.n++
		u, err = tx.User().Create().SetID(fmt.Sprint("user-", h.n)).SetName(name).SetEmail(fmt.Sprintf("p%d@example.test", h.n)).SetRole("user").Save(ctx)
		if err != nil {
			return err
		}
		start, end := h.times(x)
		id := fmt.Sprint("member-", h.n)
		err = tx.Organization(org).Member().Create().SetID(id).SetUserID(u.ID).SetRole(roles).SetUserName(u.Name).SetUserEmail(u.Email).
			SetNillableStartsAt(start).SetNillableEndsAt(end).Exec(ctx)
		if err != nil {
			return err
		}
		for name, x := range timed {
			start, end := h.times(x)
			h.n++
			if err := tx.Organization(org).MemberRole().Create().SetID(fmt.Sprint("timed-", h.n)).SetMemberID(id).SetRole(name).
				SetNillableStartsAt(start).SetNillableEndsAt(end).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return u
}

// holders lists who holds a scope, read in pages of some subjects.
func (h *hall) holders(r auth.Realm, scope string, limit int) (all []auth.Holder) {
	h.t.Helper()
	q := auth.HolderQuery{Realm: r, Scope: scope, Limit: limit}
	for {
		page, err := h.Host.Principals.WhoHolds(h.t.Context(), q)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, page.Holders...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

func named(list []auth.Holder) (names []string) {
	for _, h := range list {
		names = append(names, h.Name+" by "+h.Source.Words().English())
	}
	return names
}

func TestHoldersOfOneOrganization(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := openHall(t, db, nil)
		h.organization("acme")
		h.organization("other")
		h.role("acme", "hiring", `{"invitation":["create"]}`)
		h.role("other", "helper", `{"invitation":["create"]}`)
		h.member("acme", "Ada", "owner", term{}, nil)
		h.member("acme", "ben", " member , hiring", term{}, nil)
		h.member("acme", "Cyd", "member", term{}, map[string]term{"admin": {-1, 1}, "hiring": {}})
		h.member("acme", "Dan", "member", term{}, map[string]term{"admin": {-2, -1}, "hiring": {1, 2}})
		h.member("acme", "Eve", "owner", term{-2, -1}, nil)
		h.member("acme", "Fay", "owner", term{1, 0}, map[string]term{"owner": {}})
		h.member("acme", "Gus", "helper", term{}, nil) // a role of another organization
		h.member("acme", "Hal", "hirings,ownership", term{}, nil)
		h.member("other", "Ivo", "helper", term{}, nil)
		for limit := range 4 {
			got := named(h.holders(auth.In("acme"), "invitation:create", limit+1))
			want := []string{"Ada by role Owner in the organization", "ben by role hiring in the organization",
				"Cyd by role Admin in the organization", "Cyd by role hiring in the organization"}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d: %q", limit+1, got)
			}
		}
		if got := named(h.holders(auth.In("acme"), organization.ScopeRead, 2)); len(got) != 11 || !slices.Contains(got, "Gus by being a member") {
			t.Errorf("members read: %q", got)
		}
		if got := named(h.holders(auth.In("other"), "invitation:create", 9)); !slices.Equal(got, []string{"Ivo by role helper in the organization"}) {
			t.Errorf("in the other: %q", got)
		}
		n, more, err := h.Host.Principals.CountHolders(t.Context(), auth.HolderQuery{Realm: auth.In("acme"), Scope: "invitation:create", Limit: 2})
		if n != 2 || !more || err != nil {
			t.Errorf("counted %d %v %v", n, more, err)
		}
		if got := h.holders(auth.In("acme"), "nothing:declared", 9); got != nil {
			t.Errorf("nothing is held by %v", got)
		}
	})
}

// TestHoldersAreTheInverseOfGrants asks every scope both ways for everybody: roles of every
// organization and own ones, several in one text, memberships and roles for a time.
func TestHoldersAreTheInverseOfGrants(t *testing.T) {
	h := openHall(t, nil, nil)
	h.organization("acme")
	random := rand.New(rand.NewPCG(7, 5))
	scopes := []string{"team:create", "team:read", "invented:one"}
	for i := range 4 {
		permission := []string{`{}`, `{"team":["create"]}`, `{"invented":["one"],"team":["read"]}`, `broken`}[i]
		h.role("acme", fmt.Sprint("own", i), permission)
	}
	roles := []string{"owner", "admin", "member", "own0", "own1", "own2", "own3", "ghost"}
	terms := []term{{}, {}, {-1, 1}, {1, 2}, {-2, -1}, {-1, 0}, {0, 1}, {0, -1}}
	var people []*ent.User
	for i := range 60 {
		var held []string
		for range 1 + random.IntN(3) {
			held = append(held, roles[random.IntN(len(roles))])
		}
		timed := map[string]term{}
		for range random.IntN(3) {
			timed[roles[random.IntN(len(roles))]] = terms[random.IntN(len(terms))]
		}
		people = append(people, h.member("acme", fmt.Sprint("Person ", i%40), strings.Join(held, ","), terms[random.IntN(len(terms))], timed))
	}
	for _, s := range h.Host.Scopes.ScopesIn() {
		scopes = append(scopes, s.Name())
	}
	for _, scope := range scopes {
		holds := map[string]bool{}
		for _, x := range h.holders(auth.In("acme"), scope, 7) {
			holds[x.Subject] = true
			if x.Name == "" || x.Kind != auth.KindUser {
				t.Errorf("%s is held by %+v", scope, x)
			}
		}
		for _, u := range people {
			who, err := h.Host.Principals.OfSubject(t.Context(), auth.KindUser, u.ID)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := h.Host.Principals.Judge(t.Context(), who, auth.In("acme"), scope)
			if err != nil {
				t.Fatal(err)
			}
			own, err := h.Host.Principals.OfUser(t.Context(), u)
			if err == nil {
				own, err = h.Host.Principals.In(t.Context(), own, "acme")
			}
			if err != nil {
				t.Fatal(err)
			}
			if can := own.CanIn("acme", scope); can != answer.May || can != holds[u.ID] {
				t.Errorf("%s may %s: %v, the answer says %v, the list %v", u.ID, scope, can, answer.May, holds[u.ID])
			}
		}
	}
}

// TestManyHolders reads in the order of the index where they are many: the same answer.
func TestManyHolders(t *testing.T) {
	h := openHall(t, nil, nil)
	h.organization("acme")
	const many = 2_300
	h.in(func(ctx context.Context, tx *auth.Tx) error {
		for first := 0; first < many; first += 500 {
			var users []*ent.UserCreate
			var members []*ent.MemberCreate
			for i := first; i < min(first+500, many); i++ {
				id, name := fmt.Sprintf("u%05d", i), fmt.Sprintf("Name %d", i%100)
				users = append(users, tx.User().Create().SetID(id).SetName(name).SetEmail(id+"@example.test").SetRole("viewer"))
				members = append(members, tx.Organization("acme").Member().Create().SetID("m"+id).SetUserID(id).SetRole([]string{"admin", "owner,member"}[i%2]).SetUserName(name).SetUserEmail(id+"@example.test"))
			}
			if err := tx.User().CreateBulk(users...).Exec(ctx); err != nil {
				return err
			}
			if err := tx.Organization("acme").Member().CreateBulk(members...).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	timed := h.member("acme", "Timed", "member", term{}, map[string]term{"admin": {-1, 1}})
	h.in(func(ctx context.Context, tx *auth.Tx) error { // and one who holds it on the platform for a time
		return tx.TimedRole().Create().SetID("t").SetUserID(timed.ID).SetRole("support").SetEndsAt(h.Host.Clock().Add(time.Hour)).Exec(ctx)
	})
	h.member("acme", "Plain", "member", term{}, nil)
	for _, q := range []struct {
		realm auth.Realm
		scope string
	}{{auth.In("acme"), organization.ScopeInvite}, {auth.Platform, admin.ScopeGet}} {
		seen := map[string]bool{}
		list := h.holders(q.realm, q.scope, 700)
		for i, x := range list {
			seen[x.Subject] = true
			if i > 0 && x.Name < list[i-1].Name {
				t.Fatalf("%s: %q comes after %q", q.scope, x.Name, list[i-1].Name)
			}
		}
		if len(seen) != many+1 || len(list) != many+1 || !seen[timed.ID] {
			t.Errorf("%s: %d holders, %d of them different", q.scope, len(list), len(seen))
		}
		n, more, err := h.Host.Principals.CountHolders(t.Context(), auth.HolderQuery{Realm: q.realm, Scope: q.scope, Limit: 2_000})
		if n != 2_000 || !more || err != nil {
			t.Errorf("%s: counted %d %v %v", q.scope, n, more, err)
		}
	}
	in, err := h.Host.DB.Access(t.Context()).User().Query().Where(user.Name("Plain")).Count(t.Context())
	if in != 1 || err != nil {
		t.Error(in, err)
	}
}
