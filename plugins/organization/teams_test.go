package organization_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/session"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	"gatehouse/plugins/organization"
)

// newTeam makes a team in the active organization and returns its id.
func (p *someone) newTeam(name string) string {
	p.h.t.Helper()
	return p.post("create-team", body{"name": name}).Want(200, "").Text("id")
}

// seats is the counter of a team.
func (h *house) seats(id string) int {
	h.t.Helper()
	row, err := h.Host.DB.Access(h.t.Context()).Platform().Team().Query().Where(team.ID(id)).Only(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return row.MemberCount
}

// stray puts a row into a team behind the service's back, without the counter.
func (h *house) stray(org, id string, u *ent.User) {
	h.t.Helper()
	err := h.Host.DB.InTx(h.t.Context(), func(ctx context.Context, tx *auth.Tx) error {
		return tx.Organization(org).TeamMember().Create().SetID(random.ID()).SetTeamID(id).SetUserID(u.ID).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestTeams are the cases TEAM-… of better-auth organization 16.6 without limits.
func TestTeams(t *testing.T) { dbtest.Each(t, testTeams) }

func testTeams(t *testing.T, db *database.DB) {
	h, owner, _, org := pairOn(t, db, nil)
	first := owner.get("list-teams").Text("0.id")
	t.Run("TEAM-01 TEAM-04 TEAM-05", func(t *testing.T) {
		a := owner.In(t).Post(api+"create-team", body{"name": "Engines"}).Want(200, "")
		same(t, "organization", a.Text("organizationId"), org)
		owner.In(t).Post(api+"create-team", body{"name": ""}).Want(200, "")
		same(t, "teams", count(owner.In(t).Get(api+"list-teams").Want(200, ""), ""), 3)
		same(t, "full", owner.In(t).Get(api+"get-full-organization").Text("teams.1.name"), "Engines")
		up := owner.In(t).Post(api+"update-team", body{"teamId": a.Text("id"), "data": body{"name": "Motors"}}).Want(200, "")
		same(t, "id", up.Text("id"), a.Text("id"))
		same(t, "name", up.Text("name"), "Motors")
		again := owner.In(t).Post(api+"update-team", body{"teamId": a.Text("id"), "data": body{}}).Want(200, "")
		if again.Text("updatedAt") <= up.Text("updatedAt") {
			t.Error("updatedAt did not move")
		}
		owner.In(t).Post(api+"update-team", body{"teamId": "unknown", "data": body{}}).Want(400, "TEAM_NOT_FOUND")
		owner.In(t).Post(api+"update-team", body{"teamId": a.Text("id"), "data": body{"name": ""}}).Want(400, "VALIDATION_ERROR")
	})
	t.Run("TEAM-02 TEAM-03 TEAM-14 TEAM-15 TEAM-32 TEAM-33", func(t *testing.T) {
		one, two, three := owner.newTeam("one"), owner.newTeam("two"), owner.newTeam("three")
		bob, carl, dora := h.in(t).person("bob"), h.in(t).person("carl"), h.in(t).person("dora")
		invite := func(p *someone, teams any) string {
			return owner.In(t).Post(api+"invite-member", body{"email": p.user.Email, "role": "member", "teamId": teams}).Want(200, "").Text("id")
		}
		single := invite(bob, one)
		a := bob.post("accept-invitation", body{"invitationId": single}).Want(200, "")
		same(t, "text", a.Text("invitation.teamId"), one)
		same(t, "active team", bob.session("activeTeamId"), one)
		same(t, "members", count(bob.get("list-team-members").Want(200, ""), ""), 1)
		many := invite(carl, []string{one, two, three, one})
		a = carl.post("accept-invitation", body{"invitationId": many}).Want(200, "")
		same(t, "text", a.Text("invitation.teamId"), strings.Join([]string{one, two, three}, ","))
		same(t, "teams", count(carl.get("list-user-teams").Want(200, ""), ""), 3)
		same(t, "no active team", carl.session("activeTeamId"), "")
		set := carl.post("set-active-team", body{"teamId": two}).Want(200, "")
		same(t, "cookie", set.Cookies()["better-auth.session_token"] != nil, true)
		same(t, "of one", count(carl.get("list-team-members?teamId="+one).Want(200, ""), ""), 2)
		same(t, "of two", count(carl.get("list-team-members").Want(200, ""), ""), 1)
		partly, wholly := invite(dora, []string{one, two}), ""
		owner.In(t).Post(api+"remove-team", body{"teamId": two}).Want(200, "")
		same(t, "active team gone", carl.session("activeTeamId"), "")
		dora.post("accept-invitation", body{"invitationId": partly}).Want(200, "")
		same(t, "other only", dora.get("list-user-teams").Want(200, "").Text("0.id"), one)
		same(t, "one", count(dora.get("list-user-teams"), ""), 1)
		eve := h.in(t).person("eve")
		wholly = invite(eve, three)
		owner.In(t).Post(api+"remove-team", body{"teamId": three}).Want(200, "")
		a = eve.post("accept-invitation", body{"invitationId": wholly}).Want(200, "")
		same(t, "text", a.Value("invitation.teamId"), nil)
	})
	t.Run("TEAM-06 TEAM-07 TEAM-43", func(t *testing.T) {
		p := h.in(t).person("solo")
		p.found("solo")
		last := p.session("activeTeamId")
		p.post("remove-team", body{"teamId": last}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM")
		p.post("set-active-team", body{"teamId": nil}).Want(200, "")
		p.post("remove-team", body{"teamId": last}).Want(400, "UNABLE_TO_REMOVE_LAST_TEAM")
		p.newTeam("more")
		same(t, "text", p.post("remove-team", body{"teamId": last}).Want(200, "").Text("message"), "Team removed successfully.")
		p.post("remove-team", body{"teamId": last}).Want(400, "TEAM_NOT_FOUND")
		b := h.Browser().In(t)
		b.Post(api+"remove-team", body{"teamId": last}).Want(400, "NO_ACTIVE_ORGANIZATION")
		a := b.Post(api+"remove-team", body{"teamId": last, "organizationId": "x"})
		same(t, "status", a.Status, 401)
		same(t, "body", string(a.Body), "")
		same(t, "status", b.Post(api+"create-team", body{"name": "x"}).Status, 401)
	})
	t.Run("TEAM-08 TEAM-09 TEAM-16 TEAM-42", func(t *testing.T) {
		id := owner.newTeam("far")
		fay := h.in(t).newcomer("fay", org, "member")
		own := owner.In(t).Post(api+"create", body{"name": "Own", "slug": "own"}).Want(200, "").Text("id")
		owner.In(t).Post(api+"update-team", body{"teamId": id, "data": body{"name": "Farther"}}).Want(400, "TEAM_NOT_FOUND")
		owner.In(t).Post(api+"update-team", body{"teamId": id, "data": body{"name": "Farther", "organizationId": org}}).Want(200, "")
		a := owner.In(t).Post(api+"add-team-member", body{"teamId": id, "userId": fay.user.ID, "organizationId": org}).Want(200, "")
		same(t, "keys", keysOf(t, a.Body), "teamId userId createdAt id")
		b := owner.In(t).Post(api+"add-team-member", body{"teamId": id, "userId": fay.user.ID, "organizationId": org}).Want(200, "")
		same(t, "again", b.Text("id"), a.Text("id"))
		same(t, "seats", h.in(t).seats(id), 1)
		a = owner.In(t).Post(api+"remove-team-member", body{"teamId": id, "userId": fay.user.ID, "organizationId": org}).Want(200, "")
		same(t, "text", a.Text("message"), "Team member removed successfully.")
		same(t, "seats", h.in(t).seats(id), 0)
		owner.In(t).Post(api+"remove-team-member", body{"teamId": id, "userId": fay.user.ID, "organizationId": org}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM")
		owner.In(t).Post(api+"add-team-member", body{"teamId": id, "userId": fay.user.ID}).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		owner.In(t).Post(api+"add-team-member", body{"teamId": id, "userId": owner.user.ID}).Want(400, "TEAM_NOT_FOUND")
		owner.In(t).Post(api+"delete", body{"organizationId": own}).Want(200, "")
		owner.In(t).Post(api+"set-active", body{"organizationId": org}).Want(200, "")
		fay.post("add-team-member", body{"teamId": id, "userId": fay.user.ID}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER")
		fay.post("remove-team-member", body{"teamId": id, "userId": fay.user.ID}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER")
		fay.post("create-team", body{"name": "x"}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION")
		fay.post("update-team", body{"teamId": id, "data": body{}}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM")
		fay.post("remove-team", body{"teamId": id}).Want(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION")
		same(t, "all see all", count(fay.get("list-teams").Want(200, ""), "") > 1, true)
	})
	t.Run("TEAM-11 TEAM-12 TEAM-13", func(t *testing.T) {
		other := h.in(t).person("other")
		foreign := other.found("other")
		theirs := other.session("activeTeamId")
		h.in(t).join(owner, foreign, "member")
		if _, err := h.s.AddToTeam(h.in(t).as(other), foreign, theirs, owner.user.ID); err != nil {
			t.Fatal(err)
		}
		owner.In(t).Post(api+"set-active-team", body{"teamId": first}).Want(200, "")
		owner.In(t).Post(api+"set-active-team", body{"teamId": theirs}).Want(400, "TEAM_NOT_FOUND")
		owner.In(t).Post(api+"set-active-team", body{"teamId": "unknown"}).Want(400, "TEAM_NOT_FOUND")
		same(t, "unchanged", owner.session("activeOrganizationId")+owner.session("activeTeamId"), org+first)
		set := func(id string) {
			t.Helper()
			err := h.Host.DB.InTx(t.Context(), func(ctx context.Context, tx *auth.Tx) error {
				return tx.Session().Update().Where(session.UserID(owner.user.ID)).SetActiveOrganizationID(id).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		set(foreign)
		owner.In(t).Post(api+"set-active-team", body{}).Want(400, "TEAM_NOT_FOUND")
		same(t, "unchanged", owner.session("activeOrganizationId")+owner.session("activeTeamId"), foreign+first)
		set(org)
		p := h.in(t).person("none")
		same(t, "null", string(p.post("set-active-team", body{}).Want(200, "").Body), "null")
		same(t, "null", string(p.post("set-active-team", body{"teamId": nil}).Want(200, "").Body), "null")
		p.post("set-active-team", body{"teamId": first}).Want(400, "NO_ACTIVE_ORGANIZATION")
		joined := h.in(t).newcomer("joined", org, "member")
		joined.post("set-active-team", body{"teamId": first}).Want(403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM")
	})
	t.Run("D-6", func(t *testing.T) {
		owner.In(t).Post(api+"set-active-team", body{"teamId": first}).Want(200, "")
		owner.In(t).Post(api+"set-active", body{}).Want(200, "")
		same(t, "same organization", owner.session("activeTeamId"), first)
		owner.In(t).Post(api+"set-active", body{"organizationSlug": "other"}).Want(200, "")
		same(t, "another organization", owner.session("activeTeamId"), "")
		owner.In(t).Post(api+"set-active", body{"organizationId": org}).Want(200, "")
	})
	t.Run("TEAM-18 TEAM-19 TEAM-20 TEAM-21 TEAM-22 TEAM-23 TEAM-24 TEAM-25 TEAM-26", func(t *testing.T) {
		gus := h.in(t).newcomer("gus", org, "member")
		id := owner.newTeam("of gus")
		owner.In(t).Post(api+"add-team-member", body{"teamId": id, "userId": gus.user.ID}).Want(200, "")
		for _, query := range []string{"", "?userId=" + gus.user.ID} {
			same(t, query, gus.get("list-user-teams"+query).Want(200, "").Text("0.id"), id)
		}
		same(t, "by the owner", owner.In(t).Get(api+"list-user-teams?userId="+gus.user.ID).Want(200, "").Text("0.id"), id)
		gus.get("list-user-teams?userId="+owner.user.ID).Want(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		stranger := h.in(t).person("stranger")
		owner.In(t).Get(api+"list-user-teams?userId="+stranger.user.ID).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		stranger.get("list-user-teams?userId="+gus.user.ID).Want(400, "NO_ACTIVE_ORGANIZATION")
		for _, unknown := range []string{org, "unknown"} {
			stranger.get("list-user-teams?organizationId="+unknown).Want(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
			stranger.get("list-teams?organizationId="+unknown).Want(403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION")
		}
		own := gus.found("gus")
		same(t, "both", count(gus.get("list-user-teams").Want(200, ""), ""), 2)
		same(t, "one", count(gus.get("list-user-teams?organizationId="+own).Want(200, ""), ""), 1)
		same(t, "explicit", owner.In(t).Get(api+"list-user-teams?userId="+gus.user.ID+"&organizationId="+org).Want(200, "").Text("0.id"), id)
		gus.post("leave", body{"organizationId": org}).Want(200, "")
		same(t, "gone from the teams", count(gus.get("list-user-teams").Want(200, ""), ""), 1)
		same(t, "seats", h.in(t).seats(id), 0)
	})
	t.Run("TEAM-27 TEAM-28", func(t *testing.T) {
		for _, teams := range []any{first + ",x", []string{first, "a,b"}} {
			owner.In(t).Post(api+"invite-member", body{"email": "x@27.test", "role": "member", "teamId": teams}).Want(400, "INVALID_TEAM_ID")
		}
		p := h.in(t).person("p28")
		p.found("p28")
		owner.In(t).Post(api+"invite-member", body{"email": "x@28.test", "role": "member", "teamId": p.session("activeTeamId")}).Want(400, "TEAM_NOT_FOUND")
		same(t, "TEAM-17", owner.In(t).Post(api+"invite-member", body{"email": "x@17.test", "role": "member", "teamId": ""}).Want(200, "").Value("teamId"), nil)
	})
	t.Run("TEAM-29 TEAM-31", func(t *testing.T) {
		p, foreigner := h.in(t).person("p29"), h.in(t).person("foreigner")
		foreigner.found("foreign")
		id := owner.In(t).Post(api+"invite-member", body{"email": p.user.Email, "role": "member"}).Want(200, "").Text("id")
		for _, teamID := range []string{foreigner.session("activeTeamId"), "deleted"} {
			h.in(t).writeInvitation(id, func(u *ent.InvitationUpdate) { u.SetTeamID(teamID) })
			p.post("accept-invitation", body{"invitationId": id}).Want(400, "TEAM_NOT_FOUND")
			same(t, "status", h.in(t).invitation(id).Status, "pending")
			same(t, "member", h.in(t).row(org, p) == nil, true)
		}
	})
	t.Run("TEAM-34", func(t *testing.T) {
		p := h.in(t).person("p34")
		h.in(t).stray(org, first, p.user)
		p.get("list-team-members?teamId="+first).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM")
		p.get("list-team-members?teamId=unknown").Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM") // as of elsewhere: SEC-136
		p.get("list-team-members").Want(400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM")
		same(t, "own", string(p.get("list-user-teams").Want(200, "").Body), "[]")
		boss := owner.newTeam("without the owner")
		owner.In(t).Get(api+"list-team-members?teamId="+boss).Want(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM")
	})
}

func TestTeamLimits(t *testing.T) {
	t.Run("TEAM-41", func(t *testing.T) {
		_, owner, _, _ := pair(t, map[string]string{"teams.limit": "2"})
		owner.newTeam("second")
		owner.post("create-team", body{"name": "third"}).Want(400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS")
	})
	t.Run("TEAM-07 allowed", func(t *testing.T) {
		_, owner, _, _ := pair(t, map[string]string{"teams.allow_removing_last": "true"})
		id := owner.session("activeTeamId")
		owner.post("set-active-team", body{"teamId": nil}).Want(200, "")
		owner.post("remove-team", body{"teamId": id}).Want(200, "")
	})
	t.Run("no first team", func(t *testing.T) {
		_, owner, _, _ := pair(t, map[string]string{"teams.default": "false"})
		same(t, "teams", string(owner.get("list-teams").Want(200, "").Body), "[]")
	})
	t.Run("TEAM-10 TEAM-37 TEAM-38", func(t *testing.T) {
		h, owner, admin, org := pair(t, map[string]string{"teams.member_limit": "1"})
		id := owner.newTeam("small")
		bob, carl := h.person("bob"), h.person("carl")
		waits := owner.post("invite-member", body{"email": bob.user.Email, "role": "member", "teamId": id}).Want(200, "").Text("id")
		owner.post("add-team-member", body{"teamId": id, "userId": admin.user.ID}).Want(200, "")
		owner.post("invite-member", body{"email": "x@y.test", "role": "member", "teamId": id}).Want(403, "TEAM_MEMBER_LIMIT_REACHED")
		bob.post("accept-invitation", body{"invitationId": waits}).Want(403, "TEAM_MEMBER_LIMIT_REACHED")
		same(t, "status", h.invitation(waits).Status, "pending")
		same(t, "member", h.row(org, bob) == nil, true)
		_, err := h.s.Add(t.Context(), org, organization.NewMembership{User: carl.user.ID, Roles: []string{"member"}, Team: id, Trusted: true})
		if !errors.Is(err, organization.ErrTeamFull) || h.row(org, carl) != nil {
			t.Errorf("added: %v", err)
		}
		same(t, "seats", h.seats(id), 1)
	})
	t.Run("TEAM-35 TEAM-36", func(t *testing.T) {
		h, owner, admin, org := pair(t, map[string]string{"teams.member_limit": "2"})
		id := owner.newTeam("pair")
		h.stray(org, id, owner.user)
		bob := h.newcomer("bob", org, "member")
		owner.post("add-team-member", body{"teamId": id, "userId": admin.user.ID}).Want(200, "")
		same(t, "seats", h.seats(id), 2)
		owner.post("add-team-member", body{"teamId": id, "userId": bob.user.ID}).Want(403, "TEAM_MEMBER_LIMIT_REACHED")
		n, err := h.Host.DB.Access(t.Context()).Organization(org).TeamMember().Query().Where(teammember.TeamID(id)).Count(t.Context())
		if err != nil || n != 2 {
			t.Errorf("rows: %d %v", n, err)
		}
	})
}

func TestMembershipKeyOfAPlaceInATeam(t *testing.T) {
	h, owner, _, org := pair(t, nil)
	row, err := h.Host.DB.Access(t.Context()).Organization(org).TeamMember().Query().Where(teammember.UserID(owner.user.ID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "length", len(*row.MembershipKey), 43)
}
