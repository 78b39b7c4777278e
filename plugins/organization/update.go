package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/organization"
	api "gatehouse/plugins/organization/organizationapi"
)

// Change is what changes of an organization; what is nil or not present stays.
type Change struct {
	Name, Slug *string
	Logo       schema.Maybe[string]
	Metadata   *string        // text of a JSON object
	Fields     map[string]any // additional fields, judged
}

func (c Change) empty() bool {
	return c.Name == nil && c.Slug == nil && !c.Logo.Present && c.Metadata == nil && len(c.Fields) == 0
}

// Update changes an organization. It needs organization:update.
func (s *Service) Update(ctx context.Context, org string, change Change) (*ent.Organization, error) {
	var row *ent.Organization
	err := s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) (err error) {
		if err := c.by.needs(ScopeUpdate, ErrMayNotUpdate); err != nil {
			return err
		}
		if change.Slug != nil {
			if taken, err := s.bySlug(ctx, *change.Slug); err != nil || taken != nil && taken.ID != org {
				return orElse(err, ErrSlugTaken.At("slug"))
			}
		}
		row, err = s.update(ctx, c, change)
		return err
	})
	if ent.IsConstraintError(err) {
		err = ErrSlugTaken.Because(err)
	}
	return row, err
}

func (s *Service) update(ctx context.Context, c *command, change Change) (*ent.Organization, error) {
	if change.empty() {
		return c.org, nil
	}
	metadata, err := objectOf(change.Metadata)
	if err != nil {
		return nil, err
	}
	draft := &api.OrganizationChange{Tx: c.tx, Organization: asOrganization(c.org), Name: change.Name, Slug: change.Slug,
		ClearLogo: change.Logo.Null, Metadata: metadata, Fields: change.Fields}
	if change.Logo.Present && !change.Logo.Null {
		draft.Logo = &change.Logo.Value
	}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.OrganizationChange] { return h.BeforeUpdateOrganization }, draft); err != nil {
		return nil, err
	}
	up := c.ent().Organization().UpdateOne(c.org).SetNillableName(draft.Name).SetNillableSlug(draft.Slug).SetNillableLogo(draft.Logo)
	if draft.Logo == nil && draft.ClearLogo {
		up.ClearLogo()
	}
	text, err := textOf(draft.Metadata, metadata, change.Metadata)
	if err != nil {
		return nil, err
	}
	up.SetNillableMetadata(text)
	if len(draft.Fields) > 0 {
		up.SetAdditionalFields(merged(c.org.AdditionalFields, draft.Fields))
	}
	row, err := up.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("changing an organization: %w", err)
	}
	if err := s.indexOrganization(ctx, c.tx, row); err != nil {
		return nil, err
	}
	user, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	c.then(func(ctx context.Context) error {
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterUpdateOrganization },
			&api.Happened{Organization: asOrganization(row), User: asUser(user)})
	})
	return row, s.recordAbout(ctx, eventUpdated, row.ID, subjectOrganization, row.ID,
		map[string]any{"changes": auth.Diff(s.wire(entityOrganization, c.org), s.wire(entityOrganization, row))})
}

// SetMemberLimit sets how many members one organization may have; nil is what the settings
// say. It needs organization:set-limits. Members beyond the limit stay.
func (s *Service) SetMemberLimit(ctx context.Context, org string, limit *int) error {
	return s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if !c.by.p.Can(ScopeLimits) {
			return deny(auth.ErrForbidden.For(ScopeLimits))
		}
		if limit != nil && *limit < 0 {
			return auth.ErrValidation.Saying("A limit is 0 or more.").At("limit")
		}
		up := c.ent().Organization().Update().Where(organization.ID(org)).SetNillableMemberLimit(limit)
		if limit == nil {
			up.ClearMemberLimit()
		}
		if err := up.Exec(ctx); err != nil {
			return fmt.Errorf("setting a limit: %w", err)
		}
		return s.recordAbout(ctx, eventUpdated, org, subjectOrganization, org, map[string]any{"changes": map[string]any{"memberLimit": []any{c.org.MemberLimit, limit}}})
	})
}
