package plugins

import (
	"context"
	"net/http"

	"gatehouse/auth"
)

// Authenticator looks for one kind of credential in a request. Authenticators are
// asked in the order of the plugin list, the session cookie last.
type Authenticator struct {
	Scheme string
	// Present returns nil when no credential of its kind is there.
	Present func(ctx context.Context, r *http.Request) (*Presented, error)
	// Sessions reports whether its principals come with a session. One without is asked
	// only where any principal may call (Who: Principal), so that it uses nothing up
	// elsewhere. Nil: they come with one.
	Sessions func() bool
	// Any, when set, is asked in place of Present where any principal may call: for
	// credentials of which some come with a session and some do not.
	Any func(ctx context.Context, r *http.Request) (*Presented, error)
}

// Presented is what an authenticator found. Exactly one of its fields counts, in this
// order: Reject, Principal, SessionToken.
type Presented struct {
	// Reject says why a credential that is there is not good.
	Reject *Rejection
	// Passed lets the next credential of the request count all the same, as the wire does
	// with a forged bearer token; surfaces of our own still tell the reason.
	Passed bool
	// Principal with, for session mode, a Virtual session that no row holds.
	Principal *auth.Principal
	Virtual   *auth.Current
	// SessionToken is a token to be treated like the session cookie's value; its
	// signature was checked.
	SessionToken string
	// Scheme of the credential; the authenticator's own when empty.
	Scheme string
	// Header are answer headers that must reach the client.
	Header http.Header
}

// Reasons a session is refused for.
const (
	ReasonExpired   = "session_expired"
	ReasonRevoked   = "session_revoked"
	ReasonSignature = "token_signature_invalid"
)

// Rejection is the typed reason a credential was refused.
type Rejection struct {
	Reason string // "session_expired", "api_key_invalid", "token_signature_invalid", …
	Err    *auth.Error
}
