package apikey_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/handlers/console"
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

// TestPeopleAlone: the explorer says of a key what it does nothing by on this server, although
// it holds it, as the endpoints refuse it (SEC-143).
func TestPeopleAlone(t *testing.T) {
	h := openWith(t, setup{}, console.New())
	ann, b := h.person("ann")
	_, root := h.administrator("root", "owner")
	org := h.organization(b, "acme")
	made := h.made(apikey.NewKey{ConfigID: "org", OrganizationID: org, Name: ptr("ci"), Permissions: apikey.Permissions{"apiKey": {"create"}, "team": {"read"}}})
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create"}, "team": []string{"read"}}}).Want(200, "")
	robot, err := h.s.CreateAccount(h.as(ann), org, apikey.Account{Name: "Robot", Roles: []string{"keeper"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.CreateAccount(h.as(h.User("root@example.test")), "", apikey.Account{Name: "Rover", Roles: []string{"admin"}}); err != nil {
		t.Fatal(err)
	}
	at := "/admin/o/acme/access"
	for _, subject := range []string{"api-key:" + made.Row.ID, "service-account:" + robot.ID} {
		ask := "?" + url.Values{"subject": {subject}}.Encode() + "&scope="
		page(t, b.Get(at+"/check"+ask+"apiKey%3Acreate"), 200, "may not do this", "Only people who are signed in do this", "Given by")
		page(t, b.Get(at+"/check"+ask+"team%3Aread"), 200, "may do this", "!Only people who")
		page(t, b.Get(at+ask), 200, "Not with a key")
	}
	page(t, b.Get(at+"/who?scope=apiKey%3Acreate"), 200, "Robot", "Not with a key")
	page(t, b.Get(at+"/who?scope=team%3Aread"), 200, "Robot", "!Not with a key")
	page(t, root.Get("/admin/access/who?in=acme&scope=apiKey%3Acreate"), 200, "In every organization", "Rover", `href="/admin/access?subject=`)
	page(t, b.Get(at+"/compare?all=on&"+url.Values{"subject": {"user:" + ann.ID}, "other": {"api-key:" + made.Row.ID}}.Encode()), 200, "Both have one permission in common.")
}

// TestRefusalNamesRoles: the wire's refusal says which roles of the organization would give what
// is missing, also those it made, to those who have a part in it (SEC-136).
func TestRefusalNamesRoles(t *testing.T) {
	h := open(t, setup{})
	_, b := h.person("ann")
	mia, member := h.person("mia")
	_, stranger := h.person("sam")
	org := h.organization(b, "acme")
	h.join(org, mia, "member")
	b.Post(api+"/organization/create-role", body{"organizationId": org, "role": "keeper", "permission": body{"apiKey": []string{"create"}}}).Want(200, "")
	in := body{"configId": "org", "organizationId": org, "name": "ci"}
	a := member.Post(api+"/api-key/create", in).Want(403, "INSUFFICIENT_API_KEY_PERMISSIONS")
	if got := fmt.Sprint(a.Value("roles")); got != "[owner keeper]" || a.Text("scope") != "apiKey:create" || a.Text("organizationId") != org || a.Text("permission") != "Make API keys" {
		t.Errorf("%s", a.Body)
	}
	if a := stranger.Post(api+"/api-key/create", in).Want(403, ""); strings.Contains(string(a.Body), "keeper") || a.Value("organizationId") != nil {
		t.Errorf("a stranger is told %s", a.Body)
	}
}
