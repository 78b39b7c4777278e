package organization

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/organization"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// listOrganizations names the list in cursors and preferences.
const listOrganizations = "organizations"

// byNewest is the order of lists that begin with what is newest.
const byNewest = "created"

// OrganizationList lists all organizations for the console, the newest first unless the query
// says otherwise. Text is found in name and slug. It needs organization:list.
func (s *Service) OrganizationList(ctx context.Context, q list.Query) (list.Page[*ent.Organization], error) {
	if !auth.PrincipalOf(ctx).Can(ScopeList) {
		return list.Page[*ent.Organization]{}, auth.ErrForbidden.For(ScopeList)
	}
	if q.Text != "" && q.Sort == byNewest && !q.Ascending {
		return s.foundOrganizations(ctx, q)
	}
	var where []predicate.Organization
	if q.Text != "" {
		hits, err := s.host.DB.Search().Find(ctx, "Organization", q.Text, "", database.MaxHits)
		if err != nil {
			return list.Page[*ent.Organization]{}, err
		}
		where = append(where, organization.IDIn(hits.IDs...))
	}
	query := func() *ent.OrganizationQuery {
		return s.host.DB.Access(ctx).Platform().Organization().Query().Where(where...)
	}
	return list.Keyset[*ent.Organization]{
		List: listOrganizations, Sort: byNewest, Keys: s.host.Keys, ID: func(o *ent.Organization) string { return o.ID },
		Orders: map[string]list.Order[*ent.Organization]{
			byNewest: {Column: organization.FieldCreatedAt, Value: func(o *ent.Organization) any { return o.CreatedAt }},
			"name":   {Column: organization.FieldName, Value: func(o *ent.Organization) any { return o.Name }},
		},
		Rows: func(at list.Span) ([]*ent.Organization, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
}

// foundOrganizations pages through a search, the newest hits first.
func (s *Service) foundOrganizations(ctx context.Context, q list.Query) (list.Page[*ent.Organization], error) {
	var page list.Page[*ent.Organization]
	at, err := list.Open(s.host.Keys, listOrganizations, q)
	if err != nil {
		return page, err
	}
	search := s.host.DB.Search()
	hits, err := search.Find(ctx, "Organization", q.Text, at.Hits, q.Limit)
	if errors.Is(err, database.ErrCursor) {
		return page, list.ErrBadCursor
	}
	if err != nil {
		return page, err
	}
	if page.Total, page.More, err = search.Count(ctx, "Organization", q.Text); err != nil {
		return page, err
	}
	if hits.Next != "" {
		page.Next = list.Cursor{List: listOrganizations, Hits: hits.Next}.Seal(s.host.Keys)
	}
	rows, err := s.host.DB.Access(ctx).Platform().Organization().Query().Where(organization.IDIn(hits.IDs...)).All(ctx)
	if err != nil {
		return page, fmt.Errorf("reading hits: %w", err)
	}
	page.Rows = list.InOrder(rows, hits.IDs, func(o *ent.Organization) string { return o.ID })
	return page, nil
}
