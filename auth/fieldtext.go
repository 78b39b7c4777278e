package auth

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/words"
)

// listSeparator stands between the parts of a list that is typed in one line.
const listSeparator = ","

// Read reads what somebody typed for a field into the form in which the wire carries it.
// A boolean is what a check box sends. False means that the text is none of the type.
func (d Field) Read(text string) (any, bool) { return readField(d.Type, strings.TrimSpace(text)) }

func readField(kind, text string) (any, bool) {
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
		return readList("string", text)
	case "number[]":
		return readList("number", text)
	}
	return text, true
}

func readList(kind, text string) (any, bool) {
	values := []any{}
	for part := range strings.SplitSeq(text, listSeparator) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, ok := readField(kind, part)
		if !ok {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}

// Write is the text of a stored value in a form, so that Read gives the value back. A
// value that is not of the type, as adopted rows may hold, is written as JSON.
func (d Field) Write(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if d.Type == "boolean" && v {
			return "on"
		}
	case string:
		if d.Type == "date" && len(v) >= len(time.DateOnly) {
			return v[:len(time.DateOnly)]
		}
		if d.Type != "json" {
			return v
		}
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		if strings.HasSuffix(d.Type, "[]") {
			return writeList(v)
		}
	}
	if d.Type == "boolean" {
		return ""
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(raw)
}

func writeList(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			parts[i] = v
		case float64:
			parts[i] = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return strings.Join(parts, listSeparator+" ")
}

// Wrong says of a text that it is none of the field's type; "" where every text is one.
func (d Field) Wrong() words.Text {
	switch d.Type {
	case "number":
		return "This is not a number."
	case "date":
		return "This is not a date."
	case "json":
		return "This is not JSON."
	case "number[]":
		return "These are not numbers."
	}
	return ""
}

// Title makes words of the field's wire name: "dateOfBirth" is "Date of birth".
func (d Field) Title() string {
	var b strings.Builder
	for i, r := range d.Name {
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

// Called is what people call the field.
func (d Field) Called() words.Text {
	if d.Words != "" {
		return d.Words
	}
	return words.Raw(d.Title())
}
