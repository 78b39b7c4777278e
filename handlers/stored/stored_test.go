package stored_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/setting"
	"gatehouse/handlers/stored"
)

type options struct {
	_ struct{} `title:"Test" help:"Test."`

	Name  string          `setting:"name" help:"Name" level:"console"`
	Token settings.Secret `setting:"token" help:"Token" secret:"true" level:"console"`
}

func TestRoundTrip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, store *database.DB) {
		section := settings.Define("test", options{Name: "before"})
		set, err := settings.Load(settings.Sources{}, section)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := secret.NewRing(nil, "one secret")
		if err != nil {
			t.Fatal(err)
		}
		ctx, db := t.Context(), auth.NewDB(store)
		save := func(values map[string]string) {
			t.Helper()
			proposed, err := set.Propose(values, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
				return stored.Write(ctx, tx, set, keys, "me", proposed)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		save(map[string]string{"test.name": "first", "test.token": "topsecret"})
		save(map[string]string{"test.name": "second"})

		row := store.Client.Setting.Query().Where(setting.Key("test.token")).OnlyX(ctx)
		if strings.Contains(row.Value, "topsecret") {
			t.Errorf("the secret is stored as %s", row.Value)
		}
		load(t, db, set, keys)
		if got := section.Get(); got.Name != "second" || got.Token.Reveal() != "topsecret" {
			t.Errorf("in force: %q, %q", got.Name, got.Token.Reveal())
		}

		err = db.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error { return stored.Remove(ctx, tx, "test.name") })
		if err != nil {
			t.Fatal(err)
		}
		load(t, db, set, keys)
		if got := section.Get().Name; got != "before" {
			t.Errorf("after removal %q", got)
		}

		other, err := secret.NewRing(nil, "another secret")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stored.Load(ctx, db, set, other); err == nil || !strings.Contains(err.Error(), "test.token") {
			t.Errorf("with another secret: %v", err)
		}
	})
}

func load(t *testing.T, db *auth.DB, set *settings.Set, keys *secret.Ring) {
	t.Helper()
	var values map[string]json.RawMessage
	values, err := stored.Load(t.Context(), db, set, keys)
	if err == nil {
		err = set.Apply(values)
	}
	if err != nil {
		t.Fatal(err)
	}
}
