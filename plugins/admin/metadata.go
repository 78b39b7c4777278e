package admin

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// Bounds of what administrators keep with a person.
const (
	maxNote     = 5_000     // characters
	maxMetadata = 16 * 1024 // bytes of JSON
	wholeLimit  = 1 << 53   // whole numbers beyond it lose digits
)

// ParseMetadata reads the free JSON of a person: an object of at most 16 KiB. Nothing but space is no metadata. The error is beside
// the field "metadata".
func ParseMetadata(text string) (map[string]any, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	wrong := func(format words.Text, args ...any) error {
		return auth.ErrValidation.Saying(format, args...).At("metadata")
	}
	if len(text) > maxMetadata {
		return nil, wrong("Use at most 16 KiB.")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, jsonFault(text, err).At("metadata")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong("Something follows after the object.")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("Write an object: names and values between { and }.")
	}
	if !storable(object) {
		return nil, wrong("This holds a character or a number that cannot be stored.")
	}
	return object, nil
}

// jsonFault says where the text stops being JSON.
func jsonFault(text string, err error) *auth.Error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return auth.ErrValidation.Saying("This JSON ends too early.")
	}
	before := text[:min(int(syntax.Offset), len(text))]
	return auth.ErrValidation.Saying("This is no JSON: see line %d.", 1+strings.Count(before, "\n"))
}

// storable refuses what not every database keeps: the character NUL, numbers beyond
// the range of a double, and whole ones that would lose digits.
func storable(value any) bool {
	switch v := value.(type) {
	case string:
		return !strings.Contains(v, "\x00")
	case json.Number:
		f, err := v.Float64()
		return err == nil && (math.Abs(f) <= wholeLimit || strings.ContainsAny(v.String(), ".eE"))
	case []any:
		for _, part := range v {
			if !storable(part) {
				return false
			}
		}
	case map[string]any:
		for name, part := range v {
			if strings.Contains(name, "\x00") || !storable(part) {
				return false
			}
		}
	}
	return true
}

// metadataText writes metadata for a form; none is empty.
func metadataText(m map[string]any) string {
	if len(m) == 0 {
		return ""
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return ""
	}
	return string(raw)
}

// MetadataText is the metadata of a person as JSON that people read; "" when there is none.
func (s *Service) MetadataText(u *ent.User) string { return metadataText(u.AdminMetadata) }
