package page_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// apart are components that a page has around it or only together with others, which the
// gallery shows by being a page.
var apart = map[string]string{"HiddenAll": "nothing is seen of it", "Bare": "the frame of the sign-in pages", "Icon": "in every button", "Text": "in every card", "Place": "a result of the palette"}

// TestGalleryIsComplete: every component of the design system is in the gallery, so that a
// new one is seen in both themes, in right-to-left and on narrow screens.
func TestGalleryIsComplete(t *testing.T) {
	markup, err := os.ReadFile("gallery.templ")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range components(parsed) {
			seen++
			drawn := regexp.MustCompile(`web\.` + name + `\b`).Match(markup)
			if apart[name] == "" && !drawn {
				t.Errorf("the gallery lacks %s", name)
			}
			if apart[name] != "" && drawn {
				t.Errorf("the gallery has %s: it is not apart any more", name)
			}
		}
	}
	if seen < 40 {
		t.Errorf("found only %d components", seen)
	}
}

// components are the exported types that draw themselves, and the exported functions that
// return something to draw.
func components(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		switch {
		case !ok:
		case f.Recv != nil && f.Name.Name == "Render":
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if id, ok := receiver.(*ast.Ident); ok && id.IsExported() {
				names = append(names, id.Name)
			}
		case f.Recv == nil && f.Name.IsExported() && drawn(f.Type.Results):
			names = append(names, f.Name.Name)
		}
	}
	return names
}

func drawn(results *ast.FieldList) bool {
	if results == nil || len(results.List) != 1 {
		return false
	}
	sel, ok := results.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Component"
}
