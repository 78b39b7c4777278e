// Package browser walks through the product in real Chromium: claim, sign in, invite,
// reset, ban, revoke, settings. Every screen that a journey comes to is checked for
// accessibility in both themes, for its width on a telephone, and for breaches of its
// content security policy and other errors in the console.
package browser

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/e2e/chrome"
	"gatehouse/e2e/product"
)

var shared struct {
	once    sync.Once
	browser *chrome.Browser
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.browser != nil {
		shared.browser.Close()
	}
	os.Exit(code)
}

func browser(t *testing.T) *chrome.Browser {
	t.Helper()
	shared.once.Do(func() { shared.browser, shared.err = chrome.Open() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.browser
}

// server starts the program without rate limits, which the journeys would meet.
func server(t *testing.T, flags ...string) *product.Server {
	t.Helper()
	binary, err := product.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := product.Start(binary, append([]string{"--rate_limit.enabled=false", "--mail.recipient_limit=0"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the server: %v", err)
		}
		if t.Failed() {
			t.Logf("server:\n%s", s.Log())
		}
	})
	return s
}

// visitor is a person at a browser of their own.
type visitor struct {
	*testing.T
	tab   *chrome.Tab
	plain bool // JavaScript is off
}

// seen are the screens that were looked at in this run.
var seen = map[string]bool{}

func visit(t *testing.T, s *product.Server) *visitor {
	t.Helper()
	tab, err := browser(t).Tab(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, said := range tab.Errors() {
			t.Errorf("the console says %s", said)
		}
		tab.Close()
	})
	v := &visitor{T: t, tab: tab}
	v.must(tab.Size(1280, 900))
	v.must(tab.Theme("light")) // and without motion
	return v
}

// without makes a visitor whose browser runs no scripts.
func without(t *testing.T, s *product.Server) *visitor {
	t.Helper()
	v := visit(t, s)
	v.plain = true
	v.must(v.tab.Scripts(false))
	return v
}

func (v *visitor) must(err error) {
	v.Helper()
	if err != nil {
		text, _ := v.tab.Text()
		path, _ := v.tab.Path()
		v.Fatalf("%v\nat %s:\n%s", err, path, text)
	}
}

func (v *visitor) open(path string) {
	v.Helper()
	v.must(v.tab.Go(path))
	v.check()
}

func (v *visitor) fill(fields ...string) {
	v.Helper()
	for i := 0; i+1 < len(fields); i += 2 {
		v.must(v.tab.Fill(fields[i], fields[i+1]))
	}
}

func (v *visitor) choose(name, value string) { v.Helper(); v.must(v.tab.Choose(name, value)) }

// press follows a button or link to the next page and checks that page.
func (v *visitor) press(text string) {
	v.Helper()
	v.must(v.tab.Press(text))
	v.check()
}

// click opens something on the page: a dialog or a menu.
func (v *visitor) click(text string) { v.Helper(); v.must(v.tab.Click(text)) }

// ask comes to a question behind menus, each named by what it says: a dialog, or without
// scripts a page.
func (v *visitor) ask(menus ...string) {
	v.Helper()
	last := len(menus) - 1
	for _, menu := range menus[:last] {
		v.click(menu)
	}
	if v.plain {
		v.press(menus[last])
	} else {
		v.click(menus[last])
		v.check()
	}
}

// eventually waits until something is so; said is what there is instead.
func (v *visitor) eventually(what string, holds func() (ok bool, said string)) {
	v.Helper()
	var ok bool
	var said string
	for range 100 {
		if ok, said = holds(); ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	v.Fatalf("%s: there is only\n%s", what, said)
}

// contains ignores case, which style sheets change.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// sees expects texts on the page.
func (v *visitor) sees(texts ...string) {
	v.Helper()
	page, err := v.tab.Text()
	v.must(err)
	for _, want := range texts {
		if !contains(page, want) {
			path, _ := v.tab.Path()
			v.Fatalf("%s does not say %q:\n%s", path, want, page)
		}
	}
}

func (v *visitor) seesNot(texts ...string) {
	v.Helper()
	page, err := v.tab.Text()
	v.must(err)
	for _, no := range texts {
		if contains(page, no) {
			v.Fatalf("the page says %q:\n%s", no, page)
		}
	}
}

// at expects the path to begin so.
func (v *visitor) at(prefix string) {
	v.Helper()
	path, err := v.tab.Path()
	v.must(err)
	if !strings.HasPrefix(path, prefix) {
		text, _ := v.tab.Text()
		v.Fatalf("at %s, want %s:\n%s", path, prefix, text)
	}
}

// screen names what is drawn: screens of one name differ in their data only. A page about
// a person is one screen for all of them, a form that came back refused is another.
const screen = `[document.documentElement.lang, location.pathname.replace(/\/[A-Za-z0-9_-]{16,}/g, '/*'), document.forms.length,
	...[...document.querySelectorAll('h2, .alert, .secret, .strip, .empty, [aria-invalid], dialog[open]')].filter((e) => e.checkVisibility()).map((e) => e.tagName === 'H2' ? e.innerText : e.className)].join(' ')`

// check looks at a page: that it reported no breach of its content security policy and no
// other error; and, at each screen once, that it is accessible in both
// themes and does not scroll sideways on a telephone.
func (v *visitor) check() {
	v.Helper()
	reports, err := v.tab.Policy()
	v.must(err)
	for _, r := range reports {
		v.Errorf("content security policy: %s", r)
	}
	name, err := chrome.Eval[string](v.tab, screen)
	v.must(err)
	for _, e := range v.tab.Errors() {
		v.Errorf("%s: in the console: %s", name, e)
	}
	if v.plain {
		name += " without scripts"
	}
	if seen[name] {
		return
	}
	seen[name] = true
	v.narrow(name)
	if v.plain {
		return // axe is a script
	}
	for _, f := range v.axe() {
		v.Errorf("%s, light: %s", name, f)
	}
	v.must(v.tab.Theme("dark"))
	for _, f := range v.axe("color-contrast") { // all that a theme changes
		v.Errorf("%s, dark: %s", name, f)
	}
	v.must(v.tab.Theme("light"))
}

// narrow expects the page to fit a telephone.
func (v *visitor) narrow(name string) {
	v.Helper()
	size, err := chrome.Eval[[]int64](v.tab, `[innerWidth, innerHeight]`)
	v.must(err)
	v.must(v.tab.Size(360, 800))
	if over, err := v.tab.Overflow(); err != nil || over > 0 {
		v.Errorf("%s is %d px too wide at 360 px (%v)", name, over, err)
	}
	v.must(v.tab.Size(size[0], size[1]))
}

// axe checks the page. Just after a change of theme the browser may still paint some
// colours of the other one, so what it finds has to be there a moment later as well.
func (v *visitor) axe(rules ...string) []chrome.Violation {
	v.Helper()
	for try := 0; ; try++ {
		found, err := v.tab.Axe(rules...)
		v.must(err)
		if len(found) == 0 || try == 3 {
			return found
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// signIn goes through the sign-in page.
func (v *visitor) signIn(email, password string) {
	v.Helper()
	v.open("/sign-in")
	v.fill("email", email, "password", password)
	v.press("Sign in")
}

// app is another origin that the server trusts, which answers every path.
func app(t *testing.T) *httptest.Server {
	t.Helper()
	a := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>app</title><h1>The app</h1><p>Welcome at " + strings.ReplaceAll(r.URL.Path, "<", "") + "</p>"))
	}))
	t.Cleanup(a.Close)
	return a
}
