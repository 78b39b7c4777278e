package settings

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// masked stands for a secret wherever one would be shown.
const masked = "(hidden)"

// Secret is a text that no verb of fmt, no log and no encoder shows. Its zero
// value is the empty secret.
type Secret struct {
	// A pointer, so that not even a dump by reflection meets the text.
	text *string
}

// NewSecret wraps text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == nil }

// Equal compares with a presented text in constant time.
func (s Secret) Equal(presented string) bool {
	own, other := sha256.Sum256([]byte(s.Reveal())), sha256.Sum256([]byte(presented))
	return subtle.ConstantTimeCompare(own[:], other[:]) == 1
}

// String says whether there is a secret.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return masked
}

// GoString is as String.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format is as String for every verb, also unfitting ones.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	_, _ = io.WriteString(f, text)
}

// LogValue is as String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is as String, so that encoders show no more.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
