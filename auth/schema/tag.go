package schema

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// defaultMaxText bounds a string field that declares no max (SEC-175).
const defaultMaxText = 65_536

// options are what a field's schema tag says.
type options struct {
	email, coerce, optional, nullable, rest, loose bool
	min, max                                       *float64
	enum                                           []string
	literal, fallback                              *string
	pattern                                        *regexp.Regexp
	message, typeError                             string
	union                                          []string
}

// parseTag reads a schema tag. Errors are mistakes in the declaration.
func parseTag(tag string) (options, error) {
	var o options
	for _, part := range splitTag(tag) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if len(value) > 1 && value[0] == '\'' && value[len(value)-1] == '\'' {
			value = value[1 : len(value)-1]
		}
		if err := o.set(name, value); err != nil {
			return o, fmt.Errorf("option %q: %w", part, err)
		}
	}
	return o, nil
}

// splitTag cuts at commas outside single quotes.
func splitTag(tag string) []string {
	quoted := false
	return strings.FieldsFunc(tag, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}

func (o *options) set(name, value string) (err error) {
	switch name {
	case "email":
		o.email = true
	case "coerce":
		o.coerce = true
	case "optional":
		o.optional = true
	case "nullable":
		o.nullable = true
	case "rest":
		o.rest, o.loose = true, value == "loose"
	case "min":
		o.min, err = bound(value)
	case "max":
		o.max, err = bound(value)
	case "enum":
		o.enum = strings.Split(value, "|")
	case "union":
		o.union = strings.Split(value, "|")
	case "literal":
		o.literal = &value
	case "default":
		o.fallback = &value
	case "pattern":
		o.pattern, err = regexp.Compile(value)
	case "message":
		o.message = value
	case "error":
		o.typeError = value
	default:
		err = fmt.Errorf("unknown")
	}
	return err
}

func bound(value string) (*float64, error) {
	n, err := strconv.ParseFloat(value, 64)
	return &n, err
}

// forElements splits the options of an array or record: what speaks of it, and what of
// its elements.
func (o options) forElements() (outer, inner options) {
	outer = options{min: o.min, max: o.max, message: o.message, typeError: o.typeError}
	inner = options{
		email: o.email, coerce: o.coerce, enum: o.enum, literal: o.literal, pattern: o.pattern,
		message: o.message, union: o.union,
	}
	return outer, inner
}

// fallbackValue reads the text of a default for a field of type t.
func fallbackValue(t reflect.Type, text string) (Value, error) {
	switch t.Kind() {
	case reflect.Pointer:
		return fallbackValue(t.Elem(), text)
	case reflect.String:
		return Text(text), nil
	}
	return Decode([]byte(text))
}
