package routes

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

// side is one of two organizations, with everything an organization can have.
type side struct {
	id, slug string
	mark     string // stands in every name
	words    map[string]string
	people   map[string]*ent.User // by their role
}

// members are the roles of a side that count, and strangers those that do not: owners whose
// time is over, and such whose time has not come.
var (
	members   = []string{"owner", "admin", "member"}
	strangers = []string{"lapsed", "coming"}
)

// enter is a browser that was signed in just now with the organization active, as it may
// have been while they were in it.
func (h *house) enter(s *side, role string) *servertest.Browser {
	h.t.Helper()
	issued := h.session(s.people[role])
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Session().UpdateOneID(issued.Session.ID).SetActiveOrganizationID(s.id).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.browser(role, issued.Token)
}

// side makes an organization that knows nothing of another one.
func (h *house) side(t *testing.T, mark string) *side {
	t.Helper()
	s := &side{slug: "corp-" + mark, mark: mark, words: map[string]string{}, people: map[string]*ent.User{}}
	svc := plugins.MustOffer[*organization.Service](h.Host)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	as := func(role string) context.Context {
		p, err := h.Host.Principals.OfUser(t.Context(), s.people[role])
		must(err)
		return auth.WithPrincipal(t.Context(), p)
	}
	for _, role := range members {
		u := h.someone("user")
		must(h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.User().UpdateOneID(u.ID).SetName(mark + " " + role).SetEmail(role + "@" + mark + ".example").Exec(ctx)
		}))
		u, err := h.Host.Users.ByID(t.Context(), u.ID)
		must(err)
		s.people[role] = u
	}
	made, err := svc.Create(as("owner"), organization.NewOrganization{Name: mark + " corp", Slug: s.slug})
	must(err)
	s.id = made.Organization.ID
	owner := as("owner")
	for _, role := range []string{"admin", "member"} {
		_, err := svc.Add(owner, s.id, organization.NewMembership{User: s.people[role].ID, Roles: []string{role}})
		must(err)
	}
	now := h.Host.Clock()
	for _, role := range strangers { // nothing of what they are called stands for the side
		s.people[role] = h.someone("user")
		must(h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			create := tx.Organization(s.id).Member().Create().SetUserID(s.people[role].ID).SetRole("owner").SetUserName(s.people[role].Name).SetUserEmail(s.people[role].Email)
			if role == "lapsed" {
				return create.SetEndsAt(now.Add(-time.Hour)).Exec(ctx)
			}
			return create.SetStartsAt(now.Add(time.Hour)).Exec(ctx)
		}))
	}
	places, err := h.Host.DB.Access(t.Context()).Organization(s.id).Member().Query().All(t.Context())
	must(err)
	s.words["$org"], s.words["$mine"], s.words["$joined"], s.words["$slug"] = s.id, s.id, s.id, s.slug
	for _, m := range places {
		if m.UserID == s.people["member"].ID {
			s.words["$member"] = m.ID
		}
	}
	s.words["$colleague"], s.words["$seated"] = s.people["member"].ID, s.people["admin"].ID
	team, err := svc.CreateTeam(owner, s.id, organization.NewTeam{Name: mark + " team"})
	must(err)
	_, err = svc.AddToTeam(owner, s.id, team.ID, s.people["admin"].ID)
	must(err)
	role, err := svc.CreateRole(owner, s.id, organization.NewRole{Name: mark + "-role"})
	must(err)
	invite, err := svc.Invite(owner, s.id, organization.Invite{Email: "guest@" + mark + ".example", Roles: []string{"member"}, Unmailed: true})
	must(err)
	domain, err := svc.AddDomain(owner, s.id, mark+".example")
	must(err)
	sc := &scene{house: h, words: map[string]string{}}
	request, err := sc.wish(s.id)
	must(err)
	keys := plugins.MustOffer[*apikey.Service](h.Host)
	name := mark + " key"
	key, err := keys.CreateFor(seated(owner), apikey.Owner{Kind: apikey.OwnerOrganization, ID: s.id}, apikey.NewKey{Name: &name})
	must(err)
	account, err := keys.CreateAccount(owner, s.id, apikey.Account{Name: mark + " robot", Roles: []string{"member"}})
	must(err)
	s.words["$team"], s.words["$spare"], s.words["$orgrole"], s.words["$minerole"] = team.ID, team.ID, role.ID, role.ID
	s.words["$orginvite"], s.words["$invited"], s.words["$domain"], s.words["$request"] = invite.ID, invite.ID, domain.ID, request
	own, err := keys.Create(t.Context(), apikey.NewKey{UserID: s.people["member"].ID, Name: &name})
	must(err)
	s.words["$orgkey"], s.words["$robot"], s.words["$bot"], s.words["$key"] = key.Row.ID, account.ID, account.ID, own.Row.ID
	return s
}

// sceneOf asks with the words of other, as if the caller had learned its ids.
func (h *house) sceneOf(words map[string]string) *scene {
	s := &scene{house: h, words: maps.Clone(words)}
	s.person = h.someone("user")
	s.caller = s.person
	return s
}

// TestTenantsAreApart: with everything of another organization known, people of every role
// reach nothing of it: no route works with its ids, none says anything of it, and none
// tells what exists there from what does not.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	before := h.fingerprint(t, theirs.id)
	unknown := nowhere(theirs.words)
	try := func(of *side, role string, r row) {
		s := h.sceneOf(theirs.words)
		a := s.send(h.enter(of, role), s.request(r))
		if works(a) && silent[r.route()] == "" {
			t.Errorf("%s as %s of %s: answered %d: %s", r.route(), role, of.mark, a.Status, excerpt(a.Body))
		}
		if text := leak(a, theirs.mark, s); text != "" {
			t.Errorf("%s as %s of %s says %q", r.route(), role, of.mark, text)
		}
		if recipients[r.route()] {
			return
		}
		nobody := h.sceneOf(unknown)
		if told := differs(a, s, nobody.send(h.enter(of, role), nobody.request(r)), nobody); told != "" {
			t.Errorf("%s as %s of %s tells what exists elsewhere from what does not: %s", r.route(), role, of.mark, told)
		}
	}
	for _, r := range tenantRows(t) {
		for _, role := range members {
			try(ours, role, r)
		}
		for _, role := range strangers {
			try(theirs, role, r)
		}
	}
	if after := h.fingerprint(t, theirs.id); after != before {
		t.Errorf("the other organization was changed:\n%s\n%s", before, after)
	}
}

// nowhere are words that stand for nothing at all.
func nowhere(words map[string]string) map[string]string {
	unknown := map[string]string{}
	for name := range words {
		unknown[name] = strings.Repeat("x", 32)
	}
	unknown["$slug"] = "corp-nowhere"
	return unknown
}

// changing is what differs in every answer: the nonce of a page, and the reference of a
// request.
var changing = regexp.MustCompile(`nonce="[^"]*"|(?i)reference:? *(<[^>]*>)* *[\w-]+`)

// differs says how two answers differ apart from what was sent.
func differs(a *servertest.Answer, of *scene, b *servertest.Answer, other *scene) string {
	if a.Status != b.Status {
		return fmt.Sprintf("%d and %d: %s and %s", a.Status, b.Status, excerpt(a.Body), excerpt(b.Body))
	}
	x, y := unsent(a.Location()+" "+string(a.Body), of), unsent(b.Location()+" "+string(b.Body), other)
	if x == y {
		return ""
	}
	at := 0
	for at < min(len(x), len(y)) && x[at] == y[at] {
		at++
	}
	from := max(0, at-60)
	return fmt.Sprintf("%q and %q", x[from:min(len(x), at+80)], y[from:min(len(y), at+80)])
}

// unsent is a text without what was sent, and without what differs each time.
func unsent(text string, s *scene) string {
	for _, sent := range s.words {
		text = strings.ReplaceAll(text, sent, "·")
	}
	return changing.ReplaceAllString(text, "·")
}

// recipients are routes that tell who knows the link of an invitation, which is its id,
// that it is for somebody else (better-auth organization 6.4).
var recipients = map[string]bool{
	"POST /api/auth/organization/accept-invitation": true,
	"POST /api/auth/organization/reject-invitation": true,
	"GET /api/auth/organization/get-invitation":     true,
}

// TestForeignPartsInOwnOrganization: the ids of members, teams, roles, invitations, domains
// and requests of another organization are nothing in one's own, not for its owner either.
func TestForeignPartsInOwnOrganization(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	before := h.fingerprint(t, theirs.id)
	asked := 0
	unknown := nowhere(theirs.words)
	foreign := []string{"$member", "$team", "$spare", "$orgrole", "$minerole", "$orginvite", "$domain", "$request", "$colleague", "$seated", "$orgkey", "$robot", "$key", "$bot"}
	for _, r := range tenantRows(t) {
		if !slices.ContainsFunc(named(t, r), func(w string) bool { return slices.Contains(foreign, w) }) {
			continue
		}
		asked++
		mixed := func(parts map[string]string) (*servertest.Answer, *scene) {
			words := maps.Clone(ours.words)
			for _, name := range foreign {
				words[name] = parts[name]
			}
			s := h.sceneOf(words)
			return s.send(h.enter(ours, "owner"), s.request(r)), s
		}
		a, s := mixed(theirs.words)
		if works(a) && !harmless[r.route()] && silent[r.route()] == "" {
			t.Errorf("%s as owner with the parts of another organization: answered %d: %s", r.route(), a.Status, excerpt(a.Body))
		}
		if text := leak(a, theirs.mark, s); text != "" {
			t.Errorf("%s as owner says %q", r.route(), text)
		}
		if b, other := mixed(unknown); !recipients[r.route()] {
			if told := differs(a, s, b, other); told != "" {
				t.Errorf("%s as owner tells parts of elsewhere from what does not exist: %s", r.route(), told)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d routes take parts of an organization", asked)
	}
	if after := h.fingerprint(t, theirs.id); after != before {
		t.Errorf("the other organization was changed:\n%s\n%s", before, after)
	}
}

// harmless are routes that answer well and do nothing with parts they do not find.
var harmless = map[string]bool{
	"POST /admin/o/:slug/members/bulk/remove": true, // leaves out what it does not find, and says so
	"POST /admin/o/:slug/keys/bulk/disable":   true, // leaves out what it does not find
	"POST /admin/o/:slug/keys/bulk/delete":    true,
}

// TestListsOfOneOrganization: nothing of another organization stands in lists, counts,
// searches, downloads, the log and the pages of one's own.
func TestListsOfOneOrganization(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	for _, r := range tenantRows(t) {
		if r.Method != http.MethodGet {
			continue
		}
		for _, role := range members {
			b := h.enter(ours, role)
			for _, query := range []string{r.Send, "?q=" + theirs.mark, "?format=csv", "?format=jsonl&q=" + theirs.mark} {
				asked := r
				if strings.HasPrefix(r.Path, "/admin/") {
					asked.Send = query
				}
				s := h.sceneOf(ours.words)
				a := s.send(b, s.request(asked))
				body := strings.ReplaceAll(string(a.Body), "q="+theirs.mark, "")
				body = strings.ReplaceAll(body, `value="`+theirs.mark+`"`, "")
				body = strings.ReplaceAll(body, "“"+theirs.mark+"”", "") // the search says what it looked for
				if strings.Contains(body, theirs.mark) || strings.Contains(body, theirs.id) {
					at := strings.Index(body, theirs.mark)
					t.Errorf("%s%s as %s shows another organization: %q", r.route(), query, role, body[max(0, at-80):min(len(body), at+80)])
				}
			}
		}
	}
}

// TestCountsOfOneOrganization: what another organization has more of, people of both
// included, changes no number and no download of one's own, and the search of the console
// finds none of it.
func TestCountsOfOneOrganization(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	b := h.enter(ours, "owner")
	read := func() string {
		var all strings.Builder
		for _, path := range []string{"list-members?organizationId=" + ours.id, "list-teams?organizationId=" + ours.id, "list-invitations?organizationId=" + ours.id,
			"list-roles?organizationId=" + ours.id, "get-full-organization?organizationId=" + ours.id} {
			a := b.Get("/api/auth/organization/"+path).Want(200, "")
			fmt.Fprintf(&all, "%s %s\n", path, a.Body)
		}
		fmt.Fprintf(&all, "%s\n", b.Get("/api/auth/api-key/list?configId=org&organizationId="+ours.id).Want(200, "").Body)
		for _, page := range []string{"members", "invitations", "teams", "keys", "service-accounts", "activity"} {
			for _, format := range []string{"csv", "jsonl"} {
				fmt.Fprintf(&all, "%s %s\n", page, b.Get("/admin/o/"+ours.slug+"/"+page+"/export?format="+format).Want(200, "").Body)
			}
			text := tag.ReplaceAllString(string(b.Get("/admin/o/"+ours.slug+"/"+page).Want(200, "").Body), " ")
			fmt.Fprintf(&all, "%s %s\n", page, regexp.MustCompile(`\d+ (entry|entries|\w+)`).FindAllString(text, -1))
		}
		fmt.Fprintf(&all, "%s\n", b.Get("/admin/o/"+ours.slug+"/access/who/export?format=csv&scope=member:read").Want(200, "").Body)
		return all.String()
	}
	svc, keys := plugins.MustOffer[*organization.Service](h.Host), plugins.MustOffer[*apikey.Service](h.Host)
	as := func(of *side) context.Context {
		p, err := h.Host.Principals.OfUser(t.Context(), of.people["owner"])
		if err != nil {
			t.Fatal(err)
		}
		return auth.WithPrincipal(t.Context(), p)
	}
	both := h.someone("user") // is in both
	for _, of := range []*side{ours, theirs} {
		if _, err := svc.Add(as(of), of.id, organization.NewMembership{User: both.ID, Roles: []string{"member"}}); err != nil {
			t.Fatal(err)
		}
	}
	before := read()
	for i := range 3 {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		name := fmt.Sprint(theirs.mark, " more ", i)
		u := h.someone("user")
		_, err := svc.Add(as(theirs), theirs.id, organization.NewMembership{User: u.ID, Roles: []string{"admin"}})
		must(err)
		_, err = svc.Invite(as(theirs), theirs.id, organization.Invite{Email: fmt.Sprintf("more-%d@omega.example", i), Roles: []string{"member"}, Unmailed: true})
		must(err)
		team, err := svc.CreateTeam(as(theirs), theirs.id, organization.NewTeam{Name: name})
		must(err)
		_, err = svc.AddToTeam(as(theirs), theirs.id, team.ID, both.ID)
		must(err)
		_, err = svc.CreateRole(as(theirs), theirs.id, organization.NewRole{Name: strings.ReplaceAll(name, " ", "-"), Permission: nil})
		must(err)
		_, err = keys.CreateFor(seated(as(theirs)), apikey.Owner{Kind: apikey.OwnerOrganization, ID: theirs.id}, apikey.NewKey{Name: &name})
		must(err)
		_, err = keys.CreateAccount(as(theirs), theirs.id, apikey.Account{Name: name})
		must(err)
	}
	place, err := h.Host.DB.Access(t.Context()).Organization(theirs.id).Member().Query().Where(member.UserID(both.ID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := svc.SetRoles(as(theirs), theirs.id, place.ID, []string{"admin"}); err != nil {
		t.Fatal(err)
	}
	after := read()
	for line := range strings.Lines(before) {
		if !strings.Contains(after, line) {
			t.Errorf("what the other organization did changed a list:\n%.400s", line)
		}
	}
	if strings.Contains(after, theirs.mark) || strings.Contains(after, theirs.id) {
		t.Errorf("the lists of one organization name the other")
	}
	for _, q := range []string{theirs.mark, theirs.slug, "more", "Person"} {
		body := string(b.Get("/admin/find?q=" + q).Body)
		body = strings.ReplaceAll(strings.ReplaceAll(body, "q="+q, ""), `value="`+q+`"`, "")
		if strings.Contains(body, theirs.id) || strings.Contains(body, theirs.mark+" ") || strings.Contains(body, theirs.slug+"/") {
			t.Errorf("the search for %q finds the other organization: %s", q, excerpt([]byte(body)))
		}
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// TestWhoIsNotThere: the id of somebody whose time in the organization is over is like that
// of a stranger to those who act on people; the explorer, which tells of such people, says
// when. Who has yet to come may be given a place in a team already.
func TestWhoIsNotThere(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours := h.side(t, "alpha")
	stranger := h.someone("user").ID
	before := h.fingerprint(t, ours.id)
	asked := 0
	for _, r := range tenantRows(t) {
		if !strings.Contains(r.Send, "$colleague") && !strings.Contains(r.Send, "$seated") || strings.Contains(r.Path, "/access") {
			continue
		}
		asked++
		send := func(id string) (*servertest.Answer, *scene) {
			words := maps.Clone(ours.words)
			words["$colleague"], words["$seated"] = id, id
			s := h.sceneOf(words)
			return s.send(h.enter(ours, "owner"), s.request(r)), s
		}
		want, other := send(stranger)
		a, s := send(ours.people["lapsed"].ID)
		if told := differs(a, s, want, other); told != "" {
			t.Errorf("%s tells who was a member from a stranger: %s", r.route(), told)
		}
	}
	if after := h.fingerprint(t, ours.id); after != before {
		t.Errorf("something was done to people who are not there:\n%s\n%s", before, after)
	}
	b := h.enter(ours, "owner")
	if asked < 5 {
		t.Errorf("only %d routes name a person", asked)
	}
	for role, says := range map[string]string{"lapsed": "over since", "coming": "Not given by role Owner in the organization at the moment"} {
		a := b.Get("/admin/o/"+ours.slug+"/access/check?scope=member:create&subject=user:"+ours.people[role].ID).Want(200, "")
		if text := strings.Join(strings.Fields(tag.ReplaceAllString(string(a.Body), " ")), " "); !strings.Contains(text, says) || !strings.Contains(text, "may not do this") {
			t.Errorf("who is %s: %s", role, excerpt(a.Body))
		}
	}
}

// works reports an answer that did or showed something.
func works(a *servertest.Answer) bool {
	if a.Status >= 500 {
		return true // never right
	}
	body := strings.TrimSpace(string(a.Body))
	switch {
	case a.Status == 303 && strings.HasPrefix(a.Location(), "/sign-in"):
		return false
	case a.Status == 200 && (body == "null" || strings.Contains(body, `"success":false`)):
		return false
	}
	return a.Status < 400
}

// leak returns where an answer names the other organization, apart from what was sent.
func leak(a *servertest.Answer, mark string, s *scene) string {
	body := string(a.Body)
	for _, sent := range s.words {
		body = strings.ReplaceAll(body, sent, "")
	}
	if i := strings.Index(body, mark); i >= 0 {
		return body[max(0, i-60):min(len(body), i+60)]
	}
	return ""
}

// fingerprint is everything an organization has, as text.
func (h *house) fingerprint(t *testing.T, org string) string {
	t.Helper()
	ctx, in := t.Context(), h.Host.DB.Access(t.Context()).Organization(org)
	var b strings.Builder
	add := func(what string, rows any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %v\n", what, rows)
	}
	orgs, err := in.Organization().Query().All(ctx)
	add("organization", orgs, err)
	members, err := in.Member().Query().Order(ent.Asc("id")).All(ctx)
	add("members", members, err)
	roles, err := in.MemberRole().Query().Order(ent.Asc("id")).All(ctx)
	add("roles for a time", roles, err)
	invitations, err := in.Invitation().Query().Order(ent.Asc("id")).All(ctx)
	add("invitations", invitations, err)
	teams, err := in.Team().Query().Order(ent.Asc("id")).All(ctx)
	add("teams", teams, err)
	seats, err := in.TeamMember().Query().Order(ent.Asc("id")).All(ctx)
	add("seats", seats, err)
	own, err := in.OrganizationRole().Query().Order(ent.Asc("id")).All(ctx)
	add("own roles", own, err)
	domains, err := in.OrganizationDomain().Query().Order(ent.Asc("id")).All(ctx)
	add("domains", domains, err)
	requests, err := in.JoinRequest().Query().Order(ent.Asc("id")).All(ctx)
	add("requests", requests, err)
	keys, err := in.APIKey().Query().Order(ent.Asc("id")).All(ctx)
	add("keys", keys, err)
	accounts, err := in.ServiceAccount().Query().Order(ent.Asc("id")).All(ctx)
	add("accounts", accounts, err)
	return b.String()
}

// TestKeysOfOthers: a key of another organization, and one of another person, is like none
// on every route of keys.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ours, theirs := h.side(t, "alpha"), h.side(t, "omega")
	before := h.fingerprint(t, theirs.id)
	for _, role := range members {
		b := h.enter(ours, role)
		for _, id := range []string{theirs.words["$orgkey"], strings.Repeat("x", 32)} {
			for _, config := range []string{"", "org"} {
				q := ""
				if config != "" {
					q = "&configId=" + config
				}
				answers := []*servertest.Answer{
					b.Do("GET", "/api/auth/api-key/get?id="+id+q, "", nil),
					b.Do("POST", "/api/auth/api-key/update", "application/json", fmt.Appendf(nil, `{"keyId":%q,"configId":%q,"name":"stolen"}`, id, config)),
					b.Do("POST", "/api/auth/api-key/delete", "application/json", fmt.Appendf(nil, `{"keyId":%q,"configId":%q}`, id, config)),
					b.Do("GET", "/api/auth/api-key/list?organizationId="+theirs.id+q, "", nil),
					b.Do("POST", "/api/auth/api-key/create", "application/json", fmt.Appendf(nil, `{"organizationId":%q,"configId":"org"}`, theirs.id)),
				}
				for i, a := range answers {
					if works(a) || strings.Contains(string(a.Body), theirs.mark) {
						t.Errorf("%d as %s with %q: %d %s", i, role, config, a.Status, excerpt(a.Body))
					}
				}
			}
		}
	}
	if after := h.fingerprint(t, theirs.id); after != before {
		t.Errorf("the other organization was changed:\n%s\n%s", before, after)
	}
}
