package schema

import (
	"reflect"
	"strconv"
	"strings"
)

// listNode is an array.
type listNode struct {
	element node
	options options
}

func (n listNode) parse(r *run, v Value, dst reflect.Value) {
	if v.Kind() != KindArray {
		r.failType("array", v, n.options.typeError)
		return
	}
	items := v.Items()
	list := reflect.MakeSlice(dst.Type(), len(items), len(items))
	for i, item := range items {
		r.push(strconv.Itoa(i))
		n.element.parse(r, item, list.Index(i))
		r.pop()
	}
	n.check(r, float64(len(items)))
	dst.Set(list)
}

func (n listNode) check(r *run, length float64) {
	reason := ""
	switch o := n.options; {
	case o.min != nil && length < *o.min:
		reason = "Too small: expected array to have >=" + numberText(*o.min) + " items"
	case o.max != nil && length > *o.max:
		reason = "Too big: expected array to have <=" + numberText(*o.max) + " items"
	default:
		return
	}
	if n.options.message != "" {
		reason = n.options.message
	}
	r.record(reason)
}

func (n listNode) describe() map[string]any {
	d := map[string]any{"type": "array", "items": n.element.describe()}
	if n.options.min != nil {
		d["minItems"] = *n.options.min
	}
	if n.options.max != nil {
		d["maxItems"] = *n.options.max
	}
	return d
}

// recordNode is an object with free keys and values of one kind.
type recordNode struct {
	element node
	text    string
}

func (n recordNode) parse(r *run, v Value, dst reflect.Value) {
	o := v.Object()
	if o == nil {
		r.failType("record", v, n.text)
		return
	}
	record := reflect.MakeMapWithSize(dst.Type(), o.Len())
	for key, value := range o.All() {
		r.push(key)
		element := reflect.New(dst.Type().Elem()).Elem()
		n.element.parse(r, value, element)
		if strings.Contains(key, "\x00") {
			r.fail("Invalid key in record")
		}
		record.SetMapIndex(reflect.ValueOf(key).Convert(dst.Type().Key()), element)
		r.pop()
	}
	dst.Set(record)
}

func (n recordNode) describe() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": n.element.describe()}
}

// choice is one way of a union: a pointer field.
type choice struct {
	index int
	node  node
}

// unionNode is a choice between shapes.
type unionNode struct {
	choices []choice
	text    string
}

func (n unionNode) parse(r *run, v Value, dst reflect.Value) {
	var close []*run
	for _, c := range n.choices {
		try := &run{path: append([]string(nil), r.path...)}
		field := dst.Field(c.index)
		found := reflect.New(field.Type()).Elem()
		c.node.parse(try, v, found)
		if len(try.issues) == 0 {
			field.Set(found)
			return
		}
		if try.fatal == 0 {
			close = append(close, try)
		}
	}
	if len(close) == 1 {
		for _, issue := range close[0].issues {
			r.add(issue)
		}
		return
	}
	if n.text != "" {
		r.fail(n.text)
		return
	}
	r.fail("Invalid input")
}

func (n unionNode) describe() map[string]any {
	ways := make([]any, len(n.choices))
	for i, c := range n.choices {
		ways[i] = c.node.describe()
	}
	return map[string]any{"anyOf": ways}
}

// stringOrListNode is a string or an array of strings.
type stringOrListNode struct {
	element textNode
}

func (n stringOrListNode) parse(r *run, v Value, dst reflect.Value) {
	items, isList := []Value{v}, v.Kind() == KindArray
	if isList {
		items = v.Items()
	}
	texts := make([]string, len(items))
	try := &run{path: append([]string(nil), r.path...)}
	for i, item := range items {
		n.element.parse(try, item, reflect.ValueOf(&texts[i]).Elem())
	}
	switch {
	case try.fatal > 0 && n.element.text != "":
		r.fail(n.element.text)
	case try.fatal > 0:
		r.fail("Invalid input")
	default:
		for _, issue := range try.issues {
			r.add(issue)
		}
		dst.Set(reflect.ValueOf(StringOrList{Values: texts, IsList: isList}))
	}
}

func (n stringOrListNode) describe() map[string]any {
	list := map[string]any{"type": "array", "items": n.element.describe()}
	return map[string]any{"anyOf": []any{n.element.describe(), list}}
}
