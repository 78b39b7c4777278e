package organization

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/organizationrole"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/apikeyapi"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// membersView is the page of the members of an organization.
type membersView struct {
	head
	List list.View[memberRow]
	// Requests are who wants to join, for readers who answer that.
	Requests []Asking
	// Accounts is how many service accounts belong to the organization beside people; below
	// nought where the reader may not know.
	Accounts int
}

// memberRow is one member in the list.
type memberRow struct {
	Membership
	Slug     string
	Standing string
	// Update and Remove say what the reader may do to this member.
	Update, Remove, Self bool
}

func (s *Service) membersPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	view, err := s.lists.members.View(c)
	if err != nil {
		return err
	}
	v := membersView{head: h, List: view, Accounts: -1}
	if h.Actor.Can(ScopeMemberCreate) {
		if v.Requests, err = s.Requests(c.Context(), h.Org.ID); err != nil {
			return err
		}
	}
	if accounts, ok := plugins.Offer[apikeyapi.Accounts](s.host); ok {
		n, may, err := accounts.AccountsIn(c.Context(), h.Org.ID)
		if err != nil {
			return err
		}
		if may {
			v.Accounts = n
		}
	}
	return c.Page(view.Status(), v)
}

func (s *Service) membersList() *list.List[memberRow] {
	return &list.List[memberRow]{
		ID: listMembers, Path: inside + "/members", Caption: "Members", Sort: byNewest, Export: ScopeMemberRead,
		What:   func(n int) words.Text { return words.N(n, "%d member", "%d members") },
		Search: "Search members by name or email", Placeholder: "Name or email",
		Load: s.loadMembers,
		Acts: []list.Act{{ID: "remove", Label: "Remove", Icon: "x", Danger: true, Scope: ScopeMemberDelete}},
		Row: func(r memberRow) list.Row {
			return list.Row{ID: r.Member.ID, Label: words.Raw(r.shown()), Href: r.url(""), Menu: r.menu(), Fixed: !r.Remove || r.Self}
		},
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "users", Title: "Nobody is here yet", Text: "Invite people: they become members when they accept."}
		},
		Filters: []list.Filter{
			{ID: "role", Label: "Role", Options: s.roleOptions},
			{ID: "standing", Label: "Status", Single: true, Options: func(context.Context) []web.Option {
				return []web.Option{{Value: StandingActive, Label: "Active"}, {Value: StandingComing, Label: "Not begun yet"}, {Value: StandingOver, Label: "Over"}}
			}},
		},
		Columns: []list.Column[memberRow]{
			{ID: "name", Label: "Person", Sort: true, First: true, Fixed: true, Draw: func(r memberRow) templ.Component { return r.person() }, Value: func(r memberRow) any { return r.Member.UserName }},
			{ID: "email", Value: func(r memberRow) any { return r.Member.UserEmail }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r memberRow) templ.Component { return web.ID{Value: r.Member.ID, What: "member id"} }, Value: func(r memberRow) any { return r.Member.ID }},
			{ID: "role", Label: "Role", Draw: func(r memberRow) templ.Component { return roleBadges(r.roles()) }, Value: func(r memberRow) any { return auth.SplitRoles(r.Member.Role) }},
			{ID: "standing", Label: "Status", Wide: true, Draw: func(r memberRow) templ.Component { return r.standingBadge() }, Value: func(r memberRow) any { return r.Standing }},
			{ID: "ends", Label: "Ends", Hidden: true, Wide: true, End: true, Draw: func(r memberRow) templ.Component { return web.Time{At: auth.ValueOf(r.Member.EndsAt)} }, Value: func(r memberRow) any { return auth.ValueOf(r.Member.EndsAt) }},
			{ID: byNewest, Label: "Joined", Sort: true, Wide: true, End: true, Draw: func(r memberRow) templ.Component { return web.Time{At: r.Member.CreatedAt} }, Value: func(r memberRow) any { return r.Member.CreatedAt }},
		},
	}
}

func (s *Service) loadMembers(ctx context.Context, q list.Query) (list.Page[memberRow], error) {
	found, err := s.MemberList(ctx, q)
	if err != nil {
		return list.Page[memberRow]{}, err
	}
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[memberRow]{}, err
	}
	slug := ""
	if o := plugins.OrganizationOf(ctx); o != nil {
		slug = o.Slug
	}
	return list.Of(found, func(m Membership) (memberRow, error) { return s.memberRow(a, slug, m), nil })
}

func (s *Service) memberRow(a actor, slug string, m Membership) memberRow {
	protected := slices.Contains(auth.SplitRoles(m.Member.Role), s.creatorRole()) && !s.owns(a)
	return memberRow{Membership: m, Slug: slug, Standing: Standing(m.Member, s.now()), Self: a.p.Subject == m.Member.UserID,
		Update: a.Can(ScopeMemberUpdate) && !protected, Remove: a.Can(ScopeMemberDelete) && !protected}
}

func (r memberRow) url(part string) string {
	return plugins.Organization{Slug: r.Slug}.Path("/members/" + url.PathEscape(r.Member.ID) + part)
}

// shown is what the member is called where there is room for one line.
func (r memberRow) shown() string {
	p := r.person().Person
	return cmp.Or(strings.TrimSpace(p.Name), p.Email)
}

func (r memberRow) person() web.PersonCell {
	p := web.Person{ID: r.Member.UserID, Name: r.Member.UserName, Email: r.Member.UserEmail}
	if r.User != nil {
		p = personOf(r.User)
	}
	return web.PersonCell{Person: p, Href: r.url("")}
}

func personOf(u *ent.User) web.Person {
	p := web.Person{ID: u.ID, Name: u.Name, Email: u.Email}
	if u.Image != nil {
		p.Image = *u.Image
	}
	return p
}

// roles are those of the membership and those for a time that are in force or to come.
func (r memberRow) roles() []roleShown {
	var list []roleShown
	for _, name := range auth.SplitRoles(r.Member.Role) {
		list = append(list, roleShown{Name: name})
	}
	for _, t := range r.Timed {
		list = append(list, roleShown{Name: t.Role, Timed: true})
	}
	return list
}

// roleShown is a role as a badge; one for a time looks different.
type roleShown struct {
	Name  string
	Timed bool
}

func (r roleShown) badge() web.Badge {
	b := web.Badge{Label: auth.RoleWords(r.Name)}
	if r.Name == RoleOwner || r.Name == RoleAdmin {
		b.Tone = web.Info
	}
	if r.Timed {
		b.Label = words.F("%s, for a time", auth.RoleWords(r.Name))
	}
	return b
}

func (r memberRow) standingBadge() web.Badge {
	switch {
	case r.Standing == StandingOver:
		return web.Badge{Label: "Over", Tone: web.Bad, Dot: true}
	case r.Standing == StandingComing:
		return web.Badge{Label: "Not begun yet", Tone: web.Warn, Dot: true}
	case r.Member.EndsAt != nil:
		return web.Badge{Label: "Active for a time", Tone: web.Good, Dot: true}
	}
	return web.Badge{Label: "Active", Tone: web.Good, Dot: true}
}

func (r memberRow) menu() templ.Component {
	items := []templ.Component{web.MenuLink{Label: "Open", Icon: "user", Href: r.url("")}}
	if r.Update {
		items = append(items, web.MenuLink{Label: "Change role…", Icon: "user-cog", Href: r.url("/role")}, web.MenuLink{Label: "Set a start and an end…", Icon: "calendar-clock", Href: r.url("/period")})
	}
	if r.Remove && !r.Self {
		items = append(items, web.MenuLink{Label: "Remove…", Icon: "x", Href: r.url("/remove"), Danger: true})
	}
	return web.Menu{ID: "menu-" + r.Member.ID, Label: words.F("Actions for %s", r.shown()), Items: items}
}

// roleOptions are the roles of the organization that a request is about: those of every
// organization, and its own.
func (s *Service) roleOptions(ctx context.Context) []web.Option {
	var options []web.Option
	for _, name := range s.host.Scopes.RoleNamesIn() {
		options = append(options, web.Option{Value: name, Label: auth.RoleWords(name)})
	}
	o := plugins.OrganizationOf(ctx)
	if o == nil || !s.cfg.Get().DynamicRoles.Enabled {
		return options
	}
	rows, err := s.host.DB.Access(ctx).Organization(o.ID).OrganizationRole().Query().Order(ent.Asc(organizationrole.FieldRole)).Limit(maxRolesShown).All(ctx)
	if err != nil {
		s.host.Log.WarnContext(ctx, "reading the roles of an organization", "error", err)
	}
	for _, row := range rows {
		if _, known := s.host.Scopes.OfRoleIn(row.Role); !known {
			options = append(options, web.Option{Value: row.Role, Label: words.Raw(row.Role), Hint: words.Raw(row.Description)})
		}
	}
	return options
}

// maxRolesShown bounds the own roles of an organization that a page offers.
const maxRolesShown = 200
