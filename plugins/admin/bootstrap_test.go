package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/user"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/admin/adminapi"

	"gatehouse/auth"
)

// patient are settings under which many hashes may wait for each other.
var patient = map[string]string{"password.hash.max_wait": "1m"}

func (h *house) claimToken(further bool) string {
	h.t.Helper()
	link, err := h.s.NewClaimLink(h.t.Context(), further)
	if err != nil {
		h.t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link, h.Origin+"/claim/")
	if !ok {
		h.t.Fatalf("link %q", link)
	}
	return token
}

func claimOf(token, address string) adminapi.Claim {
	return adminapi.Claim{Token: token, Name: "First", Email: address, Password: servertest.Password}
}

func TestClaim(t *testing.T) {
	h := empty(t, nil, map[string]string{"email_verification.required": "true"})
	ctx := t.Context()
	old := h.claimToken(false)
	token := h.claimToken(false)
	if open, err := h.s.ClaimOpen(ctx, old); err != nil || open {
		t.Errorf("the former link: %v %v", open, err)
	}
	for name, c := range map[string]adminapi.Claim{
		"CLAIM_NOT_VALID":      claimOf(old, "first@example.test"),
		"INVALID_EMAIL":        claimOf(token, "nonsense"),
		"PASSWORD_TOO_SHORT":   {Token: token, Email: "first@example.test", Password: ""},
		"PASSWORD_COMPROMISED": {Token: token, Email: "first@example.test", Password: "password1234"},
	} {
		if _, err := h.s.Claim(ctx, c); auth.AsError(err).Code != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	id, err := h.s.Claim(ctx, claimOf(token, "First@Example.test"))
	if err != nil {
		t.Fatal(err)
	}
	if u := h.reload(id); *u.Role != "owner" || !u.EmailVerified || u.Email != "first@example.test" {
		t.Errorf("claimed by %v", u)
	}
	h.SignIn("first@example.test")
	if _, err := h.s.Claim(ctx, claimOf(token, "second@example.test")); auth.AsError(err).Code != "CLAIM_NOT_VALID" {
		t.Errorf("second use: %v", err)
	}
	if link, err := h.s.NewClaimLink(ctx, false); link != "" || err != nil {
		t.Errorf("a link though there is an owner: %q %v", link, err)
	}
	if h.count("claim.used", id) != 1 {
		t.Error("no event")
	}

	further := h.claimToken(true)
	if _, err := h.s.Claim(ctx, claimOf(further, "first@example.test")); auth.AsError(err).Code != "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" {
		t.Errorf("a taken address: %v", err)
	}
	if _, err := h.s.Claim(ctx, claimOf(further, "second@example.test")); err != nil {
		t.Errorf("a further owner: %v", err)
	}
}

func TestClaimLinksEnd(t *testing.T) {
	h := empty(t, nil, nil)
	token := h.claimToken(false)
	h.Clock.Advance(30*time.Minute + time.Second)
	if open, _ := h.s.ClaimOpen(t.Context(), token); open {
		t.Error("good after half an hour")
	}
	token = h.claimToken(false)
	h.somebody("admin", "admin,user")
	if open, _ := h.s.ClaimOpen(t.Context(), token); open {
		t.Error("good though there is an administrator")
	}
	if _, err := h.s.Claim(t.Context(), claimOf(token, "x@example.test")); auth.AsError(err).Code != "CLAIM_NOT_VALID" {
		t.Errorf("claimed: %v", err)
	}
}

func TestClaimAsksAboutSignUp(t *testing.T) {
	yes := true
	h := empty(t, nil, map[string]string{"sign_up.enabled": servertest.Unset})
	c := claimOf(h.claimToken(false), "first@example.test")
	c.OpenSignUp = &yes
	if _, err := h.s.Claim(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if !h.Core.SignUp.Get().Enabled {
		t.Error("sign-up stayed closed")
	}
	row, err := h.Host.DB.Access(t.Context()).Setting().Query().Only(t.Context())
	if err != nil || row.Key != "sign_up.enabled" || row.Value != "true" {
		t.Errorf("stored %v, %v", row, err)
	}
	h.SignUp("Eve", "eve@example.test")

	locked := empty(t, nil, nil) // the environment holds the setting
	no := false
	c = claimOf(locked.claimToken(false), "first@example.test")
	c.OpenSignUp = &no
	if _, err := locked.s.Claim(t.Context(), c); err != nil || !locked.Core.SignUp.Get().Enabled {
		t.Errorf("a locked setting: %v", err)
	}
}

func TestParallelClaimsMakeOneOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := empty(t, db, patient)
		token := h.claimToken(false)
		ok, refused := h.race(32, func(i int) error {
			_, err := h.s.Claim(t.Context(), claimOf(token, fmt.Sprintf("claim%d@example.test", i)))
			return err
		}, admin.ErrClaimOver)
		if ok != 1 || refused != 31 {
			t.Errorf("%d claimed, %d refused", ok, refused)
		}
		n, err := h.Host.DB.Access(t.Context()).User().Query().Where(user.Role("owner")).Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%d owners, %v", n, err)
		}
	})
}

func TestParallelStartsMakeOneAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		h := empty(t, db, patient)
		h.race(8, func(i int) error {
			err := h.s.EnsureAdministrator(t.Context(), fmt.Sprintf("a%d@example.test", i), servertest.Password, "owner")
			return err
		}, nil)
		n, err := h.Host.DB.Access(t.Context()).User().Query().Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%d people, %v", n, err)
		}
	})
}

func TestEnsureAdministrator(t *testing.T) {
	h := empty(t, nil, nil)
	ctx := t.Context()
	plain := h.somebody("plain", "user")
	if err := h.s.EnsureAdministrator(ctx, plain.Email, servertest.Password, "owner"); err == nil || *h.reload(plain.ID).Role != "user" {
		t.Errorf("a person was promoted: %v", err)
	}
	if err := h.s.EnsureAdministrator(ctx, "new@example.test", "password1234", "owner"); err == nil {
		t.Error("a common password was taken")
	}
	for range 2 {
		if err := h.s.EnsureAdministrator(ctx, "new@example.test", servertest.Password, "admin"); err != nil {
			t.Fatal(err)
		}
	}
	if u := h.User("new@example.test"); *u.Role != "admin" || !u.EmailVerified {
		t.Errorf("made %v", u)
	}
	if err := h.s.EnsureAdministrator(ctx, "other@example.test", servertest.Password, "admin"); err != nil {
		t.Errorf("with an administrator it does nothing: %v", err)
	}
	if u, _ := h.Host.Users.ByEmail(ctx, "other@example.test"); u != nil {
		t.Error("a second one was made")
	}
}
