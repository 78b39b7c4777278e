package apikey

import (
	"cmp"
	"context"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// Scopes of organizations; as scopes of the platform they hold in every organization, and
// for the platform's own keys.
const (
	ScopeCreate = "apiKey:create"
	ScopeRead   = "apiKey:read"
	ScopeUpdate = "apiKey:update"
	ScopeDelete = "apiKey:delete"

	ScopeAccountRead   = "serviceAccount:read"
	ScopeAccountCreate = "serviceAccount:create"
	ScopeAccountUpdate = "serviceAccount:update"
	ScopeAccountDelete = "serviceAccount:delete"
)

// ScopeVerify lets a service of the platform ask whether keys are good.
const ScopeVerify = "apiKey:verify"

// scopes of keys are held in an organization by its owner alone (better-auth api-key 7);
// roles of the organization may give them to others.
func scopes() []auth.Scope {
	owners, admins := []string{"owner"}, []string{"owner", "admin"}
	return []auth.Scope{
		{Resource: "apiKey", Action: "create", Organization: true, Of: "API keys", Words: "Make API keys", Roles: owners, Everywhere: admins, Interactive: true},
		{Resource: "apiKey", Action: "read", Organization: true, Of: "API keys", Words: "See the API keys", Roles: owners, Everywhere: admins, Interactive: true},
		{Resource: "apiKey", Action: "update", Organization: true, Of: "API keys", Words: "Change API keys", Roles: owners, Everywhere: admins, Interactive: true},
		{Resource: "apiKey", Action: "delete", Organization: true, Of: "API keys", Words: "Remove API keys", Roles: owners, Everywhere: admins, Interactive: true},
		{Resource: "serviceAccount", Action: "read", Organization: true, Of: "Service accounts", Words: "See the service accounts", Roles: admins, Everywhere: admins, Interactive: true},
		{Resource: "serviceAccount", Action: "create", Organization: true, Of: "Service accounts", Words: "Make service accounts", Roles: admins, Everywhere: admins, Interactive: true},
		{Resource: "serviceAccount", Action: "update", Organization: true, Of: "Service accounts", Words: "Change service accounts", Roles: admins, Everywhere: admins, Interactive: true},
		{Resource: "serviceAccount", Action: "delete", Organization: true, Of: "Service accounts", Words: "Remove service accounts", Roles: admins, Everywhere: admins, Interactive: true},
		{Resource: "apiKey", Action: "verify", Words: "Ask whether API keys are good", Roles: admins},
	}
}

// mayIn judges an act on keys of an organization (better-auth api-key 7): the principal of
// the context holds the scope there, or the creator's role, which passes whatever its
// permissions say. It returns the principal with what it holds there.
func (s *Service) mayIn(ctx context.Context, org, scope string) (*auth.Principal, error) {
	if _, ok := plugins.Offer[plugins.Organizations](s.host); !ok {
		return nil, ErrNoOrganizations
	}
	p, held, err := s.heldIn(ctx, org, scope)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, ErrNoSession
	case held:
		return p, nil
	case len(p.ScopesIn(auth.In(org))) > 0:
		return nil, ErrMayNot.ForIn(org, scope)
	}
	// A member whose roles give nothing still is one.
	if d, ok := s.directory(); ok {
		if member, err := d.Member(ctx, org, p.Subject); err != nil || member {
			return nil, cmp.Or(err, error(ErrMayNot.ForIn(org, scope)))
		}
	}
	return nil, ErrNotMember
}

// heldIn is the principal of the context with what it holds in an organization, and whether
// it passes for a scope there: by the scope, or by the creator's role. Nobody does in an
// organization that is not there, which is like a foreign one (decisions 24).
func (s *Service) heldIn(ctx context.Context, org, scope string) (p *auth.Principal, held bool, err error) {
	if p, err = s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org); err != nil || p == nil {
		return p, false, err
	}
	found, err := s.organization(ctx, org)
	if err != nil || found == nil {
		return p, false, err
	}
	if p.CanIn(org, scope) {
		return p, true, nil
	}
	held, err = s.creates(ctx, p, org)
	return p, held, err
}

// creates reports whether a principal is a person who holds the creator's role of an
// organization now. A key of theirs does not stand for it.
func (s *Service) creates(ctx context.Context, p *auth.Principal, org string) (bool, error) {
	d, ok := s.directory()
	if !ok || p.Session == nil || p.Session.Virtual {
		return false, nil
	}
	return d.Creator(ctx, org, p.Subject)
}
