package organization_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// TestMembers are the cases MEM-… of better-auth organization 16.4.
func TestMembers(t *testing.T) { dbtest.Each(t, testMembers) }

func testMembers(t *testing.T, db *database.DB) {
	h, owner, admin, org := pairOn(t, db, nil)
	ownerID := h.row(org, owner).ID
	t.Run("MEM-01", func(t *testing.T) {
		a := owner.In(t).Get(api+"get-active-member").Want(200, "")
		same(t, "role", a.Text("role"), "owner")
		same(t, "person", a.Text("user.email"), owner.user.Email)
	})
	t.Run("MEM-02 MEM-03 MEM-44", func(t *testing.T) {
		bob := h.in(t).person("bob")
		id := h.in(t).join(bob, org, "member")
		for _, c := range []struct {
			role any
			want string
		}{{"admin", "admin"}, {[]string{"member", "admin"}, "member,admin"}, {" member , admin", "member,admin"}, {"member,member", "member"}} {
			same(t, "role", owner.In(t).Post(api+"update-member-role", body{"memberId": id, "role": c.role}).Want(200, "").Text("role"), c.want)
		}
	})
	t.Run("MEM-04 MEM-05", func(t *testing.T) {
		same(t, "more", owner.In(t).Post(api+"update-member-role", body{"memberId": ownerID, "role": []string{"owner", "admin"}}).Want(200, "").Text("role"), "owner,admin")
		owner.In(t).Post(api+"update-member-role", body{"memberId": ownerID, "role": []string{"admin"}}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER")
		owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": ownerID}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER") // MEM-14
		owner.In(t).Post(api+"leave", body{"organizationId": org}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		same(t, "back", owner.In(t).Post(api+"update-member-role", body{"memberId": ownerID, "role": []string{"owner"}}).Want(200, "").Text("role"), "owner")
		second := h.in(t).newcomer("second", org, "owner")
		secondID := h.in(t).row(org, second).ID
		second.post("update-member-role", body{"memberId": secondID, "role": "admin"}).Want(200, "")
		owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": secondID}).Want(200, "")
	})
	t.Run("MEM-06 MEM-07 MEM-08", func(t *testing.T) {
		adminID := h.in(t).row(org, admin).ID
		admin.In(t).Post(api+"update-member-role", body{"memberId": ownerID, "role": "member"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		admin.In(t).Post(api+"update-member-role", body{"memberId": adminID, "role": "admin,owner"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		admin.In(t).Post(api+"remove-member", body{"memberIdOrEmail": ownerID}).Want(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		same(t, "role", h.in(t).row(org, admin).Role, "admin")
	})
	t.Run("MEM-09 MEM-10", func(t *testing.T) {
		adminID := h.in(t).row(org, admin).ID
		a := owner.In(t).Post(api+"update-member-role", body{"memberId": adminID, "role": []string{"superadmin", "x"}}).Want(400, "ROLE_NOT_FOUND")
		same(t, "text", a.Text("message"), "ROLE_NOT_FOUND: superadmin, x")
		for _, role := range []any{[]string{}, ",", ""} {
			a := owner.In(t).Post(api+"update-member-role", body{"memberId": adminID, "role": role}).Want(400, "")
			same(t, "body", string(a.Body), "")
		}
		owner.In(t).Post(api+"update-member-role", body{"memberId": "unknown", "role": "admin"}).Want(400, "MEMBER_NOT_FOUND")
	})
	t.Run("MEM-11 MEM-37", func(t *testing.T) {
		owner.In(t).Post(api+"create-role", body{"role": "there", "permission": body{}}).Want(200, "")
		plain := h.in(t).newcomer("plain", org, "member")
		adminID := h.in(t).row(org, admin).ID
		for _, role := range []string{"there", "not-there"} {
			plain.post("update-member-role", body{"memberId": adminID, "role": role}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		}
		plain.post("remove-member", body{"memberIdOrEmail": adminID}).Want(401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER")
		plain.post("remove-member", body{"memberIdOrEmail": "unknown"}).Want(400, "MEMBER_NOT_FOUND")
	})
	t.Run("MEM-12", func(t *testing.T) {
		p := h.in(t).newcomer("leaver", org, "admin")
		a := p.post("leave", body{"organizationId": org}).Want(200, "")
		same(t, "row", a.Text("userId")+a.Text("user.id"), p.user.ID+p.user.ID)
		same(t, "active", p.session("activeOrganizationId"), "")
		p.post("leave", body{"organizationId": org}).Want(400, "MEMBER_NOT_FOUND")
		p.post("leave", body{"organizationId": "unknown"}).Want(400, "MEMBER_NOT_FOUND")
	})
	t.Run("MEM-13 SEC-134", func(t *testing.T) {
		p := h.in(t).newcomer("goner", org, "member")
		before := h.in(t).members(org)
		a := owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": strings.ToUpper(p.user.Email)}).Want(200, "")
		same(t, "person", a.Text("member.user.email"), p.user.Email)
		same(t, "members", h.in(t).members(org), before-1)
		same(t, "active", p.session("activeOrganizationId"), "")
		p.get("list-members?organizationId="+org).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		id := h.in(t).join(p, org, "member")
		a = owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": id}).Want(200, "")
		same(t, "no person", a.Value("member.user"), nil)
	})
	t.Run("MEM-19 MEM-20 MEM-45", func(t *testing.T) {
		for i, c := range []struct {
			roles []string
			want  string
		}{{[]string{"admin"}, "admin"}, {[]string{"admin", "member"}, "admin,member"}, {[]string{" admin "}, "admin"}, {[]string{"member", "  "}, "member"}} {
			p := h.in(t).person(fmt.Sprintf("added%d", i))
			h.in(t).join(p, org, c.roles...)
			same(t, "role", h.in(t).row(org, p).Role, c.want)
		}
		_, err := h.s.Add(t.Context(), org, organization.NewMembership{User: owner.user.ID, Roles: []string{" , "}, Trusted: true})
		if !errors.Is(err, organization.ErrRoleNotFound) {
			t.Errorf("no role: %v", err)
		}
	})
	t.Run("MEM-31 MEM-32 MEM-34 MEM-35 MEM-36", func(t *testing.T) {
		same(t, "own", owner.In(t).Get(api+"get-active-member-role").Want(200, "").Text("role"), "owner")
		same(t, "other", owner.In(t).Get(api+"get-active-member-role?userId="+admin.user.ID).Want(200, "").Text("role"), "admin")
		stranger := h.in(t).person("stranger")
		owner.In(t).Get(api+"get-active-member-role?userId="+stranger.user.ID).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		stranger.get("get-active-member-role").Want(400, "NO_ACTIVE_ORGANIZATION")
		stranger.get("get-active-member-role?organizationId="+org).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		stranger.get("get-active-member").Want(400, "NO_ACTIVE_ORGANIZATION")
		for _, c := range []struct {
			in   body
			want any
		}{
			{body{"permissions": body{"member": []string{"update"}}}, true},
			{body{"permissions": body{"member": []string{"update"}, "invitation": []string{"create"}}}, true},
			{body{"permissions": body{"member": []string{"launch"}}}, false},
			{body{"permissions": body{"spaceship": []string{"launch"}}}, false},
			{body{"permissions": body{"member": []string{}}}, false},
			{body{"permissions": body{}}, false},
			{body{"permission": body{"member": []string{"update"}}}, false},
		} {
			a := owner.In(t).Post(api+"has-permission", c.in).Want(200, "")
			same(t, fmt.Sprint(c.in), a.Value("success"), c.want)
			same(t, "error", a.Value("error"), nil)
		}
		for _, in := range []body{{}, {"permission": body{}, "permissions": body{}}, {"permissions": body{"a": "b"}}, {"permissions": "x"}} {
			owner.In(t).Post(api+"has-permission", in).Want(400, "VALIDATION_ERROR")
		}
		stranger.post("has-permission", body{"permissions": body{}}).Want(400, "NO_ACTIVE_ORGANIZATION")
		for _, id := range []string{org, "unknown"} {
			stranger.post("has-permission", body{"organizationId": id, "permissions": body{"member": []string{"update"}}}).Want(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		}
	})
	t.Run("MEM-38", func(t *testing.T) { // like unknown ids: SEC-127, D-8
		other := h.in(t).person("other")
		foreign := h.in(t).row(other.found("other"), other).ID
		owner.In(t).Post(api+"update-member-role", body{"memberId": foreign, "role": "admin"}).Want(400, "MEMBER_NOT_FOUND")
		owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": foreign}).Want(400, "MEMBER_NOT_FOUND")
		owner.In(t).Post(api+"remove-member", body{"memberIdOrEmail": other.user.Email}).Want(400, "MEMBER_NOT_FOUND")
	})
	t.Run("MEM-39", func(t *testing.T) {
		owner.In(t).Post(api+"add-member", body{"userId": "x", "role": "member"}).Want(404, "")
		h.Browser().In(t).Post(api+"remove-member", body{"memberIdOrEmail": "x"}).Want(401, "UNAUTHORIZED")
	})
}

// TestMemberList are the cases of list-members.
func TestMemberList(t *testing.T) { dbtest.Each(t, testMemberList) }

func testMemberList(t *testing.T, db *database.DB) {
	h := openWith(t, db, nil, organizationapi.Hooks{})
	owner := h.person("owner")
	org := owner.found("acme")
	for i := range 10 {
		h.join(h.person(fmt.Sprintf("m%d", i)), org, "member")
	}
	list := func(query string) (ids []string, total float64) {
		t.Helper()
		a := owner.get("list-members?"+query).Want(200, "")
		members, _ := a.Value("members").([]any)
		for i := range members {
			ids = append(ids, a.Text(fmt.Sprintf("members.%d.user.name", i)))
		}
		total, _ = a.Value("total").(float64)
		return ids, total
	}
	ago := url.QueryEscape(h.Clock.Now().Add(-30 * 24 * time.Hour).Format(time.RFC3339))
	for query, want := range map[string]struct{ rows, total int }{
		"":                      {11, 11}, // MEM-23
		"organizationSlug=acme": {11, 11}, // MEM-24
		"organizationId=" + org: {11, 11},
		"limit=5":               {5, 11}, // MEM-25
		"offset=5":              {6, 11},
		"limit=0":               {11, 11},
		"limit=x&offset=-3":     {11, 11},
		"offset=100":            {0, 11}, // MEM-46
		"filterField=createdAt&filterOperator=gt&filterValue=" + ago:              {11, 11}, // MEM-26
		"filterField=role&filterOperator=ne&filterValue=owner":                    {10, 10}, // MEM-27
		"filterField=role&filterOperator=in&filterValue=owner&filterValue=member": {11, 11},
		"filterField=role&filterOperator=in&filterValue=owner":                    {1, 1}, // D-7
		"filterField=role&filterOperator=not_in&filterValue=owner":                {10, 10},
		"filterField=role&filterOperator=starts_with&filterValue=mem":             {10, 10},
		"filterField=role&filterOperator=starts_with&filterValue=mem&limit=3":     {3, 10},
		"filterField=role": {0, 0},
		"filterField=role&filterValue=owner&sortBy=role&sortDirection=desc":                     {1, 1},
		"filterField=userId&filterValue=" + owner.user.ID:                                       {1, 1},
		"filterField=organizationId&filterOperator=ne&filterValue=" + url.QueryEscape(org+"xx"): {11, 11},
	} {
		rows, total := list(query)
		if len(rows) != want.rows || int(total) != want.total {
			t.Errorf("%s: %d of %v, want %v", query, len(rows), total, want)
		}
	}
	up, _ := list("sortBy=createdAt&sortDirection=asc") // MEM-28
	down, _ := list("sortBy=createdAt&sortDirection=desc")
	same(t, "oldest", up[0]+" "+up[10], "owner m9")
	same(t, "newest", down[0]+" "+down[10], "m9 owner")
	for _, query := range []string{"filterOperator=like", "sortBy=userName", "filterField=startsAt&filterValue=x", "filterField=additionalFields&filterValue=x",
		"sortDirection=up", "filterField=createdAt&filterValue=x", "filterField=createdAt&filterOperator=contains&filterValue=2"} {
		owner.get("list-members?"+query).Want(400, "VALIDATION_ERROR")
	}
	stranger := h.person("stranger")
	stranger.get("list-members").Want(400, "NO_ACTIVE_ORGANIZATION")
	for _, query := range []string{"organizationId=" + org, "organizationId=unknown", "organizationSlug=acme", "organizationSlug=unknown"} { // MEM-29
		stranger.get("list-members?"+query).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
	}
}

func TestManyMembersAreListed(t *testing.T) { // MEM-30
	h := open(t, map[string]string{"member_limit": "500"})
	owner := h.person("owner")
	org := owner.found("acme")
	for i := range 110 {
		h.join(h.person(fmt.Sprintf("m%d", i)), org, "member")
	}
	a := owner.get("list-members").Want(200, "")
	same(t, "rows", count(a, "members"), 111)
	same(t, "address", a.Text("members.110.user.email"), "m109@example.test")
	same(t, "full", count(owner.get("get-full-organization").Want(200, ""), "members"), 111)
}

func TestMemberLimit(t *testing.T) { // MEM-21, MEM-22
	h := open(t, map[string]string{"member_limit": "2"})
	owner, bob, carl := h.person("owner"), h.person("bob"), h.person("carl")
	org := owner.found("acme")
	h.join(bob, org, "member")
	if _, err := h.s.Add(t.Context(), org, organization.NewMembership{User: carl.user.ID, Roles: []string{"member"}, Trusted: true}); !errors.Is(err, organization.ErrTooManyMembers) {
		t.Errorf("added: %v", err)
	}
	id := owner.invited(carl.user.Email, "member")
	carl.post("accept-invitation", body{"invitationId": id}).Want(403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED")
	same(t, "invitation", h.invitation(id).Status, "pending")
	same(t, "members", count(owner.get("get-full-organization").Want(200, ""), "members"), 2)
	bob.post("leave", body{"organizationId": org}).Want(200, "")
	carl.post("accept-invitation", body{"invitationId": id}).Want(200, "")
}

func TestMembersDoNotSeeEachOther(t *testing.T) {
	h := open(t, map[string]string{"members_see_members": "false"})
	owner := h.person("owner")
	org := owner.found("acme")
	bob := h.newcomer("bob", org, "member")
	full := bob.get("get-full-organization").Want(200, "")
	same(t, "members", count(full, "members"), 1)
	same(t, "oneself", full.Text("members.0.userId"), bob.user.ID)
	same(t, "teams", count(full, "teams"), 0)
	bob.get("list-members").Want(403, "FORBIDDEN")
	same(t, "owner", count(owner.get("list-members").Want(200, ""), "members"), 2)
}

// TestRemovalIsWhole: what a removal cannot finish leaves everything (MEM-15).
func TestRemovalIsWhole(t *testing.T) {
	fail := auth.E(418, "NOT_NOW", "Not now")
	h := openWith(t, nil, nil, organizationapi.Hooks{Left: []auth.On[*organizationapi.LeftMember]{{Do: func(context.Context, *organizationapi.LeftMember) error { return fail }}}})
	owner := h.person("owner")
	org := owner.found("acme")
	bob := h.newcomer("bob", org, "member")
	team := owner.post("create-team", body{"name": "T"}).Want(200, "").Text("id")
	owner.post("add-team-member", body{"teamId": team, "userId": bob.user.ID}).Want(200, "")
	owner.post("remove-member", body{"memberIdOrEmail": bob.user.Email}).Want(418, "NOT_NOW")
	if h.row(org, bob) == nil {
		t.Error("the membership is gone")
	}
	same(t, "teams", count(bob.get("list-user-teams").Want(200, ""), ""), 1)
	same(t, "active", bob.session("activeOrganizationId"), org)
}

func TestAppPermissions(t *testing.T) { // MEM-16, MEM-17, MEM-18, MEM-33
	h := open(t, map[string]string{
		"permissions": `{project = {actions = ["create", "delete"]}}`,
		"roles":       `{custom = {scopes = ["project:create"]}}`})
	owner := h.person("owner")
	org := owner.found("acme")
	bob := h.newcomer("bob", org, "member")
	bobID, ownerID := h.row(org, bob).ID, h.row(org, owner).ID
	can := func(p *someone, action string) any {
		return p.post("has-permission", body{"permissions": body{"project": []string{action}}}).Want(200, "").Value("success")
	}
	// owners hold what the operator named, and put it into roles of their own
	same(t, "owner", can(owner, "delete"), any(true))
	owner.post("create-role", body{"role": "own", "permission": body{"project": []string{"delete"}}}).Want(200, "")
	owner.post("update-member-role", body{"memberId": bobID, "role": []string{"custom", "admin"}}).Want(200, "")
	same(t, "create", can(bob, "create"), any(true))
	same(t, "delete", can(bob, "delete"), any(false))
	// decisions 21: no single role covers both
	same(t, "one role", bob.post("has-permission", body{"permissions": body{"project": []string{"create"}, "organization": []string{"update"}}}).Value("success"), any(false))
	owner.post("update-member-role", body{"memberId": bobID, "role": []string{"custom", "owner"}}).Want(200, "")
	same(t, "MEM-16", can(bob, "create"), any(true))
	owner.post("update-member-role", body{"memberId": ownerID, "role": []string{"owner", "custom"}}).Want(200, "")
	same(t, "MEM-17", can(owner, "create"), any(true))
	owner.post("update-member-role", body{"memberId": ownerID, "role": []string{"custom"}}).Want(200, "")
	same(t, "MEM-18", h.row(org, owner).Role, "custom")
}

// TestRefusalsAreExplained to those who may see what others may do; others get the wire's.
func TestRefusalsAreExplained(t *testing.T) {
	o := openOffice(t, nil)
	const refusal = `{"message":"You are not allowed to delete this organization","code":"YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION"`
	same(t, "admin", string(o.as["admin"].post("delete", body{"organizationId": o.org}).Want(403, "").Body), refusal+`,"scope":"organization:delete","permission":"Delete the organization","organizationId":"`+o.org+`","roles":["owner"]}`)
	same(t, "member", string(o.as["member"].post("delete", body{"organizationId": o.org}).Want(403, "").Body), refusal+`}`)
}

func TestSoleOwnersAreNotDeleted(t *testing.T) { // D-10
	h := open(t, nil)
	owner := h.person("owner")
	org := owner.found("acme")
	bob := h.newcomer("bob", org, "member")
	team := owner.post("create-team", body{"name": "T"}).Want(200, "").Text("id")
	owner.post("add-team-member", body{"teamId": team, "userId": bob.user.ID}).Want(200, "")
	if err := h.Host.Users.Delete(t.Context(), owner.user.ID, "self"); !errors.Is(err, organization.ErrSoleOwner) {
		t.Fatalf("deleted: %v", err)
	}
	if err := h.Host.Users.Delete(t.Context(), bob.user.ID, "self"); err != nil {
		t.Fatal(err)
	}
	same(t, "members", h.members(org), 1)
	row, err := h.Host.DB.Access(t.Context()).Organization(org).Team().Get(t.Context(), team)
	if err != nil || row.MemberCount != 0 {
		t.Errorf("seats: %v %v", row, err)
	}
	if err := h.Host.Users.Delete(t.Context(), owner.user.ID, "self"); err != nil { // alone now
		t.Error(err)
	}

	carl := h.person("carl")
	umbrella := carl.found("umbrella")
	h.newcomer("dora", umbrella, "member")
	var refusal *auth.Error
	if err := h.Host.Users.Delete(h.as(carl), carl.user.ID, "self"); !errors.As(err, &refusal) || !strings.Contains(refusal.Message.In(t.Context()), "UMBRELLA") || refusal.Fields[auth.FieldForce] == "" {
		t.Fatalf("does not say of what, and how: %v", err)
	}
	if err := h.Host.Users.ForceDelete(t.Context(), carl.user.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "members without an owner", h.members(umbrella), 1)
}

func TestMembersFollowTheirUsers(t *testing.T) {
	h := open(t, nil)
	owner := h.person("owner")
	org := owner.found("acme")
	if _, err := h.Host.Users.Patch(t.Context(), owner.user.ID, "self", nil, func(u *ent.UserUpdateOne) { u.SetName("Ada Lovelace").SetEmail("lovelace@example.test") }); err != nil {
		t.Fatal(err)
	}
	row := h.row(org, owner)
	same(t, "row", row.UserName+" "+row.UserEmail, "Ada Lovelace lovelace@example.test")
}

func second[T any](_ T, err error) error { return err }

func TestPeopleAddWithinTheirRights(t *testing.T) {
	h, owner, admin, org := pair(t, nil)
	owner.post("create-role", body{"role": "remover", "permission": body{"organization": []string{"delete"}}}).Want(200, "")
	add := func(by *someone, roles ...string) error {
		_, err := h.s.Add(h.as(by), org, organization.NewMembership{User: h.made(fmt.Sprintf("p%d", h.Clock.Now().UnixNano()), true).ID, Roles: roles})
		return err
	}
	for _, c := range []struct {
		by   *someone
		role string
		want error
	}{{owner, "owner", nil}, {owner, "remover", nil}, {admin, "member", nil}, {admin, "admin", nil}, {admin, "owner", organization.ErrMayNotGive},
		{admin, "remover", organization.ErrMayNotGive}, {admin, "nope", organization.ErrRoleNotFound.Saying(words.Raw("ROLE_NOT_FOUND: nope"))}} {
		if err := add(c.by, c.role); !errors.Is(err, c.want) {
			t.Errorf("%s adds %s: %v", c.by.user.Name, c.role, err)
		}
	}
	plain := h.newcomer("plain", org, "member")
	if err := add(plain, "member"); !errors.Is(err, organization.ErrMayNotAdd) {
		t.Errorf("a member adds: %v", err)
	}
}
