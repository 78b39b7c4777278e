package secret

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrWeak is wrapped by every finding of Check.
var ErrWeak = errors.New("weak secret")

const (
	minLength  = 32 // bytes
	minEntropy = 90 // bits, by the frequencies of its characters
)

// Check reports secrets under 32 bytes, of low entropy or publicly known,
// joined into one error that never shows a value: an error in production, a
// warning in development.
func (r *Ring) Check() error {
	var found []error
	for _, v := range r.versions {
		found = append(found, weakness(fmt.Sprintf("version %d", v.N), v.Value))
	}
	if r.legacy != "" {
		found = append(found, weakness("secret", r.legacy))
	}
	return errors.Join(found...)
}

func weakness(name, value string) error {
	switch {
	case len(value) < minLength:
		return fmt.Errorf("%w: %s is shorter than %d bytes", ErrWeak, name, minLength)
	case known(value):
		return fmt.Errorf("%w: %s is a published default", ErrWeak, name)
	case entropy(value) < minEntropy:
		return fmt.Errorf("%w: %s repeats few characters; take 32 random bytes", ErrWeak, name)
	}
	return nil
}

// known tells the default of better-auth and the placeholders of examples.
func known(value string) bool {
	value = strings.ToLower(value)
	for _, part := range []string{"better-auth-secret-1234567890", "change-me", "changeme", "change_me", "your-secret", "your_secret", "replace-me"} {
		if strings.Contains(value, part) {
			return true
		}
	}
	return false
}

// entropy is the Shannon estimate of the whole text in bits.
func entropy(s string) float64 {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			bits -= float64(n) * math.Log2(float64(n)/float64(len(s)))
		}
	}
	return bits
}
