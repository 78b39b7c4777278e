package main

import (
	"fmt"
	"strings"
	"text/template"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	"gatehouse/ent/schema/core"
)

// templateFuncs are what the templates ask about the graph.
func templateFuncs() template.FuncMap {
	return template.FuncMap{
		"ownerOf":   func(n *gen.Type) string { return annotation[core.Owner](n.Annotations).Plugin },
		"lifeOf":    lifeOf,
		"wireCore":  func(n *gen.Type) []wireField { return wireFields(n, "") },
		"wirePlugs": wirePlugins,
		"wireSize":  wireSize,
		"readBack":  func(n *gen.Type) bool { return annotation[core.ReadBack](n.Annotations).Marked },
		"columns":   columns,
		"tenantOf":  tenantField,
		"tenants":   tenants,
		"tenantID":  func(n *gen.Type) bool { return annotation[core.Life](n.Annotations).Tenant == n.ID.Name },
	}
}

// lifeOf writes the data life of an entity as Go source.
func lifeOf(n *gen.Type) string {
	life := annotation[core.Life](n.Annotations)
	var parts []string
	for _, part := range []struct{ format, value string }{
		{"Tenant: %q", life.Tenant},
		{"Owner: %q", life.Owner},
		{"OnDelete: %q", string(life.OnDelete)},
	} {
		if part.value != "" {
			parts = append(parts, fmt.Sprintf(part.format, part.value))
		}
	}
	for _, part := range []struct {
		format string
		value  []string
	}{
		{"Search: %#v", life.Search},
		{"Personal: %#v", life.Personal},
		{"Secret: %#v", life.Secret},
	} {
		if len(part.value) > 0 {
			parts = append(parts, fmt.Sprintf(part.format, part.value))
		}
	}
	if life.Export {
		parts = append(parts, "Export: true")
	}
	if life.Bin {
		parts = append(parts, "Bin: true")
	}
	return "core.Life{" + strings.Join(parts, ", ") + "}"
}

// wireField is a field as the encoder shows it.
type wireField struct {
	Key, Struct string
	// Type is the Go type of the struct's field.
	Type     string
	Reserved bool
}

// wirePlugin is what one plugin adds to an entity of somebody else.
type wirePlugin struct {
	ID     string
	Fields []wireField
}

// wireFields lists the shown fields that a plugin brought; "" for those that
// came with the entity.
func wireFields(n *gen.Type, plugin string) []wireField {
	var fields []wireField
	for _, f := range n.Fields {
		w := annotation[core.Wire](f.Annotations)
		if w.Hidden || f.Sensitive() || annotation[core.Owner](f.Annotations).Plugin != plugin {
			continue
		}
		kind := f.Type.String()
		if f.NillableValue() {
			kind = "*" + kind
		}
		fields = append(fields, wireField{Key: wireKey(f), Struct: f.StructField(), Type: kind, Reserved: w.Reserved})
	}
	return fields
}

// wireSize is how many members an entity shows with all plugins, the id among them.
func wireSize(n *gen.Type) int {
	size := len(wireFields(n, "")) + 1
	for _, p := range wirePlugins(n) {
		size += len(p.Fields)
	}
	return size
}

func wireKey(f *gen.Field) string {
	if key := annotation[core.Wire](f.Annotations).Key; key != "" {
		return key
	}
	return f.StorageKey()
}

func wirePlugins(n *gen.Type) []wirePlugin {
	var plugins []wirePlugin
	seen := map[string]bool{"": true}
	for _, f := range n.Fields {
		id := annotation[core.Owner](f.Annotations).Plugin
		if seen[id] {
			continue
		}
		seen[id] = true
		if fields := wireFields(n, id); len(fields) > 0 {
			plugins = append(plugins, wirePlugin{ID: id, Fields: fields})
		}
	}
	return plugins
}

// columns lists the catalog's fields as Go source, in the order of the wire.
func columns(n *gen.Type) []string {
	references := map[string]string{}
	for _, e := range n.Edges {
		if f := e.Field(); f != nil && e.OwnFK() {
			references[f.Name] = e.Type.Name
		}
	}
	var first, added []string
	for _, f := range n.Fields {
		line := column(f, references[f.Name])
		if annotation[core.Owner](f.Annotations).Plugin == "" {
			first = append(first, line)
		} else {
			added = append(added, line)
		}
	}
	return append(append(first, added...), column(n.ID, ""))
}

func column(f *gen.Field, references string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{Name: %q, Column: %q, Wire: %q, Kind: %q", f.Name, f.StorageKey(), wireKey(f), kind(f))
	for _, set := range []struct{ name, value string }{
		{"Plugin", annotation[core.Owner](f.Annotations).Plugin},
		{"References", references},
	} {
		if set.value != "" {
			fmt.Fprintf(&b, ", %s: %q", set.name, set.value)
		}
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{
		{"Hidden", annotation[core.Wire](f.Annotations).Hidden},
		{"Sensitive", f.Sensitive()},
		{"Nullable", f.Optional},
		{"Nillable", f.Nillable},
		{"Unique", f.Unique},
		{"Immutable", f.Immutable},
	} {
		if flag.on {
			fmt.Fprintf(&b, ", %s: true", flag.name)
		}
	}
	if f.IsEnum() {
		fmt.Fprintf(&b, ", Values: %#v", f.EnumValues())
	}
	return b.String() + "}"
}

func kind(f *gen.Field) string {
	switch f.Type.Type {
	case field.TypeTime:
		return "time"
	case field.TypeEnum:
		return "enum"
	case field.TypeJSON:
		return "json"
	case field.TypeBytes:
		return "bytes"
	}
	return f.Type.Type.String()
}

// tenantField returns the tenant field of an entity, nil if it has none.
func tenantField(n *gen.Type) *gen.Field {
	name := annotation[core.Life](n.Annotations).Tenant
	if name == "" {
		return nil
	}
	if name == n.ID.Name {
		return n.ID
	}
	for _, f := range n.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func tenants(g *gen.Graph) []*gen.Type {
	var nodes []*gen.Type
	for _, n := range g.Nodes {
		if tenantField(n) != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}
