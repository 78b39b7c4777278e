package organization

import (
	"context"
	"fmt"
	"net/url"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// invitationsView is the page of the invitations of an organization.
type invitationsView struct {
	head
	List list.View[invitationRow]
}

// invitationRow is one invitation in the list.
type invitationRow struct {
	Row     *ent.Invitation
	Slug    string
	State   string
	Inviter words.Text // "" where nobody knows
	Resend  bool
	Cancel  bool
	Mail    bool // links can be mailed
}

func (s *Service) invitationsPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	view, err := s.lists.invitations.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), invitationsView{h, view})
}

func (s *Service) invitationsList() *list.List[invitationRow] {
	return &list.List[invitationRow]{
		ID: listInvitations, Path: inside + "/invitations", Caption: "Invitations", Sort: byNewest, Export: ScopeInvite,
		What:   func(n int) words.Text { return words.N(n, "%d invitation", "%d invitations") },
		Search: "Search invitations by email", Placeholder: "Email",
		Load: s.loadInvitations,
		Row:  func(r invitationRow) list.Row { return list.Row{ID: r.Row.ID, Menu: r.menu()} },
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "mail-plus", Title: "No invitations yet", Text: "Invite people by mail, or with a link that you hand over."}
		},
		Filters: []list.Filter{{ID: "state", Label: "Status", Options: func(context.Context) []web.Option { return invitationStates() }}},
		Columns: []list.Column[invitationRow]{
			{ID: "email", Label: "Email", Sort: true, First: true, Fixed: true, Draw: func(r invitationRow) templ.Component {
				return web.PersonCell{Person: web.Person{ID: r.Row.Email, Email: r.Row.Email}}
			}, Value: func(r invitationRow) any { return r.Row.Email }},
			{ID: "role", Label: "Role", Wide: true, Draw: func(r invitationRow) templ.Component { return roleBadges(r.roles()) }, Value: func(r invitationRow) any { return auth.SplitRoles(auth.ValueOf(r.Row.Role)) }},
			{ID: "state", Label: "Status", Draw: func(r invitationRow) templ.Component { return r.badge() }, Value: func(r invitationRow) any { return r.State }},
			{ID: "inviter", Label: "Invited by", Wide: true, Draw: func(r invitationRow) templ.Component { return r.inviter() }, Value: func(r invitationRow) any { return r.Inviter.English() }},
			{ID: "expires", Label: "Ends", Wide: true, End: true, Draw: func(r invitationRow) templ.Component { return web.Time{At: r.Row.ExpiresAt} }, Value: func(r invitationRow) any { return r.Row.ExpiresAt }},
			{ID: byNewest, Label: "Invited", Sort: true, Hidden: true, Wide: true, End: true, Draw: func(r invitationRow) templ.Component { return web.Time{At: r.Row.CreatedAt} }, Value: func(r invitationRow) any { return r.Row.CreatedAt }},
		},
	}
}

func (s *Service) loadInvitations(ctx context.Context, q list.Query) (list.Page[invitationRow], error) {
	found, err := s.InvitationList(ctx, q)
	if err != nil {
		return list.Page[invitationRow]{}, err
	}
	names, err := s.inviters(ctx, found.Rows)
	if err != nil {
		return list.Page[invitationRow]{}, err
	}
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[invitationRow]{}, err
	}
	slug := ""
	if o := plugins.OrganizationOf(ctx); o != nil {
		slug = o.Slug
	}
	mail := s.mailReady(ctx)
	return list.Of(found, func(row *ent.Invitation) (invitationRow, error) {
		r := invitationRow{Row: row, Slug: slug, State: stateOf(row, s.now()), Resend: a.Can(ScopeInvite), Cancel: a.Can(ScopeCancelInvite), Mail: mail}
		r.Inviter = names[row.ID]
		return r, nil
	})
}

// inviters name those who made invitations, by id of the invitation. Who is no person, such
// as a service account, stands in no invitation, but in the event.
func (s *Service) inviters(ctx context.Context, rows []*ent.Invitation) (map[string]words.Text, error) {
	var ids, others []string
	for _, row := range rows {
		if row.InviterID != nil {
			ids = append(ids, *row.InviterID)
		} else {
			others = append(others, recordedAs(row.ID))
		}
	}
	people, err := s.host.Users.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := map[string]words.Text{}
	for _, row := range rows {
		if u := people[auth.ValueOf(row.InviterID)]; u != nil {
			names[row.ID] = words.Raw(web.PersonCell{Person: personOf(u)}.Name())
		}
	}
	if len(others) == 0 {
		return names, nil
	}
	made, err := s.host.DB.Access(ctx).Event().Query().Where(event.SubjectIDIn(others...), event.Kind(eventInvited)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who made invitations: %w", err)
	}
	by := map[string]words.Text{}
	for _, e := range made {
		by[e.SubjectID] = happened.Doer(e)
	}
	for _, row := range rows {
		if row.InviterID == nil {
			names[row.ID] = by[recordedAs(row.ID)]
		}
	}
	return names, nil
}

func (r invitationRow) roles() []roleShown {
	var list []roleShown
	for _, name := range auth.SplitRoles(auth.ValueOf(r.Row.Role)) {
		list = append(list, roleShown{Name: name})
	}
	return list
}

func (r invitationRow) inviter() words.Text {
	if r.Inviter == "" {
		return "somebody who is gone"
	}
	return r.Inviter
}

func (r invitationRow) open() bool { return r.State == StatePending }

func (r invitationRow) badge() web.Badge {
	switch r.State {
	case StateAccepted:
		return web.Badge{Label: "Accepted", Tone: web.Good, Dot: true}
	case StateRejected:
		return web.Badge{Label: "Declined", Tone: web.Bad, Dot: true}
	case StateCanceled:
		return web.Badge{Label: "Cancelled"}
	case StateExpired:
		return web.Badge{Label: "Expired", Tone: web.Bad, Dot: true}
	}
	return web.Badge{Label: "Not accepted yet", Tone: web.Warn, Dot: true}
}

func (r invitationRow) url(part string) string {
	return plugins.Organization{Slug: r.Slug}.Path("/invitations/" + url.PathEscape(r.Row.ID) + part)
}

func (r invitationRow) menu() templ.Component {
	var items []templ.Component
	if renewable := r.open() || r.State == StateExpired; renewable && r.Resend {
		if r.Mail {
			items = append(items, web.MenuPost{Label: "Send again", Icon: "send", URL: r.url("/resend")})
		}
		items = append(items, web.MenuPost{Label: "Show the link", Icon: "link", URL: r.url("/resend"), Hidden: map[string]string{"by": "hand"}})
	}
	if r.open() && r.Cancel {
		items = append(items, web.MenuLink{Label: "Cancel…", Icon: "x", Href: r.url("/cancel"), Danger: true})
	}
	if len(items) == 0 {
		return nil
	}
	return web.Menu{ID: "menu-" + r.Row.ID, Label: words.F("Actions for the invitation of %s", r.Row.Email), Items: items}
}
