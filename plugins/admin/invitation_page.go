package admin

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gatehouse/ent"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/web"
)

// invitationsView is the list of invitations.
type invitationsView struct {
	State  State
	Rows   []invitationRow
	Next   string
	Cursor string
	Mail   bool
}

// invitationRow is one invitation as the list draws it.
type invitationRow struct {
	Row     *ent.PlatformInvitation
	State   State
	Inviter string
	Act     bool // the role is not above the reader's own
}

// invitationsPage lists invitations, the newest first.
func (s *Service) invitationsPage(c *plugins.Call) error {
	view := invitationsView{State: State(c.Form("state")), Cursor: c.Form("page"), Mail: s.mailReady(c.Context())}
	found, err := s.Invitations(c.Context(), view.State, view.Cursor, 0)
	if err != nil {
		return err
	}
	names, err := s.names(c, found.Invitations)
	if err != nil {
		return err
	}
	view.Next = found.Next
	for _, row := range found.Invitations {
		act := row.Role == s.cfg.Get().DefaultRole || c.Principal().Can(ScopeSetRole) && s.givable(c.Principal(), []string{row.Role})
		view.Rows = append(view.Rows, invitationRow{Row: row, State: s.StateOf(row), Inviter: names[row.InviterID], Act: act})
	}
	return c.Page(http.StatusOK, view)
}

// names are the inviters of a page of invitations by id. Those who are gone are missing.
func (s *Service) names(c *plugins.Call, rows []*ent.PlatformInvitation) (map[string]string, error) {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.InviterID)
	}
	people, err := s.host.DB.Access(c.Context()).User().Query().Where(user.IDIn(ids...)).All(c.Context())
	names := map[string]string{}
	for _, u := range people {
		names[u.ID] = shownName(u)
	}
	return names, err
}

func (v invitationsView) address(cursor string) string {
	values := url.Values{}
	if v.State != "" {
		values.Set("state", string(v.State))
	}
	if cursor != "" {
		values.Set("page", cursor)
	}
	if len(values) == 0 {
		return invitationsPath
	}
	return invitationsPath + "?" + values.Encode()
}

// stateWords names the states, in the order of the filter.
var stateWords = []web.Option{{Label: "Any state"}, {Value: string(StatePending), Label: "Open"}, {Value: string(StateAccepted), Label: "Accepted"},
	{Value: string(StateExpired), Label: "Expired"}, {Value: string(StateCancelled), Label: "Cancelled"}}

func (v invitationsView) filters() web.Filters {
	f := web.Filters{URL: invitationsPath, Fields: []templ.Component{web.Select{Name: "state", Label: "State", HideLabel: true, Apply: true, Value: string(v.State), Options: stateWords}}}
	for _, o := range stateWords[1:] {
		if o.Value == string(v.State) {
			f.Chips = []web.Chip{{Name: "State", Value: o.Label, Remove: invitationsPath}}
		}
	}
	return f
}

func (v invitationsView) pages() web.Pages {
	p := web.Pages{Total: len(v.Rows), AtLeast: v.Next != "", What: func(n int) words.Text { return words.N(n, "%d invitation", "%d invitations") }}
	if v.Cursor != "" {
		p.Start = v.address("")
	}
	if v.Next != "" {
		p.Next = v.address(v.Next)
	}
	return p
}

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
	return c.Page(http.StatusOK, handover{Title: words.F("Invitation for %s", made.Invitation.Email), ExpiresAt: made.Invitation.ExpiresAt,
		Items: []handItem{{Name: "Link to the invitation", Value: made.Link, Secret: true, QR: true,
			Text: words.F("Whoever opens it can join with the role %s.", made.Invitation.Role)}},
		Back:  web.Button{Label: "Back to the invitations", Href: invitationsPath},
		Trail: []web.Crumb{{Label: "Invitations", Href: invitationsPath}}})
}

// askCancelPage asks before an invitation is cancelled.
func (s *Service) askCancelPage(c *plugins.Call) error {
	row, _, err := s.ownInvitation(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, askView{cancelQuestion(row), []web.Crumb{{Label: "Invitations", Href: invitationsPath}}})
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
