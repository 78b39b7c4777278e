package auth

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// Field declares a column of user or session that clients may see or set: one of a
// plugin, or an additional one from the settings (better-auth core 3.5).
type Field struct {
	Entity string // "user", "session", "account"
	Name   string // on the wire
	// Words are what people call it; without any they are made of the name.
	Words words.Text
	// Value says what a text is, where that is more than its type does.
	Value    EventValue
	Type     string // "string", "number", "boolean", "date", "string[]", "number[]", "json"
	Required bool
	Input    bool // clients may set it
	Returned bool
	Default  any // nil: none
	// Column fields have a column of their own, set by the plugin that owns them; the
	// others live in the entity's JSON column.
	Column bool
	// Check validates a given value; the error text reaches the client.
	Check func(any) error
}

// Fields are the declared fields of all plugins and settings.
type Fields struct {
	list  []Field
	owner map[string]string
}

// Declare adds fields. A field declared twice is refused with both plugins named.
func (f *Fields) Declare(plugin string, fields ...Field) error {
	if f.owner == nil {
		f.owner = map[string]string{}
	}
	for _, d := range fields {
		key := d.Entity + "." + d.Name
		if other, taken := f.owner[key]; taken {
			return fmt.Errorf("field %q is declared by plugin %q and by plugin %q", key, other, plugin)
		}
		f.owner[key] = plugin
		f.list = append(f.list, d)
	}
	return nil
}

// DeclareSettings adds the additional fields that settings declare for an entity.
func (f *Fields) DeclareSettings(entity string, fields map[string]settings.AdditionalField) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		d := fields[name]
		errs = append(errs, f.Declare("settings", Field{Entity: entity, Name: name, Type: d.Type,
			Required: d.Required, Input: d.Input, Returned: d.Returned, Default: d.Default}))
	}
	return errors.Join(errs...)
}

// Of lists the fields of an entity in the order of their declaration.
func (f *Fields) Of(entity string) []Field {
	var of []Field
	for _, d := range f.list {
		if d.Entity == entity {
			of = append(of, d)
		}
	}
	return of
}

// Find returns the field of an entity that has a name on the wire, the columns that every
// user has included.
func (f *Fields) Find(entity, name string) (Field, bool) {
	list := f.Of(entity)
	if entity == "user" {
		list = append(list, userColumns()...)
	}
	i := slices.IndexFunc(list, func(d Field) bool { return d.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return list[i], true
}

// userColumns are the columns of users that no plugin declares.
func userColumns() []Field {
	return []Field{
		{Name: "name", Type: "string", Words: "Name"},
		{Name: "email", Type: "string", Words: "Email"},
		{Name: "emailVerified", Type: "boolean", Words: "Email verified"},
		{Name: "image", Type: "string", Words: "Picture"},
		{Name: "createdAt", Type: "date", Words: "Created"},
	}
}

// Create judges what a client sent for a new row and returns the values to store.
// Keys that nobody declared are ignored.
func (f *Fields) Create(entity string, given map[string]any) (map[string]any, error) {
	values := map[string]any{}
	for _, d := range f.Of(entity) {
		v, sent := given[d.Name]
		switch {
		case sent && !d.Input && d.Default == nil && truthy(v):
			return nil, ErrFieldNotAllowed.Saying("%s is not allowed to be set", d.Name)
		case sent && d.Input:
			if err := d.check(v); err != nil {
				return nil, err
			}
			values[d.Name] = v
		case d.Default != nil:
			values[d.Name] = d.Default
		case d.Required && d.Input:
			return nil, ErrMissingField.Saying("%s is required", d.Name)
		}
	}
	return values, nil
}

// Update judges what a client sent for an existing row.
func (f *Fields) Update(entity string, given map[string]any) (map[string]any, error) {
	values := map[string]any{}
	for _, d := range f.Of(entity) {
		v, sent := given[d.Name]
		switch {
		case !sent:
		case !d.Input && truthy(v):
			return nil, ErrFieldNotAllowed.Saying("%s is not allowed to be set", d.Name)
		case d.Input:
			if err := d.check(v); err != nil {
				return nil, err
			}
			values[d.Name] = v
		}
	}
	return values, nil
}

func (d Field) check(v any) error {
	if d.Check == nil {
		return nil
	}
	if err := d.Check(v); err != nil {
		return ErrValidation.Saying("%s", err.Error())
	}
	return nil
}

// JSON returns the members of values that live in the entity's JSON column.
func (f *Fields) JSON(entity string, values map[string]any) map[string]any {
	stored := map[string]any{}
	for _, d := range f.Of(entity) {
		if v, ok := values[d.Name]; ok && !d.Column {
			stored[d.Name] = v
		}
	}
	return stored
}

// Wire completes a row's wire object: the additional fields before the id, absent ones
// null, those that are not returned left out.
func (f *Fields) Wire(entity string, row ent.WireObject, stored map[string]any) ent.WireObject {
	row = slices.DeleteFunc(row, func(w ent.WireField) bool { return f.hidden(entity, w.Key) })
	for _, d := range f.list {
		if d.Entity != entity || d.Column || !d.Returned {
			continue
		}
		at := len(row)
		if at > 0 && row[at-1].Key == "id" {
			at--
		}
		row = slices.Insert(row, at, ent.WireField{Key: d.Name, Value: stored[d.Name]})
	}
	return row
}

func (f *Fields) hidden(entity, name string) bool {
	return slices.ContainsFunc(f.list, func(d Field) bool {
		return d.Entity == entity && d.Name == name && d.Column && !d.Returned
	})
}

// truthy is JavaScript's idea of a value that counts.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0
	}
	return true
}
