package auth

import (
	"fmt"
	"gatehouse/auth/words"
	"slices"
	"sort"
	"strings"
)

// Scope declares one permission: an action on a resource in a realm. The declaration
// feeds the policy check, the navigation, the pages and the explanation of a refusal.
type Scope struct {
	Resource     string     // lower case, e.g. "user"
	Action       string     // e.g. "set-role"
	Organization bool       // held in an organization; else on the platform
	Words        words.Text // "Change a person's role", for people
	Roles        []string
}

// Name is resource:action, the name inside the realm.
func (s Scope) Name() string { return s.Resource + ":" + s.Action }

// Catalogue is every scope of the server with the platform roles that hold it.
// It is built at start and then only read.
type Catalogue struct {
	scopes map[string]Scope // platform scopes by name
	org    map[string]Scope // organization scopes by name
	owner  map[string]string
	roles  map[string]ScopeSet
	custom []string
}

// NewCatalogue returns a catalogue that knows the role "user" and no scope.
func NewCatalogue() *Catalogue {
	return &Catalogue{scopes: map[string]Scope{}, org: map[string]Scope{}, owner: map[string]string{}, roles: map[string]ScopeSet{}}
}

// Declare adds the scopes of a plugin. Two plugins may not declare the same one.
func (c *Catalogue) Declare(plugin string, scopes ...Scope) error {
	for _, s := range scopes {
		table := c.scopes
		if s.Organization {
			table = c.org
		}
		if _, taken := table[s.Name()]; taken {
			return fmt.Errorf("scope %q is declared by plugin %q and by plugin %q", s.Name(), c.owner[s.Name()], plugin)
		}
		table[s.Name()] = s
		c.owner[s.Name()] = plugin
		if s.Organization {
			continue
		}
		for _, r := range s.Roles {
			c.Role(r, s.Name())
		}
	}
	return nil
}

// Role makes a role known and adds scopes to it.
func (c *Catalogue) Role(name string, scopes ...string) {
	if c.roles[name] == nil {
		c.roles[name] = ScopeSet{}
	}
	for _, s := range scopes {
		c.roles[name][s] = true
	}
}

// Custom adds or replaces a role by a setting. Every scope must be declared.
func (c *Catalogue) Custom(name string, scopes []string) error {
	set := ScopeSet{}
	for _, s := range scopes {
		s = strings.TrimPrefix(s, "platform:")
		if _, ok := c.scopes[s]; !ok {
			return fmt.Errorf("role %q: no scope %q", name, s)
		}
		set[s] = true
	}
	c.roles[name] = set
	c.custom = append(c.custom, name)
	return nil
}

// HasRole reports whether a role is configured.
func (c *Catalogue) HasRole(name string) bool { return c.roles[name] != nil }

// RoleNames returns the configured roles, the widest first, names breaking ties.
func (c *Catalogue) RoleNames() []string {
	names := make([]string, 0, len(c.roles))
	for n := range c.roles {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := len(c.roles[names[i]]), len(c.roles[names[j]])
		return a > b || a == b && names[i] < names[j]
	})
	return names
}

// OfRole returns the scopes of one role; unknown roles hold nothing.
func (c *Catalogue) OfRole(name string) ScopeSet { return c.roles[name] }

// OfRoles returns the union of the scopes of several roles.
func (c *Catalogue) OfRoles(names []string) ScopeSet {
	union := ScopeSet{}
	for _, n := range names {
		union.Add(c.roles[n])
	}
	return union
}

// Scopes lists the declared platform scopes by name.
func (c *Catalogue) Scopes() []Scope {
	list := make([]Scope, 0, len(c.scopes))
	for _, s := range c.scopes {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Scope) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

// Lookup finds a platform scope; the second result is false when nobody declared it.
func (c *Catalogue) Lookup(name string) (Scope, bool) {
	s, ok := c.scopes[name]
	return s, ok
}

// LookupIn finds a scope of organizations.
func (c *Catalogue) LookupIn(name string) (Scope, bool) {
	s, ok := c.org[name]
	return s, ok
}

// Owner names the plugin that declared a scope.
func (c *Catalogue) Owner(name string) string { return c.owner[name] }
