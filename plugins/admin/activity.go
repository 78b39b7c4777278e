package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// ScopeEvents is the console's scope for what happened.
const ScopeEvents = "event:read"

// listActivity names the list in cursors.
const listActivity = "activity"

// Side is which part of what happened is asked for.
type Side string

// Sides of an activity.
const (
	BothSides Side = ""
	DoneTo    Side = "subject" // what was done to the person
	DoneBy    Side = "actor"   // what the person did
)

// ActivityPage is one page of what happened, the newest first.
type ActivityPage struct {
	Events []*ent.Event
	Next   string // Cursor of the page that follows; empty at the end
}

// Activity lists what happened to a person, what they did, or both. It needs event:read
// and user:get.
func (s *Service) Activity(ctx context.Context, id string, side Side, after string, limit int) (ActivityPage, error) {
	p, err := s.actor(ctx, ScopeGet, ErrMayNotGet)
	if err != nil {
		return ActivityPage{}, err
	}
	if !p.Can(ScopeEvents) {
		refused := *auth.ErrForbidden
		refused.Scope = ScopeEvents
		return ActivityPage{}, &refused
	}
	edge, err := s.activityEdge(after)
	if err != nil {
		return ActivityPage{}, err
	}
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	// Two questions, each with an index of its own, in place of one with an "or", which
	// would read the whole log.
	var rows []*ent.Event
	for _, where := range sides(id, side) {
		part, err := s.host.DB.Access(ctx).Event().Query().Where(append(where, edge...)...).
			Order(ent.Desc(event.FieldOccurredAt), ent.Desc(event.FieldID)).Limit(limit + 1).All(ctx)
		if err != nil {
			return ActivityPage{}, fmt.Errorf("listing events: %w", err)
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, newestFirst)
	rows = slices.CompactFunc(rows, func(a, b *ent.Event) bool { return a.ID == b.ID })
	page := ActivityPage{Events: rows[:min(len(rows), limit)]}
	if len(rows) > limit {
		last := rows[limit-1]
		page.Next = list.After(listActivity, byNewest, last.OccurredAt, last.ID).Seal(s.host.Keys)
	}
	return page, nil
}

func sides(id string, side Side) [][]predicate.Event {
	to := []predicate.Event{event.SubjectID(id), event.SubjectType("user")}
	by := []predicate.Event{event.ActorID(id)}
	switch side {
	case DoneTo:
		return [][]predicate.Event{to}
	case DoneBy:
		return [][]predicate.Event{by}
	}
	return [][]predicate.Event{to, by}
}

func newestFirst(a, b *ent.Event) int {
	if c := b.OccurredAt.Compare(a.OccurredAt); c != 0 {
		return c
	}
	return strings.Compare(b.ID, a.ID)
}

func (s *Service) activityEdge(after string) ([]predicate.Event, error) {
	at, err := list.Open(s.host.Keys, listActivity, list.Query{Sort: byNewest, Cursor: after})
	if err != nil || at.ID == "" {
		return nil, err
	}
	when, err := at.Time()
	if err != nil {
		return nil, list.ErrBadCursor
	}
	return []predicate.Event{event.Or(event.OccurredAtLT(when), event.And(event.OccurredAt(when), event.IDLT(at.ID)))}, nil
}
