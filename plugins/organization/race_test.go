package organization_test

import (
	"context"
	"fmt"
	"testing"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/member"
	"gatehouse/plugins/organization"
	"gatehouse/plugins/organization/organizationapi"
)

// each runs a race on a house on every kind of database.
func each(t *testing.T, settings map[string]string, race func(t *testing.T, h *house)) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) { race(t, openWith(t, db, settings, organizationapi.Hooks{})) })
}

func (h *house) added(org string, p *someone) error {
	_, err := h.s.Add(h.t.Context(), org, organization.NewMembership{User: p.user.ID, Roles: []string{"member"}, Trusted: true})
	return err
}

func (h *house) owners(org string) int {
	h.t.Helper()
	n, err := h.Host.DB.Access(h.t.Context()).Organization(org).Member().Query().Where(member.Role("owner")).Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestMemberLimitIsExact(t *testing.T) {
	each(t, map[string]string{"member_limit": "3"}, func(t *testing.T, h *house) {
		owner := h.person("owner")
		org := owner.found("acme")
		var people []*someone
		for i := range 8 {
			people = append(people, h.person(fmt.Sprintf("p%d", i)))
		}
		invited := make([]string, 4) // half are added, half accept an invitation
		for i := range invited {
			invited[i] = owner.invited(people[i].user.Email, "member")
		}
		ctxs := make([]context.Context, len(people))
		for i, p := range people {
			ctxs[i] = h.as(p)
		}
		ok, refused := h.race(len(people), func(i int) error {
			if i < len(invited) {
				_, err := h.s.Accept(ctxs[i], invited[i])
				return err
			}
			return h.added(org, people[i])
		}, organization.ErrTooManyMembers)
		same(t, "joined", ok, 2)
		same(t, "refused", refused, 6)
		same(t, "members", h.members(org), 3)
	})
}

func TestInvitationIsAcceptedOnce(t *testing.T) { // INV-41
	each(t, nil, func(t *testing.T, h *house) {
		owner, bob := h.person("owner"), h.person("bob")
		org := owner.found("acme")
		id := owner.invited(bob.user.Email, "member")
		ctx := h.as(bob)
		ok, refused := h.race(8, func(int) error { _, err := h.s.Accept(ctx, id); return err }, organization.ErrInvitationNotFound, organization.ErrIsMember)
		same(t, "accepted", ok, 1)
		same(t, "refused", refused, 7)
		same(t, "members", h.members(org), 2)
		same(t, "events", h.happened("organization.invitation-accepted", org), 1)
	})
}

func TestInvitationIsAcceptedOrCancelled(t *testing.T) {
	each(t, nil, func(t *testing.T, h *house) {
		owner, bob := h.person("owner"), h.person("bob")
		org := owner.found("acme")
		id := owner.invited(bob.user.Email, "member")
		ctxs := []context.Context{h.as(bob), h.as(owner), h.as(bob)}
		ok, _ := h.race(3, func(i int) (err error) {
			switch i {
			case 0:
				_, err = h.s.Accept(ctxs[i], id)
			case 1:
				_, err = h.s.Cancel(ctxs[i], id)
			case 2:
				_, err = h.s.Reject(ctxs[i], id)
			}
			return err
		}, organization.ErrInvitationNotFound, organization.ErrInvitationNotFound.Saying("Invitation not found!"), organization.ErrIsMember)
		same(t, "decided", ok, 1)
		same(t, "member", h.row(org, bob) != nil, h.invitation(id).Status == "accepted")
	})
}

func TestLastOwnerStays(t *testing.T) { // SEC-130, D-9
	acts := map[string]func(h *house, ctx context.Context, org string, own, other string) error{
		"leave": func(h *house, ctx context.Context, org, _, _ string) error { _, err := h.s.Leave(ctx, org); return err },
		"demoted": func(h *house, ctx context.Context, org, _, other string) error {
			_, err := h.s.SetRoles(ctx, org, other, []string{"admin"})
			return err
		},
		"removed": func(h *house, ctx context.Context, org, _, other string) error {
			_, err := h.s.Remove(ctx, org, other)
			return err
		},
		"retire": func(h *house, ctx context.Context, org, own, _ string) error {
			_, err := h.s.SetRoles(ctx, org, own, []string{"member"})
			return err
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			each(t, nil, func(t *testing.T, h *house) {
				ada := h.person("ada")
				for round := range 4 {
					slug := fmt.Sprintf("acme%d", round)
					org := ada.found(slug)
					bob := h.person(slug)
					h.join(bob, org, "owner")
					ids := []string{h.row(org, ada).ID, h.row(org, bob).ID}
					ctxs := []context.Context{h.as(ada), h.as(bob)}
					ok, refused := h.race(2, func(i int) error { return act(h, ctxs[i], org, ids[i], ids[1-i]) },
						organization.ErrOnlyOwner, organization.ErrWithoutOwner, organization.ErrMayNotUpdateMember, organization.ErrMemberNotFound, organization.ErrMayNotRemove)
					if ok != 1 || refused != 1 || h.owners(org) != 1 {
						t.Errorf("round %d: %d went, %d were refused, %d owners are left", round, ok, refused, h.owners(org))
					}
				}
			})
		})
	}
}

func TestLastSeatIsTakenOnce(t *testing.T) { // TEAM-39
	each(t, map[string]string{"teams.member_limit": "2"}, func(t *testing.T, h *house) {
		owner := h.person("owner")
		org := owner.found("acme")
		id := owner.session("activeTeamId")
		var people []*someone
		var ctxs []context.Context
		var invited []string
		for i := range 4 {
			p := h.person(fmt.Sprintf("p%d", i))
			people, ctxs = append(people, p), append(ctxs, h.as(p))
			if i < 2 {
				invited = append(invited, owner.post("invite-member", body{"email": p.user.Email, "role": "member", "teamId": id}).Want(200, "").Text("id"))
			} else {
				h.join(p, org, "member")
			}
		}
		asOwner := h.as(owner)
		ok, refused := h.race(4, func(i int) error {
			if i < 2 {
				_, err := h.s.Accept(ctxs[i], invited[i])
				return err
			}
			_, err := h.s.AddToTeam(asOwner, org, id, people[i].user.ID)
			return err
		}, organization.ErrTeamFull)
		same(t, "seated", ok, 1)
		same(t, "refused", refused, 3)
		same(t, "seats", h.seats(id), 2)
	})
}

func TestOtherLimitsAreExact(t *testing.T) { // SEC-133
	each(t, map[string]string{"limit": "2", "invitation_limit": "2", "teams.limit": "2", "dynamic_roles.limit": "2"}, func(t *testing.T, h *house) {
		owner := h.person("owner")
		org := owner.found("acme")
		ctx := h.as(owner)
		const n = 6
		for name, c := range map[string]struct {
			do   func(i int) error
			want int
			err  error
		}{
			"organizations": {func(i int) error {
				_, err := h.s.Create(ctx, organization.NewOrganization{Name: "x", Slug: fmt.Sprintf("x%d", i)})
				return err
			}, 1, organization.ErrTooManyOrganizations},
			"invitations": {func(i int) error {
				_, err := h.s.Invite(ctx, org, organization.Invite{Email: fmt.Sprintf("x%d@y.test", i), Roles: []string{"member"}})
				return err
			}, 2, organization.ErrTooManyInvitations},
			"teams": {func(i int) error {
				_, err := h.s.CreateTeam(ctx, org, organization.NewTeam{Name: fmt.Sprintf("t%d", i)})
				return err
			}, 1, organization.ErrTooManyTeams},
			"roles": {func(i int) error {
				_, err := h.s.CreateRole(ctx, org, organization.NewRole{Name: fmt.Sprintf("r%d", i)})
				return err
			}, 2, organization.ErrTooManyRoles},
		} {
			ok, refused := h.race(n, c.do, c.err)
			if ok != c.want || refused != n-c.want {
				t.Errorf("%s: %d made, %d refused", name, ok, refused)
			}
		}
	})
}

func TestSlugIsTakenOnce(t *testing.T) {
	each(t, nil, func(t *testing.T, h *house) {
		ada, bob := h.person("ada"), h.person("bob")
		ctxs := []context.Context{h.as(ada), h.as(bob)}
		ok, refused := h.race(2, func(i int) error {
			_, err := h.s.Create(ctxs[i], organization.NewOrganization{Name: "A", Slug: "same"})
			return err
		}, organization.ErrExists)
		same(t, "made", ok, 1)
		same(t, "refused", refused, 1)
	})
}

func TestOneInvitationForAnAddress(t *testing.T) {
	each(t, nil, func(t *testing.T, h *house) {
		owner := h.person("owner")
		org := owner.found("acme")
		ctx := h.as(owner)
		ok, refused := h.race(6, func(int) error {
			_, err := h.s.Invite(ctx, org, organization.Invite{Email: "x@y.test", Roles: []string{"member"}})
			return err
		}, organization.ErrIsInvited)
		same(t, "made", ok, 1)
		same(t, "refused", refused, 5)
	})
}
