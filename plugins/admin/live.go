package admin

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/platforminvitation"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
)

// SessionPage is one page of living sessions, the newest first, with their people.
type SessionPage struct {
	Sessions []*ent.Session // Edges.User is loaded
	Next     string
	Total    int
	More     bool
}

// sortSessions and sortInvitations mark the cursors of these lists.
const (
	sortSessions    = "sessions"
	sortInvitations = "invitations"
)

// LiveSessions lists the living sessions of everybody. It needs session:list.
func (s *Service) LiveSessions(ctx context.Context, after string, limit int) (SessionPage, error) {
	if _, err := s.actor(ctx, ScopeSessionList, ErrMayNotListSessions); err != nil {
		return SessionPage{}, err
	}
	edge, err := s.newestAfter(after, sortSessions)
	if err != nil {
		return SessionPage{}, err
	}
	limit = pageSize(limit)
	living := session.ExpiresAtGT(s.now())
	query := s.host.DB.Access(ctx).Session().Query().Where(living).WithUser()
	if edge != nil {
		query = query.Where(predicate.Session(edge))
	}
	rows, err := query.Order(ent.Desc(session.FieldCreatedAt), ent.Desc(session.FieldID)).Limit(limit + 1).All(ctx)
	if err != nil {
		return SessionPage{}, fmt.Errorf("listing sessions: %w", err)
	}
	page := SessionPage{Sessions: rows[:min(len(rows), limit)]}
	if len(rows) > limit {
		last := rows[limit-1]
		page.Next = s.edgeCursor(sortSessions, last.CreatedAt, last.ID)
	}
	ids, err := s.host.DB.Access(ctx).Session().Query().Where(living).Limit(countTo + 1).IDs(ctx)
	page.Total, page.More = min(len(ids), countTo), len(ids) > countTo
	return page, err
}

// InvitationPage is one page of invitations, the newest first.
type InvitationPage struct {
	Invitations []*ent.PlatformInvitation
	Next        string
}

// Invitations lists invitations; only, when set, those of a state. It needs user:invite.
func (s *Service) Invitations(ctx context.Context, only State, after string, limit int) (InvitationPage, error) {
	if _, err := s.actor(ctx, ScopeInvite, ErrMayNotInvite); err != nil {
		return InvitationPage{}, err
	}
	edge, err := s.newestAfter(after, sortInvitations)
	if err != nil {
		return InvitationPage{}, err
	}
	limit = pageSize(limit)
	query := s.host.DB.Access(ctx).PlatformInvitation().Query().Where(s.inState(only)...)
	if edge != nil {
		query = query.Where(predicate.PlatformInvitation(edge))
	}
	rows, err := query.Order(ent.Desc(platforminvitation.FieldCreatedAt), ent.Desc(platforminvitation.FieldID)).Limit(limit + 1).All(ctx)
	if err != nil {
		return InvitationPage{}, fmt.Errorf("listing invitations: %w", err)
	}
	page := InvitationPage{Invitations: rows[:min(len(rows), limit)]}
	if len(rows) > limit {
		last := rows[limit-1]
		page.Next = s.edgeCursor(sortInvitations, last.CreatedAt, last.ID)
	}
	return page, nil
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

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

func (s *Service) edgeCursor(sort string, created time.Time, id string) string {
	return cursor{Sort: sort, Value: created.UTC().Format(time.RFC3339Nano), ID: id}.seal(s.host.Keys)
}

// newestAfter is the predicate for rows older than a cursor's; nil on the first page.
func (s *Service) newestAfter(text, sort string) (func(*sql.Selector), error) {
	c, err := openCursor(s.host.Keys, text)
	if err != nil || text == "" {
		return nil, err
	}
	at, err := time.Parse(time.RFC3339Nano, c.Value)
	if err != nil || c.Sort != sort {
		return nil, ErrBadCursor
	}
	return beyond(session.FieldCreatedAt, at, c.ID, false), nil
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
