package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// stepUpRoutes are the page that asks for a new proof of identity, and the proof by
// password.
func (p *Part) stepUpRoutes() []plugins.Route {
	own := plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	return []plugins.Route{
		{Method: http.MethodGet, Path: page.StepUpPath, Summary: "Asks for a new proof of identity", Access: own, Handle: p.showStepUp},
		{Method: http.MethodPost, Path: page.StepUpPath, Summary: "Proves the identity with the password and goes on", Access: own, Origin: plugins.OriginForm, Handle: p.stepUp},
	}
}

// offersPassword names the password as a way to prove an identity again, for those who
// have one.
func (p *Part) offersPassword(ctx context.Context, r *auth.StepUpRequest) error {
	row, err := p.h.Users.Credential(ctx, r.User.ID)
	if err == nil && row != nil && row.Password != nil {
		r.Methods = append(r.Methods, password.ID)
	}
	return err
}

// showStepUp asks on behalf of a page that waits.
func (p *Part) showStepUp(c *plugins.Call) error { return p.AskAgain(c, http.StatusOK, web.Form{}) }

// AskAgain implements plugins.Prover.
func (p *Part) AskAgain(c *plugins.Call, status int, form web.Form) error {
	asked := &auth.StepUpRequest{User: c.Current.User}
	if err := p.h.Moments.StepUpAsked.Run(c.Context(), asked); err != nil {
		return err
	}
	w := c.Waiting()
	w.ReturnTo = p.waitingPage(c)
	c.Await(w)
	view := stepUp{Form: form, Email: c.Current.User.Email, Waiting: w}
	for _, m := range p.available(c, plugins.ForStepUp) {
		if m.Strength < w.Strength || !slices.Contains(asked.Methods, m.ID) {
			continue
		}
		if m.ID == password.ID {
			view.Password = true
			continue
		}
		view.Others = append(view.Others, proof(c, m, w))
	}
	return c.Page(status, view)
}

// proof draws the first step of a method: its form, or a button.
func proof(c *plugins.Call, m plugins.SignInMethod, w plugins.Waiting) templ.Component {
	if m.Form != nil {
		return m.Form(c, plugins.ForStepUp)
	}
	return web.PostButton{URL: m.Start, Hidden: w.Fields(), Button: web.Button{Label: m.Label, Icon: web.Icon(m.Icon), Block: true}}
}

// waitingPage is the page of this server that waits, or that the waiting form was on.
func (p *Part) waitingPage(c *plugins.Call) string {
	if to := c.Waiting().ReturnTo; p.own(to) && !strings.HasPrefix(to, page.StepUpPath) {
		return to
	}
	return web.HomePath
}

// stepUp takes the password as the proof. Wrong ones count against the account, as failed
// sign-ins do (SEC-069).
func (p *Part) stepUp(c *plugins.Call) error {
	if err := p.core().VerifyPassword(c.Context(), c.Current, c.FormRaw("password")); err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrInvalidPassword.Code, "password"))
		if err != nil {
			return err
		}
		return p.AskAgain(c, status, form)
	}
	return c.Resume()
}
