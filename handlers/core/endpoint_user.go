package core

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

type deleteBody struct {
	CallbackURL *string `json:"callbackURL"`
	Password    *string `json:"password"`
	Token       *string `json:"token"`
}

type linkQuery struct {
	Token       string  `json:"token"`
	CallbackURL *string `json:"callbackURL"`
}

func (w wire) userEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/update-user", Name: "updateUser", Summary: "Change name, picture and additional fields",
			Access: signedInFromStore, Body: schema.Of[map[string]schema.Value](), Handle: w.updateUser,
			Errors: []*auth.Error{auth.ErrEmailCanNotBeUpdated, auth.ErrFieldNotAllowed}},
		{Method: http.MethodPost, Path: "/delete-user", Name: "deleteUser", Summary: "Delete the person's own account",
			Access: managing, Body: schema.Of[deleteBody](), Handle: w.deleteUser,
			Errors: []*auth.Error{auth.ErrPasswordTooLong, auth.ErrCredentialAccountNotFound, auth.ErrInvalidPassword, errDeleteToken, auth.ErrSessionExpired}},
		{Method: http.MethodGet, Path: "/delete-user/callback", Summary: "Delete the account with a mailed link", Page: true,
			Access: plugins.Access{Who: plugins.Inside, FromStore: true, ManagesCredentials: true}, Query: schema.Of[linkQuery](), Handle: w.deleteCallback,
			Errors: []*auth.Error{errDeleteToken, errNoUserInfo, errInvalidCallback}},
	}
}

// wrongType is the wire's text for a member of the wrong type.
func wrongType(field, want, got string) *auth.Error {
	return auth.ErrValidation.Saying("[body.%s] Invalid input: expected %s, received %s", field, want, got)
}

func (w wire) updateUser(c *plugins.Call) (any, error) {
	given := plugins.BodyOf[map[string]schema.Value](c)
	if counts(given["email"]) {
		return nil, auth.ErrEmailCanNotBeUpdated
	}
	in := UpdateUser{Current: c.Current, Fields: map[string]any{}}
	for name, v := range given {
		switch name {
		case "name", "image":
			if err := in.take(name, v); err != nil {
				return nil, err
			}
		case "email":
		default:
			in.Fields[name] = v.Any()
		}
	}
	current, err := w.svc.UpdateUser(c.Context(), in)
	if err != nil {
		return nil, err
	}
	return did(c.Desk.Reissue(c, current))
}

// take reads name or image, whose types the wire does not declare.
func (in *UpdateUser) take(field string, v schema.Value) error {
	text, isText := v.Any().(string)
	switch {
	case v.IsUndefined():
	case isText && field == "name":
		in.Name = &text
	case isText:
		in.SetImage, in.Image = true, &text
	case field == "image" && v.IsNull():
		in.SetImage = true
	default:
		return wrongType(field, "string", string(v.Kind()))
	}
	return nil
}

// counts is JavaScript's idea of a value that is there.
func counts(v schema.Value) bool {
	switch x := v.Any().(type) {
	case nil:
		return false
	case string:
		return x != ""
	case bool:
		return x
	case float64:
		return x != 0
	}
	return !v.IsUndefined()
}

// deleted is the answer of both ways to delete.
type deleted struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

func (w wire) deleteUser(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[deleteBody](c)
	gone, err := w.svc.DeleteUser(c.Context(), DeleteUser{Current: c.Current, Password: or(in.Password, ""), Token: or(in.Token, ""), CallbackURL: or(in.CallbackURL, "")})
	if err != nil {
		return nil, err
	}
	if !gone {
		return deleted{true, "Verification email sent"}, nil
	}
	c.Desk.Clear(c)
	return deleted{true, "User deleted"}, nil
}

// errNoUserInfo answers a deletion link that is opened without a session.
var errNoUserInfo = auth.E(http.StatusNotFound, "FAILED_TO_GET_USER_INFO", "Failed to get user info")

func (w wire) deleteCallback(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[linkQuery](c)
	if err := w.judgeLink(c, in.CallbackURL); err != nil {
		return nil, err
	}
	if !w.svc.DeleteOpen() {
		return nil, auth.E(http.StatusNotFound, "NOT_FOUND", "Not found")
	}
	if w.svc.confirmLinks() {
		return plugins.Redirect{URL: askPage("/account/delete", in)}, nil
	}
	if c.Current == nil {
		return nil, errNoUserInfo
	}
	if _, err := w.svc.DeleteUser(c.Context(), DeleteUser{Current: c.Current, Token: in.Token}); err != nil {
		return nil, err
	}
	c.Desk.Clear(c)
	if target := or(in.CallbackURL, ""); target != "" {
		return plugins.Redirect{URL: target}, nil
	}
	return deleted{true, "User deleted"}, nil
}
