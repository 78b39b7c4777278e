// Package email holds the grammar and the one canonical form of mail addresses.
package email

import (
	"errors"
	"regexp"
	"strings"

	"gatehouse/auth/text"
)

// ErrInvalid reports text outside the grammar.
var ErrInvalid = errors.New("invalid email address")

// grammar is better-auth core 1.6 without its two rules about dots, which
// RE2 cannot look ahead for.
var grammar = regexp.MustCompile(`\A[A-Za-z0-9_'+.-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}\z`)

// Parse checks s against the grammar of the wire (better-auth core 1.6: ASCII,
// no surrounding space, no length limit) and returns its canonical form.
func Parse(s string) (canonical string, err error) {
	if strings.HasPrefix(s, ".") || strings.Contains(s, "..") || !grammar.MatchString(s) {
		return "", ErrInvalid
	}
	return Canonical(s), nil
}

// Canonical is the form in which addresses are stored, looked up, throttled
// and compared: NFC, lower case. It does not validate.
func Canonical(s string) string { return strings.ToLower(text.NFC(s)) }

// Equal reports whether a and b are the same address in canonical form.
func Equal(a, b string) bool { return Canonical(a) == Canonical(b) }
