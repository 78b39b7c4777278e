package core

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

type signUpBody struct {
	Name        string         `json:"name"`
	Email       string         `json:"email" schema:"email"`
	Password    string         `json:"password" schema:"min=1"`
	Image       *string        `json:"image"`
	CallbackURL *string        `json:"callbackURL"`
	RememberMe  *bool          `json:"rememberMe"`
	Rest        map[string]any `json:"-" schema:"rest"`
}

type signInBody struct {
	Email       string  `json:"email"`
	Password    string  `json:"password"`
	CallbackURL *string `json:"callbackURL"`
	RememberMe  *bool   `json:"rememberMe"`
}

type signOutBody struct {
	CallbackURL     *string `json:"callbackURL"`
	DisableRedirect *bool   `json:"disableRedirect"`
	State           *string `json:"state"`
}

func (w wire) signEndpoints() []plugins.Endpoint {
	return []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/sign-up/email", Name: "signUpWithEmailAndPassword", Summary: "Make an account with email and password",
			Body: schema.Of[signUpBody](), Form: true, Origin: plugins.OriginForm, Handle: w.signUp,
			Errors: []*auth.Error{auth.ErrSignUpDisabled, auth.ErrPasswordTooShort, auth.ErrPasswordTooLong, auth.ErrPasswordCompromised,
				auth.ErrMissingField, auth.ErrFieldNotAllowed, auth.ErrUserAlreadyExists}},
		{Method: http.MethodPost, Path: "/sign-in/email", Name: "signInEmail", Summary: "Sign in with email and password",
			Body: schema.Of[signInBody](), Form: true, Origin: plugins.OriginForm, Handle: w.signIn,
			Errors: []*auth.Error{auth.ErrPasswordDisabled, auth.ErrInvalidEmail, auth.ErrPasswordTooLong, auth.ErrInvalidEmailOrPassword, auth.ErrEmailNotVerified, auth.ErrTooManyRequests}},
		{Method: http.MethodPost, Path: "/sign-out", Name: "signOut", Summary: "End the current session",
			Access: plugins.Access{Who: plugins.Inside, FromStore: true, Looks: true}, Body: schema.Of[signOutBody](schema.Optional()), Handle: w.signOut},
	}
}

// tokenAndUser is the answer of sign-up and change-password.
type tokenAndUser struct {
	Token *string        `json:"token"`
	User  ent.WireObject `json:"user"`
}

func (w wire) signUp(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[signUpBody](c)
	done, err := w.svc.SignUp(c.Context(), SignUp{Name: in.Name, Email: in.Email, Password: in.Password, Image: in.Image,
		Fields: in.Rest, CallbackURL: or(in.CallbackURL, ""), Remember: or(in.RememberMe, true)})
	if err != nil {
		return nil, err
	}
	if done.Outcome.Next != nil {
		Next(c, done.Outcome.Next)
		return done.Outcome.Next.Body, nil
	}
	if _, err := Finish(c, done.Outcome); err != nil {
		return nil, err
	}
	return tokenAndUser{tokenOf(done.Outcome.Issued), done.User}, nil
}

func tokenOf(issued *auth.Issued) *string {
	if issued == nil {
		return nil
	}
	return &issued.Token
}

// signedIn is the answer of sign-in.
type signedIn struct {
	Redirect bool           `json:"redirect"`
	Token    string         `json:"token"`
	URL      string         `json:"url,omitempty"`
	User     ent.WireObject `json:"user"`
}

func (w wire) signIn(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[signInBody](c)
	callback := or(in.CallbackURL, "")
	out, err := w.svc.SignIn(c.Context(), SignIn{Email: in.Email, Password: in.Password, Remember: or(in.RememberMe, true), CallbackURL: callback})
	if err != nil {
		return nil, err
	}
	signed, err := Finish(c, out)
	if err != nil {
		return nil, err
	}
	if !signed {
		return out.Next.Body, nil
	}
	if callback != "" {
		c.Location(callback)
	}
	return signedIn{callback != "", out.Issued.Token, callback, w.h.WireUser(out.Issued.User)}, nil
}

// signedOut is the answer of sign-out; the redirect members belong to each other.
type signedOut struct {
	Success  bool   `json:"success"`
	URL      string `json:"url,omitempty"`
	Redirect *bool  `json:"redirect,omitempty"`
}

func (w wire) signOut(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[signOutBody](c)
	if err := w.svc.SignOut(c.Context(), c.Current); err != nil {
		return nil, err
	}
	logout, err := w.providerLogout(c, in)
	if err != nil {
		return nil, err
	}
	c.Desk.Clear(c)
	if logout == "" {
		return signedOut{Success: true}, nil
	}
	redirect := !or(in.DisableRedirect, false)
	if redirect {
		c.Location(logout)
	}
	return signedOut{true, logout, &redirect}, nil
}

// providerLogout is where the newest linked provider's own session ends.
func (w wire) providerLogout(c *plugins.Call, in signOutBody) (string, error) {
	providers, ok := plugins.Offer[plugins.Providers](w.h)
	if !ok || c.Current == nil {
		return "", nil
	}
	accounts, err := w.svc.ListAccounts(c.Context(), c.Current.User.ID)
	if err != nil {
		return "", err
	}
	for i := len(accounts) - 1; i >= 0; i-- {
		if !providers.Has(c.Context(), accounts[i].ProviderID) {
			continue
		}
		url, err := providers.Logout(c.Context(), accounts[i], or(in.CallbackURL, ""), or(in.State, ""))
		if err != nil || url != "" {
			return url, err
		}
	}
	return "", nil
}

// or returns the value a pointer leads to, or a standard one.
func or[T any](p *T, standard T) T {
	if p == nil {
		return standard
	}
	return *p
}
