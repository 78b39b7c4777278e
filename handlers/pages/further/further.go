// Package further draws and reads the further fields of people that the settings or
// plugins declare, in forms that work without scripts.
package further

import (
	"encoding/json"
	"gatehouse/auth/words"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Needed are the fields that have to be given when a person is made.
func Needed(h *plugins.Host) []auth.Field {
	return slices.DeleteFunc(h.Fields.Of("user"), func(f auth.Field) bool { return !f.Input || !f.Required || f.Default != nil })
}

// Own are the fields that people may see and set about themselves. One that is never
// shown cannot be edited either: its form would not know what to keep.
func Own(h *plugins.Host) []auth.Field {
	return slices.DeleteFunc(h.Fields.Of("user"), func(f auth.Field) bool { return !f.Input || !f.Returned })
}

// Draw draws fields, filled with what is stored where the form is new. The names of their
// inputs begin with prefix.
func Draw(fields []auth.Field, form web.Form, prefix string, stored map[string]any) []templ.Component {
	var list []templ.Component
	for _, f := range fields {
		name, label, value := prefix+f.Name, words.Raw(title(f.Name)), text(f.Type, stored[f.Name])
		field := web.Field{Name: name, Label: label, Value: value, Optional: !f.Required}
		switch f.Type {
		case "boolean":
			checked := form.Is(name, "on") || !form.Failed() && value == "true"
			list = append(list, web.Checkbox{Name: name, Label: label, Checked: checked, Error: form.Error(name)})
			continue
		case "number":
			field.Type, field.Attrs = web.Number, templ.Attributes{"step": "any"}
		case "date":
			field.Type = web.Date
		case "string[]", "number[]":
			field.Hint = "Several, with commas between them."
		case "json":
			field.Type, field.Hint, field.Mono = web.Area, "In JSON.", true
		}
		list = append(list, form.Fill(field))
	}
	return list
}

// Read reads fields of a form as the wire would carry them. One that may be missing and
// is left empty is null.
func Read(c *plugins.Call, fields []auth.Field, prefix string) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range fields {
		name := prefix + f.Name
		given := c.Form(name)
		if given == "" && f.Type != "boolean" {
			if f.Required {
				return nil, auth.ErrMissingField.Saying("This is needed.").At(name)
			}
			values[f.Name] = nil
			continue
		}
		v, ok := valueOf(f.Type, given)
		if !ok {
			return nil, auth.ErrMissingField.Saying(wrong[f.Type]).At(name)
		}
		values[f.Name] = v
	}
	return values, nil
}

// wrong says of a value that it is not of the type of its field.
var wrong = map[string]words.Text{"number": "This is not a number.", "date": "This is not a date.", "json": "This is not JSON.",
	"number[]": "These are not numbers."}

// text is a stored value as its input holds it.
func text(kind string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if at, err := time.Parse(time.RFC3339, v); kind == "date" && err == nil {
			return at.UTC().Format(time.DateOnly)
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		if kind == "json" {
			break
		}
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = text("", part)
		}
		return strings.Join(parts, ", ")
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(raw)
}

// valueOf reads the text of a field of a type.
func valueOf(kind, text string) (any, bool) {
	switch kind {
	case "boolean":
		return text == "on", true
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	case "date":
		at, err := time.Parse(time.DateOnly, text)
		return at.UTC().Format("2006-01-02T15:04:05.000Z"), err == nil
	case "json":
		var v any
		err := json.Unmarshal([]byte(text), &v)
		return v, err == nil
	case "string[]":
		return list(text, func(s string) (any, bool) { return s, true })
	case "number[]":
		return list(text, func(s string) (any, bool) { return valueOf("number", s) })
	}
	return text, true
}

func list(text string, each func(string) (any, bool)) (any, bool) {
	values := []any{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, ok := each(part)
		if !ok {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}

// title makes words of a wire name: "dateOfBirth" is "Date of birth".
func title(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteString(strings.ToUpper(string(r)))
		case r >= 'A' && r <= 'Z':
			b.WriteString(" " + strings.ToLower(string(r)))
		case r == '_':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
