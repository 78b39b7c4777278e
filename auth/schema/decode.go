package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

var (
	// ErrInvalidJSON is returned for text that is not one JSON value in UTF-8 (RFC 8259).
	// Its text is the wire's message for 400 BAD_REQUEST.
	//lint:ignore ST1005 it is the wire's text
	ErrInvalidJSON = errors.New("Invalid JSON in request body")
	// ErrTooComplex is returned for JSON that exceeds Limits; a 400 too.
	ErrTooComplex = errors.New("JSON in request body is nested too deeply or has too many values")
)

// Limits bounds what Decode builds (SEC-175). The length of the text itself is the
// caller's to bound.
type Limits struct {
	Depth  int // nested arrays and objects
	Items  int // elements of one array, members of one object
	Values int // all values together
}

// DefaultLimits returns what Decode uses: depth 64, 10,000 elements, 50,000 values.
func DefaultLimits() Limits { return Limits{Depth: 64, Items: 10_000, Values: 50_000} }

// Decode reads one JSON value within DefaultLimits. A byte order mark at the start is
// skipped. Unpaired surrogate escapes become U+FFFD, as when JavaScript writes UTF-8.
// The error is ErrInvalidJSON or ErrTooComplex.
func Decode(raw []byte) (Value, error) { return DefaultLimits().Decode(raw) }

// Decode is like the function Decode, within l.
func (l Limits) Decode(raw []byte) (Value, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return Value{}, ErrInvalidJSON
	}
	d := decoder{limits: l, tokens: json.NewDecoder(bytes.NewReader(raw))}
	d.tokens.UseNumber()
	return d.value(0)
}

type decoder struct {
	limits Limits
	tokens *json.Decoder
	count  int
}

func (d *decoder) value(depth int) (Value, error) {
	if d.count++; d.count > d.limits.Values {
		return Value{}, ErrTooComplex
	}
	token, err := d.tokens.Token()
	if err != nil {
		return Value{}, fmt.Errorf("%w: %w", ErrInvalidJSON, err)
	}
	switch t := token.(type) {
	case nil:
		return Null(), nil
	case json.Number:
		// Out of range reads as an infinity, as in JavaScript; no schema accepts that.
		n, _ := strconv.ParseFloat(string(t), 64)
		return Value{n}, nil
	case json.Delim:
		if depth >= d.limits.Depth {
			return Value{}, ErrTooComplex
		}
		if t == '[' {
			return d.array(depth + 1)
		}
		return d.object(depth + 1)
	}
	return Value{token}, nil
}

func (d *decoder) array(depth int) (Value, error) {
	items := []Value{}
	for d.tokens.More() {
		if len(items) >= d.limits.Items {
			return Value{}, ErrTooComplex
		}
		item, err := d.value(depth)
		if err != nil {
			return Value{}, err
		}
		items = append(items, item)
	}
	return Value{items}, d.close()
}

func (d *decoder) object(depth int) (Value, error) {
	o := NewObject()
	for n := 0; d.tokens.More(); n++ {
		if n >= d.limits.Items {
			return Value{}, ErrTooComplex
		}
		key, err := d.tokens.Token()
		if err != nil {
			return Value{}, fmt.Errorf("%w: %w", ErrInvalidJSON, err)
		}
		name, _ := key.(string)
		member, err := d.value(depth)
		if err != nil {
			return Value{}, err
		}
		o.Set(name, member)
	}
	return Value{o}, d.close()
}

func (d *decoder) close() error {
	if _, err := d.tokens.Token(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidJSON, err)
	}
	return nil
}
