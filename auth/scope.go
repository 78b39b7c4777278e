package auth

import (
	"cmp"
	"fmt"
	"gatehouse/auth/words"
	"maps"
	"slices"
	"strings"
)

// Scope declares one permission: an action on a resource in a realm. The declaration
// feeds the policy check, the navigation, the pages and the explanation of a refusal.
type Scope struct {
	Resource     string     // lower case, e.g. "user"
	Action       string     // e.g. "set-role"
	Organization bool       // held in an organization; else on the platform
	Words        words.Text // "Change a person's role", for people
	// Of is what the resource is called over its scopes; its name when empty.
	Of words.Text
	// Roles hold it from the start: roles of the platform, or for a scope of organizations
	// those of an organization.
	Roles []string
	// Everywhere are the roles of the platform that hold a scope of organizations in all of
	// them: it is declared as a scope of the platform too. Without any it is not, and one of
	// that name that is declared by itself holds everywhere as well.
	Everywhere []string
	// Interactive says that the server asks for it of people who are signed in alone: a key
	// or a service account that holds it does nothing by it here. Apps may ask for it.
	Interactive bool
}

// PlatformPrefix stands before scopes of the platform where those of several realms stand in
// one list, in addresses and on the wire. No other realm has a resource of this name.
const PlatformPrefix = "platform:"

// Group is what stands over the scopes of the resource.
func (s Scope) Group() words.Text {
	if s.Of == "" {
		return words.Raw(s.Resource)
	}
	return s.Of
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
	inside map[string]ScopeSet // roles of every organization
	order  []string            // organization scopes as they were declared
	custom []string
}

// NewCatalogue returns a catalogue that knows the role "user" and no scope.
func NewCatalogue() *Catalogue {
	return &Catalogue{scopes: map[string]Scope{}, org: map[string]Scope{}, owner: map[string]string{}, roles: map[string]ScopeSet{}, inside: map[string]ScopeSet{}}
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
			c.order = append(c.order, s.Name())
			for _, r := range s.Roles {
				c.RoleIn(r, s.Name())
			}
			if s.Everywhere == nil {
				continue
			}
			twin := Scope{Resource: s.Resource, Action: s.Action, Of: s.Of, Words: words.F("%s, in every organization", s.Words), Roles: s.Everywhere, Interactive: s.Interactive}
			if err := c.Declare(plugin, twin); err != nil {
				return err
			}
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
		s = strings.TrimPrefix(s, PlatformPrefix)
		if _, ok := c.scopes[s]; !ok {
			return fmt.Errorf("role %q: no scope %q", name, s)
		}
		set[s] = true
	}
	c.roles[name] = set
	c.custom = append(c.custom, name)
	return nil
}

// RoleIn makes a role of every organization known and adds scopes to it.
func (c *Catalogue) RoleIn(name string, scopes ...string) {
	if c.inside[name] == nil {
		c.inside[name] = ScopeSet{}
	}
	for _, s := range scopes {
		c.inside[name][s] = true
	}
}

// CustomIn adds or replaces a role of every organization by a setting. Every scope must be
// declared.
func (c *Catalogue) CustomIn(name string, scopes []string) error {
	set := ScopeSet{}
	for _, s := range scopes {
		if _, ok := c.org[s]; !ok {
			return fmt.Errorf("role %q of organizations: no scope %q", name, s)
		}
		set[s] = true
	}
	c.inside[name] = set
	return nil
}

// OfRoleIn returns the scopes of one role of every organization; ok is false when it is
// not configured.
func (c *Catalogue) OfRoleIn(name string) (held ScopeSet, ok bool) {
	held, ok = c.inside[name]
	return held, ok
}

// RoleNamesIn returns the roles of every organization, the widest first, names breaking
// ties.
func (c *Catalogue) RoleNamesIn() []string { return byWidth(c.inside) }

// HasRole reports whether a role is configured.
func (c *Catalogue) HasRole(name string) bool { return c.roles[name] != nil }

// RoleNames returns the configured roles, the widest first, names breaking ties.
func (c *Catalogue) RoleNames() []string { return byWidth(c.roles) }

func byWidth(roles map[string]ScopeSet) []string {
	return slices.SortedFunc(maps.Keys(roles), func(a, b string) int {
		return cmp.Or(len(roles[b])-len(roles[a]), strings.Compare(a, b))
	})
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
	return slices.SortedFunc(maps.Values(c.scopes), func(a, b Scope) int { return strings.Compare(a.Name(), b.Name()) })
}

// ScopesIn lists the declared scopes of organizations in the order of their declaration.
func (c *Catalogue) ScopesIn() []Scope {
	list := make([]Scope, len(c.order))
	for i, name := range c.order {
		list[i] = c.org[name]
	}
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

// interactive reports whether a scope of a realm is asked of people alone; in an
// organization by its own scope or that of the platform.
func (c *Catalogue) interactive(r Realm, scope string) bool {
	if r.Organization != "" {
		if s, ok := c.org[scope]; ok {
			return s.Interactive
		}
	}
	return !r.Apps && c.scopes[scope].Interactive
}

// Owner names the plugin that declared a scope.
func (c *Catalogue) Owner(name string) string { return c.owner[name] }
