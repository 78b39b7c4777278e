package admin

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// usersView is the list of people as it is drawn.
type usersView struct {
	Query  usersQuery
	Page   Page
	Rows   []userRow
	Roles  []string
	Create bool
	Invite bool
}

// userRow is one person in the list, with the acts that are possible.
type userRow struct {
	User  *ent.User
	Roles []string
	Ban   bool
	Can   possible
}

// usersPage lists people: search, filters, order and pages all stand in the address.
func (s *Service) usersPage(c *plugins.Call) error {
	q := readUsersQuery(c.Request.URL.Query())
	found, err := s.List(c.Context(), q.list())
	if err != nil {
		return err
	}
	view := usersView{Query: q, Page: found, Roles: s.host.Scopes.RoleNames(), Create: c.Principal().Can(ScopeCreate), Invite: c.Principal().Can(ScopeInvite)}
	for _, u := range found.Users {
		can, err := s.possible(c.Context(), u)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, userRow{User: u, Roles: s.RolesOf(u), Ban: Banned(u, s.now()), Can: can})
	}
	return c.Page(http.StatusOK, view)
}

// usersQuery is the address of the list, read and bounded.
type usersQuery struct {
	Text, Role, Status, Verified string
	Sort                         Sort
	Ascending                    bool
	Limit                        int
	Cursor                       string
}

const maxSearch = 200

// readUsersQuery takes what it knows out of an address and drops the rest.
func readUsersQuery(v url.Values) usersQuery {
	q := usersQuery{Text: v.Get("q"), Role: v.Get("role"), Status: v.Get("status"), Verified: v.Get("verified"),
		Sort: Sort(v.Get("sort")), Ascending: v.Get("order") == "ascending", Cursor: v.Get("page")}
	if runes := []rune(q.Text); len(runes) > maxSearch {
		q.Text = string(runes[:maxSearch])
	}
	if q.Status != string(Active) && q.Status != string(BannedNow) {
		q.Status = ""
	}
	if q.Verified != "yes" && q.Verified != "no" {
		q.Verified = ""
	}
	if q.Sort != ByName && q.Sort != ByEmail {
		q.Sort = ByCreated
	}
	q.Limit, _ = strconv.Atoi(v.Get("limit"))
	if !slices.Contains([]int{20, 50, 100}, q.Limit) {
		q.Limit = 20
	}
	return q
}

func (q usersQuery) list() ListQuery {
	l := ListQuery{Text: q.Text, Role: q.Role, Status: Status(q.Status), Sort: q.Sort, Ascending: q.Ascending, Cursor: q.Cursor, Limit: q.Limit}
	if q.Verified != "" {
		verified := q.Verified == "yes"
		l.Verified = &verified
	}
	return l
}

// filtered reports whether anything narrows the list.
func (q usersQuery) filtered() bool {
	return q.Text != "" || q.Role != "" || q.Status != "" || q.Verified != ""
}

// address is the list with this query. Defaults are left out.
func (q usersQuery) address() string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Text, "role": q.Role, "status": q.Status, "verified": q.Verified, "page": q.Cursor} {
		if value != "" {
			v.Set(name, value)
		}
	}
	for name, value := range q.order() {
		v.Set(name, value)
	}
	if q.Limit != 20 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if len(v) == 0 {
		return usersPath
	}
	return usersPath + "?" + v.Encode()
}

// order is the part of the address that the form of the filters must keep.
func (q usersQuery) order() map[string]string {
	kept := map[string]string{}
	if q.Sort != ByCreated {
		kept["sort"] = string(q.Sort)
	}
	if q.Ascending {
		kept["order"] = "ascending"
	}
	return kept
}

// with is the first page of a changed query.
func (q usersQuery) with(change func(*usersQuery)) string {
	q.Cursor = ""
	change(&q)
	return q.address()
}

// sorted is the head of a column that sorts: by name and address people expect the
// first letters first, by time the newest.
func (q usersQuery) sorted(label words.Text, by Sort) web.Column {
	current := q.Sort == by
	ascending := by != ByCreated
	if current {
		ascending = !q.Ascending
	}
	column := web.Column{Label: label, Sort: q.with(func(n *usersQuery) { n.Sort, n.Ascending = by, ascending })}
	if current {
		column.Order = "descending"
		if q.Ascending {
			column.Order = "ascending"
		}
	}
	return column
}

func (q usersQuery) page(cursor string) string {
	if cursor == "" {
		return ""
	}
	q.Cursor = cursor
	return q.address()
}

func (v usersView) filters() web.Filters {
	q := v.Query
	roles := []web.Option{{Label: "Any role"}}
	for _, r := range v.Roles {
		roles = append(roles, web.Option{Value: r, Label: words.Raw(r)})
	}
	f := web.Filters{URL: usersPath, Clear: usersPath, Hidden: q.order(),
		Search: web.Search{Label: "Search people by name, email or id", Placeholder: "Name, email or id", Value: q.Text, Live: usersPath, Results: "results"}}
	f.Fields = append(f.Fields,
		web.Select{Name: "role", Label: "Role", HideLabel: true, Apply: true, Value: q.Role, Options: roles},
		web.Select{Name: "status", Label: "Status", HideLabel: true, Apply: true, Value: q.Status,
			Options: []web.Option{{Label: "Any status"}, {Value: string(Active), Label: "Active"}, {Value: string(BannedNow), Label: "Banned"}}},
		web.Select{Name: "verified", Label: "Email", HideLabel: true, Apply: true, Value: q.Verified,
			Options: []web.Option{{Label: "Verified or not"}, {Value: "yes", Label: "Verified"}, {Value: "no", Label: "Not verified"}}},
		web.PageSize(q.Limit))
	f.Chips = q.chips()
	return f
}

// chips are the active filters, each with the address without it.
func (q usersQuery) chips() []web.Chip {
	var chips []web.Chip
	if q.Role != "" {
		chips = append(chips, web.Chip{Name: "Role", Value: words.Raw(q.Role), Remove: q.with(func(n *usersQuery) { n.Role = "" })})
	}
	if q.Status != "" {
		chips = append(chips, web.Chip{Name: "Status", Value: words.Raw(q.Status), Remove: q.with(func(n *usersQuery) { n.Status = "" })})
	}
	if q.Verified != "" {
		state := map[string]words.Text{"yes": "verified", "no": "not verified"}[q.Verified]
		chips = append(chips, web.Chip{Name: "Email", Value: state, Remove: q.with(func(n *usersQuery) { n.Verified = "" })})
	}
	return chips
}

func (v usersView) pages() web.Pages {
	q := v.Query
	p := web.Pages{Total: v.Page.Total, AtLeast: v.Page.More, Next: q.page(v.Page.Next), Previous: q.page(v.Page.Previous)}
	p.What = func(n int) words.Text { return words.N(n, "one person", "%d people") }
	if q.Cursor != "" {
		p.Start = q.with(func(*usersQuery) {})
	} else if len(v.Rows) > 0 {
		p.First, p.Last = 1, len(v.Rows)
	}
	return p
}
