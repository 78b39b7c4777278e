// Package core declares the entities every Gatehouse has, and what the schemas
// of plugins share with them: the key mixin, the time field, and annotations.
//
// Schema packages are leaves. They import ent's schema API and this package,
// never generated code, so that the client can be generated from nothing.
package core

import (
	"crypto/rand"
	"errors"
	"net/url"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

const (
	// KeyLength is the number of characters of a row id (better-auth core 7.6).
	KeyLength = 32
	// MaxKey bounds an id in bytes, so that ids of adopted databases fit too.
	MaxKey = 64
	// MaxIndexed bounds a string that is indexed, in bytes: the widest plain
	// column MySQL gives such a string.
	MaxIndexed = 255

	keyAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// Keyed gives an entity its string id: 32 alphanumerics unless the caller sets
// one.
type Keyed struct{ mixin.Schema }

// Fields returns the id.
func (Keyed) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().MaxLen(MaxKey).Immutable().DefaultFunc(NewKey),
	}
}

// NewKey returns a fresh row id from the system's random source. Bytes above
// the largest multiple of the alphabet are dropped, so every character is
// equally likely.
func NewKey() string {
	const limit = 256 - 256%len(keyAlphabet)
	key := make([]byte, 0, KeyLength)
	var random [KeyLength * 2]byte
	for len(key) < KeyLength {
		// crypto/rand.Read never returns an error; it ends the program instead.
		_, _ = rand.Read(random[:])
		for _, b := range random {
			if int(b) < limit && len(key) < KeyLength {
				key = append(key, keyAlphabet[int(b)%len(keyAlphabet)])
			}
		}
	}
	return string(key)
}

// Now is the time columns hold: UTC, in whole milliseconds, without a monotonic
// reading, so that what was written equals what is read back.
func Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Text returns a long text that is empty unless set. The program gives the
// default, not the database: MySQL refuses literal defaults of long texts.
func Text(name string) ent.Field {
	return field.Text(name).DefaultFunc(func() string { return "" })
}

// ErrPictureAddress refuses an address of a picture that is none of http or https.
var ErrPictureAddress = errors.New("the address of a picture begins with http:// or https://")

// PictureAddress holds that an address of a picture, which apps put into their pages, runs
// nothing there (SEC-187). An empty one is none.
func PictureAddress(address string) error {
	u, err := url.Parse(address)
	if address == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
		return nil
	}
	return ErrPictureAddress
}
