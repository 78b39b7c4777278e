package organization

import (
	"errors"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/team"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// inviteView is the form to invite people.
type inviteView struct {
	head
	Form  web.Form
	Roles []web.Option
	Teams []web.Option
	Mail  bool
	For   words.Text
}

func (s *Service) invitePage(c *plugins.Call) error {
	return s.drawInvite(c, http.StatusOK, web.Form{Values: url.Values{}})
}

func (s *Service) drawInvite(c *plugins.Call, status int, form web.Form) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	// Who may invite at all may invite plain members, as on the wire; what they may give for a
	// time is judged with the end that they choose.
	v := inviteView{head: h, Form: form, Roles: s.givable(c.Context(), h.Actor, RoleMember, s.now()), Mail: s.mailReady(c.Context()), For: web.Span(s.cfg.Get().InvitationExpiresIn)}
	if s.cfg.Get().Teams.Enabled && h.Actor.Can(ScopeTeamRead) {
		rows, err := s.host.DB.Access(c.Context()).Organization(h.Org.ID).Team().Query().Order(ent.Asc(team.FieldName)).Limit(maxTeamsShown).All(c.Context())
		if err != nil {
			return err
		}
		for _, t := range rows {
			v.Teams = append(v.Teams, web.Option{Value: t.ID, Label: teamTitle(t)})
		}
	}
	return c.Page(status, v)
}

// maxTeamsShown bounds the teams that a form offers.
const maxTeamsShown = 100

func (s *Service) doInvite(c *plugins.Call) error {
	until, ok := c.Moment("until")
	var err error
	if !ok {
		err = auth.ErrValidation.Saying("This is no date and time.").At("until")
	}
	byHand := c.Form("by") == "hand" || !s.mailReady(c.Context())
	var row *ent.Invitation
	if err == nil && len(c.Request.PostForm["role"]) == 0 {
		err = auth.ErrValidation.Saying("Choose at least one role.").At("role")
	}
	if err == nil {
		row, err = s.Invite(c.Context(), c.Organization.ID, Invite{Email: c.Form("email"), Roles: c.Request.PostForm["role"], Teams: c.Request.PostForm["team"], MemberUntil: until, Unmailed: byHand})
		if errors.Is(err, ErrPeriod) {
			err = ErrPeriod.At("until")
		}
	}
	if err != nil {
		form, status, ok := ask.Refused(c, err)
		if !ok {
			return err
		}
		return s.drawInvite(c, status, form)
	}
	return s.invited(c, row, byHand)
}

// invited says that a mail went, or shows the link.
func (s *Service) invited(c *plugins.Call, row *ent.Invitation, byHand bool) error {
	list := c.Organization.Path("/invitations")
	if !byHand {
		c.Flash("good", words.F("An invitation went to %s.", row.Email))
		return c.SeeOther(list)
	}
	return c.Page(http.StatusOK, ask.Handover{Title: words.F("Invitation for %s", row.Email), ExpiresAt: row.ExpiresAt,
		Items: []ask.Item{{Name: "Link to the invitation", Value: s.Link(row.ID), Secret: true, QR: true,
			Text: "It works once, for the account with this address."}},
		Again: "While the invitation is open, its menu shows the link again.",
		Back:  web.Button{Label: "Back to the invitations", Href: list},
		Trail: trailOf(c, "Invitations", "/invitations")})
}

// trailOf leads to a list of the organization of a request.
func trailOf(c *plugins.Call, label words.Text, page string) []web.Crumb {
	return []web.Crumb{{Label: words.Raw(c.Organization.Name), Href: c.Organization.Path("")}, {Label: label, Href: c.Organization.Path(page)}}
}

func (s *Service) doResend(c *plugins.Call) error {
	byHand := c.Form("by") == "hand" || !s.mailReady(c.Context())
	row, err := s.Resend(c.Context(), c.Organization.ID, c.Param("id"), !byHand)
	if err != nil {
		return err
	}
	return s.invited(c, row, byHand)
}

// cancelAct asks before an invitation is cancelled.
func (s *Service) cancelAct() ask.Act[*ent.Invitation] {
	return ask.Act[*ent.Invitation]{
		Path: inside + "/invitations/:id/cancel", Summary: "Cancel an invitation", Access: plugins.Within(ScopeCancelInvite),
		Load: func(c *plugins.Call) (*ent.Invitation, error) {
			row, err := s.host.DB.Access(c.Context()).Organization(c.Organization.ID).Invitation().Get(c.Context(), c.Param("id"))
			if ent.IsNotFound(err) {
				return nil, errNoPage
			}
			if err != nil {
				return nil, err
			}
			a, err := s.actor(c.Context(), c.Organization.ID)
			if err == nil && s.creates(auth.ValueOf(row.Role)) && !s.owns(a) { // seen by owners only
				err = errNoPage
			}
			return row, err
		},
		Question: func(_ *plugins.Call, row *ent.Invitation) web.Confirm {
			return web.Confirm{Title: words.F("Cancel the invitation of %s?", row.Email), Text: "Its link stops working at once. You can invite them again.", Verb: "Cancel invitation", Keep: "Keep the invitation", Danger: true}
		},
		Trail: func(c *plugins.Call, _ *ent.Invitation) []web.Crumb { return trailOf(c, "Invitations", "/invitations") },
		Do: func(c *plugins.Call, row *ent.Invitation) error {
			if _, err := s.Cancel(c.Context(), row.ID); err != nil {
				return err
			}
			c.Flash("good", words.F("The invitation of %s is cancelled.", row.Email))
			return c.SeeOther(c.Organization.Path("/invitations"))
		},
	}
}
