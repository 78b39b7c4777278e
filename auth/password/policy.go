package password

import (
	"errors"
	"strings"
	"unicode"

	"gatehouse/auth/text"
)

// What Check finds.
var (
	ErrTooShort    = errors.New("password is too short")
	ErrTooLong     = errors.New("password is too long")
	ErrCompromised = errors.New("password is too common")
)

// Policy is the rule for new passwords: length in UTF-16 code units and a
// blocklist, and deliberately no rule about kinds of characters.
type Policy struct {
	Min, Max  int
	Blocklist *Blocklist // nil turns it and the words off
}

// Check returns ErrTooShort, ErrTooLong or ErrCompromised. Words are those of
// the context, see ContextWords; a password is refused when it is one of them
// plus at most digits and marks, not when it merely contains one.
func (p Policy) Check(password string, words ...string) error {
	switch n := text.Length(password); {
	case n < p.Min:
		return ErrTooShort
	case n > p.Max:
		return ErrTooLong
	}
	if p.Blocklist == nil {
		return nil
	}
	plain := fold(password)
	if p.Blocklist.Has(plain) || isWord(plain, words) {
		return ErrCompromised
	}
	return nil
}

// TooLong reports whether password is over the maximum: asked before any
// hashing, on paths that check a password too.
func (p Policy) TooLong(password string) bool { return text.Length(password) > p.Max }

// ContextWords collects what nobody should take as a password here: the
// product's name, the host and its labels, the local part of the address.
// Empty arguments give none.
func ContextWords(product, host, address string) []string {
	local, _, _ := strings.Cut(address, "@")
	words := []string{product, host, local}
	labels := strings.Split(host, ".")
	// The last label is a country or "com", no name.
	words = append(words, labels[:len(labels)-1]...)
	kept := words[:0]
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

func isWord(plain string, words []string) bool {
	stem := letters(plain)
	for _, w := range words {
		w = fold(w)
		if w != "" && w == plain || stem != "" && letters(w) == stem {
			return true
		}
	}
	return false
}

// letters drops digits and marks: all that is no letter.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

func fold(s string) string { return strings.ToLower(text.NFKC(s)) }
