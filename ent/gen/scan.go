package main

import (
	"errors"
	"fmt"
	"go/constant"
	"go/types"
	"path"
	"sort"
	"strings"

	"golang.org/x/tools/go/packages"
)

// schemaPackage is a package of schemas, the core's or a plugin's.
type schemaPackage struct {
	path  string
	alias string
	// plugin is the plugin's id: the constant Plugin of the package if it has
	// one, else the name of the folder above it. It is empty for the core.
	plugin string
	pkg    *types.Package
}

// entity is a schema, and the mixins plugins add to it.
type entity struct {
	name   string
	from   *schemaPackage
	mixins []*schemaPackage
}

const entPath = "entgo.io/ent"

// scan finds the entities and the mixins by their types.
func scan(l layout) ([]*entity, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps,
		Dir:  l.root,
	}, append([]string{l.core, entPath}, l.plugins...)...)
	if err != nil {
		return nil, fmt.Errorf("load schema packages: %w", err)
	}
	if err := loadErrors(loaded); err != nil {
		return nil, err
	}
	var api *types.Package
	var pkgs []*schemaPackage
	for _, p := range loaded {
		if p.PkgPath == entPath {
			api = p.Types
			continue
		}
		pkgs = append(pkgs, newSchemaPackage(p, p.PkgPath == l.core))
	}
	if api == nil {
		return nil, fmt.Errorf("package %s not found", entPath)
	}
	sort.Slice(pkgs, func(i, j int) bool { return pkgs[i].path < pkgs[j].path })
	return collect(api, pkgs)
}

func loadErrors(loaded []*packages.Package) error {
	var errs []error
	for _, p := range loaded {
		for _, e := range p.Errors {
			errs = append(errs, fmt.Errorf("%s: %w", p.PkgPath, e))
		}
	}
	return errors.Join(errs...)
}

func newSchemaPackage(p *packages.Package, core bool) *schemaPackage {
	folder := path.Base(path.Dir(p.PkgPath))
	s := &schemaPackage{path: p.PkgPath, pkg: p.Types, plugin: folder, alias: identifier(folder)}
	if core {
		s.plugin, s.alias = "", "core"
		return s
	}
	if c, ok := p.Types.Scope().Lookup("Plugin").(*types.Const); ok && c.Val().Kind() == constant.String {
		s.plugin = constant.StringVal(c.Val())
	}
	return s
}

// identifier makes a Go name of a folder's.
func identifier(folder string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(folder)
}

// collect sorts exported types into entities and mixins and joins them.
func collect(api *types.Package, pkgs []*schemaPackage) ([]*entity, error) {
	schemaType, mixinType := interfaceOf(api, "Interface"), interfaceOf(api, "Mixin")
	byName := map[string]*entity{}
	for _, p := range pkgs {
		for _, name := range exported(p.pkg, schemaType) {
			if first, ok := byName[name]; ok {
				return nil, fmt.Errorf("entity %s is declared by %s and by %s", name, first.from.path, p.path)
			}
			byName[name] = &entity{name: name, from: p}
		}
	}
	for _, p := range pkgs {
		for _, name := range exported(p.pkg, mixinType) {
			target, ok := strings.CutSuffix(name, "Mixin")
			if !ok || p.plugin == "" {
				continue
			}
			e, ok := byName[target]
			if !ok {
				return nil, fmt.Errorf("%s.%s adds to the entity %s, which no package declares", p.path, name, target)
			}
			e.mixins = append(e.mixins, p)
		}
	}
	return sorted(byName), nil
}

func sorted(byName map[string]*entity) []*entity {
	entities := make([]*entity, 0, len(byName))
	for _, e := range byName {
		entities = append(entities, e)
	}
	sort.Slice(entities, func(i, j int) bool { return entities[i].name < entities[j].name })
	return entities
}

func interfaceOf(api *types.Package, name string) *types.Interface {
	return api.Scope().Lookup(name).Type().Underlying().(*types.Interface)
}

// exported lists the struct types of a package that implement iface.
func exported(pkg *types.Package, iface *types.Interface) []string {
	var names []string
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		t, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !t.Exported() || t.IsAlias() {
			continue
		}
		if _, isStruct := t.Type().Underlying().(*types.Struct); isStruct && types.Implements(t.Type(), iface) {
			names = append(names, name)
		}
	}
	return names
}
