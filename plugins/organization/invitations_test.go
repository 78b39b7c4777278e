package organization_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/invitation"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// invited makes an invitation and returns its id.
func (p *someone) invited(address, role string) string {
	p.h.t.Helper()
	return p.post("invite-member", body{"email": address, "role": role}).Want(200, "").Text("id")
}

// invitation reads an invitation of whatever organization.
func (h *house) invitation(id string) *ent.Invitation {
	h.t.Helper()
	row, err := h.Host.DB.Access(h.t.Context()).Platform().Invitation().Query().Where(invitation.ID(id)).Only(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return row
}

// writeInvitation changes a stored invitation behind the service's back.
func (h *house) writeInvitation(id string, set func(*ent.InvitationUpdate)) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		up := tx.Platform().Invitation().Update().Where(invitation.ID(id))
		set(up)
		return up.Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// pair is an organization with its owner and an administrator.
func pair(t *testing.T, settings map[string]string) (h *house, owner, admin *someone, org string) {
	t.Helper()
	return pairOn(t, nil, settings)
}

func pairOn(t *testing.T, db *database.DB, settings map[string]string) (h *house, owner, admin *someone, org string) {
	t.Helper()
	h = openWith(t, db, settings, organizationapi.Hooks{})
	owner = h.person("owner")
	org = owner.found("acme")
	return h, owner, h.newcomer("admin", org, "admin"), org
}

// TestInvitations are the cases INV-… of better-auth organization 16.3 with the default
// settings.
func TestInvitations(t *testing.T) { dbtest.Each(t, testInvitations) }

func testInvitations(t *testing.T, db *database.DB) {
	h, owner, admin, org := pairOn(t, db, map[string]string{"smtp": "smtp://127.0.0.1:1?tls=none"})
	t.Run("INV-01 INV-05 INV-12 INV-51", func(t *testing.T) {
		for i, c := range []struct {
			role any
			want string
		}{{"owner", "owner"}, {"admin", "admin"}, {"member", "member"}, {[]string{"admin", "member"}, "admin,member"}, {[]string{"member", " admin"}, "member,admin"}} {
			a := owner.In(t).Post(api+"invite-member", body{"email": string(rune('a'+i)) + "@one.test", "role": c.role}).Want(200, "")
			same(t, "role", a.Text("role"), c.want)
			same(t, "status", a.Text("status"), "pending")
			same(t, "team", a.Value("teamId"), nil) // TEAM-17
			same(t, "inviter", a.Text("inviterId"), owner.user.ID)
		}
	})
	t.Run("INV-02 INV-03 INV-04 INV-37 INV-39", func(t *testing.T) {
		bob := h.in(t).person("bob")
		id := owner.In(t).Post(api+"invite-member", body{"email": bob.user.Email, "role": "member"}).Want(200, "").Text("id")
		bob.post("accept-invitation", body{"invitationId": "unknown"}).Want(400, "INVITATION_NOT_FOUND")
		owner.In(t).Post(api+"accept-invitation", body{"invitationId": id}).Want(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		owner.In(t).Post(api+"reject-invitation", body{"invitationId": id}).Want(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		owner.In(t).Get(api+"get-invitation?id="+id).Want(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION")
		a := bob.post("accept-invitation", body{"invitationId": id}).Want(200, "")
		same(t, "status", a.Text("invitation.status"), "accepted")
		same(t, "member", a.Text("member.userId"), bob.user.ID)
		same(t, "user", a.Value("member.user"), nil)
		same(t, "active", bob.session("activeOrganizationId"), org)
		bob.post("accept-invitation", body{"invitationId": id}).Want(400, "INVITATION_NOT_FOUND")
		a = bob.post("reject-invitation", body{"invitationId": id}).Want(400, "INVITATION_NOT_FOUND")
		same(t, "text", a.Text("message"), "Invitation not found!")
		owner.In(t).Post(api+"cancel-invitation", body{"invitationId": id}).Want(400, "INVITATION_NOT_FOUND") // D-12
		// INV-07
		for _, address := range []string{bob.user.Email, strings.ToUpper(bob.user.Email)} {
			owner.In(t).Post(api+"invite-member", body{"email": address, "role": "member"}).Want(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")
		}
	})
	t.Run("INV-06 INV-23 INV-24 INV-54", func(t *testing.T) {
		id := owner.In(t).Post(api+"invite-member", body{"email": "x@six.test", "role": "owner"}).Want(200, "").Text("id")
		for _, address := range []string{"x@six.test", "X@Six.Test"} {
			owner.In(t).Post(api+"invite-member", body{"email": address, "role": "member"}).Want(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION")
		}
		before := h.in(t).invitation(id)
		h.Clock.Advance(time.Hour)
		a := owner.In(t).Post(api+"invite-member", body{"email": "x@six.test", "role": "member", "resend": true}).Want(200, "")
		same(t, "id", a.Text("id"), id)
		same(t, "role", a.Text("role"), "owner")
		after := h.in(t).invitation(id)
		if !after.ExpiresAt.After(before.ExpiresAt) {
			t.Error("the term was not renewed")
		}
		// INV-45
		admin.In(t).Post(api+"invite-member", body{"email": "x@six.test", "role": "member", "resend": true}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		same(t, "term", h.in(t).invitation(id).ExpiresAt, after.ExpiresAt)
		// decisions 25
		admin.In(t).Post(api+"cancel-invitation", body{"invitationId": id}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION")
		if _, err := h.s.Resend(h.in(t).as(admin), org, id, true); !errors.Is(err, organization.ErrInvitationNotFound) {
			t.Errorf("resent by an admin: %v", err)
		}
	})
	t.Run("INV-08", func(t *testing.T) {
		a := owner.In(t).Post(api+"invite-member", body{"email": "Carl@Example.Test", "role": "member"}).Want(200, "")
		same(t, "address", a.Text("email"), "carl@example.test")
		carl := h.in(t).person("carl")
		list := carl.get("list-user-invitations").Want(200, "")
		same(t, "organization", list.Text("0.organizationName"), "ACME")
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", list.Text("0.createdAt")); err != nil {
			t.Error(err)
		}
		carl.post("accept-invitation", body{"invitationId": a.Text("id")}).Want(200, "")
		same(t, "INV-17", string(carl.get("list-user-invitations").Want(200, "").Body), "[]")
	})
	t.Run("INV-09 INV-43", func(t *testing.T) {
		for _, role := range []any{"owner", "admin, owner", []string{"admin", " owner"}} {
			admin.In(t).Post(api+"invite-member", body{"email": "x@nine.test", "role": role}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		}
		same(t, "refused", h.in(t).happened("organization.refused", org) >= 3, true)
	})
	t.Run("INV-11 INV-53", func(t *testing.T) {
		a := owner.In(t).Post(api+"invite-member", body{"email": "x@eleven.test", "role": []string{"member", "nope "}}).Want(400, "")
		same(t, "body", string(a.Body), `{"message":"ROLE_NOT_FOUND: nope"}`)
	})
	t.Run("INV-46", func(t *testing.T) {
		for _, role := range []any{"", "  ", []string{}, " , "} {
			owner.In(t).Post(api+"invite-member", body{"email": "x@fortysix.test", "role": role}).Want(400, "ROLE_NOT_FOUND")
		}
		n, err := h.Host.DB.Access(t.Context()).Organization(org).Invitation().Query().Where(invitation.Email("x@fortysix.test")).Count(t.Context())
		if err != nil || n != 0 {
			t.Errorf("rows: %d %v", n, err)
		}
	})
	t.Run("INV-16 INV-18", func(t *testing.T) {
		dora := h.in(t).person("dora")
		id := owner.In(t).Post(api+"invite-member", body{"email": dora.user.Email, "role": "member"}).Want(200, "").Text("id")
		h.Clock.Advance(49 * time.Hour)
		same(t, "still listed", count(dora.get("list-user-invitations").Want(200, ""), ""), 1)
		dora.post("accept-invitation", body{"invitationId": id}).Want(400, "INVITATION_NOT_FOUND")
		dora.get("get-invitation?id="+id).Want(400, "INVITATION_NOT_FOUND") // INV-50
		a := dora.post("reject-invitation", body{"invitationId": id}).Want(200, "")
		same(t, "status", a.Text("invitation.status"), "rejected")
		same(t, "member", a.Value("member"), nil)
		same(t, "listed", string(dora.get("list-user-invitations").Want(200, "").Body), "[]")
	})
	t.Run("INV-13 INV-49 INV-20 INV-47 INV-48", func(t *testing.T) {
		secret := owner.In(t).Post(api+"invite-member", body{"email": "o@fortynine.test", "role": "admin,owner"}).Want(200, "").Text("id")
		plain := owner.In(t).Post(api+"invite-member", body{"email": "m@fortynine.test", "role": "member"}).Want(200, "").Text("id")
		for path, at := range map[string]string{"list-invitations": "", "get-full-organization": "invitations"} {
			all, some := owner.In(t).Get(api+path).Want(200, ""), admin.In(t).Get(api+path).Want(200, "")
			if !strings.Contains(string(all.Body), secret) || strings.Contains(string(some.Body), secret) || !strings.Contains(string(some.Body), plain) || count(some, at) < 2 {
				t.Errorf("%s: owner %s\nadmin %s", path, all.Body, some.Body)
			}
		}
		member := h.in(t).newcomer("member", org, "member")
		member.get("list-invitations").Want(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS")
		same(t, "none", string(member.get("get-full-organization").Want(200, "").Body) != "", true)
		same(t, "none", count(member.get("get-full-organization"), "invitations"), 0)
		owner.In(t).Post(api+"create-role", body{"role": "canceller", "permission": body{"invitation": []string{"cancel"}}}).Want(200, "")
		h.in(t).write(org, member, func(u *ent.MemberUpdate) { u.SetRole("canceller") })
		member.get("list-invitations").Want(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS")
		member.post("cancel-invitation", body{"invitationId": secret}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION")
		same(t, "cancelled", member.post("cancel-invitation", body{"invitationId": plain}).Want(200, "").Text("status"), "canceled")
		h.in(t).write(org, member, func(u *ent.MemberUpdate) { u.SetRole("member") })
		member.post("cancel-invitation", body{"invitationId": secret}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION") // INV-40
		member.post("invite-member", body{"email": "x@forty.test", "role": "member"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION")
		stranger := h.in(t).person("stranger")
		message(stranger.get("list-invitations"), 400, "Organization ID is required")
		for _, id := range []string{org, "unknown"} {
			message(stranger.get("list-invitations?organizationId="+id), 403, "You are not a member of this organization")
			stranger.post("invite-member", body{"email": "x@forty.test", "role": "member", "organizationId": id}).Want(400, "MEMBER_NOT_FOUND")
		}
		stranger.post("invite-member", body{"email": "x@forty.test", "role": "member"}).Want(400, "ORGANIZATION_NOT_FOUND")
		stranger.post("invite-member", body{"email": "no address", "role": "member", "organizationId": "x"}).Want(400, "INVALID_EMAIL")
		stranger.post("cancel-invitation", body{"invitationId": secret}).Want(400, "INVITATION_NOT_FOUND") // like none: SEC-136
		stranger.post("cancel-invitation", body{"invitationId": "unknown"}).Want(400, "INVITATION_NOT_FOUND")
	})
	t.Run("INV-35", func(t *testing.T) {
		eve := h.in(t).person("eve")
		id := owner.In(t).Post(api+"invite-member", body{"email": eve.user.Email, "role": "admin"}).Want(200, "").Text("id")
		h.in(t).join(eve, org, "member")
		eve.post("accept-invitation", body{"invitationId": id}).Want(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION")
		same(t, "status", h.in(t).invitation(id).Status, "pending")
		same(t, "role", h.in(t).row(org, eve).Role, "member")
	})
	t.Run("INV-36", func(t *testing.T) { // decisions 26
		leaver, plain, heir := h.in(t).newcomer("leaver", org, "owner"), h.in(t).person("plain"), h.in(t).person("heir")
		ordinary := leaver.invited(plain.user.Email, "admin")
		powerful := leaver.invited(heir.user.Email, "owner")
		same(t, "inviter", heir.get("get-invitation?id="+powerful).Want(200, "").Text("inviterEmail"), leaver.user.Email)
		leaver.post("leave", body{"organizationId": org}).Want(200, "")
		heir.get("get-invitation?id="+powerful).Want(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		heir.post("accept-invitation", body{"invitationId": powerful}).Want(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		same(t, "status", h.in(t).invitation(powerful).Status, "pending")
		a := plain.get("get-invitation?id="+ordinary).Want(200, "")
		same(t, "organization", a.Text("organizationName")+" "+a.Text("organizationSlug"), "ACME acme")
		if err := h.Host.Users.Delete(t.Context(), leaver.user.ID, "admin"); err != nil {
			t.Fatal(err)
		}
		same(t, "inviter", plain.get("get-invitation?id="+ordinary).Want(200, "").Value("inviterEmail"), nil)
		plain.post("accept-invitation", body{"invitationId": ordinary}).Want(200, "")
		heir.post("accept-invitation", body{"invitationId": powerful}).Want(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
	})
	t.Run("INV-38", func(t *testing.T) {
		b := h.Browser().In(t)
		message(b.Get(api+"get-invitation?id=x"), 401, "Not authenticated")
		b.Post(api+"accept-invitation", body{"invitationId": "x"}).Want(401, "UNAUTHORIZED")
		message(b.Get(api+"list-user-invitations"), 400, "Missing session headers, or email query parameter.")
		message(b.Get(api+"list-user-invitations?email=x@y.test"), 400, "User email cannot be passed for client side API calls.")
	})
	t.Run("INV-25 INV-26 INV-27", func(t *testing.T) {
		unsure := h.in(t).enter(h.in(t).made("unsure", false))
		for _, path := range []string{"reject-invitation", "accept-invitation"} {
			id := owner.In(t).Post(api+"invite-member", body{"email": unsure.user.Email, "role": "member"}).Want(200, "").Text("id")
			same(t, "address", unsure.get("get-invitation?id="+id).Want(200, "").Text("email"), unsure.user.Email)
			unsure.get("list-user-invitations").Want(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")
			unsure.post(path, body{"invitationId": id}).Want(200, "")
		}
		same(t, "proved", h.User(unsure.user.Email).EmailVerified, false)
	})
	t.Run("INV-52", func(t *testing.T) {
		fay := h.in(t).person("fay")
		id := owner.In(t).Post(api+"invite-member", body{"email": fay.user.Email, "role": "member"}).Want(200, "").Text("id")
		h.in(t).writeInvitation(id, func(u *ent.InvitationUpdate) { u.SetRole(" member , admin ") })
		a := fay.post("accept-invitation", body{"invitationId": id}).Want(200, "")
		same(t, "invitation", a.Text("invitation.role"), " member , admin ")
		same(t, "member", a.Text("member.role"), "member,admin")
	})
	t.Run("mail", func(t *testing.T) {
		id := owner.In(t).Post(api+"invite-member", body{"email": "m@mail.test", "role": "member"}).Want(200, "").Text("id")
		if link := h.Link("m@mail.test", "organization-invitation"); !strings.HasPrefix(link, h.Origin+"/accept-invitation/"+id+"_") {
			t.Errorf("link %s", link)
		}
		mail := h.Mail("m@mail.test")[0]
		if !strings.Contains(mail.Subject, "ACME") {
			t.Errorf("subject %q", mail.Subject)
		}
		quiet, err := h.s.Invite(h.in(t).as(owner), org, organization.Invite{Email: "q@mail.test", Roles: []string{"member"}, Unmailed: true})
		if err != nil || quiet.Mailed || len(h.Mail("q@mail.test")) != 0 {
			t.Errorf("unmailed: %v %v", quiet, err)
		}
	})
}

func TestInvitationSettings(t *testing.T) {
	t.Run("INV-19", func(t *testing.T) {
		_, owner, _, _ := pair(t, map[string]string{"invitation_limit": "1"})
		id := owner.invited("a@x.test", "member")
		owner.post("invite-member", body{"email": "b@x.test", "role": "member"}).Want(403, "INVITATION_LIMIT_REACHED")
		owner.post("cancel-invitation", body{"invitationId": id}).Want(200, "")
		owner.invited("b@x.test", "member")
	})
	t.Run("INV-20", func(t *testing.T) {
		_, owner, _, _ := pair(t, map[string]string{"invitation_limit": "0"})
		owner.post("invite-member", body{"email": "a@x.test", "role": "member"}).Want(403, "INVITATION_LIMIT_REACHED")
	})
	t.Run("INV-21 INV-22 Q-16", func(t *testing.T) {
		h, owner, admin, org := pair(t, map[string]string{"cancel_on_invite": "true"})
		first := owner.invited("a@x.test", "owner")
		admin.post("invite-member", body{"email": "a@x.test", "role": "member"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		same(t, "resent", owner.post("invite-member", body{"email": "a@x.test", "role": "member", "resend": true}).Want(200, "").Text("id"), first)
		second := owner.invited("a@x.test", "member")
		same(t, "first", h.invitation(first).Status, "canceled")
		same(t, "second", h.invitation(second).Status, "pending")
		same(t, "events", h.happened("organization.invitation-cancelled", org), 1)
	})
	t.Run("INV-27 INV-28 INV-32", func(t *testing.T) {
		h, owner, _, _ := pair(t, map[string]string{"verified_invitations": "true"})
		bob := h.enter(h.made("bob", false))
		id := owner.invited(bob.user.Email, "member")
		bob.post("accept-invitation", body{"invitationId": id}).Want(403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION")
		bob.post("reject-invitation", body{"invitationId": id}).Want(403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION")
		bob.get("get-invitation?id="+id).Want(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")
		bob.get("list-user-invitations").Want(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")
		if _, err := h.Host.Users.Patch(t.Context(), bob.user.ID, "test", nil, func(u *ent.UserUpdateOne) { u.SetEmailVerified(true) }); err != nil {
			t.Fatal(err)
		}
		same(t, "listed", count(bob.get("list-user-invitations").Want(200, ""), ""), 1)
		bob.post("accept-invitation", body{"invitationId": id}).Want(200, "")
	})
	t.Run("TEAM-30", func(t *testing.T) {
		var other string
		h := openWith(t, nil, nil, organizationapi.Hooks{BeforeAcceptInvitation: []auth.On[*organizationapi.Happened]{{Do: func(ctx context.Context, a *organizationapi.Happened) error {
			return a.Tx.Organization(a.Organization.ID).Invitation().Update().Where(invitation.ID(a.Invitation.ID)).SetTeamID(other).Exec(ctx)
		}}}})
		owner, bob := h.person("owner"), h.person("bob")
		owner.found("acme")
		team := func(name string) string {
			return owner.post("create-team", body{"name": name}).Want(200, "").Text("id")
		}
		first := team("first")
		other = team("second")
		id := owner.post("invite-member", body{"email": bob.user.Email, "role": "member", "teamId": first}).Want(200, "").Text("id")
		a := bob.post("accept-invitation", body{"invitationId": id}).Want(200, "")
		same(t, "shown", a.Text("invitation.teamId"), other)
		teams := bob.get("list-user-teams").Want(200, "")
		same(t, "teams", count(teams, ""), 1)
		same(t, "team", teams.Text("0.id"), other)
		same(t, "active", bob.session("activeTeamId"), other)
	})
}

// TestAcceptedWithoutAnAccount: the id of an invitation is known to those who invite, so only
// the link of the mail proves the address.
func TestAcceptedWithoutAnAccount(t *testing.T) {
	rig := servertest.New(t, servertest.Options{BuiltIn: []plugins.Plugin{core.New(), pages.New()},
		Plugins: []plugins.Plugin{organization.New(organization.Options{})}, Settings: map[string]string{"smtp": "smtp://127.0.0.1:1?tls=none"}})
	h := &house{Rig: rig, t: t, s: plugins.MustOffer[*organization.Service](rig.Host)}
	owner := h.person("owner")
	org := owner.found("acme")
	link := func(address string) (id, mailed string) {
		id = owner.invited(address, "member")
		return id, strings.TrimPrefix(h.Link(address, "organization-invitation"), h.Origin)
	}
	accept := func(path string, status int) {
		t.Helper()
		b := h.Browser()
		b.Form(path, url.Values{"name": {"New"}, "password": {"correct horse battery"}}).Want(status, "")
		if status == 303 {
			same(t, "active", b.Get("/api/auth/get-session").Value("session.activeOrganizationId"), any(org))
		}
	}
	id, _ := link("victim@mail.test")
	accept("/accept-invitation/"+id, 303)
	same(t, "by the id", h.User("victim@mail.test").EmailVerified, false)
	_, mailed := link("reader@mail.test")
	h.Browser().Get(mailed).Want(200, "")
	accept(mailed, 303)
	same(t, "by the mail", h.User("reader@mail.test").EmailVerified, true)
	same(t, "members", h.members(org), 3)
	other, _ := link("other@mail.test")
	accept("/accept-invitation/"+other+mailed[strings.LastIndex(mailed, "_"):], 404)
}

// TestPlainLinks are those of the wire, and prove nothing.
func TestPlainLinks(t *testing.T) {
	h := open(t, map[string]string{"smtp": "smtp://127.0.0.1:1?tls=none", "plain_links": "true"})
	owner := h.person("owner")
	owner.found("acme")
	id := owner.invited("reader@mail.test", "member")
	same(t, "link", h.Link("reader@mail.test", "organization-invitation"), h.Origin+"/accept-invitation/"+id)
}

func TestDynamicRolesAreNotGivenAway(t *testing.T) { // SEC-129
	h, owner, admin, org := pair(t, nil)
	owner.post("create-role", body{"role": "remover", "permission": body{"organization": []string{"delete"}}}).Want(200, "")
	owner.post("create-role", body{"role": "updater", "permission": body{"organization": []string{"update"}}}).Want(200, "")
	bob := h.person("bob")
	id := h.join(bob, org, "member")
	admin.post("invite-member", body{"email": "x@y.test", "role": "remover"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
	admin.post("update-member-role", body{"memberId": id, "role": "remover"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
	admin.post("update-member-role", body{"memberId": id, "role": "updater"}).Want(200, "")
	admin.post("invite-member", body{"email": "x@y.test", "role": []string{"updater", "admin"}}).Want(200, "")
	// Nor is the invitation of somebody who holds more prolonged.
	owner.invited("y@y.test", "remover")
	admin.post("invite-member", body{"email": "y@y.test", "role": "member", "resend": true}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
	owner.post("invite-member", body{"email": "y@y.test", "role": "member", "resend": true}).Want(200, "")
	// A new name would give a role to those who bear that name already.
	admin.post("update-role", body{"roleName": "updater", "data": body{"roleName": "former"}}).Want(200, "")
	admin.post("update-role", body{"roleName": "remover", "data": body{"roleName": "updater"}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE")
	owner.post("update-role", body{"roleName": "former", "data": body{"roleName": "updater"}}).Want(200, "")
	// What somebody has already is no gift.
	h.write(org, bob, func(u *ent.MemberUpdate) { u.SetRole("remover") })
	admin.post("update-member-role", body{"memberId": id, "role": []string{"remover", "member"}}).Want(200, "")
}

func TestInvitationWithAnEnd(t *testing.T) {
	h, owner, _, org := pair(t, nil)
	bob := h.person("bob")
	end := h.Clock.Now().Add(72 * time.Hour)
	if _, err := h.s.Invite(h.as(owner), org, organization.Invite{Email: "x@y.test", Roles: []string{"owner"}, MemberUntil: &end}); !errors.Is(err, organization.ErrOwnersHaveNoEnd) {
		t.Errorf("an owner with an end: %v", err)
	}
	row, err := h.s.Invite(h.as(owner), org, organization.Invite{Email: bob.user.Email, Roles: []string{"member"}, MemberUntil: &end})
	if err != nil {
		t.Fatal(err)
	}
	bob.post("accept-invitation", body{"invitationId": row.ID}).Want(200, "")
	bob.get("get-active-member").Want(200, "")
	h.Clock.Advance(73 * time.Hour)
	bob.get("get-active-member").Want(400, "MEMBER_NOT_FOUND")
	if err := h.s.EndOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.row(org, bob) != nil {
		t.Error("the membership is still there")
	}
	same(t, "active", bob.session("activeOrganizationId"), "")
}

// TestInviterIsBanned: an invitation that makes an owner counts for as long as the one who
// sent it is an owner in force. Whoever is invited is told that the sender is gone, and not
// what is the matter with them.
func TestInviterIsBanned(t *testing.T) {
	h := openWith(t, nil, nil, organizationapi.Hooks{}, admin.New(admin.Options{}))
	boss := h.person("boss")
	org := boss.found("acme")
	sender, heir, plain := h.newcomer("sender", org, "owner"), h.person("heir"), h.person("plain")
	powerful, ordinary := sender.invited(heir.user.Email, "owner"), sender.invited(plain.user.Email, "admin")
	ban := func(end *time.Time) {
		t.Helper()
		err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
			return tx.User().UpdateOneID(sender.user.ID).SetBanned(true).SetNillableBanExpires(end).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	gone := func(what string) {
		t.Helper()
		heir.get("get-invitation?id="+powerful).Want(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		heir.post("accept-invitation", body{"invitationId": powerful}).Want(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
		if _, err := h.s.Accept(h.as(heir), powerful); !errors.Is(err, organization.ErrInviterGone) {
			t.Errorf("%s: %v", what, err)
		}
		same(t, what, h.invitation(powerful).Status, "pending")
	}
	ban(nil)
	gone("banned")
	plain.get("get-invitation?id="+ordinary).Want(200, "")
	plain.post("accept-invitation", body{"invitationId": ordinary}).Want(200, "")
	end := h.Clock.Now().Add(time.Hour)
	ban(&end)
	gone("banned for a time")
	h.Clock.Advance(2 * time.Hour)
	heir.get("get-invitation?id="+powerful).Want(200, "")
	heir.post("accept-invitation", body{"invitationId": powerful}).Want(200, "")
	same(t, "role", h.row(org, heir).Role, "owner")
}
