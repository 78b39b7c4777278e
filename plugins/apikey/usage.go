package apikey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/keyusage"
	"gatehouse/ent/predicate"
)

// usage collects what verifications leave behind and need not wait for: counts by day, the
// last use of keys without limits, and keys to remove. It is written every few seconds and
// when the server ends; a server that is killed loses that little.
type usage struct {
	mu     sync.Mutex
	counts map[countKey]*count
	last   map[string]time.Time // of keys whose use is not written at once, by id
	dead   []burial
	full   chan struct{} // wakes the writer early
}

type countKey struct{ id, day string }

type count struct {
	allowed, refused int64
	address          string // of the last use that was allowed
	at               time.Time
}

// burial is a key that is over, to be removed if it still is.
type burial struct {
	row   *ent.APIKey
	conf  *configuration
	still predicate.APIKey
}

// Bounds of what is kept in memory, and of one transaction that writes it.
const (
	maxCounts  = 20_000
	writeBatch = 200
	usageEvery = 5 * time.Second
	dayForm    = "2006-01-02"
)

func newUsage() *usage {
	return &usage{counts: map[countKey]*count{}, last: map[string]time.Time{}, full: make(chan struct{}, 1)}
}

// count adds a verification. What does not fit is not counted.
func (u *usage) count(row *ent.APIKey, c *configuration, allowed bool, address string, now time.Time) {
	if c.inStorage() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	key := countKey{row.ID, now.UTC().Format(dayForm)}
	n := u.counts[key]
	if n == nil {
		if len(u.counts) >= maxCounts/2 {
			u.wake()
		}
		if len(u.counts) >= maxCounts {
			return
		}
		n = &count{}
		u.counts[key] = n
	}
	if !allowed {
		n.refused++
		return
	}
	n.allowed++
	n.at = now
	if address != "" {
		n.address = address
	}
}

// touch keeps when a key was used last.
func (u *usage) touch(row *ent.APIKey, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.last[row.ID]; !known && len(u.last) >= maxCounts {
		u.wake()
		return
	}
	u.last[row.ID] = now
}

// bury has a key removed with the next write.
func (u *usage) bury(b burial) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.dead) < maxCounts {
		u.dead = append(u.dead, b)
	}
}

func (u *usage) wake() {
	select {
	case u.full <- struct{}{}:
	default:
	}
}

// current shows a key with a last use that is not written yet.
func (u *usage) current(row *ent.APIKey) *ent.APIKey {
	u.mu.Lock()
	at, ok := u.last[row.ID]
	u.mu.Unlock()
	if !ok {
		return row
	}
	seen := *row
	seen.LastRequest, seen.LastUsedAt = latest(row.LastRequest, at), latest(row.LastUsedAt, at)
	return &seen
}

func latest(known *time.Time, at time.Time) *time.Time {
	if known != nil && !known.Before(at) {
		return known
	}
	return &at
}

// pending is what is not written yet of a key, by day.
func (u *usage) pending(id string) map[string]count {
	u.mu.Lock()
	defer u.mu.Unlock()
	found := map[string]count{}
	for key, n := range u.counts {
		if key.id == id {
			found[key.day] = *n
		}
	}
	return found
}

// on sums up what is not written yet of one day.
func (u *usage) on(day string) (sum count) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for key, n := range u.counts {
		if key.day == day {
			sum.allowed, sum.refused = sum.allowed+n.allowed, sum.refused+n.refused
		}
	}
	return sum
}

// take empties the collection.
func (u *usage) take() (map[countKey]*count, map[string]time.Time, []burial) {
	u.mu.Lock()
	defer u.mu.Unlock()
	counts, last, dead := u.counts, u.last, u.dead
	u.counts, u.last, u.dead = map[countKey]*count{}, map[string]time.Time{}, nil
	return counts, last, dead
}

// back returns what could not be written, to try again.
func (u *usage) back(counts map[countKey]*count, last map[string]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for key, n := range counts {
		if now := u.counts[key]; now != nil {
			now.allowed, now.refused = now.allowed+n.allowed, now.refused+n.refused
		} else if len(u.counts) < maxCounts {
			u.counts[key] = n
		}
	}
	for id, at := range last {
		if _, newer := u.last[id]; !newer && len(u.last) < maxCounts {
			u.last[id] = at
		}
	}
}

// keepUsage writes the collection until the server ends, and once more then.
func (s *Service) keepUsage(ctx context.Context) error {
	tick := time.NewTicker(usageEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), useTimeout)
			defer cancel()
			return s.FlushUsage(ending)
		case <-s.usage.full:
		case <-tick.C:
		}
		s.logged(ctx, "usage of keys not written", s.FlushUsage(ctx))
	}
}

// FlushUsage writes what verifications left behind. The server does so every few seconds.
func (s *Service) FlushUsage(ctx context.Context) error {
	counts, last, dead := s.usage.take()
	ids := map[string]bool{}
	for key := range counts {
		ids[key.id] = true
	}
	for id := range last {
		ids[id] = true
	}
	for _, b := range dead {
		_, err := s.remove(ctx, b.conf, b.row, b.still)
		s.logged(ctx, "a key that is over was not removed", err)
	}
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(ids)), writeBatch) {
		in := func(id string) bool { _, found := slices.BinarySearch(batch, id); return found }
		some, touched := map[countKey]*count{}, map[string]time.Time{}
		for key, n := range counts {
			if in(key.id) {
				some[key] = n
			}
		}
		for id, at := range last {
			if in(id) {
				touched[id] = at
			}
		}
		if err := s.writeUsage(ctx, batch, some, touched); err != nil {
			s.usage.back(counts, last)
			return err
		}
		maps.DeleteFunc(counts, func(key countKey, _ *count) bool { return in(key.id) })
		maps.DeleteFunc(last, func(id string, _ time.Time) bool { return in(id) })
	}
	return nil
}

// usageTries is how often a batch is tried when two servers begin the same count.
const usageTries = 3

func (s *Service) writeUsage(ctx context.Context, ids []string, counts map[countKey]*count, last map[string]time.Time) (err error) {
	for range usageTries {
		err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			rows, err := tx.Platform().APIKey().Query().Where(apikey.IDIn(ids...)).All(ctx)
			if err != nil {
				return fmt.Errorf("reading used keys: %w", err)
			}
			for _, row := range rows {
				if err := s.writeLast(ctx, tx, row, counts, last); err != nil {
					return err
				}
				for key, n := range counts {
					if key.id == row.ID {
						if err := addUsage(ctx, tx, row, key.day, n); err != nil {
							return err
						}
					}
				}
			}
			return nil
		})
		if !ent.IsConstraintError(err) {
			return err
		}
	}
	return err
}

// writeLast stores when a key was used last, and from where.
func (s *Service) writeLast(ctx context.Context, tx *auth.Tx, row *ent.APIKey, counts map[countKey]*count, last map[string]time.Time) error {
	var newest count
	for key, n := range counts {
		if key.id == row.ID && n.address != "" && n.at.After(newest.at) {
			newest = *n
		}
	}
	if newest.address != "" && newest.address != row.LastAddress {
		err := tx.Platform().APIKey().Update().Where(apikey.ID(row.ID)).SetLastAddress(newest.address).SetUpdatedAt(row.UpdatedAt).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping from where a key was used: %w", err)
		}
	}
	at, touched := last[row.ID]
	if !touched {
		return nil
	}
	err := tx.Platform().APIKey().Update().Where(apikey.ID(row.ID), apikey.Or(apikey.LastRequestIsNil(), apikey.LastRequestLT(at))).
		SetLastRequest(at).SetLastUsedAt(*latest(row.LastUsedAt, at)).SetUpdatedAt(row.UpdatedAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping when a key was used: %w", err)
	}
	return nil
}

func addUsage(ctx context.Context, tx *auth.Tx, row *ent.APIKey, day string, n *count) error {
	known, err := tx.Platform().KeyUsage().Update().Where(keyusage.KeyID(row.ID), keyusage.Day(day)).AddAllowed(n.allowed).AddRefused(n.refused).Save(ctx)
	if err == nil && known == 0 {
		err = tx.Platform().KeyUsage().Create().SetID(random.ID()).SetKeyID(row.ID).SetNillableOrganizationID(row.OrganizationID).SetDay(day).
			SetAllowed(n.allowed).SetRefused(n.refused).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("counting uses of a key: %w", err)
	}
	return nil
}
