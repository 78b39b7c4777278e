package auth_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
)

func TestPreferences(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		r := newRig(t, db)
		ada := db.Client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(t.Context())
		bob := db.Client.User.Create().SetName("Bob").SetEmail("bob@example.com").SaveX(t.Context())
		set := func(user, name, value string) error { return r.Preferences.Set(t.Context(), user, name, value) }
		for _, step := range []struct{ user, name, value string }{{ada.ID, "zone", "UTC"}, {ada.ID, "zone", "Europe/Berlin"}, {ada.ID, "theme", "dark"}, {ada.ID, "theme", ""}, {bob.ID, "zone", "Asia/Tokyo"}} {
			if err := set(step.user, step.name, step.value); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.Preferences.Of(t.Context(), ada.ID)
		if err != nil || len(got) != 1 || got["zone"] != "Europe/Berlin" {
			t.Fatalf("%v, %v", got, err)
		}
		if err := set(ada.ID, "long", strings.Repeat("x", 16<<10+1)); !errors.Is(err, auth.ErrTooManyPreferences) {
			t.Errorf("a long value: %v", err)
		}
		for i := range 199 {
			if err := set(ada.ID, "n"+strconv.Itoa(i), "x"); err != nil {
				t.Fatal(err)
			}
		}
		if err := set(ada.ID, "more", "x"); !errors.Is(err, auth.ErrTooManyPreferences) {
			t.Errorf("one too many: %v", err)
		}
		if err := set(ada.ID, "zone", "UTC"); err != nil {
			t.Errorf("changing one at the bound: %v", err)
		}
	})
}
