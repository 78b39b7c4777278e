package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/random"
	"gatehouse/auth/ratelimit"
	"gatehouse/ent"
	rl "gatehouse/ent/ratelimit"
)

// limitTries bounds how often a counter is tried again after losing to another process.
const limitTries = 10

// LimitStore counts requests in the database, so that several processes share one
// limit. Decision and increment are one guarded statement (SEC-018).
type LimitStore struct{ DB *DB }

// Take implements ratelimit.Store. A counter that stays contended refuses.
func (l *LimitStore) Take(ctx context.Context, key string, rule ratelimit.Rule, now time.Time) (bool, time.Duration, error) {
	for range limitTries {
		row, err := l.DB.Access(ctx).RateLimit().Query().Where(rl.Key(key)).First(ctx)
		if ent.IsNotFound(err) {
			made, err := l.create(ctx, key, now)
			if err != nil || made {
				return made, 0, err
			}
			continue
		}
		if err != nil {
			return false, 0, fmt.Errorf("reading a counter: %w", err)
		}
		next, allowed, wait := ratelimit.Advance(ratelimit.State{Count: row.Count, Last: time.UnixMilli(row.LastRequest)}, rule, now)
		if !allowed {
			return false, wait, nil
		}
		done, err := l.advance(ctx, row, next)
		if err != nil || done {
			return done, 0, err
		}
	}
	return false, rule.Window, nil
}

func (l *LimitStore) create(ctx context.Context, key string, now time.Time) (bool, error) {
	err := l.DB.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.RateLimit().Create().SetID(random.ID()).SetKey(key).SetCount(1).SetLastRequest(now.UnixMilli()).Exec(ctx)
	})
	if ent.IsConstraintError(err) {
		return false, nil
	}
	return err == nil, err
}

func (l *LimitStore) advance(ctx context.Context, row *ent.RateLimit, next ratelimit.State) (bool, error) {
	n := 0
	err := l.DB.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		n, err = tx.RateLimit().Update().
			Where(rl.ID(row.ID), rl.Count(row.Count), rl.LastRequest(row.LastRequest)).
			SetCount(next.Count).SetLastRequest(next.Last.UnixMilli()).Save(ctx)
		return err
	})
	return n == 1, err
}

// Counters implements ratelimit.Store.
func (l *LimitStore) Counters(ctx context.Context, least int, after time.Time, limit int) ([]ratelimit.Counter, error) {
	rows, err := l.DB.Access(ctx).RateLimit().Query().Where(rl.LastRequestGT(after.UnixMilli()), rl.CountGTE(least)).
		Order(ent.Desc(rl.FieldCount), ent.Asc(rl.FieldKey)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing counters: %w", err)
	}
	list := make([]ratelimit.Counter, len(rows))
	for i, row := range rows {
		list[i] = ratelimit.Counter{Key: row.Key, State: ratelimit.State{Count: row.Count, Last: time.UnixMilli(row.LastRequest)}}
	}
	return list, nil
}

// Forget implements ratelimit.Store.
func (l *LimitStore) Forget(ctx context.Context, key string) (bool, error) {
	n := 0
	err := l.DB.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		n, err = tx.RateLimit().Delete().Where(rl.Key(key)).Exec(ctx)
		return err
	})
	return n > 0, err
}

// Sweep removes counters that were not used for a day.
func (l *LimitStore) Sweep(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := l.DB.Access(ctx).RateLimit().Query().Where(rl.LastRequestLT(before.UnixMilli())).Limit(limit).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = l.DB.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err = tx.RateLimit().Delete().Where(rl.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}
