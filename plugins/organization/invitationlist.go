package organization

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// listInvitations names the list in cursors and preferences.
const listInvitations = "organization-invitations"

// StateExpired is how people see an invitation that is pending on the wire and over.
const StateExpired = "expired"

func stateOf(row *ent.Invitation, at time.Time) string {
	if row.Status == StatePending && row.ExpiresAt.Before(at) {
		return StateExpired
	}
	return row.Status
}

// invitationStates names the states, in the order of the filter.
func invitationStates() []web.Option {
	return []web.Option{{Value: StatePending, Label: "Not accepted yet"}, {Value: StateAccepted, Label: "Accepted"},
		{Value: StateRejected, Label: "Declined"}, {Value: StateExpired, Label: "Expired"}, {Value: StateCanceled, Label: "Cancelled"}}
}

// InvitationList lists the invitations of an organization for the console, the newest first
// unless the query says otherwise. Those that make an owner are seen by owners only
// (decisions 25). It needs invitation:create there.
func (s *Service) InvitationList(ctx context.Context, q list.Query) (list.Page[*ent.Invitation], error) {
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[*ent.Invitation]{}, err
	}
	if !a.Can(ScopeInvite) {
		return list.Page[*ent.Invitation]{}, auth.ErrForbidden.ForIn(a.org, ScopeInvite)
	}
	where, err := s.seenBy(ctx, a)
	if err != nil {
		return list.Page[*ent.Invitation]{}, err
	}
	if text := strings.TrimSpace(q.Text); text != "" {
		where = append(where, invitation.EmailContainsFold(text))
	}
	if states := q.Filters["state"]; len(states) > 0 {
		where = append(where, invitation.Or(s.inStates(states)...))
	}
	query := func() *ent.InvitationQuery {
		return s.host.DB.Access(ctx).Organization(q.In).Invitation().Query().Where(where...)
	}
	found, err := list.Keyset[*ent.Invitation]{
		List: listInvitations, Sort: byNewest, Keys: s.host.Keys, ID: func(row *ent.Invitation) string { return row.ID },
		Orders: map[string]list.Order[*ent.Invitation]{
			byNewest: {Column: invitation.FieldCreatedAt, Value: func(row *ent.Invitation) any { return row.CreatedAt }},
			"email":  {Column: invitation.FieldEmail, Value: func(row *ent.Invitation) any { return row.Email }},
		},
		Rows: func(at list.Span) ([]*ent.Invitation, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
	if err != nil {
		return list.Page[*ent.Invitation]{}, fmt.Errorf("listing invitations: %w", err)
	}
	return found, nil
}

func (s *Service) inStates(states []string) []predicate.Invitation {
	var any []predicate.Invitation
	for _, state := range states {
		switch state {
		case StatePending:
			any = append(any, open(s.now()))
		case StateExpired:
			any = append(any, invitation.And(invitation.Status(StatePending), invitation.ExpiresAtLT(s.now())))
		default:
			any = append(any, invitation.Status(state))
		}
	}
	return any
}

// seenBy are the invitations that an actor who may invite sees: those that make an owner are
// seen by owners only (decisions 25).
func (s *Service) seenBy(ctx context.Context, a actor) ([]predicate.Invitation, error) {
	if s.owns(a) {
		return nil, nil
	}
	texts, err := invitedAs(ctx, s.host.DB.Access(ctx).Organization(a.org).Invitation().Query(), s.creatorRole())
	if err != nil {
		return nil, err
	}
	return []predicate.Invitation{invitation.Or(invitation.RoleIsNil(), invitation.RoleNotIn(texts...))}, nil
}
