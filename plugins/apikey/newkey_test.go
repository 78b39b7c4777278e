package apikey_test

import (
	"net/url"
	"regexp"
	"sync"
	"testing"

	entkey "gatehouse/ent/apikey"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
)

// TestOwnersOfOneName: the wizard of the platform says whose a service account is, in each
// step, as there may be others of the same name.
func TestOwnersOfOneName(t *testing.T) {
	h := open(t, setup{})
	_, r := h.administrator("root", "owner")
	owners := map[string]string{}
	for _, name := range []string{"acme", "globex"} {
		u, b := h.person("ann-" + name)
		a, err := h.s.CreateAccount(h.as(u), h.organization(b, name), apikey.Account{Name: "Robot"})
		if err != nil {
			t.Fatal(err)
		}
		owners[name] = "service-account:" + a.ID
	}
	const at, whose = "/admin/api-keys/new", "Robot\u00a0· Service account of "
	page(t, r.Get(at), 200, whose+"acme</option>", whose+"globex</option>")
	form := url.Values{"step": {"owner"}, "go": {"next"}, "owner": {owners["globex"]}}
	page(t, r.Form(at, form), 200, "A key of "+whose+"globex.")
	form.Set("name", "nightly")
	form.Set("step", "permissions")
	page(t, r.Form(at, form), 200, whose+"globex</dd>", "!acme")
}

var onceForm = regexp.MustCompile(`name="once" value="([^"]+)"`)

// TestFormMakesOneKey: who reloads the page that shows a new key sends the form again. That
// makes no second key, in any place, and leads to the first.
func TestFormMakesOneKey(t *testing.T) { dbtest.Each(t, formMakesOneKeyOn) }

func formMakesOneKeyOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	u, b := h.person("ann")
	org := h.organization(b, "acme")
	root, r := h.administrator("root", "owner")
	account, err := h.s.CreateAccount(h.as(root), "", apikey.Account{Name: "backup", Roles: []string{"viewer"}})
	if err != nil {
		t.Fatal(err)
	}
	for at, c := range map[string]struct {
		b     *servertest.Browser
		owner apikey.Owner
	}{
		"/admin/o/acme/keys": {b, apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}},
		"/account/api-keys":  {b, apikey.Owner{Kind: apikey.OwnerUser, ID: u.ID}},
		"/admin/api-keys":    {r, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}},
	} {
		keys := func() []string {
			ids, err := h.Host.DB.Access(t.Context()).Platform().APIKey().Query().Where(entkey.ReferenceID(c.owner.ID)).IDs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		last := func() url.Values {
			form := url.Values{"step": {"permissions"}, "owner": {c.owner.Kind + ":" + c.owner.ID}, "name": {"ci"}, "whole": {"all"}}
			if at == "/account/api-keys" {
				form.Set("step", "name")
			}
			found := onceForm.FindStringSubmatch(page(t, c.b.Form(at+"/new", form), 200, "Make the key"))
			if found == nil {
				t.Fatalf("%s: the form has no value of its own", at)
			}
			form.Set("step", "limits")
			form.Set("once", found[1])
			return form
		}
		form := last()
		wrong := url.Values{"rate": {"none"}, "name": {""}}
		for name, values := range form {
			if wrong[name] == nil {
				wrong[name] = values
			}
		}
		page(t, c.b.Form(at, wrong), 422) // which spends nothing
		secret(t, page(t, c.b.Form(at, form), 200))
		made := keys()
		if a := c.b.Form(at, form); len(made) != 1 || a.Location() != at+"/"+made[0] {
			t.Errorf("%s: %d keys, sent again: %d, to %s", at, len(made), a.Status, a.Location())
		}
		page(t, c.b.Get(at+"/"+made[0]), 200, "This form has made its key already, and no second one. The secret was shown once.")
		if again := keys(); len(again) != 1 {
			t.Errorf("%s: %d keys", at, len(again))
		}
		// Nor when it is gone meanwhile.
		c.b.Form(at+"/"+made[0]+"/delete", nil)
		if a := c.b.Form(at, form); a.Location() != at || len(keys()) != 0 {
			t.Errorf("%s: sent again after it was deleted: %d, to %s, %d keys", at, a.Status, a.Location(), len(keys()))
		}
		// A form that is too old, or somebody else's, comes back; then it makes one.
		form.Set("once", "unknown")
		fresh := onceForm.FindStringSubmatch(page(t, c.b.Form(at, form), 409, "This form is too old.", "Make the key"))
		form.Set("once", fresh[1])
		secret(t, page(t, c.b.Form(at, form), 200))
		// Sent at once from two sides it makes one too.
		form = last()
		before := len(keys())
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { c.b.Form(at, form) })
		}
		all.Wait()
		if n := len(keys()) - before; n != 1 {
			t.Errorf("%s: %d keys of one form", at, n)
		}
	}
}
