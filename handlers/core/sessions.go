package core

import (
	"context"
	"fmt"
	"maps"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/session"
)

// ListSessions lists the living sessions of a user, newest first, at most 100.
func (s *Service) ListSessions(ctx context.Context, userID string) ([]*ent.Session, error) {
	return s.h.Sessions.List(ctx, userID)
}

// Handle names a session in lists. It revokes and does not authenticate.
func (s *Service) Handle(row *ent.Session) string { return s.h.Sessions.Handle(row) }

// EndSession ends one session of the caller, named by a handle or by its token. It
// reports whether that was the current one. A name that is nobody's, or somebody
// else's, does nothing (better-auth core 4.2).
func (s *Service) EndSession(ctx context.Context, current *auth.Current, name string) (own bool, err error) {
	n, err := s.h.Sessions.End(ctx, auth.EndedRevoked, session.UserID(current.User.ID), s.h.Sessions.Named(name))
	own = name == current.Token || name == s.h.Sessions.Handle(current.Session)
	return own && n > 0, err
}

// EndSessions ends every session of the caller, the current one included.
func (s *Service) EndSessions(ctx context.Context, current *auth.Current) error {
	_, err := s.h.Sessions.EndAll(ctx, auth.EndedRevoked, current.User.ID)
	return err
}

// EndOtherSessions ends every session of the caller but the current one.
func (s *Service) EndOtherSessions(ctx context.Context, current *auth.Current) error {
	_, err := s.h.Sessions.End(ctx, auth.EndedRevoked, session.UserID(current.User.ID), session.IDNEQ(current.Session.ID))
	return err
}

// errNoFields is the wire's answer to an update that changes nothing.
var errNoFields = &auth.Error{Status: 400, Message: "No fields to update"}

// sessionColumns are the fields of a session that no client sets (SEC-042).
var sessionColumns = []string{"id", "userId", "token", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent"}

// UpdateSession changes the declared additional fields of the current session.
func (s *Service) UpdateSession(ctx context.Context, current *auth.Current, given map[string]any) (*auth.Current, error) {
	values, err := s.h.Fields.Update("session", given)
	if err != nil {
		return nil, err
	}
	values = s.h.Fields.JSON("session", values)
	if len(values) == 0 {
		return nil, errNoFields
	}
	for _, name := range sessionColumns {
		if _, sent := given[name]; sent {
			return nil, auth.ErrFieldNotAllowed.Saying("%s is not allowed to be set", name)
		}
	}
	row, err := s.storeSession(ctx, current.Session.ID, values)
	if err != nil {
		return nil, err
	}
	next := *current
	next.Session = row
	return &next, nil
}

func (s *Service) storeSession(ctx context.Context, id string, values map[string]any) (*ent.Session, error) {
	var after *ent.Session
	err := s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		before, err := tx.Session().Get(ctx, id)
		if ent.IsNotFound(err) {
			return auth.ErrFailedToGetSession
		}
		if err != nil {
			return fmt.Errorf("reading a session: %w", err)
		}
		merged := maps.Clone(before.AdditionalFields)
		if merged == nil {
			merged = map[string]any{}
		}
		maps.Copy(merged, values)
		after, err = tx.Session().UpdateOne(before).SetAdditionalFields(merged).SetUpdatedAt(s.h.Clock()).Save(ctx)
		if err != nil {
			return fmt.Errorf("changing a session: %w", err)
		}
		return nil
	})
	return after, err
}
