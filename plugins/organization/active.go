package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/session"
	"gatehouse/ent/team"
)

// sessionOf is the id of the stored session behind the principal of the context; "" when
// there is none, as with a key.
func sessionOf(ctx context.Context) string {
	p := auth.PrincipalOf(ctx)
	if p == nil || p.Session == nil || p.Session.Virtual {
		return ""
	}
	return p.Session.ID
}

// ownSession is sessionOf for acts that are about the session.
func ownSession(ctx context.Context) (string, error) {
	if id := sessionOf(ctx); id != "" {
		return id, nil
	}
	return "", auth.ErrCredentialScheme
}

// activate makes an organization, and a team in it or none, the active one of the session,
// if there is one.
func (s *Service) activate(ctx context.Context, tx *auth.Tx, org, team *string) error {
	id := sessionOf(ctx)
	if id == "" {
		return nil
	}
	up := tx.Session().Update().Where(session.ID(id)).SetUpdatedAt(s.now()).SetNillableActiveOrganizationID(org).SetNillableActiveTeamID(team)
	if org == nil {
		up.ClearActiveOrganizationID()
	}
	if team == nil && s.cfg.Get().SessionFollows {
		up.ClearActiveTeamID() // D-6
	}
	if err := up.Exec(ctx); err != nil {
		return fmt.Errorf("setting the active organization: %w", err)
	}
	return nil
}

// SetActive makes an organization the active one of the session; nobody else's but a
// member's. A refusal leaves none active (better-auth organization 6.2). The active team
// goes when the organization changes (D-6).
func (s *Service) SetActive(ctx context.Context, org string) (*ent.Organization, error) {
	id, err := ownSession(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if a.member == nil {
		return nil, orElse(s.ClearActive(ctx), ErrForeign)
	}
	var row *ent.Organization
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if row, err = s.byID(ctx, org); err != nil || row == nil {
			return orElse(err, ErrNotFound)
		}
		now, err := tx.Session().Get(ctx, id)
		if ent.IsNotFound(err) {
			return auth.ErrUnauthorized
		}
		if err != nil {
			return fmt.Errorf("reading a session: %w", err)
		}
		var team *string
		if auth.ValueOf(now.ActiveOrganizationID) == org {
			team = now.ActiveTeamID
		}
		return s.activate(ctx, tx, &org, team)
	})
	return row, err
}

// ClearActive leaves no organization and no team active in the session. Where none is, it
// writes nothing.
func (s *Service) ClearActive(ctx context.Context) error {
	id := sessionOf(ctx)
	if id == "" {
		return nil
	}
	row, err := s.host.DB.Access(ctx).Session().Get(ctx, id)
	if ent.IsNotFound(err) || err == nil && row.ActiveOrganizationID == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a session: %w", err)
	}
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error { return s.activate(ctx, tx, nil, nil) })
}

// SetActiveTeam makes a team of the active organization the active one; its members only.
func (s *Service) SetActiveTeam(ctx context.Context, org, id string) (*ent.Team, error) {
	if _, err := ownSession(ctx); err != nil {
		return nil, err
	}
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if a.member == nil {
		return nil, ErrTeamNotFound
	}
	var row *ent.Team
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if row, err = s.team(ctx, org, id); err != nil {
			return err
		}
		in, err := s.inTeam(ctx, org, id, a.p.Subject)
		if err != nil || !in {
			return orElse(err, errEnterTeam)
		}
		return s.activate(ctx, tx, &org, &id)
	})
	return row, err
}

// ClearActiveTeam leaves no team active in the session; the organization stays.
func (s *Service) ClearActiveTeam(ctx context.Context) error {
	id, err := ownSession(ctx)
	if err != nil {
		return err
	}
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		return tx.Session().Update().Where(session.ID(id)).ClearActiveTeamID().SetUpdatedAt(s.now()).Exec(ctx)
	})
}

// team reads a team of an organization.
func (s *Service) team(ctx context.Context, org, id string) (*ent.Team, error) {
	row, err := s.host.DB.Access(ctx).Organization(org).Team().Query().Where(team.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrTeamNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading a team: %w", err)
	}
	return row, nil
}
