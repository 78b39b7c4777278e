package main

import (
	"reflect"
	"strings"
	"testing"

	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"

	"gatehouse/ent/schema/core"
)

func TestGuard(t *testing.T) {
	text := func(name string) *load.Field {
		return &load.Field{Name: name, Info: &field.TypeInfo{Type: field.TypeString}, Annotations: map[string]any{}}
	}
	owned := func(f *load.Field, plugin string) *load.Field {
		f.Annotations["Owner"] = core.Owner{Plugin: plugin}
		return f
	}
	with := func(life core.Life, fields ...*load.Field) *load.Schema {
		return &load.Schema{Name: "Thing", Fields: fields, Annotations: map[string]any{"Life": life}}
	}
	optional := func(f *load.Field) *load.Field { f.Optional = true; return f }
	fixed := func(f *load.Field) *load.Field { f.Immutable = true; return f }
	long := func(f *load.Field, kind reflect.Kind) *load.Field {
		size := int64(1 << 31)
		f.Size, f.Default, f.DefaultKind = &size, true, kind
		return f
	}
	room := &load.Schema{
		Name: "Room", Annotations: map[string]any{"Life": core.Life{Tenant: "org"}}, Fields: []*load.Field{fixed(text("org"))},
	}
	tests := []struct {
		name    string
		schemas []*load.Schema
		want    string // "" for accepted
	}{
		{"plain", []*load.Schema{with(core.Life{Owner: "a", Search: []string{"a"}}, text("a"))}, ""},
		{"no life", []*load.Schema{{Name: "Thing"}}, "entity Thing has no core.Life"},
		{"life of an absent field", []*load.Schema{with(core.Life{Personal: []string{"b"}}, text("a"))}, `"b"`},
		{"required from a plugin", []*load.Schema{with(core.Life{}, owned(text("a"), "p"))}, "plugin p adds Thing.a"},
		{"optional from a plugin", []*load.Schema{with(core.Life{}, optional(owned(text("a"), "p")))}, ""},
		{"field twice", []*load.Schema{with(core.Life{}, text("a"), optional(owned(text("a"), "p")))}, "the entity itself and from plugin p"},
		{"long literal default", []*load.Schema{with(core.Life{}, long(text("a"), reflect.String))}, "literal default"},
		{"long computed default", []*load.Schema{with(core.Life{}, long(text("a"), reflect.Func))}, ""},
		{"tenant that moves", []*load.Schema{with(core.Life{Tenant: "a"}, text("a"))}, "must be an immutable string"},
		{"tenant", []*load.Schema{room}, ""},
		{"edge into a tenant", []*load.Schema{room, edged(with(core.Life{}), &load.Edge{Name: "rooms", Type: "Room"})}, "Thing.rooms leads into Room"},
		{"edge twice", []*load.Schema{edged(with(core.Life{}), &load.Edge{Name: "e"}, &load.Edge{Name: "e"})}, "edge Thing.e"},
		{"required edge from a plugin", []*load.Schema{edged(with(core.Life{}), &load.Edge{
			Name: "e", Required: true, Annotations: map[string]any{"Owner": core.Owner{Plugin: "p"}},
		})}, "plugin p adds the edge Thing.e"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := guard(tt.schemas)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func edged(s *load.Schema, edges ...*load.Edge) *load.Schema {
	s.Edges = edges
	return s
}
