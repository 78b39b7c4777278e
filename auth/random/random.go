// Package random draws unguessable text from the operating system's generator.
package random

import "crypto/rand"

// Alphabet is an ordered set of 2 to 256 distinct single-byte characters.
type Alphabet string

// The alphabets of the wire (better-auth core 7.6).
const (
	Alnum       Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	LowerDigits Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
	URL64       Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	Digits      Alphabet = "0123456789"
)

// idLength is the length of row ids and session tokens (better-auth core 1.7).
const idLength = 32

// ID returns 32 characters of Alnum, about 190 bits: a row id or a session token.
func ID() string { return String(idLength, Alnum) }

// String returns n characters of a, each equally likely and independent. It
// panics when a has fewer than 2 or more than 256 characters.
func String(n int, a Alphabet) string {
	size := len(a)
	if size < 2 || size > 256 {
		panic("random: alphabet must have 2 to 256 characters")
	}
	// Bytes at or above the largest multiple of the size would favour the
	// first characters, so they are dropped.
	limit := 256 - 256%size
	out := make([]byte, 0, max(n, 0))
	buf := make([]byte, max(n, 0)+16)
	for len(out) < n {
		rand.Read(buf) // never fails: the runtime ends the process instead
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, a[int(b)%size])
			}
		}
	}
	return string(out)
}
