package organization

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"gatehouse/auth"
)

// permission is what a role gives: actions by resource (better-auth organization 4.1).
type permission map[string][]string

// readPermission reads the stored text of a role.
func readPermission(text string) (permission, error) {
	var p permission
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf("permissions of a role: %w", err)
	}
	return p, nil
}

func (p permission) scopes() auth.ScopeSet {
	set := auth.ScopeSet{}
	for resource, actions := range p {
		for _, action := range actions {
			set[resource+":"+action] = true
		}
	}
	return set
}

// goodRoleName reports whether a name can stand in the comma-separated text of a member and
// be found again (better-auth organization 13, D-3).
func goodRoleName(name string) bool {
	return name != "" && len(name) <= maxRoleName && !strings.Contains(name, ",") && strings.TrimSpace(name) == name &&
		strings.IndexFunc(name, unicode.IsControl) < 0
}

// maxRoleName bounds the name of a role, in bytes.
const maxRoleName = 64
