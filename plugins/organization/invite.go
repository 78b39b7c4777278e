package organization

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/random"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/predicate"
	"gatehouse/ent/team"
	api "gatehouse/plugins/organization/organizationapi"
)

// States of an invitation, as the wire writes them.
const (
	StatePending  = "pending"
	StateAccepted = "accepted"
	StateRejected = "rejected"
	StateCanceled = "canceled"
)

// Invite is an invitation to be made.
type Invite struct {
	Email string
	Roles []string
	Teams []string
	// Resend renews the invitation that is open for the address, if there is one, as it is.
	Resend bool
	// MemberUntil is when the membership will end; nil is never.
	MemberUntil *time.Time
	Fields      map[string]any // additional fields, judged
	// Unmailed makes an invitation whose link the inviter hands over.
	Unmailed bool
}

// open are invitations that wait for their answer.
func open(at time.Time) predicate.Invitation {
	return invitation.And(invitation.Status(StatePending), invitation.ExpiresAtGTE(at))
}

// Invite asks the person of an address to join an organization (better-auth organization
// 6.4). It needs invitation:create; only owners invite owners, and send such an invitation
// again.
func (s *Service) Invite(ctx context.Context, org string, i Invite) (*ent.Invitation, error) {
	address, err := email.Parse(i.Email)
	if err != nil {
		return nil, auth.ErrInvalidEmail.At("email")
	}
	roles := parseRoles(i.Roles)
	if err := (Period{End: i.MemberUntil}).check(s.now()); err != nil {
		return nil, err
	}
	var row *ent.Invitation
	err = s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		if err := s.mayInvite(ctx, c.by, roles, auth.ValueOf(i.MemberUntil)); err != nil {
			return err
		}
		if i.MemberUntil != nil && slices.Contains(roles, s.creatorRole()) {
			return ErrOwnersHaveNoEnd
		}
		if err := s.notMember(ctx, org, address); err != nil {
			return err
		}
		former, err := s.openInvitation(ctx, c, address)
		if err != nil {
			return err
		}
		if former != nil {
			if !i.Resend && !s.cfg.Get().CancelOnInvite {
				return ErrIsInvited
			}
			if s.creates(auth.ValueOf(former.Role)) && !s.owns(c.by) {
				return deny(ErrMayNotInviteWithRole)
			}
			if i.Resend {
				if ok, err := s.mayGiveOwn(ctx, c.by, ScopeInvite, auth.SplitRoles(auth.ValueOf(former.Role)), auth.ValueOf(former.MemberUntil)); err != nil || !ok {
					return orElse(err, deny(ErrMayNotInviteWithRole))
				}
				row, err = s.renew(ctx, c, former, !i.Unmailed)
				return err
			}
			if err := s.decide(ctx, c.tx, former, StateCanceled, eventInviteCanceled); err != nil {
				return err
			}
		}
		if err := s.mayInviteMore(ctx, c, i.Teams); err != nil {
			return err
		}
		row, err = s.invite(ctx, c, i, address, roles)
		return err
	})
	return row, err
}

func (s *Service) mayInvite(ctx context.Context, a actor, roles []string, until time.Time) error {
	if err := a.needs(ScopeInvite, ErrMayNotInvite); err != nil {
		return err
	}
	if len(roles) == 0 {
		return ErrRoleNotFound
	}
	unknown, err := s.Unknown(ctx, a.org, roles)
	if err != nil {
		return err
	}
	if len(unknown) > 0 { // the wire has no code here
		names := strings.Join(unknown, ", ")
		return noRole(&auth.Error{Status: http.StatusBadRequest, Message: words.Raw("ROLE_NOT_FOUND: " + names)}, names)
	}
	if slices.Contains(roles, s.creatorRole()) {
		// It is good while its sender is an owner (stillGood), which only people are.
		if sender, err := s.person(ctx); err != nil || sender == nil || !s.owns(a) {
			return orElse(err, deny(ErrMayNotInviteWithRole))
		}
	}
	may := func(until time.Time) (bool, error) { return s.mayGiveOwn(ctx, a, ScopeInvite, roles, until) }
	return a.gives(may, until, ErrMayNotInviteWithRole, "until")
}

func (s *Service) notMember(ctx context.Context, org, address string) error {
	user, err := s.host.Users.ByEmail(ctx, address)
	if err != nil || user == nil {
		return err
	}
	row, err := s.place(ctx, org, user.ID)
	if err == nil && row != nil {
		err = ErrIsMember.At("email")
	}
	return err
}

// openInvitation is the first invitation that waits for an address; nil when there is none.
func (s *Service) openInvitation(ctx context.Context, c *command, address string) (*ent.Invitation, error) {
	row, err := c.ent().Invitation().Query().Where(invitation.Email(address), open(s.now())).
		Order(ent.Asc(invitation.FieldCreatedAt, invitation.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for an invitation: %w", err)
	}
	return row, nil
}

// mayInviteMore holds the limit of open invitations, and judges the teams.
func (s *Service) mayInviteMore(ctx context.Context, c *command, teams []string) error {
	n, err := c.ent().Invitation().Query().Where(open(s.now())).Count(ctx)
	if err != nil {
		return fmt.Errorf("counting invitations: %w", err)
	}
	if n >= s.cfg.Get().InvitationLimit {
		return ErrTooManyInvitations
	}
	if !s.cfg.Get().Teams.Enabled {
		return nil
	}
	for _, id := range teams {
		if strings.Contains(id, ",") {
			return ErrInvalidTeamID
		}
	}
	rows, err := c.ent().Team().Query().Where(team.IDIn(teams...)).All(ctx)
	if err != nil {
		return fmt.Errorf("reading teams: %w", err)
	}
	for _, id := range teams {
		if !slices.ContainsFunc(rows, func(t *ent.Team) bool { return t.ID == id }) {
			return ErrTeamNotFound
		}
	}
	for _, row := range rows {
		full, err := s.full(ctx, c.org.ID, row)
		if err != nil || full {
			return orElse(err, ErrTeamFull)
		}
	}
	return nil
}

func (s *Service) invite(ctx context.Context, c *command, i Invite, address string, roles []string) (*ent.Invitation, error) {
	inviter, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	teams := i.Teams
	if !s.cfg.Get().Teams.Enabled {
		teams = nil
	}
	draft := &api.NewInvitation{Tx: c.tx, Organization: asOrganization(c.org), Email: address, Role: joined(roles), TeamIDs: teams,
		ExpiresAt: s.now().Add(s.cfg.Get().InvitationExpiresIn), Fields: i.Fields}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.NewInvitation] { return h.BeforeCreateInvitation }, draft); err != nil {
		return nil, err
	}
	if draft.ID == "" {
		draft.ID = random.ID()
	}
	mailed := !i.Unmailed && s.mailReady(ctx)
	create := c.ent().Invitation().Create().SetID(draft.ID).SetEmail(email.Canonical(draft.Email)).SetRole(joined(auth.SplitRoles(draft.Role))).
		SetStatus(StatePending).SetExpiresAt(draft.ExpiresAt).SetCreatedAt(s.now()).SetMailed(mailed).SetNillableMemberUntil(i.MemberUntil)
	if len(draft.TeamIDs) > 0 {
		create.SetTeamID(joined(draft.TeamIDs))
	}
	if inviter != nil {
		create.SetInviterID(inviter.ID)
	}
	if mailed {
		create.SetSentAt(s.now())
	}
	if len(draft.Fields) > 0 {
		create.SetAdditionalFields(draft.Fields)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing an invitation: %w", err)
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterCreateInvitation },
			&api.Happened{Organization: asOrganization(c.org), Invitation: asInvitation(row), User: asUser(inviter)})
	})
	return row, s.announce(ctx, eventInvited, c.org, row)
}

// renew gives an open invitation a new term, and sends it again; the rest stays.
func (s *Service) renew(ctx context.Context, c *command, former *ent.Invitation, byMail bool) (*ent.Invitation, error) {
	up := c.ent().Invitation().UpdateOne(former).SetExpiresAt(s.now().Add(s.cfg.Get().InvitationExpiresIn))
	mailed := byMail && s.mailReady(ctx)
	if mailed {
		up.SetMailed(true).SetSentAt(s.now())
	}
	row, err := up.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("renewing an invitation: %w", err)
	}
	if !mailed {
		return row, s.recordInvitation(ctx, eventInvitedAgain, row)
	}
	return row, s.announce(ctx, eventInvitedAgain, c.org, row)
}

// Resend gives an invitation that was not answered, or is over, a new term, and sends it
// again by mail if it is to be. It needs what making it would need.
func (s *Service) Resend(ctx context.Context, org, id string, byMail bool) (*ent.Invitation, error) {
	var row *ent.Invitation
	err := s.change(ctx, org, ErrInvitationNotFound, func(ctx context.Context, c *command) error {
		seen, err := s.seenBy(ctx, c.by)
		if err != nil {
			return err
		}
		former, err := c.ent().Invitation().Query().Where(append(seen, invitation.ID(id), invitation.Status(StatePending))...).Only(ctx)
		if ent.IsNotFound(err) {
			return ErrInvitationNotFound
		}
		if err != nil {
			return fmt.Errorf("reading an invitation: %w", err)
		}
		if err := s.mayInvite(ctx, c.by, auth.SplitRoles(auth.ValueOf(former.Role)), auth.ValueOf(former.MemberUntil)); err != nil {
			return err
		}
		row, err = s.renew(ctx, c, former, byMail)
		return err
	})
	return row, err
}

// decide moves an invitation out of waiting; of parallel callers exactly one succeeds.
func (s *Service) decide(ctx context.Context, tx *auth.Tx, row *ent.Invitation, state, kind string) error {
	now := s.now()
	where := []predicate.Invitation{invitation.ID(row.ID), invitation.Status(StatePending)}
	if state == StateAccepted {
		where = append(where, invitation.ExpiresAtGTE(now))
	}
	n, err := tx.Organization(row.OrganizationID).Invitation().Update().Where(where...).SetStatus(state).SetDecidedAt(now).Save(ctx)
	if err != nil {
		return fmt.Errorf("deciding an invitation: %w", err)
	}
	if n == 0 {
		return ErrInvitationNotFound
	}
	return s.recordInvitation(ctx, kind, row)
}

// Invitations lists the invitations of an organization, of every state, to those who may
// invite.
func (s *Service) Invitations(ctx context.Context, org string, page Page) ([]*ent.Invitation, error) {
	a, err := s.visit(ctx, org, errListNotMember)
	if err != nil {
		return nil, err
	}
	if !a.Can(ScopeInvite) {
		return nil, s.refused(ctx, a, ErrMayNotListInvitations)
	}
	return s.invitationsOf(ctx, a, page)
}

// Cancel makes an open invitation void. It needs invitation:cancel; that of an owner is
// cancelled by owners only (decisions 25). To strangers it is like none (SEC-136).
func (s *Service) Cancel(ctx context.Context, id string) (*ent.Invitation, error) {
	found, err := s.invitation(ctx, id)
	if err != nil || found == nil {
		return nil, orElse(err, ErrInvitationNotFound)
	}
	var row *ent.Invitation
	err = s.change(ctx, found.OrganizationID, ErrInvitationNotFound, func(ctx context.Context, c *command) error {
		if !c.by.Can(ScopeCancelInvite) || s.creates(auth.ValueOf(found.Role)) && !s.owns(c.by) {
			return deny(ErrMayNotCancel)
		}
		if found.Status != StatePending { // D-12
			return ErrInvitationNotFound
		}
		user, err := s.person(ctx)
		if err != nil {
			return err
		}
		err = s.around(ctx, c, &api.Happened{Invitation: asInvitation(found), User: asUser(user)},
			func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeCancelInvitation },
			func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterCancelInvitation })
		if err != nil {
			return err
		}
		if err := s.decide(ctx, c.tx, found, StateCanceled, eventInviteCanceled); err != nil {
			return err
		}
		row, err = s.invitation(ctx, id)
		return err
	})
	return row, err
}

// invitation reads an invitation of whatever organization; nil when there is none.
func (s *Service) invitation(ctx context.Context, id string) (*ent.Invitation, error) {
	row, err := s.host.DB.Access(ctx).Platform().Invitation().Query().Where(invitation.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an invitation: %w", err)
	}
	return row, nil
}
