package settings

import (
	"encoding"
	"reflect"
	"time"
)

// Kind is the form a value has for people, forms and the documentation.
type Kind string

// The kinds of values.
const (
	Text     Kind = "text"
	Bool     Kind = "bool"     // true or false
	Integer  Kind = "integer"  // a whole number
	Number   Kind = "number"   // with or without fraction
	Duration Kind = "duration" // seconds, or text such as "7d"; see ParseDuration
	Bytes    Kind = "size"     // bytes, or text such as "1MiB"
	Choice   Kind = "toggle"   // auto, true or false
	List     Kind = "list"     // of texts; commas where only text is possible
	Table    Kind = "table"    // names to values; TOML where only text is possible
	Tables   Kind = "tables"   // a list of tables; TOML where only text is possible
)

// structured reports whether text of the kind is TOML.
func (k Kind) structured() bool { return k == Table || k == Tables }

// kindOf finds the kind of a type; structs without UnmarshalText have none.
func kindOf(t reflect.Type) (Kind, bool) {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return Duration, true
	case reflect.TypeFor[Size]():
		return Bytes, true
	case reflect.TypeFor[Toggle]():
		return Choice, true
	}
	if readsText(t) {
		return Text, true
	}
	switch t.Kind() {
	case reflect.String:
		return Text, true
	case reflect.Bool:
		return Bool, true
	case reflect.Int, reflect.Int64:
		return Integer, true
	case reflect.Float64:
		return Number, true
	case reflect.Map:
		return Table, t.Key().Kind() == reflect.String && elementKnown(t.Elem(), 0)
	case reflect.Slice:
		if kind, ok := kindOf(t.Elem()); ok && kind == Text {
			return List, true
		}
		return Tables, t.Elem().Kind() == reflect.Struct && elementKnown(t.Elem(), 0)
	}
	return "", false
}

// maxDepth bounds how deep tables nest, in types and in values.
const maxDepth = 8

// elementKnown reports whether a table may hold elements of the type.
func elementKnown(t reflect.Type, depth int) bool {
	if t == reflect.TypeFor[any]() {
		return true
	}
	if _, ok := kindOf(t); ok {
		return true
	}
	if t.Kind() != reflect.Struct || depth > maxDepth {
		return false
	}
	for _, f := range settingFields(t) {
		if !elementKnown(f.Type, depth+1) {
			return false
		}
	}
	return true
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// holdsSecret reports whether a Secret is in the type, at any depth.
func holdsSecret(t reflect.Type, depth int) bool {
	if t == reflect.TypeFor[Secret]() {
		return true
	}
	if depth > maxDepth {
		return false
	}
	switch t.Kind() {
	case reflect.Map, reflect.Slice:
		return holdsSecret(t.Elem(), depth+1)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsSecret(t.Field(i).Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// settingFields are the exported fields of a struct with a setting tag.
func settingFields(t reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("setting") != "" {
			out = append(out, f)
		}
	}
	return out
}
