package admin

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/session"
)

// maxSessions bounds the sessions of one person in one answer.
const maxSessions = 500

// Sessions lists the sessions of a person, expired and impersonated ones included, the
// newest first, at most 500. An unknown person has none. It needs session:list.
func (s *Service) Sessions(ctx context.Context, id string) ([]*ent.Session, error) {
	if _, err := s.actor(ctx, ScopeSessionList, ErrMayNotListSessions); err != nil {
		return nil, err
	}
	rows, err := s.host.DB.Access(ctx).Session().Query().Where(session.UserID(id)).
		Order(ent.Desc(session.FieldCreatedAt), ent.Desc(session.FieldID)).Limit(maxSessions).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return rows, nil
}

// Handle names a session for EndSession; it is no credential.
func (s *Service) Handle(row *ent.Session) string { return s.host.Sessions.Handle(row) }

// EndSession ends one session by its handle or token. An unknown one is no error. It
// needs session:revoke.
func (s *Service) EndSession(ctx context.Context, name string) error {
	_, err := s.endSession(ctx, name)
	return err
}

// endSession reports whether there was one.
func (s *Service) endSession(ctx context.Context, name string) (bool, error) {
	p, err := s.actor(ctx, ScopeSessionRevoke, ErrMayNotRevoke)
	if err != nil {
		return false, err
	}
	row, err := s.host.DB.Access(ctx).Session().Query().Where(s.host.Sessions.Named(name)).WithUser().First(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("finding a session: %w", err)
	}
	if owner := row.Edges.User; owner != nil {
		if err := s.mayActOn(ctx, p, owner, ErrMayNotRevoke); err != nil {
			return false, err
		}
	}
	ended, err := s.host.Sessions.End(ctx, auth.EndedRevoked, session.ID(row.ID))
	return ended > 0, err
}

// EndSessions ends all sessions of a person, and those they opened as others, and
// reports how many. An unknown person is no error. It needs session:revoke.
func (s *Service) EndSessions(ctx context.Context, id string) (int, error) {
	p, err := s.actor(ctx, ScopeSessionRevoke, ErrMayNotRevoke)
	if err != nil {
		return 0, err
	}
	owner, err := s.host.Users.ByID(ctx, id)
	if err != nil || owner == nil {
		return 0, err
	}
	if err := s.mayActOn(ctx, p, owner, ErrMayNotRevoke); err != nil {
		return 0, err
	}
	return s.host.Sessions.End(ctx, auth.EndedRevoked, session.Or(session.UserID(id), session.ImpersonatedBy(id)))
}

// Remove deletes a person with everything that hangs on them. It needs user:delete.
func (s *Service) Remove(ctx context.Context, id string) error {
	return s.remove(ctx, id, func(ctx context.Context) error { return s.host.Users.Delete(ctx, id, "admin") })
}

// ForceRemove is Remove also where another plugin would rather keep the person, such as the
// only owner of an organization.
func (s *Service) ForceRemove(ctx context.Context, id string) error {
	return s.remove(ctx, id, func(ctx context.Context) error { return s.host.Users.ForceDelete(ctx, id) })
}

func (s *Service) remove(ctx context.Context, id string, remove func(context.Context) error) error {
	p, err := s.unmasked(ctx, ScopeDelete, ErrMayNotDelete)
	if err != nil {
		return err
	}
	if p.Subject == id {
		return ErrCannotRemoveSelf
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayActOn(ctx, p, target, ErrMayNotDelete); err != nil {
		return err
	}
	return gone(remove(ctx))
}

// afterDelete ends the sessions that a removed person had opened as others.
func (s *Service) afterDelete(ctx context.Context, c *auth.UserChange) error {
	_, err := s.host.Sessions.End(ctx, auth.EndedDeleted, session.ImpersonatedBy(c.User.ID))
	return err
}
