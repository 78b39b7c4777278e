package admin

import (
	"context"

	"gatehouse/auth"
)

// Access is what a person may do on the platform, and why.
type Access struct {
	Roles  []RoleAccess
	Scopes []ScopeAccess
	// Banned says that none of it counts at the moment.
	Banned bool
}

// RoleAccess is a role a person has. An unknown one gives nothing.
type RoleAccess struct {
	Name   string
	Known  bool
	Scopes int // how many scopes it gives
}

// ScopeAccess is a scope of the server with the sources a person has it from; without
// sources they do not hold it.
type ScopeAccess struct {
	Scope   auth.Scope
	Plugin  string // that declared the scope
	Sources []auth.Source
}

// AccessOf explains what a person may do: every scope of the platform, held or not. It
// needs user:get.
func (s *Service) AccessOf(ctx context.Context, id string) (Access, error) {
	target, err := s.Get(ctx, id)
	if err != nil {
		return Access{}, err
	}
	p, err := s.principalOf(ctx, target)
	if err != nil {
		return Access{}, err
	}
	a := Access{Banned: Banned(target, s.now())}
	for _, r := range s.RolesOf(target) {
		a.Roles = append(a.Roles, RoleAccess{Name: r, Known: s.host.Scopes.HasRole(r), Scopes: len(s.host.Scopes.OfRole(r))})
	}
	for _, scope := range s.host.Scopes.Scopes() {
		row := ScopeAccess{Scope: scope, Plugin: s.host.Scopes.Owner(scope.Name())}
		for _, g := range p.Explain(auth.Platform, scope.Name()) {
			row.Sources = append(row.Sources, g.Source)
		}
		a.Scopes = append(a.Scopes, row)
	}
	return a, nil
}
