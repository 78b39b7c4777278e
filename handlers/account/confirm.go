package account

import (
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// askAgain leads to the page that asks for a new proof of identity and comes back.
func askAgain(c *plugins.Call, back string) error {
	return c.SeeOther(confirmPath + "?returnTo=" + url.QueryEscape(back))
}

// back is the page of this server to return to.
func (p *Part) back(c *plugins.Call) string {
	if to := c.Form("returnTo"); strings.HasPrefix(to, "/") && p.h.Targets.Allowed(to) {
		return to
	}
	return page.AccountPath
}

func (p *Part) showConfirm(c *plugins.Call) error {
	if p.recent(c.Current.Session) {
		return c.SeeOther(p.back(c))
	}
	return p.drawConfirm(c, http.StatusOK, web.Form{})
}

func (p *Part) drawConfirm(c *plugins.Call, status int, form web.Form) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	return c.Page(status, confirmation{Form: form, Email: c.Current.User.Email, ReturnTo: p.back(c), HasPassword: credential != nil})
}

// confirm takes the password as a new proof of identity.
func (p *Part) confirm(c *plugins.Call) error {
	if err := p.core().VerifyPassword(c.Context(), c.Current, c.FormRaw("password")); err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrInvalidPassword.Code, "password"))
		if err != nil {
			return err
		}
		return p.drawConfirm(c, status, form)
	}
	return c.SeeOther(p.back(c))
}
