package schema

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Kind says what a Value is, in JavaScript's words.
type Kind string

// The kinds of values. Undefined is the kind of the zero Value: nothing was sent.
const (
	KindUndefined Kind = "undefined"
	KindNull      Kind = "null"
	KindBoolean   Kind = "boolean"
	KindNumber    Kind = "number"
	KindString    Kind = "string"
	KindArray     Kind = "array"
	KindObject    Kind = "object"
)

// Value is one node of decoded, not yet validated input. The zero Value is undefined.
// Objects are shared, not copied, when a Value is assigned; so a hook may change them.
type Value struct {
	// data is nil, null, bool, float64, string, []Value or *Object.
	data any
}

type null struct{}

// Null returns JSON null.
func Null() Value { return Value{null{}} }

// From converts plain Go data: nil, booleans, numbers, strings, []any, []string, []Value,
// map[string]any (keys sorted), *Object, json.RawMessage and Value. Anything else goes
// through its JSON form; data that has none is an error.
func From(data any) (Value, error) {
	switch d := data.(type) {
	case nil:
		return Null(), nil
	case Value:
		return d, nil
	case bool, float64, string, []Value:
		return Value{d}, nil
	case *Object:
		return Value{d}, nil
	case int:
		return Value{float64(d)}, nil
	case []string:
		return stringList(d), nil
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return Value{}, fmt.Errorf("schema: value: %w", err)
	}
	return Decode(raw)
}

// Text returns a Value that holds a string.
func Text(s string) Value { return Value{s} }

func stringList(texts []string) Value {
	items := make([]Value, len(texts))
	for i, s := range texts {
		items[i] = Value{s}
	}
	return Value{items}
}

// Kind returns what v is.
func (v Value) Kind() Kind {
	switch v.data.(type) {
	case null:
		return KindNull
	case bool:
		return KindBoolean
	case float64:
		return KindNumber
	case string:
		return KindString
	case []Value:
		return KindArray
	case *Object:
		return KindObject
	}
	return KindUndefined
}

// IsUndefined reports whether nothing was sent.
func (v Value) IsUndefined() bool { return v.data == nil }

// IsNull reports whether v is JSON null.
func (v Value) IsNull() bool { return v.data == null{} }

// Text returns the string that v is.
func (v Value) Text() (string, bool) { s, ok := v.data.(string); return s, ok }

// Number returns the number that v is. It may be infinite when the text was out of range.
func (v Value) Number() (float64, bool) { n, ok := v.data.(float64); return n, ok }

// Bool returns the boolean that v is.
func (v Value) Bool() (value, ok bool) { value, ok = v.data.(bool); return value, ok }

// Items returns the elements of an array, nil for anything else.
func (v Value) Items() []Value { items, _ := v.data.([]Value); return items }

// Object returns the object that v is, nil for anything else. A nil *Object reads as empty.
func (v Value) Object() *Object { o, _ := v.data.(*Object); return o }

// Get returns the member of an object, undefined when there is none.
func (v Value) Get(key string) Value { return v.Object().Get(key) }

// Any converts v to plain Go data: nil, bool, float64, string, []any or map[string]any.
func (v Value) Any() any {
	switch d := v.data.(type) {
	case bool, float64, string:
		return d
	case []Value:
		list := make([]any, len(d))
		for i, item := range d {
			list[i] = item.Any()
		}
		return list
	case *Object:
		members := make(map[string]any, d.Len())
		for key, value := range d.All() {
			members[key] = value.Any()
		}
		return members
	}
	return nil
}

// Equal reports whether v and w hold the same data; the order of keys does not count.
func (v Value) Equal(w Value) bool {
	switch d := v.data.(type) {
	case []Value:
		return w.Kind() == KindArray && slices.EqualFunc(d, w.Items(), Value.Equal)
	case *Object:
		return w.Kind() == KindObject && d.equal(w.Object())
	}
	return w.Kind() == v.Kind() && v.data == w.data
}
