package organization_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/organizationrole"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// TestDynamicRoles are the cases DYN-… of better-auth organization 16.7.
func TestDynamicRoles(t *testing.T) { dbtest.Each(t, testDynamicRoles) }

func testDynamicRoles(t *testing.T, db *database.DB) {
	h := openWith(t, db, map[string]string{"permissions": `{project = {actions = ["create", "delete"]}, sales = {actions = ["create", "read", "update", "delete"]}}`,
		"roles":       `{owner = {scopes = [` + ownerScopes + `]}, admin = {scopes = [` + adminScopes + `]}}`,
		"role_fields": `{color = {type = "string", required = false}, serverDefault = {type = "string", input = false, required = false, default = "x"}}`}, organizationapi.Hooks{})
	owner := h.person("owner")
	org := owner.found("acme")
	bob := h.newcomer("bob", org, "member")
	bobID := h.row(org, bob).ID
	can := func(p *someone, resource string, action string) any {
		return p.post("has-permission", body{"permissions": body{resource: []string{action}}}).Want(200, "").Value("success")
	}
	t.Run("DYN-01 DYN-02 DYN-28", func(t *testing.T) {
		a := owner.In(t).Post(api+"create-role", body{"role": "maker", "permission": body{"project": []string{"create"}}, "additionalFields": body{"color": "red"}}).Want(200, "")
		same(t, "success", a.Value("success"), any(true))
		same(t, "permission", a.Text("roleData.permission.project.0"), "create")
		same(t, "statements", a.Text("statements.project.0"), "create")
		same(t, "color", a.Text("roleData.color"), "red")
		same(t, "default", a.Text("roleData.serverDefault"), "x")
		owner.In(t).Post(api+"update-member-role", body{"memberId": bobID, "role": "maker"}).Want(200, "")
		same(t, "delete", can(bob, "project", "delete"), any(false))
		same(t, "create", can(bob, "project", "create"), any(true))
		owner.In(t).Post(api+"update-role", body{"roleName": "maker", "data": body{"permission": body{"project": []string{"delete"}}}}).Want(200, "")
		same(t, "changed", can(bob, "project", "delete"), any(true))
		same(t, "changed", can(bob, "project", "create"), any(false))
	})
	t.Run("DYN-07", func(t *testing.T) {
		owner.In(t).Post(api+"delete-role", body{"roleName": "maker"}).Want(400, "ROLE_IS_ASSIGNED_TO_MEMBERS")
		owner.In(t).Post(api+"update-member-role", body{"memberId": bobID, "role": []string{"member", "maker"}}).Want(200, "")
		owner.In(t).Post(api+"delete-role", body{"roleName": "maker"}).Want(400, "ROLE_IS_ASSIGNED_TO_MEMBERS")
		owner.In(t).Post(api+"update-member-role", body{"memberId": bobID, "role": "member"}).Want(200, "")
		grant, err := h.s.GrantRole(h.in(t).as(owner), org, bobID, "maker", organization.Period{})
		if err != nil {
			t.Fatal(err)
		}
		owner.In(t).Post(api+"delete-role", body{"roleName": "maker"}).Want(400, "ROLE_IS_ASSIGNED_TO_MEMBERS")
		if err := h.s.EndRole(h.in(t).as(owner), org, grant.ID); err != nil {
			t.Fatal(err)
		}
		// who was invited with it while it was there becomes a plain member, whoever makes another of its name
		guest := h.in(t).person("guest")
		invited := owner.In(t).Post(api+"invite-member", body{"email": guest.user.Email, "role": "maker"}).Want(200, "").Text("id")
		owner.In(t).Post(api+"delete-role", body{"roleName": "maker"}).Want(200, "")
		guest.post("accept-invitation", body{"invitationId": invited}).Want(200, "")
		same(t, "role", h.row(org, guest).Role, "member")
		if _, err := h.s.Remove(h.in(t).as(owner), org, h.row(org, guest).ID); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("DYN-03 DYN-08 DYN-11 DYN-15 DYN-17 DYN-18", func(t *testing.T) {
		owner.In(t).Post(api+"create-role", body{"role": "kept", "permission": body{"project": []string{"create"}}}).Want(200, "")
		bob.In(t).Post(api+"create-role", body{"role": "x", "permission": body{}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE")
		bob.In(t).Post(api+"delete-role", body{"roleName": "kept"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE")
		bob.In(t).Post(api+"update-role", body{"roleName": "kept", "data": body{"permission": body{}}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE")
		same(t, "unchanged", bob.In(t).Get(api+"get-role?roleName=kept").Want(200, "").Text("permission.project.0"), "create")
		same(t, "list", bob.In(t).Get(api+"list-roles").Want(200, "").Text("0.permission.project.0"), "create") // DYN-10
		blind := h.in(t).newcomer("blind", org, "kept")
		blind.get("list-roles").Want(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE")
		blind.get("get-role?roleName=kept").Want(403, "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE")
		stranger := h.in(t).person("stranger")
		for _, id := range []string{org, "unknown"} {
			a := stranger.get("list-roles?organizationId="+id).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
			same(t, "text", a.Text("message"), "You are not a member of this organization")
			stranger.post("create-role", body{"role": "y", "permission": body{}, "organizationId": id}).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
			stranger.post("delete-role", body{"roleName": "kept", "organizationId": id}).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		}
		stranger.get("list-roles").Want(400, "NO_ACTIVE_ORGANIZATION")
		stranger.post("create-role", body{"role": "y", "permission": body{}}).Want(400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE")
	})
	t.Run("DYN-04", func(t *testing.T) {
		admin := h.in(t).newcomer("admin", org, "admin")
		a := admin.post("create-role", `{"role":"seller","permission":{"sales":["create","delete","create","update","read"]}}`).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE")
		same(t, "missing", fmt.Sprint(a.Value("missingPermissions")), "[sales:delete sales:update]")
		owner.In(t).Post(api+"create-role", body{"role": "seller", "permission": body{"sales": []string{"delete"}}}).Want(200, "")
		a = admin.post("update-role", body{"roleName": "seller", "data": body{"permission": body{"sales": []string{"delete"}}}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE")
		same(t, "missing", fmt.Sprint(a.Value("missingPermissions")), "[sales:delete]")
		admin.post("update-role", body{"roleName": "seller", "data": body{"permission": body{}}}).Want(200, "") // less is free
	})
	t.Run("DYN-05 DYN-23 DYN-29", func(t *testing.T) {
		for _, name := range []string{"admin", "Owner", "kept", "KEPT"} {
			owner.In(t).Post(api+"create-role", body{"role": name, "permission": body{}}).Want(400, "ROLE_NAME_IS_ALREADY_TAKEN")
		}
		same(t, "lower case", owner.In(t).Post(api+"create-role", body{"role": "Editor", "permission": body{}}).Want(200, "").Text("roleData.role"), "editor")
		long := "Use at most 64 characters. Letters beyond a to z count more than once."
		for name, text := range map[string]string{"": "Give the role a name.", "ed, x": "Use a name without commas, and without blanks at its ends.", " ed": "Use a name without commas, and without blanks at its ends.",
			strings.Repeat("x", 65): long, strings.Repeat("ä", 33): long} {
			message(owner.In(t).Post(api+"create-role", body{"role": name, "permission": body{}}).Want(400, "VALIDATION_ERROR"), 400, text)
			message(owner.In(t).Post(api+"update-role", body{"roleName": "editor", "data": body{"roleName": name}}).Want(400, "VALIDATION_ERROR"), 400, text)
		}
	})
	t.Run("DYN-06 DYN-09 DYN-12", func(t *testing.T) {
		id := owner.In(t).Post(api+"create-role", body{"role": "temp", "permission": body{}}).Want(200, "").Text("roleData.id")
		same(t, "by id", owner.In(t).Get(api+"get-role?roleId="+id).Want(200, "").Text("role"), "temp")
		same(t, "name wins", owner.In(t).Get(api+"get-role?roleId=x&roleName=temp").Want(200, "").Text("id"), id)
		owner.In(t).Get(api+"get-role?roleName=Temp").Want(400, "ROLE_NOT_FOUND")
		owner.In(t).Get(api+"get-role").Want(400, "VALIDATION_ERROR")
		owner.In(t).Post(api+"delete-role", body{"roleId": id}).Want(200, "")
		owner.In(t).Post(api+"delete-role", body{"roleId": id}).Want(400, "ROLE_NOT_FOUND")
		owner.In(t).Post(api+"delete-role", body{"roleName": "admin"}).Want(400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE")
		owner.In(t).Post(api+"delete-role", body{}).Want(400, "VALIDATION_ERROR")
	})
	t.Run("DYN-13 DYN-14 DYN-16", func(t *testing.T) {
		id := owner.In(t).Post(api+"create-role", body{"role": "old", "permission": body{"project": []string{"create"}}}).Want(200, "").Text("roleData.id")
		a := owner.In(t).Post(api+"update-role", body{"roleId": id, "data": body{"permission": body{"project": []string{"delete"}}, "color": "blue", "unknown": 1, "serverDefault": "y"}}).Want(200, "")
		same(t, "permission", a.Text("roleData.permission.project.0"), "delete")
		same(t, "name", a.Text("roleData.role"), "old")
		same(t, "color", a.Text("roleData.color"), "blue")
		same(t, "default", a.Text("roleData.serverDefault"), "x")
		same(t, "updatedAt", a.Value("roleData.updatedAt"), nil)
		a = owner.In(t).Post(api+"update-role", body{"roleName": "old", "data": body{"roleName": "New"}}).Want(200, "")
		same(t, "renamed", a.Text("roleData.role"), "new")
		if a.Text("roleData.updatedAt") == "" {
			t.Error("updatedAt is not that of the change before")
		}
		owner.In(t).Get(api+"get-role?roleName=new").Want(200, "")
		owner.In(t).Post(api+"update-role", body{"roleName": "new", "data": body{"roleName": "new"}}).Want(400, "ROLE_NAME_IS_ALREADY_TAKEN")
		owner.In(t).Post(api+"update-role", body{"roleName": "new", "data": body{"roleName": "owner"}}).Want(400, "ROLE_NAME_IS_ALREADY_TAKEN")
		owner.In(t).Post(api+"update-role", body{"roleName": "nope", "data": body{}}).Want(400, "ROLE_NOT_FOUND")
	})
	t.Run("SEC-137", func(t *testing.T) { // who has, or is to get, a role has it by its new name, and nothing by another role of the old one
		const taken = "ROLE_NAME_IS_ALREADY_TAKEN"
		make := func(name string) body {
			return body{"role": name, "permission": body{"project": []string{"create"}}}
		}
		names := []string{"held", "timed", "promised", "joining"}
		for _, name := range names {
			owner.In(t).Post(api+"create-role", make(name)).Want(200, "")
		}
		h.in(t).write(org, bob, func(u *ent.MemberUpdate) { u.SetRole("member,held") })
		end := h.Clock.Now().Add(time.Hour)
		if _, err := h.s.GrantRole(h.in(t).as(owner), org, h.row(org, bob).ID, "timed", organization.Period{End: &end}); err != nil {
			t.Fatal(err)
		}
		invited := owner.In(t).Post(api+"invite-member", body{"email": "soon@x.test", "role": []string{"member", "promised"}}).Want(200, "").Text("id")
		store := func(do func(context.Context, ent.OrganizationAccess) error) {
			t.Helper()
			if err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error { return do(ctx, tx.Organization(org)) }); err != nil {
				t.Fatal(err)
			}
		}
		store(func(ctx context.Context, o ent.OrganizationAccess) error {
			return o.OrganizationDomain().Create().SetID("d").SetDomain("acme.example").SetToken("d").SetJoining("approval").SetRole("joining").Exec(ctx)
		})
		for _, name := range names {
			owner.In(t).Post(api+"update-role", body{"roleName": name, "data": body{"roleName": name + "-2"}}).Want(200, "")
		}
		same(t, "member", h.row(org, bob).Role, "member,held-2")
		same(t, "invitation", *h.in(t).invitation(invited).Role, "member,promised-2")
		same(t, "holders", fmt.Sprint(can(bob, "project", "create")), "true")
		for _, name := range names {
			owner.In(t).Post(api+"delete-role", body{"roleName": name}).Want(400, "ROLE_NOT_FOUND")
		}
		// A name that some still have, as an adopted database may hold it, is not given away.
		for _, name := range names {
			owner.In(t).Post(api+"create-role", make(name)).Want(200, "")
			owner.In(t).Post(api+"delete-role", body{"roleName": name}).Want(200, "")
		}
		h.in(t).write(org, bob, func(u *ent.MemberUpdate) { u.SetRole("member,held") })
		owner.In(t).Post(api+"create-role", make("held")).Want(400, taken)
		owner.In(t).Post(api+"update-role", body{"roleName": "held-2", "data": body{"roleName": "held"}}).Want(400, taken)
		h.in(t).write(org, bob, func(u *ent.MemberUpdate) { u.SetRole("member") })
		owner.In(t).Post(api+"create-role", make("held")).Want(200, "")
		store(func(ctx context.Context, o ent.OrganizationAccess) error {
			_, err := o.MemberRole().Delete().Exec(ctx)
			return err
		})
	})
	t.Run("DYN-21", func(t *testing.T) {
		owner.In(t).Post(api+"create-role", body{"role": "space", "permission": body{"spaceship": []string{"launch"}}}).Want(400, "INVALID_RESOURCE")
		owner.In(t).Post(api+"update-role", body{"roleName": "new", "data": body{"permission": body{"spaceship": []string{}}}}).Want(400, "INVALID_RESOURCE")
		for _, p := range []any{nil, "x", []string{"a"}, body{"project": "create"}, body{"project": []int{1}}} {
			owner.In(t).Post(api+"create-role", body{"role": "bad", "permission": p}).Want(400, "VALIDATION_ERROR")
		}
	})
	t.Run("DYN-27", func(t *testing.T) { // ours: gives nothing, and no 500
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.Organization(org).OrganizationRole().Update().Where(organizationrole.Role("kept")).SetPermission(`["broken"]`).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		h.in(t).write(org, bob, func(u *ent.MemberUpdate) { u.SetRole("kept,member") })
		same(t, "nothing", can(bob, "project", "create"), any(false))
		same(t, "the rest", can(bob, "ac", "read"), any(true))
		bob.get("list-roles").Want(200, "")
		bob.get("get-full-organization").Want(200, "")
	})
	t.Run("DYN-19 DYN-20", func(t *testing.T) {
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.Organization(org).OrganizationRole().Create().SetID("merged").SetRole("member").SetPermission(`{"sales":["read"]}`).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "stored", can(bob, "sales", "read"), any(true))
		same(t, "of every organization", can(bob, "ac", "read"), any(true))
	})
}

// Scopes of the roles with those of the apps of the test besides.
const (
	adminScopes = `"organization:update", "member:read", "member:create", "member:update", "member:delete", "invitation:create", "invitation:cancel", "ac:create", "ac:read", "ac:update", "ac:delete", "sales:read", "sales:create", "project:create"`
	ownerScopes = adminScopes + `, "organization:delete", "sales:update", "sales:delete", "project:delete", "team:create", "team:delete"`
)

func TestRoleLimit(t *testing.T) { // DYN-22
	_, owner, _, _ := pair(t, map[string]string{"dynamic_roles.limit": "1"})
	owner.post("create-role", body{"role": "one", "permission": body{}}).Want(200, "")
	owner.post("create-role", body{"role": "two", "permission": body{}}).Want(400, "TOO_MANY_ROLES")
}

func TestDirectory(t *testing.T) {
	h, owner, admin, org := pair(t, nil)
	owner.post("create-role", body{"role": "remover", "permission": body{"organization": []string{"delete"}}}).Want(200, "")
	roles, err := h.s.Roles(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range roles {
		names = append(names, fmt.Sprintf("%s %v %v", r.Name, r.Own, r.Creator))
	}
	same(t, "roles", strings.Join(names, ", "), "owner false true, admin false false, member false false, remover true false")
	unknown, err := h.s.Unknown(t.Context(), org, []string{"owner", "remover", "nope"})
	if err != nil || strings.Join(unknown, ",") != "nope" {
		t.Errorf("unknown %v %v", unknown, err)
	}
	for _, c := range []struct {
		by   *someone
		role string
		want bool
	}{{owner, "owner", true}, {owner, "remover", true}, {admin, "admin", true}, {admin, "remover", false}, {admin, "owner", false}, {h.person("stranger"), "member", false}} {
		if got, err := h.s.MayGive(h.as(c.by), org, []string{c.role}, time.Time{}); err != nil || got != c.want {
			t.Errorf("%s gives %s: %v %v", c.by.user.Name, c.role, got, err)
		}
	}
	grants, err := h.s.Grants(t.Context(), org, []string{"remover", "nope"}, h.Clock.Now(), h.Clock.Now())
	if err != nil || len(grants) != 1 || grants[0].Scope != "organization:delete" || grants[0].Realm != auth.In(org) {
		t.Errorf("grants %v %v", grants, err)
	}
	is, err := h.s.Creator(t.Context(), org, owner.user.ID)
	isNot, err2 := h.s.Creator(t.Context(), org, admin.user.ID)
	if !is || isNot || err != nil || err2 != nil {
		t.Errorf("creator %v %v", is, isNot)
	}
}
