package routes

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
)

// world is a house with drawn organizations, roles, people, service accounts and keys.
// Everything comes from its seed.
type world struct {
	*house
	random   *rand.Rand
	inside   []string // scopes of organizations
	wide     []string // scopes of the platform
	wideRole []string // names of roles of the platform, one of them unknown
	orgs     []*site
	subjects []*subject
	chief    *servertest.Browser // may ask the explorer about everything
	fresh    int                 // numbers what is made along the way
}

// site is an organization of a world.
type site struct {
	id, slug string
	roles    []string          // names of roles that mean something there, and some that do not
	things   map[string]string // what acts are tried on, by kind
}

// subject is somebody or something that questions are asked about, and that acts.
type subject struct {
	kind, id, name string
	home           *site     // of a service account, when it is not the platform's
	user           *ent.User // of people
	unlisted       bool      // keys of service accounts stand in no list: their account does
	browser        *servertest.Browser
	secret         string // of a key, or of a service account's key
}

func (s *subject) String() string { return s.kind + " " + s.name }

// span is when something holds, as distances from now; nil is open.
type span struct{ start, end *time.Duration }

// spans are over, in force, or to come; some change exactly when an hour has passed.
var spans = func() (list []span) {
	at := func(d time.Duration) *time.Duration { return &d }
	const h = time.Hour
	for _, x := range [][2]*time.Duration{{at(-2 * h), at(-h)}, {at(-h), at(h)}, {nil, at(h / 2)}, {at(h), nil}, {at(h / 2), at(3 * h)}, {at(0), nil}, {nil, at(0)}, {at(-h), at(2 * h)}} {
		list = append(list, span{x[0], x[1]})
	}
	return list
}()

// often is an open span most of the time, span any of those that are not.
func (w *world) often() (start, end *time.Time) {
	if w.chance(60) {
		return nil, nil
	}
	return w.span()
}

func (w *world) span() (start, end *time.Time) {
	x := pick(w.random, spans)
	at := func(d *time.Duration) *time.Time {
		if d == nil {
			return nil
		}
		moment := w.Host.Clock().Add(*d)
		return &moment
	}
	return at(x.start), at(x.end)
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// chance is true so many times of a hundred.
func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

// some are n of a list at most, each once, and at least half as many.
func (w *world) some(list []string, n int) (found []string) {
	for _, i := range w.random.Perm(len(list))[:min(len(list), n/2+w.random.IntN(n-n/2+1))] {
		found = append(found, list[i])
	}
	return found
}

// permission is a random statement over some scopes, as the database holds it.
func (w *world) permission(scopes []string, n int) (map[string][]string, string) {
	p := map[string][]string{}
	for _, scope := range w.some(scopes, n) {
		resource, action, _ := strings.Cut(scope, ":")
		p[resource] = append(p[resource], action)
	}
	text, err := json.Marshal(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return p, string(text)
}

// roleText is a list of roles as a column holds it, now and then written untidily.
func (w *world) roleText(roles []string, least, most int) string {
	var list []string
	for range least + w.random.IntN(most-least+1) {
		list = append(list, pick(w.random, roles))
	}
	return strings.Join(list, pick(w.random, []string{",", ",", " , ", ",,"}))
}

// newWorld draws a world of a size from a seed.
func newWorld(t *testing.T, db *database.DB, seed uint64, size int) *world {
	t.Helper()
	w := &world{random: rand.New(rand.NewPCG(seed, 20))}
	declared := openOn(t, nil).Host.Scopes
	for _, s := range declared.ScopesIn() {
		w.inside = append(w.inside, s.Name())
	}
	for _, s := range declared.Scopes() {
		w.wide = append(w.wide, s.Name())
	}
	list := func(scopes []string) string { return `{ scopes = ["` + strings.Join(scopes, `", "`) + `"] }` }
	role := func(scopes []string, n int) string { return list(w.some(scopes, n)) }
	quiet := slog.New(slog.DiscardHandler) // each look at the role that cannot be read says so
	w.house = furnish(t, buildLogging(t, db, map[string]string{
		"admin.roles":                            fmt.Sprintf(`{ clerk = %s, warden = %s }`, role(w.wide, 6), role(w.wide, 20)),
		"organization.roles":                     fmt.Sprintf(`{ auditor = %s }`, role(w.inside, 6)),
		"organization.permissions":               `{ post = { actions = ["read", "write"] } }`,
		"organization.member_limit":              "1000000",
		"organization.invitation_limit":          "1000000",
		"organization.teams.allow_removing_last": "true",
		"organization.members_see_members":       fmt.Sprint(w.chance(50)),
		"api_key.configurations":                 `{ default = { rate_limit = { enabled = false } }, org = { references = "organization", rate_limit = { enabled = false } } }`,
	}, quiet))
	w.inside, w.wide = append(w.inside, "post:read", "post:write"), append(w.wide, "post:read", "post:write")
	w.wideRole = []string{"user", "user", "viewer", "support", "admin", "clerk", "warden", "ghost"}
	w.chief = w.browser("owner", w.session(w.User("root@example.test")).Token)
	for i := range 3 {
		w.found(i)
	}
	for i := range size {
		w.person(i)
	}
	w.programs()
	return w
}

func (w *world) in(write func(ctx context.Context, tx *auth.Tx) error) {
	w.t.Helper()
	if err := w.Host.DB.InTx(w.t.Context(), write); err != nil {
		w.t.Fatal(err)
	}
}

// found draws an organization with roles of its own, one of which cannot be read and one
// that has the name of a role of every organization.
func (w *world) found(i int) {
	o := &site{id: fmt.Sprint("org-", i), slug: fmt.Sprint("site-", i), things: map[string]string{},
		roles: []string{"owner", "admin", "admin", "member", "auditor", "nobody-knows"}}
	w.in(func(ctx context.Context, tx *auth.Tx) error {
		if err := tx.Platform().Organization().Create().SetID(o.id).SetName("Site " + fmt.Sprint(i)).SetSlug(o.slug).Exec(ctx); err != nil {
			return err
		}
		if err := tx.Organization(o.id).Team().Create().SetID("team-" + o.id).SetName("Team").Exec(ctx); err != nil {
			return err
		}
		for n, name := range []string{"alpha", "Alpha", "beta", "gamma", "broken", "member"} {
			_, text := w.permission(append(w.inside, "invented:thing"), 8)
			switch name {
			case "broken":
				text = "{"
			case "gamma":
				text = "{}"
			}
			if name == "member" && w.chance(50) {
				continue
			}
			o.roles = append(o.roles, name)
			if err := tx.Organization(o.id).OrganizationRole().Create().SetID(fmt.Sprintf("role-%d-%d", i, n)).SetRole(name).SetPermission(text).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	w.orgs = append(w.orgs, o)
}

// person draws somebody: roles of the platform, places in organizations, roles for a time
// in both, perhaps a ban.
func (w *world) person(i int) {
	s := &subject{kind: auth.KindUser, id: fmt.Sprint("user-", i), name: fmt.Sprint("Person ", i%7, " of ", i)}
	w.in(func(ctx context.Context, tx *auth.Tx) error {
		create := tx.User().Create().SetID(s.id).SetName(s.name).SetEmail(s.id + "@example.test").SetEmailVerified(true)
		switch {
		case i == 0: // somebody who could do much, for whom it counts
			create.SetRole("admin").SetBanned(true)
		case w.chance(90): // else the role of new people
			create.SetRole(w.roleText(w.wideRole, 1, 2))
		}
		if i > 0 && w.chance(15) {
			create.SetBanned(true)
			if _, end := w.often(); end != nil {
				create.SetBanExpires(*end)
			}
		}
		var err error
		if s.user, err = create.Save(ctx); err != nil {
			return err
		}
		for n := range w.random.IntN(3) {
			start, end := w.span()
			if err := tx.TimedRole().Create().SetID(fmt.Sprintf("wide-%d-%d", i, n)).SetUserID(s.id).SetRole(pick(w.random, w.wideRole)).
				SetNillableStartsAt(start).SetNillableEndsAt(end).Exec(ctx); err != nil {
				return err
			}
		}
		for _, o := range w.orgs {
			if !w.chance(60) {
				continue
			}
			start, end := w.often()
			id := "member-" + s.id + "-" + o.id
			if err := tx.Organization(o.id).Member().Create().SetID(id).SetUserID(s.id).SetRole(w.roleText(append([]string{"member", "member", "nobody-knows"}, o.roles...), 1, 2)).
				SetUserName(s.name).SetUserEmail(s.user.Email).SetNillableStartsAt(start).SetNillableEndsAt(end).Exec(ctx); err != nil {
				return err
			}
			for n := range w.random.IntN(4) {
				start, end := w.span()
				if err := tx.Organization(o.id).MemberRole().Create().SetID(fmt.Sprint(id, "-", n)).SetMemberID(id).SetRole(pick(w.random, o.roles)).
					SetNillableStartsAt(start).SetNillableEndsAt(end).Exec(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	w.subjects = append(w.subjects, s)
}

// programs draws keys of people and of organizations, and service accounts with theirs.
func (w *world) programs() {
	keys := plugins.MustOffer[*apikey.Service](w.Host)
	everything := append(append([]string{"invented:thing"}, w.inside...), w.wide...)
	made := func(m *apikey.Made, err error) *subject {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
		s := &subject{kind: auth.KindAPIKey, id: m.Row.ID, name: *m.Row.Name, secret: m.Secret}
		w.in(func(ctx context.Context, tx *auth.Tx) error {
			up := tx.Platform().APIKey().UpdateOneID(s.id).SetEnabled(w.chance(90))
			if w.chance(15) {
				up.SetRemaining(0)
			}
			if _, end := w.often(); end != nil {
				up.SetExpiresAt(*end)
			}
			return up.Exec(ctx)
		})
		w.subjects = append(w.subjects, s)
		return s
	}
	named := func() *string {
		w.fresh++
		name := fmt.Sprint("key-", w.fresh)
		return &name
	}
	people := len(w.subjects)
	for i := 0; i < people; i += 2 {
		s := w.subjects[i]
		if s.user.Banned { // gets none
			continue
		}
		p, _ := w.permission(everything, 12)
		made(keys.Create(w.t.Context(), apikey.NewKey{Name: named(), UserID: s.id, Permissions: p}))
	}
	for _, o := range w.orgs {
		for range 3 {
			p, _ := w.permission(everything, 12)
			made(keys.Create(w.t.Context(), apikey.NewKey{Name: named(), ConfigID: "org", OrganizationID: o.id, Permissions: p}))
		}
	}
	for i := range 3 * (len(w.orgs) + 1) {
		home, org := (*site)(nil), ""
		if i%(len(w.orgs)+1) < len(w.orgs) {
			home = w.orgs[i%(len(w.orgs)+1)]
			org = home.id
		}
		account, err := keys.CreateAccount(w.commandLine(), org, apikey.Account{Name: fmt.Sprint("robot-", i)})
		if err != nil {
			w.t.Fatal(err)
		}
		whole, err := keys.CreateFor(seated(w.commandLine()), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, apikey.NewKey{Name: named()})
		if err != nil {
			w.t.Fatal(err)
		}
		if p, text := w.permission(everything, 12); len(p) > 0 {
			s := made(keys.CreateFor(seated(w.commandLine()), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, apikey.NewKey{Name: named()}))
			s.unlisted = true
			w.in(func(ctx context.Context, tx *auth.Tx) error {
				return tx.Platform().APIKey().UpdateOneID(s.id).SetPermissions(text).Exec(ctx)
			})
		}
		roles := w.wideRole
		if home != nil {
			roles = home.roles
		}
		w.in(func(ctx context.Context, tx *auth.Tx) error {
			up := tx.Platform().ServiceAccount().UpdateOneID(account.ID).SetRole(w.roleText(roles, 0, 2)).SetEnabled(w.chance(85))
			if _, end := w.often(); end != nil {
				up.SetEndsAt(*end)
			}
			return up.Exec(ctx)
		})
		w.subjects = append(w.subjects, &subject{kind: auth.KindServiceAccount, id: account.ID, name: account.Name, home: home, secret: whole.Secret})
	}
}

// enter gives everybody a way to act: people a session of this moment, programs their key.
func (w *world) enter() {
	for _, s := range w.subjects {
		if s.user != nil {
			before := *s.user // a session of a time before the ban
			before.Banned = false
			s.browser = w.browser("", w.session(&before).Token)
			continue
		}
		s.browser = w.Browser()
		s.browser.Header.Set("X-Api-Key", s.secret)
	}
}
