package core

import (
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/text"
	"gatehouse/ent"
	"gatehouse/plugins"
)

type changeEmailBody struct {
	NewEmail    string  `json:"newEmail" schema:"email"`
	CallbackURL *string `json:"callbackURL"`
}

type addressBody struct {
	Email       string  `json:"email" schema:"email"`
	CallbackURL *string `json:"callbackURL"`
}

func (w wire) emailEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/change-email", Name: "changeEmail", Summary: "Ask for another address",
			Access: managingFresh, Body: schema.Of[changeEmailBody](), Handle: w.changeEmail,
			Errors: []*auth.Error{auth.ErrChangeEmailDisabled, auth.ErrSessionNotFresh}},
		{Method: http.MethodPost, Path: "/send-verification-email", Name: "sendVerificationEmail", Summary: "Mail a link that verifies an address",
			Access: plugins.Access{Who: plugins.Inside}, Origin: plugins.OriginForm, Body: schema.Of[addressBody](), Handle: w.sendVerification,
			Errors: []*auth.Error{auth.ErrVerificationNotEnabled, auth.ErrEmailMismatch, auth.ErrEmailAlreadyVerified}},
		{Method: http.MethodGet, Path: "/verify-email", Name: "verifyEmail", Summary: "Follow a mailed link", Page: true,
			Query: schema.Of[linkQuery](), Handle: w.verifyEmail,
			Errors: []*auth.Error{errVerifyToken, auth.ErrTokenExpired, errVerifyNone, errVerifyOther, errInvalidCallback}},
	}
}

func (w wire) changeEmail(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[changeEmailBody](c)
	done, err := w.svc.ChangeEmail(c.Context(), ChangeEmail{c.Current, in.NewEmail, or(in.CallbackURL, "")})
	if err != nil {
		return nil, err
	}
	if done.SentTo != "" {
		return status{true}, nil
	}
	// A taken address gets the same cookies as a free one.
	current := c.Current
	if done.User != nil {
		current = withUser(current, done.User)
	}
	return did(c.Desk.Reissue(c, current))
}

func (w wire) sendVerification(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[addressBody](c)
	return did(w.svc.SendVerification(c.Context(), in.Email, or(in.CallbackURL, ""), c.Current))
}

// verified is the answer of verify-email; after the approval of a change there is no
// user member.
type verified struct {
	Status bool           `json:"status"`
	User   ent.WireObject `json:"user"`
}

func (w wire) verifyEmail(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[linkQuery](c)
	if err := w.judgeLink(c, in.CallbackURL); err != nil {
		return nil, err
	}
	result, err := w.followVerification(c, in)
	target := or(in.CallbackURL, "")
	if target == "" {
		return result, err
	}
	if err != nil {
		e := auth.AsError(err)
		if e.Status >= http.StatusInternalServerError || e.Code == "" {
			return nil, err
		}
		return plugins.Redirect{URL: text.AddQuery(target, w.h.Link("/api/auth"), text.Pair{Key: "error", Value: e.Code})}, nil
	}
	if asked, ok := result.(plugins.Redirect); ok {
		return asked, nil
	}
	if result == (status{true}) {
		target = agreed(target)
	}
	return plugins.Redirect{URL: target}, nil
}

// agreed is where the link to the present address of a change ends, which is only the
// first step: our own page says so.
func agreed(target string) string {
	if path, query, _ := strings.Cut(target, "?"); path == "/verify-email" {
		return path + "?" + strings.Replace(query, "state=done", "state=agreed", 1)
	}
	return target
}

// followVerification uses the token, or leads to the page that asks first.
func (w wire) followVerification(c *plugins.Call, in linkQuery) (any, error) {
	v, err := w.svc.PeekVerification(c.Context(), in.Token)
	if err != nil {
		return nil, err
	}
	signsIn := w.svc.WouldSignIn(v)
	if (signsIn || v.Kind != KindVerify) && w.svc.confirmLinks() {
		return plugins.Redirect{URL: askPage("/verify-email", in)}, nil
	}
	var current *auth.Current
	if signsIn || v.Kind != KindVerify {
		// The approval only asks who is signed in; the others write the session's cookies.
		if current, err = c.Desk.Resolve(c, v.Kind != KindApprove); err != nil {
			return nil, err
		}
	}
	done, err := w.svc.VerifyEmail(c.Context(), VerifyEmail{in.Token, or(in.CallbackURL, ""), current})
	if err != nil {
		return nil, err
	}
	return w.verifiedAnswer(c, done)
}

func (w wire) verifiedAnswer(c *plugins.Call, done Verified) (any, error) {
	if done.Reissue != nil {
		if err := c.Desk.Reissue(c, done.Reissue); err != nil {
			return nil, err
		}
	}
	if _, err := Finish(c, done.Outcome); err != nil {
		return nil, err
	}
	switch {
	case done.Outcome.Next != nil && done.Outcome.Next.Page != "":
		return plugins.Redirect{URL: done.Outcome.Next.Page}, nil
	case done.Kind == KindApprove:
		return status{true}, nil
	case done.User != nil:
		return verified{true, w.h.WireUser(done.User)}, nil
	}
	return verified{true, nil}, nil
}
