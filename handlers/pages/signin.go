package pages

import (
	"errors"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showSignIn draws the sign-in page. Who is signed in already goes on.
func (p *Part) showSignIn(c *plugins.Call) error {
	to := p.wanted(c, "returnTo")
	if c.Current != nil && c.Principal() != nil {
		return c.Leave(orHome(to))
	}
	return p.drawSignIn(c, http.StatusOK, web.Form{}, to, p.notice(c))
}

func (p *Part) drawSignIn(c *plugins.Call, status int, form web.Form, to string, notice *web.Alert) error {
	methods, password := p.methods(c, plugins.ForSignIn)
	look, cfg := p.h.Core.Settings.Appearance.Get(), p.h.Core.Settings.SignIn.Get()
	return c.Page(status, page.SignIn{Titles: look.SignInTitle, Texts: look.SignInText,
		Form: form, Methods: methods, Password: password, ReturnTo: to, Notice: notice,
		Forgot: cfg.ForgotLink && p.core().MailPossible(c.Context()), SignUp: cfg.SignUpLink && p.core().SignUpOpen(),
		Remember: cfg.Remember == settings.RememberChecked, Forget: cfg.Remember == settings.RememberNever,
	})
}

// notice says why the person is here: the message of the act before, or how to begin
// with a server that nobody owns yet.
func (p *Part) notice(c *plugins.Call) *web.Alert {
	if f, ok := c.TakeFlash(); ok {
		return &web.Alert{Tone: web.Tone(f.Tone), Text: f.Text, Live: true}
	}
	if p.unclaimed(c) {
		return &web.Alert{Tone: web.Info, Title: "Nobody owns this server yet", Text: "Open the claim link that it printed when it started, or make a new one with the command gatehouse claim-link."}
	}
	return nil
}

// unclaimed reports whether there is no administrator. It is asked in development mode
// only: elsewhere it is nobody's business.
func (p *Part) unclaimed(c *plugins.Call) bool {
	top := p.h.Core.Settings.Top.Get()
	administration, ok := p.administration()
	if !ok || !top.Development() {
		return false
	}
	has, err := administration.HasAdministrator(c.Context())
	return err == nil && !has
}

// signIn proves an identity with email and password.
func (p *Part) signIn(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	out, err := p.core().SignIn(c.Context(), core.SignIn{Email: c.Form("email"), Password: c.FormRaw("password"),
		Remember: c.Form("rememberMe") == "on", CallbackURL: orHome(to)})
	if errors.Is(err, auth.ErrEmailNotVerified) {
		return p.unverified(c, to)
	}
	if err != nil {
		form, status, err := refusal.Form(c, err, refusal.Places{auth.ErrPasswordTooLong.Code: "password"})
		if err != nil {
			return err
		}
		return p.drawSignIn(c, status, form, to, nil)
	}
	return p.enter(c, out, to)
}

// unverified tells somebody with the right password that the address has to be proved
// first.
func (p *Part) unverified(c *plugins.Call, to string) error {
	ctx := c.Context()
	if p.core().MailPossible(ctx) && p.h.Core.Settings.EmailVerification.Get().OnSignIn {
		mailed.Keep(c, c.Form("email"))
		return c.SeeOther(with(page.VerifyEmailPath, to))
	}
	notice := &web.Alert{Tone: web.Warn, Title: "Verify your email first", Text: "Open the link that was mailed to you.", Live: true}
	if p.core().MailPossible(ctx) {
		notice.Actions = web.PostButton{URL: resendPath, Hidden: map[string]string{"email": c.Form("email"), "returnTo": to},
			Button: web.Button{Label: "Send a new link", Small: true}}
	}
	return p.drawSignIn(c, http.StatusForbidden, web.Form{Values: refusal.Kept(c)}, to, notice)
}

// signOut ends the session and clears what the browser holds of it (SEC-212). Cookies
// are removed one by one: clearing all would reach the apps beside this server.
func (p *Part) signOut(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	if err := p.endSession(c); err != nil {
		return err
	}
	if to != "" {
		return c.Leave(to)
	}
	c.Flash("good", "You are signed out.")
	return c.SeeOther(page.SignInPath)
}

// endSession ends the session on the server, and leaves nothing of it in the browser.
func (p *Part) endSession(c *plugins.Call) error {
	if err := p.core().SignOut(c.Context(), c.Current); err != nil {
		return err
	}
	c.Desk.Clear(c)
	mailed.Forget(c)
	c.Header.Set("Clear-Site-Data", `"cache", "storage"`)
	return nil
}
