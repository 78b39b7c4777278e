package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
	"gatehouse/plugins/list"
)

// Bounds of the console's lists.
const (
	defaultPage = 25
	maxPage     = 500
)

// Status filters people by their ban.
type Status string

// Filters of ListQuery.Status.
const (
	AnyStatus Status = ""
	Active    Status = "active"
	BannedNow Status = "banned"
)

// Sort is the order of a list.
type Sort string

// Orders of ListQuery.Sort.
const (
	ByCreated Sort = "created" // the default
	ByName    Sort = "name"
	ByEmail   Sort = "email"
)

// ListQuery asks for one page of people. The zero value is the first page of everybody,
// the newest first.
type ListQuery struct {
	Text string // found in name, address and id
	// Roles are those of which a person must hold one; none is everybody.
	Roles    []string
	Status   Status
	Verified *bool
	Sort     Sort
	// Ascending turns the order; ByName and ByEmail begin with the last without it.
	Ascending bool
	Cursor    string // Page.Next or Page.Previous of a page of the same query
	Limit     int    // 0 is 25; at most 500
}

// Page is one page of people. A search without filters and order goes forward only.
type Page = list.Page[*ent.User]

// List finds people for the console. It needs user:list.
func (s *Service) List(ctx context.Context, q ListQuery) (Page, error) {
	if _, err := s.actor(ctx, ScopeList, ErrMayNotList); err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, maxPage)
	if q.Sort != ByName && q.Sort != ByEmail {
		q.Sort = ByCreated
	}
	at, err := list.Open(s.host.Keys, listUsers, q.query())
	if err != nil {
		return Page{}, err
	}
	if q.Text = strings.TrimSpace(q.Text); q.Text != "" && q.plain() {
		return s.found(ctx, q, at)
	}
	var role *roleFilter
	if len(q.Roles) > 0 {
		if role, err = s.roleFilter(ctx, q.Roles...); err != nil {
			return Page{}, err
		}
	}
	if q.Text == "" {
		return s.browse(ctx, q, role, s.filters(q))
	}
	return s.sifted(ctx, q, role)
}

// listUsers names the list in cursors and preferences.
const listUsers = "users"

// query is what the generic list knows of it.
func (q ListQuery) query() list.Query {
	return list.Query{Sort: string(q.Sort), Ascending: q.Ascending, Cursor: q.Cursor, Limit: q.Limit}
}

// plain reports a query that the search index answers alone.
func (q ListQuery) plain() bool {
	return len(q.Roles) == 0 && q.Status == AnyStatus && q.Verified == nil && q.Sort == ByCreated && !q.Ascending
}

func (s *Service) filters(q ListQuery) []predicate.User {
	var where []predicate.User
	switch q.Status {
	case Active:
		where = append(where, notBanned(s.now()))
	case BannedNow:
		where = append(where, bannedNow(s.now()))
	}
	if q.Verified != nil {
		where = append(where, user.EmailVerified(*q.Verified))
	}
	return where
}

// found pages through a search, the newest hits first.
func (s *Service) found(ctx context.Context, q ListQuery, at list.Cursor) (Page, error) {
	search := s.host.DB.Search()
	hits, err := search.Find(ctx, "User", q.Text, at.Hits, q.Limit)
	if errors.Is(err, database.ErrCursor) {
		return Page{}, list.ErrBadCursor
	}
	if err != nil {
		return Page{}, err
	}
	var page Page
	if page.Total, page.More, err = search.Count(ctx, "User", q.Text); err != nil {
		return Page{}, err
	}
	if hits.Next != "" {
		page.Next = list.Cursor{List: listUsers, Hits: hits.Next}.Seal(s.host.Keys)
	}
	rows, err := s.host.DB.Access(ctx).User().Query().Where(user.IDIn(hits.IDs...)).All(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("reading hits: %w", err)
	}
	page.Rows = list.InOrder(rows, hits.IDs, func(u *ent.User) string { return u.ID })
	return page, nil
}

// sifted filters and orders the collected hits of a search, at most 10,000.
func (s *Service) sifted(ctx context.Context, q ListQuery, role *roleFilter) (Page, error) {
	hits, err := s.host.DB.Search().Find(ctx, "User", q.Text, "", database.MaxHits)
	if err != nil {
		return Page{}, err
	}
	page, err := s.browse(ctx, q, role, append(s.filters(q), user.IDIn(hits.IDs...)))
	page.More = page.More || hits.Next != ""
	return page, err
}

// browse pages by key. Few people of a role are found by the index on roles, many by
// that of the order.
func (s *Service) browse(ctx context.Context, q ListQuery, role *roleFilter, where []predicate.User) (Page, error) {
	counted := where
	if role != nil {
		counted = append(slices.Clone(where), role.few())
	}
	ids, err := s.host.DB.Access(ctx).User().Query().Where(counted...).Limit(list.CountTo + 1).IDs(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("counting people: %w", err)
	}
	if role != nil && len(ids) > list.CountTo {
		counted = append(slices.Clone(where), role.many())
	}
	return list.Keyset[*ent.User]{
		List: listUsers, Keys: s.host.Keys, Orders: userOrders, ID: func(u *ent.User) string { return u.ID },
		Rows: func(at list.Span) ([]*ent.User, error) {
			return s.host.DB.Access(ctx).User().Query().Where(append(slices.Clone(counted), at.Where)...).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(int) (int, error) { return len(ids), nil },
	}.Page(q.query())
}

// userOrders are the orders of ListQuery.Sort.
var userOrders = map[string]list.Order[*ent.User]{
	string(ByCreated): {Column: user.FieldCreatedAt, Value: func(u *ent.User) any { return u.CreatedAt }},
	string(ByName):    {Column: user.FieldName, Value: func(u *ent.User) any { return u.Name }},
	string(ByEmail):   {Column: user.FieldEmail, Value: func(u *ent.User) any { return u.Email }},
}
