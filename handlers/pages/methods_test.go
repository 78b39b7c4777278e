package pages_test

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/web"
)

// factor is a plugin with sign-in methods of every kind and, while on, a second step.
type factor struct{ step bool }

func (*factor) Manifest() plugins.Manifest { return plugins.Manifest{ID: "factor", Name: "Factor"} }

func (f *factor) Contribute(*plugins.Host) (plugins.Contribution, error) {
	both := []plugins.Purpose{plugins.ForSignIn, plugins.ForClaim}
	drawn := func(text string) func(*plugins.Call) templ.Component {
		return func(*plugins.Call) templ.Component { return web.Text(text) }
	}
	return plugins.Contribution{
		SignInMethods: []plugins.SignInMethod{
			{ID: "button", Label: "Continue with Button", Icon: "globe", Order: 10, Purposes: both, Start: "/button"},
			{ID: "form", Label: "Form", Order: 200, Purposes: []plugins.Purpose{plugins.ForSignIn},
				Form: func(_ *plugins.Call, p plugins.Purpose) templ.Component { return web.Text("drawn for " + string(p)) }},
			{ID: "fill", Decorates: "email", Purposes: []plugins.Purpose{plugins.ForSignIn},
				Attributes: templ.Attributes{"autocomplete": "webauthn"}, Decoration: drawn("decoration here")},
			{ID: "off", Label: "Switched off", Purposes: both, Start: "/off", Available: func(context.Context, plugins.Purpose) bool { return false }},
		},
		Moments: plugins.Moments{Hooks: auth.Hooks{FirstFactorProven: []auth.On[*auth.FirstFactor]{{Class: auth.Interrupt,
			Do: func(_ context.Context, first *auth.FirstFactor) error {
				if f.step {
					first.Next = &auth.NextStep{Page: "/two-factor?returnTo=" + first.ReturnTo, Cookies: []auth.StepCookie{{Key: "step", Value: first.User.ID, MaxAge: 60}}}
				}
				return nil
			}}}}},
	}, nil
}

func TestMethods(t *testing.T) {
	rig := newRig(t, nil, &factor{})
	page := looks(t, rig.Browser().Get("/sign-in?returnTo=/account"), 200, `action="/button"`, "Continue with Button",
		"drawn for sign-in", "decoration here", `autocomplete="username webauthn"`)
	if strings.Contains(page, "Switched off") {
		t.Error("draws a method that is off")
	}
	if strings.Index(page, "Continue with Button") > strings.Index(page, `name="password"`) {
		t.Error("the order of methods is not kept")
	}
	if page := looks(t, rig.Browser().Get("/sign-up"), 200); strings.Contains(page, "Continue with Button") {
		t.Error("draws a method for another purpose")
	}
}

// TestNextStep: a second factor comes before any session.
func TestNextStep(t *testing.T) {
	f := &factor{}
	rig := newRig(t, nil, f)
	rig.SignUp("Alice", alice)
	f.step = true
	b := rig.Browser()
	a := b.Form("/sign-in", door(alice, servertest.Password, "returnTo", "/account"))
	leads(t, a, "/two-factor?returnTo=/account")
	if signedIn(b) || b.Cookie("better-auth.step") == "" {
		t.Errorf("cookies %v", a.Header["Set-Cookie"])
	}
}

// TestForeignPosts: no form of the pages can be sent from another site (SEC-051,
// SEC-052, SEC-207), with or without cookies.
func TestForeignPosts(t *testing.T) {
	rig := newRig(t, nil)
	contribution, err := pages.New().Contribute(rig.Host)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range contribution.Routes {
		if r.Method == "GET" {
			continue
		}
		path := strings.NewReplacer(":token", "x", ":id", "x").Replace(r.Path)
		for name, header := range map[string][2]string{
			"foreign origin": {"Origin", evil}, "null origin": {"Origin", "null"}, "foreign referrer": {"Referer", evil + "/"},
		} {
			b := rig.Browser()
			b.Header.Set("Origin", "")
			b.Header.Set(header[0], header[1])
			if r.TokenInURL && name == "null origin" {
				// The token stands in for the origin; without a good one nothing happens.
				if a := b.Form(path, nil); a.Status < 400 {
					t.Errorf("%s: %s answers %d without a token", name, path, a.Status)
				}
				continue
			}
			if a := b.Form(path, nil); a.Status != 403 {
				t.Errorf("%s: %s answers %d without cookies", name, path, a.Status)
			}
			b.Header.Set("Cookie", "any=1")
			if a := b.Form(path, nil); a.Status != 403 {
				t.Errorf("%s: %s answers %d with cookies", name, path, a.Status)
			}
		}
		b := rig.Browser()
		b.Header.Set("Origin", "null")
		b.Header.Set("Sec-Fetch-Site", "same-origin")
		if a := b.Form(path, nil); a.Status == 403 && strings.Contains(string(a.Body), "rigin") {
			t.Errorf("%s refuses its own page, which sends no referrer", path)
		}
		b.Header.Set("Sec-Fetch-Site", "cross-site")
		b.Header.Set("Sec-Fetch-Mode", "navigate")
		if a := b.Form(path, nil); a.Status != 403 {
			t.Errorf("%s answers %d to a navigation from another site", path, a.Status)
		}
	}
}
