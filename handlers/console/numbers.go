package console

import (
	"context"
	"fmt"
	"gatehouse/auth/words"
	"strings"
	"sync"
	"time"

	"gatehouse/ent/event"
	"gatehouse/ent/user"
	"gatehouse/plugins"
)

// span is how many days the charts of the overview show.
const span = 14

// maxKept bounds the counts kept of days that are over.
const maxKept = 1000

// dayCounts counts events per day. Days that are over do not change any more, so their
// counts are kept.
type dayCounts struct {
	mu   sync.Mutex
	kept map[string]int
}

// course is one number for each of the last days, the present one last.
func (d *dayCounts) course(ctx context.Context, h *plugins.Host, kinds []string) ([]float64, error) {
	return perDay(h.Clock(), func(day time.Time, open bool) (int, error) {
		n, err := d.day(ctx, h, kinds, day, open)
		if err != nil {
			return 0, fmt.Errorf("counting events: %w", err)
		}
		return n, nil
	})
}

// perDay counts for each of the last days; the one that is not over is open.
func perDay(now time.Time, count func(day time.Time, open bool) (int, error)) ([]float64, error) {
	today := now.Truncate(24 * time.Hour)
	values := make([]float64, span)
	for i := range values {
		n, err := count(today.AddDate(0, 0, i-span+1), i == span-1)
		if err != nil {
			return nil, err
		}
		values[i] = float64(n)
	}
	return values, nil
}

func (d *dayCounts) day(ctx context.Context, h *plugins.Host, kinds []string, day time.Time, open bool) (int, error) {
	key := day.Format(time.DateOnly) + " " + strings.Join(kinds, " ")
	if n, ok := d.get(key); ok && !open {
		return n, nil
	}
	n, err := h.DB.Access(ctx).Event().Query().
		Where(event.KindIn(kinds...), event.OccurredAtGTE(day), event.OccurredAtLT(day.AddDate(0, 0, 1))).Count(ctx)
	if err == nil && !open {
		d.keep(key, n)
	}
	return n, err
}

func (d *dayCounts) get(key string) (int, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, ok := d.kept[key]
	return n, ok
}

func (d *dayCounts) keep(key string, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= maxKept {
		d.kept = map[string]int{}
	}
	d.kept[key] = n
}

// joined is how many people of today came on each of the last days, also those who were
// imported.
func (p *console) joined(ctx context.Context) ([]float64, error) {
	return perDay(p.host.Clock(), func(day time.Time, _ bool) (int, error) {
		n, err := p.host.DB.Access(ctx).User().Query().Where(user.CreatedAtGTE(day), user.CreatedAtLT(day.AddDate(0, 0, 1))).Count(ctx)
		if err != nil {
			return 0, fmt.Errorf("counting new people: %w", err)
		}
		return n, nil
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
