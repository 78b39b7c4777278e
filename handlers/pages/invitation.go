package pages

import (
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showInvitation draws an invitation for whoever opened it.
func (p *Part) showInvitation(c *plugins.Call) error {
	invitation, _, err := p.invitation(c)
	if err != nil {
		return err
	}
	return p.drawInvitation(c, invitation, http.StatusOK, web.Form{})
}

// invitation is the pending invitation of the address with the plugin it belongs to; nil
// when it is not good.
func (p *Part) invitation(c *plugins.Call) (*plugins.Invitation, plugins.Invitations, error) {
	for _, o := range p.h.Registry.Offers {
		of, ok := o.(plugins.Invitations)
		if !ok {
			continue
		}
		if i, err := of.Invitation(c.Context(), c.Param("id")); err != nil || i != nil {
			return i, of, err
		}
	}
	return nil, nil, nil
}

// joinedBy is the organization that the signed-in person joined by the invitation of the
// address; nil where they did not.
func (p *Part) joinedBy(c *plugins.Call) (*plugins.Organization, error) {
	for _, o := range p.h.Registry.Offers {
		if of, ok := o.(plugins.UsedInvitations); ok {
			if joined, err := of.JoinedBy(c, c.Param("id")); err != nil || joined != nil {
				return joined, err
			}
		}
	}
	return nil, nil
}

// stateOf says who has opened an invitation.
func stateOf(c *plugins.Call, i *plugins.Invitation) page.InvitationState {
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

func (p *Part) drawInvitation(c *plugins.Call, i *plugins.Invitation, status int, form web.Form) error {
	state := stateOf(c, i)
	if i == nil {
		joined, err := p.joinedBy(c)
		if err != nil {
			return err
		}
		if joined != nil {
			return c.Page(http.StatusOK, page.AcceptInvitation{State: page.InvitationUsed, To: joined.Name, URL: joined.Path("")})
		}
		return c.Page(http.StatusNotFound, page.AcceptInvitation{State: state})
	}
	if form.Values == nil {
		form.Values = url.Values{"name": {i.Name}}
	}
	methods, _ := p.methods(c, plugins.ForInvitation)
	at := page.InvitationPath + url.PathEscape(c.Param("id"))
	decline := ""
	if i.Declinable {
		decline = at + "/decline"
	}
	return c.Page(status, page.AcceptInvitation{State: state, URL: at, DeclineURL: decline, Form: form,
		SignOutURL: at + "/sign-out", Inviter: i.Inviter, To: i.To, Email: i.Email, Role: i.Role, Expires: i.ExpiresAt, MinPassword: p.shortest(), Methods: methods})
}

// accept takes an invitation: a new person chooses name and password, somebody with an
// account confirms while signed in with the invited address.
func (p *Part) accept(c *plugins.Call) error {
	invitation, of, err := p.invitation(c)
	if err != nil {
		return err
	}
	switch stateOf(c, invitation) {
	case page.InvitationSignedIn:
		if err := of.AcceptInvitation(c, c.Param("id"), "", ""); err != nil {
			return p.refuseInvitation(c, err)
		}
		c.Flash("good", "Welcome. The invitation is accepted.")
		return c.SeeOther(web.HomePath)
	case page.InvitationNew:
		return p.join(c, of, invitation)
	}
	return p.drawInvitation(c, invitation, http.StatusForbidden, web.Form{})
}

// decline turns an invitation down; only who is signed in with the invited address may.
func (p *Part) decline(c *plugins.Call) error {
	invitation, of, err := p.invitation(c)
	if err != nil {
		return err
	}
	if stateOf(c, invitation) != page.InvitationSignedIn || !invitation.Declinable {
		return p.drawInvitation(c, invitation, http.StatusForbidden, web.Form{})
	}
	if err := of.DeclineInvitation(c, c.Param("id")); err != nil {
		return p.refuseInvitation(c, err)
	}
	c.Flash("good", "The invitation is declined.")
	return c.SeeOther(web.HomePath)
}

// changeAccount signs out who has opened an invitation of somebody else, and leads to the
// sign-in and back, or back at once where nobody has the invited address yet. It stands below
// the invitation, whose token makes up for the origin that browsers do not name there.
func (p *Part) changeAccount(c *plugins.Call) error {
	invitation, _, err := p.invitation(c)
	if err != nil {
		return err
	}
	at := page.InvitationPath + url.PathEscape(c.Param("id"))
	switch stateOf(c, invitation) {
	case page.InvitationDead:
		return p.drawInvitation(c, nil, http.StatusNotFound, web.Form{})
	case page.InvitationOther:
		if err := p.endSession(c); err != nil {
			return err
		}
	default:
		return c.SeeOther(at)
	}
	if invitation.Known {
		at = page.SignInPath + "?" + url.Values{"returnTo": {at}}.Encode()
	}
	return c.SeeOther(at)
}

func (p *Part) join(c *plugins.Call, of plugins.Invitations, i *plugins.Invitation) error {
	name := c.Form("name")
	if name == "" {
		return p.refuseInvitation(c, auth.ErrValidation.Saying("A name is needed").At("name"))
	}
	if c.FormRaw("password") == "" {
		return p.refuseInvitation(c, auth.ErrPasswordTooShort)
	}
	if err := of.AcceptInvitation(c, c.Param("id"), name, c.FormRaw("password")); err != nil {
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
	now, _, err := p.invitation(c)
	if err != nil {
		return err
	}
	if now == nil {
		form = web.Form{}
	}
	return p.drawInvitation(c, now, status, form)
}
