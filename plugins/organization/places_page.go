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
	if c.Current.User.EmailVerified {
		all, err := s.OwnInvitations(ctx, Page{Limit: placesShown})
		if err != nil {
			return err
		}
		for _, i := range all {
			if !i.Invitation.ExpiresAt.Before(s.now()) {
				v.Invited = append(v.Invited, i)
			}
		}
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
		rows = append(rows, web.Row{Icon: "mail-plus", Title: words.Raw(i.Organization.Name), Text: auth.RolesWords(auth.SplitRoles(orEmpty(i.Invitation.Role))), Dot: true,
			Detail: web.Sentence("ends %s", web.Time{At: i.Invitation.ExpiresAt}), Actions: web.Button{Label: "Answer", Small: true, Href: "/accept-invitation/" + i.Invitation.ID}})
	}
	return rows
}

func (v placesView) joinLabel() words.Text {
	if v.Join.Domain.Joining == JoiningAutomatic {
		return "Join"
	}
	return "Ask to join"
}
