package list

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"gatehouse/auth/words"
	"gatehouse/web"
)

// Read makes the query of an address: what it knows, bounded; the rest is dropped.
func (l *List[T]) Read(ctx context.Context, v url.Values) Query { return l.read(ctx, v, choice{}) }

// read takes what a list knows out of an address and drops the rest.
func (l *List[T]) read(ctx context.Context, v url.Values, chosen choice) Query {
	q := Query{Text: bounded(v.Get("q")), Sort: v.Get("sort"), Cursor: v.Get("page"), Filters: map[string][]string{}}
	if l.Search == "" {
		q.Text = ""
	}
	if !l.sortable(q.Sort) {
		q.Sort, q.Ascending = l.Sort, l.Ascending
	} else if c, _ := l.column(q.Sort); c.First {
		q.Ascending = true
	}
	switch v.Get("order") {
	case "ascending":
		q.Ascending = true
	case "descending":
		q.Ascending = false
	}
	if q.Limit, _ = strconv.Atoi(v.Get("limit")); !slices.Contains(sizes, q.Limit) {
		q.Limit = chosen.limit()
	}
	for _, f := range l.Filters {
		if values := f.take(ctx, v[f.ID]); len(values) > 0 {
			q.Filters[f.ID] = values
		}
	}
	return q
}

// take keeps the values that a filter knows, each once.
func (f Filter) take(ctx context.Context, given []string) []string {
	var known []web.Option
	if !f.Any {
		known = f.Options(ctx)
	}
	var values []string
	for _, value := range given {
		fits := value != "" && len(value) <= 255 && (f.Any || slices.ContainsFunc(known, func(o web.Option) bool { return o.Value == value }))
		if fits && !slices.Contains(values, value) && len(values) < maxValues {
			values = append(values, value)
		}
	}
	if f.Single && len(values) > 1 {
		values = values[:1]
	}
	return values
}

// values are the address of a query; defaults are left out.
func (l *List[T]) values(q Query, page string) url.Values {
	v := url.Values{}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	for id, values := range q.Filters {
		v[id] = values
	}
	for name, value := range l.order(q) {
		v.Set(name, value)
	}
	if page != "" {
		v.Set("page", page)
	}
	return v
}

// order is the part of the address that the form of the filters must keep.
func (l *List[T]) order(q Query) map[string]string {
	kept := map[string]string{}
	c, _ := l.column(q.Sort)
	usual := c.First
	if q.Sort == l.Sort {
		usual = l.Ascending
	} else {
		kept["sort"] = q.Sort
	}
	if q.Ascending != usual {
		kept["order"] = "descending"
		if q.Ascending {
			kept["order"] = "ascending"
		}
	}
	return kept
}

// address is the list with a query, on its first page.
func (l *List[T]) address(q Query) string { return address(l.Path, l.values(q, "")) }

func address(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// page is the same query at another place; "" where there is none.
func (v View[T]) page(cursor string) string {
	if cursor == "" {
		return ""
	}
	return address(v.List.Path, v.List.values(v.Query, cursor))
}

// here is the address that the page was asked for with.
func (v View[T]) here() string {
	return address(v.List.Path, v.List.values(v.Query, v.Query.Cursor))
}

// head is the head of a column: a link where it orders the list.
func (v View[T]) head(c Column[T]) web.Column {
	head := web.Column{Label: c.Label, End: c.End, Fit: c.Fit, Wide: c.Wide}
	if !c.Sort {
		return head
	}
	q := v.Query
	current := q.Sort == c.ID
	q.Sort, q.Ascending = c.ID, c.First
	if c.ID == v.List.Sort {
		q.Ascending = v.List.Ascending
	}
	if current {
		head.Order = "descending"
		if v.Query.Ascending {
			head.Order = "ascending"
		}
		q.Ascending = !v.Query.Ascending
	}
	head.Sort = v.List.address(q)
	return head
}

// chips are the active filters, each with the address without it.
func (v View[T]) chips() []web.Chip {
	var chips []web.Chip
	for _, f := range v.List.Filters {
		for _, value := range v.Query.Filters[f.ID] {
			q := v.Query
			q.Filters = map[string][]string{}
			for id, values := range v.Query.Filters {
				if kept := slices.DeleteFunc(slices.Clone(values), func(x string) bool { return id == f.ID && x == value }); len(kept) > 0 {
					q.Filters[id] = kept
				}
			}
			chips = append(chips, web.Chip{Name: f.Label, Value: f.label(v.ctx, value), Remove: v.List.address(q)})
		}
	}
	return chips
}

func (f Filter) label(ctx context.Context, value string) words.Text {
	if !f.Any {
		for _, o := range f.Options(ctx) {
			if o.Value == value {
				return o.Label
			}
		}
	}
	return words.Raw(value)
}

func (v View[T]) pages() web.Pages {
	p := web.Pages{Total: v.Page.Total, AtLeast: v.Page.More, What: v.List.What, Next: v.page(v.Page.Next), Previous: v.page(v.Page.Previous)}
	if v.Query.Cursor != "" {
		p.Start = v.List.address(v.Query)
	} else if len(v.Page.Rows) > 0 {
		p.First, p.Last = 1, len(v.Page.Rows)
	}
	return p
}
