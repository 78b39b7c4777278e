package openapi

import (
	"slices"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/catalog"
	"gatehouse/plugins"
)

// wireEntities are the core's entities that the wire shows; the others are the
// server's own bookkeeping.
var wireEntities = []string{"User", "Session", "Account", "Verification"}

// columnDefaults are the static defaults that the core sets itself.
var columnDefaults = map[string]any{"User.emailVerified": false}

// readOnlyColumns are what no client may set.
var readOnlyColumns = []string{"id", "emailVerified"}

// models describes the entities that the wire shows, one schema each.
func models(h *plugins.Host) map[string]any {
	all := map[string]any{}
	for _, e := range ent.Entities() {
		if e.Plugin == "" && slices.Contains(wireEntities, e.Name) || e.Plugin != "" && h.On(e.Plugin) {
			all[e.Name] = model(h, e)
		}
	}
	return all
}

// model lists the columns of an entity and the fields that settings add. Columns that
// never leave the server in an answer are marked as such, hidden ones are left out.
func model(h *plugins.Host, e catalog.Entity) map[string]any {
	properties, required := map[string]any{}, []string{}
	fields := h.Fields.Of(e.Table)
	for _, column := range e.Fields {
		if column.Hidden || !h.On(column.Plugin) {
			continue
		}
		property := columnSchema(e, column)
		if i := slices.IndexFunc(fields, func(f auth.Field) bool { return f.Name == column.Wire }); i >= 0 {
			describe(property, fields[i])
		}
		properties[column.Wire] = property
		if !column.Sensitive && !column.Nullable {
			required = append(required, column.Wire)
		}
	}
	for _, f := range fields {
		if _, known := properties[f.Name]; known {
			continue
		}
		properties[f.Name] = fieldSchema(f)
		if f.Required && f.Returned {
			required = append(required, f.Name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

func columnSchema(e catalog.Entity, f catalog.Field) map[string]any {
	s := map[string]any{}
	switch f.Kind {
	case "time":
		s["type"], s["format"] = "string", "date-time"
	case "bool":
		s["type"] = "boolean"
	case "int", "int64":
		s["type"] = "integer"
	case "float64":
		s["type"] = "number"
	case "enum":
		s["type"], s["enum"] = "string", f.Values
	case "json":
	default:
		s["type"] = "string"
	}
	if kind, ok := s["type"]; ok && f.Nillable && !f.Sensitive {
		s["type"] = []any{kind, "null"}
	}
	if f.Sensitive {
		s["writeOnly"] = true
	}
	if slices.Contains(readOnlyColumns, f.Wire) {
		s["readOnly"] = true
	}
	if v, ok := columnDefaults[e.Name+"."+f.Wire]; ok {
		s["default"] = v
	}
	return s
}

// describe adds what the declaration of a field says about a column.
func describe(s map[string]any, f auth.Field) {
	if !f.Input {
		s["readOnly"] = true
	}
	if f.Default != nil {
		s["default"] = f.Default
	}
}

// fieldSchema describes a field that has no column of its own.
func fieldSchema(f auth.Field) map[string]any {
	s := map[string]any{}
	switch f.Type {
	case "number", "boolean", "string":
		s["type"] = f.Type
	case "date":
		s["type"], s["format"] = "string", "date-time"
	case "string[]":
		s["type"], s["items"] = "array", map[string]any{"type": "string"}
	case "number[]":
		s["type"], s["items"] = "array", map[string]any{"type": "number"}
	}
	describe(s, f)
	return s
}
