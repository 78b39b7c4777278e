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
}

// Activity lists what a person did, what was done to them, or both, and says where it
// goes on: the zero place when it does not. Who may see it is the caller's affair.
func (e *Events) Activity(ctx context.Context, q ActivityQuery) ([]*ent.Event, Cursor, error) {
	// One question for each index, as one with an "or" would read the whole log.
	var rows []*ent.Event
	for _, where := range q.sides() {
		part, err := e.some(ctx, q.From, q.Limit+1, q.Without, where...)
		if err != nil {
			return nil, Cursor{}, err
		}
		rows = append(rows, part...)
	}
	slices.SortFunc(rows, func(a, b *ent.Event) int {
		return cmp.Or(b.OccurredAt.Compare(a.OccurredAt), strings.Compare(b.ID, a.ID))
	})
	rows = slices.CompactFunc(rows, func(a, b *ent.Event) bool { return a.ID == b.ID })
	if len(rows) <= q.Limit {
		return rows, Cursor{}, nil
	}
	last := rows[q.Limit-1]
	return rows[:q.Limit], Cursor{last.OccurredAt, last.ID}, nil
}

func (q ActivityQuery) sides() [][]predicate.Event {
	by := []predicate.Event{event.ActorID(q.User)}
	to := []predicate.Event{event.SubjectID(q.User), event.SubjectType("user")}
	switch q.Side {
	case DoneTo:
		return [][]predicate.Event{to}
	case DoneBy:
		return [][]predicate.Event{by}
	}
	return [][]predicate.Event{by, to}
}

func (e *Events) some(ctx context.Context, from Cursor, limit int, without []string, where ...predicate.Event) ([]*ent.Event, error) {
	if from.ID != "" {
		where = append(where, event.Or(event.OccurredAtLT(from.At), event.And(event.OccurredAt(from.At), event.IDLT(from.ID))))
	}
	if len(without) > 0 {
		where = append(where, event.KindNotIn(without...))
	}
	rows, err := e.db.Access(ctx).Event().Query().Where(where...).
		Order(ent.Desc(event.FieldOccurredAt), ent.Desc(event.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return rows, nil
}
