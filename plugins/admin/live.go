package admin

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/platforminvitation"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
	"gatehouse/plugins/list"
)

// SessionPage is one page of living sessions with their people: Edges.User is loaded.
type SessionPage = list.Page[*ent.Session]

// listSessions and listInvitations name the lists in cursors and preferences.
const (
	listSessions    = "sessions"
	listInvitations = "invitations"
)

// byNewest is the order of lists that begin with what is newest.
const byNewest = "created"

// LiveSessions lists the living sessions of everybody, the newest first unless the query
// says otherwise. Filters: user, an id. It needs session:list.
func (s *Service) LiveSessions(ctx context.Context, q list.Query) (SessionPage, error) {
	if _, err := s.actor(ctx, ScopeSessionList, ErrMayNotListSessions); err != nil {
		return SessionPage{}, err
	}
	where := []predicate.Session{session.ExpiresAtGT(s.now())}
	if q.Text != "" {
		hits, err := s.host.DB.Search().Find(ctx, "User", q.Text, "", maxSessionOwners)
		if err != nil {
			return SessionPage{}, err
		}
		where = append(where, session.Or(session.UserIDIn(hits.IDs...), session.ID(q.Text), session.IPAddress(q.Text)))
	}
	if id := q.One("user"); id != "" {
		where = append(where, session.UserID(id))
	}
	switch q.One("kind") {
	case "impersonated":
		where = append(where, session.ImpersonatedByNotNil())
	case "own":
		where = append(where, session.ImpersonatedByIsNil())
	}
	query := func() *ent.SessionQuery { return s.host.DB.Access(ctx).Session().Query().Where(where...) }
	return list.Keyset[*ent.Session]{
		List: listSessions, Sort: byNewest, Keys: s.host.Keys, ID: func(row *ent.Session) string { return row.ID },
		Orders: map[string]list.Order[*ent.Session]{
			byNewest: {Column: session.FieldCreatedAt, Value: func(row *ent.Session) any { return row.CreatedAt }},
			"ends":   {Column: session.FieldExpiresAt, Value: func(row *ent.Session) any { return row.ExpiresAt }},
		},
		Rows: func(at list.Span) ([]*ent.Session, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).WithUser().All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
}

// maxSessionOwners bounds how many people a search of sessions looks at.
const maxSessionOwners = 1000

// InvitationPage is one page of invitations.
type InvitationPage = list.Page[*ent.PlatformInvitation]

// Invitations lists invitations, the newest first. Filters: state. It needs user:invite.
func (s *Service) Invitations(ctx context.Context, q list.Query) (InvitationPage, error) {
	if _, err := s.actor(ctx, ScopeInvite, ErrMayNotInvite); err != nil {
		return InvitationPage{}, err
	}
	var where []predicate.PlatformInvitation
	if states := q.Filters["state"]; len(states) > 0 {
		var any []predicate.PlatformInvitation
		for _, state := range states {
			any = append(any, platforminvitation.And(s.inState(State(state))...))
		}
		where = append(where, platforminvitation.Or(any...))
	}
	if q.Text != "" {
		hits, err := s.host.DB.Search().Find(ctx, "PlatformInvitation", q.Text, "", list.CountTo)
		if err != nil {
			return InvitationPage{}, err
		}
		where = append(where, platforminvitation.IDIn(hits.IDs...))
	}
	query := func() *ent.PlatformInvitationQuery {
		return s.host.DB.Access(ctx).PlatformInvitation().Query().Where(where...)
	}
	return list.Keyset[*ent.PlatformInvitation]{
		List: listInvitations, Sort: byNewest, Keys: s.host.Keys, ID: func(row *ent.PlatformInvitation) string { return row.ID },
		Orders: map[string]list.Order[*ent.PlatformInvitation]{
			byNewest: {Column: platforminvitation.FieldCreatedAt, Value: func(row *ent.PlatformInvitation) any { return row.CreatedAt }},
			"email":  {Column: platforminvitation.FieldEmail, Value: func(row *ent.PlatformInvitation) any { return row.Email }},
		},
		Rows: func(at list.Span) ([]*ent.PlatformInvitation, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
}

func (s *Service) inState(only State) []predicate.PlatformInvitation {
	open := []predicate.PlatformInvitation{platforminvitation.AcceptedAtIsNil(), platforminvitation.CancelledAtIsNil()}
	switch only {
	case StatePending:
		return append(open, platforminvitation.ExpiresAtGT(s.now()))
	case StateExpired:
		return append(open, platforminvitation.ExpiresAtLTE(s.now()))
	case StateAccepted:
		return []predicate.PlatformInvitation{platforminvitation.AcceptedAtNotNil()}
	case StateCancelled:
		return []predicate.PlatformInvitation{platforminvitation.AcceptedAtIsNil(), platforminvitation.CancelledAtNotNil()}
	}
	return nil
}

// keepFinished is how long invitations that are over stay in the list.
const keepFinished = 90 * 24 * time.Hour

// sweepInvitations removes invitations that have long been over, some at a time.
func (s *Service) sweepInvitations(ctx context.Context) error {
	const batch = 500
	for {
		ids, err := s.host.DB.Access(ctx).PlatformInvitation().Query().
			Where(platforminvitation.ExpiresAtLT(s.now().Add(-keepFinished))).Limit(batch).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.dropInvitations(ctx, ids); err != nil {
			return err
		}
		if len(ids) < batch {
			return nil
		}
	}
}

func (s *Service) dropInvitations(ctx context.Context, ids []string) error {
	return s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		for _, id := range ids {
			if err := tx.Unindex(ctx, "PlatformInvitation", id); err != nil {
				return err
			}
		}
		_, err := tx.PlatformInvitation().Delete().Where(platforminvitation.IDIn(ids...)).Exec(ctx)
		return err
	})
}
