package account

import (
	"gatehouse/auth/words"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Where links of mails end: the page that says so.
const linkDone = page.VerifyEmailPath + "?state=done&returnTo=" + page.AccountPath

// showEmail draws the form for another address, or where a link went.
func (p *Part) showEmail(c *plugins.Call) error {
	if sent := mailed.To(c); sent != "" && c.Request.URL.Query().Has("sent") {
		drawn := page.ChangeEmail{Email: c.Current.User.Email, Sent: sent}
		if email.Equal(sent, drawn.Email) {
			drawn.Text = "Agree there, and a second link goes to the new address."
		}
		return c.Page(http.StatusOK, drawn)
	}
	return p.drawEmail(c, http.StatusOK, web.Form{})
}

func (p *Part) drawEmail(c *plugins.Call, status int, form web.Form) error {
	if !p.h.Core.Settings.User.Get().ChangeEmail {
		return c.Page(http.StatusOK, page.ChangeEmail{Email: c.Current.User.Email, Closed: refusal.Words(auth.ErrChangeEmailDisabled)})
	}
	return c.Page(status, page.ChangeEmail{Form: form, Email: c.Current.User.Email, Text: p.emailText(c)})
}

// emailText says what happens next, as the settings have it.
func (p *Part) emailText(c *plugins.Call) words.Text {
	cfg, verified := p.h.Core.Settings.User.Get(), c.Current.User.EmailVerified
	switch {
	case !verified && cfg.UpdateEmailWithoutVerification:
		return "Your address changes at once."
	case verified && cfg.ChangeEmailConfirmation:
		return "We send a link to your current address first, then one to the new."
	}
	return "We send a link to the new address. Yours changes when it is opened."
}

func (p *Part) changeEmail(c *plugins.Call) error {
	change, err := p.askForEmail(c)
	if err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawEmail(c, status, form)
	}
	switch change.SentTo {
	case "old":
		mailed.Keep(c, c.Current.User.Email)
		return c.SeeOther(page.EmailPath + "?sent")
	case "new":
		mailed.Keep(c, c.Form("newEmail"))
		return c.SeeOther(page.EmailPath + "?sent")
	}
	return p.changedAtOnce(c, change)
}

// changedAtOnce says the same for an address that turned out to be taken (SEC-016).
func (p *Part) changedAtOnce(c *plugins.Call, change core.EmailChange) error {
	if change.User != nil {
		next := *c.Current
		next.User, next.Cached = change.User, nil
		if err := c.Desk.Reissue(c, &next); err != nil {
			return err
		}
	}
	c.Flash("good", "Thank you. Look below for the address that is in use now.")
	return c.SeeOther(page.AccountPath)
}

func (p *Part) askForEmail(c *plugins.Call) (core.EmailChange, error) {
	address, err := email.Parse(c.Form("newEmail"))
	if err != nil {
		return core.EmailChange{}, auth.ErrInvalidEmail.At("newEmail")
	}
	return p.core().ChangeEmail(c.Context(), core.ChangeEmail{Current: c.Current, NewEmail: address, CallbackURL: linkDone})
}

// sendVerification mails a link that verifies the present address.
func (p *Part) sendVerification(c *plugins.Call) error {
	to := c.Current.User.Email
	if err := p.core().SendVerification(c.Context(), to, linkDone, c.Current); err != nil {
		e := auth.AsError(err)
		if e.Status >= http.StatusInternalServerError {
			return err
		}
		c.Flash("bad", refusal.Words(e))
		return c.SeeOther(page.AccountPath)
	}
	c.Flash("good", words.F("A link went to %s.", to))
	return c.SeeOther(page.AccountPath)
}
