package browser

import (
	"os/exec"
	"strings"
	"testing"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// handed is what a hand-over page shows once.
func (v *visitor) handed() string {
	v.Helper()
	text, err := chrome.Eval[string](v.tab, `document.querySelector('.secret code').textContent`)
	v.must(err)
	return text
}

// act chooses an act of the menu on the page of a person and confirms it in its dialog.
func (v *visitor) act(label, verb string) {
	v.Helper()
	v.click("More actions")
	v.click(label)
	v.press(verb)
}

// TestHandOver: a temporary password and a sign-in link, from the administrator's page to
// the session of the person.
func TestHandOver(t *testing.T) {
	s := server(t, product.WithAdmin())
	boss := visit(t, s)
	boss.signIn(product.AdminEmail, product.AdminPassword)
	boss.open("/admin/users/new")
	boss.fill("name", "Bob Builder", "email", "bob@example.test")
	boss.choose("way", "temporary")
	boss.press("Create user")
	boss.sees("Bob Builder was created.", "bob@example.test", "Copy all")
	text := boss.handed()

	bob := visit(t, s)
	bob.signIn("bob@example.test", text)
	bob.at("/new-password")
	bob.sees("Choose your own password")
	bob.fill("password", text)
	bob.press("Save and go on")
	bob.sees("This is the temporary password")
	bob.fill("password", product.Password)
	bob.press("Save and go on")
	bob.at("/account")

	boss.press("Back to Bob")
	boss.sees("Still to do", "Verify the address")
	boss.seesNot("Choose their own password")
	boss.press("Sessions and devices")
	boss.press("Activity")
	boss.sees("Own password chosen", "User created")
	boss.press("Profile")
	boss.act("Sign-in link", "Make link")
	boss.holds("a code to scan", `document.querySelector('svg.qr path').getBoundingClientRect().width > 100`)
	link := strings.TrimPrefix(boss.handed(), s.URL)

	phone := visit(t, s)
	phone.open(link)
	phone.sees("Sign in as Bob Builder")
	phone.press("Sign in")
	phone.at("/account")
	again := visit(t, s)
	again.open(link)
	again.sees("does not work any more")
}

// TestParts saves note, metadata and further fields, and comes back with what is wrong.
func TestParts(t *testing.T) {
	boss := administrator(t, `--user.fields={ score = { type = "number", required = false }, news = { type = "boolean", required = false } }`)
	at := boss.person("Bob", "bob@example.test")
	boss.fill("note", "Pays late")
	boss.press("Save note")
	boss.sees("Saved.")
	boss.fill("metadata", "{ nonsense")
	boss.press("Save metadata")
	boss.sees("This is no JSON")
	boss.fill("metadata", `{"plan":"pro"}`)
	boss.press("Save metadata")
	boss.holds("metadata", `document.getElementById('profile-metadata').value.includes('"plan": "pro"')`)
	boss.fill("field.score", "12")
	boss.press("Save fields")
	boss.holds("score", `document.getElementById('profile-field.score').value === '12'`)
	boss.fits(at)
	for _, tab := range []string{"/accounts", "/sessions", "/access", "/activity"} {
		boss.fits(at + tab)
	}
}

// TestManyAtOnce: an act on more people than fit into one request is worked off while a
// page shows how far it is.
func TestManyAtOnce(t *testing.T) {
	data := t.TempDir()
	s := server(t, product.WithAdmin(), "--data="+data)
	boss := visit(t, s)
	boss.signIn(product.AdminEmail, product.AdminPassword)
	binary, err := product.Build()
	boss.must(err)
	seed := exec.Command(binary, "seed-users", "120", "--data="+data)
	seed.Env = product.Environ()
	if text, err := seed.CombinedOutput(); err != nil {
		t.Fatalf("seeding: %v\n%s", err, text)
	}
	boss.open("/admin/users")
	_, err = chrome.Eval[bool](boss.tab, `(document.querySelector('input[data-all]').click(), document.querySelector('form.bulk input[name=all]').click(), true)`)
	boss.must(err)
	boss.press("Ban")
	boss.sees("everyone the filters")
	boss.fill("reason", "closed")
	boss.press("Ban")
	boss.at("/admin/tasks/")
	boss.until("done without a reload", `document.getElementById('progress').textContent.includes('121 of 121')`)
	boss.until("over", `document.getElementById('progress').textContent.includes('That is you.') && !document.getElementById('progress').hasAttribute('hx-get')`)
	boss.check()
}
