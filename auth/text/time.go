package text

import (
	"fmt"
	"time"
)

// wireTime always writes three fraction digits (better-auth core 1.7).
const wireTime = "2006-01-02T15:04:05.000Z"

// FormatTime writes t in UTC with exactly three fraction digits; what is
// finer than a millisecond is cut off.
func FormatTime(t time.Time) string { return t.UTC().Format(wireTime) }

// ParseTime reads an ISO 8601 time with zone, to the millisecond, in UTC.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("time: %w", err)
	}
	return Truncate(t), nil
}

// Truncate cuts t to the millisecond in UTC without a monotonic reading, so
// that a stored value reads back equal.
func Truncate(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }
