package admin

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// ScopeEvents is the console's scope for what happened.
const ScopeEvents = "event:read"

// listActivity names the list in cursors and preferences.
const listActivity = "activity"

// ActivityPage is one page of what happened.
type ActivityPage = list.Page[*ent.Event]

// Activity lists what happened to a person and what they did, the newest first unless the
// query says otherwise. Filters: side ("actor" or "subject"), kind, result, since (a day,
// "7d" or "30d"). It needs event:read and user:get.
func (s *Service) Activity(ctx context.Context, id string, q list.Query) (ActivityPage, error) {
	p, err := s.actor(ctx, ScopeGet, ErrMayNotGet)
	if err != nil {
		return ActivityPage{}, err
	}
	if !p.Can(ScopeEvents) {
		refused := *auth.ErrForbidden
		refused.Scope = ScopeEvents
		return ActivityPage{}, &refused
	}
	asked := auth.ActivityQuery{User: id, Side: auth.Side(q.One("side"))}
	if kinds := q.Filters["kind"]; len(kinds) > 0 {
		asked.Match = append(asked.Match, event.KindIn(kinds...))
	}
	if results := q.Filters["result"]; len(results) > 0 {
		asked.Match = append(asked.Match, event.ResultIn(results...))
	}
	if back, ok := spans[q.One("since")]; ok {
		asked.Match = append(asked.Match, event.OccurredAtGT(s.now().Add(-back)))
	}
	return list.Keyset[*ent.Event]{
		List: listActivity, Sort: byNewest, Keys: s.host.Keys, ID: func(e *ent.Event) string { return e.ID },
		Orders: map[string]list.Order[*ent.Event]{
			byNewest: {Column: event.FieldOccurredAt, Value: func(e *ent.Event) any { return e.OccurredAt }},
		},
		Rows: func(at list.Span) ([]*ent.Event, error) {
			part := asked
			part.Match = append(asked.Match[:len(asked.Match):len(asked.Match)], predicate.Event(at.Where))
			part.Ascending, part.Limit = at.Ascending, at.Limit
			rows, _, err := s.host.Events.Activity(ctx, part)
			return rows, err
		},
		Count: func(limit int) (int, error) { return s.host.Events.CountActivity(ctx, asked, limit) },
	}.Page(q)
}

// spans are the values of the filter since.
var spans = map[string]time.Duration{"1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}
