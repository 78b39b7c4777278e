package ratelimit

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultKeys is the bound of the wire (better-auth core 8.7).
const DefaultKeys = 100_000

const (
	// swept is how many of the longest untouched keys each call looks at; two
	// or more keep up with one new key a call.
	swept = 4
	// maxKey bounds a key, in bytes; a longer one shares its beginning.
	maxKey = 512
)

// Memory is a Store of one process, bounded in keys and in time: ended
// windows are swept on access, and at the bound the key that was accepted
// least recently is dropped.
type Memory struct {
	mu    sync.Mutex
	limit int
	byKey map[string]*list.Element
	order *list.List // front was accepted least recently
}

type entry struct {
	key   string
	state State
	until time.Time
}

// NewMemory makes a store of at most limit keys; 0 or less takes DefaultKeys.
func NewMemory(limit int) *Memory {
	if limit <= 0 {
		limit = DefaultKeys
	}
	return &Memory{limit: limit, byKey: map[string]*list.Element{}, order: list.New()}
}

// Take implements Store; it never fails.
func (m *Memory) Take(_ context.Context, key string, rule Rule, now time.Time) (bool, time.Duration, error) {
	if rule.Off {
		return true, 0, nil
	}
	if len(key) > maxKey {
		key = key[:maxKey]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	var state State
	e := m.byKey[key]
	if e != nil {
		state = e.Value.(*entry).state
	}
	next, allowed, retry := Advance(state, rule, now)
	if allowed {
		m.keep(e, &entry{key, next, now.Add(rule.Window)})
	}
	return allowed, retry, nil
}

// Counters implements Store.
func (m *Memory) Counters(_ context.Context, least int, after time.Time, limit int) ([]Counter, error) {
	m.mu.Lock()
	var list []Counter
	for _, e := range m.byKey {
		if held := e.Value.(*entry); held.state.Count >= least && held.state.Last.After(after) {
			list = append(list, Counter{held.key, held.state})
		}
	}
	m.mu.Unlock()
	slices.SortFunc(list, func(a, b Counter) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Key, b.Key)) })
	return list[:min(len(list), limit)], nil
}

// Forget implements Store.
func (m *Memory) Forget(_ context.Context, key string) (bool, error) {
	if len(key) > maxKey {
		key = key[:maxKey]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e != nil {
		m.remove(e)
	}
	return e != nil, nil
}

// Len is the number of keys held.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.byKey)
}

func (m *Memory) keep(old *list.Element, next *entry) {
	if old != nil {
		old.Value = next
		m.order.MoveToBack(old)
		return
	}
	if len(m.byKey) >= m.limit {
		m.remove(m.order.Front())
	}
	m.byKey[next.key] = m.order.PushBack(next)
}

// sweep removes ended windows among the first few keys.
func (m *Memory) sweep(now time.Time) {
	e := m.order.Front()
	for range swept {
		if e == nil {
			return
		}
		following := e.Next()
		if !e.Value.(*entry).until.After(now) {
			m.remove(e)
		}
		e = following
	}
}

func (m *Memory) remove(e *list.Element) {
	delete(m.byKey, e.Value.(*entry).key)
	m.order.Remove(e)
}
