package browser

import (
	"testing"
	"time"

	"gatehouse/e2e/product"
	"gatehouse/ent/database"
)

// TestStepUp: once the last proof is too old, a dangerous act asks for the password, and
// the right one carries out what was asked for.
func TestStepUp(t *testing.T) {
	walk(t, nil, []step{{"delete", provesToDelete}, {"give up", givesUpProving}})
}

// ages lets an hour pass since everybody proved who they are.
func (h *house) ages() {
	h.Helper()
	db, err := database.Open(h.Context(), database.Config{DataDir: h.data})
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	n, err := db.Client.Session.Update().SetAuthenticatedAt(time.Now().Add(-time.Hour)).Save(h.Context())
	if err != nil || n == 0 {
		h.Fatalf("%d proofs aged: %v", n, err)
	}
}

func provesToDelete(h *house) {
	p := h.person("Dora Deleted")
	h.act(p, "Delete")
	h.boss.fill("confirm", p.email)
	h.ages()
	h.boss.press("Delete user")
	h.boss.sees("Confirm it is you", "what you asked for is carried out")
	h.boss.fill("password", "wrong-Horse-7-battery")
	h.boss.press("Continue")
	h.boss.sees("Confirm it is you", "This is not your password.")
	h.boss.fill("password", product.AdminPassword)
	h.boss.press("Continue")
	h.boss.at("/admin/users")
	h.boss.sees("Dora Deleted was deleted.")
	h.boss.open("/admin/users?q=" + p.email)
	h.boss.sees("Nothing matches")
}

func givesUpProving(h *house) {
	p := h.person("Kurt Kept")
	h.act(p, "Sign-in link")
	h.ages()
	h.boss.press("Make link")
	h.boss.sees("Confirm it is you")
	h.boss.press("Cancel")
	h.boss.at(p.path())
	h.boss.sees("Kurt Kept")
	h.boss.seesNot("Sign-in link for Kurt Kept")

	// What is not dangerous asks for nothing.
	h.act(p, "Ban")
	h.boss.press("Ban")
	h.boss.sees("Kurt Kept is banned.")
}

// TestSeeAs looks at the console with the permissions of somebody else.
func TestSeeAs(t *testing.T) { walk(t, nil, []step{{"see as", seesAs}}) }

func seesAs(h *house) {
	p := h.person("Susi Support", "role", "support")
	other := h.person("Ole Other")
	h.act(p, "See the console as them")
	h.boss.press("See as them")
	h.boss.at("/admin")
	for _, page := range []string{"/admin", "/admin/users", "/admin/sessions", "/admin/lockouts"} {
		h.boss.open(page)
		h.boss.sees("You see the console as Susi Support would.")
	}
	h.boss.open("/admin/users")
	h.boss.sees("Ole Other")
	h.boss.seesNot("Create user", "Invitations", "Settings")
	h.boss.open("/admin/settings")
	h.boss.sees("settings:read")
	h.act(other, "Ban")
	h.boss.shut("Ban", "Nothing can be changed until you stop.")
	h.boss.open(other.path())
	h.boss.seesNot("Banned")

	h.boss.press("Stop")
	h.boss.at(p.path())
	h.boss.sees("You see the console as yourself again.", "Settings")
	h.boss.seesNot("Susi Support would")
	h.boss.open("/admin/users")
	h.boss.sees("Create user")
}

// TestLockouts: wrong passwords lock an account, even against the right one, until an
// administrator lets it go.
func TestLockouts(t *testing.T) {
	walk(t, []string{"--rate_limit.account.delay_after=2", "--rate_limit.account.max=3"}, []step{{"lock", locksAndReleases}})
}

func locksAndReleases(h *house) {
	p := h.person("Lola Late")
	v := h.visit()
	for range 3 {
		v.signIn(p.email, "wrong-Horse-7-battery")
		v.at("/sign-in")
		v.sees("Invalid email or password")
	}
	v.signIn(p.email, product.Password)
	v.at("/sign-in")
	v.sees("Too many tries")

	h.boss.open(p.path())
	h.boss.sees("Sign-in is locked")
	h.boss.open("/admin/lockouts")
	h.boss.sees("Lola Late", "Locked", "failures in a row")
	h.boss.press("Release Lola Late")
	h.boss.open("/admin/lockouts")
	h.boss.seesNot("failures in a row")
	v.signIn(p.email, product.Password)
	v.at("/account")
}
