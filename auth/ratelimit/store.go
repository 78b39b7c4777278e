package ratelimit

import (
	"context"
	"math"
	"strings"
	"time"
)

// Store counts requests by key.
type Store interface {
	// Take decides and counts one request in one atomic step, also across
	// processes that share the store, with the semantics of Advance.
	// retryAfter is set when the request is refused. A rule that is Off
	// always allows and counts nothing.
	Take(ctx context.Context, key string, rule Rule, now time.Time) (allowed bool, retryAfter time.Duration, err error)
	// Counters lists what is counted: keys that accepted at least so many requests, the
	// last of them after a time, the fullest first, at most limit.
	Counters(ctx context.Context, least int, after time.Time, limit int) ([]Counter, error)
	// Forget lets a key start anew; false when nothing was counted for it.
	Forget(ctx context.Context, key string) (bool, error)
}

// Counter is a key with what is kept of it.
type Counter struct {
	Key string
	State
}

// Spent reports whether the next request would be refused, and until when.
func (s State) Spent(rule Rule, now time.Time) (until time.Time, spent bool) {
	_, allowed, wait := Advance(s, rule, now)
	return now.Add(wait), !rule.Off && !allowed
}

// State is what is kept of a key; the zero value is a key never seen.
type State struct {
	Count int       // accepted since the count started
	Last  time.Time // of the last accepted request
}

// Advance is the arithmetic of every store (better-auth core 8.7): the count
// starts anew when the window has passed since the last accepted request, and
// a refused request changes nothing. A clock set back does not lengthen a
// wait beyond the window.
func Advance(s State, rule Rule, now time.Time) (next State, allowed bool, retryAfter time.Duration) {
	since := max(now.Sub(s.Last), 0)
	switch {
	case s.Count == 0 || since >= rule.Window:
		return State{1, now}, true, 0
	case s.Count >= rule.Max:
		return s, false, rule.Window - since
	}
	return State{s.Count + 1, now}, true, 0
}

// Seconds is the whole number of seconds for Retry-After and X-Retry-After,
// rounded up, at least 1.
func Seconds(retryAfter time.Duration) int {
	return max(1, int(math.Ceil(retryAfter.Seconds())))
}

// unknown stands for a client without an address: one bucket for all.
const unknown = "no-trusted-ip"

// Key is the bucket of a client's address, as address.Client.Key writes it,
// and a path without its query.
func Key(address, path string) string {
	if address == "" {
		address = unknown
	}
	return address + "|" + path
}

// Parts are the address and the path of a key.
func Parts(key string) (address, path string) {
	address, path, _ = strings.Cut(key, "|")
	return address, path
}
