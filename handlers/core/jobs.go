package core

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/ent/attempt"
	"gatehouse/ent/session"
	"gatehouse/plugins"
)

// Bounds of the sweeps: rows a transaction removes, transactions a run makes, and the
// age at which counters are forgotten.
const (
	sweepBatch  = 500
	sweepRounds = 200
	counterAge  = 24 * time.Hour
)

// jobs remove what is over.
func (s *Service) jobs() []plugins.Job {
	const hour = time.Hour
	counters := &auth.LimitStore{DB: s.h.DB}
	return []plugins.Job{
		{Name: "sweep-sessions", Words: "Remove expired sessions", Period: hour, Run: rounds(s.sweepSessions)},
		{Name: "sweep-verifications", Words: "Remove expired links and codes", Period: hour,
			Run: rounds(func(ctx context.Context) (int, error) { return s.h.Verifications.Sweep(ctx, sweepBatch) })},
		{Name: "sweep-outbox", Words: "Remove delivered and expired messages", Period: hour,
			Run: rounds(func(ctx context.Context) (int, error) { return s.h.Messages.Sweep(ctx, sweepBatch) })},
		{Name: "sweep-rate-limits", Words: "Remove old rate-limit counters", Period: hour,
			Run: rounds(func(ctx context.Context) (int, error) {
				return counters.Sweep(ctx, s.h.Clock().Add(-counterAge), sweepBatch)
			})},
		{Name: "sweep-tasks", Words: "Remove acts on many that were over long ago", Period: hour,
			Run: rounds(func(ctx context.Context) (int, error) { return s.h.Tasks.Sweep(ctx, sweepBatch) })},
		{Name: "sweep-devices", Words: "Forget devices not seen for a year", Period: 24 * hour,
			Run: rounds(func(ctx context.Context) (int, error) { return s.h.Devices.Sweep(ctx, sweepBatch) })},
		{Name: "sweep-attempts", Words: "Forget old failed sign-ins", Period: hour, Run: rounds(s.sweepAttempts)},
	}
}

// rounds repeats a batch until one is not full.
func rounds(sweep func(context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		for range sweepRounds {
			n, err := sweep(ctx)
			if err != nil || n < sweepBatch {
				return err
			}
		}
		return nil
	}
}

func (s *Service) sweepSessions(ctx context.Context) (int, error) {
	now := s.h.Clock()
	ids, err := s.h.DB.Access(ctx).Session().Query().
		Where(session.Or(session.ExpiresAtLTE(now), session.AbsoluteExpiresAtLTE(now))).Limit(sweepBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return s.h.Sessions.End(ctx, auth.EndedExpired, session.IDIn(ids...))
}

func (s *Service) sweepAttempts(ctx context.Context) (int, error) {
	now := s.h.Clock()
	ids, err := s.h.DB.Access(ctx).Attempt().Query().Where(attempt.LastFailureAtLT(now.Add(-counterAge)),
		attempt.Or(attempt.BlockedUntilIsNil(), attempt.BlockedUntilLT(now))).Limit(sweepBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		n, err = tx.Attempt().Delete().Where(attempt.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}
