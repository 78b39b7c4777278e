package admin

import (
	"time"

	"gatehouse/auth"
	"gatehouse/auth/schema"
)

// The readers below take one member each out of the free object "data" of create-user
// and update-user.

// textOf reads a member that must be text.
func textOf(data *schema.Object, name string) (*string, error) {
	v := data.Get(name)
	if v.IsUndefined() {
		return nil, nil
	}
	text, ok := v.Any().(string)
	if !ok {
		return nil, invalid(name, "a string")
	}
	return &text, nil
}

// flagOf reads a member that must be true or false; null is false.
func flagOf(data *schema.Object, name string) (*bool, error) {
	v := data.Get(name)
	if v.IsUndefined() {
		return nil, nil
	}
	if v.IsNull() {
		return new(bool), nil
	}
	flag, ok := v.Any().(bool)
	if !ok {
		return nil, invalid(name, "a boolean")
	}
	return &flag, nil
}

// maybeText reads a member that may be text or null.
func maybeText(data *schema.Object, name string) (schema.Maybe[string], error) {
	v := data.Get(name)
	if v.IsUndefined() {
		return schema.Maybe[string]{}, nil
	}
	if v.IsNull() {
		return schema.Maybe[string]{Present: true, Null: true}, nil
	}
	text, ok := v.Any().(string)
	if !ok {
		return schema.Maybe[string]{}, invalid(name, "a string")
	}
	return schema.Maybe[string]{Present: true, Value: text}, nil
}

// maybeDate reads a member that may be a date or null.
func maybeDate(data *schema.Object, name string) (schema.Maybe[time.Time], error) {
	v := data.Get(name)
	if v.IsUndefined() {
		return schema.Maybe[time.Time]{}, nil
	}
	if v.IsNull() {
		return schema.Maybe[time.Time]{Present: true, Null: true}, nil
	}
	at, err := auth.ParseDate(v.Any())
	if err != nil {
		return schema.Maybe[time.Time]{}, invalid(name, "a date")
	}
	return schema.Maybe[time.Time]{Present: true, Value: at}, nil
}

// rolesOf reads the member role: text, or a list of texts.
func rolesOf(data *schema.Object) ([]string, error) {
	v := data.Get("role")
	if v.IsUndefined() {
		return nil, nil
	}
	switch given := v.Any().(type) {
	case string:
		return []string{given}, nil
	case []any:
		roles := make([]string, 0, len(given))
		for _, g := range given {
			role, ok := g.(string)
			if !ok {
				return nil, ErrRoleType
			}
			roles = append(roles, role)
		}
		return roles, nil
	}
	return nil, ErrRoleType
}

// banOf reads the ban columns; nil when none is there.
func banOf(data *schema.Object) (b *BanFields, err error) {
	if !data.Has("banned") && !data.Has("banReason") && !data.Has("banExpires") {
		return nil, nil
	}
	b = &BanFields{}
	if b.Banned, err = flagOf(data, "banned"); err != nil {
		return nil, err
	}
	if b.Reason, err = maybeText(data, "banReason"); err != nil {
		return nil, err
	}
	if len(b.Reason.Value) > maxReason {
		return nil, invalid("banReason", "at most 1000 characters")
	}
	b.Expires, err = maybeDate(data, "banExpires")
	return b, err
}
