package settings

import (
	"math"
	"strconv"
	"strings"

	"gatehouse/auth/words"
)

// SecretVersion is one numbered secret.
type SecretVersion struct {
	Version int
	Value   Secret
}

// Secrets are numbered secrets, the one in use first (better-auth core 7.1).
type Secrets []SecretVersion

// UnmarshalText reads "2:new,1:old". An error names the position of an entry,
// never its text.
func (s *Secrets) UnmarshalText(text []byte) error {
	*s = nil
	if strings.TrimSpace(string(text)) == "" {
		return nil
	}
	seen := map[int]bool{}
	for i, part := range strings.Split(string(text), ",") {
		number, value, found := strings.Cut(strings.TrimSpace(part), ":")
		version, err := strconv.Atoi(number)
		switch value = strings.TrimSpace(value); {
		case !found || err != nil || version < 0:
			return words.Err(words.F("entry %d is not of the form number:secret", i+1))
		case value == "":
			return words.Err(words.F("entry %d has no secret", i+1))
		case seen[version]:
			return words.Err(words.F("entry %d has the number of an earlier one", i+1))
		}
		seen[version] = true
		*s = append(*s, SecretVersion{version, NewSecret(value)})
	}
	if len(*s) > maxEntries {
		return words.Err(words.F("has more than %d entries", maxEntries))
	}
	return nil
}

// weak reports whether a secret is under 32 bytes, an example, or so uniform
// that fewer than 120 bits can be in it.
func weak(secret string) bool {
	const bytes, bits = 32, 120
	if len(secret) < bytes || strings.HasPrefix(secret, "better-auth-secret-") {
		return true
	}
	kinds := map[byte]bool{}
	for i := range len(secret) {
		kinds[secret[i]] = true
	}
	return float64(len(secret))*math.Log2(float64(len(kinds))) < bits
}
