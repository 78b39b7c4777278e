package admin

import (
	"gatehouse/auth"
	"gatehouse/auth/schema"
)

// fields are the plugin's own columns as the wire knows them (better-auth admin 1).
// Clients never set them; the services here do.
func fields() []auth.Field {
	return []auth.Field{
		{Entity: "user", Name: "role", Words: "Role", Value: auth.AsRoles, Type: "string", Returned: true, Column: true},
		{Entity: "user", Name: "banned", Words: "Banned", Type: "boolean", Returned: true, Column: true, Default: false},
		{Entity: "user", Name: "banReason", Words: "Reason for the ban", Type: "string", Returned: true, Column: true},
		{Entity: "user", Name: "banExpires", Words: "End of the ban", Type: "date", Returned: true, Column: true},
		{Entity: "session", Name: "impersonatedBy", Words: "Impersonated by", Type: "string", Returned: true, Column: true},
	}
}

// Names of the columns that user:set-phone guards. They belong to the phone plugin.
const (
	fieldPhone         = "phoneNumber"
	fieldPhoneVerified = "phoneNumberVerified"
)

func hasPhone(fields map[string]any) bool {
	_, number := fields[fieldPhone]
	_, verified := fields[fieldPhoneVerified]
	return number || verified
}

// hasOther reports fields that neither user:update nor a scope of their own covers.
func hasOther(fields map[string]any) bool {
	for name := range fields {
		if name != fieldPhone && name != fieldPhoneVerified {
			return true
		}
	}
	return false
}

// declared picks the values of declared fields of users out of an object, except the
// plugin's own; keys that nobody declared are dropped. Administrators may set fields
// that clients may not.
func (s *Service) declared(data *schema.Object) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range s.host.Fields.Of("user") {
		v := data.Get(f.Name)
		if v.IsUndefined() || own(f.Name) {
			continue
		}
		value, err := fieldValue(f, v)
		if err != nil {
			return nil, err
		}
		values[f.Name] = value
	}
	keep(values, data, fieldPhone)
	keep(values, data, fieldPhoneVerified)
	return values, nil
}

// keep remembers a guarded key even where no plugin declares it, so that its scope is
// asked for all the same.
func keep(values map[string]any, data *schema.Object, name string) {
	if _, known := values[name]; !known && data.Has(name) {
		values[name] = data.Get(name).Any()
	}
}

func own(name string) bool {
	for _, f := range fields() {
		if f.Entity == "user" && f.Name == name {
			return true
		}
	}
	return false
}

// fieldValue converts a given value to the declared type and lets the field judge it.
func fieldValue(f auth.Field, v schema.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	value := v.Any()
	if !f.Fits(value) {
		return nil, invalid(f.Name, "a "+f.Type)
	}
	if f.Check != nil {
		if err := f.Check(value); err != nil {
			return nil, auth.ErrValidation.Saying("%s", err.Error())
		}
	}
	return value, nil
}

func invalid(name, want string) error {
	return auth.ErrValidation.Saying("[body.data.%s] Invalid input: expected %s", name, want)
}
