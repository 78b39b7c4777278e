// Package text holds the encodings of the wire where Go and JavaScript differ:
// percent and form encoding, query parts added to an address, times, lengths.
package text

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrUnclean reports text with a NUL or with invalid UTF-8, which databases
// refuse or cut.
var ErrUnclean = errors.New("text has a NUL or invalid UTF-8")

// Clean returns ErrUnclean when s cannot be stored in every database.
func Clean(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return ErrUnclean
	}
	return nil
}

// Length counts s in UTF-16 code units, as the limits of the wire do
// (better-auth core 1.7). An invalid byte counts one.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// NFC returns the composed normal form of s.
func NFC(s string) string { return norm.NFC.String(s) }

// NFKC returns the compatibility composed form of s, the form in which
// passwords are hashed (better-auth core 7.2).
func NFKC(s string) string { return norm.NFKC.String(s) }

// HasControl reports whether s has a character of U+0000–001F or U+007F–009F.
func HasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || r >= 0x7F && r <= 0x9F
	})
}
