package apikey

import (
	"cmp"
	"context"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/apikeyapi"
	"gatehouse/plugins/list"
)

// The methods below are apikeyapi.Administration: the acts of the command line.
var _ apikeyapi.Administration = (*Service)(nil)

// ListKeys implements apikeyapi.Administration.
func (s *Service) ListKeys(ctx context.Context, search string, of apikeyapi.Owner, limit int) ([]apikeyapi.Key, error) {
	q := list.Query{Text: search, Sort: "created"}
	if of != (apikeyapi.Owner{}) {
		owner, err := s.ownerCalled(ctx, of)
		if err != nil {
			return nil, err
		}
		q.Filters = map[string][]string{filterOf: {owner.id}}
	}
	var all []apikeyapi.Key
	for r, err := range s.lists.keys[onPlatform].Each(ctx, q) {
		if err != nil {
			return nil, err
		}
		if all = append(all, s.told(r.Row, r.Owner.Name)); len(all) == limit {
			break
		}
	}
	return all, nil
}

func (s *Service) told(row *ent.APIKey, owner string) apikeyapi.Key {
	return apikeyapi.Key{ID: row.ID, Name: auth.ValueOf(row.Name), Start: auth.ValueOf(row.Start), Kind: cmp.Or(row.ConfigID, defaultID), OwnerKind: row.OwnerKind, OwnerID: row.ReferenceID,
		OwnerName: owner, OrganizationID: auth.ValueOf(row.OrganizationID), State: s.stateOf(row, s.now()), Permissions: permissionsOf(row.Permissions).names(),
		CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, LastUsedAt: row.LastUsedAt}
}

// CreateKey implements apikeyapi.Administration. Who administers in the console makes no key
// of somebody else (S-1); whoever runs the program on the server's machine may.
func (s *Service) CreateKey(ctx context.Context, n apikeyapi.NewKey) (string, apikeyapi.Key, error) {
	if p := auth.PrincipalOf(ctx); p == nil || p.Scheme != auth.CommandLineSubject {
		return "", apikeyapi.Key{}, auth.ErrForbidden.For(ScopeCreate)
	}
	to, err := s.ownerCalled(ctx, n.Owner)
	if err != nil {
		return "", apikeyapi.Key{}, err
	}
	c, err := s.kindCalled(n.Kind, to)
	if err != nil {
		return "", apikeyapi.Key{}, err
	}
	asked := NewKey{}
	if n.Name != "" {
		asked.Name = &n.Name
	}
	if n.Life > 0 {
		seconds := n.Life.Seconds()
		asked.ExpiresIn = &seconds
	}
	for _, scope := range n.Permissions {
		resource, action, ok := strings.Cut(scope, ":")
		if !ok || resource == "" || action == "" {
			return "", apikeyapi.Key{}, errPermission
		}
		if asked.Permissions == nil {
			asked.Permissions = Permissions{}
		}
		asked.Permissions[resource] = append(asked.Permissions[resource], action)
	}
	made, err := s.create(ctx, c, to, asked)
	if err != nil {
		return "", apikeyapi.Key{}, err
	}
	owners, err := s.ownersOf(ctx, headIn(ctx, onPlatform), []*ent.APIKey{made.Row})
	return made.Secret, s.told(made.Row, owners[made.Row.ID].Name), err
}

// Refusals of the command line.
var (
	errPermission     = auth.ErrValidation.Saying("Write a permission as resource:action.")
	errNoOwner        = auth.ErrValidation.Saying("Say whose key it is.")
	errNoOrganization = auth.ErrValidation.Saying("No organization is called so.")
	errNoKind         = auth.ErrValidation.Saying("There is no such kind of keys for this owner.")
)

// kindCalled is a kind of keys by its name, which must be one for the owner.
func (s *Service) kindCalled(name string, to recipient) (*configuration, error) {
	if name == "" {
		return s.kindFor(to)
	}
	c := s.named(name)
	if c == nil || c.ofOrganizations() != (to.organization != "") {
		return nil, errNoKind
	}
	return c, nil
}

// ownerCalled finds an owner as people name them.
func (s *Service) ownerCalled(ctx context.Context, of apikeyapi.Owner) (recipient, error) {
	switch {
	case of.User != "":
		u, err := s.host.Users.Called(ctx, of.User)
		if err != nil || u == nil {
			return recipient{}, cmp.Or(err, error(auth.ErrUserNotFound))
		}
		return recipient{kind: OwnerUser, id: u.ID}, nil
	case of.Organization != "":
		org, err := s.organizationCalled(ctx, of.Organization)
		if err != nil {
			return recipient{}, err
		}
		return recipient{kind: OwnerOrganization, id: org.ID, organization: org.ID}, nil
	case of.ServiceAccount != "":
		o, err := s.owningAccount(ctx, of.ServiceAccount)
		if _, refused := asRefusal(err); refused && err != nil {
			return recipient{}, ErrUnknownAccount
		}
		if err != nil {
			return recipient{}, err
		}
		return recipient{kind: OwnerServiceAccount, id: o.account.ID, organization: o.organization}, nil
	}
	return recipient{}, errNoOwner
}

func (s *Service) organizationCalled(ctx context.Context, name string) (*plugins.Organization, error) {
	known, ok := plugins.Offer[plugins.Organizations](s.host)
	if !ok {
		return nil, ErrNoOrganizations
	}
	org, err := known.OrganizationBySlug(ctx, name)
	if err == nil && org == nil {
		org, err = known.OrganizationByID(ctx, name)
	}
	if err == nil && org == nil {
		err = errNoOrganization
	}
	return org, err
}

// SetKeyEnabled implements apikeyapi.Administration.
func (s *Service) SetKeyEnabled(ctx context.Context, id string, enabled bool) error {
	_, err := s.SetEnabled(ctx, id, enabled)
	return err
}

// DeleteKey implements apikeyapi.Administration.
func (s *Service) DeleteKey(ctx context.Context, id string) error { return s.Delete(ctx, id) }
