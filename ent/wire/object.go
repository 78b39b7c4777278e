// Package wire encodes stored entities as the JSON objects of the wire: keys in
// a fixed order, times in milliseconds, text as JavaScript writes it.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// TimeLayout is how times are written (better-auth core 1.7); the time must be
// in UTC.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// Field is one member of an Object.
type Field struct {
	Key   string
	Value any
	// Owner is the id of the plugin that brought the member; empty for the core.
	Owner string
}

// Object is a JSON object whose members keep their order.
type Object []Field

// Get returns the value of a key.
func (o Object) Get(key string) (any, bool) {
	if i := o.index(key); i >= 0 {
		return o[i].Value, true
	}
	return nil, false
}

// Set replaces the value of a key in place, or adds the key before the id,
// which stays last. It returns the object, as append does.
func (o Object) Set(key string, value any) Object {
	if i := o.index(key); i >= 0 {
		o[i].Value = value
		return o
	}
	last := len(o) - 1
	if last < 0 || o[last].Key != "id" {
		return append(o, Field{Key: key, Value: value})
	}
	id := o[last]
	o[last] = Field{Key: key, Value: value}
	return append(o, id)
}

// Add puts a key at the very end, after the id.
func (o Object) Add(key string, value any) Object {
	return append(o, Field{Key: key, Value: value})
}

// Without returns a copy of the object that lacks the keys.
func (o Object) Without(keys ...string) Object {
	rest := make(Object, 0, len(o))
	for _, f := range o {
		if !contains(keys, f.Key) {
			rest = append(rest, f)
		}
	}
	return rest
}

// First returns a copy of the object with the keys before all others, in their order.
func (o Object) First(keys ...string) Object {
	list := make(Object, 0, len(o))
	for _, key := range keys {
		if i := o.index(key); i >= 0 {
			list = append(list, o[i])
		}
	}
	return append(list, o.Without(keys...)...)
}

func (o Object) index(key string) int {
	for i := range o {
		if o[i].Key == key {
			return i
		}
	}
	return -1
}

func contains(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

// MarshalJSON writes the members in order. It escapes nothing for HTML; an
// encoder that calls it must have SetEscapeHTML(false) to keep that.
func (o Object) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil) }

// AppendJSON appends the object's JSON to dst. A nil object is null.
func (o Object) AppendJSON(dst []byte) ([]byte, error) {
	if o == nil {
		return append(dst, "null"...), nil
	}
	dst = append(dst, '{')
	for i, f := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, f.Key), ':')
		var err error
		if dst, err = appendValue(dst, f.Value); err != nil {
			return nil, fmt.Errorf("wire: member %q: %w", f.Key, err)
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return appendText(dst, v), nil
	case *string:
		return appendPointer(dst, v, appendText), nil
	case time.Time:
		return appendTime(dst, v), nil
	case *time.Time:
		return appendPointer(dst, v, appendTime), nil
	case json.RawMessage: // kept as it is, white space included
		if json.Valid(v) {
			return append(dst, v...), nil
		}
	case Object:
		return v.AppendJSON(dst)
	case []Object:
		return appendList(dst, v)
	}
	return appendOther(dst, value)
}

func appendPointer[T any](dst []byte, v *T, appendTo func([]byte, T) []byte) []byte {
	if v == nil {
		return append(dst, "null"...)
	}
	return appendTo(dst, *v)
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	return append(t.UTC().AppendFormat(dst, TimeLayout), '"')
}

func appendList(dst []byte, list []Object) ([]byte, error) {
	dst = append(dst, '[')
	for i, o := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = o.AppendJSON(dst); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendOther(dst []byte, value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...), nil
}
