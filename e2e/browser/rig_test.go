// Package browser walks through the product in real Chromium: claim, sign in, invite,
// reset, ban, revoke, settings. Every page that a journey comes to is checked for
// accessibility in both themes and for reports of its content security policy.
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
	tab  *chrome.Tab
	seen map[string]bool
}

func visit(t *testing.T, s *product.Server) *visitor {
	t.Helper()
	tab, err := browser(t).Tab(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tab.Close)
	return &visitor{t, tab, map[string]bool{}}
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

// sees expects texts on the page.
func (v *visitor) sees(texts ...string) {
	v.Helper()
	page, err := v.tab.Text()
	v.must(err)
	for _, want := range texts {
		if !strings.Contains(strings.ToLower(page), strings.ToLower(want)) {
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
		if strings.Contains(strings.ToLower(page), strings.ToLower(no)) {
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

// check looks at a page once: accessibility in both themes, and what the content
// security policy reported.
func (v *visitor) check() {
	v.Helper()
	reports, err := v.tab.Policy()
	v.must(err)
	for _, r := range reports {
		v.Errorf("content security policy: %s", r)
	}
	title, err := chrome.Eval[string](v.tab, `document.title + ' ' + location.pathname`)
	v.must(err)
	if v.seen[title] {
		return
	}
	v.seen[title] = true
	for _, theme := range []string{"light", "dark"} {
		v.must(v.tab.Theme(theme))
		found := v.axe()
		for _, f := range found {
			v.Errorf("%s, %s: %s", title, theme, f)
		}
	}
	v.must(v.tab.Theme("light"))
}

// axe checks the page. Just after a change of theme the browser may still paint some
// colours of the other one, so what it finds has to be there a moment later as well.
func (v *visitor) axe() []chrome.Violation {
	v.Helper()
	for try := 0; ; try++ {
		found, err := v.tab.Axe()
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
