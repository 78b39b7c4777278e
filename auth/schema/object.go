package schema

import (
	"iter"
	"slices"
)

// Object is a JSON object that keeps the order of its keys. A nil *Object reads as empty.
type Object struct {
	keys   []string
	values map[string]Value
}

// NewObject returns an empty object.
func NewObject() *Object { return &Object{values: map[string]Value{}} }

// Value returns o as a Value.
func (o *Object) Value() Value { return Value{o} }

// Len returns the number of members.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.keys)
}

// Get returns a member, undefined when there is none.
func (o *Object) Get(key string) Value {
	if o == nil {
		return Value{}
	}
	return o.values[key]
}

// Has reports whether there is a member of that name.
func (o *Object) Has(key string) bool {
	if o == nil {
		return false
	}
	_, ok := o.values[key]
	return ok
}

// Set adds a member or replaces its value at its old place. Setting undefined deletes it.
func (o *Object) Set(key string, v Value) {
	if v.IsUndefined() {
		o.Delete(key)
		return
	}
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

// Delete removes a member.
func (o *Object) Delete(key string) {
	if !o.Has(key) {
		return
	}
	delete(o.values, key)
	o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
}

// Keys returns the names of the members in order.
func (o *Object) Keys() []string {
	if o == nil {
		return nil
	}
	return slices.Clone(o.keys)
}

// All yields the members in order.
func (o *Object) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if o == nil {
			return
		}
		for _, key := range o.keys {
			if !yield(key, o.values[key]) {
				return
			}
		}
	}
}

func (o *Object) equal(p *Object) bool {
	if o.Len() != p.Len() {
		return false
	}
	for key, value := range o.All() {
		if !p.Has(key) || !value.Equal(p.Get(key)) {
			return false
		}
	}
	return true
}
