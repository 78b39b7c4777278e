package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"

	"gatehouse/ent/schema/core"
)

// guard refuses schemas that would break others at run time, so that the
// mistake shows when code is generated. It reports all it finds.
func guard(schemas []*load.Schema) error {
	byName := map[string]*load.Schema{}
	for _, s := range schemas {
		byName[s.Name] = s
	}
	var errs []error
	for _, s := range schemas {
		errs = append(errs, guardFields(s), guardEdges(s, byName), guardLife(s))
	}
	return errors.Join(errs...)
}

// guardFields holds the rules of single fields: what a plugin adds to another's
// entity must not be required, and nothing is added twice.
func guardFields(s *load.Schema) error {
	var errs []error
	seen := map[string]string{}
	for _, f := range s.Fields {
		owner := annotation[core.Owner](f.Annotations).Plugin
		if owner != "" && !f.Optional && !f.Default {
			errs = append(errs, fmt.Errorf("plugin %s adds %s.%s: it must be optional or have a default", owner, s.Name, f.Name))
		}
		if first, ok := seen[f.Name]; ok {
			errs = append(errs, fmt.Errorf("field %s.%s comes from %s and from %s", s.Name, f.Name, who(first), who(owner)))
		}
		seen[f.Name] = owner
		if f.Size != nil && *f.Size > maxPlainString && f.Default && f.DefaultKind != reflect.Func {
			errs = append(errs, fmt.Errorf("text %s.%s has a literal default, which MySQL refuses: use core.Text or DefaultFunc", s.Name, f.Name))
		}
	}
	return errors.Join(errs...)
}

// maxPlainString is the longest string, in bytes, that is a plain column on
// MySQL.
const maxPlainString = 16_000

// guardEdges holds the rules of edges. An edge from outside to an entity with a
// tenant would let predicates look across organizations.
func guardEdges(s *load.Schema, byName map[string]*load.Schema) error {
	var errs []error
	seen := map[string]string{}
	for _, e := range s.Edges {
		owner := annotation[core.Owner](e.Annotations).Plugin
		if owner != "" && e.Required {
			errs = append(errs, fmt.Errorf("plugin %s adds the edge %s.%s: it must not be required", owner, s.Name, e.Name))
		}
		if first, ok := seen[e.Name]; ok {
			errs = append(errs, fmt.Errorf("edge %s.%s comes from %s and from %s", s.Name, e.Name, who(first), who(owner)))
		}
		seen[e.Name] = owner
		if target := byName[e.Type]; target != nil && tenant(target) != "" && tenant(s) == "" {
			errs = append(errs, fmt.Errorf("edge %s.%s leads into %s, which has a tenant: declare it on %s alone", s.Name, e.Name, e.Type, e.Type))
		}
	}
	return errors.Join(errs...)
}

func tenant(s *load.Schema) string { return annotation[core.Life](s.Annotations).Tenant }

func who(plugin string) string {
	if plugin == "" {
		return "the entity itself"
	}
	return "plugin " + plugin
}

// guardLife requires a data life on every entity, and that it names fields
// that are there.
func guardLife(s *load.Schema) error {
	if _, ok := s.Annotations[core.Life{}.Name()]; !ok {
		return fmt.Errorf("entity %s has no core.Life annotation", s.Name)
	}
	life := annotation[core.Life](s.Annotations)
	var errs []error
	for _, name := range slices.Concat(named(life.Tenant), named(life.Owner), life.Search, life.Personal, life.Secret) {
		if fieldOf(s, name) == nil {
			errs = append(errs, fmt.Errorf("the data life of %s names the field %q, which it has not", s.Name, name))
		}
	}
	return errors.Join(append(errs, guardTenant(s, life.Tenant))...)
}

// guardTenant requires a tenant that cannot be changed once a row exists.
func guardTenant(s *load.Schema, name string) error {
	f := fieldOf(s, name)
	if f == nil {
		return nil
	}
	if !f.Immutable || f.Info.Type != field.TypeString {
		return fmt.Errorf("the tenant %s.%s must be an immutable string", s.Name, name)
	}
	return nil
}

func named(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

func fieldOf(s *load.Schema, name string) *load.Field {
	for _, f := range s.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}
