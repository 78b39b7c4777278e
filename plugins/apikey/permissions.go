package apikey

import (
	"encoding/json"
	"maps"
	"slices"

	"gatehouse/auth"
)

// Permissions are actions by resource.
type Permissions map[string][]string

// text is the stored form; nil for no permissions at all.
func (p Permissions) text() (*string, error) {
	if p == nil {
		return nil, nil
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	s := string(raw)
	return &s, nil
}

// permissionsOf reads the stored form. What cannot be read gives nothing.
func permissionsOf(text *string) Permissions {
	if text == nil {
		return nil
	}
	var p Permissions
	if json.Unmarshal([]byte(*text), &p) != nil {
		return nil
	}
	return p
}

// names are the permissions as resource:action, sorted, each once.
func (p Permissions) names() []string { return slices.Sorted(maps.Keys(p.set())) }

func (p Permissions) set() auth.ScopeSet {
	set := auth.ScopeSet{}
	for resource, actions := range p {
		for _, action := range actions {
			set[resource+":"+action] = true
		}
	}
	return set
}
