package apikey

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
)

// defaultID is the configuration that counts where a request names none.
const defaultID = "default"

// configuration is one kind of keys with what the program adds to it.
type configuration struct {
	Configuration
	id     string
	custom Custom
}

// configurations are all kinds, the default one first, then by their names.
func (s *Service) configurations() []*configuration {
	all := s.cfg.Current().Configs
	var list []*configuration
	if c := s.named(defaultID); c != nil {
		list = append(list, c)
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if id != defaultID {
			list = append(list, &configuration{all[id], id, s.options.Custom[id]})
		}
	}
	return list
}

// choose finds the configuration of an id; empty and unknown ids mean the default one
// (better-auth api-key 3.1).
func (s *Service) choose(id string) (*configuration, error) {
	if c := s.named(id); c != nil {
		return c, nil
	}
	if c := s.named(defaultID); c != nil {
		return c, nil
	}
	return nil, ErrNoDefault
}

func (s *Service) named(id string) *configuration {
	if found, ok := s.cfg.Current().Configs[id]; ok {
		return &configuration{found, id, s.options.Custom[id]}
	}
	return nil
}

// kindOf is the kind of a stored key; false where the settings have it no more. Such a key is no
// credential, and what stands in for its kind lets people look after it all the same.
func (s *Service) kindOf(row *ent.APIKey) (*configuration, bool) {
	if c := s.named(cmp.Or(row.ConfigID, defaultID)); c != nil {
		return c, true
	}
	c := &configuration{id: cmp.Or(row.ConfigID, defaultID)}
	c.SetDefaults()
	if row.OwnerKind != OwnerUser {
		c.References = ofOrganization
	}
	return c, false
}

// ofKnownKinds are the keys of kinds that the settings have.
func (s *Service) ofKnownKinds() predicate.APIKey {
	var ids []string
	for _, c := range s.configurations() {
		if ids = append(ids, c.id); c.id == defaultID {
			ids = append(ids, "")
		}
	}
	return apikey.ConfigIDIn(ids...)
}

// owns reports whether a stored key is one of the configuration; a key without an id is one
// of the default.
func (c *configuration) owns(row *ent.APIKey) bool { return cmp.Or(row.ConfigID, defaultID) == c.id }

// ofOrganizations reports whether organizations own the keys.
func (c *configuration) ofOrganizations() bool { return c.References == ofOrganization }

// header is what a request presents as a key of the configuration; empty is nothing. A
// query is never looked at (SEC-144).
func (c *configuration) header(r *http.Request) string {
	if c.custom.Getter != nil {
		return c.custom.Getter(r)
	}
	for _, name := range c.Headers {
		if v := r.Header.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// valid asks the program about a presented text.
func (c *configuration) valid(ctx context.Context, key string) (bool, error) {
	if c.custom.Validate == nil {
		return true, nil
	}
	return c.custom.Validate(ctx, key)
}

// generate makes a new key.
func (c *configuration) generate(ctx context.Context, prefix string) (string, error) {
	if c.custom.Generate != nil {
		return c.custom.Generate(ctx, c.DefaultLength, prefix)
	}
	return prefix + random.String(c.DefaultLength, letters), nil
}

// permissionsFor are those of a key that is made without any; nil is none.
func (c *configuration) permissionsFor(ctx context.Context, reference string) (Permissions, error) {
	if c.custom.DefaultPermissions != nil {
		return c.custom.DefaultPermissions(ctx, reference)
	}
	return c.DefaultPermissions, nil
}

// inStorage reports whether keys lie in the storage alone.
func (c *configuration) inStorage() bool { return c.Storage == inSecondary && !c.Fallback }

// cached reports whether a storage stands before the database.
func (c *configuration) cached() bool { return c.Storage == inSecondary && c.Fallback }

// storage is where keys lie beside the database or in its place; nil when the program
// offers none.
func (s *Service) storage(c *configuration) Storage {
	if c.Storage != inSecondary {
		return nil
	}
	if c.custom.Storage != nil {
		return c.custom.Storage
	}
	return s.options.Storage
}

// place names where keys of a configuration lie, so that each place is asked once.
func (c *configuration) place() string {
	switch {
	case c.Storage == inDatabase:
		return inDatabase
	case c.custom.Storage != nil:
		return "custom:" + c.id
	case c.Fallback:
		return "secondary-storage-with-fallback"
	}
	return inSecondary
}
