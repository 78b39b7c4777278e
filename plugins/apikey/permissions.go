package apikey

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"gatehouse/auth"
)

// Permissions are actions by resource.
type Permissions map[string][]string

// errResource refuses what would read as a permission of the server (auth.PlatformPrefix).
var errResource = auth.ErrValidation.Saying("The resource of a permission is neither platform nor has it a colon.")

// forged reports whether a resource, before its action, would read as another one.
func forged(resource string) bool {
	return strings.Contains(resource, ":") || resource+":" == auth.PlatformPrefix
}

// text is the stored form; nil for no permissions at all. It refuses resources that are none.
func (p Permissions) text() (*string, error) {
	if p == nil {
		return nil, nil
	}
	for resource := range p {
		if forged(resource) {
			return nil, errResource
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	s := string(raw)
	return &s, nil
}

// permissionsOf reads the stored form. What cannot be read, or could not be stored, gives
// nothing.
func permissionsOf(text *string) Permissions {
	if text == nil {
		return nil
	}
	var p Permissions
	if json.Unmarshal([]byte(*text), &p) != nil {
		return nil
	}
	maps.DeleteFunc(p, func(resource string, _ []string) bool { return forged(resource) })
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
