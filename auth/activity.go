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

// Activity lists what a person did and what was done to them, newest first, and says
// where it goes on; the zero place when it does not. Kinds that are left out are steps of
// others that are there.
func (e *Events) Activity(ctx context.Context, user string, from Cursor, limit int, without ...string) ([]Event, Cursor, error) {
	// One list for each index, as no index serves both; then the two are one.
	did, err := e.some(ctx, from, limit+1, without, event.ActorID(user))
	if err != nil {
		return nil, Cursor{}, err
	}
	suffered, err := e.some(ctx, from, limit+1, without, event.SubjectID(user), event.SubjectType("user"))
	if err != nil {
		return nil, Cursor{}, err
	}
	rows := append(did, suffered...)
	slices.SortFunc(rows, func(a, b *ent.Event) int {
		return cmp.Or(b.OccurredAt.Compare(a.OccurredAt), strings.Compare(b.ID, a.ID))
	})
	rows = slices.CompactFunc(rows, func(a, b *ent.Event) bool { return a.ID == b.ID })
	next := Cursor{}
	if len(rows) > limit {
		rows = rows[:limit]
		next = Cursor{rows[limit-1].OccurredAt, rows[limit-1].ID}
	}
	list := make([]Event, len(rows))
	for i, row := range rows {
		list[i] = EventOf(row)
	}
	return list, next, nil
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
