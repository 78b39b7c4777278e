package organization

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/organization"
	"gatehouse/plugins"
)

// OrganizationBySlug implements plugins.Organizations.
func (s *Service) OrganizationBySlug(ctx context.Context, slug string) (*plugins.Organization, error) {
	row, err := s.bySlug(ctx, slug)
	return listed(row), err
}

// OrganizationByID implements plugins.Organizations.
func (s *Service) OrganizationByID(ctx context.Context, id string) (*plugins.Organization, error) {
	row, err := s.byID(ctx, id)
	return listed(row), err
}

// OrganizationsOf implements plugins.Organizations.
func (s *Service) OrganizationsOf(ctx context.Context, subject string, limit int) ([]plugins.Organization, error) {
	access := s.host.DB.Access(ctx).Platform()
	ids, err := access.Member().Query().Where(member.UserID(subject), inForce(s.now())).Limit(maxPlaces).Select(member.FieldOrganizationID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the memberships of a person: %w", err)
	}
	rows, err := access.Organization().Query().Where(organization.IDIn(ids...)).
		Order(ent.Asc(organization.FieldName, organization.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the organizations of a person: %w", err)
	}
	list := make([]plugins.Organization, len(rows))
	for i, row := range rows {
		list[i] = *listed(row)
	}
	return list, nil
}

// bySlug reads an organization by its short name, byte for byte; nil when there is none.
func (s *Service) bySlug(ctx context.Context, slug string) (*ent.Organization, error) {
	row, err := s.host.DB.Access(ctx).Platform().Organization().Query().Where(organization.Slug(slug)).Only(ctx)
	if ent.IsNotFound(err) || err == nil && row.Slug != slug {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an organization: %w", err)
	}
	return row, nil
}

// byID reads an organization; nil when there is none.
func (s *Service) byID(ctx context.Context, id string) (*ent.Organization, error) {
	row, err := s.host.DB.Access(ctx).Organization(id).Organization().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an organization: %w", err)
	}
	return row, nil
}

func listed(row *ent.Organization) *plugins.Organization {
	if row == nil {
		return nil
	}
	o := &plugins.Organization{ID: row.ID, Slug: row.Slug, Name: row.Name}
	if row.Logo != nil {
		o.Logo = *row.Logo
	}
	return o
}

// maxPlaces bounds the memberships of one person that are looked at for a list.
const maxPlaces = 1000

func (s *Service) now() time.Time { return s.host.Clock() }
