package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/happened"
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
		return ActivityPage{}, auth.ErrForbidden.For(ScopeEvents)
	}
	asked := auth.ActivityQuery{User: id, Side: auth.Side(q.One("side")), Match: happened.Match(q, s.now())}
	return s.activityLog().Page(q, func(at list.Span) ([]*ent.Event, error) {
		part := asked
		part.Match = append(asked.Match[:len(asked.Match):len(asked.Match)], predicate.Event(at.Where))
		part.Ascending, part.Limit = at.Ascending, at.Limit
		rows, _, err := s.host.Events.Activity(ctx, part)
		return rows, err
	}, func(limit int) (int, error) { return s.host.Events.CountActivity(ctx, asked, limit) })
}
