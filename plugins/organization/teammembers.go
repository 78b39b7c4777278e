package organization

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	api "gatehouse/plugins/organization/organizationapi"
)

// TeamsOf lists the teams of a person: one's own in an organization, or with none in all
// of them; or those of a member of an organization to who may change members there.
func (s *Service) TeamsOf(ctx context.Context, org, user string, page Page) ([]*ent.Team, error) {
	p := auth.PrincipalOf(ctx)
	if user == "" || user == p.Subject {
		if org != "" {
			if _, err := s.visit(ctx, org, ErrNotMember); err != nil {
				return nil, err
			}
			return s.placesOf(ctx, []string{org}, p.Subject, page)
		}
		orgs, err := s.host.DB.Access(ctx).Platform().Member().Query().Where(member.UserID(p.Subject), inForce(s.now())).
			Limit(maxPlaces).Select(member.FieldOrganizationID).Strings(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the memberships of a person: %w", err)
		}
		return s.placesOf(ctx, shown(p, orgs), p.Subject, page)
	}
	if org == "" {
		return nil, ErrNoActive
	}
	a, err := s.visit(ctx, org, ErrNotMember)
	if err != nil {
		return nil, err
	}
	if !a.Can(ScopeMemberUpdate) {
		return nil, s.refused(ctx, a, ErrMayNotUpdateMember)
	}
	if m, err := s.place(ctx, org, user); err != nil || m == nil {
		return nil, orElse(err, ErrNoMember)
	}
	return s.placesOf(ctx, []string{org}, user, page)
}

// placesOf lists the teams that a person is in, in some organizations.
func (s *Service) placesOf(ctx context.Context, orgs []string, user string, page Page) ([]*ent.Team, error) {
	access := s.host.DB.Access(ctx).Platform()
	ids, err := access.TeamMember().Query().Where(teammember.UserID(user), teammember.OrganizationIDIn(orgs...)).Select(teammember.FieldTeamID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the teams of a person: %w", err)
	}
	rows, err := access.Team().Query().Where(team.IDIn(ids...), team.OrganizationIDIn(orgs...)).Order(ent.Asc(team.FieldCreatedAt, team.FieldID)).
		Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the teams of a person: %w", err)
	}
	return rows, nil
}

// TeamMembers lists who is in a team, to those who are in it themselves. To others a team
// that does not exist is like one of elsewhere (SEC-136).
func (s *Service) TeamMembers(ctx context.Context, id string, page Page) ([]*ent.TeamMember, error) {
	row, err := s.host.DB.Access(ctx).Platform().Team().Query().Where(team.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		p := auth.PrincipalOf(ctx)
		if p.Can(ScopeTeamRead) && p.Can(ScopeMemberRead) {
			return nil, ErrTeamNotFound
		}
		return nil, ErrNotInTeam
	}
	if err != nil {
		return nil, fmt.Errorf("reading a team: %w", err)
	}
	a, err := s.actor(ctx, row.OrganizationID)
	if err != nil {
		return nil, err
	}
	if a.member == nil {
		if !a.Can(ScopeTeamRead) || !a.Can(ScopeMemberRead) {
			return nil, ErrNotInTeam
		}
	} else if in, err := s.inTeam(ctx, row.OrganizationID, id, a.p.Subject); err != nil || !in {
		return nil, orElse(err, ErrNotInTeam)
	}
	rows, err := s.host.DB.Access(ctx).Organization(row.OrganizationID).TeamMember().Query().Where(teammember.TeamID(id)).
		Order(ent.Asc(teammember.FieldCreatedAt, teammember.FieldID)).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the members of a team: %w", err)
	}
	return rows, nil
}

// AddToTeam puts a member into a team; who is in it already stays as they are. It needs
// member:update.
func (s *Service) AddToTeam(ctx context.Context, org, id, user string) (*ent.TeamMember, error) {
	var row *ent.TeamMember
	err := s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeMemberUpdate, ErrMayNotAddToTeam); err != nil {
			return err
		}
		t, u, err := s.teamAndMember(ctx, org, id, user)
		if err != nil {
			return err
		}
		there, err := c.ent().TeamMember().Query().Where(teammember.TeamID(id), teammember.UserID(user)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("looking for a place in a team: %w", err)
		}
		told := &api.Happened{Tx: c.tx, Organization: asOrganization(c.org), Team: asTeam(t), TeamMember: &api.TeamMember{TeamID: id, UserID: user}, User: asUser(u)}
		if !there {
			if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeAddTeamMember }, told); err != nil {
				return err
			}
		}
		if row, err = s.intoTeam(ctx, c, id, user); err != nil || there {
			return err
		}
		c.then(func(ctx context.Context) error {
			told.Tx, told.TeamMember = nil, asTeamMember(row)
			return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterAddTeamMember }, told)
		})
		return nil
	})
	return row, err
}

// RemoveFromTeam takes a member out of a team. It needs member:delete.
func (s *Service) RemoveFromTeam(ctx context.Context, org, id, user string) error {
	return s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeMemberDelete, ErrMayNotRemoveFromTeam); err != nil {
			return err
		}
		t, u, err := s.teamAndMember(ctx, org, id, user)
		if err != nil {
			return err
		}
		row, err := c.ent().TeamMember().Query().Where(teammember.TeamID(id), teammember.UserID(user)).Only(ctx)
		if ent.IsNotFound(err) {
			return ErrNotInTeam
		}
		if err != nil {
			return fmt.Errorf("looking for a place in a team: %w", err)
		}
		err = s.around(ctx, c, &api.Happened{Team: asTeam(t), TeamMember: asTeamMember(row), User: asUser(u)},
			func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeRemoveTeamMember },
			func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterRemoveTeamMember })
		if err != nil {
			return err
		}
		if err := s.leaveTeam(ctx, c.tx, row); err != nil {
			return err
		}
		return s.recordOf(ctx, eventTeamLeft, org, user, map[string]any{"team": t.Name})
	})
}

// teamAndMember reads a team and a member of an organization, who need not be in it.
func (s *Service) teamAndMember(ctx context.Context, org, id, user string) (*ent.Team, *ent.User, error) {
	if _, err := s.oneMember(ctx, org, member.UserID(user)); err != nil {
		if errors.Is(err, ErrMemberNotFound) {
			err = ErrNoMember
		}
		return nil, nil, err
	}
	t, err := s.team(ctx, org, id)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.host.Users.ByID(ctx, user)
	if err != nil || u == nil {
		return nil, nil, orElse(err, errNoUser)
	}
	return t, u, nil
}
