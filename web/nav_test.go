package web

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func render(t *testing.T, r Request, component templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := component.Render(With(context.Background(), r), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCurrent(t *testing.T) {
	groups := []NavGroup{{Items: []NavItem{{Href: "/admin", Exact: true}, {Href: "/admin/users"}, {Href: "/admin/users/banned"}}}, {Items: []NavItem{{Href: "/account"}}}}
	tests := map[string]string{
		"/admin": "/admin", "/admin/other": "", "/admin/users": "/admin/users", "/admin/users?q=x": "/admin/users", "/admin/users/1/sessions": "/admin/users",
		"/admin/users/banned": "/admin/users/banned", "/admin/userships": "", "/account/email": "/account", "": "",
	}
	for path, want := range tests {
		if got := current(groups, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	asked := []NavGroup{{Items: []NavItem{{Href: "/admin/access?subject=user:1", Exact: true}, {Href: "/admin/access/who?subject=user:1", Exact: true}}}}
	for path, want := range map[string]string{"/admin/access?subject=user:1": "/admin/access?subject=user:1", "/admin/access/who": "/admin/access/who?subject=user:1", "/admin/acc": ""} {
		if got := current(asked, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestFewEntriesHaveNoTitles(t *testing.T) {
	seven := []NavGroup{{Title: "One", Items: make([]NavItem, 3)}, {Title: "Two", Items: make([]NavItem, 4)}, {Title: "Empty"}}
	if got := render(t, Request{}, navigation(seven, "")); strings.Contains(got, "One") {
		t.Error("seven entries are grouped")
	}
	eight := append(seven, NavGroup{Title: "Three", Items: make([]NavItem, 1)})
	got := render(t, Request{}, navigation(eight, ""))
	if !strings.Contains(got, "One") || strings.Contains(got, "Empty") {
		t.Error("eight entries are not grouped, or an empty group is drawn")
	}
}

func TestLinksKeepToSafeSchemes(t *testing.T) {
	const bad = "javascript:alert(1)"
	for name, component := range map[string]templ.Component{
		"button": Button{Label: "x", Href: bad}, "row": Rows{{Title: "x", Href: bad}}, "menu": MenuLink{Label: "x", Href: bad}, "person": PersonCell{Href: bad},
		"stat": Stat{Href: bad}, "column": Column{Label: "x", Sort: bad}.head(), "post": PostButton{URL: bad}, "filters": Filters{URL: bad, Chips: []Chip{{Remove: bad}}, Clear: bad},
	} {
		if got := render(t, Request{}, component); strings.Contains(got, "javascript:") {
			t.Errorf("%s draws %s", name, got)
		}
	}
}

func TestThemeOfTheRoot(t *testing.T) {
	for theme, want := range map[Theme]string{Light: `data-theme="light"`, Dark: `data-theme="dark"`} {
		if got := render(t, Request{Theme: theme}, Bare{Title: "x"}); !strings.Contains(got, want) {
			t.Errorf("%s is not drawn", theme)
		}
	}
	for _, theme := range []Theme{System, "", `"><script>`} {
		got := render(t, Request{Theme: theme}, Bare{Title: "x"})
		if strings.Contains(got, "data-theme=") || !strings.Contains(got, `value="system" aria-pressed="true"`) {
			t.Errorf("%q does not follow the device", theme)
		}
	}
}

func TestScriptsCarryTheNonce(t *testing.T) {
	got := render(t, Request{Nonce: "n0nce", Signed: &Person{}}, App{Title: "x", Scripts: []string{"passkey/enrol.js"}})
	for _, script := range regexp.MustCompile(`<script[^>]*>`).FindAllString(got, -1) {
		if !strings.Contains(script, `nonce="n0nce"`) {
			t.Error(script)
		}
	}
	if !strings.Contains(got, "/static/passkey/enrol.js") {
		t.Error("the script of the page is not loaded")
	}
	if search := render(t, Request{Nonce: "n0nce"}, Search{Label: "x", Live: "/x", Results: "r"}); !strings.Contains(search, `hx-nonce="n0nce"`) {
		t.Error(search)
	}
}
