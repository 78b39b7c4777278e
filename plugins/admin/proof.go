package admin

import (
	"context"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Scopes of the console's list of what is locked, which the page of a person takes part in.
const (
	scopeLockouts       = "lockout:list"
	scopeLockoutRelease = "lockout:release"
)

// releasePath takes the id of a lockout and the page to go back to.
const releasePath = "/admin/lockouts/release"

// proofFor asks for a recent proof of identity before an act of a form that opens an
// account to somebody or gives power. The engine then carries the form out.
func (s *Service) proofFor(c *plugins.Call, dangerous bool) error {
	if !dangerous || s.host.Sessions.Proved(c.Principal().Session) {
		return nil
	}
	return auth.ErrStepUpRequired
}

// proofOnWire is proofFor for calls of the API.
func (s *Service) proofOnWire(c *plugins.Call, dangerous bool) error {
	if !dangerous || s.host.Sessions.ProvedForAPI(c.Principal().Session) {
		return nil
	}
	return auth.ErrStepUpRequired
}

// powerful reports whether roles, each of which may be a list with commas as the wire
// takes them, hold any scope of the platform.
func (s *Service) powerful(roles ...string) bool {
	return len(s.host.Scopes.OfRoles(auth.SplitRoles(strings.Join(roles, ",")))) > 0
}

// lock is what keeps a person from signing in for the moment, for those who may see it.
type lock struct {
	auth.Lockout
	Release bool // the reader may
}

func (s *Service) lockOf(ctx context.Context, u *ent.User) (*lock, error) {
	p := auth.PrincipalOf(ctx)
	if !p.Can(scopeLockouts) {
		return nil, nil
	}
	found, err := s.host.Attempts.OfUser(ctx, u)
	if err != nil || found == nil {
		return nil, err
	}
	held, err := s.scopesOf(ctx, u)
	return &lock{*found, p.Can(scopeLockoutRelease) && p.PlatformScopes().Covers(held)}, err
}
