package apikey_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins/apikey"
	"gatehouse/web/webtest"
)

// page asserts a good page of a status with some texts and without others ("!text").
func page(t *testing.T, a *servertest.Answer, status int, texts ...string) string {
	t.Helper()
	body := string(a.Body)
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, body[:min(len(body), 300)])
	}
	for _, problem := range webtest.Page(body) {
		t.Error(problem)
	}
	for _, text := range texts {
		if lacks, not := strings.CutPrefix(text, "!"); not == strings.Contains(body, lacks) {
			t.Errorf("the page and %q", text)
		}
	}
	return body
}

var secretForm = regexp.MustCompile(`id="hand-over-0">([^<]+)<`)

// secret is what a page hands over.
func secret(t *testing.T, body string) string {
	t.Helper()
	m := secretForm.FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the page shows no secret")
	}
	return m[1]
}

// only returns the id of the one key that a list holds.
func (h *house) only(org string) string {
	h.t.Helper()
	id, err := h.Host.DB.Access(h.t.Context()).Organization(org).APIKey().Query().OnlyID(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// TestWizard makes a key of an organization step by step: values travel, come back with what
// is wrong, and the secret is shown once.
func TestWizard(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	const at = "/admin/o/acme/keys"
	page(t, b.Get(at), 200, "No API keys yet", at+"/new")
	page(t, b.Get(at+"/new"), 200, "acme itself", "Continue", "!Make the key")
	owner := "organization:" + org
	page(t, b.Form(at+"/new", url.Values{"step": {"owner"}, "owner": {"organization:elsewhere"}}), 422, "!Name and end</h2>")
	page(t, b.Form(at+"/new", url.Values{"step": {"owner"}, "owner": {owner}}), 200, `name="owner" value="`+owner+`"`, "A key of acme", "After 90 days")
	page(t, b.Form(at+"/new", url.Values{"step": {"name"}, "owner": {owner}, "name": {" "}}), 422, "Enter a name of 1 to 32 characters.", `name="owner" value="`+owner+`"`)
	page(t, b.Form(at+"/new", url.Values{"step": {"name"}, "owner": {owner}, "name": {"ci"}, "life": {"30"}}), 200,
		`value="member:delete"`, `name="name" value="ci"`, `name="life" value="30"`, "Permissions of your apps")
	page(t, b.Form(at+"/new", url.Values{"step": {"permissions"}, "owner": {owner}, "name": {"ci"}, "custom": {"files read"}}), 422, "files is no permission")
	whole := url.Values{"step": {"permissions"}, "owner": {owner}, "name": {"ci"}, "life": {"30"}, "scope": {"member:read", "team:read"}, "custom": {"files:read\nfiles:write"}}
	page(t, b.Form(at+"/new", whole), 200, "Make the key", `name="scope" value="member:read"`, "files:read, files:write, See the members, See the teams", "After 30 days")
	whole.Set("go", "back")
	whole.Set("step", "limits")
	page(t, b.Form(at+"/new", whole), 200, `value="team:read" checked`, "files:read\nfiles:write", `name="name" value="ci"`)
	whole.Del("go")
	whole.Set("rate", "none")
	page(t, b.Form(at, whole), 422, "Enter a whole number from 1 to", "Make the key")
	whole.Set("rate", "2")
	whole.Set("window", "3600000")
	whole.Set("refill", "5")
	page(t, b.Form(at, whole), 422, "Say with how many uses the key begins.")
	whole.Set("remaining", "7")
	shown := secret(t, page(t, b.Form(at, whole), 200, "shown only now", "/api/v1/auth/me", "Good until"))
	row := h.row(h.only(org))
	if *row.Name != "ci" || *row.Permissions != `{"files":["read","write"],"member":["read"],"team":["read"]}` || *row.RateLimitMax != 2 || *row.RateLimitTimeWindow != 3600000 ||
		*row.Remaining != 7 || *row.RefillAmount != 5 || row.ExpiresAt.Sub(row.CreatedAt) != 30*day || row.OwnerKind != apikey.OwnerOrganization {
		t.Errorf("%+v", row)
	}
	h.want(shown, "", "", "RATE_LIMITED")
	page(t, b.Get(at+"/"+row.ID), 200, "See the members", "files:write", "2 uses in 1 hour", "5 uses after 1 day", "2 uses, 1 refused", "Replace", "!"+shown)
	page(t, b.Get(at), 200, "ci", "org_", "!"+shown)
}

// TestWizardAbove: the wizard offers what its reader holds, and what is sent besides is
// refused where it was chosen.
func TestWizardAbove(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	kim, as := h.person("kim")
	org := h.organization(b, "acme")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create", "read"}, "team": []string{"read"}}}).Want(200, "")
	h.join(org, kim, "keeper")
	form := url.Values{"step": {"name"}, "owner": {"organization:" + org}, "name": {"ci"}}
	page(t, as.Form("/admin/o/acme/keys/new", form), 200, `value="team:read"`, "!member:delete", "!apiKey:read")
	form.Set("scope", "member:delete")
	page(t, as.Form("/admin/o/acme/keys", form), 403, "You cannot give permissions that you do not have yourself.", `value="team:read"`)
	if n, err := h.Host.DB.Access(t.Context()).Organization(org).APIKey().Query().Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d keys, %v", n, err)
	}
	form.Set("scope", "team:read")
	page(t, as.Form("/admin/o/acme/keys", form), 200, "shown only now")
	// Who may not change keys is offered no such button, and none works.
	id := h.only(org)
	page(t, as.Get("/admin/o/acme/keys/"+id), 200, "!Replace", "!Disable", "!Delete")
	page(t, as.Form("/admin/o/acme/keys/"+id+"/disable", nil), 403, "apiKey:update")
}

// TestProofForKeys: making and replacing keys needs a recent proof of identity.
func TestProofForKeys(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	m := h.made(apikey.NewKey{UserID: u.ID, Name: ptr("old")})
	h.Clock.Advance(time.Hour)
	for _, path := range []string{"/account/api-keys", "/account/api-keys/" + m.Row.ID + "/rotate"} {
		if a := b.Form(path, url.Values{"name": {"new"}, "overlap": {"0"}}); a.Status == http.StatusOK || strings.Contains(string(a.Body), "shown only now") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if n, err := h.Host.DB.Access(t.Context()).Platform().APIKey().Query().Count(t.Context()); err != nil || n != 1 || h.row(m.Row.ID).RotatedTo != nil {
		t.Errorf("%d keys, %v", n, err)
	}
}

// TestOwnKeys: people make keys for themselves, and say no more of them than on the wire.
func TestOwnKeys(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	other, _ := h.person("bob")
	foreign := h.made(apikey.NewKey{UserID: other.ID, Name: ptr("bobs")})
	const at = "/account/api-keys"
	page(t, b.Form(at+"/new", url.Values{"step": {"name"}, "name": {"mine"}}), 200, "Make the key", "!Uses in a window", "!Permissions")
	page(t, b.Form(at, url.Values{"name": {"mine"}, "scope": {"user:list"}}), 403, "You cannot give permissions that you do not have yourself.")
	page(t, b.Form(at, url.Values{"name": {"mine"}, "scope": {"files:read"}}), 400, "server auth instance only")
	page(t, b.Form(at, url.Values{"name": {"mine"}, "custom": {"files:read"}, "rate": {"999"}, "remaining": {"9"}}), 200, "shown only now")
	rows, err := h.Host.DB.Access(t.Context()).Platform().APIKey().Query().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r *ent.APIKey) bool { return r.ReferenceID == u.ID })
	if len(rows) != 2 || i < 0 || rows[i].Permissions != nil || rows[i].Remaining != nil || *rows[i].RateLimitMax != 10 {
		t.Fatalf("%+v", rows)
	}
	id := rows[i].ID
	page(t, b.Get(at), 200, "mine", "!bobs")
	page(t, b.Get(at+"/"+id+"/edit"), 200, "!Uses in a window")
	if a := b.Form(at+"/"+id+"/edit", url.Values{"name": {"renamed"}, "life": {"7"}, "rate": {"999"}}); a.Status != 303 || *h.row(id).Name != "renamed" || *h.row(id).RateLimitMax != 10 || h.row(id).ExpiresAt == nil {
		t.Errorf("%d %+v", a.Status, h.row(id))
	}
	for _, part := range []string{"", "/edit", "/rotate", "/delete"} {
		page(t, b.Get(at+"/"+foreign.Row.ID+part), 404)
	}
	for _, part := range []string{"/edit", "/rotate", "/delete", "/disable", "/enable"} {
		page(t, b.Form(at+"/"+foreign.Row.ID+part, url.Values{"name": {"taken"}, "overlap": {"1"}}), 404)
	}
	if row := h.row(foreign.Row.ID); row == nil || *row.Name != "bobs" || !row.Enabled || row.RotatedTo != nil {
		t.Errorf("%+v", row)
	}
}

// TestKeyActs edits, stops, replaces and deletes a key of an organization.
func TestKeyActs(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	m := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Name: ptr("ci"), Permissions: apikey.Permissions{"member": {"read"}, "files": {"read"}}, Remaining: ptr(int64(50))})
	at := "/admin/o/acme/keys/" + m.Row.ID
	page(t, b.Get(at+"/edit"), 200, `value="member:read" checked`, "files:read", `name="remaining"`, `value="50"`)
	// What is sent as it was drawn changes nothing; a count that went on meanwhile stays.
	same := url.Values{"name": {"ci"}, "scope": {"member:read"}, "custom": {"files:read"}, "rate": {"10"}, "window": {"86400000"}, "remaining": {"50"}, "was": {"50"}}
	h.want(m.Secret, "")
	b.Form(at+"/edit", same)
	if row := h.row(m.Row.ID); h.count("api-key.updated", row.ID) != 0 || *row.Remaining != 49 {
		t.Errorf("%d changes, %d left", h.count("api-key.updated", row.ID), *row.Remaining)
	}
	b.Form(at+"/edit", url.Values{"name": {"ci two"}, "scope": {"team:read"}, "rate": {""}, "remaining": {""}})
	if row := h.row(m.Row.ID); *row.Name != "ci two" || *row.Permissions != `{"team":["read"]}` || row.RateLimitEnabled || row.Remaining != nil {
		t.Errorf("%+v", row)
	}
	page(t, b.Form(at+"/edit", url.Values{"name": {""}}), 422, "Enter a name")
	if a := b.Form(at+"/disable", nil); a.Status != 303 || a.Location() != at {
		t.Errorf("%d %s", a.Status, a.Location())
	}
	h.want(m.Secret, "KEY_DISABLED")
	page(t, b.Get(at), 200, "Undo", "Disabled", `action="`+at+`/enable"`)
	b.Form(at+"/enable", nil)
	h.want(m.Secret, "")
	page(t, b.Get(at+"/rotate"), 200, "How long the old key still works")
	next := secret(t, page(t, b.Form(at+"/rotate", url.Values{"overlap": {"1"}}), 200, "The new key"))
	h.want(next, "")
	h.want(m.Secret, "")
	successor := *h.row(m.Row.ID).RotatedTo
	page(t, b.Get(at), 200, "This key is replaced", "It still works until", "/keys/"+successor, "!>Replace<")
	page(t, b.Get("/admin/o/acme/keys/"+successor), 200, "Took over from")
	h.Clock.Advance(time.Hour + time.Second)
	h.want(m.Secret, "KEY_EXPIRED")
	page(t, b.Get(at), 404) // what is over goes
	at = "/admin/o/acme/keys/" + successor
	page(t, b.Get(at+"/delete"), 200, "Delete key")
	if a := b.Form(at+"/delete", nil); a.Status != 303 || h.row(successor) != nil {
		t.Errorf("%d", a.Status)
	}
	h.want(next, "INVALID_API_KEY")
	page(t, b.Get(at), 404)
}

// TestKeyFilters: each state and each filter holds the keys that fit, and no others.
func TestKeyFilters(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	key := func(name string, n apikey.NewKey) string {
		n.ConfigID, n.OrganizationID, n.Name = "org", org, &name
		return h.made(n).Row.ID
	}
	ids := map[string]string{"works": key("works", apikey.NewKey{ExpiresIn: ptr(300 * 86400.0)}), "soon": key("soon", apikey.NewKey{ExpiresIn: ptr(5 * 86400.0)}),
		"off": key("off", apikey.NewKey{}), "spent": key("spent", apikey.NewKey{Remaining: ptr(int64(0))}), "refilled": key("refilled", apikey.NewKey{Remaining: ptr(int64(0)), RefillAmount: ptr(int64(1)), RefillInterval: ptr(int64(1000))}),
		"over": key("over", apikey.NewKey{ExpiresIn: ptr(86400.0)}), "replaced": key("replaced", apikey.NewKey{})}
	ann := h.User("ann@example.test")
	if _, err := h.s.SetEnabled(h.as(ann), ids["off"], false); err != nil {
		t.Fatal(err)
	}
	next, err := h.s.Rotate(h.as(ann), ids["replaced"], 30*day)
	if err != nil {
		t.Fatal(err)
	}
	ids["successor"] = next.Row.ID
	h.Clock.Advance(25 * time.Hour)
	b = h.SignIn("ann@example.test")
	for query, want := range map[string]string{
		"state=active": "works soon refilled successor", "state=disabled": "off", "state=used-up": "spent", "state=over": "over", "state=replaced": "replaced",
		"state=over&state=disabled": "over off", "ends=soon": "soon", "unused=never": "works soon off spent refilled over replaced successor", "unused=long": "",
		"q=WORK": "works", "q=org_": "works soon off spent refilled over replaced successor", "owner=service-account": "", "owner=organization&q=spent": "spent",
		"of=" + org: "works soon off spent refilled over replaced successor", "of=elsewhere": "",
	} {
		shown := page(t, b.Get("/admin/o/acme/keys?"+query), 200)
		for name, id := range ids {
			if has := strings.Contains(shown, "/keys/"+id+`"`); has != slices.Contains(strings.Fields(want), name) {
				t.Errorf("%s: %s %v", query, name, has)
			}
		}
	}
}

// TestBulkKeys stops and deletes selected keys; those of elsewhere are left out.
func TestBulkKeys(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	_, o := h.person("bob")
	org, other := h.organization(b, "acme"), h.organization(o, "other")
	one, two := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org}), h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org})
	foreign := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: other})
	ids := url.Values{"id": {one.Row.ID, two.Row.ID, foreign.Row.ID, "unknown"}}
	b.Form("/admin/o/acme/keys/bulk/disable", ids)
	h.want(one.Secret, "KEY_DISABLED")
	h.want(foreign.Secret, "")
	page(t, b.Get("/admin/o/acme/keys"), 200, "2 keys are disabled. 2 are not there any more.")
	page(t, b.Form("/admin/o/acme/keys/bulk/delete", ids), 200, "Delete 2 API keys?", "2 are not there any more.", `name="id" value="`+one.Row.ID, "!"+foreign.Row.ID, "!unknown")
	none := url.Values{"id": {foreign.Row.ID, "unknown"}}
	for _, act := range []string{"disable", "delete"} {
		b.Form("/admin/o/acme/keys/bulk/"+act, none)
		page(t, b.Get("/admin/o/acme/keys"), 200, "2 are not there any more.", "!are disabled", "!are deleted")
	}
	if h.row(one.Row.ID) == nil {
		t.Error("deleted without a question")
	}
	ids.Set("sure", "yes")
	b.Form("/admin/o/acme/keys/bulk/delete", ids)
	page(t, b.Get("/admin/o/acme/keys"), 200, "2 keys are deleted. 2 are not there any more.")
	if h.row(one.Row.ID) != nil || h.row(two.Row.ID) != nil || h.row(foreign.Row.ID) == nil {
		t.Error("not those were deleted")
	}
}

// TestAccountPages makes, changes, stops and deletes a service account with its keys.
func TestAccountPages(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	adam, as := h.person("adam")
	org := h.organization(b, "acme")
	h.join(org, adam, "admin")
	const at = "/admin/o/acme/service-accounts"
	page(t, b.Get(at), 200, "No service accounts yet")
	page(t, b.Get(at+"/new"), 200, `value="admin"`, `value="member"`, `!value="owner"`)
	page(t, b.Form(at, url.Values{"name": {""}}), 400, "Enter a name of up to 100 characters.")
	page(t, b.Form(at, url.Values{"name": {"robot"}, "role": {"owner"}}), 403, "Only people own an organization.")
	page(t, b.Form(at, url.Values{"name": {"robot"}, "end": {"soon"}}), 400, "This is no date and time.")
	made := b.Form(at, url.Values{"name": {"robot"}, "description": {"Ships"}, "role": {"admin"}})
	one := made.Location()
	if made.Status != 303 || !strings.HasPrefix(one, at+"/") {
		t.Fatalf("%d %s", made.Status, one)
	}
	id := one[strings.LastIndex(one, "/")+1:]
	page(t, b.Get(one), 200, "robot", "Ships", "Without a key nobody acts", "/admin/o/acme/keys/new?owner=service-account%3A"+id)
	page(t, b.Get("/admin/o/acme/keys/new?owner=service-account%3A"+id), 200, "A key of robot")
	form := url.Values{"owner": {"service-account:" + id}, "name": {"shop"}, "whole": {"some"}}
	page(t, b.Form("/admin/o/acme/keys", form), 422, "Choose at least one permission.")
	form.Set("whole", "all")
	key := secret(t, page(t, b.Form("/admin/o/acme/keys", form), 200))
	h.want(key, "")
	page(t, b.Get(one), 200, "shop")
	page(t, b.Get("/admin/o/acme/keys/"+h.only(org)), 200, "All that the service account may do.", one)
	page(t, b.Get("/admin/o/acme/members"), 200, at)
	b.Form(one+"/disable", nil)
	h.want(key, "KEY_DISABLED")
	b.Form(one+"/enable", nil)
	h.want(key, "")
	b.Form(one+"/edit", url.Values{"name": {"robot two"}, "role": {"member"}, "end": {"2040-01-01T00:00"}})
	page(t, b.Get(one), 200, "robot two", "2040")
	// An admin of the organization sees accounts, and no keys.
	page(t, as.Get(one), 200, "robot two", "!New key", "!shop")
	page(t, as.Get("/admin/o/acme/keys"), 403, "apiKey:read")
	page(t, b.Get(one+"/delete"), 200, "Its key ends with it")
	b.Form(one+"/delete", nil)
	h.want(key, "INVALID_API_KEY")
	page(t, b.Get(one), 404)
}

// TestPlatformPages: administrators see keys of everybody, and those of a person on their
// page.
func TestPlatformPages(t *testing.T) {
	h := open(t, setup{})
	root, r := h.administrator("root", "owner")
	_, viewer := h.administrator("val", "viewer")
	ann, b := h.person("ann")
	org := h.organization(b, "acme")
	own := h.made(apikey.NewKey{UserID: ann.ID, Name: ptr("annskey")})
	orgs := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Name: ptr("acmeskey")})
	page(t, r.Get("/admin/api-keys"), 200, "annskey", "acmeskey", "/admin/users/"+ann.ID, "/admin/o/acme")
	page(t, r.Get("/admin/api-keys?q=annsk"), 200, "annskey", "!acmeskey")
	page(t, r.Get("/admin/api-keys?owner=organization"), 200, "!annskey", "acmeskey")
	page(t, viewer.Get("/admin/api-keys"), 403, "apiKey:read")
	page(t, r.Get("/admin/api-keys/"+own.Row.ID), 200, "annskey", "Disable", "!Replace")
	page(t, r.Get("/admin/api-keys/"+orgs.Row.ID), 200, "acmeskey", "Replace")
	page(t, r.Form("/admin/api-keys/"+own.Row.ID+"/rotate", url.Values{"overlap": {"0"}}), 403)
	tab := "/admin/users/" + ann.ID + "/api-keys"
	page(t, r.Get(tab), 200, "annskey", "!acmeskey")
	if a := r.Form("/admin/api-keys/"+own.Row.ID+"/disable", url.Values{"back": {tab}}); a.Location() != tab {
		t.Errorf("back to %s", a.Location())
	}
	if a := r.Form("/admin/api-keys/"+own.Row.ID+"/enable", url.Values{"back": {"https://evil.example"}}); a.Location() != "/admin/api-keys/"+own.Row.ID {
		t.Errorf("back to %s", a.Location())
	}
	// The wizard of the platform begins with a service account.
	page(t, r.Get("/admin/api-keys/new"), 200, "There is no service account yet")
	account, err := h.s.CreateAccount(h.as(root), "", apikey.Account{Name: "backup", Roles: []string{"viewer"}})
	if err != nil {
		t.Fatal(err)
	}
	page(t, r.Form("/admin/api-keys/new", url.Values{"step": {"name"}, "name": {"nightly"}, "owner": {"service-account:" + account.ID}}), 200, "member:read", "!member:delete", "!user:list")
	key := secret(t, page(t, r.Form("/admin/api-keys", url.Values{"name": {"nightly"}, "owner": {"service-account:" + account.ID}, "whole": {"some"}, "scope": {"member:read"}}), 200))
	h.want(key, "")
	page(t, r.Get("/admin/service-accounts/"+account.ID), 200, "nightly")
}

// TestKeyOrders: lists are ordered by name, last use and end on every database; what has
// none comes last, and pages lead there and back.
func TestKeyOrders(t *testing.T) { dbtest.Each(t, keyOrdersOn) }

func keyOrdersOn(t *testing.T, db *database.DB) {
	h := open(t, setup{db: db, settings: plain(`rate_limit = {enabled = false}`)})
	u, _ := h.person("ann")
	_, root := h.administrator("root", "admin")
	const many, with = 45, 25 // three pages, the second of which has both
	var ids []string
	for i := range many {
		n := apikey.NewKey{UserID: u.ID}
		if i < with {
			n.Name, n.ExpiresIn = ptr(fmt.Sprintf("key-%02d", i)), ptr(float64(i+2)*86400)
		}
		ids = append(ids, h.made(n).Row.ID)
	}
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		for i, id := range ids[:with] {
			if err := tx.Platform().APIKey().UpdateOneID(id).SetLastUsedAt(h.Clock.Now().Add(time.Duration(i) * time.Minute)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	row, link := regexp.MustCompile(`<a href="/admin/api-keys/([A-Za-z0-9_-]+)">`), regexp.MustCompile(`href="([^"]+)" rel="(next|prev)"`)
	read := func(path string) (keys []string, links map[string]string) {
		links = map[string]string{}
		body := page(t, root.Get(path), 200)
		for _, found := range row.FindAllStringSubmatch(body, -1) {
			keys = append(keys, found[1])
		}
		for _, found := range link.FindAllStringSubmatch(body, -1) {
			links[found[2]] = html.UnescapeString(found[1])
		}
		return slices.Compact(keys), links // a row and its menu
	}
	for _, sort := range []string{"name", "lastUsed", "ends"} {
		for _, way := range []string{"ascending", "descending"} {
			keys, links := read("/admin/api-keys?sort=" + sort + "&order=" + way)
			pages := [][]string{keys}
			for links["next"] != "" {
				keys, links = read(links["next"])
				pages = append(pages, keys)
			}
			all := slices.Concat(pages...)
			wanted := slices.Clone(ids[:with])
			if way == "descending" {
				slices.Reverse(wanted)
			}
			if len(all) != many || !slices.Equal(all[:with], wanted) || len(slices.Compact(slices.Sorted(slices.Values(all)))) != many {
				t.Fatalf("%s, %s: %d keys in %d pages: %v", sort, way, len(all), len(pages), all)
			}
			for i := len(pages) - 2; i >= 0; i-- {
				keys, links = read(links["prev"])
				if !slices.Equal(keys, pages[i]) {
					t.Errorf("%s, %s: back on page %d are %v, there were %v", sort, way, i+1, keys, pages[i])
				}
			}
		}
	}
}

// TestManyOwners: the wizard offers some owners and finds the others, by forms alone.
func TestManyOwners(t *testing.T) {
	h := open(t, setup{})
	u, b := h.person("ann")
	org := h.organization(b, "acme")
	as := h.as(u)
	last := ""
	for i := range 52 {
		a, err := h.s.CreateAccount(as, org, apikey.Account{Name: fmt.Sprintf("Robot %02d", i)})
		if err != nil {
			t.Fatal(err)
		}
		last = a.ID
	}
	const at = "/admin/o/acme/keys/new"
	page(t, b.Get(at), 200, "Robot 49", "!Robot 51", "the first 50", "Search service accounts by name")
	page(t, b.Form(at, url.Values{"step": {"owner"}, "go": {"find"}, "find": {"robot 51"}, "owner": {"organization:" + org}}), 200, "Robot 51", "!Robot 49", "acme itself", "!Choose who")
	page(t, b.Form(at, url.Values{"step": {"owner"}, "go": {"find"}, "find": {" "}}), 200, "Robot 49")
	page(t, b.Form(at, url.Values{"step": {"owner"}, "go": {"next"}, "owner": {"service-account:" + last}}), 200, "A key of Robot 51")
	_, root := h.administrator("root", "admin")
	page(t, root.Form("/admin/api-keys/new", url.Values{"step": {"owner"}, "go": {"find"}, "find": {"nobody"}}), 200, "No service account has such a name.", "!There is no service account yet")
}

// TestStandardPermissions: what the settings give keys without a choice is said before, and
// is given by nobody's rank.
func TestStandardPermissions(t *testing.T) {
	h := open(t, setup{settings: kinds(`{default = {}, org = {references = "organization", default_permissions = {member = ["delete"], files = ["read"]}}}`)})
	_, b := h.person("ann")
	org := h.organization(b, "acme")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create", "read", "update"}}}).Want(200, "")
	kim, k := h.person("kim")
	h.join(org, kim, "keeper")
	in := url.Values{"step": {"name"}, "owner": {"organization:" + org}, "name": {"ci"}}
	page(t, k.Form("/admin/o/acme/keys/new", in), 200, "If you choose none, the key gets those of its kind: files:read, Remove members.")
	in.Set("step", "permissions")
	page(t, k.Form("/admin/o/acme/keys/new", in), 200, "files:read, Remove members", "!None")
	page(t, k.Form("/admin/o/acme/keys", in), 200)
	if got := *h.row(h.only(org)).Permissions; got != `{"files":["read"],"member":["delete"]}` {
		t.Error(got)
	}
}

// TestLastUseOfReplaced: a key and its successor count together, but the pages tell which of
// them was used, and when: whether a program has the new one already.
func TestLastUseOfReplaced(t *testing.T) { dbtest.Each(t, lastUseOfReplacedOn) }

func lastUseOfReplacedOn(t *testing.T, db *database.DB) {
	for _, limits := range []string{"", "rate_limit = {enabled = false}"} {
		h := open(t, setup{db: db, settings: plain(limits)})
		u, _ := h.person("ann" + fmt.Sprint(len(limits)))
		b := h.SignIn(u.Email)
		m := h.made(apikey.NewKey{UserID: u.ID, Name: ptr("ci"), Remaining: ptr(int64(9)), RefillAmount: ptr(int64(9)), RefillInterval: ptr(int64(1000))})
		h.want(m.Secret, "")
		next, err := h.s.Rotate(h.as(u), m.Row.ID, day)
		if err != nil {
			t.Fatal(err)
		}
		never := func(want bool) {
			t.Helper()
			found := strings.Contains(page(t, b.Get("/account/api-keys?unused=never"), 200), "/account/api-keys/"+next.Row.ID+`"`)
			shown := regexp.MustCompile(`Last used</dt>\s*<dd>(<[^>]+>)?never`).MatchString(page(t, b.Get("/account/api-keys/"+next.Row.ID), 200))
			if found != want || shown != want {
				t.Errorf("limits %q: in the list of those never used %v, on its page %v, want %v", limits, found, shown, want)
			}
		}
		never(true)
		h.Clock.Advance(time.Minute)
		h.want(m.Secret, "")
		if err := h.s.FlushUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
		never(true)
		if at := h.row(m.Row.ID).LastUsedAt; at == nil || !at.After(next.Row.CreatedAt) {
			t.Errorf("limits %q: the old key was used %v", limits, at)
		}
		old := h.row(m.Row.ID).LastUsedAt
		h.Clock.Advance(time.Minute)
		h.want(next.Secret, "")
		if err := h.s.FlushUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
		never(false)
		if at := h.row(m.Row.ID).LastUsedAt; !at.Equal(*old) {
			t.Errorf("limits %q: using the new key moved the last use of the old one to %v", limits, at)
		}
		// The counters go back when the successor goes; the last use does not.
		if err := h.s.Delete(h.as(u), next.Row.ID); err != nil {
			t.Fatal(err)
		}
		if at := h.row(m.Row.ID).LastUsedAt; !at.Equal(*old) {
			t.Errorf("limits %q: the old key was used %v after its successor was deleted", limits, at)
		}
	}
}
