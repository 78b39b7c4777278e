package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/member"
	"gatehouse/ent/organization"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// listOrganizations names the list in cursors and preferences.
const listOrganizations = "organizations"

// byNewest is the order of lists that begin with what is newest.
const byNewest = "created"

// ownerNone is the value of the filter owner that finds organizations which nobody owns.
const ownerNone = "none"

// OrganizationList lists all organizations for the console, the newest first unless the query
// says otherwise. Text is found in name and slug; filter: owner. It needs organization:list.
func (s *Service) OrganizationList(ctx context.Context, q list.Query) (list.Page[*ent.Organization], error) {
	if !auth.PrincipalOf(ctx).Can(ScopeList) {
		return list.Page[*ent.Organization]{}, auth.ErrForbidden.For(ScopeList)
	}
	ownerless := q.One("owner") == ownerNone
	if q.Text != "" && q.Sort == byNewest && !q.Ascending && !ownerless {
		return s.foundOrganizations(ctx, q)
	}
	var where []predicate.Organization
	if ownerless {
		where = append(where, s.ownerless())
	}
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

// ownerless are the organizations without an owner in force. Those who are nothing but owners
// are asked for first, as the index finds them at once.
func (s *Service) ownerless() predicate.Organization {
	now := s.now()
	return func(q *sql.Selector) {
		for _, owner := range s.ownerTexts() {
			t := sql.Table(member.Table)
			owners := sql.Select(t.C(member.FieldID)).From(t).Where(sql.ColumnsEQ(t.C(member.FieldOrganizationID), q.C(organization.FieldID)))
			member.And(owner, inForce(now))(owners)
			q.Where(sql.NotExists(owners))
		}
	}
}

// ownerTexts are the members who have the creator's role alone, and among others.
func (s *Service) ownerTexts() []predicate.Member {
	role := s.creatorRole()
	return []predicate.Member{member.Role(role), member.Or(member.RoleHasPrefix(role+","), member.RoleHasSuffix(","+role), member.RoleContains(","+role+","))}
}

// owned is who owns an organization: one by name, and how many there are.
type owned struct {
	ID    string `sql:"organizationId"`
	Name  string `sql:"name"`
	Count int    `sql:"count"`
}

// ownersOf are the owners in force of the organizations of a page, by organization; those
// without one are missing.
func (s *Service) ownersOf(ctx context.Context, ids []string) (map[string]owned, error) {
	found := map[string]owned{}
	for _, owner := range s.ownerTexts() {
		var rows []owned
		err := s.host.DB.Access(ctx).Platform().Member().Query().Where(member.OrganizationIDIn(ids...), owner, inForce(s.now())).
			GroupBy(member.FieldOrganizationID).Aggregate(ent.As(ent.Min(member.FieldUserName), "name"), ent.Count()).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("reading owners: %w", err)
		}
		for _, row := range rows {
			row.Count += found[row.ID].Count
			row.Name = cmp.Or(found[row.ID].Name, row.Name)
			found[row.ID] = row
		}
	}
	return found, nil
}
