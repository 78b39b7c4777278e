package console

import (
	"context"
	"fmt"
	"gatehouse/auth/words"
	"strings"
	"sync"
	"time"

	"gatehouse/ent/event"
	"gatehouse/ent/session"
	"gatehouse/ent/user"
)

// span is how many days the charts of the overview show.
const span = 14

// maxKept bounds the counts that are kept.
const maxKept = 1000

// How long counts are kept: those of whole tables, which take a while at a million rows,
// and those of days that are over, whose events do not change and whose people may only
// go. What happened today is always counted.
const (
	wholeFor = time.Minute
	dayFor   = 10 * time.Minute
	ever     = 100 * 365 * 24 * time.Hour
)

// counts keeps numbers for a while. One caller counts, others wait for the number.
type counts struct {
	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	n     int
	until time.Time
}

// of returns the number of a key, counted anew when it is older than life.
func (k *counts) of(now time.Time, key string, life time.Duration, count func() (int, error)) (int, error) {
	if life == 0 {
		return count()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if have, ok := k.kept[key]; ok && now.Before(have.until) {
		return have.n, nil
	}
	n, err := count()
	if err != nil {
		return 0, err
	}
	if k.kept == nil || len(k.kept) >= maxKept {
		k.kept = map[string]kept{}
	}
	k.kept[key] = kept{n, now.Add(life)}
	return n, nil
}

// perDay counts for each of the last days, the present one last. Counts of days that are
// over are kept for life under the name.
func (p *console) perDay(name string, life time.Duration, count func(day, next time.Time) (int, error)) ([]float64, error) {
	now := p.host.Clock()
	today := now.Truncate(24 * time.Hour)
	values := make([]float64, span)
	for i := range values {
		day, held := today.AddDate(0, 0, i-span+1), life
		if day.Equal(today) {
			held = 0
		}
		n, err := p.counts.of(now, name+" "+day.Format(time.DateOnly), held, func() (int, error) { return count(day, day.AddDate(0, 0, 1)) })
		if err != nil {
			return nil, fmt.Errorf("counting %s: %w", name, err)
		}
		values[i] = float64(n)
	}
	return values, nil
}

// course is how often events of some kinds happened on each of the last days.
func (p *console) course(ctx context.Context, kinds []string) ([]float64, error) {
	return p.perDay("events "+strings.Join(kinds, " "), ever, func(day, next time.Time) (int, error) {
		return p.host.DB.Access(ctx).Event().Query().Where(event.KindIn(kinds...), event.OccurredAtGTE(day), event.OccurredAtLT(next)).Count(ctx)
	})
}

// joined is how many people of today came on each of the last days, also those who were
// imported.
func (p *console) joined(ctx context.Context) ([]float64, error) {
	return p.perDay("people", dayFor, func(day, next time.Time) (int, error) {
		return p.host.DB.Access(ctx).User().Query().Where(user.CreatedAtGTE(day), user.CreatedAtLT(next)).Count(ctx)
	})
}

// people counts everybody, as of a minute ago at most.
func (p *console) people(ctx context.Context) (int, error) {
	return p.counts.of(p.host.Clock(), "all people", wholeFor, func() (int, error) { return p.host.DB.Access(ctx).User().Query().Count(ctx) })
}

// live counts the sessions that are open, as of a minute ago at most.
func (p *console) live(ctx context.Context) (int, error) {
	now := p.host.Clock()
	return p.counts.of(now, "open sessions", wholeFor, func() (int, error) {
		return p.host.DB.Access(ctx).Session().Query().Where(session.ExpiresAtGT(now)).Count(ctx)
	})
}

// labels name the days of a course.
func labels(now time.Time) []words.Text {
	list := make([]words.Text, span)
	for i := range list {
		list[i] = words.ShortDay(now.AddDate(0, 0, i-span+1))
	}
	return list
}

// sum adds the last n values up.
func sum(values []float64, n int) int {
	total := 0.0
	for _, v := range values[max(0, len(values)-n):] {
		total += v
	}
	return int(total)
}
