package schema

import (
	"maps"
	"net/url"
	"slices"
)

// FormValue turns a decoded form body into an object of strings. Of a repeated key the
// last value counts (better-auth core 1.3). Keys are in alphabetical order.
func FormValue(form url.Values) Value {
	o := NewObject()
	for _, key := range slices.Sorted(maps.Keys(form)) {
		if values := form[key]; len(values) > 0 {
			o.Set(key, Text(values[len(values)-1]))
		}
	}
	return o.Value()
}

// QueryValue turns a decoded query into an object: a string for a key given once, an
// array of strings for a repeated one (better-auth core 1.4). Keys are in alphabetical
// order.
func QueryValue(query url.Values) Value {
	o := NewObject()
	for _, key := range slices.Sorted(maps.Keys(query)) {
		switch values := query[key]; len(values) {
		case 0:
		case 1:
			o.Set(key, Text(values[0]))
		default:
			o.Set(key, stringList(values))
		}
	}
	return o.Value()
}
