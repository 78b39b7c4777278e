// Package pages holds the pages of the sign-in area: signing in, up and out, proof of
// an address, forgotten passwords, the claim link and invitations. Every form works
// without scripts: a post either redirects, or draws the page again with what was
// typed. The decisions are made by the services of package core and of the plugins.
package pages

import (
	"context"
	"gatehouse/auth/words"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Part is the built-in part.
type Part struct{ h *plugins.Host }

// New returns the part.
func New() *Part { return &Part{} }

// Manifest implements plugins.Plugin.
func (*Part) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "pages", Name: "Sign-in pages", BuiltIn: true,
		Sentence: "Pages to sign in, sign up, verify an address and choose a new password.",
		Needs:    []plugins.Need{{Plugin: "admin", For: "the claim link and invitations to the server"}}}
}

// Contribute implements plugins.Plugin.
func (p *Part) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.h = h
	own := password
	own.Available = func(_ context.Context, purpose plugins.Purpose) bool {
		return p.core().PasswordOn() || purpose != plugins.ForSignIn && purpose != plugins.ForSignUp
	}
	return plugins.Contribution{
		Routes:        append(p.routes(), p.stepUpRoutes()...),
		SignInMethods: []plugins.SignInMethod{own},
		Moments:       plugins.Moments{Hooks: auth.Hooks{StepUpAsked: []auth.On[*auth.StepUpRequest]{{Class: auth.Observe, Do: p.offersPassword}}}},
		Offers:        []any{p},
		Limits:        limits(),
	}, nil
}

// password is signing in with email and password, as the other methods are declared.
// Its form is the page's own.
var password = plugins.SignInMethod{
	ID: core.MethodEmail, Name: "Email and password", Label: "Email and password", Icon: "key-round", Order: 100,
	Purposes: []plugins.Purpose{plugins.ForSignIn, plugins.ForSignUp, plugins.ForClaim, plugins.ForInvitation, plugins.ForStepUp},
	Start:    page.SignInPath,
	AMR:      []string{"pwd"}, Strength: 1,
}

func (p *Part) routes() []plugins.Route {
	open := plugins.Access{Who: plugins.Public}
	get := func(path string, summary words.Text, do func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodGet, Path: path, Summary: summary, Access: open, Handle: do}
	}
	post := func(path string, summary words.Text, do func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: path, Summary: summary, Access: open, Origin: plugins.OriginForm, Handle: do}
	}
	secret := func(r plugins.Route) plugins.Route { r.TokenInURL = true; return r }
	looks := func(r plugins.Route) plugins.Route { r.Access.Looks = true; return r }
	return []plugins.Route{
		get(web.HomePath, "Goes to the console, the account area or the sign-in page", p.home),
		get(page.SignInPath, "The sign-in page", p.showSignIn),
		post(page.SignInPath, "Signs in with email and password", p.signIn),
		get(page.SignUpPath, "The sign-up page", p.showSignUp),
		post(page.SignUpPath, "Makes an account", p.signUp),
		looks(post(web.SignOutPath, "Ends the session", p.signOut)),
		secret(get(page.VerifyEmailPath, "The proof of an address, in all its states", p.showVerify)),
		secret(post(page.VerifyEmailPath, "Proves an address", p.verify)),
		post(resendPath, "Mails a new link to prove an address", p.resend),
		get(page.ForgotPasswordPath, "Asks for the address of a forgotten password", p.showForgot),
		post(page.ForgotPasswordPath, "Mails a link to choose a new password", p.forgot),
		secret(get(page.ResetPasswordPath, "Asks for a new password", p.showReset)),
		secret(post(page.ResetPasswordPath, "Chooses a new password", p.reset)),
		secret(get(page.ClaimPath+":token", "Makes the first administrator", p.showClaim)),
		secret(post(page.ClaimPath+":token", "Makes the first administrator", p.claim)),
		secret(get(page.InvitationPath+":id", "An invitation to the server", p.showInvitation)),
		secret(post(page.InvitationPath+":id", "Accepts an invitation", p.accept)),
		secret(post(page.InvitationPath+":id/decline", "Declines an invitation", p.decline)),
		looks(secret(post(page.InvitationPath+":id/sign-out", "Ends the session of somebody else than the invited person", p.changeAccount))),
		get("/error", "Explains an error that ended on a redirect", p.failure),
		post(web.ThemePath, "Chooses light or dark", p.theme),
	}
}

// limits are the rules of posts that cost a mail or guess at a token. Sign-in and
// sign-up share the rules of the endpoints they stand for.
func limits() []plugins.Limit {
	mail := ratelimit.Rule{Window: time.Minute, Max: 3}
	guess := ratelimit.Rule{Window: time.Minute, Max: 10}
	return []plugins.Limit{
		{Path: page.ForgotPasswordPath, Rule: mail},
		{Path: resendPath, Rule: mail},
		{Path: page.StepUpPath, Rule: guess},
		{Path: page.ClaimPath + "*", Rule: guess},
		{Path: page.InvitationPath + "*", Rule: guess},
	}
}

func (p *Part) core() *core.Service { return plugins.MustOffer[*core.Service](p.h) }

// shortest is the least length of a password.
func (p *Part) shortest() int { return p.h.Core.Settings.Password.Get().Min }

// home leads to where the person of the request belongs.
func (p *Part) home(c *plugins.Call) error {
	who := c.Principal()
	switch {
	case c.Request.URL.Query().Has("error"):
		return p.failure(c)
	case who == nil:
		return c.SeeOther(page.SignInPath)
	case p.h.Server.Console(c.Context(), who):
		return c.SeeOther(page.ConsolePath)
	}
	return c.SeeOther(page.AccountPath)
}

// enter ends a sign-in: with the session's cookies and the address that was wanted, or
// at the step that has to come before.
func (p *Part) enter(c *plugins.Call, out auth.Outcome, to string) error {
	signedIn, err := core.Finish(c, out)
	switch {
	case err != nil:
		return err
	case out.Next != nil:
		return c.SeeOther(out.Next.Page)
	case !signedIn:
		return c.SeeOther(page.SignInPath)
	}
	return c.Leave(orHome(to))
}
