package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"gatehouse/auth/words"
)

// numeral gives the digits of a number in a document, "" for anything else.
func numeral(value any) string {
	switch v := value.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	}
	return ""
}

func numeralOrText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return numeral(value)
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1", "yes", "on":
		return true, nil
	case "false", "0", "no", "off":
		return false, nil
	}
	return false, words.Err("must be true or false")
}

// splitList takes a list apart at commas and line ends. Empty parts fall away,
// so an empty text is the empty list.
func splitList(text string) []any {
	items := []any{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			items = append(items, part)
		}
	}
	return items
}

// parseStructured reads the TOML text of a table or of a list of tables: an
// inline value in braces or brackets, or for a table its lines.
func parseStructured(text string, kind Kind) (any, error) {
	text = strings.TrimSpace(text)
	empty := words.Text(`must be TOML, such as {name = {key = "value"}}`)
	inline := strings.HasPrefix(text, "{")
	if kind == Tables {
		empty, inline = `must be TOML, such as [{key = "value"}]`, true
	}
	if text == "" && kind == Tables {
		return []any{}, nil
	}
	lead := ""
	if inline {
		lead = "value = "
	}
	var document map[string]any
	if err := toml.Unmarshal([]byte(lead+text), &document); err != nil {
		return nil, words.Err(position(empty, err, len(lead)))
	}
	if !inline {
		return document, nil
	}
	if len(document) != 1 {
		return nil, words.Err(empty)
	}
	return document["value"], nil
}

// position adds where a TOML text breaks, without quoting it. Lead is what
// the first line was given in front.
func position(text words.Text, err error, lead int) words.Text {
	var syntax *toml.DecodeError
	if !errors.As(err, &syntax) {
		return text
	}
	line, column := syntax.Position()
	if line == 1 {
		column = max(1, column-lead)
	}
	return words.F("%s (line %s, column %s)", text, strconv.Itoa(line), strconv.Itoa(column))
}

// shorten quotes a value for a message.
func shorten(value any) words.Text {
	switch v := value.(type) {
	case map[string]any:
		return "a table"
	case []any:
		return "a list"
	case json.Number:
		return shorten(v.String())
	case string:
		if r := []rune(v); len(r) > 40 {
			v = string(r[:40]) + "…"
		}
		return words.Raw(strconv.Quote(v))
	}
	return words.Raw(fmt.Sprint(value))
}
