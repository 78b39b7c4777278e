package apikey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/apikey"
	"gatehouse/ent/keyusage"
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
		_, err := s.removeExpired(ctx)
		s.logged(ctx, "keys that are over were not removed", err)
	}
}

// DeleteExpired removes all keys that are over.
func (s *Service) DeleteExpired(ctx context.Context) error {
	for {
		n, err := s.removeExpired(ctx)
		if err != nil || n < sweepBatch {
			return err
		}
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

// removeExpired removes some of the keys that are over, and says how many it found.
// Entries of storages end by themselves.
func (s *Service) removeExpired(ctx context.Context) (int, error) {
	now := s.now()
	rows, err := s.keys(ctx).Query().Where(apikey.ExpiresAtLT(now)).Limit(sweepBatch).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("looking for keys that are over: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		for _, row := range rows {
			if _, err := s.removeIn(ctx, tx, row, apikey.ExpiresAtLT(now)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(rows), err
}
