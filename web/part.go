package web

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Group draws components one after the other.
type Group []templ.Component

// Render implements [templ.Component].
func (g Group) Render(ctx context.Context, w io.Writer) error {
	for _, part := range g {
		if part == nil {
			continue
		}
		if err := part.Render(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// Text draws plain text, escaped.
type Text string

// Render implements [templ.Component].
func (t Text) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(string(t)))
	return err
}

// classes joins class names and leaves out the empty ones.
func classes(names ...string) string {
	kept := names[:0:0]
	for _, name := range names {
		if name != "" {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, " ")
}

// derivedID makes the id of an element from a value that may hold anything.
func derivedID(stem, value string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(value)) // never fails
	return stem + "-" + strconv.FormatUint(sum.Sum64(), 36)
}

// suffixed returns "stem-kind", or nothing for the zero kind.
func suffixed[S ~string](stem string, kind S) string {
	if kind == "" {
		return ""
	}
	return stem + "-" + string(kind)
}

// when returns the text if the condition holds.
func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// Count returns a number with its thousands apart: 12,480.
func Count(n int) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}

// Plural returns "1 user" or "12,480 users".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}
