package ent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrUnstorable refuses text that not every database can hold: with NUL, or
// not UTF-8. PostgreSQL refuses both, and rows must fit when they move there.
var ErrUnstorable = errors.New("ent: text holds NUL or is not UTF-8")

// refuseUnstorable is a mutation hook that checks all text about to be written.
func refuseUnstorable(next Mutator) Mutator {
	return MutateFunc(func(ctx context.Context, m Mutation) (Value, error) {
		for _, name := range m.Fields() {
			if value, ok := m.Field(name); ok && !storable(value) {
				return nil, fmt.Errorf("%s.%s: %w", m.Type(), name, ErrUnstorable)
			}
		}
		return next.Mutate(ctx, m)
	})
}

// storable looks into the shapes a decoded JSON value has.
func storable(value any) bool {
	switch v := value.(type) {
	case string:
		return utf8.ValidString(v) && strings.IndexByte(v, 0) < 0
	case []string:
		for _, s := range v {
			if !storable(s) {
				return false
			}
		}
	case []any:
		for _, element := range v {
			if !storable(element) {
				return false
			}
		}
	case map[string]any:
		for key, element := range v {
			if !storable(key) || !storable(element) {
				return false
			}
		}
	}
	return true
}
