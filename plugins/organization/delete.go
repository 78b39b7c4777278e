package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/organization"
	api "gatehouse/plugins/organization/organizationapi"
)

// Delete removes an organization with everything that is its own. It needs
// organization:delete, and where the settings keep owners from it, that of the platform.
func (s *Service) Delete(ctx context.Context, org string) (*ent.Organization, error) {
	if !s.cfg.Get().Deletion && !auth.PrincipalOf(ctx).Can(ScopeDelete) {
		return nil, ErrDeletionDisabled
	}
	var row *ent.Organization
	err := s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeDelete, ErrMayNotDelete); err != nil {
			return err
		}
		row = c.org
		user, err := s.person(ctx)
		if err != nil {
			return err
		}
		err = s.around(ctx, c, &api.Happened{User: asUser(user)},
			func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeDeleteOrganization },
			func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterDeleteOrganization })
		if err != nil {
			return err
		}
		return s.erase(ctx, c)
	})
	return row, err
}

// batch is how many rows one statement of a deletion is about.
const batch = 500

// erase removes the rows. The foreign keys take along what hangs on the organization; what
// lies elsewhere goes before.
func (s *Service) erase(ctx context.Context, c *command) error {
	err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.GoneOrganization] { return h.Gone }, &api.GoneOrganization{Tx: c.tx, ID: c.org.ID})
	if err != nil {
		return err
	}
	if err := s.forgetMembers(ctx, c); err != nil {
		return err
	}
	if err := c.tx.Unindex(ctx, "Organization", c.org.ID); err != nil {
		return err
	}
	if err := s.host.Pictures.Remove(ctx, "", pictureOf(c.org.ID)); err != nil {
		return err
	}
	n, err := c.ent().Organization().Delete().Where(organization.ID(c.org.ID)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("deleting an organization: %w", err)
	}
	if n == 0 {
		return ErrBare
	}
	return s.recordAbout(ctx, eventDeleted, c.org.ID, subjectOrganization, c.org.ID, map[string]any{"name": c.org.Name, "slug": c.org.Slug})
}

// forgetMembers takes the organization out of its members' sessions.
func (s *Service) forgetMembers(ctx context.Context, c *command) error {
	for after := ""; ; {
		rows, err := c.ent().Member().Query().Where(member.IDGT(after)).Order(ent.Asc(member.FieldID)).Limit(batch).
			Select(member.FieldID, member.FieldUserID).All(ctx)
		if err != nil {
			return fmt.Errorf("reading members: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		users := make([]string, len(rows))
		for i, row := range rows {
			users[i] = row.UserID
		}
		if err := s.deactivate(ctx, c.tx, c.org.ID, users...); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}
