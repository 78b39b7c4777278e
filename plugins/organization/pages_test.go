package organization_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/picture"
	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/organization"
	"gatehouse/web/webtest"
)

// office is a house with the console, where the organization acme has an owner, an admin and
// a member; a stranger belongs to none, and chief and viewer have roles on the server.
type office struct {
	*house
	as  map[string]*someone
	org string
}

const everyone = "owner admin member stranger chief viewer"

func openOffice(t *testing.T, settings map[string]string) *office {
	t.Helper()
	named := map[string]string{}
	for k, v := range settings {
		if !strings.HasPrefix(k, "admin.") {
			k = "organization." + k
		}
		named[k] = v
	}
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New(), console.New()}, Settings: named,
		Plugins: []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{})}})
	o := &office{house: &house{Rig: rig, t: t, s: plugins.MustOffer[*organization.Service](rig.Host)}, as: map[string]*someone{}}
	for name := range strings.FieldsSeq(everyone) {
		o.as[name] = o.person(name)
	}
	o.org = o.as["owner"].found("acme")
	o.join(o.as["admin"], o.org, "admin")
	o.join(o.as["member"], o.org, "member")
	o.rank("chief", "admin")
	o.rank("viewer", "viewer")
	return o
}

// rank gives somebody a role on the whole server.
func (o *office) rank(name, role string) {
	o.t.Helper()
	err := o.Host.DB.InTx(o.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.User().UpdateOneID(o.as[name].user.ID).SetRole(role).Exec(ctx)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// page asserts a good page and returns its markup.
func page(t testing.TB, a *servertest.Answer) string {
	t.Helper()
	for _, problem := range webtest.Page(string(a.Body)) {
		t.Errorf("%s: %s", a.Path, problem)
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: policy %q", a.Path, policy)
	}
	return string(a.Body)
}

func expect(t testing.TB, body string, has []string, lacks ...string) {
	t.Helper()
	for _, text := range has {
		if !strings.Contains(body, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	for _, text := range lacks {
		if strings.Contains(body, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

// team makes a team, and role a role of the organization's own; both return its id.
func (o *office) team(name string) string {
	o.t.Helper()
	return o.as["owner"].post("create-team", body{"name": name, "organizationId": o.org}).Want(200, "").Text("id")
}

func (o *office) role(name, resource, action string) string {
	o.t.Helper()
	return o.as["owner"].post("create-role", body{"organizationId": o.org, "role": name, "permission": body{resource: []string{action}}}).Want(200, "").Text("roleData.id")
}

func (o *office) invited(email string) string {
	o.t.Helper()
	return o.as["owner"].post("invite-member", body{"email": email, "role": "member", "organizationId": o.org}).Want(200, "").Text("id")
}

// TestPagesOfOrganization asks for every page as everybody: who lacks the permission is told
// its name, and who is nobody is led to the sign-in.
func TestPagesOfOrganization(t *testing.T) {
	o := openOffice(t, nil)
	at := func(page string) string { return "/admin/o/acme" + page }
	them := at("/members/" + o.row(o.org, o.as["member"]).ID)
	team, role, invitation := at("/teams/"+o.team("Kitchen")), at("/roles/"+o.role("cook", "team", "read")), at("/invitations/"+o.invited("guest@example.test"))
	domain, err := o.s.AddDomain(o.as_("owner"), o.org, "acme.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, scope, who string }{
		{"/account/organizations", "", everyone},
		{"/account/organizations/new", "", everyone},
		{"/admin/organizations", "organization:list", "chief viewer"},
		{"/admin/organizations/new", "organization:create", "chief"},
		{at(""), "organization:read", "owner admin member chief viewer"},
		{at("/members"), "member:read", "owner admin member chief viewer"},
		{at("/members/add"), "", "chief"},
		{them, "member:read", "owner admin member chief viewer"},
		{them + "/role", "member:update", "owner admin chief"},
		{them + "/period", "member:update", "owner admin chief"},
		{them + "/grant", "member:update", "owner admin chief"},
		{them + "/remove", "member:delete", "owner admin chief"},
		{them + "/team", "member:update", "owner admin chief"},
		{at("/invitations"), "invitation:create", "owner admin chief"},
		{at("/invitations/new"), "invitation:create", "owner admin chief"},
		{invitation + "/cancel", "invitation:cancel", "owner admin chief"},
		{at("/roles"), "organization:inspect", "owner admin chief viewer"},
		{at("/roles/new"), "ac:create", "owner admin chief"},
		{role, "ac:update", "owner admin chief"},
		{role + "/delete", "ac:delete", "owner admin chief"},
		{at("/teams"), "team:read", "owner admin member chief viewer"},
		{at("/teams/new"), "team:create", "owner admin chief"},
		{team, "team:read", "owner admin member chief viewer"},
		{team + "/rename", "team:update", "owner admin chief"},
		{team + "/remove", "team:delete", "owner admin chief"},
		{at("/domains"), "domain:read", "owner admin chief viewer"},
		{at("/domains/" + domain.ID + "/remove"), "domain:update", "owner admin chief"},
		{at("/activity"), "event:read", "owner admin chief"},
		{at("/settings"), "organization:inspect", "owner admin chief viewer"},
		{at("/delete"), "organization:delete", "owner chief"},
	} {
		for name, p := range o.as {
			a := p.Get(tt.path)
			want := http.StatusForbidden
			if strings.Contains(tt.who, name) {
				want = http.StatusOK
			}
			if a.Status != want {
				t.Errorf("%s for %s: %d, want %d", tt.path, name, a.Status, want)
			}
			if body := page(t, a); want == http.StatusForbidden {
				expect(t, body, []string{tt.scope}, "Kitchen", "acme.example", "guest@example.test")
			}
		}
		if a := o.Browser().Get(tt.path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/sign-in?") {
			t.Errorf("%s for nobody: %d %s", tt.path, a.Status, a.Location())
		}
	}
	for name, want := range map[string]int{"owner": 200, "admin": 200, "member": 200, "stranger": 403, "chief": 404, "viewer": 404} {
		if a := o.as[name].Get(at("/leave")); a.Status != want {
			t.Errorf("leaving for %s: %d, want %d", name, a.Status, want)
		}
	}
	// To add somebody unasked needs a scope of the platform, which is named before the form is
	// filled in and after.
	for _, name := range []string{"owner", "admin"} {
		expect(t, page(t, o.as[name].Get(at("/members/add"))), []string{"organization:own"}, "stranger@example.test")
		a := o.as[name].Form(at("/members"), url.Values{"email": {"stranger@example.test"}, "role": {"member"}})
		expect(t, page(t, a), []string{"organization:own"}, "stranger@example.test")
		same(t, "adding as "+name, a.Status, http.StatusForbidden)
	}
	// What does not exist is like what is foreign, and what lies elsewhere is not here.
	for _, path := range []string{"/admin/o/nowhere", "/admin/o/nowhere/members"} {
		o.as["owner"].Get(path).Want(403, "")
	}
	o.as["stranger"].found("other")
	for _, path := range []string{"/members/none", "/teams/none", "/roles/none", "/invitations/none/cancel", "/domains/none/remove", "/members/" + o.row(o.org, o.as["member"]).ID} {
		o.as["stranger"].Get("/admin/o/other"+path).Want(404, "")
	}
}

// as_ is the context of a session of somebody of the office.
func (o *office) as_(name string) context.Context { return o.house.as(o.as[name]) }

// TestFormsOfOrganization sends every form as everybody who may not: nothing changes.
func TestFormsOfOrganization(t *testing.T) {
	o := openOffice(t, nil)
	at := func(page string) string { return "/admin/o/acme" + page }
	m := o.row(o.org, o.as["member"])
	them := at("/members/" + m.ID)
	teamID := o.team("Kitchen")
	team, role, invitation := at("/teams/"+teamID), at("/roles/"+o.role("cook", "team", "read")), at("/invitations/"+o.invited("guest@example.test"))
	row, err := o.s.AddDomain(o.as_("owner"), o.org, "acme.example")
	if err != nil {
		t.Fatal(err)
	}
	domain := at("/domains/" + row.ID)
	request := at("/requests/none")
	before := o.happened("organization.member.added", o.org)
	form := url.Values{"name": {"New"}, "slug": {"new"}, "email": {"stranger@example.test"}, "role": {"owner"}, "scope": {"team:read"}, "domain": {"new.example"},
		"joining": {"automatic"}, "user": {o.as["member"].user.ID}, "confirm": {"acme"}, "id": {m.ID}, "confirmed": {"on"}, "end": {"2040-01-01T00:00"}, "grant": {"x"}, "agree": {"yes"}, "limit": {"1"}}
	for _, tt := range []struct{ path, who string }{
		{"/admin/organizations", "owner admin member stranger viewer"},
		{at("/members"), "owner admin member stranger viewer"}, {at("/members/bulk/remove"), "member stranger viewer"},
		{them + "/role", "admin member stranger viewer"}, {them + "/period", "member stranger viewer"}, {them + "/grant", "member stranger viewer"}, {them + "/team", "member stranger viewer"},
		{them + "/grants/end", "member stranger viewer"}, {them + "/remove", "member stranger viewer"},
		{at("/invitations"), "admin member stranger viewer"}, {invitation + "/resend", "member stranger viewer"}, {invitation + "/cancel", "member stranger viewer"},
		{at("/roles"), "member stranger viewer"}, {role, "member stranger viewer"}, {role + "/delete", "member stranger viewer"},
		{at("/teams"), "member stranger viewer"}, {team + "/rename", "member stranger viewer"}, {team + "/remove", "member stranger viewer"},
		{team + "/members", "member stranger viewer"}, {team + "/members/remove", "member stranger viewer"},
		{at("/domains"), "member stranger viewer"}, {domain + "/verify", "member stranger viewer"}, {domain + "/vouch", "owner admin member stranger viewer"},
		{domain + "/joining", "member stranger viewer"}, {domain + "/remove", "member stranger viewer"}, {request, "member stranger viewer"},
		{at("/settings"), "member stranger viewer"}, {at("/logo/remove"), "member stranger viewer"}, {at("/delete"), "admin member stranger viewer"},
		{at("/leave"), "stranger"},
	} {
		for name := range strings.FieldsSeq(tt.who) {
			if a := o.as[name].Form(tt.path, form); a.Status != http.StatusForbidden {
				t.Errorf("POST %s as %s: %d %s", tt.path, name, a.Status, a.Location())
			}
		}
		elsewhere := o.enter(o.as["owner"].user)
		elsewhere.Header.Set("Origin", "https://evil.test")
		if a := elsewhere.Form(tt.path, form); a.Status != http.StatusForbidden {
			t.Errorf("POST %s from another origin: %d", tt.path, a.Status)
		}
	}
	limit := url.Values{"limit": {"1"}}
	o.as["owner"].Form(at("/settings"), limit).Want(403, "") // administrators of the platform alone
	same(t, "members", o.members(o.org), 3)
	same(t, "role", o.row(o.org, o.as["member"]).Role, "member")
	same(t, "memberships made", o.happened("organization.member.added", o.org), before)
	if _, err := o.s.Get(o.as_("owner"), o.org); err != nil {
		t.Errorf("the organization: %v", err)
	}
	org, err := o.Host.DB.Access(t.Context()).Platform().Organization().Get(t.Context(), o.org)
	if err != nil || org.Slug != "acme" || org.MemberLimit != nil {
		t.Errorf("the organization changed: %+v %v", org, err)
	}
}

// TestButtonsOfOrganization draws what the reader may do, and nothing else.
func TestButtonsOfOrganization(t *testing.T) {
	o := openOffice(t, nil)
	at := func(page string) string { return "/admin/o/acme" + page }
	member, owner := "/members/"+o.row(o.org, o.as["member"]).ID, "/members/"+o.row(o.org, o.as["owner"]).ID
	team := "/teams/" + o.team("Kitchen")
	const no = "You are no member"
	for _, tt := range []struct {
		who, page  string
		has, lacks []string
	}{
		{"owner", "", []string{at("/invitations/new"), "You are the only owner.", at("/settings"), "Lately"}, []string{no, at("/leave")}},
		{"admin", "", []string{at("/leave")}, []string{"You are the only owner."}},
		{"member", "", []string{at("/leave"), at("/members"), "owner@example.test"}, []string{at("/invitations"), at("/settings"), at("/activity"), "Lately", no}},
		{"chief", "", []string{no, at("/invitations/new"), at("/settings")}, []string{at("/leave"), "Your membership"}},
		{"viewer", "", []string{no, at("/settings"), at("/domains")}, []string{at("/leave"), at("/invitations"), at("/activity")}},
		{"owner", "/members", []string{at("/invitations/new"), at(member) + "/remove"}, []string{at("/members/add"), at(owner) + "/remove"}},
		{"admin", "/members", []string{at(member) + "/role"}, []string{at(owner) + "/role", at(owner) + "/remove"}},
		{"member", "/members", []string{at(owner)}, []string{"/role", "/remove", "/period", at("/invitations/new")}},
		{"chief", "/members", []string{at("/members/add"), at(owner) + "/role", at(owner) + "/remove"}, nil},
		{"admin", member, []string{at(member) + "/role", at(member) + "/grant", at(member) + "/remove"}, []string{`value="owner"`}},
		{"admin", owner, nil, []string{at(owner) + "/role", at(owner) + "/grant", at(owner) + "/remove"}},
		{"member", member, nil, []string{"/role", "/grant", "/remove"}},
		{"owner", member, []string{`value="owner"`, `value="admin"`}, nil},
		{"admin", "/settings", []string{`name="slug"`}, []string{at("/delete"), `name="limit"`}},
		{"owner", "/settings", []string{at("/delete"), `name="slug"`}, []string{`name="limit"`}},
		{"chief", "/settings", []string{at("/delete"), `name="limit"`}, nil},
		{"viewer", "/settings", []string{"Short name"}, []string{at("/delete"), `name="limit"`, `name="slug"`}},
		{"viewer", "/roles", []string{"Permissions of each role"}, []string{at("/roles/new")}},
		{"viewer", "/domains", []string{"No domains yet"}, []string{`name="domain"`}},
		{"member", team, nil, []string{"/rename", "/remove", "Put somebody in"}},
		{"admin", team, []string{at(team) + "/rename", at(team) + "/remove", "Put somebody in"}, nil},
	} {
		t.Run(tt.who+tt.page, func(t *testing.T) {
			main := string(regexp.MustCompile(`(?s)<main.*</main>`).Find(o.as[tt.who].Get(at(tt.page)).Want(200, "").Body))
			_, nav, _ := strings.Cut(string(o.as[tt.who].Get(at("")).Body), "<nav")
			nav, _, _ = strings.Cut(nav, "<main")
			text := main
			if tt.page == "" {
				text = nav + main
			}
			expect(t, text, tt.has, tt.lacks...)
		})
	}
}

// TestDeletionOff takes the act from owners, and leaves it to administrators of the server.
func TestDeletionOff(t *testing.T) {
	o := openOffice(t, map[string]string{"deletion": "false"})
	expect(t, page(t, o.as["owner"].Get("/admin/o/acme/settings")), nil, "/admin/o/acme/delete")
	o.as["owner"].Form("/admin/o/acme/delete", url.Values{"confirm": {"acme"}}).Want(403, "")
	expect(t, page(t, o.as["chief"].Get("/admin/o/acme/settings")), []string{"/admin/o/acme/delete"})
	o.as["chief"].Form("/admin/o/acme/delete", url.Values{"confirm": {"other"}}).Want(400, "")
	o.as["chief"].Form("/admin/o/acme/delete", url.Values{"confirm": {"acme"}}).Want(303, "")
	o.as["owner"].Get("/admin/o/acme").Want(403, "")
}

// TestMembersUnseen: with the setting off a member sees neither people nor teams.
func TestMembersUnseen(t *testing.T) {
	o := openOffice(t, map[string]string{"members_see_members": "false"})
	expect(t, page(t, o.as["member"].Get("/admin/o/acme")), nil, "owner@example.test", "/admin/o/acme/members", "/admin/o/acme/teams")
	for path, scope := range map[string]string{"/members": "member:read", "/teams": "team:read", "/members/" + o.row(o.org, o.as["owner"]).ID: "member:read", "/members/export?format=csv": "member:read"} {
		expect(t, page(t, o.as["member"].Get("/admin/o/acme"+path).Want(403, "")), []string{scope}, "owner@example.test")
	}
	page(t, o.as["admin"].Get("/admin/o/acme/members").Want(200, ""))
}

// TestPlaceWithAnEnd: a member whose time is over is a stranger at the next page.
func TestPlaceWithAnEnd(t *testing.T) {
	o := openOffice(t, nil)
	them := "/admin/o/acme/members/" + o.row(o.org, o.as["member"]).ID
	end := o.Clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04")
	for form, says := range map[string]string{"start=never": "This is no date and time.", "end=2001-01-01T00:00": "The end must lie ahead"} {
		v, _ := url.ParseQuery(form)
		expect(t, page(t, o.as["owner"].Form(them+"/period", v).Want(400, "")), []string{says})
	}
	o.as["owner"].Form(them+"/period", url.Values{"end": {end}}).Want(303, "")
	expect(t, page(t, o.as["member"].Get("/admin/o/acme").Want(200, "")), []string{"Your membership"})
	o.Clock.Advance(2 * time.Hour)
	o.as["member"].Get("/admin/o/acme").Want(403, "")
	expect(t, page(t, o.as["member"].Get("/account/organizations")), []string{"You belong to no organization"})
}

// TestFormsDone sends the forms as those who may, and looks at what they did.
func TestFormsDone(t *testing.T) {
	o := openOffice(t, nil)
	owner, boss := o.as["owner"], o.as["admin"]
	at := func(page string) string { return "/admin/o/acme" + page }
	send := func(p *someone, path, form string) *servertest.Answer {
		t.Helper()
		v, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		return p.Form(path, v)
	}
	sees := func(page string, has []string, lacks ...string) {
		t.Helper()
		expect(t, string(owner.Get(at(page)).Want(200, "").Body), has, lacks...)
	}
	them := "/members/" + o.row(o.org, o.as["member"]).ID

	// Members
	expect(t, page(t, send(owner, at(them+"/role"), "").Want(400, "")), []string{"Choose at least one role."})
	expect(t, page(t, send(boss, at(them+"/role"), "role=owner").Want(403, "")), []string{"Roles of member"})
	send(boss, at(them+"/role"), "role=admin&role=member").Want(303, "")
	same(t, "role", o.row(o.org, o.as["member"]).Role, "admin,member")
	send(boss, at(them+"/role"), "role=member").Want(303, "")
	expect(t, page(t, send(boss, at(them+"/grant"), "role=admin").Want(400, "")), []string{"Say when it ends."})
	send(boss, at(them+"/grant"), "role=admin&end=2040-01-01T00:00").Want(303, "")
	o.as["member"].Get(at("/settings")).Want(200, "")
	grant := regexp.MustCompile(`name="grant" value="([^"]+)"`).FindSubmatch(owner.Get(at(them)).Body)
	send(owner, at(them+"/grants/end"), "grant="+string(grant[1])).Want(303, "")
	o.as["member"].Get(at("/settings")).Want(403, "")

	// Invitations: the link is shown once, to be handed over.
	expect(t, page(t, send(boss, at("/invitations"), "email=guest@example.test").Want(400, "")), []string{"Choose at least one role."})
	send(boss, at("/invitations"), "email=guest@example.test&role=owner").Want(403, "")
	a := send(boss, at("/invitations"), "email=guest@example.test&role=member").Want(200, "")
	link := regexp.MustCompile(o.Origin + `/accept-invitation/([A-Za-z0-9_-]+)`).FindStringSubmatch(page(t, a))
	if link == nil || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the link: %v, kept as %q", link, a.Header.Get("Cache-Control"))
	}
	sees("/invitations", []string{"guest@example.test", "Not accepted yet"}, "/accept-invitation/")
	send(boss, at("/invitations/"+link[1]+"/resend"), "by=hand").Want(200, "")
	send(boss, at("/invitations/"+link[1]+"/cancel"), "").Want(303, "")
	sees("/invitations?state=canceled", []string{"guest@example.test", "Cancelled"})

	// Roles: a preview stores nothing, and nobody gives more than they hold.
	expect(t, page(t, send(boss, at("/roles"), "role=clerk&scope=domain:read&preview=yes").Want(200, "")), []string{"Domains", `value="clerk"`})
	sees("/roles", []string{"No roles of your own yet"})
	send(boss, at("/roles"), "role=clerk&scope=organization:delete").Want(403, "")
	sees("/roles", []string{"No roles of your own yet"})
	send(boss, at("/roles"), "role=clerk&scope=domain:read").Want(303, "")
	send(owner, at(them+"/role"), "role=clerk").Want(303, "")
	o.as["member"].Get(at("/domains")).Want(200, "")
	role := regexp.MustCompile(`href="([^"]+/roles/[A-Za-z0-9]{16,})"`).FindSubmatch(boss.Get(at("/roles")).Body)
	send(boss, string(role[1]), "scope=event:read").Want(303, "")
	o.as["member"].Get(at("/domains")).Want(403, "")
	o.as["member"].Get(at("/activity")).Want(200, "")
	if a := send(boss, string(role[1])+"/delete", ""); a.Status == 303 {
		t.Error("a role that somebody has was deleted")
	}
	send(owner, at(them+"/role"), "role=member").Want(303, "")
	send(boss, string(role[1])+"/delete", "").Want(303, "")

	// Teams
	team := send(boss, at("/teams"), "name=Kitchen").Want(303, "").Location()
	user := "user=" + o.as["member"].user.ID
	send(boss, team+"/members", user).Want(303, "")
	if !strings.Contains(string(owner.Get(team).Body), "member@example.test") {
		t.Error("nobody is in the team")
	}
	send(boss, team+"/members", "user="+o.as["stranger"].user.ID)
	expect(t, string(owner.Get(team).Body), nil, "stranger@example.test")
	send(boss, team+"/members/remove", user).Want(303, "")
	send(boss, team+"/rename", "name=Bakery").Want(303, "")
	sees("/teams", []string{"Bakery"}, "Kitchen")
	send(boss, team+"/remove", "").Want(303, "")
	sees("/teams", nil, "Bakery")

	// Domains
	expect(t, page(t, send(boss, at("/domains"), "domain=no+domain").Want(400, "")), []string{"This is not a domain"})
	send(boss, at("/domains"), "domain=acme.example").Want(303, "")
	domain := regexp.MustCompile(`action="([^"]+)/joining"`).FindSubmatch(boss.Get(at("/domains")).Body)
	send(boss, string(domain[1])+"/joining", "joining=approval&role=member").Want(303, "")
	send(o.as["chief"], string(domain[1])+"/vouch", "").Want(303, "")
	sees("/domains", []string{"Proved by an administrator"})
	send(boss, string(domain[1])+"/remove", "").Want(303, "")
	sees("/domains", []string{"No domains yet"})

	// Settings, and the end
	o.as["stranger"].found("other")
	expect(t, page(t, send(boss, at("/settings"), "name=Acme&slug=a+b").Want(400, "")), []string{"Use letters, digits"})
	if a := send(boss, at("/settings"), "name=Acme&slug=other"); a.Status == 303 {
		t.Error("two organizations have one short name")
	}
	same(t, "address", send(boss, at("/settings"), "name=Works&slug=works").Want(303, "").Location(), "/admin/o/works/settings")
	send(o.as["chief"], "/admin/o/works/settings", "limit=3").Want(303, "")
	send(o.as["chief"], "/admin/o/works/members", "email=stranger@example.test&role=member").Want(403, "") // the limit
	send(boss, "/admin/o/works"+them+"/remove", "").Want(303, "")
	o.as["member"].Get("/admin/o/works").Want(403, "")
	send(o.as["chief"], "/admin/o/works/members", "email=stranger@example.test&role=member").Want(303, "")
	o.as["stranger"].Get("/admin/o/works").Want(200, "")
	same(t, "left to", send(o.as["stranger"], "/admin/o/works/leave", "").Want(303, "").Location(), "/account/organizations")
	if a := send(owner, "/admin/o/works/leave", ""); a.Status == 303 {
		t.Error("the only owner left")
	}
	expect(t, page(t, send(owner, "/admin/o/works/delete", "confirm=acme").Want(400, "")), []string{"This is not the short name."})
	send(owner, "/admin/o/works/delete", "confirm=works").Want(303, "")
	o.as["chief"].Get("/admin/o/works").Want(403, "")
}

// TestPictureGoesToo: a picture lies outside the tables of the organization.
func TestPictureGoesToo(t *testing.T) {
	h := open(t, nil)
	ada := h.person("ada")
	acme := ada.found("acme")
	left := func() int { return h.Host.DB.Access(t.Context()).Upload().Query().CountX(t.Context()) }
	if _, err := h.Host.Pictures.Put(t.Context(), "", auth.PicturePurpose("organization/"+acme), picture.Picture{MediaType: "image/png", Data: []byte("x"), Width: 1, Height: 1}); err != nil || left() != 1 {
		t.Fatalf("%v, %d pictures", err, left())
	}
	ada.post("delete", body{"organizationId": acme}).Want(200, "")
	if n := left(); n != 0 {
		t.Errorf("%d pictures are left", n)
	}
}

// TestHome: the console opens at the active organization, however many come before it, and
// only while it gives anything.
func TestHome(t *testing.T) {
	o := openOffice(t, nil)
	p := o.as["stranger"]
	lands := func(why, want string) {
		t.Helper()
		same(t, why, p.Get("/admin").Want(http.StatusSeeOther, "").Header.Get("Location"), want)
	}
	lands("belongs nowhere", "/account")
	for i := range 12 {
		p.found("org-" + string(rune('a'+i)))
	}
	lands("the last made is active", "/admin/o/org-l")
	p.post("set-active", body{"organizationId": o.org}).Want(http.StatusForbidden, "")
	p.post("set-active", body{"organizationId": nil}).Want(http.StatusOK, "")
	lands("none is active", "/account/organizations")
	p.post("set-active", body{"organizationSlug": "org-k"}).Want(http.StatusOK, "")
	lands("one is active", "/admin/o/org-k")
}

// TestAddressesOfOddNames: the wire takes any short name, and each has its pages, of itself.
func TestAddressesOfOddNames(t *testing.T) {
	o := openOffice(t, nil)
	p, chief := o.as["stranger"], o.as["chief"]
	o.as["owner"].post("update", body{"organizationId": o.org, "data": body{"slug": "users"}}).Want(200, "")
	for _, slug := range []string{"..", ".", "a/b", "r&d/lab", "100%", "users?", "users?q=a", "../users?q=a", " users", "users#x", "//evil.example", "münchen", "~dXNlcnM", "a\\b"} {
		id := p.found(slug)
		at := p.Get("/admin").Want(http.StatusSeeOther, "").Header.Get("Location")
		for _, by := range []*someone{p, chief} {
			for _, path := range []string{"", "/members", "/settings"} {
				if body := page(t, by.Get(at+path)); !strings.Contains(body, `href="`+at+`/settings"`) || path == "" && !strings.Contains(body, ">"+html.EscapeString(slug)+"<") {
					t.Errorf("%q: %s is about another", slug, at+path)
				}
			}
		}
		if list := page(t, chief.Get("/admin/organizations")); !strings.Contains(list, `href="`+at+`"`) {
			t.Errorf("%q: the list does not lead to %s", slug, at)
		}
		p.post("delete", body{"organizationId": id}).Want(200, "")
	}
}
