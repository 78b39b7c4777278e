package plugins

import (
	"context"
	"time"

	"gatehouse/ent"
)

// Providers is offered by the plugin that knows outside identity providers. The core
// owns the wire's routes for them and hands over what concerns a provider; while
// nobody offers it, there is none.
type Providers interface {
	// Has reports whether a provider is configured now.
	Has(ctx context.Context, id string) bool
	// SignIn answers /sign-in/social and Link /link-social, for a provider it has.
	SignIn(*Call, SocialRequest) (any, error)
	Link(*Call, SocialRequest) (any, error)
	// Callback answers /callback/:id, whatever the id.
	Callback(*Call, SocialCallback) (any, error)
	// AccessToken returns the current tokens of an account, refreshed when they are
	// about to end; Refresh refreshes them in any case.
	AccessToken(context.Context, *ent.Account) (ProviderTokens, error)
	Refresh(context.Context, *ent.Account) (ProviderTokens, error)
	// Info asks the provider about the person: the mapped profile and the raw one.
	Info(context.Context, *ent.Account) (user, data any, err error)
	// Logout returns where the provider's own session ends; empty when it has no such
	// address.
	Logout(ctx context.Context, a *ent.Account, callbackURL, state string) (string, error)
}

// SocialRequest is the beginning of a sign-in or link (better-auth core 4.5).
type SocialRequest struct {
	Provider                                          string
	CallbackURL, NewUserCallbackURL, ErrorCallbackURL string
	DisableRedirect, RequestSignUp                    bool
	Scopes                                            []string
	LoginHint                                         string
	AdditionalParams                                  map[string]string
	AdditionalData                                    map[string]any
	IDToken                                           *SocialIDToken
}

// SocialIDToken is an identity token that the client got by itself.
type SocialIDToken struct {
	Token, Nonce, AccessToken, RefreshToken string
	ExpiresAt                               *float64
	FirstName, LastName, Email              string
}

// SocialCallback are the parameters a provider comes back with.
type SocialCallback struct {
	Provider                                                     string
	Code, Error, DeviceID, ErrorDescription, State, User, Issuer string
}

// ProviderTokens are the tokens of an account, in clear.
type ProviderTokens struct {
	AccessToken, RefreshToken, IDToken          string
	AccessTokenExpiresAt, RefreshTokenExpiresAt time.Time // zero: not known
	Scope                                       string    // comma-separated, as stored
}
