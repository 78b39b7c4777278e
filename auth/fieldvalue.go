package auth

import (
	"fmt"
	"time"

	"gatehouse/auth/text"
)

// Fits reports whether a value, as JSON carries it, is of the field's type.
func (d Field) Fits(value any) bool {
	switch d.Type {
	case "string":
		_, ok := value.(string)
		return ok
	case "number":
		_, ok := value.(float64)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "date":
		_, err := ParseDate(value)
		return err == nil
	case "string[]":
		return allOf[string](value)
	case "number[]":
		return allOf[float64](value)
	}
	return true
}

func allOf[T any](value any) bool {
	list, ok := value.([]any)
	for _, v := range list {
		if _, fits := v.(T); !fits {
			return false
		}
	}
	return ok
}

// ParseDate reads a date as JSON carries it: ISO 8601 text, or milliseconds.
func ParseDate(value any) (time.Time, error) {
	switch v := value.(type) {
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999", "2006-01-02T15:04Z07:00", time.DateOnly} {
			if t, err := time.Parse(layout, v); err == nil {
				return boundDate(text.Truncate(t))
			}
		}
	case float64:
		if v >= -1e15 && v <= 1e15 {
			return boundDate(time.UnixMilli(int64(v)).UTC())
		}
	}
	return time.Time{}, fmt.Errorf("not a date: %v", value)
}

// FirstYear and LastYear are those of dates that every database here keeps; MySQL's are
// the fewest.
const FirstYear, LastYear = 1000, 9999

// boundDate refuses years that not every database here can keep.
func boundDate(t time.Time) (time.Time, error) {
	if t.Year() < FirstYear || t.Year() > LastYear {
		return time.Time{}, fmt.Errorf("year %d is out of range", t.Year())
	}
	return t, nil
}
