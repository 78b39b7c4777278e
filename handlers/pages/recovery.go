package pages

import (
	"gatehouse/auth/words"
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showForgot asks for the address of a forgotten password, or says that a mail is on
// its way.
func (p *Part) showForgot(c *plugins.Call) error {
	if !p.core().MailPossible(c.Context()) {
		return c.Page(http.StatusNotFound, page.Failure{Title: "No mail here", Icon: "mail-x",
			Text:   "This server cannot send a link to choose a new password.",
			Advice: []words.Text{"Ask an administrator for a link."},
			Action: &web.Button{Label: "Back to sign in", Href: page.SignInPath}})
	}
	if sent := mailed.To(c); sent != "" && c.Request.URL.Query().Has("sent") {
		return c.Page(http.StatusOK, page.ForgotPassword{Sent: sent, Hint: p.outboxHint(c)})
	}
	return c.Page(http.StatusOK, page.ForgotPassword{})
}

// outboxHint says where mails are while no transport is set up (decisions 31).
func (p *Part) outboxHint(c *plugins.Call) templ.Component {
	if p.h.Messages.Ready(c.Context(), "mail") == nil {
		return nil
	}
	return web.Alert{Tone: web.Info, Text: "No mail server is set up: the mail waits in the outbox of the console."}
}

// forgot mails a link. It answers the same for every address (SEC-014).
func (p *Part) forgot(c *plugins.Call) error {
	address, wrong := invalid(c, "email")
	if wrong != nil {
		return c.Page(http.StatusUnprocessableEntity, page.ForgotPassword{Form: *wrong})
	}
	if err := p.core().RequestReset(c.Context(), address, page.ResetPasswordPath); err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return c.Page(status, page.ForgotPassword{Form: form})
	}
	mailed.Keep(c, address)
	return c.SeeOther(page.ForgotPasswordPath + "?sent")
}

// showReset asks for the new password. Opening it leaves the token usable (SEC-095).
func (p *Part) showReset(c *plugins.Call) error {
	token := c.Form("token")
	open, err := p.core().ResetOpen(c.Context(), token)
	if err != nil {
		return err
	}
	if token == "" || !open {
		return p.deadReset(c)
	}
	return p.drawReset(c, http.StatusOK, web.Form{}, token)
}

func (p *Part) deadReset(c *plugins.Call) error {
	return c.Page(http.StatusBadRequest, page.ResetPassword{Dead: true})
}

func (p *Part) drawReset(c *plugins.Call, status int, form web.Form, token string) error {
	return c.Page(status, page.ResetPassword{Form: form, Token: token, MinPassword: p.shortest(), ReturnTo: p.wanted(c, "returnTo"),
		EndsOthers: p.h.Core.Settings.Password.Get().RevokeSessionsOnReset})
}

// reset stores the new password; signing in with it is the next step.
func (p *Part) reset(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	token := c.Form("token")
	err = p.core().Reset(c.Context(), token, c.FormRaw("newPassword"))
	if is(err, auth.ErrInvalidToken, auth.ErrUserNotFound) {
		return p.deadReset(c)
	}
	if err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("newPassword"))
		if err != nil {
			return err
		}
		return p.drawReset(c, status, form, token)
	}
	mailed.Forget(c)
	c.Flash("good", "Your password is changed. Sign in with the new one.")
	return c.SeeOther(with(page.SignInPath, to))
}
