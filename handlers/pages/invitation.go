package pages

import (
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showInvitation draws an invitation to the server for whoever opened it.
func (p *Part) showInvitation(c *plugins.Call) error {
	invitation, err := p.invitation(c)
	if err != nil {
		return err
	}
	return p.drawInvitation(c, invitation, http.StatusOK, web.Form{})
}

// invitation is the pending invitation of the address; nil when it is not good.
func (p *Part) invitation(c *plugins.Call) (*adminapi.Invitation, error) {
	administration, ok := p.administration()
	if !ok {
		return nil, errNotFound
	}
	return administration.Invitation(c.Context(), c.Param("id"))
}

// stateOf says who has opened an invitation.
func stateOf(c *plugins.Call, i *adminapi.Invitation) page.InvitationState {
	switch {
	case i == nil:
		return page.InvitationDead
	case c.Current != nil && email.Equal(c.Current.User.Email, i.Email):
		return page.InvitationSignedIn
	case c.Current != nil:
		return page.InvitationOther
	case i.Known:
		return page.InvitationSignIn
	}
	return page.InvitationNew
}

func (p *Part) drawInvitation(c *plugins.Call, i *adminapi.Invitation, status int, form web.Form) error {
	state := stateOf(c, i)
	if i == nil {
		return c.Page(http.StatusNotFound, page.AcceptInvitation{State: state})
	}
	if form.Values == nil {
		form.Values = url.Values{"name": {i.Name}}
	}
	methods, _ := p.methods(c, plugins.ForInvitation)
	return c.Page(status, page.AcceptInvitation{State: state, URL: page.InvitationPath + url.PathEscape(c.Param("id")), Form: form,
		Inviter: i.Inviter, Email: i.Email, Role: auth.RoleWords(i.Role), Expires: i.ExpiresAt, MinPassword: p.shortest(), Methods: methods})
}

// accept takes an invitation: a new person chooses name and password, somebody with an
// account confirms while signed in with the invited address.
func (p *Part) accept(c *plugins.Call) error {
	invitation, err := p.invitation(c)
	if err != nil {
		return err
	}
	administration, _ := p.administration()
	switch stateOf(c, invitation) {
	case page.InvitationSignedIn:
		if _, err := administration.Accept(c.Context(), c.Param("id"), "", ""); err != nil {
			return p.refuseInvitation(c, err)
		}
		c.Flash("good", "Welcome. The invitation is accepted.")
		return c.SeeOther(web.HomePath)
	case page.InvitationNew:
		return p.join(c, administration, invitation)
	}
	return p.drawInvitation(c, invitation, http.StatusForbidden, web.Form{})
}

func (p *Part) join(c *plugins.Call, a adminapi.Administration, i *adminapi.Invitation) error {
	name := c.Form("name")
	if name == "" {
		return p.refuseInvitation(c, auth.ErrValidation.Saying("A name is needed").At("name"))
	}
	if c.FormRaw("password") == "" {
		return p.refuseInvitation(c, auth.ErrPasswordTooShort)
	}
	if _, err := a.Accept(c.Context(), c.Param("id"), name, c.FormRaw("password")); err != nil {
		return p.refuseInvitation(c, err)
	}
	return p.firstSignIn(c, i.Email, web.HomePath)
}

// refuseInvitation draws the page again. When the invitation was taken meanwhile it
// says so.
func (p *Part) refuseInvitation(c *plugins.Call, err error) error {
	form, status, err := refusal.Form(c, err, refusal.Passwords("password"))
	if err != nil {
		return err
	}
	now, err := p.invitation(c)
	if err != nil {
		return err
	}
	if now == nil {
		form = web.Form{}
	}
	return p.drawInvitation(c, now, status, form)
}
