package admin

import (
	"context"
	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins/list"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// invitationsView is the list of invitations.
type invitationsView struct{ List list.View[invitationRow] }

// invitationRow is one invitation as the list draws it.
type invitationRow struct {
	Row     *ent.PlatformInvitation
	State   State
	Inviter string
	Act     bool // the role is not above the reader's own
	Mail    bool // links can be mailed
}

// invitationsPage lists invitations.
func (s *Service) invitationsPage(c *plugins.Call) error {
	view, err := s.lists.invitations.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), invitationsView{view})
}

// invitationsList declares the list of invitations.
func (s *Service) invitationsList() *list.List[invitationRow] {
	return &list.List[invitationRow]{
		ID: listInvitations, Path: invitationsPath, Caption: "Invitations", Sort: byNewest, Export: ScopeInvite,
		What:   func(n int) words.Text { return words.N(n, "%d invitation", "%d invitations") },
		Search: "Search invitations by name or email", Placeholder: "Name or email",
		Load: s.loadInvitations,
		Row:  func(r invitationRow) list.Row { return list.Row{ID: r.Row.ID, Menu: r.actions()} },
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "mail-plus", Title: "No invitations yet", Text: "Invite people by mail, or with a link that you hand over."}
		},
		Filters: []list.Filter{{ID: "state", Label: "Status", Options: func(context.Context) []web.Option { return stateWords }}},
		Columns: []list.Column[invitationRow]{
			{ID: "email", Label: "Person", Sort: true, First: true, Fixed: true, Draw: func(r invitationRow) templ.Component { return web.PersonCell{Person: r.person()} }, Value: func(r invitationRow) any { return r.Row.Email }},
			{ID: "name", Value: func(r invitationRow) any { return r.Row.Name }},
			{ID: "role", Label: "Role", Wide: true, Draw: func(r invitationRow) templ.Component { return roleBadges([]string{r.Row.Role}) }, Value: func(r invitationRow) any { return r.Row.Role }},
			{ID: "state", Label: "Status", Draw: func(r invitationRow) templ.Component { return r.stateCell() }, Value: func(r invitationRow) any { return string(r.State) }},
			{ID: "inviter", Label: "Invited by", Wide: true, Draw: func(r invitationRow) templ.Component { return r.inviter() }, Value: func(r invitationRow) any { return r.Inviter }},
			{ID: "expires", Label: "Ends", Hidden: true, Wide: true, End: true, Draw: func(r invitationRow) templ.Component { return web.Time{At: r.Row.ExpiresAt} }, Value: func(r invitationRow) any { return r.Row.ExpiresAt }},
			{ID: byNewest, Label: "Invited", Sort: true, Wide: true, End: true, Draw: func(r invitationRow) templ.Component { return web.Time{At: r.Row.CreatedAt} }, Value: func(r invitationRow) any { return r.Row.CreatedAt }},
		},
	}
}

func (s *Service) loadInvitations(ctx context.Context, q list.Query) (list.Page[invitationRow], error) {
	found, err := s.Invitations(ctx, q)
	if err != nil {
		return list.Page[invitationRow]{}, err
	}
	names, err := s.names(ctx, found.Rows)
	if err != nil {
		return list.Page[invitationRow]{}, err
	}
	p, mail := auth.PrincipalOf(ctx), s.mailReady(ctx)
	return list.Of(found, func(row *ent.PlatformInvitation) (invitationRow, error) {
		act := row.Role == s.cfg.Get().DefaultRole || p.Can(ScopeSetRole) && s.givable(p, []string{row.Role}, forGood)
		return invitationRow{Row: row, State: s.StateOf(row), Inviter: names[row.InviterID], Act: act, Mail: mail}, nil
	})
}

// names are the inviters of a page of invitations by id. Those who are gone are missing.
func (s *Service) names(ctx context.Context, rows []*ent.PlatformInvitation) (map[string]string, error) {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.InviterID)
	}
	people, err := s.host.Users.ByIDs(ctx, ids)
	names := map[string]string{}
	for _, u := range people {
		names[u.ID] = shownName(u)
	}
	return names, err
}

// stateWords names the states, in the order of the filter.
var stateWords = []web.Option{{Value: string(StatePending), Label: "Not accepted yet"}, {Value: string(StateAccepted), Label: "Accepted"},
	{Value: string(StateExpired), Label: "Expired"}, {Value: string(StateCancelled), Label: "Cancelled"}}

// newInvitationView is the form to invite a person.
type newInvitationView struct {
	Form    web.Form
	Roles   []string
	Default string
	Mail    bool
	Days    words.Text
}

func (s *Service) newInvitationPage(c *plugins.Call) error {
	return s.drawInvite(c, http.StatusOK, web.Form{Values: url.Values{}})
}

func (s *Service) drawInvite(c *plugins.Call, status int, form web.Form) error {
	return c.Page(status, newInvitationView{Form: form, Roles: s.GivableRoles(c.Context()), Default: s.cfg.Get().DefaultRole,
		Mail: s.mailReady(c.Context()), Days: web.Span(s.cfg.Get().InvitationExpiresIn)})
}

// invitePage invites. The link goes by mail, or is shown once.
func (s *Service) invitePage(c *plugins.Call) error {
	if err := s.proofFor(c, s.powerful(c.Form("role"))); err != nil {
		return err
	}
	made, err := s.Invite(c.Context(), Invite{Email: c.Form("email"), Name: c.Form("name"), Role: c.Form("role"), Mail: c.Form("by") != "hand"})
	if err != nil {
		form, status, ok := refusedForm(c, err)
		if !ok {
			return err
		}
		return s.drawInvite(c, status, form)
	}
	return invitedAnswer(c, made)
}

// resendPage gives an invitation a new link; the former one is dead.
func (s *Service) resendPage(c *plugins.Call) error {
	if err := s.proofFor(c, c.Form("by") == "hand"); err != nil {
		return err
	}
	made, err := s.Resend(c.Context(), c.Param("id"), c.Form("by") != "hand")
	if err != nil {
		return err
	}
	return invitedAnswer(c, made)
}

func invitedAnswer(c *plugins.Call, made Invited) error {
	if made.Link == "" {
		c.Flash("good", words.F("An invitation went to %s.", made.Invitation.Email))
		return c.SeeOther(invitationsPath)
	}
	return c.Page(http.StatusOK, ask.Handover{Title: words.F("Invitation for %s", made.Invitation.Email), ExpiresAt: made.Invitation.ExpiresAt,
		Items: []ask.Item{{Name: "Link to the invitation", Value: made.Link, Secret: true, QR: true,
			Text: words.F("Whoever opens it can join with the role %s.", auth.RoleWords(made.Invitation.Role))}},
		Back:  web.Button{Label: "Back to the invitations", Href: invitationsPath},
		Trail: []web.Crumb{{Label: "Invitations", Href: invitationsPath}}})
}

// askCancelPage asks before an invitation is cancelled.
func (s *Service) askCancelPage(c *plugins.Call) error {
	row, _, err := s.ownInvitation(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, ask.Page{Confirm: cancelQuestion(row), Trail: []web.Crumb{{Label: "Invitations", Href: invitationsPath}}})
}

func cancelQuestion(row *ent.PlatformInvitation) web.Confirm {
	at := invitationsPath + "/" + url.PathEscape(row.ID) + "/cancel"
	return web.Confirm{ID: "cancel-" + row.ID, Page: at, URL: at, Cancel: invitationsPath, Title: words.F("Cancel the invitation of %s?", row.Email),
		Text: "Its link stops working at once. You can invite them again.", Verb: "Cancel invitation", Danger: true}
}

func (s *Service) cancelPage(c *plugins.Call) error {
	if err := s.Cancel(c.Context(), c.Param("id")); err != nil {
		return err
	}
	c.Flash("good", "The invitation is cancelled.")
	return c.SeeOther(invitationsPath)
}
