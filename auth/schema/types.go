package schema

import "strings"

// Maybe is a field that may be left out and may be null, and tells the two apart.
type Maybe[T any] struct {
	Present bool // the key was sent
	Null    bool // its value was null
	Value   T    // zero unless a value was sent
}

func (Maybe[T]) maybe() {}

// Or returns the value sent, or fallback when the field was left out or null.
func (m Maybe[T]) Or(fallback T) T {
	if !m.Present || m.Null {
		return fallback
	}
	return m.Value
}

// Union, embedded in a struct, makes it a choice: its other fields are pointers, and the
// first whose schema fits is set. When none fits, the reason is "Invalid input", unless
// exactly one fits in shape; then its own reasons are told, as zod does.
type Union struct{}

// StringOrList is a string or an array of strings.
type StringOrList struct {
	Values []string // one element when a string was sent
	IsList bool     // an array was sent
}

// Join returns the texts joined by separator.
func (s StringOrList) Join(separator string) string { return strings.Join(s.Values, separator) }
