package auth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
)

// Cursor is where a list of events goes on: after an event, towards older ones. The zero
// value is its start.
type Cursor struct {
	At time.Time
	ID string
}

// String is the place in an address.
func (p Cursor) String() string {
	if p.ID == "" {
		return ""
	}
	return strconv.FormatInt(p.At.UnixMilli(), 36) + "." + p.ID
}

// ParseCursor reads a place from an address; anything else is the start.
func ParseCursor(text string) Cursor {
	at, id, ok := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || id == "" || len(id) > 64 || ms < 0 || ms > 1<<53 {
		return Cursor{}
	}
	return Cursor{time.UnixMilli(ms).UTC(), id}
}

// Side is which part of what happened is asked for.
type Side string

// Sides of an activity.
const (
	BothSides Side = ""
	DoneTo    Side = "subject" // what was done to the person
	DoneBy    Side = "actor"   // what the person did
)

// ActivityQuery asks what happened around a person, the newest first.
type ActivityQuery struct {
	User    string
	Side    Side
	From    Cursor // where the page before ended; zero is the start
	Limit   int
	Without []string // kinds left out, as steps of others that are there
	Match   []predicate.Event
	// Ascending begins with the oldest.
	Ascending bool
}

// Activity lists what a person did, what was done to them, or both, and says where it
// goes on: the zero place when it does not. Who may see it is the caller's affair.
func (e *Events) Activity(ctx context.Context, q ActivityQuery) ([]*ent.Event, Cursor, error) {
	var rows []*ent.Event
	for _, side := range q.sides() {
		part, err := e.some(ctx, q, side)
		if err != nil {
			return nil, Cursor{}, err
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b *ent.Event) int {
		if q.Ascending {
			a, b = b, a
		}
		return cmp.Or(b.OccurredAt.Compare(a.OccurredAt), strings.Compare(b.ID, a.ID))
	})
	if len(rows) <= q.Limit {
		return rows, Cursor{}, nil
	}
	last := rows[q.Limit-1]
	return rows[:q.Limit], Cursor{last.OccurredAt, last.ID}, nil
}

// CountActivity counts what an activity holds, up to most for each side.
func (e *Events) CountActivity(ctx context.Context, q ActivityQuery, most int) (int, error) {
	n := 0
	for _, side := range q.sides() {
		ids, err := e.matching(ctx, q, side).Limit(most).IDs(ctx)
		if err != nil {
			return 0, fmt.Errorf("counting events: %w", err)
		}
		n += len(ids)
	}
	return n, nil
}

// sides are the parts of the question that have an index of their own; one with an "or"
// would read the whole log. No event is in two of them.
func (q ActivityQuery) sides() [][]predicate.Event {
	by := []predicate.Event{event.ActorID(q.User)}
	to := []predicate.Event{event.SubjectID(q.User), event.SubjectType("user")}
	switch q.Side {
	case DoneTo:
		return [][]predicate.Event{to}
	case DoneBy:
		return [][]predicate.Event{by}
	}
	return [][]predicate.Event{by, append(to, event.ActorIDNEQ(q.User))}
}

func (e *Events) matching(ctx context.Context, q ActivityQuery, side []predicate.Event) *ent.EventQuery {
	query := e.db.Access(ctx).Event().Query().Where(side...).Where(q.Match...)
	if len(q.Without) > 0 {
		query = query.Where(event.KindNotIn(q.Without...))
	}
	return query
}

func (e *Events) some(ctx context.Context, q ActivityQuery, side []predicate.Event) ([]*ent.Event, error) {
	query := e.matching(ctx, q, side)
	if q.From.ID != "" {
		query = query.Where(event.Or(event.OccurredAtLT(q.From.At), event.And(event.OccurredAt(q.From.At), event.IDLT(q.From.ID))))
	}
	order := ent.Desc
	if q.Ascending {
		order = ent.Asc
	}
	rows, err := query.Order(order(event.FieldOccurredAt), order(event.FieldID)).Limit(q.Limit + 1).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return rows, nil
}
