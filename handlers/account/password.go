package account

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

func (p *Part) showPassword(c *plugins.Call) error {
	return p.drawPassword(c, http.StatusOK, web.Form{})
}

// drawPassword draws the form. A first password is as good as a new factor: it needs a
// recent proof of identity.
func (p *Part) drawPassword(c *plugins.Call, status int, form web.Form) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	if credential == nil && !p.recent(c.Current.Session) {
		return auth.ErrStepUpRequired
	}
	return c.Page(status, page.ChangePassword{Form: form, Email: c.Current.User.Email, HasPassword: credential != nil,
		MinPassword: p.shortest(), Revoke: true})
}

func (p *Part) changePassword(c *plugins.Call) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	if credential == nil && !p.recent(c.Current.Session) {
		return auth.ErrStepUpRequired
	}
	if err := p.storePassword(c, credential != nil); err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("newPassword").With(auth.ErrInvalidPassword.Code, "currentPassword"))
		if err != nil {
			return err
		}
		return p.drawPassword(c, status, form)
	}
	c.Flash("good", "Your password is saved.")
	return c.SeeOther(page.AccountPath)
}

func (p *Part) storePassword(c *plugins.Call, replaces bool) error {
	ctx, revoke := c.Context(), c.Form("revokeOtherSessions") == "on"
	if replaces {
		done, err := p.core().ChangePassword(ctx, core.ChangePassword{Current: c.Current,
			CurrentPassword: c.FormRaw("currentPassword"), NewPassword: c.FormRaw("newPassword"), Revoke: revoke})
		if err != nil || done.Issued == nil {
			return err
		}
		return c.Desk.Issue(c, done.Issued)
	}
	if err := p.core().SetPassword(ctx, c.Current, c.FormRaw("newPassword")); err != nil || !revoke {
		return err
	}
	return p.core().EndOtherSessions(ctx, c.Current)
}
