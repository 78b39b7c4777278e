package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/list"
)

// TestServiceAccounts: an account acts by its roles now, narrowed by its key, and only
// while it is there and on.
func TestServiceAccounts(t *testing.T) {
	look := &asked{}
	h := openWith(t, setup{settings: kinds(`{default = {rate_limit = {enabled = false}}, org = {references = "organization", rate_limit = {enabled = false}}}`)}, look)
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	as := h.as(ann)
	acc, err := h.s.CreateAccount(as, org, apikey.Account{Name: " Deployer ", Description: "d", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	if acc.Name != "Deployer" || acc.CreatedBy != ann.ID || h.count("service-account.created", acc.ID) != 1 {
		t.Errorf("%+v", acc)
	}
	made, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{Name: ptr("ci")})
	if err != nil {
		t.Fatal(err)
	}
	if made.Row.ConfigID != "org" || made.Row.ReferenceID != acc.ID || *made.Row.OrganizationID != org {
		t.Errorf("%+v", made.Row)
	}
	narrow, err := h.s.CreateFor(as, apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{Permissions: apikey.Permissions{"member": {"read"}, "apiKey": {"create"}, "app": {"run"}}})
	if err != nil {
		t.Fatal(err)
	}
	use := func(m *apikey.Made) *auth.Principal {
		t.Helper()
		h.with(m.Secret).Get(api+"/asked/any").Want(200, "")
		return look.seen
	}
	p := use(made)
	if p.Subject != acc.ID || p.Name != "Deployer" || p.Scheme != auth.SchemeAPIKey || p.Claims["organizationId"] != org || !p.CanIn(org, "member:update") || p.CanIn(org, "apiKey:create") || p.Can("member:update") {
		t.Errorf("%+v", p)
	}
	p = use(narrow)
	if !p.CanIn(org, "member:read") || p.CanIn(org, "member:update") || p.CanIn(org, "apiKey:create") || !strings.Contains(strings.Join(p.Scopes(), " "), "app:run") {
		t.Errorf("a narrow key holds %v", p.Scopes())
	}
	if _, code := h.verify(made.Secret, asking(apikey.Permissions{"member": {"update"}})); code != "" {
		t.Error(code)
	}
	if _, code := h.verify(narrow.Secret, asking(apikey.Permissions{"member": {"update"}})); code != "KEY_NOT_FOUND" {
		t.Error(code)
	}

	// What the account does is told in its name.
	h.with(made.Secret).Post(api+"/organization/invite-member", body{"organizationId": org, "email": "new@example.test", "role": "member"})
	// Roles count as they are now.
	if _, err := h.s.UpdateAccount(as, org, acc.ID, apikey.Account{Name: "Deployer", Roles: []string{"member"}}); err != nil {
		t.Fatal(err)
	}
	if p := use(made); p.CanIn(org, "member:update") {
		t.Error("the key holds a role that was taken away")
	}
	if _, err := h.s.SetAccountEnabled(as, org, acc.ID, false); err != nil {
		t.Fatal(err)
	}
	h.want(made.Secret, "KEY_DISABLED")
	if _, err := h.s.SetAccountEnabled(as, org, acc.ID, true); err != nil {
		t.Fatal(err)
	}
	soon := h.Clock.Now().Add(time.Hour)
	if _, err := h.s.UpdateAccount(as, org, acc.ID, apikey.Account{Name: "Deployer", EndsAt: &soon}); err != nil {
		t.Fatal(err)
	}
	h.want(made.Secret, "")
	h.Clock.Advance(2 * time.Hour)
	h.want(made.Secret, "KEY_DISABLED")
	// Whoever lists the keys of the organization sees those of its accounts too, and a person's
	// list has neither.
	as, b = h.as(ann), h.SignIn(ann.Email)
	own := h.key(b, body{"configId": "org", "organizationId": org}).Text("id")
	other := h.organization(b, "other")
	listed := func(query string, want ...string) {
		t.Helper()
		a := b.Get(api+"/api-key/list"+query).Want(200, "")
		var got []string
		for i := range len(a.Value("apiKeys").([]any)) {
			got = append(got, a.Text(fmt.Sprintf("apiKeys.%d.id", i)))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || a.Value("total") != float64(len(want)) {
			t.Errorf("%s lists %v, want %v: %s", query, got, want, a.Body)
		}
	}
	listed("?organizationId="+org, own, made.Row.ID, narrow.Row.ID)
	listed("?organizationId="+org+"&configId=org", own, made.Row.ID, narrow.Row.ID)
	listed("?organizationId=" + other)
	listed("")
	if a := b.Get(api + "/api-key/list?limit=1&organizationId=" + org); a.Text("apiKeys.0.referenceId") != acc.ID || a.Value("total") != 3.0 {
		t.Errorf("%s", a.Body)
	}
	if err := h.s.DeleteAccount(as, org, acc.ID); err != nil {
		t.Fatal(err)
	}
	h.want(made.Secret, "INVALID_API_KEY")
	if h.row(made.Row.ID) != nil {
		t.Error("the key of a deleted account is left")
	}
	listed("?organizationId="+org, own)
}

// TestRoleOfAccountStays: a role that a service account has is not removed, so that nobody
// gives the account other rights by another role of that name.
func TestRoleOfAccountStays(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "mini", "permission": body{"team": []string{"read"}}}).Want(200, "")
	acc, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot", Roles: []string{"member", "mini"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/organization/delete-role", body{"organizationId": org, "roleName": "mini"}).Want(400, "ROLE_IS_ASSIGNED_TO_MEMBERS")
	// The pages say who has it.
	roles := page(t, b.Get("/admin/o/acme/roles"), 200, "1 service account", "!0 members")
	role := regexp.MustCompile(`/admin/o/acme/roles/[^"/]+/delete`).FindString(roles)
	page(t, b.Get(strings.TrimSuffix(role, "/delete")), 200, "In use by 1 service account.")
	page(t, b.Form(role, nil), 400, "The role is in use by 1 service account. Give them another one first.", "!assigned to members")
	bob, _ := h.person("bob")
	h.join(org, bob, "mini")
	page(t, b.Get("/admin/o/acme/roles"), 200, "1 member, 1 service account")
	page(t, b.Form(role, nil), 400, "The role is in use by 1 member, 1 service account.")
	b.Post(api+"/organization/remove-member", body{"organizationId": org, "memberIdOrEmail": bob.Email}).Want(200, "")
	if _, err := h.s.UpdateAccount(h.as(ann), org, acc.ID, apikey.Account{Name: "Robot", Roles: []string{"member"}}); err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/organization/delete-role", body{"organizationId": org, "roleName": "mini"}).Want(200, "")
}

// TestAccountsAreNoLadder: nobody makes an account, or a key of one, that may do more than
// they may.
func TestAccountsAreNoLadder(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	adam, _ := h.person("adam")
	mia, _ := h.person("mia")
	root, _ := h.administrator("root", "admin")
	top, _ := h.administrator("top", "owner")
	org := h.organization(b, "acme")
	h.join(org, adam, "admin")
	h.join(org, mia, "member")
	other := h.organization(h.SignIn("root@example.test"), "other")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create", "read"}}}).Want(200, "")

	create := func(u *ent.User, org string, roles ...string) error {
		_, err := h.s.CreateAccount(h.as(u), org, apikey.Account{Name: "x", Roles: roles})
		return err
	}
	for name, c := range map[string]struct {
		err, want error
	}{
		"member":                   {create(mia, org), auth.ErrForbidden},
		"stranger":                 {create(ann, other), auth.ErrForbidden},
		"unknown organization":     {create(root, "unknown"), auth.ErrForbidden},
		"creator role":             {create(ann, org, "owner"), apikey.ErrAccountOwns},
		"creator role by platform": {create(top, org, "owner"), apikey.ErrAccountOwns},
		"above":                    {create(adam, org, "keeper"), apikey.ErrTooMuch},
		"own":                      {create(adam, org, "admin"), nil},
		"own role":                 {create(ann, org, "keeper"), nil},
		"unknown role":             {create(ann, org, "emperor"), apikey.ErrNoSuchRole},
		"platform by an owner":     {create(ann, ""), auth.ErrForbidden},
		"platform":                 {create(root, "", "admin"), nil},
		"platform above":           {create(root, "", "owner"), apikey.ErrTooMuch},
		"platform unknown":         {create(root, "", "keeper"), apikey.ErrNoSuchRole},
	} {
		if c.want == nil && c.err != nil || c.want != nil && !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	high, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "high", Roles: []string{"keeper"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.UpdateAccount(h.as(adam), org, high.ID, apikey.Account{Name: "low"}); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("an account above was changed: %v", err)
	}
	if err := h.s.DeleteAccount(h.as(adam), org, high.ID); !errors.Is(err, apikey.ErrTooMuch) {
		t.Errorf("an account above was removed: %v", err)
	}
	if _, err := h.s.Account(h.as(root), other, high.ID); !errors.Is(err, apikey.ErrUnknownAccount) {
		t.Errorf("an account of elsewhere: %v", err)
	}
	if _, err := h.s.Account(h.as(root), "", high.ID); !errors.Is(err, apikey.ErrUnknownAccount) {
		t.Errorf("an account of elsewhere: %v", err)
	}

	key := func(u *ent.User, kind, id string, p apikey.Permissions) error {
		_, err := h.s.CreateFor(h.as(u), apikey.Owner{Kind: kind, ID: id}, apikey.NewKey{Permissions: p})
		return err
	}
	kim, _ := h.person("kim")
	h.join(org, kim, "keeper")
	strong, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "strong", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err, want error
	}{
		"somebody else's key":    {key(root, apikey.OwnerUser, ann.ID, nil), auth.ErrForbidden},
		"own":                    {key(ann, apikey.OwnerUser, ann.ID, nil), nil},
		"own, of apps":           {key(ann, apikey.OwnerUser, ann.ID, apikey.Permissions{"files": {"read"}}), apikey.ErrServerOnly},
		"own, of apps, by admin": {key(root, apikey.OwnerUser, root.ID, apikey.Permissions{"files": {"read"}}), nil},
		"own, of the platform":   {key(ann, apikey.OwnerUser, ann.ID, apikey.Permissions{"user": {"list"}}), apikey.ErrTooMuch},
		"own, held":              {key(root, apikey.OwnerUser, root.ID, apikey.Permissions{"user": {"list"}}), nil},
		"organization":           {key(kim, apikey.OwnerOrganization, org, apikey.Permissions{"apiKey": {"read"}}), nil},
		"organization above":     {key(kim, apikey.OwnerOrganization, org, apikey.Permissions{"member": {"delete"}}), apikey.ErrTooMuch},
		"organization by member": {key(mia, apikey.OwnerOrganization, org, nil), apikey.ErrMayNot},
		"account above":          {key(kim, apikey.OwnerServiceAccount, strong.ID, nil), apikey.ErrTooMuch},
		"account without scope":  {key(adam, apikey.OwnerServiceAccount, strong.ID, nil), auth.ErrForbidden},
		"account":                {key(ann, apikey.OwnerServiceAccount, strong.ID, nil), nil},
		"unknown kind":           {key(ann, "planet", "x", nil), apikey.ErrInvalidReference},
	} {
		if c.want == nil && c.err != nil || c.want != nil && !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
}

// TestPlatformAccounts: an account of the platform verifies keys for a service.
func TestPlatformAccounts(t *testing.T) {
	h := open(t, setup{settings: map[string]string{"admin.roles": `{verifier = {scopes = ["apiKey:verify"]}}`}})
	root, _ := h.administrator("root", "admin")
	u, _ := h.person("ann")
	acc, err := h.s.CreateAccount(h.as(root), "", apikey.Account{Name: "Gateway", Roles: []string{"verifier"}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.s.CreateFor(h.as(root), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{RateLimitEnabled: ptr(false)})
	if err != nil {
		t.Fatal(err)
	}
	k := h.made(apikey.NewKey{UserID: u.ID})
	if a := h.with(made.Secret).Post(api+"/api-key/verify", body{"key": k.Secret}).Want(200, ""); a.Value("valid") != true {
		t.Errorf("%s", a.Body)
	}
	if a := h.with(made.Secret).Post(api+"/api-key/create", nil); a.Status != 401 && a.Status != 403 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	holders, err := h.Host.Principals.WhoHolds(t.Context(), auth.HolderQuery{Realm: auth.Platform, Scope: "apiKey:verify"})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, holder := range holders.Holders {
		found = found || holder.Subject == acc.ID && holder.Name == "Gateway" && holder.Source.Plugin == apikey.ID
	}
	if !found {
		t.Errorf("the account is no holder: %+v", holders)
	}
	p, err := h.Host.Principals.OfSubject(t.Context(), auth.KindAPIKey, made.Row.ID)
	if err != nil || !p.Can("apiKey:verify") || p.Can("user:list") {
		t.Errorf("%+v %v", p, err)
	}
	p, err = h.Host.Principals.OfSubject(t.Context(), auth.KindServiceAccount, acc.ID)
	if err != nil || !p.Can("apiKey:verify") {
		t.Errorf("%+v %v", p, err)
	}
}

// TestAccountKeyWhole: a key of a service account that names no permissions has all of the
// account, whatever the settings give to keys of others.
func TestAccountKeyWhole(t *testing.T) {
	h := open(t, setup{settings: plain(`default_permissions = {files = ["read"]}`)})
	root, _ := h.administrator("root", "admin")
	acc, err := h.s.CreateAccount(h.as(root), "", apikey.Account{Name: "Gateway", Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.s.CreateFor(h.as(root), apikey.Owner{Kind: apikey.OwnerServiceAccount, ID: acc.ID}, apikey.NewKey{})
	if err != nil || made.Row.Permissions != nil {
		t.Errorf("%+v %v", made, err)
	}
	if own := h.made(apikey.NewKey{UserID: root.ID}); own.Row.Permissions == nil {
		t.Error("a key of a person has none")
	}
}

// TestAccountList: pages by key, the newest first, only of the organization.
func TestAccountList(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	as := h.as(ann)
	for range 5 {
		if _, err := h.s.CreateAccount(as, org, apikey.Account{Name: "n"}); err != nil {
			t.Fatal(err)
		}
	}
	root, _ := h.administrator("root", "admin")
	if _, err := h.s.CreateAccount(h.as(root), "", apikey.Account{Name: "p"}); err != nil {
		t.Fatal(err)
	}
	q, seen := list.Query{Limit: 2}, map[string]bool{}
	for {
		page, err := h.s.ListAccounts(as, org, q)
		if err != nil || page.Total != 5 {
			t.Fatalf("%+v %v", page, err)
		}
		for _, a := range page.Rows {
			if seen[a.ID] || a.Name != "n" {
				t.Errorf("%+v", a)
			}
			seen[a.ID] = true
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d accounts", len(seen))
	}
	if page, err := h.s.ListAccounts(h.as(root), "", list.Query{}); err != nil || len(page.Rows) != 1 {
		t.Errorf("%+v %v", page, err)
	}
}

// TestRenamedRole: a service account has its role by the new name, and a name that accounts
// still have is given to no other role (SEC-137).
func TestRenamedRole(t *testing.T) {
	h := open(t, setup{})
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	role := func(name string) body {
		return body{"organizationId": org, "role": name, "permission": body{"team": []string{"read"}}}
	}
	b.Post(api+"/organization/create-role", role("mini")).Want(200, "")
	acc, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot", Roles: []string{"member", "mini"}})
	if err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/organization/update-role", body{"organizationId": org, "roleName": "mini", "data": body{"roleName": "maxi"}}).Want(200, "")
	if now, err := h.s.Account(h.as(ann), org, acc.ID); err != nil || now.Role != "member,maxi" {
		t.Errorf("%+v %v", now, err)
	}
	err = h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Organization(org).ServiceAccount().UpdateOneID(acc.ID).SetRole("ghost").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Post(api+"/organization/create-role", role("ghost")).Want(400, "ROLE_NAME_IS_ALREADY_TAKEN")
}
