package apikey_test

import (
	"context"
	"net/url"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins/apikey"
)

// TestKindless: a key whose kind the settings have no more is refused, and lists, its page, the
// explorer and the readiness of the server say so. It can still be disabled and deleted.
func TestKindless(t *testing.T) { dbtest.Each(t, kindlessOn) }

func kindlessOn(t *testing.T, db *database.DB) {
	h := openWith(t, setup{db: db, settings: kinds(`{web = {headers = ["x-web-key"]}}`)})
	ann, b := h.person("ann")
	_, root := h.administrator("root", "owner")
	org := h.organization(b, "acme")
	good := h.made(apikey.NewKey{ConfigID: "web", UserID: ann.ID, Name: ptr("good")})
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		for _, k := range [][2]string{{"default", "former"}, {"", "oldest"}} {
			if err := tx.Platform().APIKey().Create().SetID(k[1]).SetKey(k[1]).SetConfigID(k[0]).SetName(k[1]).SetReferenceID(ann.ID).SetOwnerKind(apikey.OwnerUser).Exec(ctx); err != nil {
				return err
			}
		}
		return tx.Organization(org).APIKey().Create().SetID("orgs").SetKey("orgs").SetConfigID("org").SetName("orgs").SetReferenceID(org).SetOwnerKind(apikey.OwnerOrganization).
			SetPermissions(`{"team":["read"]}`).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	page(t, root.Get("/admin/api-keys"), 200, "Its kind is gone", "former", "good", "Active")
	page(t, root.Get("/admin/api-keys?state=kindless"), 200, "former", "oldest", "orgs", "!good")
	page(t, root.Get("/admin/api-keys?state=active"), 200, "good", "!former", "!oldest")
	page(t, b.Get("/account/api-keys"), 200, "Its kind is gone")
	page(t, b.Get("/admin/o/acme/keys/orgs"), 200, "The settings have the kind org no more", "!Replace")
	page(t, b.Form("/admin/o/acme/keys/orgs/rotate", url.Values{"overlap": {"0"}}), 400, "Make a new key.")
	page(t, b.Get("/admin/o/acme/keys/orgs/edit"), 200, "orgs")
	who, err := h.Host.Principals.OfSubject(t.Context(), auth.KindAPIKey, "orgs")
	if err != nil || who.Barred == "" {
		t.Errorf("the explorer: %+v %v", who, err)
	}
	holders, err := h.Host.Principals.WhoHolds(t.Context(), auth.HolderQuery{Realm: auth.In(org), Scope: "team:read"})
	for _, one := range holders.Holders {
		if err != nil || one.Kind == auth.KindAPIKey {
			t.Errorf("among those who may: %+v %v", one, err)
		}
	}
	dead := h.made(apikey.NewKey{ConfigID: "web", UserID: ann.ID})
	err = h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Platform().APIKey().UpdateOneID(dead.Row.ID).SetConfigID("gone").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []*string{nil, ptr("web"), ptr("gone")} { // for services that ask, too
		if _, err := h.s.Verify(t.Context(), apikey.Ask{Key: dead.Secret, ConfigID: kind}); err == nil {
			t.Errorf("asked for the kind %v it is good", kind)
		}
	}
	if err := h.s.Delete(h.as(ann), dead.Row.ID); err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, part := range h.Host.Registry.Parts {
		for _, p := range part.Prerequisites {
			if err := p.Check(t.Context()); err != nil && part.ID == apikey.ID {
				said += err.Error()
			}
		}
	}
	if said != "keys of the kind default, org are refused" {
		t.Errorf("readiness says %q", said)
	}
	b.Form("/account/api-keys/former/disable", nil).Want(303, "")
	b.Form("/account/api-keys/former/delete", nil).Want(303, "")
	b.Form("/account/api-keys/oldest/delete", nil).Want(303, "")
	b.Form("/admin/o/acme/keys/orgs/delete", nil).Want(303, "")
	if h.row("former") != nil || h.row("orgs") != nil || h.row(good.Row.ID) == nil {
		t.Error("not deleted, or too much")
	}
}
