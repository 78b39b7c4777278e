package organization_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/plugins/organization"
)

// TestPersonsOrganizations: the page about a person lists where they are a member and what
// they are invited to, for administrators of the platform, who add them from there.
func TestPersonsOrganizations(t *testing.T) {
	o := openOffice(t, nil)
	chief, viewer := o.as["chief"], o.as["viewer"]
	at := func(p *someone) string { return "/admin/users/" + p.user.ID + "/organizations" }
	member := o.as["member"]
	expect(t, page(t, chief.Get("/admin/users/"+member.user.ID)), []string{`href="` + at(member) + `"`})

	stranger := o.as["stranger"]
	empty := page(t, chief.Get(at(stranger)))
	expect(t, empty, []string{"No organizations", "Add to an organization"}, "They wait for an answer")

	end := o.Clock.Now().Add(30 * 24 * time.Hour)
	row := o.row(o.org, member)
	if _, err := o.s.SetPeriod(o.as_("owner"), o.org, row.ID, organization.Period{End: &end}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.s.GrantRole(o.as_("owner"), o.org, row.ID, "admin", organization.Period{End: &end}); err != nil {
		t.Fatal(err)
	}
	there := "/admin/o/acme/members/" + row.ID
	expect(t, page(t, chief.Get(at(member))), []string{"ACME", `href="` + there + `"`, `href="` + there + `/remove"`, "Active for a time", "Admin, for a time", "until"})
	expect(t, page(t, viewer.Get(at(member))), []string{"ACME", `href="` + there + `"`}, there+"/remove", "Add to an organization")
	expect(t, page(t, chief.Get(at(o.as["owner"]))), []string{there[:len("/admin/o/acme/members/")], "Owner"})
	if a := o.as["owner"].Get(at(member)); a.Status != 403 || strings.Contains(string(a.Body), "ACME</") {
		t.Errorf("an owner of an organization: %d", a.Status)
	}

	o.invited("stranger@example.test")
	expect(t, page(t, chief.Get(at(stranger))), []string{"They wait for an answer of this address.", "/admin/o/acme/invitations?q=stranger%40example.test"})
	expect(t, page(t, viewer.Get(at(stranger))), nil, "They wait for an answer", "ACME")

	add := at(stranger) + "/add"
	expect(t, page(t, chief.Get(add)), []string{"Add stranger to an organization", `name="organization"`, `name="start"`})
	expect(t, page(t, chief.Form(add, url.Values{"organization": {"nowhere"}, "role": {"member"}}).Want(400, "")), []string{"No organization has this short name or id.", `value="nowhere"`})
	chief.Form(add, url.Values{"organization": {"acme"}, "role": {"member"}, "end": {"2000-01-01T00:00"}}).Want(400, "")
	chief.Form("/admin/users/nobody/organizations/add", url.Values{"organization": {"acme"}, "role": {"member"}}).Want(404, "")
	viewer.Form(add, url.Values{"organization": {"acme"}, "role": {"member"}}).Want(403, "")
	if o.row(o.org, stranger) != nil {
		t.Fatal("a refused form made a member")
	}
	chief.Form(add, url.Values{"organization": {"acme"}, "role": {"admin"}, "end": {"2040-01-01T00:00"}}).Want(303, "")
	if m := o.row(o.org, stranger); m == nil || m.Role != "admin" || m.EndsAt == nil || m.EndsAt.Year() != 2040 {
		t.Errorf("the membership: %+v", m)
	}
	expect(t, page(t, chief.Get(at(stranger))), []string{"stranger is a member of ACME now.", "Active for a time"})
	expect(t, page(t, chief.Form(add, url.Values{"organization": {o.org}, "role": {"member"}}).Want(400, "")), []string{"already a member"})
}

// TestInvitationsOfOwnersOnAPage: an invitation that makes an owner is seen by those who are
// owners everywhere.
func TestInvitationsOfOwnersOnAPage(t *testing.T) {
	o := openOffice(t, map[string]string{"admin.roles": `{ guide = { scopes = ["user:get", "member:read", "invitation:create"] } }`})
	o.as["owner"].post("invite-member", body{"email": "stranger@example.test", "role": "owner", "organizationId": o.org}).Want(200, "")
	at := "/admin/users/" + o.as["stranger"].user.ID + "/organizations"
	expect(t, page(t, o.as["chief"].Get(at)), []string{"They wait for an answer"})
	o.rank("viewer", "guide")
	expect(t, page(t, o.as["viewer"].Get(at)), []string{"No organizations"}, "They wait for an answer")
}

// TestTileOfOrganizations: the overview counts the organizations, those of the last days
// apart, for those who may list them.
func TestTileOfOrganizations(t *testing.T) {
	o := openOffice(t, nil)
	o.as["owner"].found("branch")
	body := page(t, o.as["viewer"].Get("/admin"))
	expect(t, body, []string{`href="/admin/organizations"`, "+2 in 7 days"})
	o.Clock.Advance(8 * 24 * time.Hour)
	o.enter(o.as["owner"].user).found("young")
	expect(t, page(t, o.enter(o.as["viewer"].user).Get("/admin")), []string{"+1 in 7 days"})
}
