package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/member"
	"gatehouse/ent/organization"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	"gatehouse/plugins/list"
)

// Page is a part of a list: what lies from Offset on, at most Limit; zero is no limit of
// the caller's.
type Page struct{ Limit, Offset int }

// maxRows bounds what one answer of the wire holds.
const maxRows = 10000

func (p Page) limit() int {
	if p.Limit <= 0 || p.Limit > maxRows {
		return maxRows
	}
	return p.Limit
}

func (p Page) offset() int { return max(p.Offset, 0) }

// SlugFree reports whether a short name is free. It is the one thing that everybody who is
// signed in may find out of organizations (SEC-136).
func (s *Service) SlugFree(ctx context.Context, slug string) (bool, error) {
	row, err := s.bySlug(ctx, slug)
	return row == nil, err
}

// Own lists the organizations of the principal of the context, in the order in which it
// joined them. A key or service account of an organization has that one, a key of a person
// those that it names the right to read.
func (s *Service) Own(ctx context.Context, page Page) ([]*ent.Organization, error) {
	p, access := auth.PrincipalOf(ctx), s.host.DB.Access(ctx).Platform()
	if org, ok := p.Claims["organizationId"].(string); ok && p.Session == nil {
		row, err := s.byID(ctx, org)
		if err != nil || row == nil {
			return nil, err
		}
		return []*ent.Organization{row}, nil
	}
	ids, err := access.Member().Query().Where(member.UserID(p.Subject), inForce(s.now())).
		Order(ent.Asc(member.FieldCreatedAt, member.FieldID)).Limit(page.limit()).Offset(page.offset()).
		Select(member.FieldOrganizationID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the memberships of a person: %w", err)
	}
	ids = shown(p, ids)
	rows, err := access.Organization().Query().Where(organization.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the organizations of a person: %w", err)
	}
	return list.InOrder(rows, ids, func(o *ent.Organization) string { return o.ID }), nil
}

// Resolve finds the organization that a request means: by its short name, else by its id,
// else the one that is active; "" is none, or one that does not exist.
func (s *Service) Resolve(ctx context.Context, slug, id, active string) (string, error) {
	if slug != "" {
		row, err := s.bySlug(ctx, slug)
		if err != nil || row == nil {
			return "", err
		}
		return row.ID, nil
	}
	if id != "" {
		return id, nil
	}
	return active, nil
}

// Get returns an organization to those who have a place in it. Everybody else is refused,
// and has no organization active afterwards (better-auth organization 6.1).
func (s *Service) Get(ctx context.Context, org string) (*ent.Organization, error) {
	_, row, err := s.enter(ctx, org)
	return row, err
}

func (s *Service) enter(ctx context.Context, org string) (actor, *ent.Organization, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return a, nil, err
	}
	if a.belongs {
		if !a.Can(ScopeRead) {
			return a, nil, s.refused(ctx, a, auth.ErrForbidden.ForIn(a.org, ScopeRead))
		}
		row, err := s.byID(ctx, org)
		if err != nil || row != nil {
			return a, row, err
		}
	}
	return a, nil, orElse(s.ClearActive(ctx), ErrForeign)
}

// Full is an organization with its people, as far as the principal of the context may see
// them.
type Full struct {
	Organization *ent.Organization
	Invitations  []*ent.Invitation
	Members      []*ent.Member // with their users
	Teams        []*ent.Team
}

// Full returns an organization with members, invitations and teams.
func (s *Service) Full(ctx context.Context, org string, members int) (*Full, error) {
	a, row, err := s.enter(ctx, org)
	if err != nil {
		return nil, err
	}
	f := &Full{Organization: row}
	if a.Can(ScopeInvite) {
		if f.Invitations, err = s.invitationsOf(ctx, a, Page{}); err != nil {
			return nil, err
		}
	}
	q := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(inForce(s.now())).WithUser().Order(ent.Asc(member.FieldCreatedAt, member.FieldID))
	if !a.Can(ScopeMemberRead) {
		q.Where(member.UserID(a.p.Subject))
	}
	if f.Members, err = q.Limit(Page{Limit: members}.limit()).All(ctx); err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	if s.cfg.Get().Teams.Enabled {
		f.Teams, err = s.teamsOf(ctx, a, Page{})
	}
	return f, err
}

// teamsOf lists the teams that an actor may see: all, or those it is in.
func (s *Service) teamsOf(ctx context.Context, a actor, page Page) ([]*ent.Team, error) {
	access := s.host.DB.Access(ctx).Organization(a.org)
	q := access.Team().Query()
	if !a.Can(ScopeTeamRead) {
		ids, err := access.TeamMember().Query().Where(teammember.UserID(a.p.Subject)).Select(teammember.FieldTeamID).Strings(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the teams of a person: %w", err)
		}
		q.Where(team.IDIn(ids...))
	}
	rows, err := q.Order(ent.Asc(team.FieldCreatedAt, team.FieldID)).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading teams: %w", err)
	}
	return rows, nil
}

// invitationsOf lists the invitations that an actor may see: those that make owners are
// seen by owners only (decisions 25).
func (s *Service) invitationsOf(ctx context.Context, a actor, page Page) ([]*ent.Invitation, error) {
	seen, err := s.seenBy(ctx, a)
	if err != nil {
		return nil, err
	}
	rows, err := s.host.DB.Access(ctx).Organization(a.org).Invitation().Query().Where(seen...).Order(ent.Asc(invitation.FieldCreatedAt, invitation.FieldID)).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading invitations: %w", err)
	}
	return rows, nil
}
