package pages

import (
	"gatehouse/auth/words"
	"net/http"

	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/mailed"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// resendPath takes the wish for a new verification link.
const resendPath = page.VerifyEmailPath + "/resend"

// States of the page that its address asks for.
const (
	stateDone    = "done"    // a link was followed
	stateChange  = "change"  // a link went to a new address
	stateAgreed  = "agreed"  // the same, to somebody who may not be the one who asked
	stateUnknown = "unknown" // a link that did not work
)

// verified is where the link of a verification mail ends: at the page that says so,
// which leads on to the address that was wanted.
func verified(to string) string { return with(page.VerifyEmailPath+"?state="+stateDone, to) }

// showVerify draws the proof of an address in the state that its address tells. It
// never uses a token (SEC-095).
func (p *Part) showVerify(c *plugins.Call) error {
	q := c.Request.URL.Query()
	switch {
	case q.Has("error") || q.Get("state") == stateUnknown:
		return p.drawFailed(c, http.StatusBadRequest, web.Form{}, p.wanted(c, "returnTo"))
	case q.Get("token") != "":
		return p.askToVerify(c, q.Get("token"))
	case q.Get("state") == stateAgreed:
		return c.Page(http.StatusOK, page.VerifyEmail{State: page.VerifyAgreed, Next: orHome(p.wanted(c, "returnTo"))})
	case q.Get("state") == stateDone:
		return c.Page(http.StatusOK, page.VerifyEmail{State: page.VerifyDone, Next: orHome(p.wanted(c, "returnTo"))})
	}
	return p.drawSent(c, q.Get("state") == stateChange)
}

// drawSent says where the mail went. Without an address to name there is nothing to say.
func (p *Part) drawSent(c *plugins.Call, change bool) error {
	address := mailed.To(c)
	if address == "" {
		return p.home(c)
	}
	drawn := page.VerifyEmail{State: page.VerifySent, Email: address, ReturnTo: p.wanted(c, "returnTo")}
	if !change {
		drawn.ResendURL = resendPath
	}
	return c.Page(http.StatusOK, drawn)
}

func (p *Part) drawFailed(c *plugins.Call, status int, form web.Form, to string) error {
	drawn := page.VerifyEmail{State: page.VerifyFailed, Form: form, ReturnTo: to}
	if p.core().MailPossible(c.Context()) {
		drawn.ResendURL = resendPath
	}
	return c.Page(status, drawn)
}

// askToVerify draws the button that acts. The link's callbackURL becomes the address to
// return to.
func (p *Part) askToVerify(c *plugins.Call, token string) error {
	to := p.wanted(c, "callbackURL")
	v, err := p.core().PeekVerification(c.Context(), token)
	if err != nil {
		if _, _, err := refusal.Form(c, err, nil); err != nil {
			return err
		}
		return p.drawFailed(c, http.StatusBadRequest, web.Form{}, to)
	}
	if v.Verified {
		return leaveVerified(c, to)
	}
	return c.Page(http.StatusOK, p.question(v, token, to))
}

func (p *Part) question(v core.Verification, token, to string) page.VerifyEmail {
	drawn := page.VerifyEmail{State: page.VerifyAsk, Token: token, Email: v.Email, ReturnTo: to}
	switch {
	case v.Kind == core.KindApprove:
		drawn.Text, drawn.Verb = words.F("Your account asks to change its address to %s.", v.NewEmail), "Yes, change it"
	case v.Kind == core.KindChange:
		drawn.Email = v.NewEmail
		drawn.Text, drawn.Verb = "Press the button to use this address from now on.", "Use this address"
	case !p.core().WouldSignIn(v):
		drawn.Text, drawn.Verb = "Press the button to confirm your address.", "Verify my address"
	}
	return drawn
}

// verify uses the token.
func (p *Part) verify(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	ctx, token := c.Context(), c.Form("token")
	v, err := p.core().PeekVerification(ctx, token)
	if err != nil {
		return p.notVerified(c, err, to)
	}
	done, err := p.core().VerifyEmail(ctx, core.VerifyEmail{Token: token, CallbackURL: orHome(to), Current: c.Current})
	if err != nil {
		return p.notVerified(c, err, to)
	}
	if done.Reissue != nil {
		if err := c.Desk.Reissue(c, done.Reissue); err != nil {
			return err
		}
	}
	switch {
	case done.Outcome.Issued != nil || done.Outcome.Next != nil:
		return p.enter(c, done.Outcome, to)
	case done.Kind == core.KindApprove:
		mailed.Keep(c, v.NewEmail)
		return c.SeeOther(page.VerifyEmailPath + "?state=" + stateChange)
	}
	return leaveVerified(c, to)
}

// leaveVerified goes on after a proof. Without a place to go, the page says it is done.
func leaveVerified(c *plugins.Call, to string) error {
	if to == "" {
		return c.SeeOther(verified(""))
	}
	return c.Leave(to)
}

func (p *Part) notVerified(c *plugins.Call, err error, to string) error {
	form, status, err := refusal.Form(c, err, nil)
	if err != nil {
		return err
	}
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		form, status = web.Form{}, http.StatusBadRequest
	}
	return p.drawFailed(c, status, form, to)
}

// resend mails a new link. For somebody who has not signed in it answers the same for
// every address (SEC-014).
func (p *Part) resend(c *plugins.Call) error {
	to, err := p.asked(c)
	if err != nil {
		return err
	}
	address, wrong := invalid(c, "email")
	if wrong != nil {
		return p.drawFailed(c, http.StatusUnprocessableEntity, *wrong, to)
	}
	if err := p.core().SendVerification(c.Context(), address, verified(to), c.Current); err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawFailed(c, status, form, to)
	}
	mailed.Keep(c, address)
	return c.SeeOther(with(page.VerifyEmailPath, to))
}
