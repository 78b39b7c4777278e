package account_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/account"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/web"
)

// session is the newest session of a person.
func session(t *testing.T, rig *servertest.Rig, address string) *ent.Session {
	t.Helper()
	rows, err := rig.Service().ListSessions(t.Context(), rig.User(address).ID)
	if err != nil || len(rows) == 0 {
		t.Fatalf("sessions %v: %v", rows, err)
	}
	return rows[0]
}

// link gives a person an account of a provider.
func link(t *testing.T, rig *servertest.Rig, address, provider, id string) {
	t.Helper()
	now := rig.Clock.Now()
	err := rig.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Account().Create().SetID(random.ID()).SetUserID(rig.User(address).ID).SetProviderID(provider).SetAccountID(id).
			SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withoutPassword makes a person one who signs in another way.
func withoutPassword(t *testing.T, rig *servertest.Rig, address string) {
	t.Helper()
	link(t, rig, address, "github", random.ID())
	err := rig.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		_, err := tx.Account().Delete().Where(account.UserID(rig.User(address).ID), account.ProviderID(auth.ProviderCredential)).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoPassword: who has none sets one while the sign-in is young, and signs in again
// when it is not.
func TestNoPassword(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	withoutPassword(t, rig, alice)
	looks(t, b.Get("/account"), 200, "None. You sign in another way.")
	page := looks(t, b.Get("/account/password"), 200, "Set a password")
	if strings.Contains(page, "currentPassword") {
		t.Error("asks for a password that is not there")
	}
	old(rig)
	for _, path := range []string{"/account/password", "/account/delete", "/account/sessions"} {
		at := b.Get(path)
		if at.Status != 303 || !strings.HasPrefix(at.Location(), "/step-up?returnTo=") {
			t.Errorf("%s answers %d to %q", path, at.Status, at.Location())
		}
	}
	looks(t, b.Form("/account/password", form("newPassword", second)), 403, "Sign in again", "send the form once more")
	looks(t, b.Form("/account/email", form("newEmail", "new@example.test")), 403, "Sign in again")
	looks(t, b.Form("/account/delete", form("confirm", alice)), 403, "Sign in again")
	looks(t, b.Get("/step-up?returnTo=/account/password"), 200, "Sign in again", `action="/sign-out"`)
	looks(t, b.Form("/step-up", form("password", servertest.Password)), 400)
	leads(t, b.Form("/sign-out", form("returnTo", "/sign-in?returnTo=%2Faccount%2Fpassword")), "/sign-in?returnTo=%2Faccount%2Fpassword")
}

func TestSetPassword(t *testing.T) {
	rig := newRig(t, nil)
	b := rig.SignUp("Alice", alice)
	withoutPassword(t, rig, alice)
	looks(t, b.Form("/account/password", form("newPassword", "short")), 400, "This password is too short.")
	leads(t, b.Form("/account/password", form("newPassword", second, "revokeOtherSessions", "on")), "/account")
	looks(t, b.Get("/account"), 200, "Your password is saved.")
	door(t, rig, alice, second)
}

// TestMasked: somebody who acts as another person does not touch credentials (SEC-046).
func TestMasked(t *testing.T) {
	rig := newRig(t, nil)
	service := plugins.MustOffer[*admin.Service](rig.Host)
	claim, err := service.NewClaimLink(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	boss := rig.Browser()
	leads(t, boss.Form(strings.TrimPrefix(claim, rig.Origin), form("name", "Olga", "email", "olga@example.test", "password", servertest.Password)), "/admin")
	a := rig.SignUp("Alice", alice)
	boss.Post("/api/auth/admin/impersonate-user", map[string]any{"userId": rig.User(alice).ID}).Want(200, "")
	looks(t, boss.Get("/account"), 200, alice, "is acting as")
	for _, path := range []string{"/account/email", "/account/password", "/account/sessions", "/account/linked", "/account/delete", "/account/data"} {
		looks(t, boss.Get(path), 403, "Not allowed while impersonating")
	}
	looks(t, boss.Form("/account/delete", form("confirm", alice, "password", servertest.Password)), 403)
	looks(t, a.Get("/account/sessions"), 200, "Opened by an administrator")
}

// TestLastOwner: the last administrator cannot leave (decisions 42).
func TestLastOwner(t *testing.T) {
	rig := newRig(t, nil)
	claim, err := plugins.MustOffer[*admin.Service](rig.Host).NewClaimLink(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	b := rig.Browser()
	leads(t, b.Form(strings.TrimPrefix(claim, rig.Origin), form("name", "Olga", "email", "olga@example.test", "password", servertest.Password)), "/admin")
	looks(t, b.Form("/account/delete", form("confirm", "olga@example.test", "password", servertest.Password)), 403, "last administrator")
	rig.User("olga@example.test")
}

// proof is a plugin with further ways to prove an identity, joined by the contract alone.
type proof struct{}

func (proof) Manifest() plugins.Manifest { return plugins.Manifest{ID: "proof", Name: "Proof"} }

func (proof) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	again := []plugins.Purpose{plugins.ForStepUp}
	prove := func(c *plugins.Call) error {
		if c.Form("code") != "123456" {
			return plugins.MustOffer[plugins.Prover](h).AskAgain(c, 400, web.Form{Message: "This code is wrong."})
		}
		if err := h.Sessions.Prove(c.Context(), c.Current, "otp", "mfa"); err != nil {
			return err
		}
		return c.Resume()
	}
	own := plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	strong := plugins.Access{Who: plugins.SignedIn, StepUp: plugins.StepUp{Strength: 2}}
	return plugins.Contribution{
		SignInMethods: []plugins.SignInMethod{
			{ID: "key", Label: "Use a key", Icon: "key", Purposes: again, Start: "/key", Strength: 1},
			{ID: "drawn", Purposes: again, Strength: 2, Form: func(c *plugins.Call, _ plugins.Purpose) templ.Component {
				return web.PostButton{URL: "/code", Hidden: c.Waiting().Fields(), Button: web.Button{Label: "drawn here"}}
			}},
			{ID: "off", Label: "Switched off", Purposes: again, Start: "/off", Available: func(context.Context, plugins.Purpose) bool { return false }},
			{ID: "unknown", Label: "Not of this person", Purposes: again, Start: "/unknown"},
		},
		Moments: plugins.Moments{Hooks: auth.Hooks{StepUpAsked: []auth.On[*auth.StepUpRequest]{{Class: auth.Observe, Do: func(_ context.Context, r *auth.StepUpRequest) error {
			r.Methods = append(r.Methods, "key", "drawn", "off")
			return nil
		}}}}},
		Routes: []plugins.Route{
			{Method: http.MethodPost, Path: "/code", Access: own, Handle: prove},
			{Method: http.MethodPost, Path: "/strong", Access: strong, Handle: func(c *plugins.Call) error { return c.SeeOther("/done-" + c.Form("what")) }},
		},
	}, nil
}

func TestProofs(t *testing.T) {
	rig := newRig(t, nil, proof{})
	b := rig.SignUp("Alice", alice)
	old(rig)
	page := looks(t, b.Get("/step-up?returnTo=/account/linked"), 200, `action="/key"`, "Use a key", "drawn here", "Continue")
	if strings.Contains(page, "Switched off") || strings.Contains(page, "Not of this person") {
		t.Error("draws a method that is off, or that the person does not have")
	}
	withoutPassword(t, rig, alice)
	page = looks(t, b.Get("/step-up?returnTo=/account/linked"), 200, "Use a key")
	if strings.Contains(page, "Sign in again") || strings.Contains(page, `name="password"`) {
		t.Error("asks for what is not there")
	}
	asked := looks(t, b.Form("/account/delete", form("confirm", alice)), 403, "drawn here")
	wrong := looks(t, b.Form("/code", fields(strings.ReplaceAll(asked, `"/code"`, `"/step-up"`), "code", "1")), 400, "This code is wrong.", "drawn here")
	leads(t, b.Form("/code", fields(strings.ReplaceAll(wrong, `"/code"`, `"/step-up"`), "code", "123456")), "/sign-in")
	looks(t, b.Get("/sign-in"), 200, "Your account is deleted.")
}

// TestStrength: what wants two factors offers only what gives them.
func TestStrength(t *testing.T) {
	rig := newRig(t, nil, proof{})
	b := rig.SignUp("Alice", alice)
	asked := looks(t, b.Form("/strong", form("what", "it")), 403, "drawn here", `name="strength" value="2"`)
	if strings.Contains(asked, `name="password"`) || strings.Contains(asked, "Use a key") {
		t.Error("offers a single factor")
	}
	leads(t, b.Form("/code", fields(strings.ReplaceAll(asked, `"/code"`, `"/step-up"`), "code", "123456")), "/done-it")
}
