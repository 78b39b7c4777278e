package core

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// TimeField builds a time column with millisecond precision on every database, in
// UTC. MySQL's own choice keeps whole seconds; its timestamp(3), the type of the
// reference, ends in January 2038, which bans and lifetimes may well outlast.
type TimeField struct{ desc *field.Descriptor }

// Time returns a required time column without a default.
func Time(name string) *TimeField {
	return &TimeField{desc: field.Time(name).
		SchemaType(map[string]string{dialect.MySQL: "datetime(3)"}).
		Descriptor()}
}

// CreatedAt returns the column created_at: Now at creation, never changed.
func CreatedAt() ent.Field { return Time("created_at").DefaultNow().Immutable() }

// UpdatedAt returns the column updated_at: Now at creation and at every update.
func UpdatedAt() ent.Field { return Time("updated_at").DefaultNow().UpdateNow() }

// DefaultNow makes Now the value of rows created without one.
func (t *TimeField) DefaultNow() *TimeField { t.desc.Default = Now; return t }

// UpdateNow makes Now the value of every update that does not set one.
func (t *TimeField) UpdateNow() *TimeField { t.desc.UpdateDefault = Now; return t }

// Immutable refuses the column in updates.
func (t *TimeField) Immutable() *TimeField { t.desc.Immutable = true; return t }

// Nillable makes the column optional and the Go field a pointer.
func (t *TimeField) Nillable() *TimeField {
	t.desc.Optional, t.desc.Nillable = true, true
	return t
}

// StorageKey names the column where the derived name would be wrong.
func (t *TimeField) StorageKey(name string) *TimeField { t.desc.StorageKey = name; return t }

// Annotations adds annotations such as Hidden.
func (t *TimeField) Annotations(annotations ...schema.Annotation) *TimeField {
	t.desc.Annotations = append(t.desc.Annotations, annotations...)
	return t
}

// Descriptor makes TimeField an ent.Field.
func (t *TimeField) Descriptor() *field.Descriptor { return t.desc }
