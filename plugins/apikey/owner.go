package apikey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins"
	"gatehouse/plugins/organization/organizationapi"
)

// Kinds of owners, as the column holds them.
const (
	OwnerUser           = "user"
	OwnerOrganization   = "organization"
	OwnerServiceAccount = "service-account"
)

// owner is who owns a key, as they are now.
type owner struct {
	kind    string
	name    string
	user    *ent.User
	account *ent.ServiceAccount
	// organization the key belongs to, its own or that of the service account; "" for keys
	// of people and of the platform.
	organization string
}

// ownerOf reads the owner of a key. A key ends with its owner: who is gone, banned,
// disabled or over has no good key (decisions 20, SEC-142).
func (s *Service) ownerOf(ctx context.Context, row *ent.APIKey) (*owner, error) {
	switch s.ownerKind(row) {
	case OwnerOrganization:
		return s.owningOrganization(ctx, row.ReferenceID)
	case OwnerServiceAccount:
		return s.owningAccount(ctx, row.ReferenceID)
	}
	u, err := s.host.Users.ByID(ctx, row.ReferenceID)
	if err != nil {
		return nil, err
	}
	return s.owningUser(u)
}

// ownerKind is the kind of a key's owner; rows of a storage that another program wrote say
// it by their configuration alone.
func (s *Service) ownerKind(row *ent.APIKey) string {
	if row.OwnerKind != "" {
		return row.OwnerKind
	}
	if c, err := s.choose(row.ConfigID); err == nil && c.ofOrganizations() {
		return OwnerOrganization
	}
	return OwnerUser
}

func (s *Service) owningUser(u *ent.User) (*owner, error) {
	if u == nil {
		return nil, ErrInvalidReference
	}
	if s.host.Principals.Denied(u) != nil {
		return nil, ErrBanned
	}
	return &owner{kind: OwnerUser, name: u.Name, user: u}, nil
}

func (s *Service) owningOrganization(ctx context.Context, id string) (*owner, error) {
	found, err := s.organization(ctx, id)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, ErrInvalidReference
	}
	return &owner{kind: OwnerOrganization, name: found.Name, organization: id}, nil
}

func (s *Service) owningAccount(ctx context.Context, id string) (*owner, error) {
	row, err := s.host.DB.Access(ctx).Platform().ServiceAccount().Query().Where(serviceaccount.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrInvalidReference
	}
	if err != nil {
		return nil, fmt.Errorf("reading a service account: %w", err)
	}
	if !active(row, s.now()) {
		return nil, ErrDisabled
	}
	o := &owner{kind: OwnerServiceAccount, name: row.Name, account: row}
	if row.OrganizationID != nil {
		o.organization = *row.OrganizationID
		found, err := s.organization(ctx, o.organization)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, ErrInvalidReference
		}
	}
	return o, nil
}

// active reports whether a service account may act at a time.
func active(a *ent.ServiceAccount, at time.Time) bool {
	return a.Enabled && (a.EndsAt == nil || at.Before(*a.EndsAt))
}

// organization finds an organization; nil when there is none, or nobody knows any.
func (s *Service) organization(ctx context.Context, id string) (*plugins.Organization, error) {
	known, ok := plugins.Offer[plugins.Organizations](s.host)
	if !ok || id == "" {
		return nil, nil
	}
	return known.OrganizationByID(ctx, id)
}

// hold keeps an organization there until the transaction ends, and refuses where it is gone:
// what is checked before a transaction may have changed until it begins. No organization is
// always there.
func (s *Service) hold(ctx context.Context, tx *auth.Tx, org string, gone *auth.Error) error {
	if org == "" {
		return nil
	}
	d, ok := s.directory()
	if !ok {
		return gone
	}
	there, err := d.Hold(ctx, tx, org)
	if err == nil && !there {
		err = gone
	}
	return err
}

// judged runs a command about what an organization has, or, where org is empty, the platform:
// in one transaction, with the organization held and what the actor holds there read again,
// so that all that is judged counts when it is done.
func (s *Service) judged(ctx context.Context, org string, gone *auth.Error, fn func(context.Context, *auth.Tx) error) error {
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := s.hold(ctx, tx, org, gone); err != nil {
			return err
		}
		if org != "" {
			p, err := s.host.Principals.Anew(ctx, auth.PrincipalOf(ctx), org)
			if err != nil {
				return err
			}
			ctx = auth.WithPrincipal(ctx, p)
		}
		return fn(ctx, tx)
	})
}

// directory is what tells of roles in organizations; false while the plugin is off.
func (s *Service) directory() (organizationapi.Directory, bool) {
	return plugins.Offer[organizationapi.Directory](s.host)
}

// subject is by what the principal of a key is known (decisions 27).
func (o *owner) subject() string {
	switch o.kind {
	case OwnerOrganization:
		return "organization:" + o.organization
	case OwnerServiceAccount:
		return o.account.ID
	}
	return o.user.ID
}

// grantsOf is what a key may do: its own permissions, never more than the owner holds now
// (SEC-122). Permissions that no catalogue knows are those of apps.
func (s *Service) grantsOf(ctx context.Context, row *ent.APIKey, o *owner) ([]auth.Grant, error) {
	asked := permissionsOf(row.Permissions)
	source := auth.Source{Plugin: ID, Kind: "key", Name: row.ID}
	var list []auth.Grant
	add := func(scope string, r auth.Realm) {
		list = append(list, auth.Grant{Scope: scope, Realm: r, Source: source, End: auth.ValueOf(row.ExpiresAt)})
	}
	switch o.kind {
	case OwnerOrganization:
		for _, scope := range asked.names() {
			add(scope, auth.In(o.organization))
		}
	case OwnerServiceAccount:
		return s.narrowed(ctx, row, o.account, asked)
	default:
		var person *auth.Principal // asked for when it is needed, as most keys name no scope of the platform
		for _, scope := range asked.names() {
			if _, known := s.host.Scopes.Lookup(scope); !known {
				add(scope, auth.Apps)
				continue
			}
			if person == nil {
				var err error
				if person, err = s.host.Principals.OfUser(ctx, o.user); err != nil {
					return nil, err
				}
			}
			if until, may := person.HeldTo(auth.Platform, scope); may {
				add(scope, auth.Platform)
				list[len(list)-1] = lasting(list[len(list)-1], until)
			}
		}
	}
	return list, nil
}

// lasting is a grant that ends no later than a moment; a zero one is for good.
func lasting(g auth.Grant, until time.Time) auth.Grant {
	if !until.IsZero() && (g.End.IsZero() || g.End.After(until)) {
		g.End = until
	}
	return g
}

// narrowed is what a key of a service account may do: what the account may, and of it only
// what the key's permissions name, when it has any.
func (s *Service) narrowed(ctx context.Context, row *ent.APIKey, a *ent.ServiceAccount, asked Permissions) ([]auth.Grant, error) {
	held, err := s.accountGrants(ctx, a)
	if err != nil {
		return nil, err
	}
	for i, g := range held { // what the key gives on lasts no longer than itself
		held[i] = lasting(g, auth.ValueOf(row.ExpiresAt))
	}
	if asked == nil {
		return held, nil
	}
	set, known := asked.set(), s.host.Scopes.Lookup
	if a.OrganizationID != nil {
		known = s.host.Scopes.LookupIn
	}
	var list []auth.Grant
	for _, g := range held {
		if set[g.Scope] {
			list = append(list, g)
		}
	}
	for _, scope := range asked.names() {
		if _, ok := known(scope); !ok && !holds(held, scope) {
			list = append(list, auth.Grant{Scope: scope, Realm: auth.Apps, Source: auth.Source{Plugin: ID, Kind: "key", Name: row.ID}, End: auth.ValueOf(row.ExpiresAt)})
		}
	}
	return list, nil
}

func holds(grants []auth.Grant, scope string) bool {
	return slices.ContainsFunc(grants, func(g auth.Grant) bool { return g.Scope == scope })
}

// accountGrants is what the roles of a service account give now.
func (s *Service) accountGrants(ctx context.Context, a *ent.ServiceAccount) ([]auth.Grant, error) {
	roles, end := auth.SplitRoles(a.Role), auth.ValueOf(a.EndsAt)
	if a.OrganizationID != nil {
		d, ok := s.directory()
		if !ok {
			return nil, nil
		}
		grants, err := d.Grants(ctx, *a.OrganizationID, roles, time.Time{}, end)
		for i := range grants {
			grants[i].Source.Plugin = ID
		}
		return grants, err
	}
	var list []auth.Grant
	for _, role := range roles {
		for _, scope := range s.host.Scopes.OfRole(role).Sorted() {
			list = append(list, auth.Grant{Scope: scope, Source: auth.Source{Plugin: ID, Kind: "role", Name: role}, End: end})
		}
	}
	return list, nil
}
