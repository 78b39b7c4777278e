package organization

import (
	"fmt"
	"maps"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/words"
)

// created judges the additional fields of a new row and returns what is stored; at names
// where they stand in the body. What clients may not set is ignored when it is sent
// (better-auth organization 2.7).
func (s *Service) created(entity, at string, given *schema.Object) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range s.host.Fields.Of(entity) {
		v := given.Get(f.Name)
		switch {
		case f.Input && !v.IsUndefined():
			value, err := fieldValue(f, at, v)
			if err != nil {
				return nil, err
			}
			values[f.Name] = value
		case f.Default != nil:
			values[f.Name] = f.Default
		case f.Input && f.Required:
			return nil, invalid(at+"."+f.Name, "expected "+f.Type+", received undefined")
		}
	}
	return values, nil
}

// preset are the additional fields of a new row of which nothing was sent.
func (s *Service) preset(entity string) map[string]any {
	values := map[string]any{}
	for _, f := range s.host.Fields.Of(entity) {
		if f.Default != nil {
			values[f.Name] = f.Default
		}
	}
	return values
}

// changed judges the additional fields of a change.
func (s *Service) changed(entity, at string, given *schema.Object) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range s.host.Fields.Of(entity) {
		if v := given.Get(f.Name); f.Input && !v.IsUndefined() {
			value, err := fieldValue(f, at, v)
			if err != nil {
				return nil, err
			}
			values[f.Name] = value
		}
	}
	return values, nil
}

// merged are stored fields with changed ones.
func merged(stored, changed map[string]any) map[string]any {
	all := maps.Clone(stored)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, changed)
	return all
}

func fieldValue(f auth.Field, at string, v schema.Value) (any, error) {
	if v.IsNull() && !f.Required {
		return nil, nil
	}
	value := v.Any()
	if !f.Fits(value) {
		return nil, invalid(at+"."+f.Name, fmt.Sprintf("expected %s, received %s", f.Type, v.Kind()))
	}
	if f.Check != nil {
		if err := f.Check(value); err != nil {
			return nil, auth.ErrValidation.Saying("%s", err.Error())
		}
	}
	return value, nil
}

// invalid is the wire's refusal of a member of the input.
func invalid(where, reason string) error {
	return auth.ErrValidation.Saying(words.Raw("[" + where + "] Invalid input: " + reason))
}
