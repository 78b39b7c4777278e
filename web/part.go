package web

import (
	"bytes"
	"context"
	"hash/fnv"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
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

// Strong draws a text with emphasis.
func Strong(t words.Text) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<strong>"+templ.EscapeString(t.In(ctx))+"</strong>")
		return err
	})
}

// Mono draws a value in monospace, as it is.
func Mono(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "<code>"+templ.EscapeString(text)+"</code>")
		return err
	})
}

// Sentence draws words with components inside: each %s, or %[2]s where the language
// wants another order, is a component.
func Sentence(text words.Text, parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		slots := make([]any, len(parts))
		for i := range parts {
			slots[i] = slotMark + strconv.Itoa(i) + slotMark
		}
		for i, piece := range strings.Split(words.F(text, slots...).In(ctx), slotMark) {
			if i%2 == 0 {
				if _, err := io.WriteString(w, templ.EscapeString(piece)); err != nil {
					return err
				}
				continue
			}
			n, err := strconv.Atoi(piece)
			if err != nil || n >= len(parts) {
				continue
			}
			if err := parts[n].Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// slotMark is a character that no text holds.
const slotMark = "\x02"

// Raws makes texts of values.
func Raws(values []string) []words.Text {
	list := make([]words.Text, len(values))
	for i, v := range values {
		list[i] = words.Raw(v)
	}
	return list
}

// Dotted draws components in one line with dots between those that draw something.
func Dotted(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var line bytes.Buffer
		for _, part := range parts {
			if part == nil {
				continue
			}
			before := line.Len()
			if before > 0 {
				line.WriteString(templ.EscapeString(words.Dot))
			}
			start := line.Len()
			if err := part.Render(ctx, &line); err != nil {
				return err
			}
			if line.Len() == start {
				line.Truncate(before)
			}
		}
		_, err := line.WriteTo(w)
		return err
	})
}
