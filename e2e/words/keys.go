// Command words lists what the catalogues lack, as TOML to fill in:
//
//	go run ./e2e/words        # what German lacks
//	go run ./e2e/words fr     # what French lacks
//
// A key is every constant of type words.Text in the program, which the compiler's type
// checker finds, and what settings are called in the console.
package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/handlers/console"
	"gatehouse/handlers/translations"
	"gatehouse/plugins"
)

// key is a text of the program with the place where it stands first.
type key struct {
	text   words.Text
	one    string // the form for one thing, of texts about numbers
	pkg    string // relative to the module
	place  string
	plural bool
}

// rooms are the packages that speak to people.
var rooms = []string{"gatehouse/auth/...", "gatehouse/web/...", "gatehouse/plugins/...", "gatehouse/handlers/..."}

// collect finds the keys of the program, and sums of texts, which no language can say.
func collect() (keys map[words.Text]key, wrong []string, err error) {
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile}
	list, err := packages.Load(cfg, rooms...)
	if err != nil {
		return nil, nil, err
	}
	keys = map[words.Text]key{}
	for _, p := range list {
		if len(p.Errors) > 0 {
			return nil, nil, fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
		}
		if strings.HasSuffix(p.PkgPath, "/gallery") || p.PkgPath == "gatehouse/web/webtest" {
			continue
		}
		for _, file := range p.Syntax {
			if strings.HasSuffix(p.Fset.Position(file.Pos()).Filename, "gallery_templ.go") {
				continue // what it shows are samples, in development mode only
			}
			wrong = append(wrong, scan(p, file, keys)...)
		}
	}
	return keys, wrong, nil
}

func scan(p *packages.Package, file *ast.File, keys map[words.Text]key) (wrong []string) {
	at := func(n ast.Node) string {
		pos := p.Fset.Position(n.Pos())
		return pos.Filename[strings.LastIndexByte(pos.Filename, '/')+1:] + ":" + strconv.Itoa(pos.Line)
	}
	pkg := strings.TrimPrefix(p.PkgPath, "gatehouse/")
	ones := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if strings.HasSuffix(callee(p, n), "templ.JoinStringErrs") && len(n.Args) == 1 && isText(p.TypesInfo.TypeOf(n.Args[0])) {
				wrong = append(wrong, pkg+"/"+at(n)+" draws a text as it is stored; use In(ctx)")
			}
			if callee(p, n) == "gatehouse/auth/words.N" && len(n.Args) >= 3 {
				one, many := constantOf(p, n.Args[1]), constantOf(p, n.Args[2])
				if one != "" && many != "" {
					ones[n.Args[1]], ones[n.Args[2]] = true, true
					keys[words.Text(many)] = key{text: words.Text(many), one: one, pkg: pkg, place: at(n), plural: true}
				}
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD && isText(p.TypesInfo.TypeOf(n)) && constantOf(p, n) == "" {
				wrong = append(wrong, pkg+"/"+at(n)+" adds texts; use words.F or words.Join")
			}
		case ast.Expr:
			tv, ok := p.TypesInfo.Types[n]
			if !ok || tv.Value == nil || !isText(tv.Type) || ones[n] {
				return true
			}
			if text := constant.StringVal(tv.Value); text != "" && strings.Trim(text, " ·:%s–,()") != "" && text != "%d" {
				if _, known := keys[words.Text(text)]; !known {
					keys[words.Text(text)] = key{text: words.Text(text), pkg: pkg, place: at(n)}
				}
			}
			return false
		}
		return true
	})
	return wrong
}

func callee(p *packages.Package, call *ast.CallExpr) string {
	var id *ast.Ident
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.Ident:
		id = f
	default:
		return ""
	}
	if fn, ok := p.TypesInfo.Uses[id].(*types.Func); ok && fn.Pkg() != nil {
		return fn.Pkg().Path() + "." + fn.Name()
	}
	return ""
}

func constantOf(p *packages.Package, e ast.Expr) string {
	if tv, ok := p.TypesInfo.Types[e]; ok && tv.Value != nil && tv.Value.Kind() == constant.String {
		return constant.StringVal(tv.Value)
	}
	return ""
}

func isText(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.Obj().Name() == "Text" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "gatehouse/auth/words"
}

// settingKeys are what the console calls settings.
func settingKeys(groups []settings.Group, pkg func(settings.Group) string, keys map[words.Text]key) {
	for _, g := range groups {
		for _, text := range console.SettingTexts(g) {
			if _, known := keys[text]; !known {
				keys[text] = key{text: text, pkg: pkg(g), place: "setting group " + g.Prefix()}
			}
		}
	}
}

// everything collects all keys of a build.
func everything(features []plugins.Plugin) (map[words.Text]key, []string, error) {
	keys, wrong, err := collect()
	if err != nil {
		return nil, nil, err
	}
	settingKeys(settings.NewCore().Groups(), func(settings.Group) string { return "auth/settings" }, keys)
	for _, p := range features {
		settingKeys(p.Manifest().Settings, func(settings.Group) string { return "plugins/" + p.Manifest().ID }, keys)
	}
	return keys, wrong, nil
}

// sources are the catalogue files of a build.
func sources(features []plugins.Plugin) []fs.FS {
	list := []fs.FS{translations.Files}
	for _, p := range features {
		if files := p.Manifest().Words; files != nil {
			list = append(list, files)
		}
	}
	return list
}

func main() {
	tag := "de"
	if len(os.Args) > 1 {
		tag = os.Args[1]
	}
	keys, _, err := everything(features())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c, err := words.NewCatalogue(sources(features())...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	byPackage := map[string][]key{}
	for text, k := range keys {
		if !c.Has(tag, text) {
			byPackage[k.pkg] = append(byPackage[k.pkg], k)
		}
	}
	for _, pkg := range sorted(byPackage) {
		fmt.Printf("\n# %s\n", pkg)
		slices.SortFunc(byPackage[pkg], func(a, b key) int { return strings.Compare(a.place, b.place) })
		for _, k := range byPackage[pkg] {
			if k.plural {
				fmt.Printf("%q = {one = %q, other = %q}\n", k.text.English(), k.one, k.text.English())
				continue
			}
			fmt.Printf("%q = %q\n", k.text.English(), k.text.English())
		}
	}
}

func sorted[T any](m map[string]T) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
