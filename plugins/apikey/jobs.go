package apikey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/database"
	"gatehouse/ent/keyusage"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
)

// Bounds of the clean-up.
const (
	sweepEvery = 10 * time.Second
	sweepBatch = 500
	usageKept  = 400 * 24 * time.Hour
)

func (s *Service) jobs() []plugins.Job {
	return []plugins.Job{
		{Name: "usage", Words: "Write how much API keys are used", Period: usageEvery, Everywhere: true, Run: s.keepUsage},
		{Name: "expired-keys", Words: "Remove API keys that are over", Period: time.Hour, Run: s.clean},
		{Name: "warnings", Words: "Warn of API keys that end soon", Period: time.Hour, Run: s.warn},
	}
}

// sweep keeps the clean-up that requests cause from running too often in this process
// (better-auth api-key 10).
type sweep struct {
	mu   sync.Mutex
	last time.Time
}

func (w *sweep) due(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.last.IsZero() && now.Sub(w.last) < sweepEvery {
		return false
	}
	w.last = now
	return true
}

// sweepSoon removes keys that are over when nobody did lately. It never fails what it
// stands behind.
func (s *Service) sweepSoon(ctx context.Context) {
	if s.sweep.due(s.now()) {
		_, err := s.removeExpired(ctx, "")
		s.logged(ctx, "keys that are over were not removed", err)
	}
}

// DeleteExpired removes all keys that are over.
func (s *Service) DeleteExpired(ctx context.Context) error {
	for last := ""; ; {
		ids, err := s.removeExpired(ctx, last)
		if err != nil || len(ids) < sweepBatch {
			return err
		}
		last = ids[len(ids)-1]
	}
}

// clean is DeleteExpired with counts of days long past.
func (s *Service) clean(ctx context.Context) error {
	old := s.now().Add(-usageKept).UTC().Format(dayForm)
	err := s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		_, err := tx.Platform().KeyUsage().Delete().Where(keyusage.DayLT(old)).Exec(ctx)
		return err
	})
	return errors.Join(s.DeleteExpired(ctx), err)
}

// removeExpired removes some of the keys that are over, with an id above one, and returns
// the ids that it found. What of them cannot be read or removed stays, is reported, and keeps
// no other from going (SEC-230). Entries of storages end by themselves.
func (s *Service) removeExpired(ctx context.Context, above string) ([]string, error) {
	now := s.now()
	over := apikey.ExpiresAtLT(now)
	ids, err := s.keys(ctx).Query().Where(over, apikey.IDGT(above)).Order(ent.Asc(apikey.FieldID)).Limit(sweepBatch).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for keys that are over: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	err = s.removeOver(ctx, over, ids...)
	if err == nil || ctx.Err() != nil || database.IsUnavailable(err) {
		return ids, err
	}
	for _, id := range ids {
		if err := s.removeOver(ctx, over, id); err != nil {
			s.host.Log.WarnContext(ctx, "a key that is over was not removed", "key", id, "error", err)
		}
	}
	return ids, ctx.Err()
}

// removeOver removes those of some keys that still are over, all or none.
func (s *Service) removeOver(ctx context.Context, over predicate.APIKey, ids ...string) error {
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		rows, err := tx.Platform().APIKey().Query().Where(over, apikey.IDIn(ids...)).All(ctx)
		if err != nil {
			return fmt.Errorf("reading keys that are over: %w", err)
		}
		for _, row := range rows {
			if _, err := s.removeIn(ctx, tx, row, over); err != nil {
				return err
			}
		}
		return nil
	})
}
