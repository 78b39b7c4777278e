package schema

import "reflect"

// field is a declared member.
type field struct {
	name     string
	index    []int
	node     node
	optional bool
	fallback Value // undefined when there is no default
}

// rest keeps the members that no field names.
type rest struct {
	index []int
	node  node
	loose bool
}

// join is a union that the whole object must fit as well.
type join struct {
	index []int
	node  node
}

// objectNode is a struct.
type objectNode struct {
	fields []field
	known  map[string]bool
	rest   *rest
	joins  []join
	strict bool
	noun   string // what the wire calls it: object or record
	text   string
}

func (n *objectNode) parse(r *run, v Value, dst reflect.Value) {
	o := v.Object()
	if o == nil {
		r.failType(n.noun, v, n.text)
		if n.noun == "object" && n.rest != nil && !n.rest.loose {
			r.failType("record", v, n.text)
		}
		return
	}
	for _, f := range n.fields {
		f.parse(r, o.Get(f.name), dst)
	}
	if n.strict {
		n.refuseUnknown(r, o)
	}
	if n.rest != nil {
		n.rest.node.parse(r, n.unknown(o).Value(), dst.FieldByIndex(n.rest.index))
	}
	for _, j := range n.joins {
		j.node.parse(r, v, dst.FieldByIndex(j.index))
	}
}

func (f field) parse(r *run, v Value, dst reflect.Value) {
	if v.IsUndefined() {
		v = f.fallback
	}
	if v.IsUndefined() && f.optional {
		return
	}
	r.push(f.name)
	f.node.parse(r, v, dst.FieldByIndex(f.index))
	r.pop()
}

func (n *objectNode) unknown(o *Object) *Object {
	left := NewObject()
	for key, value := range o.All() {
		if !n.known[key] {
			left.Set(key, value)
		}
	}
	return left
}

// refuseUnknown names the first few keys that are not declared.
func (n *objectNode) refuseUnknown(r *run, o *Object) {
	const named = 5
	var keys []string
	for key := range n.unknown(o).All() {
		if len(keys) < named {
			keys = append(keys, shorten(key, maxSegment))
		}
	}
	switch len(keys) {
	case 0:
	case 1:
		r.fail("Unrecognized key: " + quoteAll(keys, ""))
	default:
		r.fail("Unrecognized keys: " + quoteAll(keys, ", "))
	}
}

func (n *objectNode) describe() map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range n.fields {
		properties[f.name] = f.describe()
		if !f.optional {
			required = append(required, f.name)
		}
	}
	d := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		d["required"] = required
	}
	if n.strict {
		d["additionalProperties"] = false
	}
	if n.rest != nil {
		d["additionalProperties"] = n.rest.node.describe()["additionalProperties"]
	}
	if len(n.joins) == 0 {
		return d
	}
	all := []any{d}
	for _, j := range n.joins {
		all = append(all, j.node.describe())
	}
	return map[string]any{"allOf": all}
}

func (f field) describe() map[string]any {
	d := f.node.describe()
	if !f.fallback.IsUndefined() {
		d["default"] = f.fallback.Any()
	}
	return d
}
