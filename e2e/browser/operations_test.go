package browser

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"gatehouse/auth/mail/mailtest"
	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// house is a server with a mailbox that gets everything, and its owner.
type house struct {
	*testing.T
	server *product.Server
	mail   *mailtest.Server
	wire   *product.Client // the owner without a browser, to make people
	data   string
	boss   *visitor // the owner
	guest  *visitor // never signed in
	plain  bool     // browsers run no scripts
}

// open starts a server whose owner has signed in at a browser, with scripts or without.
func open(t *testing.T, plain bool, flags ...string) *house {
	t.Helper()
	h := &house{T: t, mail: mailtest.Start(t, mailtest.Options{}), data: t.TempDir(), plain: plain}
	h.server = server(t, append([]string{product.WithAdmin(), "--data=" + h.data, "--smtp=" + h.mail.URL()}, flags...)...)
	h.wire = h.server.Client()
	if _, err := h.wire.SignIn(); err != nil {
		t.Fatal(err)
	}
	h.boss, h.guest = h.enters(product.AdminEmail, product.AdminPassword), h.visit()
	return h
}

// step is a part of a journey.
type step struct {
	name string
	do   func(h *house)
}

// walk takes the steps with scripts and without, each time at a server of its own.
func walk(t *testing.T, flags []string, steps []step) {
	for _, plain := range []bool{false, true} {
		t.Run(map[bool]string{false: "with scripts", true: "without scripts"}[plain], func(t *testing.T) {
			h := open(t, plain, flags...)
			for _, s := range steps {
				t.Run(s.name, func(t *testing.T) {
					now, boss, guest := *h, *h.boss, *h.guest
					now.T, now.boss, now.guest, boss.T, guest.T = t, &boss, &guest, t, t
					s.do(&now)
				})
			}
		})
	}
}

// visit opens another browser.
func (h *house) visit() *visitor {
	h.Helper()
	if h.plain {
		return without(h.T, h.server)
	}
	return visit(h.T, h.server)
}

// person is somebody who has an account.
type person struct{ id, name, email string }

func (p person) path() string { return "/admin/users/" + p.id }

// address is that of a name.
func address(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.test"
}

// person makes somebody with the usual password. further is what else is sent.
func (h *house) person(name string, further ...string) person {
	h.Helper()
	p := person{name: name, email: address(name)}
	body := map[string]any{"name": name, "email": p.email, "password": product.Password}
	for i := 0; i+1 < len(further); i += 2 {
		body[further[i]] = further[i+1]
	}
	a, err := h.wire.Do(http.MethodPost, "/api/auth/admin/create-user", body, nil)
	if err != nil || a.Status != http.StatusOK {
		h.Fatalf("making %s: %s %v", name, a.Text, err)
	}
	p.id, _ = a.JSON["user"].(map[string]any)["id"].(string)
	return p
}

// enters signs somebody in at a browser of their own.
func (h *house) enters(email, password string) *visitor {
	h.Helper()
	v := h.visit()
	v.signIn(email, password)
	return v
}

// refused expects that somebody cannot sign in, and sees why.
func (h *house) refused(email, password, why string) {
	h.Helper()
	h.guest.signIn(email, password)
	h.guest.at("/sign-in")
	h.guest.sees(why)
}

var links = regexp.MustCompile(`http://localhost:[0-9]+(/[^\s"<>]+)`)

// mailed waits for a message to an address that says so, and returns the path of its
// link. The newest one counts.
func (h *house) mailed(to, says string) string {
	h.Helper()
	for range 100 {
		list := h.mail.Mails()
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].To != to || !strings.Contains(list[i].Subject+"\n"+list[i].Text, says) {
				continue
			}
			if found := links.FindStringSubmatch(list[i].Text); found != nil {
				return found[1]
			}
			return ""
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, m := range h.mail.Mails() {
		h.Logf("%s: %s\n%s", m.To, m.Subject, m.Text)
	}
	h.Fatalf("no mail to %s says %q", to, says)
	return ""
}

// link is the path of the link on a page that hands something over.
func (h *house) link() string {
	h.Helper()
	h.boss.holds("a code to scan", `document.querySelector('svg.qr path').getBoundingClientRect().width > 100`)
	return strings.TrimPrefix(h.boss.handed(), h.server.URL)
}

// TestOperations does everything that is done to people in the console, and looks at it
// with their eyes.
func TestOperations(t *testing.T) {
	walk(t, nil, []step{
		{"create with a password", createWithPassword}, {"create with a link", createWithLink}, {"create by mail", createByMail}, {"create with nothing", createWithNothing},
		{"invite by mail", inviteByMail}, {"invite by a link", inviteByLink},
		{"temporary password", temporaryPassword}, {"set password", setPassword}, {"reset", sendReset}, {"sign-in link", signInLink},
		{"verify", verifyAddress}, {"ban", banAndRelease}, {"end sessions", endSessions}, {"role", changeRole},
		{"impersonate", impersonate}, {"impersonate to look", impersonateToLook}, {"delete", deletePerson}, {"note", noteAndMetadata},
		{"several", several}, {"many", many},
	})
}

// create fills the form for a new person.
func (h *house) create(name, way string) person {
	h.Helper()
	p := person{name: name, email: address(name)}
	h.boss.open("/admin/users")
	h.boss.press("Create user")
	h.boss.fill("name", name, "email", p.email)
	h.boss.choose("way", way)
	return p
}

func createWithPassword(h *house) {
	p := h.create("Paula Pass", "password")
	h.boss.fill("password", "short")
	h.boss.press("Create user")
	h.boss.sees("Password too short")
	h.boss.fill("password", product.Password)
	h.boss.choose("temporary", "false")
	h.boss.press("Create user")
	h.boss.sees("Paula Pass was created.", p.email, "They can change it")
	if h.boss.handed() != product.Password {
		h.Error("another password is handed over")
	}
	h.enters(p.email, product.Password).at("/account")
}

func createWithLink(h *house) {
	p := h.create("Linda Link", "hand")
	h.boss.press("Create user")
	h.boss.sees("Linda Link was created.", "It works once")
	h.choosesPassword(h.link(), p)
}

func createByMail(h *house) {
	p := h.create("Mia Mail", "mail")
	h.boss.press("Create user")
	h.boss.sees("A link went to "+p.email, "Mia Mail")
	h.choosesPassword(h.mailed(p.email, "/reset-password"), p)
}

// choosesPassword follows a link to a new password, which works once.
func (h *house) choosesPassword(link string, p person) {
	h.Helper()
	v := h.visit()
	v.open(link)
	v.fill("newPassword", newPassword)
	v.press("Save")
	v.signIn(p.email, newPassword)
	v.at("/account")
	v.sees(p.name)
	h.guest.open(link)
	h.guest.sees("does not work any more")
}

func createWithNothing(h *house) {
	p := h.create("Nora None", "nothing")
	h.boss.press("Create user")
	h.boss.sees("Nora None was created.", "Still to do", "Get a way to sign in")
	h.refused(p.email, product.Password, "Invalid email or password")
}

func inviteByMail(h *house) {
	email := address("Ivan Invited")
	h.boss.open("/admin/invitations")
	h.boss.press("Invite")
	h.boss.fill("email", email, "name", "Ivan Invited")
	h.boss.choose("by", "mail")
	h.boss.press("Invite")
	h.boss.sees("An invitation went to "+email, "Not accepted yet")
	first := h.mailed(email, "/accept-invitation/")

	h.boss.click("Actions for the invitation of " + email)
	h.boss.press("Send again")
	h.boss.sees("An invitation went to " + email)
	second := first
	for range 50 {
		if second = h.mailed(email, "/accept-invitation/"); second != first {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	guest := h.visit()
	guest.open(first)
	guest.sees("does not work")
	guest.open(second)
	guest.sees(email)
	guest.fill("password", product.Password)
	guest.press("Create my account")
	guest.at("/account")
	guest.sees("Ivan Invited")
	h.boss.open("/admin/invitations?q=" + email)
	h.boss.sees("Accepted")
	h.boss.seesNot("Not accepted yet")
}

func inviteByLink(h *house) {
	email := address("Hanna Hand")
	h.boss.open("/admin/invitations/new")
	h.boss.fill("email", email)
	h.boss.choose("by", "hand")
	h.boss.press("Invite")
	h.boss.sees("Invitation for " + email)
	first := h.link()
	h.boss.press("Back to the invitations")
	h.boss.click("Actions for the invitation of " + email)
	h.boss.press("New link to hand over")
	second := h.link()
	h.guest.open(first)
	h.guest.sees("does not work")
	h.guest.open(second)
	h.guest.sees(email)
	h.boss.press("Back to the invitations")
	h.boss.ask("Actions for the invitation of "+email, "Cancel…")
	h.boss.press("Cancel invitation")
	h.boss.sees("The invitation is cancelled.")
	h.guest.open(second)
	h.guest.sees("does not work")
}

// act asks on the page of a person for an act of the menu.
func (h *house) act(p person, label string) {
	h.Helper()
	h.boss.open(p.path())
	h.boss.ask("More actions", label)
}

func temporaryPassword(h *house) {
	p := h.person("Tom Temporary")
	former := h.enters(p.email, product.Password)
	h.act(p, "Temporary password")
	h.boss.press("Make password")
	h.boss.sees("Temporary password of Tom Temporary", p.email, "Everything as one text")
	text := h.boss.handed()
	former.open("/account")
	former.at("/sign-in")
	h.refused(p.email, product.Password, "Invalid email or password")

	v := h.enters(p.email, text)
	v.at("/new-password")
	v.fill("password", text)
	v.press("Save and go on")
	v.sees("This is the temporary password")
	v.fill("password", newPassword)
	v.press("Save and go on")
	v.at("/account")
	h.refused(p.email, text, "Invalid email or password")
	h.boss.press("Back to Tom Temporary")
	h.boss.seesNot("Choose their own password")
	h.boss.press("Activity")
	h.boss.sees("Own password chosen", "User created")
}

func setPassword(h *house) {
	p := h.person("Sara Set")
	h.act(p, "Set password")
	h.boss.fill("password", "short")
	h.boss.press("Set password")
	h.boss.sees("Password too short")
	h.boss.fill("password", newPassword)
	h.boss.press("Set password")
	h.boss.sees("The password of Sara Set is set.")
	h.refused(p.email, product.Password, "Invalid email or password")
	h.enters(p.email, newPassword).at("/account")
}

func sendReset(h *house) {
	p := h.person("Rita Reset")
	h.act(p, "Send reset link")
	h.boss.choose("by", "mail")
	h.boss.press("Make link")
	h.boss.sees("A link went to " + p.email)
	h.choosesPassword(h.mailed(p.email, "/reset-password"), p)
	h.refused(p.email, product.Password, "Invalid email or password")
	h.act(p, "Send reset link")
	h.boss.choose("by", "hand")
	h.boss.press("Make link")
	h.boss.sees("Link for Rita Reset")
	h.choosesPassword(h.link(), p)
}

func signInLink(h *house) {
	p := h.person("Otto Once")
	h.act(p, "Sign-in link")
	h.boss.press("Make link")
	h.boss.sees("Sign-in link for Otto Once", "It works once", "Good until")
	link := h.link()
	phone := h.visit()
	phone.open(link)
	phone.sees("Sign in as Otto Once")
	phone.press("Sign in")
	phone.at("/account")
	phone.sees("Otto Once")
	h.guest.open(link)
	h.guest.sees("does not work any more")
}

func verifyAddress(h *house) {
	p := h.person("Vera Verify")
	h.act(p, "Send verification mail")
	h.boss.press("Send mail")
	h.boss.sees("A link went to "+p.email, "Verify the address")
	v := h.visit()
	v.open(h.mailed(p.email, "verify"))
	v.sees("Email verified")
	h.boss.open(p.path())
	h.boss.seesNot("Still to do", "Not verified")

	other := h.person("Viktor Verify")
	h.act(other, "Mark as verified")
	h.boss.press("Mark as verified")
	h.boss.sees(other.email + " counts as verified.")
	h.boss.seesNot("Still to do", "Not verified")
}

func banAndRelease(h *house) {
	p := h.person("Bela Banned")
	v := h.enters(p.email, product.Password)
	h.act(p, "Ban")
	h.boss.fill("reason", "Sent too much")
	h.boss.choose("life", "1d")
	h.boss.press("Ban")
	h.boss.sees("Bela Banned is banned.", "Sent too much", "Until ")
	h.boss.seesNot("Until it is lifted")
	v.open("/account")
	v.at("/sign-in")
	h.refused(p.email, product.Password, "banned")
	h.act(p, "Lift the ban")
	h.boss.press("Lift the ban")
	h.boss.sees("can sign in again.")
	h.boss.seesNot("Sent too much")
	h.enters(p.email, product.Password).at("/account")
}

func endSessions(h *house) {
	p := h.person("Emil Ended")
	one, two := h.enters(p.email, product.Password), h.enters(p.email, product.Password)
	h.boss.open(p.path() + "/sessions")
	h.boss.press("End the session on")
	h.boss.sees("The session ended.")
	h.boss.ask("End all sessions")
	h.boss.press("End sessions")
	h.boss.sees("1 session ended.")
	for _, v := range []*visitor{one, two} {
		v.open("/account")
		v.at("/sign-in")
	}
	h.boss.press("Sessions and devices")
	h.boss.sees("Not signed in")
}

func changeRole(h *house) {
	p := h.person("Rolf Role")
	v := h.enters(p.email, product.Password)
	v.open("/admin/users")
	v.sees("user:list")
	h.act(p, "Change role")
	h.boss.choose("roles", "viewer")
	h.boss.press("Change role")
	h.boss.sees("now has the role")
	v.open("/admin/users")
	v.sees("Everyone who can sign in here.")
	v.seesNot("Create user")
	h.boss.press("Access")
	h.boss.sees("viewer", "user:list")
}

// wears begins to act as somebody, with a reason.
func (v *visitor) wears(p person) {
	v.Helper()
	v.open(p.path())
	v.ask("Impersonate")
	v.fill("reason", "   ")
	v.press("Impersonate")
	v.sees("Say why.")
	v.fill("reason", "Ticket 4711")
	v.press("Impersonate")
	v.at("/account")
	for _, page := range []string{"/account", "/account/profile", "/account/sessions", "/account/activity", "/account/data"} {
		v.open(page)
		v.sees("is acting as "+p.name, "Stop")
	}
}

func impersonate(h *house) {
	p := h.person("Ida Impersonated")
	h.boss.wears(p)
	h.boss.seesNot("nothing can be changed")
	h.boss.open("/account/password")
	h.boss.sees("Not allowed while impersonating")
	h.boss.open("/account/profile")
	h.boss.fill("name", "Ida Improved")
	h.boss.press("Save")
	h.boss.sees("Ida Improved")
	h.boss.press("Stop")
	h.boss.open("/account")
	h.boss.seesNot("is acting as", "Ida Improved")
	h.boss.open(p.path() + "/activity")
	h.boss.holds("the reason is kept", `document.body.textContent.includes('Ticket 4711')`)
}

// impersonateToLook is what an administrator may who does not hold the scope to change
// things meanwhile.
func impersonateToLook(h *house) {
	admin := h.person("Adam Admin", "role", "admin")
	p := h.person("Lea Looked")
	v := h.enters(admin.email, product.Password)
	v.wears(p)
	v.sees("nothing can be changed")
	v.open("/account/profile")
	v.fill("name", "Lea Changed")
	v.shut("Save", "may only look")
	v.press("Stop")
	v.open(p.path())
	v.sees("Lea Looked")
	v.seesNot("Lea Changed", "is acting as")
}

// shut expects that a button cannot be pressed, and that what it sends is refused all the
// same.
func (v *visitor) shut(button, why string) {
	v.Helper()
	opened, err := chrome.Eval[int](v.tab, fmt.Sprintf(`(() => {
		const shut = [...document.querySelectorAll('main button:disabled')].filter((b) => b.innerText.trim() === %q);
		for (const b of shut) b.disabled = false;
		return shut.length;
	})()`, button))
	if v.must(err); opened == 0 {
		v.Errorf("%q can be pressed", button)
	}
	v.press(button)
	v.sees(why)
}

func deletePerson(h *house) {
	p := h.person("Dora Deleted")
	h.act(p, "Delete")
	if !h.plain {
		h.boss.holds("nothing goes before the address is typed", `document.querySelector('dialog[open] [data-confirm]').disabled`)
	}
	h.boss.fill("confirm", p.email)
	h.boss.press("Delete user")
	h.boss.at("/admin/users")
	h.boss.sees("Dora Deleted was deleted.")
	h.boss.open("/admin/users?q=" + p.email)
	h.boss.sees("Nothing matches")
	h.refused(p.email, product.Password, "Invalid email or password")
}

func noteAndMetadata(h *house) {
	p := h.person("Nina Note")
	h.boss.open(p.path())
	h.boss.fill("note", "Pays late")
	h.boss.press("Save note")
	h.boss.sees("Saved.")
	h.boss.fill("metadata", "{ nonsense")
	h.boss.press("Save metadata")
	h.boss.sees("This is no JSON")
	h.boss.fill("metadata", `{"plan":"pro"}`)
	h.boss.press("Save metadata")
	h.boss.holds("metadata", `document.getElementById('profile-metadata').value.includes('"plan": "pro"')`)
	h.boss.holds("the note", `document.getElementById('profile-note').value === 'Pays late'`)
}
