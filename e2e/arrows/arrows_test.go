// Package arrows holds the import arrows between the rooms of the house, and what no
// room may do. docs/architecture.md gives the reasons in full.
package arrows

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "gatehouse"

// rule says what packages whose path matches from may import of our own.
type rule struct {
	from   string
	may    []string // patterns relative to the module
	reason string
}

// The first rule that matches a package counts. Patterns match whole paths.
var rules = []rule{
	{`auth/.+`, []string{`auth/.+`}, "leaf packages of the domain know no other room"},
	{`auth`, []string{`auth/.+`, `ent(/.+)?`}, "the domain stands on storage and knows no HTTP"},
	{`web(/.+)?`, []string{`web(/.+)?`, `auth/words`}, "the design system draws what it is given"},
	{`static(/.+)?`, []string{`static(/.+)?`}, "static files know nobody"},
	{`plugins/[^/]+/schema`, []string{`ent/schema/core`}, "schemas are read before generated code exists"},
	{`plugins/[^/]+/[^/]+api`, []string{`auth(/.+)?`}, "what a plugin offers others is a leaf"},
	{`plugins/[^/]+(/.+)?`, []string{`plugins`, `plugins/list`, `plugins/ask`, `plugins/happened`, `plugins/[^/]+/[^/]+api`, `auth(/.+)?`, `web(/.+)?`, `ent`, `ent/.+`, `SELF`}, "no plugin knows another, nor the server"},
	{`plugins`, []string{`auth(/.+)?`, `web(/.+)?`, `ent(/.+)?`}, "the contract knows no feature"},
	{`ent/schema/core`, nil, "core schemas are a leaf"},
	{`ent/schema`, []string{`ent/schema/core`, `plugins/[^/]+/schema`}, "the assembly reads schemas"},
	{`ent(/.+)?`, []string{`ent(/.+)?`, `plugins/[^/]+/schema`}, "storage knows no room above it"},
	{`handlers(/.+)?`, []string{`handlers(/.+)?`, `plugins`, `plugins/list`, `plugins/ask`, `plugins/happened`, `plugins/[^/]+/[^/]+api`, `auth(/.+)?`, `web(/.+)?`, `ent(/.+)?`, `static`}, "the server knows the contract, not the features"},
	{`e2e(/.+)?`, []string{`.*`}, "tests from outside may look anywhere"},
	{``, []string{`.*`}, "main wires everything"},
}

type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("only %d packages found", len(list))
	}
	return list
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from := inside(p.ImportPath)
		r := ruleOf(t, from)
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, module+"/") {
				continue
			}
			if to := inside(i); !allowed(r, from, to) {
				t.Errorf("%s imports %s: %s", p.ImportPath, i, r.reason)
			}
		}
	}
}

// Rooms in which echo may appear: a new major version is then one folder's change.
func TestEcho(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/labstack/echo") && !strings.HasPrefix(p.ImportPath, module+"/handlers") {
				t.Errorf("%s imports %s: echo belongs to handlers", p.ImportPath, i)
			}
		}
	}
}

// Ways around the scoped access to the database that plugins must not use.
var raw = regexp.MustCompile(`\bent\.(Client|Tx|NewClient|Open|NewTxAccess|NewAccess)\b|\.(ExecContext|QueryContext|Unwrap|Store)\(|\.Mutation\(\)\.(Client|Tx)\(`)

func TestPluginsUseScopedAccess(t *testing.T) {
	walk(t, "../../plugins", func(path, text string) {
		if strings.Contains(filepath.ToSlash(path), "/schema/") || strings.HasSuffix(path, "_test.go") {
			return
		}
		for n, line := range strings.Split(text, "\n") {
			if code, _, _ := strings.Cut(line, "//"); raw.MatchString(code) {
				t.Errorf("%s:%d reaches the database past its scoped access: %s", path, n+1, strings.TrimSpace(line))
			}
		}
	})
}

// TestNoInit holds that nothing registers itself: a server is built from values.
func TestNoInit(t *testing.T) {
	for _, dir := range []string{"auth", "plugins", "handlers", "web", "static"} {
		walk(t, "../../"+dir, func(path, text string) {
			f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s has an init function", path)
				}
			}
		})
	}
}

func walk(t *testing.T, root string, visit func(path, text string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		seen++
		visit(path, read(t, path))
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%s: %d files, %v", root, seen, err)
	}
}

func inside(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func ruleOf(t *testing.T, from string) rule {
	t.Helper()
	for _, r := range rules {
		if matches(r.from, from) {
			return r
		}
	}
	t.Fatalf("no rule for %q", from)
	return rule{}
}

func allowed(r rule, from, to string) bool {
	for _, p := range r.may {
		if p == "SELF" {
			own := strings.Join(strings.SplitN(from, "/", 3)[:2], "/")
			if to == own || strings.HasPrefix(to, own+"/") {
				return true
			}
			continue
		}
		if matches(p, to) {
			return true
		}
	}
	return false
}

func matches(pattern, path string) bool {
	return regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(path)
}
