package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"entgo.io/ent/entc/load"

	"gatehouse/ent/schema/core"
)

// loadSchemas loads the assembled schemas as data, marks whose they are, gives
// tables and columns their names and checks the rules.
func loadSchemas(l layout, entities []*entity) ([]*load.Schema, error) {
	spec, err := inFolder(l.root, func() (*load.SchemaSpec, error) {
		return (&load.Config{Path: "./schema"}).Load()
	})
	if err != nil {
		return nil, fmt.Errorf("load schemas: %w", err)
	}
	owners := map[string]string{}
	for _, e := range entities {
		owners[e.name] = e.from.plugin
	}
	for _, s := range spec.Schemas {
		if plugin := owners[s.Name]; plugin != "" {
			s.Annotations[core.Owner{}.Name()] = core.Owner{Plugin: plugin}
		}
		nameColumns(s)
	}
	if err := guard(spec.Schemas); err != nil {
		return nil, err
	}
	return spec.Schemas, nil
}

// inFolder runs f with dir as the working folder, which entc's loader needs.
func inFolder[T any](dir string, f func() (T, error)) (result T, err error) {
	old, err := os.Getwd()
	if err != nil {
		return result, err
	}
	if err := os.Chdir(dir); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.Chdir(old)) }()
	return f()
}

// nameColumns gives table and columns the names better-auth uses, where the
// schema names none: the type and field in lower camel case.
func nameColumns(s *load.Schema) {
	table, _ := s.Annotations["EntSQL"].(map[string]any)
	if table == nil {
		table = map[string]any{}
		s.Annotations["EntSQL"] = table
	}
	if name, _ := table["table"].(string); name == "" {
		table["table"] = lowerFirst(s.Name)
	}
	for _, f := range s.Fields {
		if f.StorageKey == "" {
			f.StorageKey = camel(f.Name)
		}
	}
}

func lowerFirst(name string) string {
	r := []rune(name)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// camel turns user_id into userId.
func camel(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

// annotation decodes an annotation of a loaded schema into a typed value, the
// zero value if it is not there.
func annotation[T interface{ Name() string }](annotations map[string]any) (value T) {
	raw, ok := annotations[value.Name()]
	if !ok {
		return value
	}
	b, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(b, &value)
	}
	if err != nil {
		panic(fmt.Sprintf("annotation %s: %v", value.Name(), err))
	}
	return value
}
