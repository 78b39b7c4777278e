package schema

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// FormValue turns a decoded form body into an object of strings. Of a repeated key the
// last value counts (better-auth core 1.3). Keys are in alphabetical order.
func FormValue(form url.Values) Value {
	o := NewObject()
	for _, key := range slices.Sorted(maps.Keys(form)) {
		if values := form[key]; len(values) > 0 {
			o.Set(key, Text(wellFormed(values[len(values)-1])))
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
			o.Set(key, Text(wellFormed(values[0])))
		default:
			list := make([]string, len(values))
			for i, v := range values {
				list[i] = wellFormed(v)
			}
			o.Set(key, stringList(list))
		}
	}
	return o.Value()
}

// wellFormed replaces what is not UTF-8, as JavaScript's URLSearchParams does; databases
// do not agree on such text.
func wellFormed(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
