package settings

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/auth/words"
)

const (
	maxEntries = 1000    // in one list or table
	maxText    = 1 << 16 // bytes of one value
)

// decoder turns what a source holds into the type of a setting and collects
// what is wrong, with keys relative to the setting.
type decoder struct {
	quote    bool // whether messages may quote the value
	problems Problems
}

func (d *decoder) fail(path string, text words.Text) {
	d.problems = append(d.problems, Problem{Key: path, Text: text})
}

// wrong reports a value that does not fit, quoted where that is allowed.
func (d *decoder) wrong(path string, say words.Text, value any) {
	if d.quote {
		say = words.F("%s, not %s", say, shorten(value))
	}
	d.fail(path, say)
}

// text reads the text form: of flags, the environment, files and forms.
func (d *decoder) text(dst reflect.Value, text string) {
	if len(text) > maxText {
		d.fail("", words.F("is longer than %s", Size(maxText)))
		return
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		d.fail("", "holds bytes that are not text")
		return
	}
	kind, _ := kindOf(dst.Type())
	switch kind {
	case Bool:
		yes, err := parseBool(text)
		if err != nil {
			d.wrong("", words.OfError(err), text)
		}
		dst.SetBool(yes)
	case Integer:
		d.tree(dst, json.Number(strings.TrimSpace(text)), "", 0)
	case Number:
		d.tree(dst, json.Number(strings.TrimSpace(text)), "", 0)
	case List:
		d.tree(dst, splitList(text), "", 0)
	case Table, Tables:
		value, err := parseStructured(text, kind)
		if err != nil {
			d.fail("", words.OfError(err))
			return
		}
		d.tree(dst, value, "", 0)
	default:
		d.tree(dst, text, "", 0)
	}
}

// tree reads a value of a TOML or JSON document.
func (d *decoder) tree(dst reflect.Value, value any, path string, depth int) {
	if depth > maxDepth {
		d.fail(path, "is nested too deeply")
		return
	}
	if value == nil && dst.Kind() != reflect.Interface {
		d.fail(path, "must not be null")
		return
	}
	kind, known := kindOf(dst.Type())
	switch {
	case dst.Kind() == reflect.Interface:
		d.free(dst, value, path)
	case !known:
		d.structure(dst, value, path, depth)
	case kind == Table:
		d.table(dst, value, path, depth)
	case kind == List || kind == Tables:
		d.list(dst, value, path, depth)
	default:
		d.scalar(dst, kind, value, path)
	}
}

func (d *decoder) scalar(dst reflect.Value, kind Kind, value any, path string) {
	switch kind {
	case Bool:
		yes, ok := value.(bool)
		if !ok {
			d.wrong(path, "must be true or false", value)
			return
		}
		dst.SetBool(yes)
	case Integer:
		n, err := strconv.ParseInt(numeral(value), 10, dst.Type().Bits())
		if err != nil {
			d.wrong(path, "must be a whole number", value)
			return
		}
		dst.SetInt(n)
	case Number:
		n, err := strconv.ParseFloat(numeral(value), 64)
		if err != nil || n-n != 0 { // infinities and NaN
			d.wrong(path, "must be a number", value)
			return
		}
		dst.SetFloat(n)
	case Duration:
		span, err := ParseDuration(numeralOrText(value))
		if err != nil {
			d.wrong(path, words.OfError(err), value)
			return
		}
		dst.SetInt(int64(span))
	default:
		d.words(dst, kind, value, path)
	}
}

// words reads strings and types with UnmarshalText.
func (d *decoder) words(dst reflect.Value, kind Kind, value any, path string) {
	text, ok := value.(string)
	switch kind {
	case Bytes:
		text, ok = numeralOrText(value), true
	case Choice:
		if yes, isBool := value.(bool); isBool {
			text, ok = strconv.FormatBool(yes), true
		}
	}
	switch {
	case !ok:
		d.wrong(path, "must be a text in quotes", value)
	case strings.ContainsRune(text, 0):
		d.fail(path, "holds bytes that are not text")
	case readsText(dst.Type()):
		d.unmarshal(dst, text, path)
	case !plain(text):
		d.fail(path, notPlain)
	default:
		dst.SetString(text)
	}
}

// plain reports whether a text is one line without control characters, those that turn the
// direction of writing among them: texts of settings end up in headers of mails, in logs
// and on pages.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
	})
}

const notPlain words.Text = "must be one line without control characters"

func (d *decoder) unmarshal(dst reflect.Value, text, path string) {
	if _, secret := dst.Interface().(Secret); secret && text == masked {
		d.fail(path, "is the word shown in place of a secret, not a secret")
		return
	}
	err := dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	if err == nil {
		return
	}
	if d.quote {
		d.wrong(path, words.OfError(err), text)
		return
	}
	d.fail(path, words.OfError(err))
}

func (d *decoder) list(dst reflect.Value, value any, path string, depth int) {
	items, ok := value.([]any)
	if !ok {
		d.wrong(path, "must be a list", value)
		return
	}
	if len(items) > maxEntries {
		d.fail(path, words.F("has more than %d entries", maxEntries))
		return
	}
	out := reflect.MakeSlice(dst.Type(), len(items), len(items))
	for i, item := range items {
		d.tree(out.Index(i), item, join(path, strconv.Itoa(i+1)), depth+1)
	}
	dst.Set(out)
}

func (d *decoder) table(dst reflect.Value, value any, path string, depth int) {
	entries, ok := value.(map[string]any)
	if !ok {
		d.wrong(path, "must be a table", value)
		return
	}
	if len(entries) > maxEntries {
		d.fail(path, words.F("has more than %d entries", maxEntries))
		return
	}
	out := reflect.MakeMapWithSize(dst.Type(), len(entries))
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if !plain(name) {
			d.fail(path, "must have names of one line without control characters")
			return
		}
		element := reflect.New(dst.Type().Elem()).Elem()
		d.tree(element, entries[name], join(path, name), depth+1)
		out.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), element)
	}
	dst.Set(out)
}

// structure reads a struct inside a table, strictly.
func (d *decoder) structure(dst reflect.Value, value any, path string, depth int) {
	entries, ok := value.(map[string]any)
	if !ok {
		d.wrong(path, "must be a table", value)
		return
	}
	if starter, ok := dst.Addr().Interface().(interface{ SetDefaults() }); ok && depth > 0 {
		starter.SetDefaults()
	}
	var names []string
	for _, f := range settingFields(dst.Type()) {
		name := f.Tag.Get("setting")
		names = append(names, name)
		if entry, given := entries[name]; given {
			d.tree(dst.FieldByIndex(f.Index), entry, join(path, name), depth+1)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if !slices.Contains(names, name) {
			d.problems = append(d.problems, Problem{Key: join(path, name), Text: "is unknown here", Fix: suggestion(name, names)})
		}
	}
}

// free takes scalars as they are, for fields of type any. A number without
// fraction is an int64 however it is written, as in JSON.
func (d *decoder) free(dst reflect.Value, value any, path string) {
	switch v := value.(type) {
	case nil:
	case float64, int64, json.Number:
		d.number(dst, v, path)
	case string:
		if !plain(v) {
			d.fail(path, notPlain)
			return
		}
		dst.Set(reflect.ValueOf(v))
	case bool:
		dst.Set(reflect.ValueOf(v))
	default:
		d.fail(path, "must be a text, a number, true or false")
	}
}

func (d *decoder) number(dst reflect.Value, value any, path string) {
	const exact = 1 << 53 // up to here every whole number is a float64
	if n, err := strconv.ParseInt(numeral(value), 10, 64); err == nil {
		dst.Set(reflect.ValueOf(n))
		return
	}
	n, err := strconv.ParseFloat(numeral(value), 64)
	switch {
	case err != nil || n-n != 0: // infinities and NaN
		d.wrong(path, "must be a number", value)
	case n == float64(int64(n)) && n > -exact && n < exact:
		dst.Set(reflect.ValueOf(int64(n)))
	default:
		dst.Set(reflect.ValueOf(n))
	}
}
