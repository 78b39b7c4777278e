package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

// until waits for an expression of the page to hold.
func (v *visitor) until(what, expression string) {
	v.Helper()
	if err := v.tab.Until(expression, 5*time.Second); err != nil {
		path, _ := v.tab.Path()
		v.Fatalf("%s at %s: %v", what, path, err)
	}
}

// holds expects an expression of the page to hold at once.
func (v *visitor) holds(what, expression string) {
	v.Helper()
	if ok, err := chrome.Eval[bool](v.tab, expression); err != nil || !ok {
		v.Errorf("%s: %s is false (%v)", what, expression, err)
	}
}

// administrator starts a server with one administrator who has signed in.
func administrator(t *testing.T, flags ...string) *visitor {
	t.Helper()
	s := server(t, append([]string{product.WithAdmin(), "--sign_up.enabled=true"}, flags...)...)
	boss := visit(t, s)
	boss.signIn(product.AdminEmail, product.AdminPassword)
	return boss
}

// person makes somebody through the console and opens their page, whose path it returns.
func (v *visitor) person(name, email string) string {
	v.Helper()
	v.open("/admin/users/new")
	v.choose("way", "password")
	v.fill("name", name, "email", email, "password", product.Password)
	_, err := chrome.Eval[bool](v.tab, `document.querySelector('input[name=temporary]').checked = false`)
	v.must(err)
	v.press("Create user")
	v.narrow("what is handed over")
	v.open("/admin/users?q=" + email)
	path, err := chrome.Eval[string](v.tab, `document.querySelector('main table a[href^="/admin/users/"]').getAttribute('href')`)
	v.must(err)
	v.open(path)
	return path
}

// TestLongNames: what people and operators chose may be long and without a space; no
// page becomes wider than the view for it.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("Wolfeschlegelsteinhausen", 7)
	boss := administrator(t, "--app.name="+strings.Repeat("Donaudampf", 6))
	path := boss.person(long, strings.Repeat("guest", 12)+"@"+strings.Repeat("e", 60)+".example.com")
	stranger := visit(t, &product.Server{URL: origin(boss)})
	stranger.fits("/sign-in")
	for _, page := range []string{"", "/access", "/sessions", "/accounts", "/ban", "/delete", "/role", "/impersonate"} {
		boss.fits(path + page)
	}
	boss.open(path)
	boss.click("More actions")
	boss.click("Delete")
	boss.fits("")
	boss.open("/admin/invitations/new")
	boss.fill("email", "invited@example.com", "name", long)
	boss.press("Invite")
	boss.fits("")
	for _, page := range []string{"/admin/users", "/admin/invitations", "/admin/sessions", "/admin/outbox"} {
		boss.fits(page)
		boss.holds(page+" at 1280 px", `[...document.querySelectorAll('.table-wrap')].every((e) => e.scrollWidth <= e.clientWidth)`)
	}
	boss.open(path + "/impersonate")
	boss.fill("reason", "to look")
	boss.press("Impersonate")
	boss.fits("/account")
}

func origin(v *visitor) string {
	url, err := v.tab.URL()
	v.must(err)
	return url[:strings.Index(url, "/admin")]
}

// fits opens a page, or stays at the present one, and expects it to fit every width.
func (v *visitor) fits(path string) {
	v.Helper()
	if path != "" {
		v.open(path)
	}
	for _, width := range []int64{360, 768, 1280} {
		v.must(v.tab.Size(width, 800))
		if over, err := v.tab.Overflow(); err != nil || over > 0 {
			v.Errorf("%s is %d px too wide at %d px (%v)", path, over, width, err)
		}
	}
}

// TestNarrow: on a telephone the list of people shows status and actions, and tabs show
// the current one.
func TestNarrow(t *testing.T) {
	boss := administrator(t)
	boss.person("Maximiliane Musterfrau", "maximiliane.musterfrau@example.com")
	boss.must(boss.tab.Size(360, 800))
	boss.open("/admin/users")
	boss.holds("the list", `(() => { const e = document.querySelector('.table-wrap'); return e.scrollWidth <= e.clientWidth; })()`)
	for _, section := range []string{"people", "security", "plugins"} {
		boss.open("/admin/settings/" + section)
		boss.holds(section, `(() => { const b = document.querySelector('.tabs [aria-current]').getBoundingClientRect(); return b.left >= 0 && b.right <= innerWidth; })()`)
	}
	boss.open("/admin/plugins/core")
	boss.holds("the addresses of a plugin are folded away", `[...document.querySelectorAll('details.card-fold')].length === 2 && document.documentElement.scrollHeight < 6000`)
	boss.open("/admin/api-reference?operation=POST+%2Fadmin%2Flist-user-sessions")
	boss.holds("the answers of an endpoint", `[...document.querySelectorAll('.table-wrap')].every((e) => e.scrollWidth <= e.clientWidth)`)
}

// TestLiveSearch: while typing, the address, the rows, the count and the links that lift
// filters all follow.
func TestLiveSearch(t *testing.T) {
	boss := administrator(t)
	boss.person("Grace Hopper", "grace@example.com")
	boss.person("Alan Turing", "alan@example.com")
	boss.open("/admin/users?role=user")
	boss.fill("q", "grace")
	boss.until("the count", `document.querySelector('.pages').innerText.includes('1 person')`)
	boss.until("the address", `new URLSearchParams(location.search).get('q') === 'grace' && new URLSearchParams(location.search).get('role') === 'user'`)
	boss.holds("nothing empty in the address", `[...new URLSearchParams(location.search).values()].every(Boolean)`)
	boss.holds("the chip", `new URL(document.querySelector('.chip a').href).searchParams.get('q') === 'grace'`)
	boss.press("Lift the filter Role User")
	boss.sees("Grace Hopper", "1 person")
	boss.seesNot("Alan Turing")
	boss.holds("the search box", `document.querySelector('input[name=q]').value === 'grace'`)
}

// TestKeyboard: Escape closes what is open, and the keyboard is back where it was.
func TestKeyboard(t *testing.T) {
	boss := administrator(t)
	boss.person("Grace Hopper", "grace@example.com")
	const more = `document.activeElement?.getAttribute('popovertarget') === 'user-actions'`
	focus := func(selector string) {
		_, err := chrome.Eval[bool](boss.tab, fmt.Sprintf(`(document.querySelector(%q).focus(), true)`, selector))
		boss.must(err)
	}
	focus("[popovertarget=user-actions]")
	boss.must(boss.tab.Keys("\r"))
	boss.until("the menu opens", `Boolean(document.querySelector('#user-actions:popover-open'))`)
	boss.must(boss.tab.Keys(escape))
	boss.until("the menu closes", `!document.querySelector(':popover-open')`)
	boss.holds("after the menu", more)

	boss.must(boss.tab.Keys("\r"))
	boss.must(boss.tab.Keys("\t"))
	boss.until("Tab goes into the menu", `Boolean(document.activeElement?.closest('#user-actions'))`)
	boss.holds("the focus is seen", `getComputedStyle(document.activeElement).outlineStyle !== 'none'`)
	focus("#user-actions a[data-dialog=ask-ban]")
	boss.must(boss.tab.Keys("\r"))
	boss.until("the dialog opens", `document.querySelector('#ask-ban').open && Boolean(document.activeElement?.closest('#ask-ban'))`)
	boss.holds("Enter held down answers nothing", `!document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', repeat: true, bubbles: true, cancelable: true }))`)
	boss.must(boss.tab.Keys(escape))
	boss.until("the dialog closes", `!document.querySelector('dialog[open]')`)
	boss.holds("after the dialog", more)

	boss.must(boss.tab.Size(360, 800))
	focus(".drawer > summary")
	boss.must(boss.tab.Keys("\r"))
	boss.until("the drawer opens", `document.querySelector('.drawer').open`)
	focus(".drawer nav a")
	boss.must(boss.tab.Keys(escape))
	boss.until("the drawer closes", `!document.querySelector('.drawer').open`)
	boss.holds("after the drawer", `document.activeElement?.matches('.drawer > summary')`)
}

// TestWithoutScriptsAround acts on a person, invites and searches with JavaScript off.
func TestWithoutScriptsAround(t *testing.T) {
	boss := administrator(t, "--admin.default_ban_expires_in=3d")
	path := boss.person("Grace Hopper", "grace@example.com")
	boss.must(boss.tab.Scripts(false))
	open := func(path string) { boss.Helper(); boss.must(boss.tab.Go(path)) }
	press := func(text string) { boss.Helper(); boss.must(boss.tab.Press(text)) }
	open(path)
	boss.click("More actions")
	press("Ban")
	boss.at(path + "/ban")
	boss.sees("3 days (default)")
	boss.choose("life", "forever")
	press("Ban")
	boss.sees("Banned", "Until it is lifted")
	open(path + "/unban")
	press("Lift the ban")
	boss.seesNot("Until it is lifted")
	open("/admin/users")
	boss.fill("q", "grace")
	press("Apply")
	boss.sees("1 person")
	open("/admin/invitations")
	press("Invite")
	boss.fill("email", "bob@example.com")
	press("Invite")
	boss.sees("accept-invitation")
	open("/admin/settings/sign-up")
	press("Save changes")
	open("/admin/api-reference")
	boss.fill("q", "ban-user")
	press("Apply")
	boss.sees("/admin/ban-user")
}

// TestFoldedSettings: a setting that is folded away shows where an address names it, and
// a list of known values is chosen from; with and without scripts.
func TestFoldedSettings(t *testing.T) {
	boss := administrator(t)
	const seen = `document.getElementById('f-session.update_age').checkVisibility({ contentVisibilityAuto: true })`
	boss.open("/admin/settings/sessions")
	boss.holds("the closed fold", "!"+seen)
	boss.open("/admin/settings/sessions#f-session.update_age")
	boss.until("the fold that was linked to", seen)
	boss.must(boss.tab.Scripts(false))
	open := func(path string) { boss.Helper(); boss.must(boss.tab.Go(path)) }
	open("/admin/settings/languages")
	open("/admin/settings/sessions#f-session.update_age")
	boss.holds("the fold that was linked to, without scripts", seen)
	open("/admin/settings/languages")
	boss.holds("the check boxes", `document.querySelectorAll('input[name="languages.offered"]:checked').length === 2`)
	boss.must(boss.tab.Press("Save changes"))
	boss.sees("Nothing was changed.")
}
