package apikey_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/member"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization/organizationapi"
)

// TestJudgedWhenDone: who loses a right while their command waits for another one is refused,
// and nothing changes.
func TestJudgedWhenDone(t *testing.T) { dbtest.Each(t, judgedOn) }

func judgedOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	as := h.as(ann)
	account, err := h.s.CreateAccount(as, org, apikey.Account{Name: "Robot", Roles: []string{"member"}})
	if err != nil {
		t.Fatal(err)
	}
	owner, called := apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, "CI"
	key, err := h.s.CreateFor(as, owner, apikey.NewKey{Name: &called, ConfigID: "org"})
	if err != nil {
		t.Fatal(err)
	}
	off, name := false, "Other"
	commands := map[string]func() error{
		"create account": func() error { _, err := h.s.CreateAccount(as, org, apikey.Account{Name: "Second"}); return err },
		"update account": func() error {
			_, err := h.s.UpdateAccount(as, org, account.ID, apikey.Account{Name: "Robot", Roles: []string{"admin"}})
			return err
		},
		"stop account":   func() error { _, err := h.s.SetAccountEnabled(as, org, account.ID, false); return err },
		"delete account": func() error { return h.s.DeleteAccount(as, org, account.ID) },
		"create key":     func() error { _, err := h.s.CreateFor(as, owner, apikey.NewKey{ConfigID: "org"}); return err },
		"change key": func() error {
			_, err := h.s.Change(as, key.Row.ID, apikey.Change{Name: &name, Enabled: &off})
			return err
		},
		"stop key":    func() error { _, err := h.s.SetEnabled(as, key.Row.ID, false); return err },
		"replace key": func() error { _, err := h.s.Rotate(as, key.Row.ID, time.Hour); return err },
		"delete key":  func() error { return h.s.Delete(as, key.Row.ID) },
	}
	var wait sync.WaitGroup
	err = h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		if _, err := plugins.MustOffer[organizationapi.Directory](h.Host).Hold(ctx, tx, org); err != nil {
			return err
		}
		if err := tx.Organization(org).Member().Update().Where(member.UserID(ann.ID)).SetRole("member").Exec(ctx); err != nil {
			return err
		}
		for what, do := range commands {
			wait.Go(func() {
				if do() == nil {
					t.Errorf("%s was done", what)
				}
			})
		}
		time.Sleep(300 * time.Millisecond) // they look, and wait
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	accounts, err := h.Host.DB.Access(t.Context()).Organization(org).ServiceAccount().Query().All(t.Context())
	if err != nil || len(accounts) != 1 || accounts[0].Role != "member" || !accounts[0].Enabled {
		t.Errorf("accounts %v %v", accounts, err)
	}
	if row := h.row(key.Row.ID); row == nil || !row.Enabled || row.RotatedTo != nil || *row.Name != called {
		t.Errorf("key %v", row)
	}
}
