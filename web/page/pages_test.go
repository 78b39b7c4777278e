package page_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/web"
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
