package browser

import (
	"fmt"
	"testing"

	"gatehouse/e2e/product"
)

// TestManagerOfInvitations is a person whose only role gives invitations: they see that page
// and the overview, and each other one says what is missing.
func TestManagerOfInvitations(t *testing.T) {
	both(t, []string{"--organization.members_see_members=false"}, func(h *house) {
		olga, mona := h.person("Olga Owner"), h.person("Mona Manager")
		wire := h.calls(olga)
		id := h.founds(wire, "Acme", "acme")
		h.call(wire, "/api/auth/organization/create-role", map[string]any{"organizationId": id, "role": "inviter", "permission": map[string]any{"invitation": []string{"create", "cancel"}}})
		h.joins(wire, id, mona, "inviter")
		v := h.enters(mona.email, product.Password)
		v.at(within(""))
		v.offers("Overview, Invitations")
		v.seesNot("Olga Owner", "Settings")
		v.open(within("/invitations/new"))
		v.fill("email", "guest@example.test")
		v.holds("a plain member is offered", `document.querySelector('input[name=role][value=member]').checked`)
		v.must(v.tab.Drop("role", "member"))
		v.press("Invite")
		v.sees("Choose at least one role.")
		link := h.invites(v, "guest@example.test", "inviter")
		h.guest.open(link)
		h.guest.sees("Mona Manager invited you")
		v.open(within("/invitations/new"))
		v.holds("roles that give more are not offered", `[...document.querySelectorAll('input[name=role]')].map((e) => e.value).sort().join() === 'inviter,member'`)
		v.refusedAt(map[string]string{"/members": "See the members", "/teams": "See the teams", "/roles": "See how the organization is set up",
			"/domains": "See the mail domains", "/activity": "See the activity", "/settings": "See how the organization is set up", "/delete": "Delete the organization", "/teams/new": "Make teams"})
		v.open("/admin/users")
		v.sees("allowed")
		v.open("/admin/organizations")
		v.sees("allowed", "See the list of organizations")
		v.open("/admin/o/nowhere")
		v.sees("There is no organization at this address, or you do not belong to it.")
	})
}

// TestMemberOfOrganization is a person without a role that gives anything: they see people
// and teams where the settings let them, and leave.
func TestMemberOfOrganization(t *testing.T) {
	for _, seen := range []bool{true, false} {
		t.Run(fmt.Sprintf("members see members %v", seen), func(t *testing.T) {
			both(t, []string{fmt.Sprintf("--organization.members_see_members=%v", seen)}, func(h *house) {
				olga, mike := h.person("Olga Owner"), h.person("Mike Member")
				wire := h.calls(olga)
				id := h.founds(wire, "Acme", "acme")
				h.joins(wire, id, mike, "member")
				v := h.enters(mike.email, product.Password)
				v.at(within(""))
				v.seesNot("Invite")
				if seen {
					v.offers("Overview, Members, Teams")
					v.sees("Olga Owner")
					v.open(within("/members"))
					v.sees("Olga Owner", "Mike Member")
					v.press("Olga Owner")
					v.seesNot("Change roles", "Remove", "Give a role")
					v.open(within("/teams"))
					v.sees("Acme", "1 team")
					v.seesNot("New team")
				} else {
					v.offers("Overview")
					v.seesNot("Olga Owner")
					v.refusedAt(map[string]string{"/members": "See the members", "/teams": "See the teams"})
				}
				v.refusedAt(map[string]string{"/invitations": "Invite people", "/settings": "See how the organization is set up", "/activity": "See the activity"})
				v.open(within(""))
				v.ask("Leave")
				v.sees("Leave Acme?")
				v.press("Leave")
				v.at("/account/organizations")
				v.sees("You left Acme.", "You belong to no organization")
				v.open(within(""))
				v.seesNot("Your membership")

				sole := h.enters(olga.email, product.Password)
				sole.open(within("/leave"))
				sole.press("Leave")
				sole.sees("You cannot leave the organization")
			})
		})
	}
}

// TestAdministratorOfOrganizations is somebody with a role on the whole server: they see all
// organizations, act in one without being a member, and the activity says so.
func TestAdministratorOfOrganizations(t *testing.T) {
	both(t, nil, func(h *house) {
		olga := h.person("Olga Owner")
		boss := h.enters(product.AdminEmail, product.AdminPassword)
		boss.open("/admin/organizations")
		boss.sees("No organizations yet")
		boss.press("New organization")
		boss.fill("name", "Acme", "owner", "nobody@example.test")
		boss.press("Create organization")
		boss.sees("Nobody has this address.")
		boss.fill("owner", olga.email)
		boss.press("Create organization")
		boss.at(within(""))
		boss.sees("Acme is made.", "You are no member", "Olga Owner")
		boss.seesNot("Your membership")
		boss.open("/admin/organizations?q=acm")
		boss.sees("Acme", "1 organization")
		boss.press("Acme")
		h.invites(boss, "guest@example.test", "owner")

		mia := h.person("Mia Member")
		boss.open(within("/members"))
		boss.press("Add somebody")
		boss.fill("email", "nobody@example.test")
		boss.press("Add")
		boss.sees("Nobody has this address. Invite them instead.")
		boss.fill("email", mia.email)
		boss.press("Add")
		boss.sees("is a member now.", "Mia Member")
		boss.ask("Remove")
		boss.press("Remove")
		boss.sees("Mia Member is no member any more.")

		boss.open(within("/domains"))
		boss.fill("domain", "example.test")
		boss.press("Add domain")
		boss.press("Vouch for it")
		boss.sees("The domain counts as proved, on your word.", "Proved by an administrator")
		boss.choose("joining", "approval")
		boss.press("Save")
		h.asks(boss, mia)
		boss.open(within("/settings"))
		boss.fill("limit", "7")
		boss.press("Save limit")
		boss.sees("The organization is saved.")
		for _, page := range []string{"", "/members", "/members/add", "/invitations", "/teams", "/roles", "/domains", "/activity", "/settings"} {
			boss.fits(within(page))
		}

		v := h.enters(olga.email, product.Password)
		v.open(within("/activity"))
		v.sees("Invited to an organization")
		v.holds("the log says that no member did it", `document.querySelector('main').textContent.includes('without being a member')`)
		h.switches(boss)
		h.leavesNobody(boss, olga)
	})
}

// leavesNobody deletes the only owner of acme, which takes insisting.
func (h *house) leavesNobody(boss *visitor, owner person) {
	h.Helper()
	boss.open(owner.path())
	boss.ask("More actions", "Delete")
	boss.fill("confirm", owner.email)
	boss.press("Delete user")
	boss.sees("This person is the only owner of Acme, which has other members.")
	boss.fits("")
	boss.fill("confirm", owner.email)
	boss.choose("force", "true")
	boss.press("Delete user")
	boss.sees("Olga Owner was deleted.")
	boss.open(within(""))
	boss.sees("Nobody owns this organization.")
}

// asks is how a person asks to join by the domain of their address, and is let in.
func (h *house) asks(boss *visitor, p person) {
	h.Helper()
	boss.open(p.path())
	boss.ask("More actions", "Mark as verified")
	boss.press("Mark as verified")
	v := h.enters(p.email, product.Password)
	v.open("/account/organizations")
	v.sees("Your address is in the domain example.test")
	v.press("Ask to join")
	v.sees("Your request is sent.", "asked just now", "Withdraw")
	boss.open(within("/domains"))
	boss.sees("Requests to join", p.name)
	boss.press("Agree")
	boss.sees("They are a member now.")
	v.open("/account/organizations")
	v.press("Acme")
	v.at(within(""))
}

// switches goes from the server to one organization, to another, and back.
func (h *house) switches(boss *visitor) {
	h.Helper()
	h.founds(h.wire, "North", "north")
	h.founds(h.wire, "South", "south")
	boss.open("/admin")
	for _, way := range []struct{ from, to, at string }{{"Whole server", "North", "/admin/o/north"}, {"North", "South", "/admin/o/south"}, {"South", "Whole server", "/admin"}, {"Whole server", "All organizations", "/admin/organizations"}} {
		boss.click("Change from " + way.from + " to another place")
		boss.press(way.to)
		boss.at(way.at)
	}
	boss.sees("North", "South", "Acme", "3 organizations")
	boss.open(within(""))
	boss.click("Change from Acme to another place")
	boss.press("North")
	boss.at("/admin/o/north")
	boss.sees("Your membership")
	boss.seesNot("You are no member")
}
