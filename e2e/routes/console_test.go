package routes

import (
	"net/http"
	"net/url"
	"testing"

	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
)

// TestNoConsole: who has no part in the console is led to the account area from its
// start, also on the way of a sign-in. Deeper pages go on refusing (TestAnswers).
func TestNoConsole(t *testing.T) {
	t.Parallel()
	for name, enabled := range map[string]string{"a plain person": "admin", "without plugins": ""} {
		t.Run(name, func(t *testing.T) {
			rig := build(t, dbtest.SQLite(t), map[string]string{"plugins.enabled": enabled})
			rig.SignUp("Ada", "ada@example.test")
			b := rig.Browser()
			a := b.Form("/sign-in?returnTo=/admin", url.Values{"email": {"ada@example.test"}, "password": {servertest.Password}, "returnTo": {"/admin"}})
			var way []string
			for hops := 0; a.Status == http.StatusSeeOther && hops < 5; hops++ {
				way = append(way, a.Location())
				a = b.Get(a.Location())
			}
			if a.Status != http.StatusOK || a.Path != "/account" {
				t.Errorf("ends at %s with %d, over %v", a.Path, a.Status, way)
			}
		})
	}
}
