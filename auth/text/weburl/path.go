package weburl

import (
	"strings"
	"unicode/utf8"
)

// The characters that are escaped beside controls and everything beyond ASCII
// (WHATWG URL 1.3, with ^ left alone in paths as Node.js 20 does).
const (
	fragmentSet = " \"<>`"
	querySet    = " \"#<>"
	pathSet     = " \"#<>?`{}"
	userSet     = pathSet + `/:;=@[\]^|`
)

const hexDigits = "0123456789ABCDEF"

func encode(s, set string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c <= '~' && strings.IndexByte(set, c) < 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

// cleanPath resolves dot segments, also written as %2e, and encodes.
func cleanPath(path string) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	out := make([]string, 0, len(segments))
	for i, s := range segments {
		last := i == len(segments)-1
		switch dots(s) {
		case 0:
			out = append(out, encode(s, pathSet))
			continue
		case 2:
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		}
		if last {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}

// dots is 1 for "." and 2 for "..", in any spelling, else 0.
func dots(segment string) int {
	if len(segment) > 6 {
		return 0
	}
	switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}
