package schema

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/email"
)

const nulReason = "Invalid string: must not include the character U+0000"

// textNode is a string, an enumeration or a literal text.
type textNode struct {
	email, coerce, maxDeclared bool
	min, max                   int
	enum                       []string
	pattern                    *regexp.Regexp
	text, message              string
}

func (n textNode) parse(r *run, v Value, dst reflect.Value) {
	s, ok := v.Text()
	if !ok && n.coerce {
		s, ok = scalarText(v)
	}
	switch {
	case n.enum != nil && (!ok || !slices.Contains(n.enum, s)):
		r.fail(n.enumReason())
	case !ok:
		r.failType("string", v, n.text)
	case strings.Contains(s, "\x00"):
		r.fail(nulReason)
	default:
		n.check(r, s)
		dst.SetString(s)
	}
}

// scalarText converts as String() does. Null, arrays and objects are left to be refused:
// their JavaScript texts are never meant.
func scalarText(v Value) (string, bool) {
	if b, ok := v.Bool(); ok {
		return strconv.FormatBool(b), true
	}
	if f, ok := v.Number(); ok {
		return numberText(f), true
	}
	return "", false
}

func (n textNode) enumReason() string {
	switch {
	case n.text != "":
		return n.text
	case len(n.enum) == 1:
		return "Invalid input: expected " + quoteAll(n.enum, "")
	}
	return "Invalid option: expected one of " + quoteAll(n.enum, "|")
}

func (n textNode) check(r *run, s string) {
	length := utf16Length(s)
	if length < n.min {
		r.record(n.say("Too small: expected string to have >=" + strconv.Itoa(n.min) + " characters"))
	}
	if length > n.max {
		r.record(n.say("Too big: expected string to have <=" + strconv.Itoa(n.max) + " characters"))
	}
	if n.email && !isEmail(s) {
		r.record(n.say("Invalid email address"))
	}
	if n.pattern != nil && !n.pattern.MatchString(s) {
		r.record(n.say("Invalid string: must match pattern /" + n.pattern.String() + "/"))
	}
}

func (n textNode) say(reason string) string {
	if n.message != "" {
		return n.message
	}
	return reason
}

func isEmail(s string) bool {
	_, err := email.Parse(s)
	return err == nil
}

func (n textNode) describe() map[string]any {
	d := map[string]any{"type": "string"}
	if n.enum != nil {
		d["enum"] = n.enum
	}
	if n.email {
		d["format"] = "email"
	}
	if n.min > 0 {
		d["minLength"] = n.min
	}
	if n.maxDeclared {
		d["maxLength"] = n.max
	}
	if n.pattern != nil {
		d["pattern"] = n.pattern.String()
	}
	return d
}

// boolNode is a boolean or one of the two.
type boolNode struct {
	coerce  bool
	literal *bool
	text    string
}

func (n boolNode) parse(r *run, v Value, dst reflect.Value) {
	b, ok := v.Bool()
	if n.coerce && !ok {
		b, ok = n.convert(v)
	}
	switch {
	case n.literal != nil && (!ok || b != *n.literal):
		if n.text != "" {
			r.fail(n.text)
			return
		}
		r.fail("Invalid input: expected " + strconv.FormatBool(*n.literal))
	case !ok:
		r.failType("boolean", v, n.text)
	default:
		dst.SetBool(b)
	}
}

// convert reads as Boolean() does. A literal is more careful: only its own text will do
// (a query cannot hold a boolean).
func (n boolNode) convert(v Value) (value, ok bool) {
	if n.literal != nil {
		s, _ := v.Text()
		return *n.literal, s == strconv.FormatBool(*n.literal)
	}
	switch v.Kind() {
	case KindUndefined, KindNull:
		return false, true
	case KindString:
		s, _ := v.Text()
		return s != "", true
	case KindNumber:
		f, _ := v.Number()
		return f != 0 && !math.IsNaN(f), true
	}
	return true, true
}

func (n boolNode) describe() map[string]any {
	d := map[string]any{"type": "boolean"}
	if n.literal != nil {
		d["const"] = *n.literal
	}
	return d
}

// maxSafe is JavaScript's Number.MAX_SAFE_INTEGER.
const maxSafe = 1<<53 - 1

// numberNode is a finite number, or a whole one within ±maxSafe.
type numberNode struct {
	whole, coerce bool
	min, max      *float64
	text, message string
}

func (n numberNode) parse(r *run, v Value, dst reflect.Value) {
	if s, ok := v.Text(); ok && n.coerce {
		v = Value{textNumber(s)}
	}
	f, ok := v.Number()
	switch {
	case !ok || math.IsNaN(f) || math.IsInf(f, 0):
		r.failType("number", v, n.text)
	case n.whole && f != math.Trunc(f):
		r.failType("int", v, n.text)
	case n.whole && f > maxSafe:
		r.fail("Too big: expected int to be <=" + numberText(maxSafe))
	case n.whole && f < -maxSafe:
		r.fail("Too small: expected int to be >=" + numberText(-maxSafe))
	default:
		n.check(r, f)
		if n.whole {
			dst.SetInt(int64(f))
		} else {
			dst.SetFloat(f)
		}
	}
}

func (n numberNode) check(r *run, f float64) {
	reason := ""
	switch {
	case n.min != nil && f < *n.min:
		reason = "Too small: expected number to be >=" + numberText(*n.min)
	case n.max != nil && f > *n.max:
		reason = "Too big: expected number to be <=" + numberText(*n.max)
	default:
		return
	}
	if n.message != "" {
		reason = n.message
	}
	r.record(reason)
}

func (n numberNode) describe() map[string]any {
	d := map[string]any{"type": "number"}
	if n.whole {
		d["type"] = "integer"
	}
	if n.min != nil {
		d["minimum"] = *n.min
	}
	if n.max != nil {
		d["maximum"] = *n.max
	}
	return d
}

// timeNode is ISO 8601 text with a date, a time and a zone.
type timeNode struct {
	text string
}

func (n timeNode) parse(r *run, v Value, dst reflect.Value) {
	s, _ := v.Text()
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		r.failType("date", v, n.text)
		return
	}
	dst.Set(reflect.ValueOf(t.UTC()))
}

func (timeNode) describe() map[string]any {
	return map[string]any{"type": "string", "format": "date-time"}
}
