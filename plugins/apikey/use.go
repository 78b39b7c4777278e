package apikey

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
)

// limited reports whether a use of a key has to be written before it counts. The last use
// of other keys is kept in memory for some seconds (usage).
func limited(c *configuration, row *ent.APIKey) bool { return row.Remaining != nil || counted(c, row) }

// counted reports whether the rate of a key is limited (better-auth api-key 6.4).
func counted(c *configuration, row *ent.APIKey) bool {
	return c.RateLimit.Enabled && row.RateLimitEnabled && row.RateLimitTimeWindow != nil && row.RateLimitMax != nil
}

// use spends one use of a key and returns the row as it is afterwards. asked says that the
// key's permissions were looked at: they must not have changed meanwhile.
func (s *Service) use(ctx context.Context, c *configuration, row *ent.APIKey, asked bool) (*ent.APIKey, error) {
	u := &use{conf: c, row: row, at: s.now(), turn: make(chan bool, 1)}
	if text := auth.ValueOf(row.Permissions); asked {
		u.permissions = &text
	}
	if c.inStorage() {
		return s.useStored(ctx, u)
	}
	if !limited(c, row) {
		after := *row
		if now := s.now(); !c.RateLimit.Enabled || !row.RateLimitEnabled {
			after.LastRequest, after.LastUsedAt, after.UpdatedAt = &now, &now, now
			s.usage.touch(row, now)
		}
		return &after, nil
	}
	if row.RotatedTo == nil {
		after, err := s.uses.join(ctx, s, u)
		if !errors.Is(err, errReplaced) {
			return after, err
		}
	}
	return s.useReplaced(ctx, u)
}

// allows reports, by its error, whether the key as it is now may be used so: what counts of
// it beside its limits.
func (u *use) allows(row *ent.APIKey) error {
	if err := standing(row, u.at); err != nil {
		return err
	}
	if u.permissions != nil && *u.permissions != auth.ValueOf(row.Permissions) {
		return ErrNotPermitted
	}
	return nil
}

// spend is one use of a key as it stands: the rate limit first, so that a use that it
// refuses costs nothing (D-6). The row is changed only when it returns no error.
func spend(c *configuration, row *ent.APIKey, now time.Time) error {
	count, last := row.RequestCount, row.LastRequest
	if counted(c, row) {
		window := time.Duration(*row.RateLimitTimeWindow) * time.Millisecond
		switch elapsed := now.Sub(auth.ValueOf(last)); {
		case last == nil, elapsed > window:
			count = 1
		case count >= *row.RateLimitMax:
			return rateLimited(window - elapsed)
		default:
			count++
		}
		last = &now
	} else if !c.RateLimit.Enabled || !row.RateLimitEnabled {
		last = &now
	}
	if err := spendRemaining(row, now); err != nil {
		return err
	}
	row.RequestCount, row.LastRequest, row.LastUsedAt, row.UpdatedAt = count, last, &now, now
	return nil
}

// spendRemaining takes one of the uses that are left; a refill that is due replaces them
// (better-auth api-key 6.3).
func spendRemaining(row *ent.APIKey, now time.Time) error {
	if row.Remaining == nil {
		return nil
	}
	left := *row.Remaining
	if row.RefillInterval != nil && row.RefillAmount != nil && *row.RefillInterval > 0 && *row.RefillAmount > 0 {
		since := row.CreatedAt
		if row.LastRefillAt != nil {
			since = *row.LastRefillAt
		}
		if now.Sub(since) > time.Duration(*row.RefillInterval)*time.Millisecond {
			left, row.LastRefillAt = *row.RefillAmount, &now
		}
	}
	if left <= 0 {
		return ErrUsageExceeded
	}
	left--
	row.Remaining = &left
	return nil
}

// rateLimited is the refusal of a use that comes too soon.
func rateLimited(wait time.Duration) error {
	milliseconds := (wait + time.Millisecond - 1) / time.Millisecond
	e := *ErrRateLimited
	e.RetryAfter = wait
	e.Details = struct {
		TryAgainIn int64 `json:"tryAgainIn"`
	}{int64(milliseconds)}
	return &e
}

// use is one use of a key that is under way.
type use struct {
	conf        *configuration
	row         *ent.APIKey // as it was read
	after       *ent.APIKey // as the use left it
	permissions *string     // by which the use was found to be allowed; nil when none were asked for
	at          time.Time
	err         error
	turn        chan bool // true: it is to do the work of all that wait; closed: it is done
}

// uses joins uses that come at the same time: those of one key become one statement, and
// on SQLite, where each transaction waits for the disk, those of all keys whose uses are
// numbered one transaction. Every use is answered after it is written. A use that is taken
// from a number is durable then; one that only a rate limits outlives the end of the server,
// but not a loss of power at that moment.
type uses struct {
	mu    sync.Mutex
	lines map[string]*line
}

// lightLine is where the uses wait on SQLite that only a rate limits, and gather how far
// apart their batches begin at least: each makes every connection that reads read its pages
// anew, so under load a use waits this long, and alone it does not.
const (
	lightLine = "light"
	gather    = time.Millisecond
)

type line struct {
	busy    bool
	waiting []*use
	began   time.Time // when the last batch did; of the one that does the work
}

// most is how many uses one transaction takes.
const most = 512

// join hands a use in and waits until it is done.
func (q *uses) join(ctx context.Context, s *Service, u *use) (*ent.APIKey, error) {
	name := u.row.ID
	if s.host.DB.Dialect() == dialect.SQLite {
		name = map[bool]string{true: lightLine, false: "lasting"}[u.light()]
	}
	q.mu.Lock()
	if q.lines == nil {
		q.lines = map[string]*line{}
	}
	l := q.lines[name]
	if l == nil {
		l = &line{}
		q.lines[name] = l
	}
	l.waiting = append(l.waiting, u)
	lead := !l.busy
	l.busy = true
	q.mu.Unlock()
	if !lead {
		lead = <-u.turn
	}
	if lead {
		q.work(ctx, s, name, l)
	}
	return u.after, u.err
}

// work does what waits in a line, its own use among it, and hands the rest to the next.
func (q *uses) work(ctx context.Context, s *Service, name string, l *line) {
	if name == lightLine {
		time.Sleep(time.Until(l.began.Add(gather)))
	}
	runtime.Gosched() // who is about to join does: a statement costs as much as some requests
	l.began = time.Now()
	q.mu.Lock()
	batch := l.waiting[:min(len(l.waiting), most)]
	l.waiting = l.waiting[len(batch):]
	q.mu.Unlock()
	defer func() { // also when it panics: others wait
		for _, u := range batch {
			close(u.turn)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if len(l.waiting) > 0 {
			l.waiting[0].turn <- true
			return
		}
		l.busy = false
		if name != lightLine { // the others are as many as keys
			delete(q.lines, name)
		}
	}()
	for _, u := range batch {
		u.err = errUnfinished
	}
	// Others wait for the outcome, so it is not given up with one request.
	if err := s.spendAll(context.WithoutCancel(ctx), batch); err != nil {
		for _, u := range batch {
			u.err = err
		}
	}
}

// errUnfinished is left on a use whose work broke off.
var errUnfinished = errors.New("the use of a key was not finished")

// light reports whether only a rate limits the key.
func (u *use) light() bool { return u.row.Remaining == nil }

// spendAll carries a batch of uses out: all in one transaction where several numbers are
// counted down, else each key by a statement of its own.
func (s *Service) spendAll(ctx context.Context, batch []*use) error {
	ctx, cancel := context.WithTimeout(ctx, useTimeout)
	defer cancel()
	var order []string
	byKey := map[string][]*use{}
	for _, u := range batch {
		if byKey[u.row.ID] == nil {
			order = append(order, u.row.ID)
		}
		byKey[u.row.ID] = append(byKey[u.row.ID], u)
	}
	light := batch[0].light()
	if light || len(order) == 1 {
		for _, id := range order {
			if err := s.spendAlone(ctx, light, byKey[id]); err != nil {
				_ = refuseAll(byKey[id], err)
			}
		}
		return nil
	}
	return trying(func() error {
		return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
			for _, id := range order {
				after, err := s.spendKey(ctx, tx.Platform(), byKey[id])
				if err != nil {
					return err
				}
				if after != nil {
					s.cacheAfter(tx, byKey[id][0].conf, after)
				}
			}
			return nil
		})
	})
}

// spendAlone carries the uses of one key out, without a transaction.
func (s *Service) spendAlone(ctx context.Context, light bool, all []*use) error {
	var after *ent.APIKey
	err := trying(func() error {
		return s.host.DB.Count(ctx, light, func(ctx context.Context, access ent.Access) (err error) {
			after, err = s.spendKey(ctx, access.Platform(), all)
			return err
		})
	})
	if err == nil && after != nil && all[0].conf.cached() {
		s.logged(ctx, "key not cached", s.cache(ctx, all[0].conf, after))
	}
	return err
}

// trying does something again while other servers use the same key.
func trying(do func() error) error {
	for range useTries {
		if err := do(); !errors.Is(err, errMet) {
			return err
		}
	}
	return auth.ErrBusy
}

const (
	useTimeout = 10 * time.Second
	useTries   = 20
)

// errMet says that another server used the key at the same moment.
var errMet = errors.New("the key was used elsewhere meanwhile")

// spendKey carries the uses of one key out: one conditional statement writes what is left
// after all of them, if the key still is what they were judged by (SEC-140, SEC-141). It
// returns the key as it is written; nil when no use was allowed.
func (s *Service) spendKey(ctx context.Context, p ent.PlatformAccess, all []*use) (*ent.APIKey, error) {
	base := newest(all)
	for range 2 {
		after, changed := spendEach(base, all)
		if !changed {
			return nil, nil
		}
		written, err := p.UseAPIKey(ctx, base, after)
		if err != nil {
			if database.IsRetryable(err) {
				err = errMet
			}
			return nil, fmt.Errorf("using a key: %w", err)
		}
		if written {
			return after, nil
		}
		base, err = keyIn(ctx, p, base.ID)
		if err != nil {
			return nil, err
		}
		if base == nil {
			return nil, refuseAll(all, ErrInvalidKey)
		}
		if base.RotatedTo != nil {
			return nil, refuseAll(all, errReplaced)
		}
	}
	return nil, errMet
}

func refuseAll(all []*use, why error) error {
	for _, u := range all {
		u.err = why
	}
	return nil
}

// newest is the row that was read last.
func newest(all []*use) *ent.APIKey {
	row := all[0].row
	for _, u := range all[1:] {
		if u.row.UpdatedAt.After(row.UpdatedAt) {
			row = u.row
		}
	}
	return row
}

// spendEach does the uses one after the other on a copy of a row. changed is false when
// none of them was allowed.
func spendEach(base *ent.APIKey, all []*use) (after *ent.APIKey, changed bool) {
	state := *base
	for _, u := range all {
		next := state
		err := u.allows(&next)
		if err == nil {
			err = spend(u.conf, &next, later(u.at, state.LastRequest))
		}
		if u.err = err; err != nil {
			continue
		}
		state, changed = next, true
		u.after = &next
	}
	return &state, changed
}

// later keeps the time of a key from running backwards, when requests overtake each other.
func later(at time.Time, last *time.Time) time.Time {
	if last != nil && at.Before(*last) {
		return *last
	}
	return at
}

// useStored uses a key that lies in a storage alone: read, compute, read again, write the
// counters over the fresh copy. Two servers may count one use; one process does not.
func (s *Service) useStored(ctx context.Context, u *use) (*ent.APIKey, error) {
	defer s.locks.hold(lockOf(u.row.ID))()
	fresh, err := s.recalled(ctx, u.conf, byID(u.row.ID))
	if err != nil {
		return nil, err
	}
	if fresh == nil {
		return nil, ErrFailedToUpdate
	}
	after, changed := spendEach(fresh, []*use{u})
	if !changed {
		return nil, u.err
	}
	return after, s.remember(ctx, u.conf, after)
}
