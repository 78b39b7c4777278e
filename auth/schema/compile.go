package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// node checks one value and stores it.
type node interface {
	// parse stores v in dst, which is settable and zero, or records why it cannot.
	parse(r *run, v Value, dst reflect.Value)
	// describe returns a new OpenAPI 3.1 schema.
	describe() map[string]any
}

// compiler guards against types that contain themselves.
type compiler struct {
	open []reflect.Type
}

func (c *compiler) compile(t reflect.Type, o options) (node, error) {
	if slices.Contains(c.open, t) && t.Kind() == reflect.Struct {
		return nil, fmt.Errorf("%s contains itself", t)
	}
	c.open = append(c.open, t)
	defer func() { c.open = c.open[:len(c.open)-1] }()

	n, err := c.typed(t, o)
	if err != nil {
		return nil, err
	}
	if checker := reflect.TypeFor[Checker](); t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface &&
		reflect.PointerTo(t).Implements(checker) {
		n = checkedNode{n}
	}
	if o.nullable {
		n = nullableNode{n}
	}
	return n, nil
}

// typed chooses the node by type; the special ones come before their kinds.
func (c *compiler) typed(t reflect.Type, o options) (node, error) {
	switch t {
	case reflect.TypeFor[Value]():
		return freeNode{kinds: o.union, text: o.typeError}, checkUnion(o.union)
	case reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage]():
		return freeNode{text: o.typeError}, nil
	case reflect.TypeFor[*Object]():
		return freeNode{record: true, text: o.typeError}, nil
	case reflect.TypeFor[StringOrList]():
		text, err := newText(o)
		return stringOrListNode{text}, err
	case reflect.TypeFor[time.Time]():
		return timeNode{text: o.typeError}, nil
	}
	if t.Implements(reflect.TypeFor[interface{ maybe() }]()) {
		return c.maybe(t, o)
	}
	return c.kind(t, o)
}

func (c *compiler) kind(t reflect.Type, o options) (node, error) {
	switch t.Kind() {
	case reflect.String:
		return newText(o)
	case reflect.Bool:
		return newBool(o)
	case reflect.Int, reflect.Int64:
		return numberNode{whole: true, min: o.min, max: o.max, coerce: o.coerce, text: o.typeError, message: o.message}, nil
	case reflect.Float64:
		return numberNode{min: o.min, max: o.max, coerce: o.coerce, text: o.typeError, message: o.message}, nil
	case reflect.Pointer:
		o.nullable = false
		inner, err := c.compile(t.Elem(), o)
		return pointerNode{inner}, err
	case reflect.Slice:
		outer, inner := o.forElements()
		element, err := c.compile(t.Elem(), inner)
		return listNode{element, outer}, err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("%s: keys must be strings", t)
		}
		_, inner := o.forElements()
		element, err := c.compile(t.Elem(), inner)
		return recordNode{element, o.typeError}, err
	case reflect.Struct:
		if embedsUnion(t) {
			return c.union(t, o)
		}
		return c.object(t, o)
	}
	return nil, fmt.Errorf("%s is no type for input", t)
}

func (c *compiler) maybe(t reflect.Type, o options) (node, error) {
	value, _ := t.FieldByName("Value")
	o.nullable = false
	inner, err := c.compile(value.Type, o)
	return maybeNode{inner}, err
}

func embedsUnion(t reflect.Type) bool {
	f, ok := t.FieldByName("Union")
	return ok && f.Anonymous && len(f.Index) == 1 && f.Type == reflect.TypeFor[Union]()
}

func (c *compiler) union(t reflect.Type, o options) (node, error) {
	u := unionNode{text: o.typeError}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[Union]() {
			continue
		}
		if f.Type.Kind() != reflect.Pointer || !f.IsExported() {
			return nil, fmt.Errorf("%s.%s: a choice of a union is an exported pointer", t, f.Name)
		}
		tag, err := parseTag(f.Tag.Get("schema"))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		inner, err := c.compile(f.Type, tag)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		u.choices = append(u.choices, choice{i, inner})
	}
	return u, nil
}

func (c *compiler) object(t reflect.Type, o options) (node, error) {
	n := &objectNode{noun: "object", text: o.typeError, known: map[string]bool{}}
	if err := c.members(n, t, nil); err != nil {
		return nil, err
	}
	if n.strict && n.rest != nil {
		return nil, fmt.Errorf("%s: strict and rest exclude each other", t)
	}
	return n, nil
}

// members adds the fields of t, and of what it embeds, in order.
func (c *compiler) members(n *objectNode, t reflect.Type, index []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		if err := c.member(n, f, append(slices.Clone(index), i)); err != nil {
			return fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
	}
	return nil
}

func (c *compiler) member(n *objectNode, f reflect.StructField, index []int) error {
	tag := f.Tag.Get("schema")
	if f.Name == "_" {
		return n.setOption(tag)
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	o, err := parseTag(tag)
	switch {
	case err != nil:
		return err
	case f.Anonymous && name == "":
		return c.embedded(n, f, o, index)
	case o.rest:
		return c.restField(n, f, o, index)
	case name == "-", !f.IsExported():
		return nil
	case name == "":
		return fmt.Errorf("no json tag")
	case n.known[name]:
		return fmt.Errorf("the name %q is taken", name)
	}
	return c.field(n, f.Type, name, o, index)
}

// setOption reads the tag of a struct's blank field.
func (n *objectNode) setOption(tag string) error {
	switch tag {
	case "":
	case "strict":
		n.strict = true
	case "record":
		n.noun = "record"
	default:
		return fmt.Errorf("unknown option %q of the struct", tag)
	}
	return nil
}

func (c *compiler) embedded(n *objectNode, f reflect.StructField, o options, index []int) error {
	if f.Type.Kind() != reflect.Struct {
		return fmt.Errorf("only structs can be embedded")
	}
	if !embedsUnion(f.Type) {
		return c.members(n, f.Type, index)
	}
	inner, err := c.compile(f.Type, o)
	n.joins = append(n.joins, join{index, inner})
	return err
}

func (c *compiler) restField(n *objectNode, f reflect.StructField, o options, index []int) error {
	isMap := f.Type.Kind() == reflect.Map && f.Type.Key().Kind() == reflect.String
	if n.rest != nil || !isMap && f.Type != reflect.TypeFor[*Object]() {
		return fmt.Errorf("rest is for one map with string keys or *Object")
	}
	o.optional, o.nullable = false, false
	inner, err := c.compile(f.Type, o)
	n.rest = &rest{index: index, node: inner, loose: o.loose}
	return err
}

func (c *compiler) field(n *objectNode, t reflect.Type, name string, o options, index []int) error {
	inner, err := c.compile(t, o)
	if err != nil {
		return err
	}
	maybe := t.Implements(reflect.TypeFor[interface{ maybe() }]())
	pointer := t.Kind() == reflect.Pointer && t != reflect.TypeFor[*Object]()
	f := field{name: name, index: index, node: inner}
	f.optional = o.optional || pointer || maybe || o.fallback != nil || o.coerce && t.Kind() == reflect.Bool && o.literal == nil
	if o.fallback != nil {
		if f.fallback, err = fallbackValue(t, *o.fallback); err != nil {
			return fmt.Errorf("default %q: %w", *o.fallback, err)
		}
		probe := &run{}
		if inner.parse(probe, f.fallback, reflect.New(t).Elem()); len(probe.issues) > 0 {
			return fmt.Errorf("default %q: %s", *o.fallback, probe.issues[0].Reason)
		}
	}
	n.known[name] = true
	n.fields = append(n.fields, f)
	return nil
}

func newText(o options) (textNode, error) {
	n := textNode{email: o.email, pattern: o.pattern, coerce: o.coerce, enum: o.enum, text: o.typeError, message: o.message, min: 0, max: defaultMaxText}
	if o.literal != nil {
		n.enum = []string{*o.literal}
	}
	if o.min != nil {
		n.min = int(*o.min)
	}
	if o.max != nil {
		n.max, n.maxDeclared = int(*o.max), true
	}
	return n, nil
}

func newBool(o options) (boolNode, error) {
	n := boolNode{coerce: o.coerce, text: o.typeError}
	if o.literal == nil {
		return n, nil
	}
	want, err := strconv.ParseBool(*o.literal)
	n.literal = &want
	return n, err
}
