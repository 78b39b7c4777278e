package embedded

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/session"
	"gatehouse/handlers/api"
	"gatehouse/plugins"
)

// name is what the backend calls itself in errors.
const name = "gatehouse"

// UnsupportedError says what a configuration truly cannot do.
type UnsupportedError struct{ Backend, Operation, Reason string }

// Error implements error.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s: %s is not supported: %s", e.Backend, e.Operation, e.Reason)
}

// Backend works on sessions and principals without HTTP.
type Backend struct{ s *Server }

// Backend returns the backend of the server.
func (s *Server) Backend() Backend { return Backend{s} }

// Name identifies the backend.
func (Backend) Name() string { return name }

// Providers lists the sign-in methods that are on at the moment, by id.
func (b Backend) Providers(ctx context.Context) []string {
	var ids []string
	for _, part := range b.s.Host().Registry.Parts {
		for _, m := range part.SignInMethods {
			if m.Serves(ctx, plugins.ForSignIn) {
				ids = append(ids, m.ID)
			}
		}
	}
	return ids
}

// Sign makes the form of a session token that cookies and bearer headers carry.
func (b Backend) Sign(token string) string { return b.s.keys.Sign(token) }

// Verify returns the token of a signed form; false when the signature is wrong.
func (b Backend) Verify(signed string) (string, bool) { return b.s.keys.Verify(signed) }

// Session describes the living session of a token; nil when there is none.
func (b Backend) Session(ctx context.Context, token string) (*api.Session, error) {
	current, p, err := b.read(ctx, token)
	if err != nil || p == nil {
		return nil, err
	}
	return api.Describe(current, p), nil
}

// Principal is who a session token stands for; nil when it is no living session.
func (b Backend) Principal(ctx context.Context, token string) (*auth.Principal, error) {
	_, p, err := b.read(ctx, token)
	return p, err
}

func (b Backend) read(ctx context.Context, token string) (*auth.Current, *auth.Principal, error) {
	k := b.s.Host().Core
	current, err := k.Sessions.Read(ctx, token)
	if err != nil || current == nil {
		return nil, nil, err
	}
	if err := k.Moments.SessionRead.Run(ctx, &auth.Reading{Current: current}); err != nil {
		if auth.AsError(err).Status < http.StatusInternalServerError {
			return nil, nil, nil // refused, as that of a banned person is
		}
		return nil, nil, err
	}
	p, err := k.Principals.OfSession(ctx, current, k.Sessions.Facts(current.Session))
	return current, p, err
}

// NewSession says how long a session lasts and how the identity was proven.
type NewSession struct {
	Remember bool
	AMR      []string      // RFC 8176; empty: "other"
	Life     time.Duration // 0: as configured
}

// CreateSession makes a session for a user whose identity the caller has proven, and
// returns its token. Bans and other refusals hold; a second factor is the caller's.
func (b Backend) CreateSession(ctx context.Context, userID string, n NewSession) (string, *api.Session, error) {
	k := b.s.Host().Core
	u, err := k.Users.ByID(ctx, userID)
	if err != nil {
		return "", nil, err
	}
	if u == nil {
		return "", nil, auth.ErrUserNotFound
	}
	if len(n.AMR) == 0 {
		n.AMR = []string{"other"}
	}
	issued, err := k.Sessions.Create(ctx, auth.NewSession{User: u, Remember: n.Remember, AMR: n.AMR, Life: n.Life})
	if err != nil {
		return "", nil, err
	}
	s, err := b.Session(ctx, issued.Token)
	return issued.Token, s, err
}

// RefreshSession moves the end of a session now, never beyond its absolute maximum; nil
// when there is no such session.
func (b Backend) RefreshSession(ctx context.Context, token string) (*api.Session, error) {
	current, p, err := b.read(ctx, token)
	if err != nil || p == nil {
		return nil, err
	}
	alive, err := b.s.Host().Core.Sessions.Extend(ctx, current)
	if err != nil || !alive {
		return nil, err
	}
	return api.Describe(current, p), nil
}

// RevokeSession ends a session; an unknown token is no error.
func (b Backend) RevokeSession(ctx context.Context, token string) error {
	k := b.s.Host().Core
	current, err := k.Sessions.Read(ctx, token)
	if err != nil || current == nil {
		return err
	}
	_, err = k.Sessions.End(ctx, auth.EndedRevoked, session.ID(current.Session.ID))
	return err
}

// SignIn returns the address where a person signs in and is then sent to returnTo, which
// must be a path or on a trusted origin.
func (b Backend) SignIn(returnTo string) (string, error) {
	h := b.s.Host()
	if !h.Targets.Allowed(returnTo) {
		return "", auth.E(http.StatusBadRequest, "return_to_not_allowed", "The return address is not trusted")
	}
	return h.Link("/sign-in?returnTo=" + url.QueryEscape(returnTo)), nil
}

// Callback completes the redirect of an external provider.
func (b Backend) Callback(_ context.Context, provider string) (*ent.User, error) {
	return nil, &UnsupportedError{name, "callback", "no external provider " + provider + " is configured"}
}

// SignOut ends a session, as RevokeSession does.
func (b Backend) SignOut(ctx context.Context, token string) error { return b.RevokeSession(ctx, token) }

// Authenticate looks at a request of the embedding program: the credentials of the
// plugins, then the session cookie. A nil principal without an error is nobody. Header
// are answer headers, with cookies, that must reach the client.
func (b Backend) Authenticate(r *http.Request) (p *auth.Principal, header http.Header, err error) {
	header = http.Header{}
	err = b.s.Identify(r, header, func(c *plugins.Call) { p = c.Principal() })
	return p, header, err
}
