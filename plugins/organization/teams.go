package organization

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/session"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
	api "gatehouse/plugins/organization/organizationapi"
)

// NewTeam is a team to be made.
type NewTeam struct {
	Name   string
	Fields map[string]any // additional fields, judged
}

// CreateTeam makes a team. It needs team:create. Whoever makes it is not put into it.
func (s *Service) CreateTeam(ctx context.Context, org string, n NewTeam) (*ent.Team, error) {
	var row *ent.Team
	err := s.change(ctx, org, ErrMayNotInvite, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeTeamCreate, ErrMayNotCreateTeams); err != nil {
			return err
		}
		if limit := s.cfg.Get().Teams.Limit; limit > 0 {
			count, err := c.ent().Team().Query().Count(ctx)
			if err != nil {
				return fmt.Errorf("counting teams: %w", err)
			}
			if count >= limit {
				return ErrTooManyTeams
			}
		}
		user, err := s.person(ctx)
		if err != nil {
			return err
		}
		row, err = s.insertTeam(ctx, c, n, user, true)
		return err
	})
	return row, err
}

// firstTeam makes the team that an organization begins with, its creator in it.
func (s *Service) firstTeam(ctx context.Context, c *command, owner *ent.User) (*ent.Team, error) {
	row, err := s.insertTeam(ctx, c, NewTeam{Name: c.org.Name}, owner, false)
	if err != nil {
		return nil, err
	}
	_, err = s.seat(ctx, c, row, owner.ID, 0)
	return row, err
}

func (s *Service) insertTeam(ctx context.Context, c *command, n NewTeam, user *ent.User, updated bool) (*ent.Team, error) {
	draft := &api.NewTeam{Tx: c.tx, Organization: asOrganization(c.org), Name: n.Name, Fields: n.Fields}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.NewTeam] { return h.BeforeCreateTeam }, draft); err != nil {
		return nil, err
	}
	if draft.ID == "" {
		draft.ID = random.ID()
	}
	create := c.ent().Team().Create().SetID(draft.ID).SetName(draft.Name).SetCreatedAt(s.now())
	if updated {
		create.SetUpdatedAt(s.now())
	}
	if len(draft.Fields) > 0 {
		create.SetAdditionalFields(draft.Fields)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing a team: %w", err)
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterCreateTeam },
			&api.Happened{Organization: asOrganization(c.org), Team: asTeam(row), User: asUser(user)})
	})
	return row, s.recordAbout(ctx, eventTeamCreated, c.org.ID, subjectTeam, row.ID, map[string]any{"name": row.Name})
}

// Teams lists the teams of an organization.
func (s *Service) Teams(ctx context.Context, org string, page Page) ([]*ent.Team, error) {
	a, err := s.visit(ctx, org, ErrMayNotAccess)
	if err != nil {
		return nil, err
	}
	if a.member == nil && !a.Can(ScopeTeamRead) { // who has no teams of their own to see
		return nil, s.refused(ctx, a, auth.ErrForbidden.ForIn(a.org, ScopeTeamRead))
	}
	return s.teamsOf(ctx, a, page)
}

// TeamUpdate is what changes of a team; nil stays.
type TeamUpdate struct {
	Name   *string
	Fields map[string]any // additional fields, judged
}

// UpdateTeam changes a team. It needs team:update.
func (s *Service) UpdateTeam(ctx context.Context, org, id string, u TeamUpdate) (*ent.Team, error) {
	var row *ent.Team
	err := s.change(ctx, org, ErrMayNotUpdateTeam, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeTeamUpdate, ErrMayNotUpdateTeam); err != nil {
			return err
		}
		before, err := s.team(ctx, org, id)
		if err != nil {
			return err
		}
		draft := &api.TeamChange{Tx: c.tx, Organization: asOrganization(c.org), Team: *asTeam(before), Name: u.Name, Fields: u.Fields}
		if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.TeamChange] { return h.BeforeUpdateTeam }, draft); err != nil {
			return err
		}
		up := c.ent().Team().UpdateOne(before).SetNillableName(draft.Name).SetUpdatedAt(s.now())
		if len(draft.Fields) > 0 {
			up.SetAdditionalFields(merged(before.AdditionalFields, draft.Fields))
		}
		if row, err = up.Save(ctx); err != nil {
			return fmt.Errorf("changing a team: %w", err)
		}
		user, err := s.person(ctx)
		if err != nil {
			return err
		}
		c.then(func(ctx context.Context) error {
			return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterUpdateTeam },
				&api.Happened{Organization: asOrganization(c.org), Team: asTeam(row), User: asUser(user)})
		})
		return s.recordAbout(ctx, eventTeamUpdated, org, subjectTeam, id, map[string]any{"before": before.Name, "name": row.Name})
	})
	return row, err
}

// RemoveTeam removes a team. It needs team:delete; active is the team that is active for
// the one who asks, which is not removed. The last team stays unless the settings say
// otherwise.
func (s *Service) RemoveTeam(ctx context.Context, org, id, active string) error {
	return s.change(ctx, org, ErrMayNotDeleteTeam, func(ctx context.Context, c *command) error {
		if id == active {
			return ErrMayNotDeleteTeam
		}
		if err := c.by.needs(ScopeTeamDelete, ErrMayNotDeleteTeams); err != nil {
			return err
		}
		row, err := s.team(ctx, org, id)
		if err != nil {
			return err
		}
		if !s.cfg.Get().Teams.AllowRemovingLast {
			n, err := c.ent().Team().Query().Count(ctx)
			if err != nil {
				return fmt.Errorf("counting teams: %w", err)
			}
			if n <= 1 {
				return ErrLastTeam
			}
		}
		user, err := s.person(ctx)
		if err != nil {
			return err
		}
		err = s.around(ctx, c, &api.Happened{Team: asTeam(row), User: asUser(user)},
			func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeDeleteTeam },
			func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterDeleteTeam })
		if err != nil {
			return err
		}
		return s.eraseTeam(ctx, c, row)
	})
}

// eraseTeam removes a team from where it stands: open invitations, and sessions of its
// members (D-6).
func (s *Service) eraseTeam(ctx context.Context, c *command, row *ent.Team) error {
	invited, err := c.ent().Invitation().Query().Where(open(s.now()), invitation.TeamIDContains(row.ID)).All(ctx)
	if err != nil {
		return fmt.Errorf("reading invitations into a team: %w", err)
	}
	for _, i := range invited {
		left := slices.DeleteFunc(auth.SplitRoles(auth.ValueOf(i.TeamID)), func(id string) bool { return id == row.ID })
		up := c.ent().Invitation().UpdateOne(i)
		if len(left) == 0 {
			up.ClearTeamID()
		} else {
			up.SetTeamID(joined(left))
		}
		if err := up.Exec(ctx); err != nil {
			return fmt.Errorf("taking a team out of an invitation: %w", err)
		}
	}
	users, err := c.ent().TeamMember().Query().Where(teammember.TeamID(row.ID)).Select(teammember.FieldUserID).Strings(ctx)
	if err != nil {
		return fmt.Errorf("reading the members of a team: %w", err)
	}
	for part := range slices.Chunk(users, batch) {
		if err := s.deactivateTeam(ctx, c.tx, row.ID, part...); err != nil {
			return err
		}
	}
	if _, err := c.ent().TeamMember().Delete().Where(teammember.TeamID(row.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("emptying a team: %w", err)
	}
	if err := c.ent().Team().DeleteOneID(row.ID).Exec(ctx); err != nil {
		return fmt.Errorf("removing a team: %w", err)
	}
	return s.recordAbout(ctx, eventTeamDeleted, c.org.ID, subjectTeam, row.ID, map[string]any{"name": row.Name})
}

// deactivateTeam takes a team out of the sessions of people.
func (s *Service) deactivateTeam(ctx context.Context, tx *auth.Tx, id string, users ...string) error {
	_, err := tx.Session().Update().Where(session.UserIDIn(users...), session.ActiveTeamID(id)).ClearActiveTeamID().SetUpdatedAt(s.now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("clearing the active team of sessions: %w", err)
	}
	return nil
}

// full reports whether a team has no seat left. Seats are counted anew where the counter
// lags behind the rows, as in an adopted database.
func (s *Service) full(ctx context.Context, org string, row *ent.Team) (bool, error) {
	limit := s.cfg.Get().Teams.MemberLimit
	if limit == 0 {
		return false, nil
	}
	n, err := s.host.DB.Access(ctx).Organization(org).TeamMember().Query().Where(teammember.TeamID(row.ID)).Count(ctx)
	if err != nil {
		return false, fmt.Errorf("counting the members of a team: %w", err)
	}
	return max(n, row.MemberCount) >= limit, nil
}

// intoTeam puts a person into a team of the organization; who is in it already stays.
func (s *Service) intoTeam(ctx context.Context, c *command, id, user string) (*ent.TeamMember, error) {
	row, err := s.team(ctx, c.org.ID, id)
	if err != nil {
		return nil, err
	}
	return s.seat(ctx, c, row, user, s.cfg.Get().Teams.MemberLimit)
}

// seat takes a seat in a team (better-auth organization 6.6, team capacity); limit 0 is
// none.
func (s *Service) seat(ctx context.Context, c *command, row *ent.Team, user string, limit int) (*ent.TeamMember, error) {
	there, err := c.ent().TeamMember().Query().Where(teammember.TeamID(row.ID), teammember.UserID(user)).Only(ctx)
	if err == nil {
		return there, nil
	}
	if !ent.IsNotFound(err) {
		return nil, fmt.Errorf("looking for a place in a team: %w", err)
	}
	n, err := c.ent().TeamMember().Query().Where(teammember.TeamID(row.ID)).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting the members of a team: %w", err)
	}
	if err := c.ent().Team().Update().Where(team.ID(row.ID), team.MemberCountLT(n)).SetMemberCount(n).Exec(ctx); err != nil {
		return nil, fmt.Errorf("repairing the seats of a team: %w", err)
	}
	reserve := c.ent().Team().Update().Where(team.ID(row.ID)).AddMemberCount(1)
	if limit > 0 {
		reserve.Where(team.MemberCountLT(limit))
	}
	taken, err := reserve.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("taking a seat in a team: %w", err)
	}
	if taken == 0 {
		return nil, ErrTeamFull
	}
	key, err := membershipKey(row.ID, user)
	if err != nil {
		return nil, err
	}
	made, err := c.ent().TeamMember().Create().SetID(random.ID()).SetTeamID(row.ID).SetUserID(user).SetMembershipKey(key).SetCreatedAt(s.now()).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("storing a place in a team: %w", err)
	}
	return made, s.recordOf(ctx, eventTeamJoined, c.org.ID, user, map[string]any{"team": row.Name})
}

// leaveTeam gives a seat back.
func (s *Service) leaveTeam(ctx context.Context, tx *auth.Tx, row *ent.TeamMember) error {
	access := tx.Organization(row.OrganizationID)
	n, err := access.TeamMember().Delete().Where(teammember.ID(row.ID)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("giving a seat back: %w", err)
	}
	_, err = access.Team().Update().Where(team.ID(row.TeamID), team.MemberCountGTE(n)).AddMemberCount(-n).Save(ctx)
	if err != nil {
		return fmt.Errorf("giving a seat back: %w", err)
	}
	return s.deactivateTeam(ctx, tx, row.TeamID, row.UserID)
}

// membershipKey is what keeps a person in a team once (better-auth organization 2.4).
func membershipKey(team, user string) (string, error) {
	raw, err := json.Marshal([2]string{team, user})
	if err != nil {
		return "", fmt.Errorf("key of a place in a team: %w", err)
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
