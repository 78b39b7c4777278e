package organization

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	api "gatehouse/plugins/organization/organizationapi"
)

// Accepted is an invitation that was accepted, with the membership that it made.
type Accepted struct {
	Invitation *ent.Invitation
	Member     *ent.Member
	// Team says that a team became the active one.
	Team bool
}

// Accept makes the person who is signed in a member, once: of parallel calls one succeeds.
// An error leaves the invitation as it was (better-auth organization 6.4).
func (s *Service) Accept(ctx context.Context, id string) (*Accepted, error) {
	if err := inPerson(ctx); err != nil {
		return nil, err
	}
	found, user, err := s.received(ctx, id, ErrInvitationNotFound, true)
	if err != nil {
		return nil, err
	}
	if err := s.gate(user, ErrVerifyToDecide); err != nil {
		return nil, err
	}
	out := &Accepted{}
	err = s.trusted(ctx, found.OrganizationID, func(ctx context.Context, c *command) error {
		return s.accept(ctx, c, found, user, out)
	})
	return out, err
}

func (s *Service) accept(ctx context.Context, c *command, found *ent.Invitation, user *ent.User, out *Accepted) error {
	if err := s.stillGood(ctx, found); err != nil {
		return err
	}
	former, err := s.place(ctx, c.org.ID, user.ID)
	if err != nil || former != nil {
		return orElse(err, ErrIsMember) // D-5
	}
	before := &api.Happened{Tx: c.tx, Organization: asOrganization(c.org), Invitation: asInvitation(found), User: asUser(user)}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeAcceptInvitation }, before); err != nil {
		return err
	}
	if err := s.decide(ctx, c.tx, found, StateAccepted, eventInviteAccepted); err != nil {
		return err
	}
	// Hooks may have changed the row: the one that was claimed counts.
	if out.Invitation, err = s.invitation(ctx, found.ID); err != nil || out.Invitation == nil {
		return orElse(err, ErrInvitationNotFound)
	}
	role, err := s.stillRoles(ctx, c.org.ID, auth.SplitRoles(auth.ValueOf(out.Invitation.Role)))
	if err != nil {
		return err
	}
	out.Member, err = s.join(ctx, c, joining{user: user, role: role, end: out.Invitation.MemberUntil, by: byInvitation, limit: true})
	if err != nil {
		return err
	}
	if out.Team, err = s.enterTeams(ctx, c, out.Invitation, user.ID); err != nil {
		return err
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterAcceptInvitation },
			&api.Happened{Organization: asOrganization(c.org), Invitation: asInvitation(out.Invitation), Member: asMember(out.Member), User: asUser(user)})
	})
	return nil
}

// enterTeams puts the new member into the teams of the invitation, and makes the
// organization, and the team if it is one, the active one of the session.
func (s *Service) enterTeams(ctx context.Context, c *command, row *ent.Invitation, user string) (one bool, err error) {
	var teams []string
	if s.cfg.Get().Teams.Enabled {
		teams = auth.SplitRoles(auth.ValueOf(row.TeamID))
	}
	for _, id := range teams {
		if _, err := s.intoTeam(ctx, c, id, user); err != nil {
			return false, err
		}
	}
	if len(teams) == 1 {
		return true, s.activate(ctx, c.tx, &c.org.ID, &teams[0])
	}
	return false, s.activate(ctx, c.tx, &c.org.ID, nil)
}

// received reads an open invitation of the person who is signed in. late says that one
// whose term is over counts as unknown.
func (s *Service) received(ctx context.Context, id string, unknown *auth.Error, late bool) (*ent.Invitation, *ent.User, error) {
	user, err := s.person(ctx)
	if err != nil || user == nil {
		return nil, nil, orElse(err, auth.ErrUnauthorized)
	}
	row, err := s.invitation(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if row == nil || row.Status != StatePending || late && row.ExpiresAt.Before(s.now()) {
		return nil, nil, unknown
	}
	if !email.Equal(row.Email, user.Email) {
		return nil, nil, ErrNotRecipient
	}
	return row, user, nil
}

// gate asks for a verified address where the settings do.
func (s *Service) gate(user *ent.User, refusal *auth.Error) error {
	if s.cfg.Get().VerifiedInvitations && !user.EmailVerified {
		return refusal
	}
	return nil
}

// stillGood refuses an invitation that makes an owner when the one who sent it is no owner
// any more. Every other stays good when its sender has left (decisions 26).
func (s *Service) stillGood(ctx context.Context, row *ent.Invitation) error {
	if !s.creates(auth.ValueOf(row.Role)) {
		return nil
	}
	inviter, err := s.host.Users.ByID(ctx, auth.ValueOf(row.InviterID))
	if err != nil || inviter == nil || s.host.Principals.Denied(inviter) != nil {
		return orElse(err, ErrInviterGone)
	}
	p, err := s.host.Principals.OfUser(ctx, inviter)
	if err != nil {
		return err
	}
	a, err := s.actor(auth.WithPrincipal(ctx, p), row.OrganizationID)
	if err != nil || !s.owns(a) {
		return orElse(err, ErrInviterGone)
	}
	return nil
}

// Reject declines an invitation, also one whose term is over.
func (s *Service) Reject(ctx context.Context, id string) (*ent.Invitation, error) {
	if err := inPerson(ctx); err != nil {
		return nil, err
	}
	found, user, err := s.received(ctx, id, errRejectNotFound, false)
	if err != nil {
		return nil, err
	}
	if err := s.gate(user, ErrVerifyToDecide); err != nil {
		return nil, err
	}
	var row *ent.Invitation
	err = s.trusted(ctx, found.OrganizationID, func(ctx context.Context, c *command) error {
		err := s.around(ctx, c, &api.Happened{Invitation: asInvitation(found), User: asUser(user)},
			func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeRejectInvitation },
			func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterRejectInvitation })
		if err != nil {
			return err
		}
		if err := s.decide(ctx, c.tx, found, StateRejected, eventInviteRejected); err != nil {
			return err
		}
		row, err = s.invitation(ctx, id)
		return err
	})
	return row, err
}

// Received is an invitation as the invited person sees it.
type Received struct {
	Invitation   *ent.Invitation
	Organization *ent.Organization
	InviterEmail *string // nil when nobody in person sent it, or they are gone
}

// Received returns an open invitation to the person it is for.
func (s *Service) Received(ctx context.Context, id string) (*Received, error) {
	row, user, err := s.received(ctx, id, ErrInvitationNotFound, true)
	if err != nil {
		return nil, err
	}
	if err := s.gate(user, ErrVerifyToSee); err != nil {
		return nil, err
	}
	r := &Received{Invitation: row}
	if r.Organization, err = s.byID(ctx, row.OrganizationID); err != nil || r.Organization == nil {
		return nil, orElse(err, ErrNotFound)
	}
	if err := s.stillGood(ctx, row); err != nil {
		return nil, err
	}
	inviter, err := s.host.Users.ByID(ctx, auth.ValueOf(row.InviterID))
	if err == nil && inviter != nil {
		r.InviterEmail = &inviter.Email
	}
	return r, err
}

// OwnInvitations lists what a person with a verified address is invited to, also what is
// over but not answered.
func (s *Service) OwnInvitations(ctx context.Context, page Page) ([]*Received, error) {
	user, err := s.person(ctx)
	if err != nil || user == nil {
		return nil, orElse(err, errNoAddress)
	}
	if !user.EmailVerified {
		return nil, ErrVerifyToSee
	}
	return s.invitationsFor(ctx, user.Email, page)
}

// invitationsFor lists the invitations of an address that wait for an answer.
func (s *Service) invitationsFor(ctx context.Context, address string, page Page) ([]*Received, error) {
	rows, err := s.host.DB.Access(ctx).Platform().Invitation().Query().Where(invitation.Email(email.Canonical(address)), invitation.Status(StatePending)).
		Order(ent.Asc(invitation.FieldCreatedAt, invitation.FieldID)).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading invitations: %w", err)
	}
	return s.withOrganizations(ctx, rows)
}

// withOrganizations reads the organizations of invitations; an invitation to one that is gone
// is left out.
func (s *Service) withOrganizations(ctx context.Context, rows []*ent.Invitation) ([]*Received, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.OrganizationID
	}
	orgs, err := s.organizationsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]*Received, 0, len(rows))
	for _, row := range rows {
		if org := orgs[row.OrganizationID]; org != nil {
			list = append(list, &Received{Invitation: row, Organization: org})
		}
	}
	return list, nil
}

// answerable are the invitations that a person can answer now; none where their address is
// not verified, as they see them by the link only then.
func (s *Service) answerable(ctx context.Context, user *ent.User) ([]*Received, error) {
	if !user.EmailVerified {
		return nil, nil
	}
	all, err := s.OwnInvitations(ctx, Page{Limit: placesShown})
	return slices.DeleteFunc(all, func(i *Received) bool { return i.Invitation.ExpiresAt.Before(s.now()) }), err
}
