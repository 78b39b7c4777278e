// Package glob matches the wildcard patterns of trusted origins and rate-limit
// paths (better-auth core 8.5).
package glob

import (
	"fmt"
	"regexp"
	"strings"
)

// maxPattern bounds a pattern; matching is linear in pattern times text.
const maxPattern = 2048

const (
	char      = `[^/\\]`
	separator = `[/\\]+`
	optional  = `[/\\]*`
)

// Glob is a compiled pattern, safe for use from several goroutines.
type Glob struct{ re *regexp.Regexp }

// Has reports whether s has a wildcard, * or ?.
func Has(s string) bool { return strings.ContainsAny(s, "*?") }

// Compile reads a pattern: * is any run of characters other than / and \, ?
// is one such character, ** as a whole segment crosses separators, \ quotes
// the next character. The whole text must match; runs of separators count as
// one and the text may have a trailing one more.
func Compile(pattern string) (*Glob, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("pattern is longer than %d bytes", maxPattern)
	}
	re, err := regexp.Compile(translate(pattern))
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return &Glob{re}, nil
}

// Match reports whether the whole of s fits.
func (g *Glob) Match(s string) bool { return g.re.MatchString(s) }

func translate(pattern string) string {
	segments := strings.Split(pattern, "/")
	var b strings.Builder
	b.WriteString(`\A`)
	for i, s := range segments {
		last := i == len(segments)-1
		if s == "" && i > 0 {
			continue
		}
		if s == "**" {
			b.WriteString(`(?:` + char + `*` + separator + `)*`)
			if last {
				b.WriteString(char + `*` + optional)
			}
			continue
		}
		b.WriteString(segment(s))
		b.WriteString(after(segments[i+1:]))
	}
	b.WriteString(`\z`)
	return b.String()
}

// after is what must follow a segment given those that come next.
func after(rest []string) string {
	switch {
	case len(rest) == 0:
		return optional
	case len(rest) == 1 && rest[0] == "**":
		return `(?:` + separator + `|\z)`
	}
	return separator
}

func segment(s string) string {
	var b strings.Builder
	quoted := false
	for _, r := range s {
		switch {
		case quoted:
			b.WriteString(regexp.QuoteMeta(string(r)))
			quoted = false
		case r == '*':
			b.WriteString(char + `*`)
		case r == '?':
			b.WriteString(char)
		case r == '\\':
			quoted = true
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}
