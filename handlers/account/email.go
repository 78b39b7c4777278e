package account

import (
	"gatehouse/auth/words"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Where links of mails end: the page that says so.
const linkDone = page.VerifyEmailPath + "?state=done&returnTo=" + page.AccountPath

// showEmail draws the step that a change of address waits for, and the form for another.
func (p *Part) showEmail(c *plugins.Call) error { return p.drawEmail(c, http.StatusOK, web.Form{}) }

func (p *Part) drawEmail(c *plugins.Call, status int, form web.Form) error {
	u := c.Current.User
	waiting, err := p.core().PendingEmail(c.Context(), u)
	if err != nil {
		return err
	}
	drawn := page.ChangeEmail{Form: form, Email: u.Email, Verified: u.EmailVerified}
	if waiting != nil {
		drawn.Pending = &page.PendingEmail{NewEmail: waiting.NewEmail, AtOld: waiting.AtOld, Both: p.asksOld(u), Expires: waiting.ExpiresAt}
	}
	switch cfg := p.h.Core.Settings.User.Get(); {
	case !cfg.ChangeEmail:
		drawn.Closed = refusal.Words(auth.ErrChangeEmailDisabled)
	case !p.atOnce(u) && !p.core().MailPossible(c.Context()):
		drawn.Closed = refusal.Words(auth.ErrVerificationNotEnabled)
	default:
		drawn.Text = p.emailText(u)
	}
	return c.Page(status, drawn)
}

// atOnce reports whether an address changes without a proof.
func (p *Part) atOnce(u *ent.User) bool {
	return !u.EmailVerified && p.h.Core.Settings.User.Get().UpdateEmailWithoutVerification
}

// asksOld reports whether the old address has to agree to a change.
func (p *Part) asksOld(u *ent.User) bool {
	return u.EmailVerified && p.h.Core.Settings.User.Get().ChangeEmailConfirmation
}

// emailText says what happens next, as the settings have it.
func (p *Part) emailText(u *ent.User) words.Text {
	switch {
	case p.atOnce(u):
		return "Your address changes at once."
	case p.asksOld(u):
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
	if change.SentTo == "" {
		return p.changedAtOnce(c, change)
	}
	return c.SeeOther(page.EmailPath)
}

// resendEmail mails the link of the waiting step once more.
func (p *Part) resendEmail(c *plugins.Call) error {
	waiting, err := p.core().ResendEmailChange(c.Context(), c.Current, linkDone)
	if err != nil {
		e, ok := told(err)
		if !ok {
			return err
		}
		c.Flash("bad", refusal.Words(e))
		return c.SeeOther(page.EmailPath)
	}
	to := waiting.NewEmail
	if waiting.AtOld {
		to = c.Current.User.Email
	}
	c.Flash("good", words.F("A link went to %s.", to))
	return c.SeeOther(page.EmailPath)
}

// cancelEmail gives a waiting change up.
func (p *Part) cancelEmail(c *plugins.Call) error {
	if err := p.core().CancelEmailChange(c.Context(), c.Current); err != nil {
		return err
	}
	c.Flash("good", "Your address stays as it is.")
	return c.SeeOther(page.EmailPath)
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
