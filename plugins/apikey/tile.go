package apikey

import (
	"context"
	"fmt"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/keyusage"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// tiles are the figures of the overview of the server.
func (s *Service) tiles() []plugins.Tile {
	return []plugins.Tile{
		{ID: "api-keys", Order: 40, Scope: ScopeRead, Draw: s.activeTile},
		{ID: "api-key-uses", Order: 50, Scope: ScopeRead, Draw: s.usesTile},
	}
}

// activeTile counts the keys that work, and those of them that end soon.
func (s *Service) activeTile(ctx context.Context) (templ.Component, error) {
	now := s.now()
	active, err := s.countTo(ctx, s.isIn(stateActive, now))
	if err != nil {
		return nil, err
	}
	ending, err := s.countTo(ctx, s.isIn(stateActive, now), endingSoon(now))
	if err != nil {
		return nil, err
	}
	stat := web.Stat{Label: "Active API keys", Icon: "key", Figure: figure(active), Href: platformKeys + "?" + filterState + "=" + stateActive}
	if ending > 0 {
		stat.Href += "&" + filterEnds + "=" + endsSoon
		stat.Trend, stat.Tone = words.F("%s end within 14 days", figure(ending)), web.Bad
	}
	return stat, nil
}

// countTo counts keys as far as lists count.
func (s *Service) countTo(ctx context.Context, where ...predicate.APIKey) (int, error) {
	ids, err := s.keys(ctx).Query().Where(where...).Limit(list.CountTo + 1).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting keys: %w", err)
	}
	return len(ids), nil
}

func figure(n int) words.Text {
	if n > list.CountTo {
		return words.F("%d+", list.CountTo)
	}
	return words.Number(n)
}

// usesTile sums up how often keys were presented today, and how often they were refused.
func (s *Service) usesTile(ctx context.Context) (templ.Component, error) {
	today := s.now().UTC().Format(dayForm)
	var sums []struct {
		Allowed *int64 `sql:"allowed"`
		Refused *int64 `sql:"refused"`
	}
	err := s.host.DB.Access(ctx).Platform().KeyUsage().Query().Where(keyusage.Day(today)).
		Aggregate(ent.As(ent.Sum(keyusage.FieldAllowed), "allowed"), ent.As(ent.Sum(keyusage.FieldRefused), "refused")).Scan(ctx, &sums)
	if err != nil {
		return nil, fmt.Errorf("summing up uses of keys: %w", err)
	}
	n := s.usage.on(today)
	for _, sum := range sums {
		if sum.Allowed != nil && sum.Refused != nil { // null where there is no row
			n.allowed, n.refused = n.allowed+*sum.Allowed, n.refused+*sum.Refused
		}
	}
	stat := web.Stat{Label: "Uses of API keys today", Icon: "key-round", Figure: words.Number(int(n.allowed + n.refused)), Href: platformKeys}
	if n.refused > 0 {
		stat.Trend, stat.Tone = words.F("%d refused", int(n.refused)), web.Bad
	}
	return stat, nil
}
