package pages

import (
	"errors"
	"gatehouse/auth/words"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/web"
	"gatehouse/web/page"
)

var errNotFound = auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")

// administration is what the admin plugin offers; false when it is off.
func (p *Part) administration() (adminapi.Administration, bool) {
	return plugins.Offer[adminapi.Administration](p.h)
}

// showClaim draws the page behind the claim link. Opening it leaves the token usable.
func (p *Part) showClaim(c *plugins.Call) error {
	administration, ok := p.administration()
	if !ok {
		return errNotFound
	}
	open, err := administration.ClaimOpen(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if !open {
		return c.Page(http.StatusNotFound, page.Claim{Dead: true})
	}
	return p.drawClaim(c, administration, http.StatusOK, web.Form{})
}

func (p *Part) drawClaim(c *plugins.Call, a adminapi.Administration, status int, form web.Form) error {
	later, err := a.HasAdministrator(c.Context())
	if err != nil {
		return err
	}
	methods, _ := p.methods(c, plugins.ForClaim)
	return c.Page(status, page.Claim{URL: page.ClaimPath + url.PathEscape(c.Param("token")), Form: form, MinPassword: p.shortest(), Later: later, Methods: methods})
}

// claim makes the first administrator and signs them in.
func (p *Part) claim(c *plugins.Call) error {
	administration, ok := p.administration()
	if !ok {
		return errNotFound
	}
	err := p.claimWith(c, administration)
	if err == nil {
		return p.firstSignIn(c, c.Form("email"), page.ConsolePath)
	}
	open, openErr := administration.ClaimOpen(c.Context(), c.Param("token"))
	if openErr != nil {
		return openErr
	}
	form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrUserAlreadyExists.Code, "email"))
	switch {
	case err != nil:
		return err
	case !open:
		return c.Page(http.StatusNotFound, page.Claim{Dead: true})
	}
	return p.drawClaim(c, administration, status, form)
}

func (p *Part) claimWith(c *plugins.Call, a adminapi.Administration) error {
	address, err := email.Parse(c.Form("email"))
	if err != nil {
		return auth.ErrInvalidEmail.At("email")
	}
	if c.Form("name") == "" {
		return auth.ErrValidation.Saying("A name is needed").At("name")
	}
	claim := adminapi.Claim{Token: c.Param("token"), Name: c.Form("name"), Email: address, Password: c.FormRaw("password")}
	if choice := c.Form("signUp"); choice != "" {
		open := choice == page.SignUpAnyone
		claim.OpenSignUp = &open
	}
	_, err = a.Claim(c.Context(), claim)
	return err
}

// firstSignIn signs somebody in who has just chosen a password, by the same door as
// always, so that the same rules hold.
func (p *Part) firstSignIn(c *plugins.Call, address, to string) error {
	out, err := p.core().SignIn(c.Context(), core.SignIn{Email: address, Password: c.FormRaw("password"), Remember: true, CallbackURL: to})
	if errors.Is(err, auth.ErrEmailNotVerified) && p.core().MailPossible(c.Context()) {
		if err := p.core().SendVerification(c.Context(), address, verified(to), nil); err != nil {
			return err
		}
		mailed.Keep(c, address)
		return c.SeeOther(with(page.VerifyEmailPath, to))
	}
	if err != nil {
		// The account is made; what hinders the sign-in is told where people sign in.
		e := auth.AsError(err)
		if e.Status >= http.StatusInternalServerError && e.Code != auth.ErrBusy.Code {
			return err
		}
		c.Flash("warn", words.F("Your account is ready. %s", refusal.Words(e)))
		return c.SeeOther(with(page.SignInPath, to))
	}
	return p.enter(c, out, to)
}
