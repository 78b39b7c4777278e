package admin

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/session"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// usersView is the page of the list of people.
type usersView struct {
	List   list.View[userRow]
	Create bool
	Invite bool
}

// userRow is one person in the list, with the acts that are possible.
type userRow struct {
	User  *ent.User
	Roles []string
	Ban   bool
	Seen  time.Time
	Can   possible
	Self  bool
}

// usersPage lists people: search, filters, order and pages all stand in the address.
func (s *Service) usersPage(c *plugins.Call) error {
	view, err := s.lists.users.View(c)
	if err != nil {
		return err
	}
	p := c.Principal()
	return c.Page(view.Status(), usersView{List: view, Create: p.Can(ScopeCreate), Invite: p.Can(ScopeInvite)})
}

// people says how many there are.
func people(n int) words.Text { return words.N(n, "%d person", "%d people") }

// usersList declares the list of people.
func (s *Service) usersList() *list.List[userRow] {
	text := func(of func(userRow) string) func(userRow) templ.Component {
		return func(r userRow) templ.Component { return web.Text(of(r)) }
	}
	when := func(of func(userRow) time.Time) func(userRow) templ.Component {
		return func(r userRow) templ.Component { return web.Time{At: of(r)} }
	}
	return &list.List[userRow]{
		ID: listUsers, Path: usersPath, What: people, Caption: "People", Sort: string(ByCreated), Export: ScopeList,
		Search: "Search people by name, email or id", Placeholder: "Name, email or id",
		Load: s.loadUsers, Acts: bulkActs(),
		Row: func(r userRow) list.Row {
			return list.Row{ID: r.User.ID, Label: words.Raw(r.shown()), Href: r.url(""), Menu: r.menu()}
		},
		Empty: func(c *plugins.Call) web.Empty {
			return web.Empty{Icon: "users", Title: "Nobody is here yet", Text: "Create somebody, or invite them.",
				Actions: usersView{Create: c.Principal().Can(ScopeCreate), Invite: c.Principal().Can(ScopeInvite)}.actions()}
		},
		Filters: []list.Filter{
			{ID: "role", Label: "Role", Options: func(context.Context) []web.Option {
				var options []web.Option
				for _, r := range s.host.Scopes.RoleNames() {
					options = append(options, web.Option{Value: r, Label: auth.RoleWords(r)})
				}
				return options
			}},
			{ID: "status", Label: "Status", Single: true, Options: func(context.Context) []web.Option {
				return []web.Option{{Value: string(Active), Label: "Active"}, {Value: string(BannedNow), Label: "Banned"}}
			}},
			{ID: "verified", Label: "Email", Single: true, Options: func(context.Context) []web.Option {
				return []web.Option{{Value: "yes", Label: "Verified"}, {Value: "no", Label: "Not verified"}}
			}},
		},
		Columns: []list.Column[userRow]{
			{ID: string(ByName), Label: "Person", Sort: true, First: true, Fixed: true, Value: func(r userRow) any { return r.User.Name },
				Draw: func(r userRow) templ.Component { return web.PersonCell{Person: r.person(), Href: r.url("")} }},
			{ID: string(ByEmail), Label: "Email", Sort: true, First: true, Hidden: true, Wide: true, Draw: text(func(r userRow) string { return r.User.Email }), Value: func(r userRow) any { return r.User.Email }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r userRow) templ.Component { return web.ID{Value: r.User.ID, What: "user id"} }, Value: func(r userRow) any { return r.User.ID }},
			{ID: "role", Label: "Role", Wide: true, Draw: func(r userRow) templ.Component { return roleBadges(r.Roles) }, Value: func(r userRow) any { return r.Roles }},
			{ID: "status", Label: "Status", Draw: func(r userRow) templ.Component { return statusBadge(r.Ban, r.User.EmailVerified) },
				Value: func(r userRow) any { return statusBadge(r.Ban, r.User.EmailVerified).Label.English() }},
			{ID: "emailVerified", Value: func(r userRow) any { return r.User.EmailVerified }},
			{ID: "banReason", Value: func(r userRow) any { return reasonOf(r.User) }},
			{ID: "seen", Label: "Last seen", Hidden: true, Wide: true, End: true, Draw: when(func(r userRow) time.Time { return r.Seen }), Value: func(r userRow) any { return r.Seen }},
			{ID: "changed", Label: "Changed", Hidden: true, Wide: true, End: true, Draw: when(func(r userRow) time.Time { return r.User.UpdatedAt }), Value: func(r userRow) any { return r.User.UpdatedAt }},
			{ID: string(ByCreated), Label: "Joined", Sort: true, Wide: true, End: true, Draw: when(func(r userRow) time.Time { return r.User.CreatedAt }), Value: func(r userRow) any { return r.User.CreatedAt }},
		},
	}
}

// loadUsers reads a page of the list.
func (s *Service) loadUsers(ctx context.Context, q list.Query) (list.Page[userRow], error) {
	found, err := s.List(ctx, usersQuery(q))
	if err != nil {
		return list.Page[userRow]{}, err
	}
	seen, err := s.seen(ctx, found.Rows)
	if err != nil {
		return list.Page[userRow]{}, err
	}
	self := auth.PrincipalOf(ctx)
	return list.Of(found, func(u *ent.User) (row userRow, err error) {
		row = userRow{User: u, Roles: s.RolesOf(u), Ban: Banned(u, s.now()), Seen: seen[u.ID], Self: self != nil && self.Subject == u.ID}
		if !q.Export {
			row.Can, err = s.possible(ctx, u)
		}
		return row, err
	})
}

// usersQuery is what the address of the list asks the service for.
func usersQuery(q list.Query) ListQuery {
	l := ListQuery{Text: q.Text, Roles: q.Filters["role"], Status: Status(q.One("status")), Sort: Sort(q.Sort), Ascending: q.Ascending, Cursor: q.Cursor, Limit: q.Limit}
	if v := q.One("verified"); v != "" {
		verified := v == "yes"
		l.Verified = &verified
	}
	return l
}

// seen is when people were last active, by their own sessions.
func (s *Service) seen(ctx context.Context, people []*ent.User) (map[string]time.Time, error) {
	ids := make([]string, len(people))
	for i, u := range people {
		ids[i] = u.ID
	}
	rows, err := s.host.DB.Access(ctx).Session().Query().Where(session.UserIDIn(ids...), session.ImpersonatedByIsNil()).Limit(50 * len(ids)).All(ctx)
	last := map[string]time.Time{}
	for _, row := range rows {
		if at := lastSeen(row); at.After(last[row.UserID]) {
			last[row.UserID] = at
		}
	}
	return last, err
}

// lists are the lists of the plugin.
type lists struct {
	users       *list.List[userRow]
	sessions    *list.List[sessionRow]
	invitations *list.List[invitationRow]
	activity    *list.List[happened.Row]
}

// listRoutes are the addresses of the lists besides their pages.
func (s *Service) listRoutes() []plugins.Route {
	return slices.Concat(s.lists.users.Routes(s.host, ScopeList), s.lists.sessions.Routes(s.host, ScopeSessionList), s.lists.invitations.Routes(s.host, ScopeInvite), s.lists.activity.Routes(s.host, ScopeEvents))
}
