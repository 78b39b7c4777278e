package organization_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/account"
	"gatehouse/plugins/list"
	"gatehouse/plugins/organization/organizationapi"
)

// opened lets people with an address in example.test ask to join acme.
func (o *office) opened() {
	o.t.Helper()
	row, err := o.s.AddDomain(o.as_("owner"), o.org, "example.test")
	if err == nil {
		err = o.s.VouchDomain(o.as_("chief"), o.org, row.ID)
	}
	if err == nil {
		err = o.s.SetJoining(o.as_("owner"), o.org, row.ID, "approval", "member")
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestRequestsOnPages: whoever may answer requests sees them where members are, and who asked
// may take their own back.
func TestRequestsOnPages(t *testing.T) {
	o := openOffice(t, nil)
	o.opened()
	asker := o.as["stranger"]
	const places, members = "/account/organizations", "/admin/o/acme/members"
	card, tile := []string{"Requests to join", "stranger@example.test"}, []string{`href="` + members + `"`, "Requests to join"}
	expect(t, page(t, asker.Get(places)), []string{"Ask to join"}, "Withdraw")
	asker.Form(places+"/join", nil).Want(http.StatusSeeOther, "")
	expect(t, page(t, asker.Get(places)), []string{"Withdraw", "You become a member when somebody agrees."}, "Ask to join")
	for _, name := range []string{"owner", "admin", "chief"} {
		expect(t, page(t, o.as[name].Get(members)), card)
		expect(t, page(t, o.as[name].Get("/admin/o/acme")), tile)
	}
	for _, name := range []string{"member", "viewer"} {
		expect(t, page(t, o.as[name].Get(members)), nil, card...)
		expect(t, page(t, o.as[name].Get("/admin/o/acme")), nil, "Requests to join")
	}

	id := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(page(t, asker.Get(places)))[1]
	for _, name := range []string{"owner", "member", "chief"} {
		o.as[name].Form(places+"/withdraw", url.Values{"request": {id}}).Want(http.StatusSeeOther, "")
	}
	same(t, "withdrawn by others", o.happened("organization.join-withdrawn", o.org), 0)
	asker.Form(places+"/withdraw", url.Values{"request": {id}}).Want(http.StatusSeeOther, "")
	expect(t, page(t, asker.Get(places)), []string{"Your request is withdrawn.", "Ask to join"}, "Withdraw")
	same(t, "withdrawn", o.happened("organization.join-withdrawn", o.org), 1)
	expect(t, page(t, o.as["owner"].Get(members)), nil, card[0])

	asker.Form(places+"/join", nil).Want(http.StatusSeeOther, "")
	answer := regexp.MustCompile(`action="([^"]+/requests/[^"]+)"`).FindStringSubmatch(page(t, o.as["admin"].Get(members)))[1]
	form := url.Values{"agree": {"yes"}, "from": {"members"}}
	same(t, "back to", o.as["admin"].Form(answer, form).Want(http.StatusSeeOther, "").Location(), members)
	expect(t, page(t, o.as["admin"].Get(members)), []string{"They are a member now."}, "Requests to join")
	o.as["owner"].Form(answer, form).Want(http.StatusSeeOther, "")
	expect(t, page(t, o.as["owner"].Get(members)), []string{"This request was decided already."})
}

// TestPlaces: each place has a way in, and out where one may leave; the way to the console
// does not lead back.
func TestPlaces(t *testing.T) {
	o := openOffice(t, nil)
	p := o.as["member"]
	const places, console = "/account/organizations", `href="/admin"`
	expect(t, page(t, p.Get(places)), []string{`aria-label="Open ACME"`, `aria-label="Leave ACME"`, console})
	p.found("other")
	expect(t, page(t, p.Get(places)), []string{console, `aria-label="Open OTHER"`, "You are the only owner."}, `aria-label="Leave OTHER"`)
	p.post("set-active", body{"organizationId": nil}).Want(200, "")
	same(t, "led to", p.Get("/admin").Want(http.StatusSeeOther, "").Location(), places)
	expect(t, page(t, p.Get(places)), nil, console)
	expect(t, page(t, p.Get(places+"/new")), []string{console})
	expect(t, page(t, p.Get("/admin/o/other")), []string{"You are the only owner."}, "/admin/o/other/leave")
	expect(t, page(t, p.Get("/admin/o/acme")), []string{"/admin/o/acme/leave"}, "You are the only owner.")
	expect(t, page(t, p.Form("/admin/o/other/leave", nil)), []string{"You cannot leave the organization as the only owner"})
}

// TestMemberPage: it leads to what somebody may do, to their account and into teams, for those
// who may go there, and takes a change of roles back.
func TestMemberPage(t *testing.T) {
	o := openOffice(t, map[string]string{"teams.default": "false"})
	m := o.row(o.org, o.as["member"])
	at := "/admin/o/acme/members/" + m.ID
	explain, users, add := `href="/admin/o/acme/access?subject=user%3A`+m.UserID+`"`, `href="/admin/users/`+m.UserID+`"`, at+"/team"
	expect(t, page(t, o.as["owner"].Get(at)), []string{explain}, users, add)
	team := o.team("Kitchen")
	expect(t, page(t, o.as["owner"].Get(at)), []string{explain, add, "In no team"}, users)
	expect(t, page(t, o.as["chief"].Get(at)), []string{explain, users, add})
	expect(t, page(t, o.as["viewer"].Get(at)), []string{explain, users}, add)
	expect(t, page(t, o.as["member"].Get(at)), nil, explain, users, add)
	form := url.Values{"team": {team}}
	for name, want := range map[string]int{"member": 403, "viewer": 403, "stranger": 403, "admin": 303} {
		o.as[name].Form(add, form).Want(want, "")
	}
	expect(t, page(t, o.as["owner"].Get(at)), []string{"Kitchen"}, add, "In no team")
	expect(t, page(t, o.as["owner"].Form(add, url.Values{"team": {"none"}}).Want(400, "")), []string{"Team not found"})

	o.as["owner"].Form(at+"/role", url.Values{"role": {"owner"}}).Want(303, "")
	text := page(t, o.as["owner"].Get(at))
	expect(t, text, []string{"Undo", `name="role" value="member"`})
	o.as["owner"].Form(at+"/role", url.Values{"role": {"member"}}).Want(303, "")
	same(t, "taken back", o.row(o.org, o.as["member"]).Role, "member")

	// Who takes something from themselves does not get it back so.
	own := "/admin/o/acme/members/" + o.row(o.org, o.as["admin"]).ID
	o.as["admin"].Form(own+"/role", url.Values{"role": {"member"}}).Want(303, "")
	expect(t, page(t, o.as["admin"].Get(own)), []string{"has new roles."}, "Undo")
}

// TestActivityNames: a line says what it is about, and by whom.
func TestActivityNames(t *testing.T) {
	o := openOffice(t, nil)
	o.team("Kitchen")
	o.invited("guest@example.test")
	for _, path := range []string{"", "/activity"} {
		text := page(t, o.as["owner"].Get("/admin/o/acme"+path))
		_, text, _ = strings.Cut(text, "<main")
		plain := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")), " ")
		expect(t, plain, []string{"Kitchen", "guest@example.test", "by owner"})
	}
}

// TestOutside: a foreign organization and none are refused alike, without a word on roles; who
// belongs is sent to an owner.
func TestOutside(t *testing.T) {
	o := openOffice(t, nil)
	body := func(name, path string) string {
		before, _, _ := strings.Cut(page(t, o.as[name].Get(path).Want(403, "")), "Reference")
		return string(regexp.MustCompile(`(?s)<main.*`).FindString(before))
	}
	foreign := body("stranger", "/admin/o/acme/settings")
	same(t, "alike", foreign, body("stranger", "/admin/o/nowhere/settings"))
	same(t, "for who belongs elsewhere, alike", body("member", "/admin/o/nowhere/settings"), foreign)
	expect(t, foreign, []string{"you do not belong to it"}, "ACME", "These roles", "Your account lacks")
	expect(t, body("member", "/admin/o/acme/settings"), []string{"Ask an owner of ACME for the permission organization:inspect.", "These roles give it: Owner, Admin."})
}

// TestInvitationAccepted: who accepted an invitation is led to where they are a member now.
func TestInvitationAccepted(t *testing.T) {
	o := openOffice(t, nil)
	p := o.as["stranger"]
	id := o.invited("stranger@example.test")
	at := "/accept-invitation/" + id
	p.post("accept-invitation", body{"invitationId": id}).Want(200, "")
	expect(t, page(t, p.Get(at).Want(200, "")), []string{"You are a member of ACME", `href="/admin/o/acme"`})
	const dead = "This invitation does not work any more"
	expect(t, page(t, o.as["owner"].Get(at).Want(404, "")), []string{dead, "Go to the start page"}, "ACME", "Go to sign in")
	expect(t, page(t, o.Browser().Get(at).Want(404, "")), []string{dead, "Go to sign in"}, "ACME")
	p.post("leave", body{"organizationId": o.org}).Want(200, "")
	expect(t, page(t, p.Get(at).Want(404, "")), []string{dead}, "ACME")
}

// TestRolesOfEverybody: what membership alone gives stands beside the roles.
func TestRolesOfEverybody(t *testing.T) {
	for setting, want := range map[string]int{"true": 3, "false": 1} {
		o := openOffice(t, map[string]string{"members_see_members": setting})
		text := page(t, o.as["owner"].Get("/admin/o/acme/roles"))
		first := regexp.MustCompile(`(?s)<th scope="row".*?</th>\s*<td.*?</td>`).FindAllString(text, -1)
		checked := 0
		for _, row := range first {
			if strings.Contains(row, "#check") || strings.Contains(row, "Yes") {
				checked++
			}
		}
		expect(t, text, []string{"Every member"})
		same(t, "with the setting "+setting, checked, want)
	}
}

// TestWhoOwns: the list of all organizations names who owns each, and finds those that nobody
// owns.
func TestWhoOwns(t *testing.T) { dbtest.Each(t, whoOwns) }

func whoOwns(t *testing.T, db *database.DB) {
	h := openWith(t, db, nil, organizationapi.Hooks{})
	ann, bob := h.person("Ann"), h.person("Bob")
	ids := map[string]string{}
	for _, slug := range []string{"one", "two", "none", "over", "among"} {
		ids[slug] = ann.found(slug)
	}
	h.join(bob, ids["two"], "admin", "owner")
	h.join(bob, ids["none"], "admin")
	h.write(ids["none"], ann, func(u *ent.MemberUpdate) { u.SetRole("member,owners") })
	h.write(ids["over"], ann, func(u *ent.MemberUpdate) { u.SetEndsAt(h.Clock.Now().Add(-time.Hour)) })
	h.write(ids["among"], ann, func(u *ent.MemberUpdate) { u.SetRole("admin,owner,member") })
	found := func(q list.Query) string {
		t.Helper()
		q.Limit = 20
		page, err := h.s.OrganizationList(h.platform("organization:list"), q)
		if err != nil {
			t.Fatal(err)
		}
		var slugs []string
		for _, o := range page.Rows {
			slugs = append(slugs, o.Slug)
		}
		same(t, "counted", page.Total, len(slugs))
		slices.Sort(slugs)
		return strings.Join(slugs, " ")
	}
	nobody := map[string][]string{"owner": {"none"}}
	same(t, "owned by nobody", found(list.Query{Filters: nobody}), "none over")
	same(t, "searched", found(list.Query{Filters: nobody, Text: "over", Sort: "created"}), "over")
	same(t, "all", found(list.Query{}), "among none one over two")
}

// TestOwnersInTheList: by name, how many more, or nobody.
func TestOwnersInTheList(t *testing.T) {
	o := openOffice(t, nil)
	const path = "/admin/organizations"
	column := func() string {
		t.Helper()
		return strings.Join(regexp.MustCompile(`\s+|<[^>]*>`).Split(page(t, o.as["chief"].Get(path)), -1), " ")
	}
	expect(t, column(), []string{"owner"}, "and one more")
	o.join(o.as["stranger"], o.org, "owner")
	expect(t, column(), []string{"and one more"})
	for _, name := range []string{"owner", "stranger"} {
		o.write(o.org, o.as[name], func(u *ent.MemberUpdate) { u.SetRole("member") })
	}
	expect(t, page(t, o.as["chief"].Get(path+"?owner=none")), []string{">Nobody</span>", "/admin/o/acme"}, "and one more")
}

// TestInvitationsWait: the overview of the account area says which organizations wait for an
// answer.
func TestInvitationsWait(t *testing.T) {
	h := openWith(t, nil, nil, organizationapi.Hooks{}, account.New())
	ann, kim := h.person("Ann"), h.person("Kim")
	invite := func(name string) {
		t.Helper()
		ann.post("invite-member", body{"organizationId": ann.found(name), "email": kim.user.Email, "role": "member"}).Want(http.StatusOK, "")
	}
	expect(t, page(t, kim.Get("/account").Want(200, "")), nil, "invites you")
	invite("acme")
	expect(t, page(t, kim.Get("/account").Want(200, "")), []string{"ACME invites you as Member", "/accept-invitation/"})
	invite("north")
	expect(t, page(t, kim.Get("/account").Want(200, "")), []string{"2 organizations invite you", `href="/account/organizations"`})
	h.Clock.Advance(30 * 24 * time.Hour)
	expect(t, page(t, h.enter(kim.user).Get("/account")), nil, "invite")
}

// TestInvitationOverBefore: an end in the past is said at its field.
func TestInvitationOverBefore(t *testing.T) {
	o := openOffice(t, nil)
	form := url.Values{"email": {"new@example.test"}, "role": {"member"}, "by": {"hand"}, "until": {"2020-01-01T00:00"}}
	expect(t, page(t, o.as["owner"].Form("/admin/o/acme/invitations", form).Want(http.StatusBadRequest, "")), []string{`id="f-until-error"`, "The end must lie ahead"})
}

// TestDomainForm refuses domains below which anybody gets one.
func TestDomainForm(t *testing.T) {
	o := openOffice(t, nil)
	for _, name := range []string{"co.uk", "github.io"} {
		expect(t, page(t, o.as["owner"].Form("/admin/o/acme/domains", url.Values{"domain": {name}}).Want(http.StatusBadRequest, "")),
			[]string{"Anybody gets a domain below it"})
	}
}

// TestRoleForm says what is wrong with the name of a role.
func TestRoleForm(t *testing.T) {
	o := openOffice(t, nil)
	for name, text := range map[string]string{"": "Give the role a name.", "a, b": "Use a name without commas", strings.Repeat("x", 65): "Use at most 64 characters"} {
		expect(t, page(t, o.as["owner"].Form("/admin/o/acme/roles", url.Values{"role": {name}}).Want(http.StatusBadRequest, "")), []string{`id="f-role-error"`, text})
	}
}

// TestTeamWithoutName: the wire takes an empty name, as better-auth does; pages show that
// there is none, and their form asks for one.
func TestTeamWithoutName(t *testing.T) {
	o := openOffice(t, map[string]string{"teams.enabled": "true"})
	owner := o.as["owner"]
	id := owner.post("create-team", body{"name": "", "organizationId": o.org}).Want(200, "").Text("id")
	for path, want := range map[string]string{
		"/teams":                   `href="/admin/o/acme/teams/` + id + `">Team without a name</a>`,
		"/teams/" + id:             "Team without a name</h1>",
		"/teams/" + id + "/rename": "Rename the team",
		"/teams/" + id + "/remove": "Remove the team without a name?",
		"/invitations/new":         "Team without a name",
		"/members/" + o.row(o.org, o.as["member"]).ID + "/team": "Team without a name",
	} {
		expect(t, page(t, owner.Get("/admin/o/acme"+path)), []string{want})
	}
	owner.post("add-team-member", body{"teamId": id, "userId": o.as["member"].user.ID, "organizationId": o.org}).Want(200, "")
	expect(t, page(t, owner.Get("/admin/o/acme/members/"+o.row(o.org, o.as["member"]).ID)), []string{"Team without a name"})
	for _, path := range []string{"/teams", "/teams/" + id + "/rename"} {
		expect(t, page(t, owner.Form("/admin/o/acme"+path, url.Values{"name": {" "}}).Want(http.StatusBadRequest, "")), []string{"Give the team a name."})
	}
}

// TestBulkRemoval removes selected members; those of elsewhere, or of nowhere, are not there,
// and the owner stays.
func TestBulkRemoval(t *testing.T) {
	o := openOffice(t, nil)
	other := o.as["stranger"].found("other")
	member, elsewhere, owner := o.row(o.org, o.as["member"]).ID, o.row(other, o.as["stranger"]).ID, o.row(o.org, o.as["owner"]).ID
	remove := func(says string, lacks string, ids ...string) {
		t.Helper()
		a := o.as["owner"].Form("/admin/o/acme/members/bulk/remove", url.Values{"id": ids, "sure": {"yes"}}).Want(http.StatusSeeOther, "")
		expect(t, page(t, o.as["owner"].Get(a.Location())), []string{says}, lacks)
	}
	remove("2 are not there any more.", "removed.", elsewhere, "unknown")
	asked := page(t, o.as["owner"].Form("/admin/o/acme/members/bulk/remove", url.Values{"id": {member, elsewhere}}).Want(200, ""))
	expect(t, asked, []string{"Remove one member?", "One is not there any more.", `name="id" value="` + member + `"`}, elsewhere)
	same(t, "only asked", o.row(o.org, o.as["member"]).ID, member)
	remove("1 member was removed. 1 could not be removed. 2 are not there any more.", "good luck", member, owner, elsewhere, "unknown")
	if o.row(other, o.as["stranger"]) == nil {
		t.Error("a member of elsewhere was removed")
	}
}

// TestInvitationsStaySecret: no log tells the id of an invitation, by which one joins, nor
// whom it is for to readers who may not see it (SEC-132, decisions 25).
func TestInvitationsStaySecret(t *testing.T) {
	o := openOffice(t, nil)
	owner, admin := o.as["owner"], o.as["admin"]
	owner.post("create-role", body{"role": "auditor", "permission": body{"event": []string{"read"}, "organization": []string{"inspect"}}}).Want(200, "")
	o.join(o.as["stranger"], o.org, "member,auditor")
	guest := o.invited("guest@example.test")
	boss := owner.post("invite-member", body{"email": "boss@example.test", "role": "owner"}).Want(200, "").Text("id")
	for name, hidden := range map[string][]string{"owner": nil, "admin": {"boss@example.test"}, "stranger": {"boss@example.test", "guest@example.test"}} {
		for _, path := range []string{"", "/activity", "/activity/export?format=csv", "/activity/export?format=jsonl"} {
			text := string(o.as[name].Get("/admin/o/acme"+path).Want(200, "").Body)
			for _, secret := range append(hidden, guest, boss) {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q tells %s", name, path, secret)
				}
			}
			if strings.Contains(path, "export") && strings.Count(text, "organization.invited") != 2 {
				t.Errorf("%s: %q lacks the events: %s", name, path, text)
			}
		}
	}
	figure := regexp.MustCompile(`(?s)Open invitations.*?class="figure">(\d+)`)
	same(t, "counted for admins", figure.FindStringSubmatch(page(t, admin.Get("/admin/o/acme")))[1], "1")
	same(t, "counted for owners", figure.FindStringSubmatch(page(t, owner.Get("/admin/o/acme")))[1], "2")
	unknown := admin.Form("/admin/o/acme/invitations/nothing/resend", nil)
	if a := admin.Form("/admin/o/acme/invitations/"+boss+"/resend", nil); a.Status != unknown.Status {
		t.Errorf("an invitation that one does not see answers %d, none %d", a.Status, unknown.Status)
	}
}

// TestRefusedRoles: forms say in words which role there is not, and what their reader lacks.
func TestRefusedRoles(t *testing.T) {
	o := openOffice(t, nil)
	admin := o.as["admin"]
	a := admin.Form("/admin/o/acme/invitations", url.Values{"email": {"guest@example.test"}, "role": {"emperor"}}).Want(400, "")
	expect(t, page(t, a), []string{"There is no such role: emperor."}, "ROLE_NOT_FOUND")
	a = admin.Form("/admin/o/acme/roles", url.Values{"role": {"clerk"}, "scope": {"organization:delete"}}).Want(403, "")
	expect(t, page(t, a), []string{"You cannot give what you do not hold yourself: organization:delete."})
}

// TestKindsOfActivity: the activity of an organization is filtered by what happens in
// organizations, and no two kinds read alike.
func TestKindsOfActivity(t *testing.T) {
	o := openOffice(t, nil)
	expect(t, page(t, o.as["owner"].Get("/admin/o/acme/activity")), []string{"Member added", "Role in an organization given for a time"},
		"User created", `value="user.created"`, `value="setting.`)
	named := map[string]string{}
	for _, k := range o.Host.Events.Kinds() {
		said := k.Words.English()
		if other := named[said]; other != "" {
			t.Errorf("%s and %s are both called %q", other, k.Name, said)
		}
		named[said] = k.Name
	}
	err := o.Host.Events.Record(t.Context(), auth.Event{Kind: "user.created", SubjectType: "user", Subject: "u", Organization: o.org})
	if err == nil || !strings.Contains(err.Error(), "not declared to happen in an organization") {
		t.Errorf("%v", err)
	}
}

// TestOwnActs: what people did themselves names them once, and what their words say of a
// member names the member too.
func TestOwnActs(t *testing.T) {
	o := openOffice(t, nil)
	kim := o.person("kim")
	kim.post("accept-invitation", body{"invitationId": o.invited("kim@example.test")}).Want(200, "")
	team := o.team("Kitchen")
	o.as["owner"].Form("/admin/o/acme/teams/"+team+"/members", url.Values{"user": {o.as["owner"].user.ID}}).Want(303, "")
	text := func(path string) string {
		return regexp.MustCompile(`\s+`).ReplaceAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page(t, o.as["owner"].Get(path)), " "), " ")
	}
	for _, path := range []string{"/admin/o/acme", "/admin/o/acme/activity"} {
		said := text(path)
		for _, want := range []string{`Joined the organization (Details )?kim\W`, `Put into a team owner\W+by owner`} {
			if !regexp.MustCompile(want).MatchString(said) {
				t.Errorf("%s does not say %s: %s", path, want, said)
			}
		}
	}
}

// TestShortNamesOfNames: a short name that is made of a name keeps its letters.
func TestShortNamesOfNames(t *testing.T) {
	h := open(t, nil)
	ann := h.person("ann")
	for name, want := range map[string]string{"Gamma & Söhne": "gamma-soehne", "So\u0308hne Größe": "soehne-groesse", "Škoda Českých Łódź": "skoda-ceskych-lodz", "Smørrebrød à la Æra": "smorrebrod-a-la-aera", "3 Å²": "3-a2"} {
		if a := ann.Form("/account/organizations", url.Values{"name": {name}}); a.Location() != "/admin/o/"+want {
			t.Errorf("%s: %d, to %s, want %s", name, a.Status, a.Location(), want)
		}
	}
}

// TestPermissionsOfActivity: the activity says in words what a role gives, with the codes.
func TestPermissionsOfActivity(t *testing.T) {
	o := openOffice(t, nil)
	id := o.role("cook", "team", "read")
	o.as["owner"].Form("/admin/o/acme/roles/"+id, url.Values{"scope": {"team:read", "member:delete"}}).Want(303, "")
	expect(t, page(t, o.as["owner"].Get("/admin/o/acme/activity?kind=organization.role-updated")), []string{"See the teams\u00a0· team:read", "\u00a0· member:delete"}, "{&#34;", `{"`)
}

// TestRoleOfDomain: the form of a domain keeps a role that its reader may not give, and gives
// plain membership once its role is deleted.
func TestRoleOfDomain(t *testing.T) {
	o := openOffice(t, nil)
	owner, admin := o.as["owner"], o.as["admin"]
	owner.post("create-role", body{"role": "clerk", "permission": body{"organization": []string{"delete"}}}).Want(200, "")
	domain, err := o.s.AddDomain(o.house.as(owner), o.org, "acme.example")
	if err != nil {
		t.Fatal(err)
	}
	err = o.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Organization(o.org).OrganizationDomain().UpdateOneID(domain.ID).SetVerifiedAt(o.Host.Clock()).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.s.SetJoining(o.house.as(owner), o.org, domain.ID, "automatic", "clerk"); err != nil {
		t.Fatal(err)
	}
	if text := page(t, admin.Get("/admin/o/acme/domains")); !regexp.MustCompile(`<option[^>]* value="clerk"[^>]* selected`).MatchString(text) {
		t.Error("the form of the domain proposes another role")
	}
	owner.post("invite-member", body{"email": "guest@example.test", "role": "clerk"}).Want(200, "")
	roles := page(t, owner.Get("/admin/o/acme/roles"))
	expect(t, roles, []string{"1 open invitation, 1 mail domain"})
	expect(t, page(t, owner.Get(regexp.MustCompile(`/admin/o/acme/roles/[^"/]+/delete`).FindString(roles))), []string{"becomes a plain member."})
	owner.post("delete-role", body{"roleName": "clerk"}).Want(200, "")
	if text := page(t, owner.Get("/admin/o/acme/domains")); !regexp.MustCompile(`<option[^>]* value="member"[^>]* selected`).MatchString(text) {
		t.Error("a role that is gone is still that of the domain")
	}
}

// TestNoShortName: a name without letters for a short name asks for one.
func TestNoShortName(t *testing.T) {
	o := openOffice(t, nil)
	a := o.as["chief"].Form("/admin/organizations", url.Values{"name": {"日本語"}}).Want(400, "")
	expect(t, page(t, a), []string{"The name has no letters for a short name."})
}
