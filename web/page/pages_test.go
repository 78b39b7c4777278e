package page_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gatehouse/web"
	"gatehouse/web/page"
	"gatehouse/web/webtest"
)

// preview names a folder to write the rendered pages to, one file for each
// theme: go test ./web/page -run TestPages -args -preview DIR.
var preview = flag.String("preview", "", "folder to write the rendered pages to")

func draw(t *testing.T, s sample, theme web.Theme) string {
	t.Helper()
	request := web.Request{Nonce: "n0nce", Theme: theme, Development: s.name == "gallery" || s.name == "signin", Path: s.path, Now: noon, Asset: func(name string) string { return "/static/" + name }}
	if strings.HasPrefix(s.path, "/account") || strings.HasPrefix(s.path, "/admin") {
		person := ada()
		request.Signed, request.Nav = &person, navigation()
		request.Menu = []web.NavItem{{Label: "Your account", Icon: "id-card", Href: "/account"}, {Label: "Console", Icon: "gauge", Href: "/admin"}}
		if strings.HasPrefix(s.path, "/account") {
			request.Nav = accountNavigation()
		}
	}
	if s.name == "sessions-one" {
		request.Flash = &web.Flash{Tone: web.Good, Text: "Two sessions ended."}
	}
	if s.name == "linked" {
		request.Mask = &web.Impersonation{Actor: "Grace Hopper", StopURL: "/stop"}
		request.Flash = &web.Flash{Tone: web.Bad, Text: "GitHub refused the request."}
	}
	var out bytes.Buffer
	if err := s.component.Render(web.With(context.Background(), request), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPages(t *testing.T) {
	for _, s := range samples() {
		for _, theme := range []web.Theme{web.Light, web.Dark} {
			t.Run(fmt.Sprintf("%s/%s", s.name, theme), func(t *testing.T) {
				markup := draw(t, s, theme)
				for _, problem := range webtest.Page(markup) {
					t.Error(problem)
				}
				if *preview != "" {
					file := filepath.Join(*preview, s.name+"."+string(theme)+".html")
					if err := os.WriteFile(file, []byte(markup), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for _, s := range samples() {
		if s.name != "account-hostile" {
			continue
		}
		markup := draw(t, s, web.Light)
		if strings.Contains(markup, "<script>alert") || strings.Contains(markup, "<img") {
			t.Error("text became markup")
		}
	}
}

// Every icon that a page draws is in the sprite.
func TestIconsExist(t *testing.T) {
	sprite, err := os.ReadFile(filepath.Join("..", "..", "static", "icons.svg"))
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`icons\.svg#([a-z0-9-]+)`)
	for _, s := range samples() {
		for _, found := range used.FindAllStringSubmatch(draw(t, s, web.Light), -1) {
			if !bytes.Contains(sprite, []byte(`id="`+found[1]+`"`)) {
				t.Errorf("%s draws the unknown icon %s", s.name, found[1])
			}
		}
	}
}

// Every class that a page uses is in the style sheet, so that none is a misspelling.
func TestClassesExist(t *testing.T) {
	parts, err := filepath.Glob(filepath.Join("..", "..", "static", "css", "*.css"))
	if err != nil || len(parts) == 0 {
		t.Fatal(parts, err)
	}
	known := map[string]bool{}
	for _, part := range parts {
		sheet, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`\.([a-z][a-z0-9-]*)`).FindAllSubmatch(sheet, -1) {
			known[string(found[1])] = true
		}
	}
	// Named for scripts and tests, or the plain form of a family with variants.
	for _, plain := range []string{"tint-0", "alert-info", "heats", "settings"} {
		known[plain] = true
	}
	for _, s := range samples() {
		for _, found := range regexp.MustCompile(` class="([^"]*)"`).FindAllStringSubmatch(draw(t, s, web.Light), -1) {
			for _, class := range strings.Fields(found[1]) {
				if !known[class] {
					t.Errorf("%s uses the unknown class %s", s.name, class)
				}
			}
		}
	}
}

func TestContinueLeads(t *testing.T) {
	tests := map[string]string{
		"https://app.example.com/welcome?x=1;y=2": `content="0;url=https://app.example.com/welcome?x=1;y=2"`,
		"javascript:alert(1)":                     `content="0;url=/"`,
		`https://a.example/"onload="x`:            `content="0;url=https://a.example/%22onload=%22x"`,
	}
	for address, want := range tests {
		markup := draw(t, sample{"continue", page.Continue{URL: address}, "/sign-in"}, web.Light)
		if !strings.Contains(markup, want) {
			t.Errorf("%s: no %s", address, want)
		}
	}
}

// Every file that a page loads is in the static folder; the style sheet is
// joined from its parts there.
func TestFilesExist(t *testing.T) {
	loaded := regexp.MustCompile(`(?:src|href)="/static/([^"#]+)`)
	for _, s := range samples() {
		for _, found := range loaded.FindAllStringSubmatch(draw(t, s, web.Light), -1) {
			if found[1] == "app.css" {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", "..", "static", filepath.FromSlash(found[1]))); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
	}
}
