package admin

import (
	"context"

	"gatehouse/auth"
)

// HasPermission answers whether one single role of the caller, one for a time included,
// holds everything that is asked (better-auth admin 3, decisions 21). The people whom the settings name may do
// anything, known or not. An empty request, or one without actions, is refused.
func (s *Service) HasPermission(ctx context.Context, asked map[string][]string) (bool, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return false, auth.ErrUnauthorized
	}
	if s.isNamed(p.Subject) {
		return true, nil
	}
	u, err := s.host.Users.ByID(ctx, p.Subject)
	if err != nil || u == nil {
		return false, err
	}
	roles, err := s.rolesNow(ctx, u)
	if err != nil {
		return false, err
	}
	for _, role := range roles {
		if s.host.Scopes.OfRole(role).Authorizes(asked) {
			return true, nil
		}
	}
	return false, nil
}
