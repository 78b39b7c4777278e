package account

import (
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

func (p *Part) showProfile(c *plugins.Call) error { return p.drawProfile(c, http.StatusOK, web.Form{}) }

// drawProfile draws the profile. The image address of the wire is never loaded by a
// page (decisions 35).
func (p *Part) drawProfile(c *plugins.Call, status int, form web.Form) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	u, cfg := c.Current.User, p.h.Core.Settings.User.Get()
	drawn := page.Account{
		Person:   web.Person{ID: u.ID, Name: u.Name, Email: u.Email},
		Verified: u.EmailVerified, Created: u.CreatedAt, Role: strings.Join(c.Principal().Roles, ", "),
		HasPassword: credential != nil, ChangeEmail: cfg.ChangeEmail, DeleteAllowed: cfg.Delete, Form: form,
	}
	if credential != nil {
		drawn.PasswordSet = credential.UpdatedAt
	}
	if !u.EmailVerified && p.core().MailPossible(c.Context()) {
		drawn.VerifyURL = verifyPath
	}
	return c.Page(status, drawn)
}

func (p *Part) changeProfile(c *plugins.Call) error {
	next, err := p.rename(c, c.Form("name"))
	if err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawProfile(c, status, form)
	}
	if err := c.Desk.Reissue(c, next); err != nil {
		return err
	}
	c.Flash("good", "Your profile is saved.")
	return c.SeeOther(page.AccountPath)
}

func (p *Part) rename(c *plugins.Call, name string) (*auth.Current, error) {
	if name == "" {
		return nil, auth.ErrValidation.Saying("A name is needed").At("name")
	}
	return p.core().UpdateUser(c.Context(), core.UpdateUser{Current: c.Current, Name: &name})
}
