package auth

import "time"

// Clock tells the time. All times the domain stores come from it: UTC, whole
// milliseconds, so that a later read gives the same text.
type Clock func() time.Time

// SystemClock is the clock of the machine.
func SystemClock() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
