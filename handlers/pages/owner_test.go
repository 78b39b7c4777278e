package pages_test

import (
	"context"
	"strings"
	"testing"

	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
)

func TestClaim(t *testing.T) {
	rig := newRig(t, map[string]string{"sign_up.enabled": "false"})
	looks(t, rig.Browser().Get("/claim/nonsense"), 404, "This claim link does not work")
	looks(t, rig.Browser().Form("/claim/nonsense", form("name", "M", "email", "m@example.test", "password", servertest.Password)), 404, "This claim link does not work")
	link, err := administration(rig).NewClaimLink(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(link, rig.Origin)
	b := rig.Browser()
	for range 2 {
		looks(t, b.Get(path), 200, "This server is yours", "Only people I invite", "Anyone", `autocomplete="new-password"`)
	}
	thief := rig.Browser()
	thief.Header.Set("Origin", evil)
	looks(t, thief.Form(path, form("name", "Eve", "email", "eve@example.test", "password", servertest.Password)), 403)
	looks(t, b.Form(path, form("name", "Olga", "email", "olga", "password", servertest.Password)), 400, "This is not an email address.")
	looks(t, b.Form(path, form("name", "", "email", "olga@example.test", "password", servertest.Password)), 400, "A name is needed.", `value="olga@example.test"`)
	looks(t, b.Form(path, form("name", "Olga", "email", "olga@example.test", "password", "short", "signUp", "anyone")), 400, "This password is too short.")
	leads(t, b.Form(path, form("name", "Olga", "email", "olga@example.test", "password", servertest.Password, "signUp", "invited")), "/admin")
	if !signedIn(b) || !rig.User("olga@example.test").EmailVerified {
		t.Error("not signed in, or not verified")
	}
	looks(t, rig.Browser().Get(path), 404, "This claim link does not work")
	looks(t, rig.Browser().Form(path, form("name", "Eve", "email", "eve@example.test", "password", servertest.Password)), 404)
	if page := looks(t, rig.Browser().Get("/sign-in"), 200); strings.Contains(page, "Nobody owns") {
		t.Error("the sign-in page still looks for an owner")
	}

	further, err := administration(rig).NewClaimLink(context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	page := looks(t, rig.Browser().Get(strings.TrimPrefix(further, rig.Origin)), 200)
	if strings.Contains(page, "Only people I invite") {
		t.Error("a further owner is asked about sign-up")
	}
}

// TestWithoutAdmin: what the plugin offers is not there without it.
func TestWithoutAdmin(t *testing.T) {
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New()}})
	looks(t, rig.Browser().Get("/claim/x"), 404)
	looks(t, rig.Browser().Form("/claim/x", nil), 404)
	looks(t, rig.Browser().Get("/accept-invitation/x"), 404)
	looks(t, rig.Browser().Form("/accept-invitation/x", nil), 404)
}

func invite(t *testing.T, rig *servertest.Rig, address string, mail bool) string {
	t.Helper()
	made, err := administration(rig).Invite(as(t, rig, "olga@example.test"), admin.Invite{Email: address, Role: "viewer", Mail: mail})
	if err != nil {
		t.Fatal(err)
	}
	link := made.Link
	if mail {
		link = rig.Link(address, "platform-invitation")
	}
	return strings.TrimPrefix(link, rig.Origin)
}

func TestInvitation(t *testing.T) {
	rig := newRig(t, map[string]string{"smtp": "smtp://127.0.0.1:1?tls=none", "mail.from": "id@example.test"})
	boss := owner(t, rig)
	path := invite(t, rig, alice, true)

	looks(t, rig.Browser().Get("/accept-invitation/nonsense"), 404, "This invitation does not work any more")
	looks(t, rig.Browser().Form("/accept-invitation/nonsense", nil), 404, "This invitation does not work any more")
	looks(t, boss.Get(path), 200, "with another address", `action="`+path+`/sign-out"`, "Sign out and use another account")
	looks(t, boss.Form(path, nil), 403, "with another address")

	b := rig.Browser()
	looks(t, b.Get(path), 200, "Olga invited you", alice, "Viewer", `autocomplete="new-password"`)
	thief := rig.Browser()
	thief.Header.Set("Origin", evil)
	looks(t, thief.Form(path, form("name", "Eve", "password", servertest.Password)), 403)
	looks(t, b.Form(path, form("name", "", "password", servertest.Password)), 400, "A name is needed.")
	looks(t, b.Form(path, form("name", "Alice", "password", "short")), 400, "This password is too short.", `value="Alice"`)
	looks(t, b.Form(path, form("name", "Alice", "password", "")), 400, "This password is too short.")
	leads(t, b.Form(path, form("name", "Alice", "password", servertest.Password)), "/")
	u := rig.User(alice)
	if !signedIn(b) || !u.EmailVerified || u.Role == nil || *u.Role != "viewer" {
		t.Errorf("made %+v", u)
	}
	looks(t, rig.Browser().Get(path), 404, "This invitation does not work any more")
}

// TestInvitationKnown: somebody with an account confirms while signed in.
func TestInvitationKnown(t *testing.T) {
	rig := newRig(t, nil)
	owner(t, rig)
	rig.SignUp("Bob", bob)
	path := invite(t, rig, bob, false)
	b := rig.Browser()
	page := looks(t, b.Get(path), 200, "Sign in to accept")
	if strings.Contains(page, "new-password") {
		t.Error("asks for a new password")
	}
	looks(t, b.Form(path, form("name", "Eve", "password", servertest.Password)), 403, "Sign in to accept")
	leads(t, b.Form("/sign-in", door(bob, servertest.Password, "returnTo", path)), path)
	looks(t, b.Get(path), 200, "Accept the invitation")
	leads(t, b.Form(path, nil), "/")
	if u := rig.User(bob); u.Role == nil || *u.Role != "viewer" {
		t.Errorf("role %v", u.Role)
	}
	looks(t, b.Form(path, nil), 404, "This invitation does not work any more")
}

// TestInvitationOther: who is signed in with another address signs out and comes back, by the
// sign-in where the invited person has an account. Browsers name no origin for that form.
func TestInvitationOther(t *testing.T) {
	rig := newRig(t, nil)
	owner(t, rig)
	for _, address := range []string{alice, bob} {
		path := invite(t, rig, address, false)
		if address == bob {
			rig.SignUp("Bob", bob)
		}
		other := rig.SignUp("Carl", "carl-"+address)
		looks(t, other.Get(path), 200, "You are signed in as carl-"+address, "Sign out and use another account")
		before := other.Cookie("better-auth.session_token")
		other.Header.Set("Origin", evil)
		looks(t, other.Form(path+"/sign-out", nil), 403)
		if other.Cookie("better-auth.session_token") != before {
			t.Error("another site signs somebody out")
		}
		other.Header.Set("Origin", "null")
		looks(t, other.Form("/accept-invitation/nonsense/sign-out", nil), 404, "This invitation does not work any more")
		if !signedIn(other) {
			t.Error("a dead link signs somebody out")
		}
		if address == alice {
			leads(t, other.Form(path+"/sign-out", nil), path)
			looks(t, other.Get(path), 200, "Create my account")
		} else {
			leads(t, other.Form(path+"/sign-out", nil), "/sign-in?"+form("returnTo", path).Encode())
			other.Header.Set("Origin", rig.Origin)
			leads(t, other.Form("/sign-in", door(bob, servertest.Password, "returnTo", path)), path)
			looks(t, other.Get(path), 200, "Accept the invitation")
			leads(t, other.Form(path+"/sign-out", nil), path)
			if !signedIn(other) {
				t.Error("the invited person is signed out")
			}
			continue
		}
		if signedIn(other) {
			t.Error("the session goes on")
		}
	}
}

// TestInvitationUnproved: a link that was handed over proves no address, so it does not
// pass by a required verification.
func TestInvitationUnproved(t *testing.T) {
	rig := newRig(t, map[string]string{"email_verification.required": "true"})
	owner(t, rig)
	path := invite(t, rig, alice, false)
	b := rig.Browser()
	leads(t, b.Form(path, form("name", "Alice", "password", servertest.Password)), "/verify-email?returnTo=%2F")
	if signedIn(b) {
		t.Error("signed in without proof")
	}
	looks(t, b.Get("/verify-email"), 200, alice)
	rig.Link(alice, "verify-email")
}
