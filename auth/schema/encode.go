package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// usualAnswer is the room in bytes that most answers fit into.
const usualAnswer = 1024

// Marshal encodes an answer as JSON.stringify would: compact, without escaping of <, >, &
// and the line separators U+2028 and U+2029, and without a final newline.
func Marshal(v any) ([]byte, error) {
	if o, ok := v.(appender); ok {
		raw, err := o.AppendJSON(make([]byte, 0, usualAnswer))
		if err != nil {
			return nil, fmt.Errorf("schema: encode: %w", err)
		}
		return plainSeparators(raw), nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("schema: encode: %w", err)
	}
	return plainSeparators(bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))), nil
}

// appender is a value that writes JSON by these rules itself.
type appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

// Write encodes v as Marshal does. Nothing is written when v cannot be encoded.
func Write(w io.Writer, v any) error {
	raw, err := Marshal(v)
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("schema: write: %w", err)
	}
	return nil
}

// plainSeparators undoes the escapes of U+2028 and U+2029, which encoding/json always makes.
func plainSeparators(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(`\u202`)) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		rest := raw[i:]
		switch {
		case bytes.HasPrefix(rest, []byte(`\u2028`)), bytes.HasPrefix(rest, []byte(`\u2029`)):
			out = append(out, "\u2028"[0], "\u2028"[1], 0xa8+rest[5]-'8')
			i += 5
		case rest[0] == '\\': // an escape is two bytes at least: the second opens no other
			out = append(out, rest[:2]...)
			i++
		default:
			out = append(out, rest[0])
		}
	}
	return out
}

// MarshalJSON implements json.Marshaler with keys in order and numbers as JavaScript
// writes them. Undefined is written as null.
func (v Value) MarshalJSON() ([]byte, error) { return appendValue(nil, v), nil }

// UnmarshalJSON implements json.Unmarshaler with the rules of Decode.
func (v *Value) UnmarshalJSON(raw []byte) error {
	read, err := Decode(raw)
	if err != nil {
		return err
	}
	*v = read
	return nil
}

// MarshalJSON implements json.Marshaler; see Value.MarshalJSON.
func (o *Object) MarshalJSON() ([]byte, error) { return appendObject(nil, o), nil }

func appendValue(b []byte, v Value) []byte {
	switch d := v.data.(type) {
	case bool:
		return strconv.AppendBool(b, d)
	case float64:
		if math.IsInf(d, 0) || math.IsNaN(d) {
			return append(b, "null"...)
		}
		return append(b, numberText(d)...)
	case string:
		return appendString(b, d)
	case []Value:
		b = append(b, '[')
		for i, item := range d {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	case *Object:
		return appendObject(b, d)
	}
	return append(b, "null"...)
}

func appendObject(b []byte, o *Object) []byte {
	b = append(b, '{')
	first := true
	for key, value := range o.All() {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, key), ':')
		b = appendValue(b, value)
	}
	return append(b, '}')
}

// appendString quotes as JSON.stringify does.
func appendString(b []byte, s string) []byte {
	const (
		hex   = "0123456789abcdef"
		plain = "\"\\\b\f\n\r\t"
		short = `"\bfnrt`
	)
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			b = append(b, c)
		} else if at := strings.IndexByte(plain, c); at >= 0 {
			b = append(b, '\\', short[at])
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, '"')
}
