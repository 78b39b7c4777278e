package routes

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// TestSameList: the house has the plugins of the program. A plugin that main.go lists
// and the house does not would keep its routes out of the table.
func TestSameList(t *testing.T) {
	program, house := features(t, "../../main.go"), features(t, "house_test.go")
	if len(program) == 0 {
		t.Fatal("main.go lists no plugin")
	}
	for _, path := range program {
		if !slices.Contains(house, path) {
			t.Errorf("house_test.go lacks %s, which main.go lists", path)
		}
	}
}

// features are the plugin packages that a file imports.
func features(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range parsed.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		if rest, ok := strings.CutPrefix(path, "gatehouse/plugins/"); ok && !strings.Contains(rest, "/") {
			list = append(list, path)
		}
	}
	return list
}
