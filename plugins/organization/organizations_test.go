package organization_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/session"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// TestOrganizations are the cases ORG-… of better-auth organization 16.2.
func TestOrganizations(t *testing.T) { dbtest.Each(t, testOrganizations) }

func testOrganizations(t *testing.T, db *database.DB) {
	h := openWith(t, db, nil, organizationapi.Hooks{})
	ada := h.person("ada")
	a := ada.post("create", `{"name":"Acme","slug":"acme","metadata":{"z":1,"a":"x"},"userId":"somebody else"}`).Want(200, "")
	acme := a.Text("id")
	t.Run("ORG-01 ORG-25", func(t *testing.T) {
		same(t, "metadata", a.Value("metadata.z"), any(1.0))
		same(t, "members", count(a, "members"), 1)
		same(t, "role", a.Text("members.0.role"), "owner")
		same(t, "owner", a.Text("members.0.userId"), ada.user.ID)
		same(t, "active", ada.session("activeOrganizationId"), acme)
		if !strings.Contains(string(a.Body), `"metadata":{"z":1,"a":"x"},"id"`) {
			t.Errorf("body %s", a.Body)
		}
		if a.Cookies()["better-auth.session_token"] == nil { // D-1
			t.Error("the session's cookie was not sent again")
		}
	})
	t.Run("ORG-02 ORG-03 ORG-10", func(t *testing.T) {
		ada.In(t).Post(api+"create", body{"name": "A", "slug": ""}).Want(400, "VALIDATION_ERROR")
		ada.In(t).Post(api+"create", body{"name": "", "slug": "a"}).Want(400, "VALIDATION_ERROR")
		ada.In(t).Post(api+"update", body{"data": body{"slug": ""}}).Want(400, "VALIDATION_ERROR")
		ada.In(t).Post(api+"update", body{"data": body{"name": ""}}).Want(400, "VALIDATION_ERROR")
		for _, metadata := range []any{nil, "text", []int{1}} {
			ada.In(t).Post(api+"create", body{"name": "A", "slug": "a", "metadata": metadata}).Want(400, "VALIDATION_ERROR")
		}
		ada.In(t).Post(api+"create", body{"name": strings.Repeat("x", 300), "slug": "long"}).Want(400, "VALIDATION_ERROR")
	})
	beta := ada.found("beta")
	t.Run("ORG-05 ORG-40", func(t *testing.T) {
		list := ada.In(t).Get(api+"list").Want(200, "")
		same(t, "first", list.Text("0.id"), acme)
		same(t, "metadata", list.Text("0.metadata"), `{"z":1,"a":"x"}`)
		same(t, "second", list.Text("1.id"), beta)
		same(t, "no metadata", list.Value("1.metadata"), nil)
		same(t, "page", ada.In(t).Get(api+"list?limit=1&offset=1").Text("0.id"), beta)
	})
	t.Run("ORG-06", func(t *testing.T) {
		ada.In(t).Post(api+"check-slug", body{"slug": "acme"}).Want(400, "ORGANIZATION_SLUG_ALREADY_TAKEN")
		same(t, "free", ada.In(t).Post(api+"check-slug", body{"slug": "ACME"}).Want(200, "").Value("status"), any(true))
		h.Browser().In(t).Post(api+"check-slug", body{"slug": "x"}).Want(401, "UNAUTHORIZED")
	})
	t.Run("ORG-07 ORG-08 ORG-09 ORG-11", func(t *testing.T) {
		up := ada.In(t).Post(api+"update", body{"organizationId": beta, "data": body{"name": "Beta", "slug": "beta", "logo": "https://pictures.example/l.png", "metadata": body{"plan": "gold"}}}).Want(200, "")
		same(t, "name", up.Text("name"), "Beta")
		same(t, "metadata", up.Text("metadata.plan"), "gold")
		ada.In(t).Post(api+"update", body{"organizationId": beta, "data": body{"slug": "acme"}}).Want(400, "ORGANIZATION_SLUG_ALREADY_TAKEN")
		same(t, "logo", ada.In(t).Post(api+"update", body{"organizationId": beta, "data": body{"logo": nil}}).Want(200, "").Value("logo"), nil)
		for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "l"} { // SEC-187
			text := "The address of a picture begins with http:// or https://."
			message(ada.In(t).Post(api+"update", body{"organizationId": beta, "data": body{"logo": bad}}).Want(400, "VALIDATION_ERROR"), 400, text)
			message(ada.In(t).Post(api+"create", body{"name": "Bad", "slug": "bad", "logo": bad}).Want(400, "VALIDATION_ERROR"), 400, text)
		}
		empty := ada.In(t).Post(api+"update", body{"organizationId": beta, "data": body{}}).Want(200, "") // D-7
		same(t, "unchanged", empty.Text("name"), "Beta")
		message(h.Browser().In(t).Post(api+"update", body{"data": body{}}), 401, "User not found")
	})
	t.Run("ORG-13", func(t *testing.T) {
		for _, in := range []body{{"organizationId": acme}, {"organizationSlug": "acme"}} {
			ada.In(t).Post(api+"set-active", body{"organizationId": beta}).Want(200, "")
			same(t, "id", ada.In(t).Post(api+"set-active", in).Want(200, "").Text("id"), acme)
			same(t, "session", ada.session("activeOrganizationId"), acme)
		}
	})
	t.Run("ORG-14 ORG-15 ORG-16 ORG-21 ORG-24", func(t *testing.T) {
		for path, want := range map[string]string{"": acme, "?organizationSlug=beta": beta, "?organizationId=" + beta: beta, "?organizationSlug=beta&organizationId=" + acme: beta} {
			full := ada.In(t).Get(api+"get-full-organization"+path).Want(200, "")
			same(t, path, full.Text("id"), want)
			same(t, "members", full.Text("members.0.user.email"), ada.user.Email)
			same(t, "teams", count(full, "teams"), 1)
			same(t, "seats", full.Value("teams.0.memberCount"), nil) // D-11
			bare := ada.In(t).Get(api+"get-organization"+path).Want(200, "")
			same(t, path, bare.Text("id"), want)
			for _, key := range []string{"members", "teams", "invitations"} {
				same(t, key, bare.Value(key), nil)
			}
		}
	})
	t.Run("ORG-18 ORG-19 ORG-37", func(t *testing.T) {
		bob := h.in(t).person("bob")
		own := bob.found("bobs")
		for _, query := range []string{"?organizationId=" + acme, "?organizationId=unknown", "?organizationSlug=acme", "?organizationSlug=unknown"} {
			for _, path := range []string{"get-organization", "get-full-organization"} {
				bob.post("set-active", body{"organizationId": own}).Want(200, "")
				bob.get(path+query).Want(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
				same(t, "active", bob.session("activeOrganizationId"), "")
			}
		}
		for _, in := range []body{{"organizationId": acme}, {"organizationId": "unknown"}, {"organizationSlug": "acme"}, {"organizationSlug": "unknown"}} {
			bob.post("set-active", body{"organizationId": own}).Want(200, "")
			bob.post("set-active", in).Want(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
			same(t, "active", bob.session("activeOrganizationId"), "")
		}
		bob.post("update", body{"organizationId": acme, "data": body{"name": "Mine"}}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
	})
	t.Run("ORG-17 ORG-38", func(t *testing.T) {
		p := ada.In(t)
		if a := p.Post(api+"set-active", body{}).Want(200, ""); a.Text("id") != acme || a.Cookies()["better-auth.session_token"] == nil {
			t.Errorf("refresh: %s", a.Body)
		}
		same(t, "cleared", string(p.Post(api+"set-active", body{"organizationId": nil}).Want(200, "").Body), "null")
		for _, path := range []string{"get-organization", "get-full-organization"} {
			same(t, path, string(p.Get(api+path).Want(200, "").Body), "null")
		}
		for _, in := range []body{{}, {"organizationId": nil}} {
			a := p.Post(api+"set-active", in).Want(200, "")
			same(t, "none active", string(a.Body), "null")
			same(t, "cookies", len(a.Cookies()), 0)
		}
		p.Post(api+"update", body{"data": body{}}).Want(400, "ORGANIZATION_NOT_FOUND")
	})
	t.Run("ORG-26", func(t *testing.T) {
		a := h.Browser().In(t).Post(api+"create", body{"name": "A", "slug": "a", "userId": ada.user.ID})
		same(t, "status", a.Status, 401)
		same(t, "body", string(a.Body), "")
	})
	t.Run("ORG-27", func(t *testing.T) {
		ada.In(t).Post(api+"create", body{"name": "A", "slug": "acme"}).Want(400, "ORGANIZATION_ALREADY_EXISTS")
	})
	t.Run("ORG-12 ORG-31", func(t *testing.T) {
		ada.In(t).Post(api+"set-active", body{"organizationId": acme}).Want(200, "")
		a := ada.In(t).Post(api+"create", body{"name": "C", "slug": "c", "logo": nil, "keepCurrentActiveOrganization": true}).Want(200, "")
		same(t, "logo", a.Value("logo"), nil)
		if strings.Contains(string(a.Body), "metadata") {
			t.Errorf("body %s", a.Body)
		}
		same(t, "active", ada.session("activeOrganizationId"), acme)
	})
	t.Run("ORG-20 ORG-22 ORG-23", func(t *testing.T) {
		for _, name := range []string{"m1", "m2", "m3", "m4"} {
			h.join(h.in(t).person(name), acme, "member")
		}
		ada.In(t).Post(api+"invite-member", body{"email": "new@example.test", "role": "admin"}).Want(200, "")
		full := ada.In(t).Get(api+"get-full-organization").Want(200, "")
		same(t, "invited", full.Text("invitations.0.role"), "admin")
		same(t, "members", count(full, "members"), 5)
		for limit, want := range map[string]int{"1": 1, "0": 5, "nonsense": 5, "2": 2} {
			same(t, limit, count(ada.In(t).Get(api+"get-full-organization?membersLimit="+limit).Want(200, ""), "members"), want)
		}
	})
	t.Run("ORG-32 ORG-33", func(t *testing.T) {
		carl := h.in(t).person("carl")
		carl.post("delete", body{"organizationId": beta}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		carl.post("delete", body{"organizationId": "unknown"}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		h.join(carl, beta, "admin")
		carl.post("delete", body{"organizationId": beta}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")
		same(t, "refusals", h.in(t).happened("organization.refused", beta), 1)
		carl.post("leave", body{"organizationId": beta}).Want(200, "")
		carl.post("delete", body{"organizationId": beta}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		carl.get("get-full-organization?organizationId="+beta).Want(403, "")
	})
	t.Run("ORG-35", func(t *testing.T) {
		dora := h.in(t).newcomer("dora", beta, "member")
		ada.In(t).Post(api+"set-active", body{"organizationId": beta}).Want(200, "")
		a := ada.In(t).Post(api+"delete", body{"organizationId": beta}).Want(200, "")
		same(t, "row", a.Text("name"), "Beta")
		same(t, "metadata", a.Text("metadata"), `{"plan":"gold"}`)
		same(t, "own session", ada.session("activeOrganizationId"), "")
		same(t, "their session", dora.session("activeOrganizationId"), "") // SEC-134
		same(t, "members", h.in(t).members(beta), 0)
		ada.In(t).Post(api+"delete", body{"organizationId": ""}).Want(400, "ORGANIZATION_NOT_FOUND")
	})
	t.Run("ORG-39", func(t *testing.T) {
		eve := h.in(t).newcomer("eve", acme, "member")
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error { // not by the service, which clears the session
			return tx.Organization(acme).Member().DeleteOneID(h.row(acme, eve).ID).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		eve.get("get-full-organization").Want(403, "")
		same(t, "then", string(eve.get("get-full-organization").Want(200, "").Body), "null")
	})
	t.Run("ORG-45", func(t *testing.T) {
		for _, field := range []string{"activeOrganizationId", "activeTeamId"} {
			ada.In(t).Post("/api/auth/update-session", body{field: acme}).Want(400, "")
		}
	})
	t.Run("no members of another", func(t *testing.T) {
		same(t, "created", h.in(t).happened("organization.created", acme), 1)
	})
}

func TestOrganizationKeyOrder(t *testing.T) {
	h := open(t, nil)
	ada := h.person("ada")
	a := ada.post("create", body{"name": "Acme", "slug": "acme", "metadata": body{"a": 1}}).Want(200, "")
	same(t, "organization", keysOf(t, a.Body), "name slug logo createdAt metadata id members")
	var raw struct{ Members []json.RawMessage }
	if err := json.Unmarshal(a.Body, &raw); err != nil {
		t.Fatal(err)
	}
	same(t, "member", keysOf(t, raw.Members[0]), "organizationId userId role createdAt id")
	same(t, "invitation", keysOf(t, ada.post("invite-member", body{"email": "x@example.test", "role": "member"}).Want(200, "").Body),
		"organizationId email role teamId status expiresAt createdAt inviterId id")
	same(t, "team", keysOf(t, ada.post("create-team", body{"name": "T"}).Want(200, "").Body), "name organizationId createdAt updatedAt id")
	same(t, "full", keysOf(t, ada.get("get-full-organization").Want(200, "").Body), "name slug logo createdAt metadata id invitations members teams")
	var role struct{ RoleData json.RawMessage }
	if err := json.Unmarshal(ada.post("create-role", body{"role": "r", "permission": body{}}).Want(200, "").Body, &role); err != nil {
		t.Fatal(err)
	}
	same(t, "role", keysOf(t, role.RoleData), "organizationId role permission createdAt updatedAt id")
}

// keysOf lists the members of a JSON object in their order.
func keysOf(t *testing.T, raw []byte) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(keys, " ")
}

func TestSettingsOfOrganizations(t *testing.T) {
	t.Run("ORG-28 ORG-29 ORG-04", func(t *testing.T) {
		h := open(t, map[string]string{"allow_create": "false"})
		ada := h.person("ada")
		ada.post("create", body{"name": "A", "slug": "a"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION")
		made, err := h.s.Create(t.Context(), organization.NewOrganization{Name: "A", Slug: "a", Owner: ada.user.ID, Trusted: true})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "owner", made.Member.UserID, ada.user.ID)
		if _, err := h.s.Create(h.platform(organization.ScopeCreate), organization.NewOrganization{Name: "B", Slug: "b", Owner: ada.user.ID}); err != nil {
			t.Error(err)
		}
		if _, err := h.s.Create(h.as(ada), organization.NewOrganization{Name: "C", Slug: "c", Owner: h.made("bob", true).ID}); !errors.Is(err, organization.ErrMayNotCreate) {
			t.Errorf("for others: %v", err)
		}
	})
	t.Run("ORG-30", func(t *testing.T) {
		h := open(t, map[string]string{"limit": "1"})
		ada := h.person("ada")
		ada.found("a")
		ada.post("create", body{"name": "B", "slug": "b"}).Want(403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS")
	})
	t.Run("ORG-36", func(t *testing.T) {
		h := open(t, map[string]string{"deletion": "false"})
		ada := h.person("ada")
		acme := ada.found("acme")
		ada.post("delete", body{"organizationId": acme}).Want(404, "ORGANIZATION_DELETION_DISABLED")
		h.Browser().Post(api+"delete", body{"organizationId": acme}).Want(404, "ORGANIZATION_DELETION_DISABLED")
		if _, err := h.s.Delete(h.platform(organization.ScopeRead, organization.ScopeDelete), acme); err != nil {
			t.Error(err)
		}
	})
	t.Run("deletion without a session", func(t *testing.T) {
		a := open(t, nil).Browser().Post(api+"delete", body{"organizationId": "x"})
		same(t, "status", a.Status, 401)
		same(t, "body", string(a.Body), "")
	})
	t.Run("as better-auth", func(t *testing.T) {
		h := open(t, map[string]string{"session_follows": "false", "show_seats": "true"})
		ada := h.person("ada")
		a := ada.post("create", body{"name": "A", "slug": "a"}).Want(200, "")
		same(t, "cookies", len(a.Cookies()), 0)
		same(t, "seats", ada.get("get-full-organization").Value("teams.0.memberCount"), any(1.0))
		team := ada.session("activeTeamId")
		ada.post("set-active", body{"organizationId": nil}).Want(200, "")
		if team == "" || ada.session("activeTeamId") != team {
			t.Error("the team went with the organization")
		}
	})
	t.Run("roles in the session", func(t *testing.T) {
		for cache, on := range map[string]string{"no cache": "false", "cache": "true"} {
			h := open(t, map[string]string{"session_roles": "true", "session.cookie_cache.enabled": on})
			ada := h.person("ada")
			get := func() *servertest.Answer { return ada.Get("/api/auth/get-session").Want(200, "") }
			same(t, cache+": none active", get().Value("session.activeOrganizationRole"), nil)
			ada.found("acme")
			for range 2 { // the second answer comes from the cache, if there is one
				a := get()
				same(t, cache, a.Text("session.activeOrganizationRole"), "owner")
				same(t, cache, a.Text("session.activeOrganizationRoles.0"), "owner")
				same(t, cache, strings.Contains(string(a.Body), `"organization:delete"`), true)
			}
		}
		h := open(t, nil)
		ada := h.person("ada")
		ada.found("acme")
		same(t, "off", ada.Get("/api/auth/get-session").Value("session.activeOrganizationRole"), nil)
	})
	t.Run("no teams and no roles", func(t *testing.T) { // DYN-24
		h := open(t, map[string]string{"teams.enabled": "false", "dynamic_roles.enabled": "false"})
		ada := h.person("ada")
		ada.found("acme")
		for _, path := range []string{"create-team", "update-team", "remove-team", "set-active-team", "add-team-member", "remove-team-member", "create-role", "update-role", "delete-role"} {
			ada.post(path, nil).Want(404, "")
		}
		for _, path := range []string{"list-teams", "list-user-teams", "list-team-members", "list-roles", "get-role"} {
			ada.get(path).Want(404, "")
		}
		full := ada.get("get-full-organization").Want(200, "")
		same(t, "teams", full.Value("teams"), nil)
		a := ada.post("invite-member", body{"email": "x@example.test", "role": "member", "teamId": "t"}).Want(200, "")
		if strings.Contains(string(a.Body), "teamId") {
			t.Errorf("body %s", a.Body)
		}
	})
}

func TestAdditionalFieldsOfOrganizations(t *testing.T) { // ORG-41 to ORG-44
	h := open(t, map[string]string{"fields": `{plan = {type = "string"}, seats = {type = "number", required = false}, rank = {type = "string", input = false, required = false},
		secret = {type = "string", required = false, returned = false}, tier = {type = "string", required = false, default = "free"}}`,
		"member_fields":     `{hidden = {type = "string", required = false, returned = false}, note = {type = "string", required = false}}`,
		"invitation_fields": `{hidden = {type = "string", required = false, returned = false}, why = {type = "string", required = false}}`,
		"team_fields":       `{color = {type = "string", required = false}}`})
	ada := h.person("ada")
	ada.post("create", body{"name": "A", "slug": "a"}).Want(400, "VALIDATION_ERROR")
	ada.post("create", body{"name": "A", "slug": "a", "plan": 3}).Want(400, "VALIDATION_ERROR")
	a := ada.post("create", body{"name": "A", "slug": "a", "plan": "gold", "rank": "first", "secret": "s", "unknown": 1}).Want(200, "")
	acme := a.Text("id")
	check := func(what string, a *servertest.Answer, at string) {
		t.Helper()
		same(t, what+" plan", a.Text(at+"plan"), "gold")
		same(t, what+" tier", a.Text(at+"tier"), "free")
		same(t, what+" rank", a.Value(at+"rank"), nil)
		if strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "hidden") || strings.Contains(string(a.Body), "unknown") {
			t.Errorf("%s: %s", what, a.Body)
		}
	}
	check("create", a, "")
	same(t, "seats", ada.post("update", body{"data": body{"seats": 5, "rank": "x"}}).Want(200, "").Value("seats"), any(5.0))
	ada.post("update", body{"data": body{"plan": nil}}).Want(400, "VALIDATION_ERROR")
	row, err := h.Host.DB.Access(t.Context()).Organization(acme).Organization().Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stored", row.AdditionalFields["secret"], any("s"))
	// INV-42, MEM-41, TEAM-44
	i := ada.post("invite-member", body{"email": "x@example.test", "role": "member", "why": "because", "hidden": "h"}).Want(200, "")
	same(t, "invitation", i.Text("why"), "because")
	bob := h.person("bob")
	if _, err := h.s.Add(t.Context(), acme, organization.NewMembership{User: bob.user.ID, Roles: []string{"member"}, Trusted: true, Fields: map[string]any{"note": "n", "hidden": "h"}}); err != nil {
		t.Fatal(err)
	}
	team := ada.post("create-team", body{"name": "T", "color": "red"}).Want(200, "")
	same(t, "team", team.Text("color"), "red")
	same(t, "team changed", ada.post("update-team", body{"teamId": team.Text("id"), "data": body{"color": "blue"}}).Want(200, "").Text("color"), "blue")
	for _, path := range []string{"list", "get-organization", "get-full-organization", "list-members", "list-invitations", "list-teams"} {
		a := ada.get(path).Want(200, "")
		if strings.Contains(string(a.Body), "secret") || strings.Contains(string(a.Body), "hidden") {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	check("get", ada.get("get-organization").Want(200, ""), "")
	same(t, "member", ada.get("list-members").Text("members.1.note"), "n")
	same(t, "removed", ada.post("remove-member", body{"memberIdOrEmail": bob.user.Email}).Want(200, "").Text("member.note"), "n")
}

// TestDeletionIsWhole: what a deletion cannot finish leaves everything (ORG-34).
func TestDeletionIsWhole(t *testing.T) {
	fail := errors.New("no")
	h := openWith(t, nil, nil, organizationapi.Hooks{Gone: []auth.On[*organizationapi.GoneOrganization]{{Do: func(ctx context.Context, g *organizationapi.GoneOrganization) error {
		if n, err := g.Tx.Organization(g.ID).Member().Query().Count(ctx); err != nil || n != 2 {
			t.Errorf("members at the end: %d %v", n, err)
		}
		return fail
	}}}})
	ada := h.person("ada")
	acme := ada.found("acme")
	h.newcomer("bob", acme, "member")
	if _, err := h.s.Delete(h.as(ada), acme); !errors.Is(err, fail) {
		t.Fatal(err)
	}
	same(t, "members", h.members(acme), 2)
	same(t, "active", ada.session("activeOrganizationId"), acme)
}

// TestHooks are the cases HOOK-… and those of other sections with hooks.
func TestHooks(t *testing.T) {
	var told []string
	say := func(name string) []auth.On[*organizationapi.Happened] {
		return []auth.On[*organizationapi.Happened]{{Do: func(_ context.Context, h *organizationapi.Happened) error {
			if h.Organization.ID == "" {
				t.Errorf("%s: no organization", name)
			}
			told = append(told, name)
			return nil
		}}}
	}
	refuse := false
	h := openWith(t, nil, nil, organizationapi.Hooks{
		BeforeCreateOrganization: []auth.On[*organizationapi.NewOrganization]{{Do: func(_ context.Context, n *organizationapi.NewOrganization) error {
			n.Name, n.Metadata = "Hooked", map[string]any{"by": "hook"}
			return nil
		}}},
		AfterCreateOrganization: say("created"),
		BeforeAddMember: []auth.On[*organizationapi.NewMember]{{Do: func(_ context.Context, n *organizationapi.NewMember) error {
			if n.User.Name == "ada" {
				n.Role = " owner , admin"
			}
			return nil
		}}},
		AfterAddMember: say("added"),
		BeforeCreateTeam: []auth.On[*organizationapi.NewTeam]{{Do: func(_ context.Context, n *organizationapi.NewTeam) error {
			n.ID, n.Name = "team-of-"+n.Organization.Slug, "Team of hooks"
			return nil
		}}},
		AfterCreateTeam: say("team"),
		BeforeDeleteOrganization: []auth.On[*organizationapi.Happened]{{Do: func(context.Context, *organizationapi.Happened) error {
			if refuse {
				return auth.E(418, "NOT_NOW", "Not now")
			}
			return nil
		}}},
		AfterDeleteOrganization: say("deleted"),
		BeforeCreateInvitation: []auth.On[*organizationapi.NewInvitation]{{Do: func(_ context.Context, n *organizationapi.NewInvitation) error {
			n.ID = "invitation-of-hook"
			return nil
		}}},
		AfterCreateInvitation: say("invited"),
	})
	ada := h.person("ada")
	a := ada.post("create", body{"name": "A", "slug": "a", "metadata": body{"x": 1}}).Want(200, "")
	same(t, "HOOK-01 name", a.Text("name"), "Hooked")
	same(t, "HOOK-01 metadata", a.Text("metadata.by"), "hook")
	same(t, "MEM-42 role", a.Text("members.0.role"), "owner,admin")
	same(t, "HOOK-04 team", ada.get("list-teams").Text("0.id"), "team-of-a")
	same(t, "HOOK-04 name", ada.get("list-teams").Text("0.name"), "Team of hooks")
	same(t, "HOOK-02 HOOK-05", strings.Join(told, " "), "added team created")
	same(t, "INV-33", ada.post("invite-member", body{"email": "x@example.test", "role": "member"}).Want(200, "").Text("id"), "invitation-of-hook")
	same(t, "INV-34", told[len(told)-1], "invited")
	refuse = true
	ada.post("delete", body{"organizationId": a.Text("id")}).Want(418, "NOT_NOW")
	same(t, "ORG-47 active", ada.session("activeOrganizationId"), a.Text("id"))
	same(t, "ORG-47 members", h.members(a.Text("id")), 1)
	refuse = false
	ada.post("delete", body{"organizationId": a.Text("id")}).Want(200, "")
	same(t, "HOOK-03", told[len(told)-1], "deleted")
}

// founder makes an organization for each new person (HOOK-06).
type founder struct{ h *house }

func (f *founder) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "founder", Name: "Founder"}
}

func (f *founder) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{Moments: plugins.Moments{Hooks: auth.Hooks{UserCreated: []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: func(ctx context.Context, u *auth.UserChange) error {
		_, err := f.h.s.Create(ctx, organization.NewOrganization{Name: u.User.Name, Slug: "same", Owner: u.User.ID, Trusted: true})
		return err
	}}}}}}, nil
}

func TestOrganizationForEachNewPerson(t *testing.T) {
	f := &founder{}
	h := openWith(t, nil, nil, organizationapi.Hooks{}, f)
	f.h = h
	h.SignUp("Ada", "ada@example.test")
	orgs, err := h.s.OrganizationsOf(t.Context(), h.User("ada@example.test").ID, 10)
	if err != nil || len(orgs) != 1 || orgs[0].Name != "Ada" {
		t.Errorf("organizations %v %v", orgs, err)
	}
	h.Browser().Post("/api/auth/sign-up/email", body{"name": "Bob", "email": "bob@example.test", "password": servertest.Password}).Want(400, "ORGANIZATION_ALREADY_EXISTS")
}

func TestStaleSessionsAreNoAccess(t *testing.T) { // SEC-135
	h := open(t, nil)
	ada, bob := h.person("ada"), h.person("bob")
	acme := ada.found("acme")
	err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Session().Update().Where(session.UserID(bob.user.ID)).SetActiveOrganizationID(acme).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"get-active-member", "list-members", "list-teams", "list-invitations", "list-roles", "get-active-member-role"} {
		if a := bob.get(path); a.Status < 400 || a.Status >= 500 {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	bob.post("has-permission", body{"permissions": body{"member": []string{"create"}}}).Want(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
}

func TestPlatformActsWithoutMembership(t *testing.T) {
	h := open(t, nil)
	ada := h.person("ada")
	acme := ada.found("acme")
	reader, changer := h.platform(organization.ScopeRead, organization.ScopeMemberRead), h.platform(organization.ScopeRead, organization.ScopeUpdate, organization.ScopeMemberUpdate, organization.ScopeMemberDelete)
	if full, err := h.s.Full(reader, acme, 0); err != nil || len(full.Members) != 1 {
		t.Errorf("read: %v %v", full, err)
	}
	if _, err := h.s.Get(reader, "unknown"); !errors.Is(err, organization.ErrForeign) {
		t.Errorf("unknown: %v", err)
	}
	name := "Changed"
	if _, err := h.s.Update(reader, acme, organization.Change{Name: &name}); !errors.Is(err, organization.ErrMayNotUpdate) {
		t.Errorf("reader changes: %v", err)
	}
	if row, err := h.s.Update(changer, acme, organization.Change{Name: &name}); err != nil || row.Name != name {
		t.Errorf("changer: %v %v", row, err)
	}
	// Owners are not theirs without organization:own.
	if _, err := h.s.Remove(changer, acme, ada.user.Email); !errors.Is(err, organization.ErrOnlyOwner) {
		t.Errorf("owner removed: %v", err)
	}
	bob := h.person("bob")
	id := h.join(bob, acme, "member")
	if _, err := h.s.SetRoles(changer, acme, id, []string{"owner"}); !errors.Is(err, organization.ErrMayNotUpdateMember) {
		t.Errorf("owner made: %v", err)
	}
	chief := h.platform(organization.ScopeRead, organization.ScopeOwn)
	if _, err := h.s.SetRoles(chief, acme, id, []string{"owner"}); err != nil {
		t.Errorf("chief: %v", err)
	}
	if _, err := h.s.Allows(chief, acme, map[string][]string{"member": {"create"}}); err == nil {
		t.Error("who is no member asked what they may do there")
	}
	same(t, "log", h.happened("organization.updated", acme), 1)
}

func TestMemberLimitOfOneOrganization(t *testing.T) {
	h := open(t, nil)
	ada := h.person("ada")
	acme := ada.found("acme")
	limit := 1
	if err := h.s.SetMemberLimit(h.as(ada), acme, &limit); auth.AsError(err).Status != 403 {
		t.Errorf("an owner set the limit: %v", err)
	}
	chief := h.platform(organization.ScopeRead, organization.ScopeLimits)
	if err := h.s.SetMemberLimit(chief, acme, &limit); err != nil {
		t.Fatal(err)
	}
	add := func(name string) error {
		_, err := h.s.Add(t.Context(), acme, organization.NewMembership{User: h.made(name, true).ID, Roles: []string{"member"}, Trusted: true})
		return err
	}
	if err := add("bob"); !errors.Is(err, organization.ErrTooManyMembers) {
		t.Errorf("beyond the limit: %v", err)
	}
	if err := h.s.SetMemberLimit(chief, acme, nil); err != nil {
		t.Fatal(err)
	}
	if err := add("carl"); err != nil {
		t.Error(err)
	}
}

// TestRolesInTheText reads rows that hold padded texts, as adopted ones may.
func TestRolesInTheText(t *testing.T) {
	h := open(t, nil)
	ada := h.person("ada")
	acme := ada.found("acme")
	bob := h.newcomer("bob", acme, "member")
	h.write(acme, bob, func(u *ent.MemberUpdate) { u.SetRole("member, owner") })
	same(t, "MEM-43", bob.post("has-permission", body{"permissions": body{"organization": []string{"delete"}}}).Value("success"), any(true))
	h.write(acme, bob, func(u *ent.MemberUpdate) { u.SetRole("admin, owner") })
	same(t, "INV-44", bob.post("has-permission", body{"permissions": body{"organization": []string{"delete"}}}).Value("success"), any(true))
	bob.post("invite-member", body{"email": "x@example.test", "role": "owner"}).Want(200, "")
	// The last owner is seen in such a text too.
	h.write(acme, ada, func(u *ent.MemberUpdate) { u.SetRole("member") })
	bob.post("leave", body{"organizationId": acme}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
}
