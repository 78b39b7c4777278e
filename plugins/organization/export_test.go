package organization

import (
	"context"

	"gatehouse/ent"
)

// Recheck is the job that looks for records again.
func (s *Service) Recheck(ctx context.Context) error { return s.recheck(ctx) }

// EnterByDomain is the half of JoinByDomain behind the offer.
func (s *Service) EnterByDomain(ctx context.Context, row *ent.OrganizationDomain, u *ent.User) (bool, error) {
	return s.enterByDomain(ctx, row, u)
}
