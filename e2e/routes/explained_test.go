package routes

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
)

// TestExplainedIsAnswered: in worlds that are drawn at random, what the access explorer says
// of everybody is what the server does. Each question is put to the page that says whether
// somebody may, to the list of those who may, to the subject's own has-permission, and to
// the endpoints that carry the act out; an hour later once more, when some periods have
// begun and others are over.
//
// GATEHOUSE_SEED draws another world than the usual ones, GATEHOUSE_SIZE one with so many
// people, GATEHOUSE_EVERYWHERE=yes draws it on every kind of database.
func TestExplainedIsAnswered(t *testing.T) {
	t.Parallel()
	seeds, size := []uint64{1, 2}, number(t, "GATEHOUSE_SIZE", 14)
	if seed := number(t, "GATEHOUSE_SEED", 0); seed != 0 {
		seeds = []uint64{uint64(seed)}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			if os.Getenv("GATEHOUSE_EVERYWHERE") == "yes" {
				dbtest.Each(t, func(t *testing.T, db *database.DB) { explained(t, db, seed, size) })
				return
			}
			explained(t, dbtest.SQLite(t), seed, size)
		})
	}
}

func number(t *testing.T, name string, standard int) int {
	text := cmp.Or(os.Getenv(name), strconv.Itoa(standard))
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%s is no number", name, text)
	}
	return n
}

func explained(t *testing.T, db *database.DB, seed uint64, size int) {
	w := newWorld(t, db, seed, size)
	for _, when := range []string{"now", "an hour later"} {
		w.enter()
		r := &round{world: w, t: t, when: when, counts: map[string]int{}}
		r.questions()
		r.acts()
		t.Logf("%s: %v", when, r.counts)
		for _, what := range []string{"yes", "no", "barred", "asked yes", "asked no", "done", "refused"} {
			if r.counts[what] == 0 {
				t.Errorf("%s: the answer %q never came up: this world proves little", when, what)
			}
		}
		w.Clock.Advance(time.Hour)
	}
	w.enter()
	(&round{world: w, t: t, when: "at the end", counts: map[string]int{}}).deletions()
}

// round compares everything at one moment.
type round struct {
	*world
	t      *testing.T
	when   string
	counts map[string]int
}

// gone is why a program may nothing that is not there any more.
const gone words.Text = "gone"

func (r *round) wrong(s *subject, scope string, o *site, text string, args ...any) {
	r.t.Helper()
	in := "on the platform"
	if o != nil {
		in = "in " + o.slug
	}
	r.t.Errorf("%s: %s, %s %s: %s", r.when, s, scope, in, fmt.Sprintf(text, args...))
}

// judged is what the explorer says, asked where its page asks.
func (r *round) judged(s *subject, o *site, scope string) auth.Answer {
	r.t.Helper()
	who, err := r.Host.Principals.OfSubject(r.t.Context(), s.kind, s.id)
	if errors.Is(err, auth.ErrNoSuchSubject) && s.user == nil { // keys that are over are removed, and what is an organization's goes with it
		return auth.Answer{Barred: gone}
	}
	if err != nil {
		r.t.Fatal(err)
	}
	realm := auth.Platform
	if o != nil {
		realm = auth.In(o.id)
	}
	a, err := r.Host.Principals.Judge(r.t.Context(), who, realm, scope)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// keeps reports whether somebody holds a scope without an end.
func (r *round) keeps(s *subject, o *site, scope string) bool {
	r.t.Helper()
	grants := r.judged(s, o, scope).Grants
	return slices.ContainsFunc(grants, func(g auth.Grant) bool { return g.End.IsZero() })
}

// owner reports whether somebody is an owner of an organization, which has no end.
func (r *round) owner(s *subject, o *site) bool {
	r.t.Helper()
	is, err := plugins.MustOffer[*organization.Service](r.Host).Creator(r.t.Context(), o.id, s.id)
	if err != nil {
		r.t.Fatal(err)
	}
	return is
}

// questions asks everything about everybody: the explorer first, since keys that are over are
// removed when somebody uses one.
func (r *round) questions() {
	wide := map[string]map[string]bool{}
	for _, scope := range r.wide {
		wide[scope] = r.holders(nil, scope)
		for _, s := range r.subjects {
			a := r.judged(s, nil, scope)
			r.page(s, nil, scope, a)
			r.listed(s, nil, scope, a.May, wide[scope])
		}
	}
	for _, o := range r.orgs {
		for _, scope := range r.inside {
			holders := r.holders(o, scope)
			for _, s := range r.subjects {
				a := r.judged(s, o, scope)
				r.page(s, o, scope, a)
				r.listed(s, o, scope, a.May, holders, wide[scope])
				switch {
				case a.May:
					r.counts["yes"]++
				case a.Barred != "" && len(a.Grants) > 0:
					r.counts["barred"]++
				default:
					r.counts["no"]++
				}
			}
		}
	}
	for _, s := range r.subjects {
		for _, scope := range r.wide {
			if s.user != nil {
				r.asked(s, nil, scope, r.judged(s, nil, scope).May)
			}
		}
		for _, o := range r.orgs {
			for _, scope := range r.inside {
				// The wire's question is about the roles held there, not about the platform's.
				a := r.judged(s, o, scope)
				there := slices.ContainsFunc(a.Grants, func(g auth.Grant) bool { return g.Realm == auth.In(o.id) })
				r.asked(s, o, scope, there && a.Barred == "")
			}
		}
	}
}

// page compares the verdict of the explorer's page, for one question of some.
func (r *round) page(s *subject, o *site, scope string, a auth.Answer) {
	r.t.Helper()
	if a.Barred == gone || !r.chance(8) {
		return
	}
	v := url.Values{"subject": {s.kind + ":" + s.id}, "scope": {"platform:" + scope}}
	if o != nil {
		v.Set("scope", scope)
		v.Set("in", o.slug)
	}
	body := string(r.chief.Get("/admin/access/check?" + v.Encode()).Body)
	yes, no := strings.Contains(body, "Yes, "+s.name+" may do this"), strings.Contains(body, "No, "+s.name+" may not do this")
	if yes == no || yes != a.May {
		r.wrong(s, scope, o, "the page says yes %v, no %v; the judgement is %v", yes, no, a.May)
	}
}

// holders are those whom the explorer's list names, by kind and id; false for who is barred.
func (r *round) holders(o *site, scope string) map[string]bool {
	r.t.Helper()
	v := url.Values{"scope": {"platform:" + scope}, "format": {"csv"}}
	if o != nil {
		v.Set("scope", scope)
		v.Set("in", o.slug)
	}
	a := r.chief.Get("/admin/access/who/export?"+v.Encode()).Want(200, "")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) == 0 {
		r.t.Fatalf("%v: %s", err, excerpt(a.Body))
	}
	column := func(name string) int {
		i := slices.Index(rows[0], name)
		if i < 0 {
			r.t.Fatalf("no column %s among %q", name, rows[0])
		}
		return i
	}
	kind, id, barred := column("kind"), column("id"), column("barred")
	found := map[string]bool{}
	for _, row := range rows[1:] {
		found[row[kind]+":"+row[id]] = row[barred] != "true"
	}
	return found
}

func (r *round) listed(s *subject, o *site, scope string, may bool, lists ...map[string]bool) {
	r.t.Helper()
	if s.unlisted {
		return
	}
	is := slices.ContainsFunc(lists, func(l map[string]bool) bool { return l[s.kind+":"+s.id] })
	if is != may {
		r.wrong(s, scope, o, "it may: %v, it is listed as one who may: %v", may, is)
	}
}

// asked puts the question to has-permission, as the subject.
func (r *round) asked(s *subject, o *site, scope string, may bool) {
	r.t.Helper()
	resource, action, _ := strings.Cut(scope, ":")
	path, body := "/api/auth/admin/has-permission", map[string]any{"permissions": map[string][]string{resource: {action}}}
	if o != nil {
		path, body["organizationId"] = "/api/auth/organization/has-permission", o.id
	}
	a := s.browser.Post(path, body)
	says := a.Status == 200 && a.Value("success") == true
	if says != may || a.Status >= 500 {
		r.wrong(s, scope, o, "explained %v, has-permission answers %d %s", may, a.Status, excerpt(a.Body))
	}
	r.counts[map[bool]string{true: "asked yes", false: "asked no"}[says]]++
}

// act is something that a scope allows. thing is the kind of what it is done to, if it is
// used up by that.
type act struct {
	scope string
	or    string // a scope of the platform that allows it as well
	and   string // a scope that it needs besides, as its page shows something
	thing string
	human bool // programs have no session for it
	hides bool // is not there for who may not
	lasts bool // gives something for good, which who holds the scope for a time does not
	do    func(r *round, b *servertest.Browser, o *site, thing string) *servertest.Answer
	seen  func(*servertest.Answer) bool // of a good answer: whether it shows what was asked for
}

func post(path string, fill func(o *site, thing string) map[string]any) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
	return func(_ *round, b *servertest.Browser, o *site, thing string) *servertest.Answer {
		return b.Post("/api/auth/"+path, fill(o, thing))
	}
}

func get(path string) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
	return func(_ *round, b *servertest.Browser, o *site, _ string) *servertest.Answer {
		return b.Get("/api/auth/" + path + o.id)
	}
}

// look opens a page of the organization, and form posts one.
func look(path string) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
	return func(_ *round, b *servertest.Browser, o *site, thing string) *servertest.Answer {
		return b.Get("/admin/o/" + o.slug + strings.ReplaceAll(path, "$", thing))
	}
}

func form(path string, pairs ...string) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
	return func(r *round, b *servertest.Browser, o *site, thing string) *servertest.Answer {
		v := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], strings.ReplaceAll(pairs[i+1], "#", r.new()))
		}
		return b.Form("/admin/o/"+o.slug+strings.ReplaceAll(path, "$", thing), v)
	}
}

// new is a word that was not there before.
func (w *world) new() string {
	w.fresh++
	return fmt.Sprint("new-", w.fresh)
}

type fields = map[string]any

// actsInside are acts in an organization. Those of owners may be done by who may own
// everywhere, too.
func (r *round) actsInside() []act {
	return []act{
		{scope: "organization:read", do: get("organization/get-organization?organizationId=")},
		{scope: "organization:inspect", human: true, do: look("/settings")},
		{scope: "organization:update", do: post("organization/update", func(o *site, _ string) fields { return fields{"organizationId": o.id, "data": fields{"name": r.new()}} })},
		{scope: "organization:delete", human: true, do: look("/delete")},
		{scope: "member:read", do: get("organization/list-members?organizationId=")},
		{scope: "member:read", human: true, do: look("/members")},
		{scope: "member:create", human: true, thing: "request", do: form("/requests/$", "agree", "no")},
		{scope: "member:update", or: organization.ScopeOwn, thing: "member", lasts: true, do: post("organization/update-member-role", func(o *site, id string) fields {
			return fields{"organizationId": o.id, "memberId": id, "role": "admin"}
		})},
		{scope: "member:update", and: "member:read", human: true, thing: "member", do: form("/members/$/period", "end", "2040-01-01T00:00")},
		{scope: "member:delete", thing: "member", do: post("organization/remove-member", func(o *site, id string) fields { return fields{"organizationId": o.id, "memberIdOrEmail": id} })},
		{scope: "invitation:create", do: post("organization/invite-member", func(o *site, _ string) fields {
			return fields{"organizationId": o.id, "email": r.new() + "@guests.test", "role": "member"}
		})},
		{scope: "invitation:create", do: get("organization/list-invitations?organizationId=")},
		{scope: "invitation:cancel", thing: "invitation", do: post("organization/cancel-invitation", func(_ *site, id string) fields { return fields{"invitationId": id} })},
		{scope: "team:read", do: get("organization/list-teams?organizationId="), seen: func(a *servertest.Answer) bool { return strings.TrimSpace(string(a.Body)) != "[]" }},
		{scope: "team:create", do: post("organization/create-team", func(o *site, _ string) fields { return fields{"organizationId": o.id, "name": r.new()} })},
		{scope: "team:update", thing: "team", do: post("organization/update-team", func(o *site, id string) fields {
			return fields{"teamId": id, "data": fields{"name": r.new(), "organizationId": o.id}}
		})},
		{scope: "team:delete", thing: "team", do: post("organization/remove-team", func(o *site, id string) fields { return fields{"organizationId": o.id, "teamId": id} })},
		{scope: "ac:create", do: post("organization/create-role", func(o *site, _ string) fields {
			return fields{"organizationId": o.id, "role": r.new(), "permission": fields{}}
		})},
		{scope: "ac:read", do: get("organization/list-roles?organizationId=")},
		{scope: "ac:update", thing: "role", do: post("organization/update-role", func(o *site, id string) fields {
			return fields{"organizationId": o.id, "roleId": id, "data": fields{"permission": fields{}}}
		})},
		{scope: "ac:delete", thing: "role", do: post("organization/delete-role", func(o *site, id string) fields { return fields{"organizationId": o.id, "roleId": id} })},
		{scope: "domain:read", human: true, do: look("/domains")},
		{scope: "domain:update", human: true, thing: "domain", do: form("/domains/$/remove")},
		{scope: "event:read", human: true, do: look("/activity")},
		{scope: auth.ScopeExplain, human: true, do: look("/access")},
		{scope: "apiKey:create", human: true, lasts: true, do: post("api-key/create", func(o *site, _ string) fields {
			return fields{"organizationId": o.id, "configId": "org", "name": r.new()}
		})},
		{scope: "apiKey:read", human: true, do: get("api-key/list?configId=org&organizationId=")},
		{scope: "apiKey:update", human: true, thing: "key", do: post("api-key/update", func(_ *site, id string) fields { return fields{"keyId": id, "configId": "org", "name": r.new()} })},
		{scope: "apiKey:delete", human: true, thing: "key", do: post("api-key/delete", func(_ *site, id string) fields { return fields{"keyId": id, "configId": "org"} })},
		{scope: "serviceAccount:read", human: true, do: look("/service-accounts")},
		{scope: "serviceAccount:create", human: true, do: form("/service-accounts", "name", "#")},
		{scope: "serviceAccount:update", and: "serviceAccount:read", human: true, thing: "account", do: form("/service-accounts/$/edit", "name", "#")},
		{scope: "serviceAccount:delete", and: "serviceAccount:read", human: true, thing: "account", do: form("/service-accounts/$/delete")},
	}
}

// actsWide are acts on the platform.
func (r *round) actsWide() []act {
	to := func(path string, body fields) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
		return post(path, func(_ *site, id string) fields {
			if body["userId"] != nil {
				body["userId"] = id
			}
			return body
		})
	}
	page := func(path string) func(*round, *servertest.Browser, *site, string) *servertest.Answer {
		return func(_ *round, b *servertest.Browser, _ *site, thing string) *servertest.Answer {
			return b.Get(path + thing)
		}
	}
	return []act{
		{scope: "user:list", human: true, do: page("/api/auth/admin/list-users?limit=1")},
		{scope: "user:get", human: true, thing: "user", do: page("/api/auth/admin/get-user?id=")},
		{scope: "user:update", human: true, thing: "user", do: to("admin/update-user", fields{"userId": "", "data": fields{"name": "Renamed"}})},
		{scope: "user:ban", human: true, thing: "user", do: to("admin/ban-user", fields{"userId": ""})},
		{scope: "session:list", human: true, thing: "user", do: to("admin/list-user-sessions", fields{"userId": ""})},
		{scope: "session:revoke", human: true, thing: "user", do: to("admin/revoke-user-sessions", fields{"userId": ""})},
		{scope: "user:delete", human: true, thing: "user", do: to("admin/remove-user", fields{"userId": ""})},
		{scope: "organization:list", human: true, do: page("/admin/organizations")},
		{scope: "apiKey:read", human: true, do: page("/admin/api-keys")},
		{scope: "serviceAccount:read", human: true, do: page("/admin/service-accounts")},
		{scope: auth.ScopeExplain, human: true, do: page("/admin/access")},
		{scope: "apiKey:verify", do: to("api-key/verify", fields{"key": "unknown"})},
		{scope: "metrics:read", do: page("/metrics")},
		{scope: "openapi:read", hides: true, do: page("/api/auth/open-api/generate-schema")},
	}
}

// acts tries everything as everybody: done if and only if the explorer said that they may.
func (r *round) acts() {
	for _, a := range r.actsInside() {
		for _, o := range r.orgs {
			for _, s := range r.subjects {
				r.try(a, s, o)
			}
		}
	}
	everywhere := &site{things: map[string]string{}}
	for _, a := range r.actsWide() {
		for _, s := range r.subjects {
			r.try(a, s, everywhere)
		}
	}
	r.programs()
}

// programs says of every scope that programs do something by it, or that it
// is for people alone.
func (r *round) programs() {
	open := map[string]bool{organization.ScopeDelete: true, "post:read": true, "post:write": true} // by deletions, and by apps
	for _, a := range r.actsInside() {
		open[a.scope] = open[a.scope] || !a.human
	}
	same := func(scope auth.Scope) {
		if open[scope.Name()] == scope.Interactive {
			r.t.Errorf("%s: programs do something by it: %v, it is for people alone: %v", scope.Name(), open[scope.Name()], scope.Interactive)
		}
	}
	for _, scope := range r.Host.Scopes.ScopesIn() {
		same(scope)
	}
	clear(open)
	open[organization.ScopeOwn] = true // beside member:update
	for _, a := range r.actsWide() {
		open[a.scope] = open[a.scope] || !a.human
	}
	for _, scope := range r.Host.Scopes.Scopes() {
		if _, inside := r.Host.Scopes.LookupIn(scope.Name()); !inside {
			same(scope)
		}
	}
}

func (r *round) try(a act, s *subject, o *site) {
	r.t.Helper()
	in := o
	if o.id == "" {
		in = nil
	}
	if a.human && s.user == nil && !r.judged(s, in, a.scope).PeopleAlone {
		return // by another way
	}
	may := r.judged(s, in, a.scope).May || a.or != "" && r.judged(s, nil, a.or).May
	may = may && (a.and == "" || r.judged(s, in, a.and).May)
	if a.lasts {
		may = may && (r.keeps(s, in, a.scope) || a.or != "" && r.keeps(s, nil, a.or) || r.owner(s, in))
	}
	thing := ""
	if a.thing != "" {
		if o.things[a.thing] == "" {
			o.things[a.thing] = r.thing(o, a.thing)
		}
		thing = o.things[a.thing]
	}
	answer := a.do(r, s.browser, o, thing)
	did, clear := outcome(answer)
	clear = clear || a.hides && answer.Status == 404
	if did && a.seen != nil {
		did = a.seen(answer)
	}
	if did != may || !clear {
		r.wrong(s, a.scope, in, "explained %v, %s answers %d %s", may, answer.Path, answer.Status, excerpt(answer.Body))
	}
	if did || !clear {
		delete(o.things, a.thing)
	}
	r.counts[map[bool]string{true: "done", false: "refused"}[did]]++
}

// outcome tells an act that was done from one that was refused for want of a right; clear is
// false for what is neither.
func outcome(a *servertest.Answer) (did, clear bool) {
	switch {
	case a.Status == 303 && strings.HasPrefix(a.Location(), "/sign-in"), a.Status == 401, a.Status == 403, a.Status == 429:
		return false, true
	case a.Status < 400:
		return true, a.Status < 300 || a.Status == 303
	}
	// who has no place in an organization is told that nothing is there, or that they are none
	switch a.Text("code") {
	case organization.ErrMemberNotFound.Code, organization.ErrNoMember.Code, organization.ErrNotFound.Code, organization.ErrInvitationNotFound.Code:
		return false, a.Status == 400
	}
	return false, false
}

// thing makes something to act on.
func (r *round) thing(o *site, kind string) (id string) {
	r.t.Helper()
	id = r.new()
	r.in(func(ctx context.Context, tx *auth.Tx) error {
		org := tx.Organization(cmp.Or(o.id, "none"))
		switch kind {
		case "user", "member", "request":
			email := id + "@example.test"
			err := tx.User().Create().SetID("u" + id).SetName(id).SetEmail(email).SetRole("user").Exec(ctx)
			switch {
			case err != nil:
				return err
			case kind == "user":
				id = "u" + id
				return nil
			case kind == "member":
				return org.Member().Create().SetID(id).SetUserID("u" + id).SetRole("member").SetUserName(id).SetUserEmail(email).Exec(ctx)
			}
			return org.JoinRequest().Create().SetID(id).SetUserID("u" + id).SetEmail(email).SetRole("member").Exec(ctx)
		case "invitation":
			return org.Invitation().Create().SetID(id).SetEmail(id + "@guests.test").SetRole("member").SetExpiresAt(r.Host.Clock().Add(24 * time.Hour)).Exec(ctx)
		case "team":
			return org.Team().Create().SetID(id).SetName(id).Exec(ctx)
		case "role":
			return org.OrganizationRole().Create().SetID(id).SetRole(id).SetPermission(`{}`).Exec(ctx)
		case "domain":
			return org.OrganizationDomain().Create().SetID(id).SetDomain(id + ".test").SetToken(id).Exec(ctx)
		case "key":
			return org.APIKey().Create().SetID(id).SetKey(id).SetConfigID("org").SetReferenceID(o.id).SetOwnerKind("organization").Exec(ctx)
		case "account":
			return org.ServiceAccount().Create().SetID(id).SetName(id).Exec(ctx)
		}
		return fmt.Errorf("nobody knows how to make a %s", kind)
	})
	return id
}

// deletions deletes the organizations: who may not is refused, and then one who may does it.
func (r *round) deletions() {
	for _, o := range r.orgs {
		var can []*subject
		for _, s := range r.subjects {
			if r.judged(s, o, organization.ScopeDelete).May {
				can = append(can, s)
				continue
			}
			r.delete(s, o, false)
		}
		if len(can) > 0 {
			r.delete(pick(r.random, can), o, true)
		}
	}
}

func (r *round) delete(s *subject, o *site, may bool) {
	r.t.Helper()
	a := s.browser.Post("/api/auth/organization/delete", fields{"organizationId": o.id})
	found, err := plugins.MustOffer[plugins.Organizations](r.Host).OrganizationByID(r.t.Context(), o.id)
	if err != nil {
		r.t.Fatal(err)
	}
	if did, clear := outcome(a); did != may || !clear || may != (found == nil) {
		r.wrong(s, organization.ScopeDelete, o, "explained %v, deleting answers %d %s, it is gone: %v", may, a.Status, excerpt(a.Body), found == nil)
	}
}
