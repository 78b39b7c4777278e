package pages

import (
	"encoding/json"
	"gatehouse/auth/words"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
)

// needed are the additional fields of a user that a sign-up has to give. Others are
// left to the account area and to apps.
func (p *Part) needed() []auth.Field {
	var list []auth.Field
	for _, f := range p.h.Fields.Of("user") {
		if f.Input && f.Required && f.Default == nil {
			list = append(list, f)
		}
	}
	return list
}

// extras draws the needed fields.
func (p *Part) extras(form web.Form) []templ.Component {
	var list []templ.Component
	for _, f := range p.needed() {
		label := title(f.Name)
		switch f.Type {
		case "boolean":
			list = append(list, web.Checkbox{Name: f.Name, Label: words.Raw(label), Checked: form.Is(f.Name, "on"), Error: form.Error(f.Name)})
		case "number":
			list = append(list, form.Fill(web.Field{Name: f.Name, Label: words.Raw(label), Type: web.Number, Attrs: templ.Attributes{"step": "any"}}))
		case "date":
			list = append(list, form.Fill(web.Field{Name: f.Name, Label: words.Raw(label), Type: web.Date}))
		case "string[]", "number[]":
			list = append(list, form.Fill(web.Field{Name: f.Name, Label: words.Raw(label), Hint: "Several, with commas between them."}))
		case "json":
			list = append(list, form.Fill(web.Field{Name: f.Name, Label: words.Raw(label), Type: web.Area, Hint: "In JSON.", Mono: true}))
		default:
			list = append(list, form.Fill(web.Field{Name: f.Name, Label: words.Raw(label)}))
		}
	}
	return list
}

// extraValues reads the needed fields of a form as the wire would carry them.
func (p *Part) extraValues(c *plugins.Call) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range p.needed() {
		text := c.Form(f.Name)
		if text == "" && f.Type != "boolean" {
			return nil, auth.ErrMissingField.Saying("This is needed.").At(f.Name)
		}
		v, ok := valueOf(f.Type, text)
		if !ok {
			return nil, auth.ErrMissingField.Saying("This is not a %s.", f.Type).At(f.Name)
		}
		values[f.Name] = v
	}
	return values, nil
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
