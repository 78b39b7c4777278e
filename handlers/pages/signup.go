package pages

import (
	"errors"
	"gatehouse/handlers/pages/further"
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

// showSignUp draws the sign-up page, or says that only invited people may.
func (p *Part) showSignUp(c *plugins.Call) error {
	to := p.wanted(c, "returnTo")
	if c.Current != nil && c.Principal() != nil {
		return c.Leave(orHome(to))
	}
	if !p.core().SignUpOpen() {
		return p.closed(c, to)
	}
	return p.drawSignUp(c, http.StatusOK, web.Form{}, to)
}

func (p *Part) closed(c *plugins.Call, to string) error {
	return c.Page(http.StatusForbidden, page.SignUp{Closed: true, ReturnTo: to})
}

func (p *Part) drawSignUp(c *plugins.Call, status int, form web.Form, to string) error {
	methods, password := p.methods(c, plugins.ForSignUp)
	if !password && len(methods) == 0 {
		return p.closed(c, to)
	}
	return c.Page(status, page.SignUp{Form: form, Methods: methods, Password: password, MinPassword: p.shortest(), ReturnTo: to,
		Extra: further.Draw(further.Needed(p.h), form, "", nil)})
}

// signUp makes an account and goes where its session, or the lack of one, leads.
func (p *Part) signUp(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	if !p.core().SignUpOpen() || !p.core().PasswordOn() {
		return p.closed(c, to)
	}
	done, err := p.newAccount(c, to)
	if err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrUserAlreadyExists.Code, "email"))
		if err != nil {
			return err
		}
		return p.drawSignUp(c, status, form, to)
	}
	if done.Outcome.Issued != nil || done.Outcome.Next != nil {
		return p.enter(c, done.Outcome, to)
	}
	return p.afterSignUp(c, to)
}

func (p *Part) newAccount(c *plugins.Call, to string) (core.SignedUp, error) {
	address, err := email.Parse(c.Form("email"))
	if err != nil {
		return core.SignedUp{}, auth.ErrInvalidEmail.At("email")
	}
	name := c.Form("name")
	if name == "" {
		return core.SignedUp{}, auth.ErrValidation.Saying("A name is needed").At("name")
	}
	fields, err := further.Read(c, further.Needed(p.h), "")
	if err != nil {
		return core.SignedUp{}, err
	}
	return p.core().SignUp(c.Context(), core.SignUp{Name: name, Email: address, Password: c.FormRaw("password"),
		Fields: fields, CallbackURL: verified(to), Remember: true})
}

// afterSignUp ends a sign-up without a session. What it says follows from the settings
// alone, so it is the same for a taken address (SEC-015).
func (p *Part) afterSignUp(c *plugins.Call, to string) error {
	if p.core().VerificationSent(c.Context()) {
		mailed.Keep(c, c.Form("email"))
		return c.SeeOther(with(page.VerifyEmailPath, to))
	}
	c.Flash("good", "Your account is ready. Sign in with it.")
	return c.SeeOther(with(page.SignInPath, to))
}

// invalid reports the address of a form as wrong, if it is.
func invalid(c *plugins.Call, field string) (string, *web.Form) {
	address, err := email.Parse(c.Form(field))
	if err == nil {
		return address, nil
	}
	form := refusal.Wrong(c, field, refusal.Words(auth.ErrInvalidEmail))
	return "", &form
}

// is reports one of several errors.
func is(err error, list ...*auth.Error) bool {
	for _, e := range list {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
