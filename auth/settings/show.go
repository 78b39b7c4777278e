package settings

import (
	"encoding"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// show writes the value of a leaf for people, secrets hidden. Text of a
// setting without secrets can be read back.
func (l *leaf) show(v reflect.Value) string {
	if secret, ok := v.Interface().(Secret); ok && l.address {
		return showAddress(secret.Reveal())
	}
	if l.secret && !l.kind.structured() {
		if v.IsZero() {
			return ""
		}
		return masked
	}
	return showText(v)
}

// showAddress keeps scheme, host and path of an address with credentials. A
// text that is no such address is hidden whole.
func showAddress(text string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return masked
	}
	if local := u.Scheme == "sqlite" || u.Scheme == "file"; local && u.Opaque != "" {
		return u.Scheme + ":" + u.Opaque
	}
	// An unescaped / or @ in a password would end up in host or path.
	ats := strings.Count(text, "@")
	if u.Opaque != "" || ats > 1 || ats == 1 && u.User == nil || u.Host == "" && u.Path == "" {
		return masked
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// showText writes scalars bare, lists with commas, tables as TOML.
func showText(v reflect.Value) string {
	kind, _ := kindOf(v.Type())
	switch kind {
	case List:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = shownText(v.Index(i))
		}
		return strings.Join(texts, ",")
	case Table, Tables:
		if v.Len() == 0 {
			return ""
		}
		return inlineTOML(v)
	case Bool:
		return strconv.FormatBool(v.Bool())
	case Integer:
		return strconv.FormatInt(v.Int(), 10)
	case Number:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case Duration:
		return FormatDuration(time.Duration(v.Int()))
	}
	return shownText(v)
}

// shownText is the text of a string or of a type with a text form.
func shownText(v reflect.Value) string {
	if v.Kind() == reflect.String && !readsText(v.Type()) {
		return v.String()
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(v.Interface())
}

// plainText is shownText with secrets revealed, for checks only.
func plainText(v reflect.Value) string {
	if s, ok := v.Interface().(Secret); ok {
		return s.Reveal()
	}
	return shownText(v)
}

// inlineTOML writes any value in the inline syntax of TOML, secrets hidden.
func inlineTOML(v reflect.Value) string {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return `""`
		}
		v = v.Elem()
	}
	kind, known := kindOf(v.Type())
	switch {
	case !known:
		return inlineStruct(v)
	case kind == Table:
		return inlineTable(v)
	case kind == List, kind == Tables:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = inlineTOML(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case kind == Bool, kind == Integer:
		return showText(v)
	case kind == Number:
		return tomlFloat(v.Float())
	}
	return tomlString(showText(v))
}

func inlineStruct(v reflect.Value) string {
	var parts []string
	for _, f := range settingFields(v.Type()) {
		if field := v.FieldByIndex(f.Index); !field.IsZero() || startsSet(v.Type()) {
			if field.Kind() == reflect.Interface && field.IsNil() {
				continue
			}
			parts = append(parts, f.Tag.Get("setting")+" = "+inlineTOML(field))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// startsSet reports whether elements of the type have defaults other than
// zero, so that zero values must be written down.
func startsSet(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ SetDefaults() }]())
}

func inlineTable(v reflect.Value) string {
	entries := map[string]string{}
	for it := v.MapRange(); it.Next(); {
		entries[it.Key().String()] = inlineTOML(it.Value())
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		parts = append(parts, tomlKey(name)+" = "+entries[name])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func tomlKey(name string) string {
	bare := name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
	if bare {
		return name
	}
	return tomlString(name)
}

// tomlFloat keeps a fraction, without which TOML reads an integer.
func tomlFloat(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// tomlString writes a basic string of TOML 1.0.
func tomlString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
