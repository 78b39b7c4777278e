package list

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/secret"
)

// Cursor is where a page begins: the row at the edge of the page before, by the value
// of the column that orders the list and its id. It goes out authenticated, so that
// nobody makes one up (SEC-119), and holds nothing that the list does not show.
type Cursor struct {
	List  string `json:"l"`
	Sort  string `json:"s"`
	Asc   bool   `json:"a,omitempty"`
	Value string `json:"v"`
	ID    string `json:"i"`
	Back  bool   `json:"b,omitempty"` // towards the first page
	Hits  string `json:"h,omitempty"` // place in a search
}

// After is the cursor behind a row in the order of a time, the newest first.
func After(list, sort string, at time.Time, id string) Cursor {
	return Cursor{List: list, Sort: sort, Value: format(at), ID: id}
}

// Time is the value of a cursor in the order of a time.
func (c Cursor) Time() (time.Time, error) {
	text, ok := strings.CutPrefix(c.Value, "t")
	if !ok {
		return time.Time{}, ErrBadCursor
	}
	return time.Parse(time.RFC3339Nano, text)
}

// ErrBadCursor refuses a cursor that this server did not make for this list and order.
var ErrBadCursor = auth.E(http.StatusBadRequest, "INVALID_CURSOR", "This address of a page is not valid. Begin again from the first page.")

const cursorPurpose = "list cursor"

// Seal makes the cursor opaque.
func (c Cursor) Seal(keys *secret.Ring) string {
	raw, err := json.Marshal(c)
	if err != nil { // texts: cannot be
		return ""
	}
	return keys.Seal(cursorPurpose, string(raw))
}

// Open reads the cursor of a query on a list; the empty one is the first page.
func Open(keys *secret.Ring, list string, q Query) (Cursor, error) {
	if q.Cursor == "" {
		return Cursor{}, nil
	}
	var c Cursor
	raw, err := keys.Open(cursorPurpose, q.Cursor)
	if err != nil || json.Unmarshal([]byte(raw), &c) != nil || c.List != list || c.Hits == "" && (c.Sort != q.Sort || c.Asc != q.Ascending) {
		return Cursor{}, ErrBadCursor
	}
	return c, nil
}

// Order is a column that rows can be ordered by.
type Order[T any] struct {
	Column string // stored
	// Value is the cell of a row: text or time.
	Value func(T) any
	// Optional says that the column may be empty; Value is nil then. Rows where it is come
	// last in both directions.
	Optional bool
}

// Span is part of the rows of a list: up to Limit that Where allows, in Order.
type Span struct {
	Where, Order func(*sql.Selector)
	Ascending    bool // the direction of Order
	Limit        int
}

// Keyset reads pages by key: the row at the edge of a page, not a number of rows, says
// where the next one begins, so that the last page of a million is as quick as the first.
type Keyset[T any] struct {
	List string // id
	// Sort is the order where the query names none.
	Sort   string
	Keys   *secret.Ring
	Orders map[string]Order[T] // by id of the column
	ID     func(T) string
	// IDColumn is the stored id; "id" when empty.
	IDColumn string
	// Rows reads a span of the rows.
	Rows func(Span) ([]T, error)
	// Count counts up to limit rows without regard to the page.
	Count func(limit int) (int, error)
}

// Page reads the page that a query asks for; 20 rows where it says no number.
func (k Keyset[T]) Page(q Query) (Page[T], error) {
	if q.Sort == "" {
		q.Sort = k.Sort
	}
	if q.Limit <= 0 {
		q.Limit = sizes[0]
	}
	at, err := Open(k.Keys, k.List, q)
	if err != nil {
		return Page[T]{}, err
	}
	order, ok := k.Orders[q.Sort]
	if !ok {
		return Page[T]{}, ErrBadCursor
	}
	rows, err := k.read(q, at, order)
	if err != nil {
		return Page[T]{}, err
	}
	page := k.cut(q, at, order, rows)
	n, err := k.Count(CountTo + 1)
	page.Total, page.More = min(n, CountTo), n > CountTo
	return page, err
}

// read reads the rows of a page and one more, away from the edge of the page before.
func (k Keyset[T]) read(q Query, at Cursor, order Order[T]) ([]T, error) {
	forward := q.Ascending != at.Back
	empty := order.Optional && at.Value == "" && at.ID != ""
	where := func(*sql.Selector) {}
	if at.ID != "" && !empty {
		value, err := order.parse(at.Value)
		if err != nil {
			return nil, ErrBadCursor
		}
		where = beyond(order.Column, value, k.idColumn(), at.ID, forward)
	}
	span := Span{where, inOrder(order.Column, k.idColumn(), forward), forward, q.Limit + 1}
	if !order.Optional {
		return k.Rows(span)
	}
	// Two reads, each by the index: rows with a value, and those without, which end the list.
	values, empties := span, span
	values.Where = func(q *sql.Selector) { where(q); q.Where(sql.NotNull(q.C(order.Column))) }
	empties.Where = func(q *sql.Selector) {
		q.Where(sql.IsNull(q.C(order.Column)))
		if empty {
			q.Where(past(q.C(k.idColumn()), at.ID, forward))
		}
	}
	parts := []Span{values, empties}
	switch {
	case at.Back && at.ID != "" && !empty:
		parts = parts[:1]
	case at.Back:
		slices.Reverse(parts)
	case empty:
		parts = parts[1:]
	}
	var rows []T
	for _, part := range parts {
		if part.Limit = span.Limit - len(rows); part.Limit == 0 {
			break
		}
		more, err := k.Rows(part)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// past is the predicate for ids on one side of another.
func past(column, id string, ascending bool) *sql.Predicate {
	if ascending {
		return sql.GT(column, id)
	}
	return sql.LT(column, id)
}

func (k Keyset[T]) idColumn() string {
	if k.IDColumn == "" {
		return "id"
	}
	return k.IDColumn
}

// cut takes the one row too many away and makes the cursors.
func (k Keyset[T]) cut(q Query, at Cursor, order Order[T], rows []T) Page[T] {
	further := len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	if at.Back {
		slices.Reverse(rows)
	}
	page := Page[T]{Rows: rows}
	if len(rows) == 0 {
		return page
	}
	edge := func(row T, back bool) string {
		return Cursor{List: k.List, Sort: q.Sort, Asc: q.Ascending, Value: format(order.Value(row)), ID: k.ID(row), Back: back}.Seal(k.Keys)
	}
	if further && !at.Back || at.Back {
		page.Next = edge(rows[len(rows)-1], false)
	}
	if at.ID != "" && (!at.Back || further) {
		page.Previous = edge(rows[0], true)
	}
	return page
}

func format(v any) string {
	switch v := v.(type) {
	case time.Time:
		return "t" + v.UTC().Format(time.RFC3339Nano)
	case string:
		return "s" + v
	}
	return ""
}

func (o Order[T]) parse(text string) (any, error) {
	if len(text) == 0 {
		return nil, ErrBadCursor
	}
	if text[0] == 't' {
		return Cursor{Value: text}.Time()
	}
	return text[1:], nil
}

// inOrder orders by a column and the id.
func inOrder(column, id string, ascending bool) func(*sql.Selector) {
	return func(q *sql.Selector) {
		direct := sql.Desc
		if ascending {
			direct = sql.Asc
		}
		q.OrderBy(direct(q.C(column)), direct(q.C(id)))
	}
}

// beyond is the predicate for rows after an edge in the order of column and id.
func beyond(column string, value any, idColumn, id string, ascending bool) func(*sql.Selector) {
	return func(q *sql.Selector) {
		compare := sql.LT
		if ascending {
			compare = sql.GT
		}
		q.Where(sql.Or(compare(q.C(column), value), sql.And(sql.EQ(q.C(column), value), compare(q.C(idColumn), id))))
	}
}

// InOrder puts rows into the order of their ids, as a search found them.
func InOrder[T any](rows []T, ids []string, id func(T) string) []T {
	place := make(map[string]int, len(ids))
	for i, at := range ids {
		place[at] = i
	}
	slices.SortFunc(rows, func(a, b T) int { return place[id(a)] - place[id(b)] })
	return rows
}

// Whole pages through rows that are all in memory, in their order. The cursor is a
// number of rows, as what changes so fast has no better place.
func Whole[T any](keys *secret.Ring, list string, q Query, rows []T) (Page[T], error) {
	if q.Limit <= 0 {
		q.Limit = sizes[0]
	}
	at, err := Open(keys, list, q)
	if err != nil {
		return Page[T]{}, err
	}
	from, _ := strconv.Atoi(at.Value)
	from = min(max(from, 0), len(rows))
	to := min(from+q.Limit, len(rows))
	page := Page[T]{Rows: rows[from:to], Total: len(rows)}
	place := func(n int) string {
		return Cursor{List: list, Sort: q.Sort, Asc: q.Ascending, Value: strconv.Itoa(n)}.Seal(keys)
	}
	if to < len(rows) {
		page.Next = place(to)
	}
	if from > 0 {
		page.Previous = place(max(0, from-q.Limit))
	}
	return page, nil
}
