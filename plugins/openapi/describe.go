package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strings"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// property is one line of the table of a body or of parameters.
type property struct {
	Name, Kind, Note string
	Required         bool
}

// answer is one status with what it means and the codes it may carry.
type answer struct {
	Status  int
	Meaning string
	Codes   []string
}

// maxDepth bounds how deep nested objects are listed.
const maxDepth = 4

// parameterRow reads a parameter of the document.
func parameterRow(parameter any) property {
	p, _ := parameter.(map[string]any)
	name, _ := p["name"].(string)
	where, _ := p["in"].(string)
	required, _ := p["required"].(bool)
	s, _ := p["schema"].(map[string]any)
	return property{Name: name, Kind: kind(s), Note: joined("in the "+where, limits(s)), Required: required}
}

// properties lists the members of a schema, nested ones with dots. Required members
// come first, then the alphabet.
func properties(s map[string]any) []property { return nested("", s, maxDepth) }

func nested(prefix string, s map[string]any, depth int) []property {
	var list []property
	if depth == 0 {
		return nil
	}
	for _, part := range parts(s) {
		list = append(list, nested(prefix, part, depth-1)...)
	}
	members, _ := s["properties"].(map[string]any)
	required := names(s["required"])
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member, _ := members[name].(map[string]any)
		list = append(list, property{Name: prefix + name, Kind: kind(member), Note: limits(member), Required: slices.Contains(required, name)})
		list = append(list, nested(prefix+name+".", member, depth-1)...)
	}
	if prefix == "" {
		sort.SliceStable(list, func(i, j int) bool {
			return list[i].Required && !list[j].Required && !strings.Contains(list[i].Name, ".")
		})
	}
	return list
}

// parts are the pieces of a joined or alternative schema.
func parts(s map[string]any) []map[string]any {
	var all []map[string]any
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		pieces, _ := s[key].([]any)
		for _, piece := range pieces {
			if m, ok := piece.(map[string]any); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// names reads a list of texts, whatever slice it is.
func names(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		var list []string
		for _, x := range v {
			list = append(list, fmt.Sprint(x))
		}
		return list
	case string:
		return []string{v}
	}
	return nil
}

// kind says the type of a schema in words.
func kind(s map[string]any) string {
	types := names(s["type"])
	if len(types) == 0 {
		var alternatives []string
		for _, p := range parts(s) {
			alternatives = append(alternatives, kind(p))
		}
		if len(alternatives) == 0 {
			return "anything"
		}
		return strings.Join(slices.Compact(alternatives), " or ")
	}
	if i := slices.Index(types, "array"); i >= 0 {
		items, _ := s["items"].(map[string]any)
		types = slices.Clone(types)
		types[i] = "list of " + kind(items)
	}
	text := strings.Join(types, " or ")
	if format, ok := s["format"].(string); ok {
		text += " (" + format + ")"
	}
	return text
}

// limits says what a value must keep to.
func limits(s map[string]any) string {
	var notes []string
	if values := names(s["enum"]); len(values) > 0 {
		notes = append(notes, "one of "+strings.Join(values, ", "))
	}
	for _, rule := range []struct{ key, words string }{{"minLength", "at least %v characters"}, {"maxLength", "at most %v characters"},
		{"minimum", "at least %v"}, {"maximum", "at most %v"}, {"minItems", "at least %v entries"}, {"maxItems", "at most %v entries"},
		{"pattern", "matches %v"}, {"const", "is %v"}, {"default", "%v when left out"}} {
		if v, ok := s[rule.key]; ok && rule.key == "minLength" && fmt.Sprint(v) == "1" {
			notes = append(notes, "not empty")
		} else if ok {
			notes = append(notes, fmt.Sprintf(rule.words, v))
		}
	}
	return strings.Join(notes, "; ")
}

func joined(words ...string) string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" || w == "in the " })
	return strings.Join(words, "; ")
}

// answers lists success and the refusals the endpoint declares.
func answers(e plugins.Endpoint) []answer {
	list := []answer{{Status: 200, Meaning: "Done"}}
	declared := map[int][]*auth.Error{}
	for _, err := range e.Errors {
		declared[err.Status] = append(declared[err.Status], err)
	}
	for _, status := range slices.Sorted(maps.Keys(declared)) {
		a := answer{Status: status, Meaning: meaning(status)}
		for _, err := range declared[status] {
			if err.Code != "" && !slices.Contains(a.Codes, err.Code) {
				a.Codes = append(a.Codes, err.Code)
			}
		}
		list = append(list, a)
	}
	return list
}

func meaning(status int) string {
	if sentence, _, _ := strings.Cut(sentences[status], "."); sentence != "" {
		return sentence
	}
	return http.StatusText(status)
}
