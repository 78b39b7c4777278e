package core

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/origin"
	"gatehouse/auth/schema"
	"gatehouse/auth/text"
	"gatehouse/plugins"
)

type changePasswordBody struct {
	NewPassword         string `json:"newPassword"`
	CurrentPassword     string `json:"currentPassword"`
	RevokeOtherSessions *bool  `json:"revokeOtherSessions"`
}

type passwordBody struct {
	Password string `json:"password"`
}

type requestResetBody struct {
	Email      string  `json:"email" schema:"email"`
	RedirectTo *string `json:"redirectTo"`
}

type resetBody struct {
	NewPassword string  `json:"newPassword"`
	Token       *string `json:"token"`
}

type tokenQuery struct {
	Token *string `json:"token"`
}

type callbackQuery struct {
	CallbackURL string `json:"callbackURL"`
}

func (w wire) passwordEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/change-password", Name: "changePassword", Summary: "Replace the password",
			Access: managing, Body: schema.Of[changePasswordBody](), Handle: w.changePassword,
			Errors: []*auth.Error{auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, auth.ErrPasswordCompromised, auth.ErrCredentialAccountNotFound, auth.ErrInvalidPassword}},
		{Method: http.MethodPost, Path: "/verify-password", Name: "verifyPassword", Summary: "Check the password of the signed-in person",
			Access: signedInFromStore, Body: schema.Of[passwordBody](), Handle: w.verifyPassword,
			Errors: []*auth.Error{auth.ErrPasswordTooLong, auth.ErrInvalidPassword}},
		{Method: http.MethodPost, Path: "/request-password-reset", Name: "requestPasswordReset", Summary: "Mail a link to a new password",
			Origin: plugins.OriginForm, Body: schema.Of[requestResetBody](), Handle: w.requestReset, Errors: []*auth.Error{auth.ErrResetPasswordDisabled}},
		{Method: http.MethodGet, Path: "/reset-password/:token", Name: "resetPasswordCallback", Summary: "Follow a link to a new password", Page: true,
			Query: schema.Of[callbackQuery](), Handle: w.resetCallback, Errors: []*auth.Error{errInvalidCallback}},
		{Method: http.MethodPost, Path: "/reset-password", Name: "resetPassword", Summary: "Set a new password with a mailed token",
			Body: schema.Of[resetBody](), Query: schema.Of[tokenQuery](), Handle: w.reset,
			Errors: []*auth.Error{auth.ErrInvalidToken, auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, auth.ErrPasswordCompromised, auth.ErrUserNotFound}},
	}
}

func (w wire) changePassword(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[changePasswordBody](c)
	done, err := w.svc.ChangePassword(c.Context(), ChangePassword{Current: c.Current, CurrentPassword: in.CurrentPassword,
		NewPassword: in.NewPassword, Revoke: or(in.RevokeOtherSessions, false)})
	if err != nil {
		return nil, err
	}
	if done.Issued != nil {
		if err := c.Desk.Issue(c, done.Issued); err != nil {
			return nil, err
		}
	}
	return tokenAndUser{tokenOf(done.Issued), w.h.WireUser(done.User)}, nil
}

func (w wire) verifyPassword(c *plugins.Call) (any, error) {
	if err := mayManage(c); err != nil {
		return nil, err
	}
	return did(w.svc.VerifyPassword(c.Context(), c.Current, plugins.BodyOf[passwordBody](c).Password))
}

// resetRequested is the one answer of request-password-reset.
type resetRequested struct {
	Status  bool   `json:"status"`
	Message string `json:"message"`
}

func (w wire) requestReset(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[requestResetBody](c)
	if err := w.svc.RequestReset(c.Context(), in.Email, or(in.RedirectTo, "")); err != nil {
		return nil, err
	}
	return resetRequested{true, "If this email exists in our system, check your email for the reset link"}, nil
}

func (w wire) resetCallback(c *plugins.Call) (any, error) {
	target, token := plugins.QueryOf[callbackQuery](c).CallbackURL, c.Param("token")
	if target != "" && !w.h.Targets.Allowed(target) {
		return nil, errInvalidCallback
	}
	base, bad := w.h.Link("/api/auth"), text.Pair{Key: "error", Value: "INVALID_TOKEN"}
	if target == "" {
		return plugins.Redirect{URL: text.AddQuery(base+"/error", "", bad)}, nil
	}
	good, err := w.svc.ResetOpen(c.Context(), token)
	if err != nil {
		return nil, err
	}
	pair := bad
	if good {
		pair = text.Pair{Key: "token", Value: token}
	}
	url, err := origin.ResetRedirect(target, base, pair)
	if err != nil {
		return nil, errInvalidCallback.Because(err)
	}
	return plugins.Redirect{URL: url}, nil
}

func (w wire) reset(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[resetBody](c)
	token := or(in.Token, "")
	if token == "" {
		token = or(plugins.QueryOf[tokenQuery](c).Token, "")
	}
	return did(w.svc.Reset(c.Context(), token, in.NewPassword))
}
