// Package catalog describes the stored entities as data: what tables and
// columns there are, who brought them, and the life of what they hold.
package catalog

import "gatehouse/ent/schema/core"

// Entity is one stored kind of thing.
type Entity struct {
	// Name is the Go name (PlatformInvitation).
	Name string
	// Table is the table's name (platformInvitation).
	Table string
	// Plugin is the id of the plugin that owns the entity; empty for the core.
	Plugin string
	Life   core.Life
	// Fields in the order of the wire object: the core's or owner's, then those
	// other plugins add, the id last.
	Fields []Field
}

// Field is one column of an entity.
type Field struct {
	// Name is the schema's name (user_id), Column the stored one (userId), Wire
	// the key on the wire.
	Name, Column, Wire string
	// Kind is string, bool, int, int64, float64, time, enum, json or bytes.
	Kind string
	// Plugin is the id of the plugin that added the field; empty if it came
	// with the entity.
	Plugin string
	// Hidden and Sensitive fields never reach the wire.
	Hidden, Sensitive bool
	// Nullable columns may hold NULL; Nillable ones show it as null.
	Nullable, Nillable bool
	Unique, Immutable  bool
	// Values lists what an enum may hold.
	Values []string
	// References names the entity whose id the column holds, if a foreign key
	// says so.
	References string
}

// Field returns the field of that schema name.
func (e Entity) Field(name string) (Field, bool) {
	for _, f := range e.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Parents returns the names of the other entities this one refers to, each
// once, in field order. Rows of parents must be loaded first.
func (e Entity) Parents() []string {
	var parents []string
	seen := map[string]bool{e.Name: true, "": true}
	for _, f := range e.Fields {
		if !seen[f.References] {
			seen[f.References] = true
			parents = append(parents, f.References)
		}
	}
	return parents
}
