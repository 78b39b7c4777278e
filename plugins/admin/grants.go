package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
)

// maxHolders bounds the answer to "who holds this scope".
const maxHolders = 10_000

// deny is a ban in force: it denies everything, whatever the credential (SEC-036).
func (s *Service) deny(f auth.Facts) *auth.Error {
	if f.User != nil && Banned(f.User, f.At) {
		return auth.ErrUnauthorized
	}
	return nil
}

// grants turns the roles of a person into grants.
func (s *Service) grants(_ context.Context, f auth.Facts) (auth.Given, error) {
	var given auth.Given
	if f.User == nil || f.Realm != auth.Platform {
		return given, nil
	}
	given.Roles = s.RolesOf(f.User)
	for _, role := range given.Roles {
		for scope := range s.host.Scopes.OfRole(role) {
			given.Grants = append(given.Grants, auth.Grant{Scope: scope, Source: auth.Source{Kind: "role", Name: role}})
		}
	}
	if s.isNamed(f.User.ID) {
		for _, scope := range s.host.Scopes.Scopes() {
			given.Grants = append(given.Grants, auth.Grant{Scope: scope.Name(), Source: auth.Source{Kind: "option", Name: "admin.admin_user_ids"}})
		}
	}
	if f.Row != nil && f.Row.ImpersonatedBy != nil {
		given.ImpersonatedBy = *f.Row.ImpersonatedBy
		given.ReadOnly, given.APIWrites = !f.Row.ImpersonationWrites, s.cfg.Get().ImpersonationWrites
	}
	slices.SortFunc(given.Grants, byScope)
	return given, nil
}

func byScope(a, b auth.Grant) int {
	switch {
	case a.Scope < b.Scope:
		return -1
	case a.Scope > b.Scope:
		return 1
	}
	return 0
}

// holders is the inverse of grants: everyone unbanned who holds a platform scope, at
// most 10,000, ordered by id.
func (s *Service) holders(ctx context.Context, r auth.Realm, scope string, at time.Time) ([]auth.Holder, error) {
	if r != auth.Platform {
		return nil, nil
	}
	var match []predicate.User
	for _, role := range s.host.Scopes.RoleNames() {
		if !s.host.Scopes.OfRole(role)[scope] {
			continue
		}
		f, err := s.roleFilter(ctx, role)
		if err != nil {
			return nil, err
		}
		match = append(match, f.few())
	}
	if _, known := s.host.Scopes.Lookup(scope); known {
		match = append(match, user.IDIn(s.cfg.Get().AdminUserIDs...))
	}
	if len(match) == 0 {
		return nil, nil
	}
	// Ordered here: asked to order by id, databases go through everybody in that order.
	rows, err := s.host.DB.Access(ctx).User().Query().Where(user.Or(match...), notBanned(at)).Limit(maxHolders).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for holders of %s: %w", scope, err)
	}
	slices.SortFunc(rows, func(a, b *ent.User) int { return strings.Compare(a.ID, b.ID) })
	var list []auth.Holder
	for _, u := range rows {
		for _, source := range s.sourcesOf(u, scope) {
			list = append(list, auth.Holder{Subject: u.ID, Name: u.Name, Source: source})
		}
	}
	return list, nil
}

func (s *Service) sourcesOf(u *ent.User, scope string) []auth.Source {
	var sources []auth.Source
	for _, role := range s.RolesOf(u) {
		if s.host.Scopes.OfRole(role)[scope] {
			sources = append(sources, auth.Source{Kind: "role", Name: role})
		}
	}
	if s.isNamed(u.ID) {
		sources = append(sources, auth.Source{Kind: "option", Name: "admin.admin_user_ids"})
	}
	return sources
}
