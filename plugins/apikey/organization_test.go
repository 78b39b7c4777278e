package apikey_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/organization"
)

// TestOrganizationKeys: KEY-130 to 137, 140, 142 to 144, 170, 171.
func TestOrganizationKeys(t *testing.T) {
	h := open(t, setup{settings: kinds(`{default = {}, org = {references = "organization", default_prefix = "org_"}, more = {references = "organization"}}`)})
	owner, b := h.person("ann")
	org, foreign := h.organization(b, "acme"), ""
	_, stranger := h.person("sam")
	foreign = h.organization(stranger, "other")
	member, m := h.person("mia")
	adam, admin := h.person("adam")
	padded, p := h.person("pat")
	h.join(org, member, "member")
	h.join(org, adam, "admin")
	h.join(org, padded, "member, owner")
	nobody, n := h.person("ned")
	h.join(org, nobody, "vanished") // a role that gives nothing

	a := h.key(b, body{"configId": "org", "organizationId": org}) // KEY-130
	id := a.Text("id")
	if a.Text("referenceId") != org || a.Text("prefix") != "org_" || a.Text("configId") != "org" || !strings.HasPrefix(a.Text("key"), "org_") {
		t.Errorf("%s", a.Body)
	}
	row := h.row(id)
	if row.CreatedBy != owner.ID || row.OwnerKind != apikey.OwnerOrganization || row.OrganizationID == nil || *row.OrganizationID != org {
		t.Errorf("%+v", row)
	}
	b.Post(api+"/api-key/create", body{"configId": "org"}).Want(400, "ORGANIZATION_ID_REQUIRED")                              // KEY-131
	h.Browser().Post(api+"/api-key/create", body{"configId": "org", "organizationId": org}).Want(401, "UNAUTHORIZED_SESSION") // before membership
	if row, code := h.verify(a.Text("key"), scoped("org")); code != "" || row.ReferenceID != org {                            // KEY-132
		t.Error(code)
	}
	h.key(b, nil)
	h.key(b, body{"configId": "more", "organizationId": org})
	total := func(query string, want float64) {
		t.Helper()
		if a := b.Get(api+"/api-key/list"+query).Want(200, ""); a.Value("total") != want {
			t.Errorf("%s lists %v, want %v", query, a.Value("total"), want)
		}
	}
	total("", 1) // KEY-133, 134
	total("?organizationId="+org, 2)
	total("?organizationId="+org+"&configId=org", 1)
	total("?organizationId="+org+"&configId=default", 0)
	total("?configId=org", 0)

	all := func(b *servertest.Browser, org string, status int, code string) {
		t.Helper()
		b.Post(api+"/api-key/create", body{"configId": "org", "organizationId": org}).Want(status, code)
		b.Get(api+"/api-key/list?organizationId="+org).Want(status, code)
		b.Get(api+"/api-key/get?configId=org&id="+id).Want(status, code)
		b.Post(api+"/api-key/update", body{"configId": "org", "keyId": id, "name": "x"}).Want(status, code)
		b.Post(api+"/api-key/delete", body{"configId": "org", "keyId": id}).Want(status, code)
	}
	all(stranger, org, 403, "USER_NOT_MEMBER_OF_ORGANIZATION") // KEY-136
	all(m, org, 403, "INSUFFICIENT_API_KEY_PERMISSIONS")       // KEY-137, 140
	all(n, org, 403, "INSUFFICIENT_API_KEY_PERMISSIONS")       // KEY-140
	all(admin, org, 403, "INSUFFICIENT_API_KEY_PERMISSIONS")   // KEY-144
	b.Post(api+"/api-key/create", body{"configId": "org", "organizationId": "unknown"}).Want(403, "USER_NOT_MEMBER_OF_ORGANIZATION")
	b.Get(api+"/api-key/list?organizationId="+foreign).Want(403, "USER_NOT_MEMBER_OF_ORGANIZATION")
	b.Get(api+"/api-key/get?id="+id).Want(404, "KEY_NOT_FOUND") // KEY-142
	h.key(p, body{"configId": "org", "organizationId": org})    // KEY-170

	if a := b.Post(api+"/api-key/update", body{"configId": "org", "keyId": id, "name": "n", "enabled": false}).Want(200, ""); a.Text("name") != "n" || a.Text("referenceId") != org || a.Text("configId") != "org" { // KEY-143
		t.Errorf("%s", a.Body)
	}
	b.Post(api+"/api-key/delete", body{"configId": "org", "keyId": id}).Want(200, "") // KEY-135
	h.want(a.Text("key"), "INVALID_API_KEY")

	// A platform administrator acts in any organization, a viewer does not.
	_, root := h.administrator("root", "admin")
	_, viewer := h.administrator("vera", "viewer")
	id = h.key(root, body{"configId": "org", "organizationId": org}).Text("id")
	root.Get(api+"/api-key/list?organizationId="+org).Want(200, "")
	viewer.Get(api+"/api-key/list?organizationId="+org).Want(403, "USER_NOT_MEMBER_OF_ORGANIZATION")
	root.Get(api+"/api-key/list?organizationId=unknown").Want(403, "USER_NOT_MEMBER_OF_ORGANIZATION")

	// A key outlives who made it, and ends with its organization (KEY-171).
	if err := h.Host.Users.Delete(t.Context(), padded.ID, "test"); err != nil {
		t.Fatal(err)
	}
	kept := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org})
	h.want(kept.Secret, "")
	b.Post(api+"/organization/delete", body{"organizationId": org}).Want(200, "")
	h.want(kept.Secret, "INVALID_API_KEY")
	if h.row(kept.Row.ID) != nil || h.row(id) != nil {
		t.Error("keys of a deleted organization are left")
	}
}

// TestRefusedInside: who is refused inside an organization is told what is missing there, and
// not what would give it on the platform.
func TestRefusedInside(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	adam, admin := h.person("adam")
	h.join(org, adam, "admin")
	a := admin.Post(api+"/api-key/create", body{"configId": "org", "organizationId": org}).Want(403, "INSUFFICIENT_API_KEY_PERMISSIONS")
	if roles, _ := a.Value("roles").([]any); a.Text("scope") != "apiKey:create" || a.Text("permission") != "Make API keys" || len(roles) != 1 || roles[0] != "owner" {
		t.Errorf("%s", a.Body)
	}
	mia, _ := h.person("mia")
	h.join(org, mia, "member")
	_, err := h.s.CreateAccount(h.as(mia), org, apikey.Account{Name: "x"})
	if e := auth.AsError(err); !errors.Is(err, auth.ErrForbidden) || !e.Inside || e.Scope != apikey.ScopeAccountCreate {
		t.Errorf("an account by a member: %v", err)
	}
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create"}}}).Want(200, "")
	kim, _ := h.person("kim")
	h.join(org, kim, "keeper")
	_, err = h.s.CreateFor(h.as(kim), apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.NewKey{Permissions: apikey.Permissions{"member": {"delete"}}})
	if e := auth.AsError(err); !errors.Is(err, apikey.ErrTooMuch) || !e.Inside {
		t.Errorf("a key above its maker: %v", err)
	}
}

// TestNothingOutlivesOrganization: what is made while the organization is being deleted is
// refused, or goes with it.
func TestNothingOutlivesOrganization(t *testing.T) { dbtest.Each(t, nothingOutlivesOrganizationOn) }

func nothingOutlivesOrganizationOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	as := h.as(ann)
	acc, err := h.s.CreateAccount(as, org, apikey.Account{Name: "before"})
	if err != nil {
		t.Fatal(err)
	}
	old := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org})
	makes := map[string]func() error{
		"account": func() error { _, err := h.s.CreateAccount(as, org, apikey.Account{Name: "during"}); return err },
		"key": func() error {
			_, err := h.s.Create(as, apikey.NewKey{ConfigID: "org", OrganizationID: org})
			return err
		},
		"key of an account": func() error {
			_, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{})
			return err
		},
		"successor": func() error { _, err := h.s.Rotate(as, old.Row.ID, time.Hour); return err },
	}
	var all sync.WaitGroup
	errs := make(chan error, len(makes))
	err = h.Host.DB.InTx(as, func(ctx context.Context, _ *auth.Tx) error {
		if _, err := plugins.MustOffer[*organization.Service](h.Host).Delete(ctx, org); err != nil {
			return err
		}
		for name, act := range makes {
			all.Go(func() {
				if act() == nil {
					errs <- errors.New(name)
				}
			})
		}
		time.Sleep(300 * time.Millisecond) // until they have found the organization there
		return nil
	})
	all.Wait()
	close(errs)
	if err != nil {
		t.Fatal(err)
	}
	for err := range errs {
		t.Errorf("made in an organization that is gone: %v", err)
	}
	access := h.Host.DB.Access(t.Context()).Platform()
	if accounts, keys := access.ServiceAccount().Query().CountX(t.Context()), access.APIKey().Query().CountX(t.Context()); accounts != 0 || keys != 0 {
		t.Errorf("%d accounts and %d keys are left", accounts, keys)
	}
}

// TestOwnRoles: KEY-138, 139: roles that an organization makes for itself give keys.
func TestOwnRoles(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	for role, actions := range map[string][]string{"keeper": {"create", "read", "update", "delete"}, "reader": {"read"}} {
		b.Post(api+"/organization/create-role", body{"organizationId": org, "role": role, "permission": body{"apiKey": actions}}).Want(200, "")
	}
	kim, k := h.person("kim")
	rob, r := h.person("rob")
	h.join(org, kim, "keeper")
	h.join(org, rob, "reader")
	id := h.key(k, body{"configId": "org", "organizationId": org}).Text("id")
	k.Get(api+"/api-key/list?organizationId="+org).Want(200, "")
	k.Post(api+"/api-key/update", body{"configId": "org", "keyId": id, "name": "x"}).Want(200, "")
	r.Get(api+"/api-key/list?organizationId="+org).Want(200, "")
	r.Get(api+"/api-key/get?configId=org&id="+id).Want(200, "")
	for path, in := range map[string]body{"create": {"configId": "org", "organizationId": org}, "update": {"configId": "org", "keyId": id, "name": "y"}, "delete": {"configId": "org", "keyId": id}} {
		r.Post(api+"/api-key/"+path, in).Want(403, "INSUFFICIENT_API_KEY_PERMISSIONS")
	}
	k.Post(api+"/api-key/delete", body{"configId": "org", "keyId": id}).Want(200, "")
}

// TestWithoutOrganizations: KEY-141.
func TestWithoutOrganizations(t *testing.T) {
	h := open(t, setup{without: true})
	_, b := h.person("ann")
	b.Post(api+"/api-key/create", body{"configId": "org", "organizationId": "x"}).Want(500, "ORGANIZATION_PLUGIN_REQUIRED")
	b.Get(api+"/api-key/list?organizationId=x").Want(500, "ORGANIZATION_PLUGIN_REQUIRED")
	h.key(b, nil)
}

// TestHolders: who holds a scope in an organization, by accounts and keys.
func TestHolders(t *testing.T) { dbtest.Each(t, holdersOn) }

func holdersOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	acc, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "A", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	key := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Permissions: apikey.Permissions{"member": {"update"}}})
	h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Permissions: apikey.Permissions{"member": {"read"}, "team": {"update"}}})
	holders, err := h.Host.Principals.WhoHolds(t.Context(), auth.HolderQuery{Realm: auth.In(org), Scope: "member:update"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, x := range holders.Holders {
		if x.Source.Plugin == apikey.ID {
			seen[x.Subject]++
		}
	}
	if seen[acc.ID] != 1 || seen[key.Row.ID] != 1 || len(seen) != 2 {
		t.Errorf("%v", seen)
	}
}

// TestNoForgedScopes: no key is given, has, or shows a permission that reads as one of the
// platform.
func TestNoForgedScopes(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	as, org := h.as(ann), h.organization(b, "acme")
	acc, err := h.s.CreateAccount(as, org, apikey.Account{Name: "Robot", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.NewKey{ConfigID: "org", Permissions: apikey.Permissions{"files": {"read"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []apikey.Permissions{{"platform": {"user:list"}}, {"platform:user": {"list"}}, {"files": {"read"}, "platform": {"a"}}} {
		for what, do := range map[string]func() error{
			"for an organization": func() error {
				_, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerOrganization, ID: org}, apikey.NewKey{ConfigID: "org", Permissions: forged})
				return err
			},
			"for an account": func() error {
				_, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{Permissions: forged})
				return err
			},
			"by the program": func() error {
				_, err := h.s.Create(t.Context(), apikey.NewKey{UserID: ann.ID, Permissions: forged})
				return err
			},
			"changed": func() error {
				_, err := h.s.Change(as, key.Row.ID, apikey.Change{Permissions: forged})
				return err
			},
		} {
			if e, ok := errors.AsType[*auth.Error](do()); !ok || e.Code != auth.ErrValidation.Code {
				t.Errorf("%v %s: %v", forged, what, e)
			}
		}
	}

	// Rows of before give nothing of it.
	if err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Platform().APIKey().Update().SetPermissions(`{"platform":["user:list"],"files":["read"]}`).Exec(ctx)
	}); err != nil {
		t.Fatal(err)
	}
	if p, err := h.Host.Principals.OfSubject(t.Context(), auth.KindAPIKey, key.Row.ID); err != nil || !slices.Equal(p.Scopes(), []string{"files:read"}) {
		t.Errorf("holds %v %v", p.Scopes(), err)
	}
	if _, code := h.verify(key.Secret, asking(apikey.Permissions{"platform": {"user:list"}})); code != "KEY_NOT_FOUND" {
		t.Errorf("verified: %q", code)
	}
	if _, code := h.verify(key.Secret, asking(apikey.Permissions{"files": {"read"}})); code != "" {
		t.Errorf("not verified: %q", code)
	}
	p := auth.NewPrincipal(auth.Principal{Subject: "k"}, []auth.Grant{{Scope: "platform:user:list", Realm: auth.Apps}, {Scope: "files:read", Realm: auth.Apps}}, h.Clock.Now())
	if got := p.Scopes(); !slices.Equal(got, []string{"files:read"}) {
		t.Errorf("shows %v", got)
	}
}

// TestInvitedByAnAccount: the list of invitations names the service account that invited.
func TestInvitedByAnAccount(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	acc, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Deployer", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.s.CreateFor(h.as(ann), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	h.with(made.Secret).Post(api+"/organization/invite-member", body{"organizationId": org, "email": "kim@example.test", "role": "member"}).Want(200, "")
	b.Post(api+"/organization/invite-member", body{"organizationId": org, "email": "lou@example.test", "role": "member"}).Want(200, "")
	page(t, b.Get("/admin/o/acme/invitations"), 200, "kim@example.test", "Deployer", ">ann<", "!somebody who is gone")
	// As its activity does, when the account is gone.
	if err := h.s.DeleteAccount(h.as(ann), org, acc.ID); err != nil {
		t.Fatal(err)
	}
	page(t, b.Get("/admin/o/acme/invitations"), 200, "Deployer", "!somebody who is gone")
}
