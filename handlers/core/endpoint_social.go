package core

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/text"
	"gatehouse/plugins"
)

type idTokenUserName struct {
	FirstName *string `json:"firstName"`
	LastName  *string `json:"lastName"`
}

type idTokenUser struct {
	Name  *idTokenUserName `json:"name"`
	Email *string          `json:"email"`
}

type idTokenBody struct {
	Token        string       `json:"token"`
	Nonce        *string      `json:"nonce"`
	AccessToken  *string      `json:"accessToken"`
	RefreshToken *string      `json:"refreshToken"`
	ExpiresAt    *float64     `json:"expiresAt"`
	User         *idTokenUser `json:"user"`
}

// socialCommon are the fields of sign-in/social and link-social.
type socialCommon struct {
	CallbackURL      *string           `json:"callbackURL"`
	ErrorCallbackURL *string           `json:"errorCallbackURL"`
	Provider         string            `json:"provider" schema:"error=Invalid input"`
	DisableRedirect  *bool             `json:"disableRedirect"`
	IDToken          *idTokenBody      `json:"idToken"`
	Scopes           []string          `json:"scopes" schema:"optional"`
	RequestSignUp    *bool             `json:"requestSignUp"`
	LoginHint        *string           `json:"loginHint"`
	AdditionalParams map[string]string `json:"additionalParams" schema:"optional"`
	AdditionalData   map[string]any    `json:"additionalData" schema:"optional"`
}

// reserved are the parameters of an authorization request that are the server's.
var reserved = []string{"state", "client_id", "redirect_uri", "response_type", "code_challenge", "code_challenge_method", "nonce", "scope"}

const reservedText = "additionalParams cannot include reserved OAuth parameters: state, client_id, redirect_uri, response_type, code_challenge, code_challenge_method, nonce, scope"

func (b socialCommon) check(r schema.Report) {
	for _, name := range reserved {
		if _, given := b.AdditionalParams[name]; given {
			r.Add(reservedText, "additionalParams")
			return
		}
	}
}

type socialBody struct {
	socialCommon
	NewUserCallbackURL *string `json:"newUserCallbackURL"`
}

// Check implements the cross-field rule of the schema.
func (b socialBody) Check(r schema.Report) { b.check(r) }

type linkBody struct{ socialCommon }

// Check implements the cross-field rule of the schema.
func (b linkBody) Check(r schema.Report) { b.check(r) }

// callbackInput are the seven parameters of a callback.
type callbackInput struct {
	Code             *string `json:"code"`
	Error            *string `json:"error"`
	DeviceID         *string `json:"device_id"`
	ErrorDescription *string `json:"error_description"`
	State            *string `json:"state"`
	User             *string `json:"user"`
	Iss              *string `json:"iss"`
}

var callbackSchema = schema.Of[callbackInput](schema.Optional())

func (w wire) socialEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/sign-in/social", Name: "socialSignIn", Summary: "Sign in with an outside provider",
			Body: schema.Of[socialBody](), Handle: w.socialSignIn, Errors: []*auth.Error{auth.ErrProviderNotFound}},
		{Method: http.MethodPost, Path: "/link-social", Name: "linkSocialAccount", Summary: "Link an outside account",
			Access: managing, Body: schema.Of[linkBody](), Handle: w.linkSocial, Errors: []*auth.Error{auth.ErrProviderNotFound}},
		{Method: http.MethodGet, Path: "/callback/:id", Name: "handleOAuthCallback", Summary: "Return from an outside provider", Page: true, Handle: w.callback},
		{Method: http.MethodPost, Path: "/callback/:id", Summary: "Return from an outside provider by form post", Page: true, Form: true, Handle: w.callbackPost},
	}
}

func (b socialCommon) request() plugins.SocialRequest {
	r := plugins.SocialRequest{Provider: b.Provider, CallbackURL: or(b.CallbackURL, ""), ErrorCallbackURL: or(b.ErrorCallbackURL, ""),
		DisableRedirect: or(b.DisableRedirect, false), RequestSignUp: or(b.RequestSignUp, false), Scopes: b.Scopes, LoginHint: or(b.LoginHint, ""),
		AdditionalParams: b.AdditionalParams, AdditionalData: b.AdditionalData}
	if t := b.IDToken; t != nil {
		r.IDToken = &plugins.SocialIDToken{Token: t.Token, Nonce: or(t.Nonce, ""), AccessToken: or(t.AccessToken, ""),
			RefreshToken: or(t.RefreshToken, ""), ExpiresAt: t.ExpiresAt}
		if t.User != nil {
			r.IDToken.Email = or(t.User.Email, "")
			if n := t.User.Name; n != nil {
				r.IDToken.FirstName, r.IDToken.LastName = or(n.FirstName, ""), or(n.LastName, "")
			}
		}
	}
	return r
}

func (w wire) providers(c *plugins.Call, id string) (plugins.Providers, error) {
	p, ok := plugins.Offer[plugins.Providers](w.h)
	if !ok || !p.Has(c.Context(), id) {
		return nil, auth.ErrProviderNotFound
	}
	return p, nil
}

func (w wire) socialSignIn(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[socialBody](c)
	p, err := w.providers(c, in.Provider)
	if err != nil {
		return nil, err
	}
	r := in.request()
	r.NewUserCallbackURL = or(in.NewUserCallbackURL, "")
	return p.SignIn(c, r)
}

func (w wire) linkSocial(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[linkBody](c)
	p, err := w.providers(c, in.Provider)
	if err != nil {
		return nil, err
	}
	return p.Link(c, in.request())
}

// toError sends a browser to the error page with a code.
func (w wire) toError(code string) plugins.Redirect {
	return plugins.Redirect{URL: text.AddQuery(w.h.Link("/api/auth/error"), "", text.Pair{Key: "error", Value: code})}
}

func (w wire) callback(c *plugins.Call) (any, error) {
	parsed, err := callbackSchema.Parse("query", schema.QueryValue(c.Request.URL.Query()))
	if err != nil {
		return w.toError("invalid_callback_request"), nil
	}
	in := schema.As[callbackInput](parsed)
	if p, ok := plugins.Offer[plugins.Providers](w.h); ok {
		return p.Callback(c, plugins.SocialCallback{Provider: c.Param("id"), Code: or(in.Code, ""), Error: or(in.Error, ""), DeviceID: or(in.DeviceID, ""),
			ErrorDescription: or(in.ErrorDescription, ""), State: or(in.State, ""), User: or(in.User, ""), Issuer: or(in.Iss, "")})
	}
	if or(in.State, "") == "" {
		return w.toError("state_not_found"), nil
	}
	return w.toError("state_mismatch"), nil
}

// callbackPost turns a form post into a GET, so that the browser sends its Lax cookies;
// the query wins over the body.
func (w wire) callbackPost(c *plugins.Call) (any, error) {
	body, query := c.Raw, schema.QueryValue(c.Request.URL.Query())
	var pairs []text.Pair
	for _, name := range []string{"code", "error", "device_id", "error_description", "state", "user", "iss"} {
		v := query.Get(name)
		if v.IsUndefined() {
			v = body.Get(name)
		}
		if v.IsUndefined() {
			continue
		}
		value, ok := v.Any().(string)
		if !ok {
			return w.toError("invalid_callback_request"), nil
		}
		pairs = append(pairs, text.Pair{Key: name, Value: value})
	}
	return plugins.Redirect{URL: text.AddQuery(w.h.Link("/api/auth/callback/"+text.EscapeURI(c.Param("id"))), "", pairs...)}, nil
}
