// Package origin decides which origins and redirect targets are trusted, and
// whether a request that could be forged across sites is let through.
package origin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/auth/text"
	"gatehouse/auth/text/weburl"
	"gatehouse/auth/words"
)

// maxTarget bounds an origin or redirect target, in bytes.
const maxTarget = 8192

// List is an immutable set of trusted patterns (better-auth core 8.5), safe
// for use from several goroutines.
type List struct {
	own      string
	patterns []pattern
	texts    []string
}

// New trusts the origin of base, an http or https address, and patterns:
// origins (https://app.example.com), wildcards with or without a scheme
// (https://*.example.com, *.example.com, 10.*) and custom schemes
// (myapp://callback). Empty patterns are dropped; one that could match
// nothing, or a scheme that browsers execute, is an error that names it.
func New(base string, patterns []string) (*List, error) {
	u, err := weburl.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("base address %q is not http or https", base)
	}
	own, _ := u.Origin()
	return (&List{own: own}).With(append([]string{own}, patterns...))
}

// With returns the list with further patterns.
func (l *List) With(patterns []string) (*List, error) {
	out := &List{own: l.own, patterns: slices.Clone(l.patterns), texts: slices.Clone(l.texts)}
	var failed []error
	for _, s := range patterns {
		if s == "" || slices.Contains(out.texts, s) {
			continue
		}
		p, err := compile(s)
		if err != nil {
			failed = append(failed, words.Err(words.F("trusted origin %s: %s", strconv.Quote(s), words.OfError(err))))
			continue
		}
		out.patterns = append(out.patterns, p)
		out.texts = append(out.texts, s)
	}
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	return out, nil
}

// OwnOnly returns the list without its patterns: it trusts the own origin alone.
func (l *List) OwnOnly() *List {
	return &List{own: l.own, patterns: l.patterns[:1:1], texts: l.texts[:1:1]}
}

// Own is the origin of the base address.
func (l *List) Own() string { return l.own }

// Patterns lists what is trusted, the own origin first.
func (l *List) Patterns() []string { return slices.Clone(l.texts) }

// Trusted reports whether an Origin or Referer value is trusted. Relative
// values never are.
func (l *List) Trusted(origin string) bool {
	if strings.HasPrefix(origin, "/") {
		return false
	}
	return l.absolute(origin)
}

// Redirect reports whether target may be navigated to: a trusted absolute
// address or a path on the own origin.
func (l *List) Redirect(target string) bool {
	if strings.HasPrefix(target, "/") {
		return relative(target)
	}
	return l.absolute(target)
}

func (l *List) absolute(s string) bool {
	if len(s) > maxTarget || !utf8.ValidString(s) || text.HasControl(s) || s != strings.TrimSpace(s) {
		return false
	}
	v, ok := read(s)
	if !ok {
		return false
	}
	for _, p := range l.patterns {
		if p.match(v) {
			return true
		}
	}
	return false
}

// relative is the rule for paths: one leading slash, no backslash or control
// character anywhere, no encoded separator before query and fragment, and
// still on the own origin when a browser resolves it.
func relative(target string) bool {
	if len(target) > maxTarget || strings.HasPrefix(target, "//") || strings.Contains(target, `\`) ||
		!utf8.ValidString(target) || text.HasControl(target) {
		return false
	}
	path := target
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		path = target[:i]
	}
	path = strings.ToLower(path)
	if strings.Contains(path, "%2f") || strings.Contains(path, "%5c") {
		return false
	}
	fixed := &weburl.URL{Scheme: "http", Host: "own.invalid", HasHost: true, Path: "/"}
	u, err := weburl.ParseRef(target, fixed)
	return err == nil && u.HostPort() == "own.invalid" && u.Scheme == "http" && !u.HasUser
}
