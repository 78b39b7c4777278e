package text

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	upperHex = "0123456789ABCDEF"
	alnum    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	uriMarks = "-_.!~*'()"
	// formMarks stay in form encoding; note that ~ does not (WHATWG URL 5.2).
	formMarks = "*-._"
)

// EscapeURI is JavaScript's encodeURIComponent: everything except letters,
// digits and -_.!~*'() becomes %XX (better-auth core 1.8).
func EscapeURI(s string) string { return escape(s, uriMarks, false) }

// UnescapeURI is JavaScript's decodeURIComponent. ok is false, and the text
// returned as it came, when an escape is malformed or not UTF-8.
func UnescapeURI(s string) (decoded string, ok bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	out, err := url.PathUnescape(s)
	if err != nil || !utf8.ValidString(out) {
		return s, false
	}
	return out, true
}

// Pair is one parameter of a query or form; order is kept, unlike url.Values.
type Pair struct{ Key, Value string }

// EncodeForm writes pairs in the order given by the rules of
// application/x-www-form-urlencoded: space becomes +, letters, digits and
// *-._ stay.
func EncodeForm(pairs ...Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(p.Key, formMarks, true))
		b.WriteByte('=')
		b.WriteString(escape(p.Value, formMarks, true))
	}
	return b.String()
}

// DecodeForm reads a query as URLSearchParams does: empty parts are skipped,
// malformed escapes stay as they are.
func DecodeForm(query string) []Pair {
	var pairs []Pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, Pair{unescapeForm(key), unescapeForm(value)})
	}
	return pairs
}

func unescapeForm(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if !strings.Contains(s, "%") {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

func escape(s, marks string, plus bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case strings.IndexByte(alnum, c) >= 0 || strings.IndexByte(marks, c) >= 0:
			b.WriteByte(c)
		case plus && c == ' ':
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
