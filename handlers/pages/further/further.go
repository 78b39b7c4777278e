// Package further draws and reads the further fields of people that the settings or
// plugins declare, in forms that work without scripts.
package further

import (
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
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
		name, label, value := prefix+f.Name, words.Raw(f.Title()), f.Write(stored[f.Name])
		field := web.Field{Name: name, Label: label, Value: value, Optional: !f.Required}
		switch f.Type {
		case "boolean":
			checked := form.Is(name, "on") || !form.Failed() && value == "on"
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
		v, ok := f.Read(given)
		if !ok {
			return nil, auth.ErrMissingField.Saying(f.Wrong()).At(name)
		}
		values[f.Name] = v
	}
	return values, nil
}
