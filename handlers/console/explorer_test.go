package console_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/organization"
)

// town is a house with two organizations: people of every kind belong to "acme".
type town struct {
	*house
	t *testing.T
}

func openTown(t *testing.T) *town {
	t.Helper()
	h := &town{open(t, nil, organization.New(organization.Options{}), probe{}), t}
	now := h.Clock.Now()
	at := func(d time.Duration) *time.Time { moment := now.Add(d); return &moment }
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		for _, id := range []string{"acme", "globex"} {
			if err := tx.Platform().Organization().Create().SetID(id).SetName("The " + id).SetSlug(id).Exec(ctx); err != nil {
				return err
			}
		}
		if err := tx.Organization("acme").OrganizationRole().Create().SetID("r").SetRole("recruiter").SetPermission(`{"invitation":["create"],"post":["write"]}`).Exec(ctx); err != nil {
			return err
		}
		for i, m := range []struct {
			org, name, role string
			start, end      *time.Time
		}{
			{"acme", "Olga", "owner", nil, nil}, {"acme", "Mia", "member", nil, nil}, {"acme", "Rob", "member,recruiter", nil, nil},
			{"acme", "Past", "admin", at(-2 * time.Hour), at(-time.Hour)}, {"acme", "Soon", "admin", at(time.Hour), nil},
			{"acme", "Ann", "admin", nil, at(3 * time.Hour)}, {"globex", "Gil", "owner", nil, nil},
		} {
			u, err := tx.User().Create().SetID(fmt.Sprint("person-", i)).SetName(m.name).SetEmail(strings.ToLower(m.name) + "@example.test").SetRole("user").SetEmailVerified(true).Save(ctx)
			if err != nil {
				return err
			}
			if err := tx.Index(ctx, "User", u.ID, u.Name, u.Email); err != nil {
				return err
			}
			err = tx.Organization(m.org).Member().Create().SetID(fmt.Sprint("member-", i)).SetUserID(u.ID).SetRole(m.role).SetUserName(u.Name).SetUserEmail(u.Email).
				SetNillableStartsAt(m.start).SetNillableEndsAt(m.end).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// browser is signed in as somebody of the town.
func (h *town) browser(name string) *servertest.Browser {
	h.t.Helper()
	u := h.User(strings.ToLower(name) + "@example.test")
	ctx := auth.WithPrincipal(h.t.Context(), auth.System(auth.CommandLineSubject))
	hash, err := h.Host.Passwords.Hash(ctx, servertest.Password)
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.Host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		return tx.Account().Create().SetID("a-" + u.ID).SetUserID(u.ID).SetAccountID(u.ID).SetProviderID(auth.ProviderCredential).SetPassword(hash).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return h.SignIn(u.Email)
}

// ask opens a page of the explorer and returns what can be read on it.
func (h *town) ask(b *servertest.Browser, path string, pairs ...string) string {
	h.t.Helper()
	return read(look(h.t, b.Get(address(path, pairs...))))
}

var tags = regexp.MustCompile(`<[^>]*>`)

// read is what a page says, without its frame.
func read(body string) string {
	if _, main, ok := strings.Cut(body, "<main"); ok {
		body = "<main" + main
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(body, " "))), " ")
}

func address(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return path + "?" + v.Encode()
}

func (h *town) id(name string) string {
	h.t.Helper()
	return "user:" + h.User(strings.ToLower(name)+"@example.test").ID
}

func says(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		no := strings.HasPrefix(want, "!")
		if strings.Contains(text, strings.TrimPrefix(want, "!")) == no {
			t.Errorf("%s: %q in\n%s", what, want, text)
		}
	}
}

func TestExplorerOfThePlatform(t *testing.T) {
	h := openTown(t)
	viewer := h.people["viewer"]
	says(t, "the search", h.ask(viewer, "/admin/access", "subject-search", "rob"), "Rob", "rob@example.test", "!Mia")
	says(t, "no hit", h.ask(viewer, "/admin/access", "subject-search", "zzzz"), "Nothing is called")
	says(t, "support", h.ask(viewer, "/admin/access", "subject", h.id("support")), "role Support", "See one person", "Show the", "not held", "!Rob", "!See the console as they would")
	says(t, "support in acme", h.ask(viewer, "/admin/access", "subject", h.id("support"), "in", "acme"), "In The acme", "role Support on this server")
	says(t, "nobody there", h.ask(viewer, "/admin/access", "subject", h.id("support"), "in", "nowhere"), "There is no organization with this short name")
	says(t, "a member is offered their place", h.ask(viewer, "/admin/access", "subject", h.id("rob")), "They belong to", "The acme")
	says(t, "rob in acme", h.ask(viewer, "/admin/access", "subject", h.id("rob"), "in", "acme"), "role recruiter in the organization", "being a member", "post:write", "role User on this server")
	says(t, "the owner sees as", h.ask(h.people["owner"], "/admin/access", "subject", h.id("support")), "See the console as they would")
	viewer.Get(address("/admin/access", "subject", "user:nobody")).Want(404, "")
	viewer.Get(address("/admin/access", "subject", "ghost:nobody")).Want(404, "")
	h.people["user"].Get("/admin/access").Want(403, "")
}

func TestMayThey(t *testing.T) {
	h := openTown(t)
	viewer := h.people["viewer"]
	s := plugins.MustOffer[*admin.Service](h.Host)
	boss := auth.WithPrincipal(t.Context(), h.owner())
	if _, err := s.GrantTimedRole(boss, h.User("mia@example.test").ID, "support", time.Time{}, h.Clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GrantTimedRole(boss, h.User("rob@example.test").ID, "support", h.Clock.Now().Add(time.Hour), h.Clock.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	check := func(who, scope, in string) string {
		return h.ask(viewer, "/admin/access/check", "subject", h.id(who), "scope", scope, "in", in)
	}
	says(t, "by role", check("support", "platform:user:get", ""), "Yes, support may do this", "Given by role Support", "It has no end")
	says(t, "by a role for a time", check("mia", "platform:user:get", ""), "Yes, Mia may do this", "until 2 Jan 2030")
	says(t, "not begun", check("rob", "platform:user:get", ""), "No, Rob may not", "Not given by role Support at the moment", "from 2 Jan 2030", "Would be given by role Viewer")
	says(t, "no role", check("user", "platform:user:delete", ""), "No, user may not", "Would be given by role Owner", "Who can give", "!role Support")
	says(t, "by membership", check("mia", "organization:read", "acme"), "Yes, Mia may do this", "being a member")
	says(t, "by an own role", check("rob", "invitation:create", "acme"), "Yes, Rob", "role recruiter in the organization")
	says(t, "over", check("past", "invitation:create", "acme"), "No, Past may not", "Not given by role Admin in the organization at the moment", "over since", "Would be given by role recruiter")
	says(t, "membership to begin", check("soon", "invitation:create", "acme"), "No, Soon may not", "from 2 Jan 2030")
	says(t, "with an end", check("ann", "member:create", "acme"), "Yes, Ann", "until 2 Jan 2030")
	says(t, "no member", check("user", "invitation:create", "acme"), "No, user may not", "Would be given by role Admin on this server")
	says(t, "everywhere", check("admin", "invitation:create", "acme"), "Yes, admin may", "role Admin on this server")
	says(t, "nowhere", check("rob", "invitation:create", ""), "say in which one")
	says(t, "unknown", check("rob", "no:such", ""), "Nobody declares this permission")
	if _, err := s.Ban(boss, h.User("rob@example.test").ID, admin.Ban{}); err != nil {
		t.Fatal(err)
	}
	says(t, "banned", check("rob", "invitation:create", "acme"), "No, Rob may not", "The person is banned", "Given by role recruiter")
	says(t, "banned among holders", h.ask(viewer, "/admin/access/who", "scope", "invitation:create", "in", "acme"), "The person is banned")
}

// owner is the principal of the owner of the house.
func (h *town) owner() *auth.Principal {
	h.t.Helper()
	p, err := h.Host.Principals.OfUser(h.t.Context(), h.User("owner@example.test"))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func TestExplorerOfAnOrganization(t *testing.T) {
	h := openTown(t)
	olga, mia := h.browser("Olga"), h.browser("Mia")
	at := "/admin/o/acme/access"
	says(t, "members are found", h.ask(olga, at, "subject-search", "example.test"), "Rob", "Mia", "Past", "!Gil", "!support")
	says(t, "nobody else is", h.ask(olga, at, "subject-search", "gil"), "Nothing is called")
	says(t, "a member", h.ask(olga, at, "subject", h.id("rob")), "In The acme", "role recruiter in the organization", "!On this server", "!role User")
	for _, stranger := range []string{"gil", "support", "owner"} {
		olga.Get(address(at, "subject", h.id(stranger))).Want(404, "")
		olga.Get(address(at+"/check", "subject", h.id(stranger), "scope", "member:read")).Want(404, "")
		olga.Get(address(at+"/compare", "subject", h.id("rob"), "other", h.id(stranger))).Want(404, "")
	}
	says(t, "the other organization is not asked", h.ask(olga, at, "subject", h.id("rob"), "in", "globex"), "In The acme", "!globex")
	says(t, "scopes of the platform neither", h.ask(olga, at+"/check", "subject", h.id("rob"), "scope", "platform:user:get"), "Nobody declares this permission")
	olga.Get(address(at+"/who/export", "scope", "platform:user:get", "format", "csv")).Want(200, "")
	says(t, "nor listed", string(olga.Get(address(at+"/who/export", "scope", "platform:user:get", "format", "csv")).Body), "!@")
	// what concerns the whole server is asked there: pages of an organization do not answer it
	body := look(t, h.people["viewer"].Get(address(at+"/check", "subject", h.id("mia"), "scope", "invitation:create")))
	says(t, "who gives a role of the server", body, `"/admin/access/who?scope=platform%3Auser%3Aset-role"`, "!/access/who?scope=platform%3Auser%3Aset-role&", "!o/acme/access/who?scope=platform")
	for _, path := range []string{"/admin/o/globex/access", "/admin/o/nowhere/access", "/admin/o/globex/access/who?scope=member:read", "/admin/access"} {
		olga.Get(path).Want(403, "")
		mia.Get(path).Want(403, "")
	}
	mia.Get(at).Want(403, "")
	// who is an administrator of the server besides is no secret of what they may do here,
	// only of what they are there
	s := plugins.MustOffer[*admin.Service](h.Host)
	if _, err := s.SetRole(auth.WithPrincipal(t.Context(), h.owner()), h.User("mia@example.test").ID, []string{"admin"}); err != nil {
		t.Fatal(err)
	}
	says(t, "a right of the server", h.ask(olga, at+"/check", "subject", h.id("mia"), "scope", "member:create"), "Yes, Mia", "rights on the whole server", "!role Admin on")
	says(t, "who may everywhere", h.ask(olga, at+"/who", "scope", "member:create"), "Olga", "in every organization: those with the role Owner, Admin", "!admin@example.test", "!owner@example.test")
}

func TestWhoMay(t *testing.T) {
	h := openTown(t)
	viewer := h.people["viewer"]
	text := h.ask(viewer, "/admin/access/who", "scope", "invitation:create", "in", "acme")
	says(t, "in acme", text, "Olga", "Rob", "Ann", "role recruiter in the organization", "!Mia", "!Past", "!Soon", "!Gil", "In every organization", "admin@example.test")
	says(t, "the links keep the place", look(t, viewer.Get(address("/admin/access/who", "scope", "invitation:create", "in", "acme"))), `href="/admin/access?in=acme&amp;subject=user%3A`)
	says(t, "on the server", h.ask(viewer, "/admin/access/who", "scope", "platform:user:delete"), "admin@example.test", "owner@example.test", "!support@example.test", "2 entries")
	says(t, "nobody", h.ask(viewer, "/admin/access/who", "scope", "organization:delete", "in", "globex"), "Gil")
	says(t, "nothing chosen", h.ask(viewer, "/admin/access/who"), "Choose a permission")
	rows, err := csv.NewReader(strings.NewReader(string(viewer.Get(address("/admin/access/who/export", "scope", "invitation:create", "in", "acme", "format", "csv")).Body))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != "Ann" || rows[3][4] != "role recruiter in the organization" {
		t.Errorf("%q %v", rows, err)
	}
	err = h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		for i := range 45 {
			id := fmt.Sprintf("extra-%02d", i)
			if err := tx.User().Create().SetID(id).SetName(id).SetEmail(id + "@example.test").Exec(ctx); err != nil {
				return err
			}
			if err := tx.Organization("globex").Member().Create().SetID("m-" + id).SetUserID(id).SetRole("admin").SetUserName(id).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen, path := map[string]bool{}, address("/admin/access/who", "scope", "member:create", "in", "globex")
	for pages := 1; path != ""; pages++ {
		body := look(t, viewer.Get(path))
		for _, name := range regexp.MustCompile(`extra-\d\d`).FindAllString(body, -1) {
			seen[name] = true
		}
		_, foot, _ := strings.Cut(body, `class="pages"`)
		path = ""
		for _, link := range strings.Split(foot, "<a ")[1:] {
			if link, _, _ = strings.Cut(link, ">"); strings.Contains(link, `rel="next"`) {
				path = html.UnescapeString(between(link, `href="`, `"`))
			}
		}
		if want := pages < 3; want != (path != "") {
			t.Fatalf("page %d leads on to %q", pages, path)
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d of 45 were listed on the pages", len(seen))
	}
	viewer.Get(address("/admin/access/who", "scope", "member:create", "in", "globex", "page", "made-up")).Want(400, "")
}

func TestCompareTwo(t *testing.T) {
	h := openTown(t)
	viewer := h.people["viewer"]
	text := h.ask(viewer, "/admin/access/compare", "subject", h.id("support"), "other", h.id("viewer"))
	says(t, "differences", text, "Only viewer: 0.", "Send a person a link to a new password", "!See one person")
	says(t, "all", h.ask(viewer, "/admin/access/compare", "subject", h.id("support"), "other", h.id("viewer"), "all", "on"), "See one person", "Only differences")
	says(t, "the same", h.ask(viewer, "/admin/access/compare", "subject", h.id("viewer"), "other", h.id("viewer")), "No difference")
	says(t, "in an organization", h.ask(viewer, "/admin/access/compare", "subject", h.id("rob"), "other", h.id("mia"), "in", "acme"), "In The acme", "post:write", "Only Mia: 0.")
}

// TestRefusalsExplain: the 403 of a page and of the API says which permission is missing,
// where, and which roles give it; never who has it, and nothing of foreign organizations.
func TestRefusalsExplain(t *testing.T) {
	h := openTown(t)
	mia := h.browser("Mia")
	says(t, "the own organization", read(string(mia.Get("/admin/o/acme/access").Want(403, "").Body)),
		"lacks this permission in The acme: See what others may do, and why", "These roles give it: Owner, Admin.", "!Olga", "!olga@")
	whole := string(mia.Get("/admin/o/globex/access").Want(403, "").Body)
	says(t, "the frame around a foreign one", whole, "!The globex")
	foreign := read(whole)
	says(t, "a foreign one", foreign, "you do not belong to it", "!globex", "!Gil", "!roles")
	cut := func(text string) string { before, _, _ := strings.Cut(text, "Reference"); return before }
	if missing := read(string(mia.Get("/admin/o/nowhere/access").Want(403, "").Body)); cut(missing) != cut(foreign) {
		t.Errorf("an organization that is not there is refused by\n%s\na foreign one by\n%s", missing, foreign)
	}
	says(t, "the platform", read(string(mia.Get("/admin/users").Want(403, "").Body)), "See the list of people", "These roles give it: Owner, Admin, Support, Viewer.", "!owner@example.test")
}

// probe has endpoints that ask for scopes as any plugin's may.
type probe struct{}

func (probe) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "probe", Name: "Probe", Sentence: "Asks for scopes."}
}

func (probe) Contribute(*plugins.Host) (plugins.Contribution, error) {
	get := func(path, scope string, in plugins.OrganizationSource) plugins.Endpoint {
		return plugins.Endpoint{Method: http.MethodGet, Path: path, Summary: "Probe", Access: plugins.Access{Who: plugins.SignedIn, Scope: scope, Organization: in},
			Handle: func(*plugins.Call) (any, error) { return true, nil }}
	}
	return plugins.Contribution{Endpoints: []plugins.Endpoint{
		get("/probe/platform", "user:delete", plugins.OrganizationSource{}),
		get("/probe/in/:organization", "invitation:create", plugins.OrganizationSource{In: "path", Name: "organization"}),
	}}, nil
}

// TestRefusalOfTheAPI has the same in its body.
func TestRefusalOfTheAPI(t *testing.T) {
	h := openTown(t)
	mia := h.browser("Mia")
	const inside = `{"message":"You are not allowed to do this","code":"FORBIDDEN","scope":"invitation:create","permission":"Invite people and see the invitations"`
	for path, want := range map[string]string{
		"/probe/platform":   `{"message":"You are not allowed to do this","code":"FORBIDDEN","scope":"user:delete","permission":"Remove people","roles":["owner","admin"]}`,
		"/probe/in/acme":    inside + `,"organizationId":"acme","roles":["owner","admin","recruiter"]}`,
		"/probe/in/globex":  inside + `,"roles":["owner","admin"]}`,
		"/probe/in/nowhere": inside + `,"roles":["owner","admin"]}`,
	} {
		if got := string(mia.Get("/api/auth"+path).Want(403, "FORBIDDEN").Body); got != want {
			t.Errorf("%s:\n%s, want\n%s", path, got, want)
		}
	}
}
