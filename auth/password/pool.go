package password

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// queuePerSlot bounds those who wait, beside the time they wait.
const queuePerSlot = 64

// pool bounds concurrent hashing by processors and memory.
type pool struct {
	slots   *semaphore.Weighted
	total   int64 // slots
	slot    int64 // bytes of one slot
	limit   int64 // bytes of all
	wait    time.Duration
	waiting atomic.Int64
}

func newPool(one, limit int64, wait time.Duration) (*pool, error) {
	slot := max(one, scryptBytes)
	if limit < slot {
		return nil, fmt.Errorf("password hashing needs a memory limit of at least %d MiB", (slot+1<<20-1)>>20)
	}
	total := min(limit/slot, int64(runtime.GOMAXPROCS(0)))
	return &pool{slots: semaphore.NewWeighted(total), total: total, slot: slot, limit: limit, wait: wait}, nil
}

// take waits for room for a hash of so many bytes; a large one takes several
// slots.
func (p *pool) take(ctx context.Context, bytes int64) (release func(), err error) {
	weight := min((bytes+p.slot-1)/p.slot, p.total)
	if p.slots.TryAcquire(weight) {
		return func() { p.slots.Release(weight) }, nil
	}
	if p.waiting.Add(1) > queuePerSlot*p.total {
		p.waiting.Add(-1)
		return nil, ErrBusy
	}
	defer p.waiting.Add(-1)
	bounded, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	if p.slots.Acquire(bounded, weight) != nil {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("wait for password hashing: %w", err)
		}
		return nil, ErrBusy
	}
	return func() { p.slots.Release(weight) }, nil
}
