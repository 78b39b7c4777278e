package handlers

import (
	"context"
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/plugins"
)

// Bounds of the list of throttled addresses: counters looked at, and shown.
const (
	countersSeen   = 20_000
	throttledShown = 1000
)

// Throttled implements plugins.Server.
func (s *Server) Throttled(ctx context.Context) ([]plugins.Throttled, error) {
	if !s.cfg.RateLimit.Current().Enabled {
		return nil, nil
	}
	rules, now := s.rules(), s.core.Clock()
	least, longest := rules.Bounds()
	counters, err := s.limits.Counters(ctx, least, now.Add(-longest), countersSeen)
	if err != nil {
		return nil, err
	}
	var list []plugins.Throttled
	for _, c := range counters {
		address, path := ratelimit.Parts(c.Key)
		if until, spent := c.Spent(rules.Rule(path), now); spent {
			list = append(list, plugins.Throttled{Address: address, Path: path, Count: c.Count, Until: until})
		}
	}
	slices.SortStableFunc(list, func(a, b plugins.Throttled) int { return b.Until.Compare(a.Until) })
	return list[:min(len(list), throttledShown)], nil
}

// ReleaseThrottled implements plugins.Server. The memory of one process forgets when the
// event is written.
func (s *Server) ReleaseThrottled(ctx context.Context, address, path string) (bool, error) {
	forgot := false
	err := s.core.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) (err error) {
		if forgot, err = s.limits.Forget(ctx, ratelimit.Key(address, path)); err != nil || !forgot {
			return err
		}
		return s.core.Events.Record(ctx, auth.Event{Kind: "limit.released", SubjectType: "address",
			Data: map[string]any{"address": address, "path": path}})
	})
	return forgot, err
}
