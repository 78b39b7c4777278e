package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// both takes a journey with scripts and without, each time at a server of its own. The
// server sends no mail: what is for others is handed over.
func both(t *testing.T, flags []string, journey func(h *house)) {
	for _, plain := range []bool{false, true} {
		t.Run(map[bool]string{false: "with scripts", true: "without scripts"}[plain], func(t *testing.T) {
			h := &house{T: t, data: t.TempDir(), plain: plain}
			h.server = server(t, append([]string{product.WithAdmin(), "--data=" + h.data}, flags...)...)
			h.wire = h.server.Client()
			if _, err := h.wire.SignIn(); err != nil {
				t.Fatal(err)
			}
			h.guest = h.visit()
			journey(h)
		})
	}
}

// within is a page of the organization acme.
func within(page string) string { return "/admin/o/acme" + page }

// calls are the session of somebody who uses the wire.
func (h *house) calls(p person) *product.Client {
	h.Helper()
	c := h.server.Client()
	h.call(c, "/api/auth/sign-in/email", map[string]any{"email": p.email, "password": product.Password})
	return c
}

// call posts to a path, which has to work, and returns the answer.
func (h *house) call(c *product.Client, path string, body map[string]any) map[string]any {
	h.Helper()
	a, err := c.Do(http.MethodPost, path, body, nil)
	if err != nil || a.Status != http.StatusOK {
		h.Fatalf("%s: %s %v", path, a.Text, err)
	}
	return a.JSON
}

// founds makes an organization of a person, and returns its id.
func (h *house) founds(c *product.Client, name, slug string) string {
	h.Helper()
	id, _ := h.call(c, "/api/auth/organization/create", map[string]any{"name": name, "slug": slug})["id"].(string)
	return id
}

// joins invites a person into an organization, and accepts in their name.
func (h *house) joins(owner *product.Client, organization string, p person, role string) {
	h.Helper()
	id := h.call(owner, "/api/auth/organization/invite-member", map[string]any{"email": p.email, "role": role, "organizationId": organization})["id"]
	h.call(h.calls(p), "/api/auth/organization/accept-invitation", map[string]any{"invitationId": id})
}

// scanned is the path of the link on a page that hands something over, which has a code to
// scan as well.
func (h *house) scanned(v *visitor) string {
	h.Helper()
	v.holds("a code to scan", `document.querySelector('svg.qr path').getBoundingClientRect().width > 100`)
	return strings.TrimPrefix(v.handed(), h.server.URL)
}

// invites makes an invitation to acme, and returns the path of its link.
func (h *house) invites(v *visitor, email string, roles ...string) string {
	h.Helper()
	v.open(within("/invitations"))
	v.press("Invite")
	v.sees("No mail server is set")
	v.fill("email", email)
	for _, role := range roles {
		v.choose("role", role)
	}
	v.press("Invite")
	v.sees("Invitation for " + email)
	return h.scanned(v)
}

// moment types a moment into a field, as a browser sends it.
func (v *visitor) moment(name, value string) {
	v.Helper()
	found, err := chrome.Eval[bool](v.tab, fmt.Sprintf(`(() => {
		const open = [...document.querySelectorAll('dialog[open]')].at(-1) || document;
		const field = [...open.querySelectorAll('input[type=datetime-local]')].find((e) => e.name === %q);
		if (field) field.value = %q;
		return Boolean(field);
	})()`, name, value))
	if v.must(err); !found {
		v.Fatalf("there is no moment %s", name)
	}
}

// refusedAt expects that pages of acme are closed, and that each says what is missing.
func (v *visitor) refusedAt(missing map[string]string) {
	v.Helper()
	for page, what := range missing {
		v.open(within(page))
		v.sees("allowed", what)
	}
}

// offered are the pages of an organization that the navigation leads to.
func (v *visitor) offered() string {
	v.Helper()
	list, err := chrome.Eval[[]string](v.tab, `[...document.querySelectorAll('nav a[href^="/admin/o/"]')].filter((e) => e.checkVisibility() && !e.closest('.brand')).map((e) => e.innerText.trim())`)
	v.must(err)
	return strings.Join(list, ", ")
}

func (v *visitor) offers(want string) {
	v.Helper()
	if got := v.offered(); got != want {
		v.Errorf("the navigation offers %q, want %q", got, want)
	}
}

// TestOwnerOfOrganization is what somebody does with an organization of their own, and what
// those see whom they invite.
func TestOwnerOfOrganization(t *testing.T) {
	both(t, []string{"--sign_up.enabled=true"}, func(h *house) {
		olga := h.visit()
		olga.begins()
		h.newcomer(olga)
		h.comesBack(olga)
		h.turnsDown(olga)
		h.member(olga)
		h.team(olga)
		h.role(olga)
		h.domain(olga)
		for _, page := range []string{"", "/members", "/invitations", "/invitations/new", "/teams", "/teams/new", "/roles", "/roles/new", "/domains", "/activity", "/settings", "/delete", "/leave"} {
			olga.fits(within(page))
		}
		h.closes(olga)
	})
}

// begins signs up and makes an organization.
func (v *visitor) begins() {
	v.Helper()
	v.open("/sign-up")
	v.fill("name", "Olga Owner", "email", "olga@example.test", "password", product.Password)
	v.press("Create")
	v.at("/account")
	v.open("/account/organizations")
	v.sees("You belong to no organization")
	v.press("New organization")
	v.fill("name", "Acme", "slug", "not an address")
	v.press("Create organization")
	v.sees("Use letters, digits, - and _, at most 64.")
	v.fill("slug", "")
	v.press("Create organization")
	v.at(within(""))
	v.sees("Acme is made.", "Your membership", "Owner")
	v.seesNot("You are no member")
	v.open("/account/organizations/new")
	v.fill("name", "Acme")
	v.press("Create organization")
	v.sees("This short name is taken.")
	v.open("/") // the only organization is home
	v.at(within(""))
}

// newcomer is invited, makes an account and lands in the organization.
func (h *house) newcomer(olga *visitor) {
	h.Helper()
	link := h.invites(olga, "nina@example.test")
	olga.press("Back to the invitations")
	olga.sees("nina@example.test", "Not accepted yet", "Olga Owner")
	nina := h.visit()
	nina.open(link)
	nina.sees("Join Acme", "Olga Owner invited you", "nina@example.test", "Member")
	nina.fill("name", "Nina New", "password", "short")
	nina.press("Create my account")
	nina.sees("This password is too short.")
	nina.fill("password", product.Password)
	nina.press("Create my account")
	nina.at(within(""))
	nina.sees("Acme", "Your membership")
	h.guest.open(link)
	h.guest.sees("does not work any more")
}

// comesBack has an account: is led through the sign-in and back. Somebody else's session is
// told so.
func (h *house) comesBack(olga *visitor) {
	h.Helper()
	paul := h.person("Paul Present")
	link := h.invites(olga, paul.email)
	other := h.enters(h.person("Oscar Other").email, product.Password)
	other.open(link)
	other.sees("with another address")
	other.seesNot("Accept the invitation")
	other.press("Sign out and use another account")
	other.at("/sign-in")
	other.fill("email", paul.email, "password", product.Password)
	other.press("Sign in")
	other.at(link)
	other.sees("Accept the invitation")
	v := h.visit()
	v.open(link)
	v.press("Sign in to accept")
	v.at("/sign-in")
	v.fill("email", paul.email, "password", product.Password)
	v.press("Sign in")
	v.at(link)
	v.press("Accept the invitation")
	v.at(within(""))
	v.sees("Welcome. The invitation is accepted.")
}

// turnsDown declines one invitation; another is cancelled.
func (h *house) turnsDown(olga *visitor) {
	h.Helper()
	dora := h.person("Dora Decline")
	link := h.invites(olga, dora.email)
	v := h.enters(dora.email, product.Password)
	v.open(link)
	v.press("Decline")
	v.sees("The invitation is declined.")
	v.open(link)
	v.sees("does not work any more")
	olga.open(within("/invitations?state=rejected"))
	olga.sees(dora.email, "Declined")
	olga.seesNot("nina@example.test")

	link = h.invites(olga, "casper@example.test", "admin")
	olga.press("Back to the invitations")
	olga.click("Actions for the invitation of casper@example.test")
	olga.press("Show the link")
	if again := h.scanned(olga); again != link {
		h.Errorf("the link was %s and is %s", link, again)
	}
	olga.press("Back to the invitations")
	olga.click("Actions for the invitation of casper@example.test")
	olga.press("Cancel…")
	olga.press("Cancel invitation")
	olga.sees("The invitation of casper@example.test is cancelled.")
	h.guest.open(link)
	h.guest.sees("does not work any more")
}

// member changes roles and time of one member, and removes another.
func (h *house) member(olga *visitor) {
	h.Helper()
	olga.open(within("/members?q=nina"))
	olga.sees("1 member")
	olga.press("Nina New")
	olga.sees("nina@example.test", "Member", "None")
	olga.ask("Change roles")
	olga.must(olga.tab.Drop("role", "member"))
	olga.press("Save roles")
	olga.sees("Choose at least one role.")
	olga.choose("role", "admin")
	olga.press("Save roles")
	olga.sees("Nina New has new roles.", "Admin")
	olga.ask("Change roles")
	olga.must(olga.tab.Drop("role", "admin"))
	olga.choose("role", "member")
	olga.press("Save roles")

	olga.ask("Set start and end")
	olga.moment("end", "2001-01-01T12:00")
	olga.press("Save")
	olga.sees("The end must lie ahead, and after the start.")
	olga.moment("end", "2097-03-04T12:00")
	olga.press("Save")
	olga.sees("The time of the membership is saved.", "Active for a time", "2097")

	olga.ask("Give a role")
	olga.choose("role", "admin")
	olga.press("Give the role")
	olga.sees("Say when it ends.")
	olga.moment("end", "2096-03-04T12:00")
	olga.press("Give the role")
	olga.sees("The role is given.", "Admin, for a time", "2096")
	olga.fits("")
	nina := h.enters("nina@example.test", product.Password)
	nina.open(within("/settings"))
	nina.sees("Short name")
	nina.seesNot("Delete organization")
	olga.press("End now")
	olga.sees("The role has ended.", "None")
	nina.open(within("/settings"))
	nina.sees("See how the organization is set up")

	olga.open(within("/members"))
	olga.press("Paul Present")
	olga.ask("Remove")
	olga.press("Remove")
	olga.at(within("/members"))
	olga.sees("Paul Present is no member any more.")
	paul := h.enters(address("Paul Present"), product.Password)
	paul.open(within(""))
	paul.seesNot("Nina New", "Olga Owner")
	paul.open("/account/organizations")
	paul.sees("You belong to no organization")
}

// team makes a team, puts somebody in and out, renames and removes it.
func (h *house) team(olga *visitor) {
	h.Helper()
	olga.open(within("/teams"))
	olga.press("New team")
	olga.fill("name", "Kitchen")
	olga.press("Create team")
	olga.sees("The team Kitchen is made.", "Nobody is in this team yet")
	olga.fill("q", "nobody")
	olga.press("Search")
	olga.sees("No member matches who is not in the team.")
	olga.fill("q", "nina")
	olga.press("Search")
	olga.press("Put in")
	olga.sees("Nina New", "Take out")
	olga.press("Take out")
	olga.sees("Nobody is in this team yet")
	olga.fill("q", "nina")
	olga.press("Search")
	olga.press("Put in")
	olga.must(olga.tab.Press("Take out")) // the offer to undo it goes by itself
	olga.must(olga.tab.Press("Undo"))
	olga.sees("Take out")
	olga.ask("Rename")
	olga.fill("name", "Bakery")
	olga.press("Save")
	olga.sees("The team has a new name.", "Bakery")
	olga.fits("")
	olga.open(within("/members?q=nina"))
	olga.press("Nina New")
	olga.sees("Bakery")
	olga.press("Bakery")
	olga.ask("Remove")
	olga.press("Remove team")
	olga.sees("The team Bakery is removed.")
}

// role makes a role in the matrix, looks what it would show, changes it, gives it and takes
// it away again.
func (h *house) role(olga *visitor) {
	h.Helper()
	olga.open(within("/roles"))
	olga.sees("No roles of your own yet", "See the members")
	olga.press("New role")
	olga.fill("role", "inviter", "description", "Brings people in")
	olga.choose("scope", "invitation:create")
	olga.press("Show what holders see")
	olga.sees("Overview, Members", "Invitations")
	olga.holds("the choice is kept", `document.querySelector('input[name=scope][value="invitation:create"]').checked && document.querySelector('input[name=role]').value === 'inviter'`)
	olga.press("Save role")
	olga.sees("The role is saved.", "inviter", "Brings people in", "1 permission", "0 members")
	olga.press("inviter")
	olga.choose("scope", "invitation:cancel")
	olga.choose("scope", "domain:read")
	olga.press("Show what holders see")
	olga.sees("New: Domains")
	olga.press("Save role")
	olga.sees("3 permissions")
	olga.press("inviter")
	olga.fits("")

	olga.open(within("/members?q=nina"))
	olga.press("Nina New")
	olga.ask("Change roles")
	olga.choose("role", "inviter")
	olga.press("Save roles")
	olga.open(within("/roles"))
	olga.sees("1 member")
	olga.press("Delete")
	olga.press("Delete role")
	olga.sees("The role is in use by 1 member.")
	olga.open(within("/members?q=nina"))
	olga.press("Nina New")
	olga.ask("Change roles")
	olga.must(olga.tab.Drop("role", "inviter"))
	olga.press("Save roles")
	olga.open(within("/roles"))
	olga.press("Delete")
	olga.press("Delete role")
	olga.sees("The role inviter is deleted.", "No roles of your own yet")
}

// domain adds a mail domain, whose record nobody has made, and removes it.
func (h *house) domain(olga *visitor) {
	h.Helper()
	olga.open(within("/domains"))
	olga.sees("No domains yet")
	olga.fill("domain", "no domain")
	olga.press("Add domain")
	olga.sees("This is not a domain, such as example.com.")
	olga.fill("domain", "acme.example")
	olga.press("Add domain")
	olga.sees("acme.example is added.", "Not proved yet", "TXT", "Nobody joins by it")
	olga.seesNot("Vouch for it")
	olga.choose("joining", "approval")
	olga.press("Save")
	olga.sees("The way to join is saved.")
	olga.fits("")
	olga.press("Remove")
	olga.press("Remove domain")
	olga.sees("acme.example is removed.", "No domains yet")
}

// closes renames the organization, and deletes it.
func (h *house) closes(olga *visitor) {
	h.Helper()
	olga.open(within("/settings"))
	olga.must(olga.tab.Upload("picture", h.picture()))
	olga.press("Save picture")
	olga.sees("The picture is saved.")
	olga.until("it is shown", `document.querySelector('main .avatar img')?.naturalWidth > 0`)
	olga.press("Remove picture")
	olga.sees("The picture is removed.")
	olga.fill("name", "Acme Works", "slug", "acme works")
	olga.press("Save")
	olga.sees("Use letters, digits, - and _, at most 64.")
	olga.fill("slug", "works")
	olga.press("Save")
	olga.at("/admin/o/works/settings")
	olga.sees("The organization is saved.", "Acme Works")
	olga.open("/admin/o/works/activity")
	olga.sees("Organization changed", "Mail domain removed", "Role of an organization made", "Team removed")
	olga.press("Next")
	olga.sees("Organization made", "Joined the organization")
	olga.open("/admin/o/works/settings")
	olga.ask("Delete organization")
	if !h.plain {
		olga.holds("nothing goes before the short name is typed", `document.querySelector('dialog[open] [data-confirm]').disabled`)
	}
	olga.holds("another name is not taken", `(() => { const f = [...document.querySelectorAll('input[name=confirm]')].find((e) => e.checkVisibility()); f.value = 'acme'; const bad = !f.checkValidity(); f.value = ''; return bad; })()`)
	olga.fill("confirm", "works")
	olga.press("Delete organization")
	olga.sees("Acme Works is deleted.")
	olga.at("/account")
	olga.open("/account/organizations")
	olga.sees("You belong to no organization")
}
