// Package list is what every list of the console is made of. A [List] declares the
// columns, filters, orders and acts once; the address, the search box, the chips, the
// choice of columns, the saved views, the pages and the export follow from it.
//
// Everything about a list stands in its address, so that it can be shared and
// bookmarked: q, page, sort, order, limit and the filters by their ids. What a person
// chose (columns, rows a page, saved views) is kept in their preferences.
package list

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Bounds of lists.
const (
	maxSearch = 200 // characters of a search that count
	maxValues = 20  // values of one filter
	// CountTo is how far lists count; beyond they say "more than" (decisions 51).
	CountTo = 10_000
)

// sizes are the numbers of rows that a page may have, the first one the default.
var sizes = []int{20, 50, 100}

// List declares a list of rows of type T.
type List[T any] struct {
	ID string // "users": names the list in preferences
	// Path is where the list is: "/admin/users". Parameters in it, as in
	// "/admin/users/:id/activity", are those of the request; Query.Of is the value of :id.
	// With ":slug" it is a list of one organization: Query.In is its id, and scopes are asked
	// there.
	Path string
	// What says how many: "12 people".
	What func(n int) words.Text
	// Caption is read out before the table.
	Caption words.Text
	// Search is the label of the search box; empty means the list has none.
	Search      words.Text
	Placeholder words.Text
	Columns     []Column[T]
	Filters     []Filter
	// Sort is the id of the column that orders the list at first, descending unless
	// Ascending.
	Sort      string
	Ascending bool
	// Row describes a row besides its cells; nil when there is nothing to say.
	Row func(T) Row
	// Acts are offered for the selected rows; none means that rows cannot be selected.
	Acts []Act
	// Load reads one page. It judges access itself: the export calls it as well.
	Load func(context.Context, Query) (Page[T], error)
	// Empty is drawn when there is nothing yet and nothing narrows the list.
	Empty func(*plugins.Call) web.Empty
	// Export is the scope that a download of the whole list needs; "" is none.
	Export string
}

// Column is one column.
type Column[T any] struct {
	ID     string
	Label  words.Text
	Sort   bool // can order the list
	First  bool // orders ascending at first: names; the default is descending: times
	Hidden bool // not drawn until somebody chooses it
	Fixed  bool // always drawn
	End    bool
	Fit    bool
	Wide   bool // left out on narrow screens
	// Draw makes the cell.
	Draw func(T) templ.Component
	// Value is the cell in an export: text, number, bool, time or nil; nil Draw makes a
	// column of the export only. Nil Value leaves the column out of the export.
	Value func(T) any
	// Hold tells whether a principal sees the column; nil is everybody.
	Hold func(*auth.Principal) bool
}

// Row is what a row has besides its cells.
type Row struct {
	ID    string     // what is posted for a selected row
	Label words.Text // "Ada Lovelace": read out at the check box
	Href  string     // opened by a click anywhere
	Menu  templ.Component
	Fixed bool // cannot be selected
}

func (l *List[T]) describe(row T) Row {
	if l.Row == nil {
		return Row{}
	}
	return l.Row(row)
}

// Filter narrows a list by values of one kind; several add up.
type Filter struct {
	ID      string
	Label   words.Text
	Options func(context.Context) []web.Option
	// Single filters take one value.
	Single bool
	// Any filters take every value, as an id that a link brings; they are drawn as a
	// chip only.
	Any bool
}

// Act is something to do to all selected rows. The form posts id once a row, or all=on
// and the filter, to the list's path + "/bulk/" + ID; [List.Chosen] reads it, and what
// asks back is the handler's affair.
type Act struct {
	ID     string
	Label  words.Text
	Icon   web.Icon
	Danger bool
	Hold   func(*auth.Principal) bool
	// Scope that the act needs where the list is; "" is none.
	Scope string
}

// Query is what a list is asked for: read from an address, bounded, unknown values
// dropped.
type Query struct {
	Text      string
	Filters   map[string][]string
	Sort      string
	Ascending bool
	Cursor    string
	Limit     int
	Of        string // the :id of the path
	In        string // the id of the organization that the path names
	// Export says that the rows go into a download: what only a page draws may be left
	// out.
	Export bool
}

// Narrow reports whether anything narrows the list.
func (q Query) Narrow() bool { return q.Text != "" || len(q.Filters) > 0 }

// about keeps what the path of a request names.
func (q *Query) about(c *plugins.Call) {
	q.Of = c.Param("id")
	if c.Organization != nil {
		q.In = c.Organization.ID
	}
}

// can reports whether a principal holds a scope where the list is.
func (q Query) can(p *auth.Principal, scope string) bool {
	if q.In != "" {
		return p.CanIn(q.In, scope)
	}
	return p.Can(scope)
}

// One returns the first value of a filter.
func (q Query) One(filter string) string {
	if values := q.Filters[filter]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Page is one page of rows.
type Page[T any] struct {
	Rows []T
	// Next and Previous continue the list; empty at its ends.
	Next, Previous string
	// Total counts all rows up to CountTo; More says that there are further ones.
	Total int
	More  bool
}

// Of is a page of what was read as the list draws it, row by row.
func Of[T, U any](p Page[T], draw func(T) (U, error)) (Page[U], error) {
	page := Page[U]{Next: p.Next, Previous: p.Previous, Total: p.Total, More: p.More}
	for _, row := range p.Rows {
		drawn, err := draw(row)
		if err != nil {
			return Page[U]{}, err
		}
		page.Rows = append(page.Rows, drawn)
	}
	return page, nil
}

// View is a list as it is drawn for one request.
type View[T any] struct {
	List      *List[T]
	Query     Query
	Page      Page[T]
	Err       error // of Load: the list is drawn as broken, with a button to try again
	Reference string
	chosen    choice
	ctx       context.Context
	principal *auth.Principal
	empty     web.Empty
}

// View reads the list as the address of a call asks for it. Errors of the request, such
// as a cursor that this server did not make, come back; a list that could not be read is
// drawn as such, with the status of Status.
func (l *List[T]) View(c *plugins.Call) (View[T], error) {
	l = l.at(c)
	v := View[T]{List: l, chosen: l.choice(c.Preferences()), ctx: c.Context(), principal: c.Principal(), Reference: auth.OriginOf(c.Context()).RequestID}
	v.Query = l.read(c.Context(), c.Request.URL.Query(), v.chosen)
	v.Query.about(c)
	if l.Empty != nil {
		v.empty = l.Empty(c)
	}
	v.Page, v.Err = l.Load(c.Context(), v.Query)
	if v.Err == nil {
		return v, nil
	}
	shown := c.View.Explain(c, v.Err)
	if shown.Status < http.StatusInternalServerError {
		return v, v.Err
	}
	v.Err = shown
	return v, nil
}

// at is the list at the address of a request.
func (l *List[T]) at(c *plugins.Call) *List[T] {
	if !strings.Contains(l.Path, "/:") {
		return l
	}
	here := *l
	parts := strings.Split(l.Path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = url.PathEscape(c.Param(name))
		}
	}
	here.Path = strings.Join(parts, "/")
	return &here
}

// Status is that of the page.
func (v View[T]) Status() int {
	if v.Err != nil {
		return auth.AsError(v.Err).Status
	}
	return http.StatusOK
}

// columns are those that the reader sees, in the order of the declaration.
func (v View[T]) columns() []Column[T] {
	var list []Column[T]
	for _, c := range v.List.held(v.principal) {
		if c.Draw != nil && (c.Fixed || v.chosen.shows(c.ID, c.Hidden)) {
			list = append(list, c)
		}
	}
	return list
}

func (l *List[T]) held(p *auth.Principal) []Column[T] {
	return slices.DeleteFunc(slices.Clone(l.Columns), func(c Column[T]) bool { return c.Hold != nil && !c.Hold(p) })
}

// acts are those that the reader may do.
func (v View[T]) acts() []Act {
	return slices.DeleteFunc(slices.Clone(v.List.Acts), func(a Act) bool {
		return a.Hold != nil && !a.Hold(v.principal) || a.Scope != "" && !v.Query.can(v.principal, a.Scope)
	})
}

func (l *List[T]) column(id string) (Column[T], bool) {
	i := slices.IndexFunc(l.Columns, func(c Column[T]) bool { return c.ID == id })
	if i < 0 {
		return Column[T]{}, false
	}
	return l.Columns[i], true
}

func (l *List[T]) sortable(id string) bool {
	c, ok := l.column(id)
	return ok && c.Sort
}

// bounded cuts a search that is too long.
func bounded(search string) string {
	if runes := []rune(strings.TrimSpace(search)); len(runes) > maxSearch {
		return string(runes[:maxSearch])
	}
	return strings.TrimSpace(search)
}
