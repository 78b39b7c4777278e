package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins/list"
)

// ScopeEvents is the console's scope for what happened.
const ScopeEvents = "event:read"

// listActivity names the list in cursors.
const listActivity = "activity"

// ActivityPage is one page of what happened, the newest first.
type ActivityPage struct {
	Events []*ent.Event
	Next   string // Cursor of the page that follows; empty at the end
}

// Activity lists what happened to a person, what they did, or both. It needs event:read
// and user:get.
func (s *Service) Activity(ctx context.Context, id string, side auth.Side, after string, limit int) (ActivityPage, error) {
	p, err := s.actor(ctx, ScopeGet, ErrMayNotGet)
	if err != nil {
		return ActivityPage{}, err
	}
	if !p.Can(ScopeEvents) {
		refused := *auth.ErrForbidden
		refused.Scope = ScopeEvents
		return ActivityPage{}, &refused
	}
	at, err := list.Open(s.host.Keys, listActivity, list.Query{Sort: byNewest, Cursor: after})
	if err != nil {
		return ActivityPage{}, err
	}
	from := auth.Cursor{ID: at.ID}
	if at.ID != "" {
		if from.At, err = at.Time(); err != nil {
			return ActivityPage{}, list.ErrBadCursor
		}
	}
	if limit <= 0 {
		limit = defaultPage
	}
	rows, next, err := s.host.Events.Activity(ctx, auth.ActivityQuery{User: id, Side: side, From: from, Limit: min(limit, maxPage)})
	page := ActivityPage{Events: rows}
	if next.ID != "" {
		page.Next = list.After(listActivity, byNewest, next.At, next.ID).Seal(s.host.Keys)
	}
	return page, err
}
