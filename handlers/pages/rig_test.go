package pages_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/handlers/account"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/web/webtest"
)

const (
	alice = "alice@example.test"
	bob   = "bob@example.test"
	app   = "https://app.example.test"
	evil  = "https://evil.example.test"
)

// newRig is a server with the pages, the account area and the admin plugin.
func newRig(t *testing.T, settings map[string]string, more ...plugins.Plugin) *servertest.Rig {
	t.Helper()
	all := map[string]string{"trusted_origins": app}
	for k, v := range settings {
		all[k] = v
	}
	return servertest.New(t, servertest.Options{
		BuiltIn:  []plugins.Plugin{core.New(), pages.New(), account.New()},
		Plugins:  append([]plugins.Plugin{admin.New(admin.Options{})}, more...),
		Settings: all,
	})
}

// looks checks what every page must keep and returns its markup.
func looks(t *testing.T, a *servertest.Answer, status int, wants ...string) string {
	t.Helper()
	markup := string(a.Body)
	if a.Status != status {
		t.Fatalf("status %d, want %d; location %q\n%s", a.Status, status, a.Location(), text(markup))
	}
	for _, problem := range webtest.Page(markup) {
		t.Error(problem)
	}
	policy := a.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("content security policy %q lacks %q", policy, part)
		}
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": referrer(a), "X-Frame-Options": "DENY", "Content-Type": "text/html; charset=utf-8"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, want := range wants {
		if !strings.Contains(markup, want) {
			t.Errorf("the page lacks %q\n%s", want, text(markup))
		}
	}
	if strings.Contains(markup, servertest.Password) {
		t.Error("the page shows a password")
	}
	return markup
}

var tags = regexp.MustCompile(`(?s)<svg.*?</svg>|<head>.*?</head>|<[^>]+>|\n\s*`)

// text is what a person reads of a page, for failures.
func text(markup string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(markup, " ")), " ")
}

// leads checks a redirect after a post.
func leads(t *testing.T, a *servertest.Answer, to string) {
	t.Helper()
	if a.Status != 303 || a.Location() != to {
		t.Fatalf("status %d to %q, want 303 to %q\n%s", a.Status, a.Location(), to, text(string(a.Body)))
	}
}

func signedIn(b *servertest.Browser) bool { return b.Cookie("better-auth.session_token") != "" }

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// door is the form of signing in.
func door(address, password string, more ...string) url.Values {
	return form(append([]string{"email", address, "password", password, "rememberMe", "on"}, more...)...)
}

// owner makes the owner of a server and returns a browser that is signed in as them.
func owner(t *testing.T, rig *servertest.Rig) *servertest.Browser {
	t.Helper()
	link, err := administration(rig).NewClaimLink(context.Background(), false)
	if err != nil || link == "" {
		t.Fatalf("claim link %q: %v", link, err)
	}
	b := rig.Browser()
	a := b.Form(strings.TrimPrefix(link, rig.Origin), form("name", "Olga", "email", "olga@example.test", "password", servertest.Password, "signUp", "anyone"))
	leads(t, a, "/admin")
	return b
}

func administration(rig *servertest.Rig) *admin.Service {
	return plugins.MustOffer[*admin.Service](rig.Host)
}

// as is a context on behalf of a person.
func as(t *testing.T, rig *servertest.Rig, address string) context.Context {
	t.Helper()
	p, err := rig.Host.Principals.OfUser(t.Context(), rig.User(address))
	if err != nil {
		t.Fatal(err)
	}
	return auth.WithPrincipal(t.Context(), p)
}

// referrer is the policy a page must have: none where the address holds a token.
func referrer(a *servertest.Answer) string {
	path, _, _ := strings.Cut(a.Path, "?")
	for _, holder := range []string{"/verify-email", "/reset-password"} {
		if path == holder {
			return "no-referrer"
		}
	}
	if strings.HasPrefix(path, "/claim/") || strings.HasPrefix(path, "/accept-invitation/") {
		return "no-referrer"
	}
	return "same-origin"
}
