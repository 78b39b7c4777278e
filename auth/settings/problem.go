package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"gatehouse/auth/words"
)

// Problem is one thing wrong with one setting. It never quotes a secret.
type Problem struct {
	Key   string     // "mail.from"; empty when no key is concerned
	Place string     // where the value stands, as a Source says it
	Text  words.Text // what is wrong
	Fix   words.Text // what to do
}

// Error gives the problem in one line of English, for the command line and logs.
func (p Problem) Error() string {
	var b strings.Builder
	for _, part := range []string{p.Key, p.Place} {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" (" + part + ")")
			continue
		}
		b.WriteString(part)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(p.Text.English())
	if p.Fix != "" {
		b.WriteString("; " + p.Fix.English())
	}
	return oneLine(b.String())
}

// LogValue keeps the parts apart in structured logs.
func (p Problem) LogValue() slog.Value {
	return slog.GroupValue(slog.String("key", p.Key), slog.String("place", p.Place),
		slog.String("problem", p.Text.English()), slog.String("fix", p.Fix.English()))
}

// Problems are all the things found wrong together.
type Problems []Problem

// Error gives one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// For returns the problems of one key.
func (ps Problems) For(key string) Problems {
	var found Problems
	for _, p := range ps {
		if p.Key == key {
			found = append(found, p)
		}
	}
	return found
}

// orNil keeps an empty list from becoming a non-nil error.
func (ps Problems) orNil() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Invalid makes the error that a Check method returns: key is relative to the
// struct, fix may be empty.
func Invalid(key string, text, fix words.Text) error { return Problem{Key: key, Text: text, Fix: fix} }

// problemsOf takes an error apart into problems whose keys stand under prefix.
func problemsOf(err error, prefix string) Problems {
	if err == nil {
		return nil
	}
	if list, ok := err.(Problems); ok {
		var out Problems
		for _, p := range list {
			out = append(out, p.under(prefix))
		}
		return out
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out Problems
		for _, e := range joined.Unwrap() {
			out = append(out, problemsOf(e, prefix)...)
		}
		return out
	}
	var p Problem
	if errors.As(err, &p) {
		return Problems{p.under(prefix)}
	}
	return Problems{{Key: prefix, Text: words.OfError(err)}}
}

func (p Problem) under(prefix string) Problem {
	p.Key = join(prefix, p.Key)
	return p
}

// declared words a mistake in a declaration, which programmers read.
func declared(format string, args ...any) words.Text { return words.Raw(fmt.Sprintf(format, args...)) }

// join puts two parts of a key together; either may be empty.
func join(prefix, key string) string {
	if prefix == "" || key == "" {
		return prefix + key
	}
	return prefix + "." + key
}

// oneLine keeps a value from forging further lines of a report.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
