package account

import (
	"gatehouse/auth/words"
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// errNoDeletion answers where people may not delete their account.
var errNoDeletion = auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")

// showDelete asks before the account is deleted: by a form, or, behind the link of a
// mail, by a button. Opening it uses no token up (SEC-095).
func (p *Part) showDelete(c *plugins.Call) error {
	q := c.Request.URL.Query()
	switch {
	case !p.core().DeleteOpen():
		return errNoDeletion
	case q.Get("token") != "":
		return p.askToDelete(c, q.Get("token"))
	case q.Has("sent"):
		return c.Page(http.StatusOK, page.DeleteAccount{Email: c.Current.User.Email, Sent: true})
	}
	return p.drawDelete(c, http.StatusOK, web.Form{})
}

func (p *Part) drawDelete(c *plugins.Call, status int, form web.Form) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	if credential == nil && !p.h.Sessions.Proved(c.Principal().Session) {
		return auth.ErrStepUpRequired
	}
	return c.Page(status, page.DeleteAccount{Form: form, Email: c.Current.User.Email, AskPassword: credential != nil,
		Loses: []words.Text{"Your profile and your ways to sign in", "Your sessions on all devices"}})
}

// askToDelete draws the button behind the link of the mail.
func (p *Part) askToDelete(c *plugins.Call, token string) error {
	found, err := p.h.Verifications.Find(c.Context(), auth.PurposeDeleteAccount, token)
	if err != nil {
		return err
	}
	if found == nil || found.Subject != c.Current.User.ID {
		return c.Page(http.StatusBadRequest, page.ConfirmDeletion{Dead: true})
	}
	drawn := page.ConfirmDeletion{Token: token, Email: c.Current.User.Email}
	if to := c.Form("callbackURL"); p.h.Targets.Allowed(to) {
		drawn.ReturnTo = to
	}
	return c.Page(http.StatusOK, drawn)
}

// remove deletes the account, or mails the link that does.
func (p *Part) remove(c *plugins.Call) error {
	token, to := c.Form("token"), c.Form("returnTo")
	if to != "" && !p.h.Targets.Allowed(to) {
		return auth.ErrForbidden
	}
	if token == "" && !strings.EqualFold(c.Form("confirm"), c.Current.User.Email) {
		return p.drawDelete(c, http.StatusUnprocessableEntity, refusal.Wrong(c, "confirm", "Type your email address as it stands here."))
	}
	gone, err := p.delete(c, token)
	if err != nil {
		return p.notDeleted(c, token, err)
	}
	if !gone {
		return c.SeeOther(page.DeleteAccountPath + "?sent")
	}
	if to == "" || to == web.HomePath {
		return leaveSignedOut(c, "Your account is deleted.")
	}
	clearBrowser(c)
	return c.Leave(to)
}

// delete asks for the password wherever there is one: that a session is young is not
// enough for what cannot be undone. The others prove in another way who they are.
func (p *Part) delete(c *plugins.Call, token string) (bool, error) {
	in := core.DeleteUser{Current: c.Current, Token: token}
	credential, err := p.password(c)
	if err != nil {
		return false, err
	}
	switch {
	case token != "":
	case credential == nil:
		if in.Proved = p.h.Sessions.Proved(c.Principal().Session); !in.Proved {
			return false, auth.ErrStepUpRequired
		}
	default:
		if in.Password = c.FormRaw("password"); in.Password == "" {
			return false, auth.ErrInvalidPassword
		}
	}
	return p.core().DeleteUser(c.Context(), in)
}

func (p *Part) notDeleted(c *plugins.Call, token string, err error) error {
	e := auth.AsError(err)
	switch {
	case token != "" && e.Code == auth.ErrInvalidToken.Code:
		return c.Page(http.StatusBadRequest, page.ConfirmDeletion{Dead: true})
	case e.Code == auth.ErrStepUpRequired.Code:
		return err
	}
	form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrInvalidPassword.Code, "password"))
	if err != nil {
		return err
	}
	return p.drawDelete(c, status, form)
}
