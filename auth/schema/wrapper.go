package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// pointerNode is an optional value; what is absent never reaches it.
type pointerNode struct{ inner node }

func (n pointerNode) parse(r *run, v Value, dst reflect.Value) {
	target := reflect.New(dst.Type().Elem())
	n.inner.parse(r, v, target.Elem())
	dst.Set(target)
}

func (n pointerNode) describe() map[string]any { return n.inner.describe() }

// nullableNode takes null and leaves the zero value.
type nullableNode struct{ inner node }

func (n nullableNode) parse(r *run, v Value, dst reflect.Value) {
	if !v.IsNull() {
		n.inner.parse(r, v, dst)
	}
}

func (n nullableNode) describe() map[string]any { return orNull(n.inner.describe()) }

// orNull adds null to a description: to the type if that says all, else as an alternative.
func orNull(d map[string]any) map[string]any {
	if len(d) == 0 {
		return d
	}
	name, single := d["type"].(string)
	if _, enum := d["enum"]; single && !enum && d["const"] == nil {
		d["type"] = []string{name, "null"}
		return d
	}
	return map[string]any{"anyOf": []any{d, map[string]any{"type": "null"}}}
}

// maybeNode fills a Maybe.
type maybeNode struct{ inner node }

func (n maybeNode) parse(r *run, v Value, dst reflect.Value) {
	dst.FieldByName("Present").SetBool(true)
	if v.IsNull() {
		dst.FieldByName("Null").SetBool(true)
		return
	}
	n.inner.parse(r, v, dst.FieldByName("Value"))
}

func (n maybeNode) describe() map[string]any { return orNull(n.inner.describe()) }

// checkedNode asks a Checker once the shape is right.
type checkedNode struct{ inner node }

func (n checkedNode) parse(r *run, v Value, dst reflect.Value) {
	before := r.fatal
	n.inner.parse(r, v, dst)
	if r.fatal == before {
		dst.Addr().Interface().(Checker).Check(Report{r})
	}
}

func (n checkedNode) describe() map[string]any { return n.inner.describe() }

// freeNode is any value, any of some kinds, or any object.
type freeNode struct {
	kinds  []string // of a union; none means any
	record bool
	text   string
}

// unionKinds are the words of the option union.
func unionKinds() []string {
	return []string{"string", "number", "boolean", "null", "strings", "numbers"}
}

func checkUnion(kinds []string) error {
	for _, kind := range kinds {
		if !slices.Contains(unionKinds(), kind) {
			return fmt.Errorf("union of unknown kind %q", kind)
		}
	}
	return nil
}

func (n freeNode) parse(r *run, v Value, dst reflect.Value) {
	switch {
	case n.record && v.Kind() != KindObject:
		r.failType("record", v, n.text)
	case len(n.kinds) > 0 && !slices.ContainsFunc(n.kinds, v.is):
		if n.text != "" {
			r.fail(n.text)
			return
		}
		r.fail("Invalid input")
	case v.IsUndefined():
		r.failType("nonoptional", v, n.text)
	case v.hasNUL():
		r.fail(nulReason)
	default:
		v.store(dst)
	}
}

// is reports whether v is of a kind that the option union names.
func (v Value) is(kind string) bool {
	element, isList := strings.CutSuffix(kind, "s")
	if !isList {
		return string(v.Kind()) == kind
	}
	return v.Kind() == KindArray && !slices.ContainsFunc(v.Items(), func(item Value) bool { return string(item.Kind()) != element })
}

// hasNUL reports whether a string or key in v holds U+0000, which no database stores alike.
func (v Value) hasNUL() bool {
	if s, ok := v.Text(); ok {
		return strings.Contains(s, "\x00")
	}
	if slices.ContainsFunc(v.Items(), Value.hasNUL) {
		return true
	}
	for key, value := range v.Object().All() {
		if strings.Contains(key, "\x00") || value.hasNUL() {
			return true
		}
	}
	return false
}

// store puts v into a field of type Value, *Object, json.RawMessage or any.
func (v Value) store(dst reflect.Value) {
	switch target := dst.Addr().Interface().(type) {
	case *Value:
		*target = v
	case **Object:
		*target = v.Object()
	case *json.RawMessage:
		*target = appendValue(nil, v)
	case *any:
		*target = v.Any()
	}
}

func (n freeNode) describe() map[string]any {
	if n.record {
		return map[string]any{"type": "object", "additionalProperties": map[string]any{}}
	}
	if len(n.kinds) == 0 {
		return map[string]any{}
	}
	ways := make([]any, len(n.kinds))
	for i, kind := range n.kinds {
		if element, isList := strings.CutSuffix(kind, "s"); isList {
			ways[i] = map[string]any{"type": "array", "items": map[string]any{"type": element}}
		} else {
			ways[i] = map[string]any{"type": kind}
		}
	}
	return map[string]any{"anyOf": ways}
}
