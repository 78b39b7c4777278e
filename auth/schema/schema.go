package schema

import (
	"fmt"
	"net/url"
	"reflect"
)

// Schema is a compiled input type. It is safe for concurrent use. A nil *Schema accepts
// everything and yields nil.
type Schema struct {
	node     node
	typ      reflect.Type
	optional bool
}

// Option changes a schema as a whole.
type Option func(*Schema)

// Optional lets the whole input be absent; it then reads as the zero value.
func Optional() Option { return func(s *Schema) { s.optional = true } }

// Of compiles T, as a rule a struct. It panics when a declaration is wrong, so call it
// where the program starts.
func Of[T any](opts ...Option) *Schema {
	t := reflect.TypeFor[T]()
	n, err := new(compiler).compile(t, options{})
	if err != nil {
		panic("schema: " + err.Error())
	}
	s := &Schema{node: n, typ: t}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// As returns what a Parse method of a schema of T gave: its zero value for nil. It panics
// for a value of another schema.
func As[T any](parsed any) T {
	if parsed == nil {
		var zero T
		return zero
	}
	value, ok := parsed.(T)
	if !ok {
		panic(fmt.Sprintf("schema: parsed input is %T, not %s", parsed, reflect.TypeFor[T]()))
	}
	return value
}

// Parse validates v. where is "body" or "query" and begins the paths of the failures.
// The value returned is a T (see As); the error, if any, is *Issues.
func (s *Schema) Parse(where string, v Value) (any, error) {
	if s == nil {
		return nil, nil
	}
	target := reflect.New(s.typ).Elem()
	if v.IsUndefined() && s.optional {
		return target.Interface(), nil
	}
	r := &run{path: []string{where}}
	s.node.parse(r, v, target)
	if len(r.issues) > 0 {
		return nil, &Issues{List: r.issues}
	}
	return target.Interface(), nil
}

// ParseJSON decodes and validates a body; present is false when the request had none. The
// error is ErrInvalidJSON, ErrTooComplex or *Issues.
func (s *Schema) ParseJSON(raw []byte, present bool) (any, error) {
	if !present {
		return s.Parse("body", Value{})
	}
	v, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	return s.Parse("body", v)
}

// ParseForm validates a form body; see FormValue. The error is *Issues.
func (s *Schema) ParseForm(form url.Values) (any, error) { return s.Parse("body", FormValue(form)) }

// ParseQuery validates a query; see QueryValue. The error is *Issues.
func (s *Schema) ParseQuery(query url.Values) (any, error) {
	return s.Parse("query", QueryValue(query))
}

// IsOptional reports whether the whole input may be absent.
func (s *Schema) IsOptional() bool { return s == nil || s.optional }

// OpenAPI returns a new OpenAPI 3.1 schema of the input: the caller may change it.
// Optional is not nullable; null is a second type or an alternative.
func (s *Schema) OpenAPI() map[string]any {
	if s == nil {
		return map[string]any{}
	}
	return s.node.describe()
}

// Parameters describes the fields as query parameters of an OpenAPI operation, in order.
func (s *Schema) Parameters() []map[string]any {
	if s == nil {
		return nil
	}
	var list []map[string]any
	for _, f := range fieldsOf(s.node) {
		p := map[string]any{"name": f.name, "in": "query", "schema": f.describe()}
		if !f.optional && !s.optional {
			p["required"] = true
		}
		list = append(list, p)
	}
	return list
}

func fieldsOf(n node) []field {
	switch n := n.(type) {
	case checkedNode:
		return fieldsOf(n.inner)
	case pointerNode:
		return fieldsOf(n.inner)
	case *objectNode:
		return n.fields
	case unionNode:
		return unionFields(n)
	}
	return nil
}

// unionFields lists the fields of all choices once; none of them is required alone.
func unionFields(n unionNode) []field {
	var list []field
	seen := map[string]bool{}
	for _, c := range n.choices {
		for _, f := range fieldsOf(c.node) {
			if !seen[f.name] {
				seen[f.name], f.optional = true, true
				list = append(list, f)
			}
		}
	}
	return list
}
