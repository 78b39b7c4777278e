package apikey_test

import (
	"net/url"
	"testing"
	"time"

	"gatehouse/ent/member"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

// TestKeysForATime: who holds something for a time makes no key, and no service account, that
// has it for longer.
func TestKeysForATime(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	kim, _ := h.person("kim")
	org := h.organization(b, "acme")
	h.join(org, kim, "member")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{
		"apiKey": []string{"create", "read", "update"}, "serviceAccount": []string{"create", "read", "update"}, "member": []string{"create"}}}).Want(200, "")
	owner, given := apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.Permissions{"member": {"create"}}
	lasting, err := h.s.CreateFor(h.as(ann), owner, apikey.NewKey{ConfigID: "org", Permissions: given})
	if err != nil {
		t.Fatal(err)
	}
	people := plugins.MustOffer[*organization.Service](h.Host)
	end := h.Clock.Now().Add(48 * time.Hour)
	place, err := h.Host.DB.Access(t.Context()).Organization(org).Member().Query().Where(member.UserID(kim.ID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.GrantRole(h.as(ann), org, place.ID, "keeper", organization.Period{End: &end}); err != nil {
		t.Fatal(err)
	}
	as, day, week := h.as(kim), 24*3600.0, 7*24*3600.0
	soon := h.Clock.Now().Add(24 * time.Hour)
	key, err := h.s.CreateFor(as, owner, apikey.NewKey{ConfigID: "org", Permissions: given, ExpiresIn: &day})
	if err != nil {
		t.Fatal(err)
	}
	account, err := h.s.CreateAccount(as, org, apikey.Account{Name: "Robot", Roles: []string{"keeper"}, EndsAt: &soon})
	if err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func() error{
		"a key for good": func() error {
			_, err := h.s.CreateFor(as, owner, apikey.NewKey{ConfigID: "org", Permissions: given})
			return err
		},
		"for longer": func() error {
			_, err := h.s.CreateFor(as, owner, apikey.NewKey{ConfigID: "org", Permissions: given, ExpiresIn: &week})
			return err
		},
		"prolonged":      func() error { _, err := h.s.Change(as, key.Row.ID, apikey.Change{ExpiresIn: &week}); return err },
		"without an end": func() error { _, err := h.s.Change(as, key.Row.ID, apikey.Change{Forever: true}); return err },
		"more of a key": func() error {
			_, err := h.s.Change(as, lasting.Row.ID, apikey.Change{Permissions: apikey.Permissions{"member": {"create"}}})
			return err
		},
		"replaced": func() error { _, err := h.s.Rotate(as, lasting.Row.ID, time.Hour); return err },
		"an account": func() error {
			_, err := h.s.CreateAccount(as, org, apikey.Account{Name: "R", Roles: []string{"keeper"}})
			return err
		},
		"an account's": func() error {
			_, err := h.s.UpdateAccount(as, org, account.ID, apikey.Account{Name: "R", Roles: []string{"keeper"}})
			return err
		},
		"a key of it": func() error {
			_, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, apikey.NewKey{})
			return err
		},
	} {
		if err := do(); err == nil {
			t.Errorf("%s was given", what)
		}
	}
	// The wire too, in a session without an active organization.
	wire := h.SignIn(kim.Email)
	for _, longer := range []any{nil, week} {
		if a := wire.Post(api+"/api-key/create", body{"configId": "org", "organizationId": org, "expiresIn": longer}); a.Status != 403 {
			t.Errorf("made over the wire until %v: %d %s", longer, a.Status, a.Body)
		}
		if a := wire.Post(api+"/api-key/update", body{"keyId": key.Row.ID, "configId": "org", "expiresIn": longer}); a.Status != 403 {
			t.Errorf("prolonged over the wire to %v: %d %s", longer, a.Status, a.Body)
		}
	}
	wire.Post(api+"/api-key/create", body{"configId": "org", "organizationId": org, "expiresIn": day}).Want(200, "")
	// Refusals say until when the right is held, at the field of the end; the forms come back.
	if a := wire.Post(api+"/api-key/create", body{"configId": "org", "organizationId": org}); a.Text("heldUntil") != end.UTC().Format(time.RFC3339) {
		t.Errorf("until when, over the wire: %s", a.Body)
	}
	const until = "You hold this only until 4 Jan 2030, 03:04 UTC."
	form := url.Values{"owner": {"organization:" + org}, "name": {"ci"}, "life": {""}, "scope": {"member:create"}}
	page(t, wire.Form("/admin/o/acme/keys", form), 403, until+" Choose an end that is not later.", `id="f-life-error"`)
	page(t, wire.Form("/admin/o/acme/keys/"+key.Row.ID+"/edit", url.Values{"name": {"ci"}, "life": {"forever"}}), 403, until, `id="f-life-error"`)
	page(t, wire.Form("/admin/o/acme/keys/"+lasting.Row.ID+"/rotate", url.Values{"overlap": {"0"}}), 403, until)
	page(t, wire.Form("/admin/o/acme/service-accounts", url.Values{"name": {"Robot Two"}, "role": {"keeper"}}), 403, until+" Choose an end that is not later.", `id="f-end-error"`)
	if row := h.row(key.Row.ID); row == nil || row.ExpiresAt == nil || row.ExpiresAt.After(soon.Add(time.Minute)) {
		t.Errorf("the key ends %v", row)
	}
}

// TestKeyOfAccountHandsOnForItsTime: what a key with an end gives to others lasts no longer than
// itself, although its service account has no end: whoever made it may be there for a time only.
func TestKeyOfAccountHandsOnForItsTime(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	tim, _ := h.person("tim")
	org := h.organization(b, "acme")
	h.join(org, tim, "member")
	account, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	owner, week := apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, 7*24*3600.0
	place, err := h.Host.DB.Access(t.Context()).Organization(org).Member().Query().Where(member.UserID(tim.ID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for what, given := range map[string]apikey.Permissions{"all": nil, "some": {"member": {"read", "create", "update", "delete"}, "invitation": {"create"}, "ac": {"create", "read"}}} {
		short, err := h.s.CreateFor(h.as(ann), owner, apikey.NewKey{ConfigID: "org", Permissions: given, ExpiresIn: &week})
		if err != nil {
			t.Fatal(err)
		}
		k := h.with(short.Secret)
		until := short.Row.ExpiresAt.UTC().Format(time.RFC3339)
		if a := k.Post(api+"/organization/update-member-role", body{"organizationId": org, "memberId": place.ID, "role": "admin"}); a.Status != 403 {
			t.Errorf("%s: a role for good: %d %s", what, a.Status, a.Body)
		}
		if a := k.Post(api+"/organization/invite-member", body{"organizationId": org, "email": "x@y.test", "role": "admin"}); a.Status != 403 || given == nil && a.Text("heldUntil") != until {
			t.Errorf("%s: an invitation: %d %s, the key ends %s", what, a.Status, a.Body, until)
		}
		k.Post(api+"/organization/create-role", body{"organizationId": org, "role": "mine", "permission": body{"member": []string{"read"}}}).Want(403, "")
		k.Get(api+"/organization/list-members?organizationId="+org).Want(200, "")
	}
	long, err := h.s.CreateFor(h.as(ann), owner, apikey.NewKey{ConfigID: "org"})
	if err != nil {
		t.Fatal(err)
	}
	h.with(long.Secret).Post(api+"/organization/update-member-role", body{"organizationId": org, "memberId": place.ID, "role": "admin"}).Want(200, "")
}

// TestEndsChanged: who may change keys brings an end forward, and prolongs what they hold
// themselves until then; a name is changed whatever the key does.
func TestEndsChanged(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	kim, _ := h.person("kim")
	org := h.organization(b, "acme")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "changer", "permission": body{"apiKey": []string{"read", "update"}, "team": []string{"read"}}}).Want(200, "")
	h.join(org, kim, "changer")
	owner, month, week := apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, 30*24*3600.0, 7*24*3600.0
	made := func(p apikey.Permissions) string {
		m, err := h.s.CreateFor(h.as(ann), owner, apikey.NewKey{ConfigID: "org", Name: ptr("ci"), Permissions: p, ExpiresIn: &month})
		if err != nil {
			t.Fatal(err)
		}
		return m.Row.ID
	}
	weak, strong := made(apikey.Permissions{"team": {"read"}}), made(apikey.Permissions{"member": {"delete"}})
	wire := h.SignIn(kim.Email)
	for _, id := range []string{weak, strong} {
		wire.Post(api+"/api-key/update", body{"keyId": id, "configId": "org", "expiresIn": week}).Want(200, "")
	}
	wire.Post(api+"/api-key/update", body{"keyId": weak, "configId": "org", "expiresIn": month}).Want(200, "")
	wire.Post(api+"/api-key/update", body{"keyId": strong, "configId": "org", "expiresIn": month}).Want(403, "PERMISSIONS_EXCEED_YOURS")
	wire.Form("/admin/o/acme/keys/"+strong+"/edit", url.Values{"name": {"renamed"}, "life": {""}, "rate": {"10"}, "window": {"86400000"}}).Want(303, "")
	// Nor is a stronger key kept alive by more uses.
	wire.Form("/admin/o/acme/keys/"+strong+"/edit", url.Values{"name": {"renamed"}, "life": {""}}).Want(403, "")
	wire.Form("/admin/o/acme/keys/"+strong+"/edit", url.Values{"name": {"renamed"}, "life": {""}, "rate": {"99"}, "window": {"86400000"}}).Want(403, "")
	if row := h.row(strong); *row.Name != "renamed" || *row.Permissions != `{"member":["delete"]}` {
		t.Errorf("%+v", row)
	}
	// One who may make keys too is shown what they cannot give, and keeps it unless they choose others.
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "maker", "permission": body{"apiKey": []string{"create", "read", "update"}, "team": []string{"read", "create"}}}).Want(200, "")
	max, _ := h.person("max")
	h.join(org, max, "maker")
	both := made(apikey.Permissions{"member": {"delete"}, "team": {"read"}})
	maker, at := h.SignIn(max.Email), "/admin/o/acme/keys/"+both+"/edit"
	page(t, maker.Get(at), 200, "Saving other permissions takes away: Remove members.")
	maker.Form(at, url.Values{"name": {"other"}, "life": {""}, "scope": {"team:read"}, "rate": {"10"}, "window": {"86400000"}}).Want(303, "")
	if row := h.row(both); *row.Name != "other" || *row.Permissions != `{"member":["delete"],"team":["read"]}` {
		t.Errorf("%+v", row)
	}
	maker.Form(at, url.Values{"name": {"other"}, "life": {""}, "scope": {"team:create"}, "rate": {"10"}, "window": {"86400000"}}).Want(303, "")
	if row := h.row(both); *row.Permissions != `{"team":["create"]}` {
		t.Errorf("%+v", row)
	}
}

// TestKeysOfTemporaryPeople: nothing that somebody holds for a time becomes theirs, or another's,
// for good by a key: their own, one of a service account, or one that was disabled.
func TestKeysOfTemporaryPeople(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	temp, _ := h.person("temp")
	mia, _ := h.person("mia")
	root, _ := h.administrator("root", "owner")
	org := h.organization(b, "acme")
	h.join(org, mia, "member")
	end := h.Clock.Now().Add(48 * time.Hour)
	if _, err := plugins.MustOffer[*admin.Service](h.Host).GrantTimedRole(h.as(root), temp.ID, "admin", time.Time{}, end); err != nil {
		t.Fatal(err)
	}
	wire := h.SignIn(temp.Email)
	own, err := h.s.CreateFor(h.as(temp), apikey.Owner{Kind: apikey.OwnerUser, ID: temp.ID}, apikey.NewKey{
		Permissions: apikey.Permissions{"organization": {"own", "read"}, "member": {"update", "read"}, "invitation": {"create"}, "ac": {"create", "read"}}})
	if err != nil {
		t.Fatal(err)
	}
	k := h.with(own.Secret)
	place, err := h.Host.DB.Access(t.Context()).Organization(org).Member().Query().Where(member.UserID(mia.ID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, in := range map[string]body{
		"update-member-role": {"memberId": place.ID, "role": "owner"},
		"invite-member":      {"email": "x@y.test", "role": "admin"},
		"create-role":        {"role": "mine", "permission": body{"member": []string{"update"}}},
	} {
		in["organizationId"] = org
		if a := k.Post(api+"/organization/"+path, in); a.Status != 403 {
			t.Errorf("%s with the key of a person for a time: %d %s", path, a.Status, a.Body)
		}
	}
	k.Get(api+"/organization/list-members?organizationId="+org).Want(200, "")

	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "reader", "permission": body{"team": []string{"read"}, "member": []string{"read", "update"}}}).Want(200, "")
	account, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot", Roles: []string{"reader"}})
	if err != nil {
		t.Fatal(err)
	}
	some, err := h.s.CreateFor(h.as(ann), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: account.ID}, apikey.NewKey{ConfigID: "org", Permissions: apikey.Permissions{"team": {"read"}}})
	if err != nil {
		t.Fatal(err)
	}
	orgs, err := h.s.CreateFor(h.as(ann), apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.NewKey{ConfigID: "org", Permissions: apikey.Permissions{"member": {"update"}}})
	if err != nil {
		t.Fatal(err)
	}
	// "All that the account has" is more.
	if _, err := h.s.Change(h.as(temp), some.Row.ID, apikey.Change{NoPermissions: true}); err == nil {
		t.Error("all of the account was given")
	}
	for _, id := range []string{some.Row.ID, orgs.Row.ID} {
		if _, err := h.s.SetEnabled(h.as(temp), id, false); err != nil {
			t.Error(err)
		}
		if _, err := h.s.SetEnabled(h.as(temp), id, true); err == nil {
			t.Errorf("%s works again, for good", id)
		}
		if _, err := h.s.SetEnabled(h.as(ann), id, true); err != nil {
			t.Error(err)
		}
	}
	if _, err := h.s.SetAccountEnabled(h.as(temp), org, account.ID, false); err != nil {
		t.Error(err)
	}
	if _, err := h.s.SetAccountEnabled(h.as(temp), org, account.ID, true); err == nil {
		t.Error("the account acts again, for good")
	}
	wire.Get("/admin/o/acme/service-accounts/"+account.ID).Want(200, "")
}
