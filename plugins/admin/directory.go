package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
)

// Bounds of the console's lists.
const (
	defaultPage = 25
	maxPage     = 200
	// countTo is how far lists count; beyond they say "more than".
	countTo = database.MaxHits
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
	Text     string // found in name, address and id
	Role     string
	Status   Status
	Verified *bool
	Sort     Sort
	// Ascending turns the order; ByName and ByEmail begin with the last without it.
	Ascending bool
	Cursor    string // Page.Next or Page.Previous of a page of the same query
	Limit     int    // 0 is 25; at most 200
}

// Page is one page of people.
type Page struct {
	Users []*ent.User
	// Next and Previous continue the list; empty at its ends. A search without filters
	// and order goes forward only.
	Next, Previous string
	// Total counts all matches up to 10,000; More says that there are further ones.
	Total int
	More  bool
}

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
	at, err := openCursor(s.host.Keys, q.Cursor)
	if err != nil {
		return Page{}, err
	}
	if q.Text = strings.TrimSpace(q.Text); q.Text != "" && q.plain() {
		return s.found(ctx, q, at)
	}
	var role *roleFilter
	if q.Role != "" {
		if role, err = s.roleFilter(ctx, q.Role); err != nil {
			return Page{}, err
		}
	}
	if q.Text == "" {
		return s.browse(ctx, q, at, role, s.filters(q))
	}
	return s.sifted(ctx, q, at, role)
}

// plain reports a query that the search index answers alone.
func (q ListQuery) plain() bool {
	return q.Role == "" && q.Status == AnyStatus && q.Verified == nil && q.Sort == ByCreated && !q.Ascending
}

func (s *Service) filters(q ListQuery) []predicate.User {
	var where []predicate.User
	switch q.Status {
	case Active:
		where = append(where, notBanned(s.now()))
	case BannedNow:
		where = append(where, user.Banned(true), user.Or(user.BanExpiresIsNil(), user.BanExpiresGT(s.now())))
	}
	if q.Verified != nil {
		where = append(where, user.EmailVerified(*q.Verified))
	}
	return where
}

// found pages through a search, the newest hits first.
func (s *Service) found(ctx context.Context, q ListQuery, at cursor) (Page, error) {
	search := s.host.DB.Search()
	hits, err := search.Find(ctx, "User", q.Text, at.Hits, q.Limit)
	if errors.Is(err, database.ErrCursor) {
		return Page{}, ErrBadCursor
	}
	if err != nil {
		return Page{}, err
	}
	var page Page
	if page.Total, page.More, err = search.Count(ctx, "User", q.Text); err != nil {
		return Page{}, err
	}
	if hits.Next != "" {
		page.Next = cursor{Hits: hits.Next}.seal(s.host.Keys)
	}
	rows, err := s.host.DB.Access(ctx).User().Query().Where(user.IDIn(hits.IDs...)).All(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("reading hits: %w", err)
	}
	place := map[string]int{}
	for i, id := range hits.IDs {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b *ent.User) int { return place[a.ID] - place[b.ID] })
	page.Users = rows
	return page, nil
}

// sifted filters and orders the collected hits of a search, at most 10,000.
func (s *Service) sifted(ctx context.Context, q ListQuery, at cursor, role *roleFilter) (Page, error) {
	hits, err := s.host.DB.Search().Find(ctx, "User", q.Text, "", database.MaxHits)
	if err != nil {
		return Page{}, err
	}
	page, err := s.browse(ctx, q, at, role, append(s.filters(q), user.IDIn(hits.IDs...)))
	page.More = page.More || hits.Next != ""
	return page, err
}

// browse pages by key: the row at the edge of a page, not a number of rows, says where
// the next one begins.
func (s *Service) browse(ctx context.Context, q ListQuery, at cursor, role *roleFilter, where []predicate.User) (Page, error) {
	edge, err := s.edge(q, at)
	if err != nil {
		return Page{}, err
	}
	counted := where
	if role != nil {
		counted = append(slices.Clone(where), role.few())
	}
	ids, err := s.host.DB.Access(ctx).User().Query().Where(counted...).Limit(countTo + 1).IDs(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("counting people: %w", err)
	}
	more := len(ids) > countTo
	if role != nil && more {
		counted = append(slices.Clone(where), role.many())
	}
	forward := q.Ascending != at.Back
	rows, err := s.host.DB.Access(ctx).User().Query().Where(append(slices.Clone(counted), edge...)...).
		Order(inOrder(sortColumn(q.Sort), forward), inOrder(user.FieldID, forward)).Limit(q.Limit + 1).All(ctx)
	if err != nil {
		return Page{}, fmt.Errorf("listing people: %w", err)
	}
	page := s.cutPage(q, at, rows)
	page.Total, page.More = min(len(ids), countTo), more
	return page, nil
}

// edge is the predicate for rows beyond a cursor; none on the first page.
func (s *Service) edge(q ListQuery, at cursor) ([]predicate.User, error) {
	if at.ID == "" {
		return nil, nil
	}
	value, err := edgeValue(q.Sort, at.Value)
	if err != nil || at.Sort != string(q.Sort) {
		return nil, ErrBadCursor
	}
	return []predicate.User{beyond(sortColumn(q.Sort), value, at.ID, q.Ascending != at.Back)}, nil
}

// cutPage takes the one row too many away and makes the cursors.
func (s *Service) cutPage(q ListQuery, at cursor, rows []*ent.User) Page {
	further := len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	if at.Back {
		slices.Reverse(rows)
	}
	page := Page{Users: rows}
	if len(rows) == 0 {
		return page
	}
	if further && !at.Back || at.Back {
		page.Next = edgeOf(q.Sort, rows[len(rows)-1], false).seal(s.host.Keys)
	}
	if at.ID != "" && (!at.Back || further) {
		page.Previous = edgeOf(q.Sort, rows[0], true).seal(s.host.Keys)
	}
	return page
}

func edgeOf(sort Sort, u *ent.User, back bool) cursor {
	c := cursor{Sort: string(sort), ID: u.ID, Back: back}
	switch sort {
	case ByName:
		c.Value = u.Name
	case ByEmail:
		c.Value = u.Email
	default:
		c.Value = u.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
	return c
}

func edgeValue(sort Sort, value string) (any, error) {
	if sort != ByCreated {
		return value, nil
	}
	return time.Parse(time.RFC3339Nano, value)
}

func sortColumn(sort Sort) string {
	switch sort {
	case ByName:
		return user.FieldName
	case ByEmail:
		return user.FieldEmail
	}
	return user.FieldCreatedAt
}

func inOrder(column string, ascending bool) user.OrderOption {
	if ascending {
		return user.OrderOption(ent.Asc(column))
	}
	return user.OrderOption(ent.Desc(column))
}

// beyond is the predicate for rows after an edge in the order of column and id.
func beyond(column string, value any, id string, ascending bool) predicate.User {
	return func(q *sql.Selector) {
		compare := sql.LT
		if ascending {
			compare = sql.GT
		}
		q.Where(sql.Or(compare(q.C(column), value), sql.And(sql.EQ(q.C(column), value), compare(q.C(user.FieldID), id))))
	}
}
