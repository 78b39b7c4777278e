package settings

import "gatehouse/auth/words"

// Toggle is yes, no, or left to the product, which decides by circumstances.
type Toggle int8

// The positions of a toggle.
const (
	Auto Toggle = iota
	On
	Off
)

// Or returns the choice made, or decided when none was.
func (t Toggle) Or(decided bool) bool {
	if t == Auto {
		return decided
	}
	return t == On
}

// String gives auto, true or false.
func (t Toggle) String() string {
	switch t {
	case On:
		return "true"
	case Off:
		return "false"
	}
	return "auto"
}

// MarshalText is as String.
func (t Toggle) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads auto, true or false.
func (t *Toggle) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*t = Auto
		return nil
	}
	yes, err := parseBool(string(text))
	if err != nil {
		return words.Err("must be auto, true or false")
	}
	*t = Off
	if yes {
		*t = On
	}
	return nil
}

// Choices are the words for forms.
func (Toggle) Choices() []string { return []string{"auto", "true", "false"} }
