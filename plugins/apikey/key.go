package apikey

import (
	"crypto/sha256"
	"encoding/base64"
	"unicode/utf16"

	"gatehouse/auth/random"
)

// letters are what the random part of a key is made of.
const letters random.Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Hash is the form in which a key is stored (better-auth api-key 1).
func Hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// stored is the form in which keys of a configuration are looked up.
func (c *configuration) stored(key string) string {
	if c.PlainKeys {
		return key
	}
	return Hash(key)
}

// start is what is kept of a key so that people know it again; nil for nothing.
func (c *configuration) start(key string) *string {
	if !c.StoreStart {
		return nil
	}
	start := beginning(key, c.StartLength)
	return &start
}

// beginning are the first n characters of a key as JavaScript counts them.
func beginning(key string, n int) string {
	units := utf16.Encode([]rune(key))
	return string(utf16.Decode(units[:min(n, len(units))]))
}

// length is how long a text is as JavaScript counts.
func length(text string) int { return len(utf16.Encode([]rune(text))) }
