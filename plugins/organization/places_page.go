package organization

import (
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// placesPath is where people see the organizations they belong to.
const placesPath = "/account/organizations"

// placesShown bounds the organizations and invitations on the page of a person.
const placesShown = 200

// placesView is what a person belongs to, and what they are invited to.
type placesView struct {
	List    []*ent.Organization
	Roles   map[string][]roleShown // by organization
	Sole    map[string]bool        // where they are the only owner
	Wishes  []Wish
	Invited []*Received
	Create  bool
	Join    *Joinable // by the domain of the address
}

// placesPage lists the organizations of the person who looks.
func (s *Service) placesPage(c *plugins.Call) error {
	ctx := c.Context()
	v := placesView{Roles: map[string][]roleShown{}, Sole: map[string]bool{}, Create: c.Principal().Can(ScopeCreate) || s.mayCreate(ctx, c.Principal())}
	var err error
	if v.List, err = s.Own(ctx, Page{Limit: placesShown}); err != nil {
		return err
	}
	for _, o := range v.List {
		m, err := s.membership(ctx, o.ID, c.Principal().Subject, s.now())
		if err != nil {
			return err
		}
		if v.Sole[o.ID], err = s.ownsAlone(ctx, m); err != nil {
			return err
		}
		if m != nil {
			for _, r := range m.Roles {
				v.Roles[o.ID] = append(v.Roles[o.ID], roleShown{Name: r.Name, Timed: !r.End.IsZero()})
			}
		}
	}
	if v.Invited, err = s.answerable(ctx, c.Current.User); err != nil {
		return err
	}
	if v.Wishes, err = s.OwnRequests(ctx); err != nil {
		return err
	}
	if v.Join, err = s.JoinableBy(ctx, c.Current.User); err != nil {
		return err
	}
	return c.Page(http.StatusOK, v)
}

func (v placesView) actions() templ.Component {
	if !v.Create {
		return nil
	}
	return web.Button{Label: "New organization", Icon: "plus", Variant: web.Primary, Href: placesPath + "/new"}
}

func (v placesView) rows() web.Rows {
	rows := web.Rows{}
	for _, o := range v.List {
		at := listed(o)
		row := web.Row{Mark: smallMark(o), Title: words.Raw(o.Name), Href: at.Path(""), Badges: roleBadges(v.Roles[o.ID])}
		buttons := web.Group{web.Button{Label: "Open", Small: true, Href: at.Path(""), Attrs: templ.Attributes{"aria-label": words.F("Open %s", o.Name)}}}
		if v.Sole[o.ID] {
			row.Text = onlyOwner()
		} else {
			buttons = append(buttons, web.Button{Label: "Leave", Small: true, Variant: web.Quiet, Href: at.Path("/leave"), Attrs: templ.Attributes{"aria-label": words.F("Leave %s", o.Name)}})
		}
		row.Actions = buttons
		rows = append(rows, row)
	}
	return rows
}

// wishes are the own requests to join.
func (v placesView) wishes() web.Rows {
	rows := web.Rows{}
	for _, w := range v.Wishes {
		rows = append(rows, web.Row{Mark: smallMark(w.Organization), Title: words.Raw(w.Organization.Name), Text: "You become a member when somebody agrees.", Dot: true,
			Detail:  web.Sentence("asked %s", web.Time{At: w.Request.CreatedAt}),
			Actions: web.PostButton{URL: placesPath + "/withdraw", Hidden: map[string]string{"request": w.Request.ID}, Button: web.Button{Label: "Withdraw", Small: true}}})
	}
	return rows
}

func (v placesView) invited() web.Rows {
	rows := web.Rows{}
	for _, i := range v.Invited {
		rows = append(rows, web.Row{Icon: "mail-plus", Title: words.Raw(i.Organization.Name), Text: i.roles(), Dot: true,
			Detail: web.Sentence("ends %s", web.Time{At: i.Invitation.ExpiresAt}), Actions: i.answer()})
	}
	return rows
}

// invitedAlert tells on the overview of the account area of invitations, the oldest first.
func (s *Service) invitedAlert(c *plugins.Call) (templ.Component, error) {
	invited, err := s.answerable(c.Context(), c.Current.User)
	switch {
	case err != nil || len(invited) == 0:
		return nil, err
	case len(invited) == 1:
		return web.Alert{Title: words.F("%s invites you as %s", invited[0].Organization.Name, invited[0].roles()), Actions: invited[0].answer()}, nil
	}
	return web.Alert{Title: words.N(len(invited), "%d organization invites you", "%d organizations invite you"),
		Actions: web.Button{Label: "See the invitations", Small: true, Href: placesPath}}, nil
}

// roles are what the invitation gives, in words.
func (r *Received) roles() words.Text {
	return auth.RolesWords(auth.SplitRoles(auth.ValueOf(r.Invitation.Role)))
}

// answer leads to where the invitation is accepted or not.
func (r *Received) answer() templ.Component {
	return web.Button{Label: "Answer", Small: true, Href: "/accept-invitation/" + r.Invitation.ID, Attrs: templ.Attributes{"aria-label": words.F("Answer the invitation of %s", r.Organization.Name)}}
}

// none says how a person comes to an organization.
func (v placesView) none() words.Text {
	if v.Create {
		return "Somebody invites you to theirs, or you make one."
	}
	return "Somebody invites you to theirs."
}

func (v placesView) joinLabel() words.Text {
	if v.Join.Domain.Joining == JoiningAutomatic {
		return "Join"
	}
	return "Ask to join"
}
