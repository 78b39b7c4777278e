// Package secret holds the server's secrets and everything made from them:
// signatures, keys per purpose, sealed text and token hashes.
//
// Session and cache cookies are signed with the secret itself, as better-auth
// does; every other purpose has a key of its own derived with HKDF-SHA-256
// (RFC 5869), so that what is made for one purpose is worthless in another.
package secret

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

const redacted = "[secret]"

// Version is one numbered secret; numbers are unique and not negative.
type Version struct {
	N     int
	Value string
}

// String hides the value.
func (v Version) String() string { return strconv.Itoa(v.N) + ":" + redacted }

// GoString hides the value.
func (v Version) GoString() string { return v.String() }

// Ring is an ordered, immutable set of secrets: the first makes new output,
// all read old output. It is safe for use from several goroutines.
type Ring struct {
	versions []Version // newest first
	legacy   string    // un-numbered secret, oldest
	values   []string  // all of them, newest first
}

// NewRing takes the numbered secrets newest first and the un-numbered one. At
// least one secret is needed; with legacy alone that is the current one.
func NewRing(versions []Version, legacy string) (*Ring, error) {
	if len(versions) == 0 && legacy == "" {
		return nil, errors.New("no secret is set")
	}
	seen := make(map[int]bool, len(versions))
	for i, v := range versions {
		switch {
		case v.N < 0:
			return nil, fmt.Errorf("secret at position %d has a negative version", i+1)
		case v.Value == "":
			return nil, fmt.Errorf("secret at position %d is empty", i+1)
		case seen[v.N]:
			return nil, fmt.Errorf("secret at position %d repeats version %d", i+1, v.N)
		}
		seen[v.N] = true
	}
	return newRing(append([]Version(nil), versions...), legacy), nil
}

func newRing(versions []Version, legacy string) *Ring {
	r := &Ring{versions: versions, legacy: legacy}
	for _, v := range versions {
		r.values = append(r.values, v.Value)
	}
	if legacy != "" {
		r.values = append(r.values, legacy)
	}
	return r
}

// ParseVersions reads "2:newest,1:older", the form of BETTER_AUTH_SECRETS.
// Errors name the position of an entry, never its text.
func ParseVersions(s string) ([]Version, error) {
	var out []Version
	for i, entry := range strings.Split(s, ",") {
		number, value, ok := strings.Cut(strings.TrimSpace(entry), ":")
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
		value = strings.TrimSpace(value)
		if !ok || err != nil || value == "" {
			return nil, fmt.Errorf("secret at position %d is not written <version>:<value>", i+1)
		}
		out = append(out, Version{int(n), value})
	}
	return out, nil
}

// String hides the secrets.
func (r *Ring) String() string { return redacted }

// GoString hides the secrets.
func (r *Ring) GoString() string { return redacted }

// LogValue hides the secrets.
func (r *Ring) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the secrets, also in JSON.
func (r *Ring) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Raw returns the secrets themselves, newest first, for the formats that
// better-auth signs with them: session cookies and the cookie cache.
func (r *Ring) Raw() [][]byte {
	out := make([][]byte, 0, len(r.values))
	for _, s := range r.values {
		out = append(out, []byte(s))
	}
	return out
}

func (r *Ring) current() string { return r.values[0] }
