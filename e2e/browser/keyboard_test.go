package browser

import (
	"strings"
	"testing"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// Keys by what they send.
const (
	tab       = "\t"
	enter     = "\r"
	space     = " "
	escape    = "\u001b"
	arrowDown = "\u0301"
)

// focus is what the keyboard is on: its words and value, and what is wrong with how it
// shows. Radio buttons in a card show it on the card.
const focus = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return { words: '', wrong: '' };
	const words = (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.name || e.tagName).replace(/\s+/g, ' ').trim();
	const wrong = [], box = e.getBoundingClientRect(), shown = e.closest('.radio-card') ?? e;
	const style = getComputedStyle(shown);
	if (!e.matches(':focus-visible')) wrong.push('does not match :focus-visible');
	if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1 || /, 0\)$/.test(style.outlineColor)) wrong.push('has no outline');
	if (!e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) wrong.push('is not visible');
	if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) wrong.push('is outside of the view');
	return { words, value: String(e.value ?? ''), wrong: wrong.join(', ') };
})()`

type focused struct {
	Words string `json:"words"`
	Value string `json:"value"`
	Wrong string `json:"wrong"`
}

// on is what the keyboard is on, which has to show it.
func (v *visitor) on() focused {
	v.Helper()
	v.must(v.tab.Painted())
	f, err := chrome.Eval[focused](v.tab, focus)
	v.must(err)
	if f.Wrong != "" {
		path, _ := v.tab.Path()
		v.Errorf("%s: %q has the focus and %s", path, f.Words, f.Wrong)
	}
	return f
}

func (v *visitor) keys(keys string) { v.Helper(); v.must(v.tab.Keys(keys)) }

// expects the keyboard to be on what begins with these words.
func (v *visitor) expects(words string) {
	v.Helper()
	if f := v.on(); !strings.HasPrefix(f.Words, words) {
		v.Fatalf("the focus is on %q, not on %q", f.Words, words)
	}
}

// reach goes on with Tab until the keyboard is on what begins with these words. It shows
// at every step where it is.
func (v *visitor) reach(words string) {
	v.Helper()
	var passed []string
	for range 80 {
		v.keys(tab)
		f := v.on()
		if strings.HasPrefix(f.Words, words) {
			return
		}
		passed = append(passed, f.Words)
	}
	v.Fatalf("Tab does not come to %q, but to %q", words, passed)
}

// follow presses a key that leads to another page, and looks at that.
func (v *visitor) follow(keys string) {
	v.Helper()
	v.must(v.tab.KeysOn(keys))
	v.check()
}

// skip goes past the navigation.
func (v *visitor) skip() {
	v.Helper()
	v.reach("Skip to content")
	v.keys(enter)
	v.holds("the content has the focus", `document.activeElement?.id === 'main'`)
}

// TestByKeyboard signs in, creates a person, finds, bans and releases them without a
// mouse, and sees at each step where the keyboard is.
func TestByKeyboard(t *testing.T) {
	boss := visit(t, server(t, product.WithAdmin()))
	boss.open("/")
	boss.at("/sign-in")
	boss.expects("Email")
	boss.keys(product.AdminEmail)
	boss.reach("Password")
	boss.keys(product.AdminPassword)
	boss.reach("Keep me signed in")
	boss.keys(space)
	boss.holds("Space takes the mark out", `!document.activeElement.checked`)
	boss.reach("Sign in")
	boss.follow(enter)
	boss.at("/admin")

	boss.keys("g")
	boss.follow("u")
	boss.at("/admin/users")
	boss.skip()
	boss.reach("Create user")
	boss.follow(enter)
	boss.at("/admin/users/new")
	boss.expects("Name")
	boss.keys("Grace Hopper")
	boss.reach("Email")
	boss.keys("grace@example.test")
	boss.reach("Role")
	boss.keys("u")
	if f := boss.on(); f.Value != "user" {
		t.Errorf("typing in the list of roles chose %q", f.Value)
	}
	boss.reach("They choose it, through a link")
	for range 10 {
		if boss.on().Value == "password" {
			break
		}
		boss.keys(arrowDown)
	}
	boss.expects("I choose it")
	boss.reach("Password")
	boss.keys(product.Password)
	boss.reach("Ask them to choose their own")
	boss.keys(space)
	boss.reach("Create user")
	boss.follow(enter)
	boss.sees("Grace Hopper was created.")

	boss.keys("g")
	boss.follow("u")
	boss.keys("/")
	boss.expects("Search people")
	boss.keys("grace")
	boss.until("the person is found", `document.querySelector('.pages')?.innerText.includes('1 person')`)
	boss.expects("Search people")
	boss.reach("Grace Hopper")
	boss.follow(enter)
	boss.sees("grace@example.test", "Not verified")

	boss.question("Ban…")
	boss.expects("Reason")
	boss.keys("Sent too much")
	boss.reach("How long")
	for range 10 {
		if boss.on().Value == "7d" {
			break
		}
		boss.keys(arrowDown)
	}
	if f := boss.on(); f.Value != "7d" {
		t.Errorf("the arrows chose %q", f.Value)
	}
	boss.reach("Ban")
	boss.follow(enter)
	boss.sees("Grace Hopper is banned.", "Sent too much", "Until ")
	boss.seesNot("Until it is lifted")

	boss.question("Lift the ban…")
	boss.keys(escape)
	boss.until("Escape closes the question", `!document.querySelector('dialog[open]')`)
	boss.expects("More actions")
	boss.question("Lift the ban…")
	boss.on()
	boss.reach("Lift the ban")
	boss.follow(enter)
	boss.sees("can sign in again.")
	boss.seesNot("Sent too much")

	boss.reach("Account of")
	boss.keys(enter)
	boss.until("the menu opens", `Boolean(document.querySelector(':popover-open'))`)
	boss.reach("Sign out")
	boss.follow(enter)
	boss.at("/sign-in")
}

// question opens a dialog by the menu of a person.
func (v *visitor) question(entry string) {
	v.Helper()
	if f := v.on(); !strings.HasPrefix(f.Words, "More actions") {
		v.reach("More actions")
	}
	v.keys(enter)
	v.until("the menu opens", `Boolean(document.querySelector(':popover-open'))`)
	v.reach(entry)
	v.keys(enter)
	v.until("the question comes", `Boolean(document.querySelector('dialog[open]')?.contains(document.activeElement)) && !document.querySelector(':popover-open')`)
}
