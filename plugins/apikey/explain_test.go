package apikey_test

import (
	"context"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins/apikey"
)

// TestExplained: questions about a key that is no good are answered by what it would be and
// what bars it.
func TestExplained(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	made := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Permissions: apikey.Permissions{"member": {"update"}}})
	change := func(set func(*ent.APIKeyUpdateOne)) {
		t.Helper()
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			u := tx.Platform().APIKey().UpdateOneID(made.Row.ID)
			set(u)
			return u.Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ago := h.Clock.Now().Add(-time.Hour)
	for _, step := range []struct {
		barred string
		set    func(*ent.APIKeyUpdateOne)
	}{
		{"", func(u *ent.APIKeyUpdateOne) { u.SetEnabled(true) }},
		{"The key is disabled.", func(u *ent.APIKeyUpdateOne) { u.SetEnabled(false) }},
		{"The key has expired.", func(u *ent.APIKeyUpdateOne) { u.SetEnabled(true).SetExpiresAt(ago) }},
		{"The key has no use left.", func(u *ent.APIKeyUpdateOne) { u.ClearExpiresAt().SetRemaining(0) }},
	} {
		change(step.set)
		who, err := h.Host.Principals.OfSubject(t.Context(), auth.KindAPIKey, made.Row.ID)
		if err != nil {
			t.Fatal(err)
		}
		for scope, held := range map[string]bool{"member:update": true, "member:delete": false} {
			a, err := h.Host.Principals.Judge(t.Context(), who, auth.In(org), scope)
			if err != nil || a.Barred.English() != step.barred || (len(a.Grants)+len(a.Lapsed) > 0) != held || a.May != (held && step.barred == "") {
				t.Errorf("%q: %s: %+v %v", step.barred, scope, a, err)
			}
		}
	}
	if _, err := h.Host.Principals.OfSubject(t.Context(), auth.KindAPIKey, "nothing"); auth.AsError(err).Status != 404 {
		t.Errorf("a key that is not there: %v", err)
	}
}
