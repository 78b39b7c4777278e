package apikey

import (
	"context"
	"errors"
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Reasons a key is refused for (principal.md 2).
const (
	ReasonInvalid       = "api_key_invalid"
	ReasonExpired       = "api_key_expired"
	ReasonDisabled      = "api_key_disabled"
	ReasonRateLimited   = "api_key_rate_limited"
	ReasonUsageExceeded = "api_key_usage_exceeded"
)

// authenticator knows programs by their keys: where any principal may call every key
// counts, elsewhere those of kinds in session mode.
func (s *Service) authenticator() plugins.Authenticator {
	return plugins.Authenticator{Scheme: auth.SchemeAPIKey, Present: s.presentSession, Any: s.presentAny, Sessions: s.haveSessions}
}

// haveSessions reports whether keys of some kind are sessions.
func (s *Service) haveSessions() bool {
	for _, c := range s.cfg.Current().Configs {
		if c.Sessions {
			return true
		}
	}
	return false
}

// presentSession is better-auth api-key 8: the first kind in session mode whose header says
// something decides.
func (s *Service) presentSession(ctx context.Context, r *http.Request) (*plugins.Presented, error) {
	for _, c := range s.configurations() {
		if !c.Sessions {
			continue
		}
		if key := c.header(r); key != "" {
			v, err := s.asSession(ctx, c, key)
			return s.presented(ctx, v, key, err)
		}
	}
	return nil, nil
}

func (s *Service) asSession(ctx context.Context, c *configuration, key string) (*verified, error) {
	if length(key) < c.DefaultLength {
		return nil, ErrInvalidSessionKey
	}
	ok, err := c.valid(ctx, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrInvalidSessionKey
	}
	v, err := s.verify(ctx, c, Ask{Key: key, ConfigID: &c.id}, false)
	if err == nil && v.owner.kind != OwnerUser {
		return nil, ErrInvalidReference
	}
	return v, err
}

// presentAny finds the key of a request among all kinds. A key counts in a header of its
// own kind alone (SEC-144).
func (s *Service) presentAny(ctx context.Context, r *http.Request) (*plugins.Presented, error) {
	key := ""
	var with []*configuration // kinds whose header holds it
	for _, c := range s.configurations() {
		if given := c.header(r); given != "" && (key == "" || given == key) {
			key, with = given, append(with, c)
		}
	}
	if key == "" {
		return nil, nil
	}
	v, err := s.amongKinds(ctx, with, key)
	return s.presented(ctx, v, key, err)
}

func (s *Service) amongKinds(ctx context.Context, with []*configuration, key string) (*verified, error) {
	asked := map[string]bool{}
	for _, c := range with {
		place := c.place() + c.stored(key)
		if asked[place] {
			continue
		}
		asked[place] = true
		f, err := s.find(ctx, c, c.stored(key))
		if err != nil {
			return nil, err
		}
		if f.row == nil {
			continue
		}
		for _, own := range with {
			if own.owns(f.row) {
				return s.verifyFound(ctx, c, f, Ask{Key: key, ConfigID: &own.id}, true)
			}
		}
	}
	return nil, ErrInvalidKey
}

// presented is the answer of the authenticator: a principal, or why there is none.
func (s *Service) presented(ctx context.Context, v *verified, key string, err error) (*plugins.Presented, error) {
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return &plugins.Presented{Reject: &plugins.Rejection{Reason: reasonOf(refused), Err: refused}}, nil
	}
	if err != nil {
		return nil, err
	}
	now, p := s.now(), &plugins.Presented{Scheme: auth.SchemeAPIKey}
	var facts *auth.SessionFacts
	var roles []string
	if v.conf.Sessions && v.owner.kind == OwnerUser {
		p.Virtual = s.session(ctx, v, key, now)
		facts = &auth.SessionFacts{ID: v.row.ID, UserID: v.owner.user.ID, CreatedAt: now, ExpiresAt: p.Virtual.Session.ExpiresAt, Virtual: true,
			SeesSessions: s.cfg.Current().WireSessions}
		roles = s.rolesOf(v.owner.user)
	}
	p.Principal, err = s.principal(ctx, v, facts, roles, now)
	return p, err
}

// rolesOf are the roles of a person on the platform, where some plugin knows any.
func (s *Service) rolesOf(u *ent.User) []string {
	keeper, ok := plugins.Offer[interface{ RolesOf(*ent.User) []string }](s.host)
	if !ok {
		return nil
	}
	return keeper.RolesOf(u)
}

// principal is who a key stands for (better-auth api-key 13).
func (s *Service) principal(ctx context.Context, v *verified, facts *auth.SessionFacts, roles []string, now time.Time) (*auth.Principal, error) {
	grants, err := s.grantsOf(ctx, v.row, v.owner)
	if err != nil {
		return nil, err
	}
	claims := map[string]any{"apiKeyId": v.row.ID, "configId": v.conf.id}
	if v.owner.organization != "" {
		claims["organizationId"] = v.owner.organization
	}
	p := auth.Principal{Subject: v.owner.subject(), Scheme: auth.SchemeAPIKey, Roles: roles, Claims: claims, Session: facts, Name: v.owner.name}
	if u := v.owner.user; u != nil {
		p.Email = u.Email
		claims["email"], claims["emailVerified"] = u.Email, u.EmailVerified
		if u.Image != nil {
			p.Image = *u.Image
		}
	}
	return auth.NewPrincipal(p, grants, now), nil
}

// session is the session of a key, which no row holds.
func (s *Service) session(ctx context.Context, v *verified, key string, now time.Time) *auth.Current {
	origin := auth.OriginOf(ctx)
	life := s.host.Core.Settings.Session.Current().ExpiresIn
	if s.cfg.Current().WireSessions {
		life /= 1000 // seconds taken for milliseconds
	}
	end := now.Add(life)
	if v.row.ExpiresAt != nil {
		end = *v.row.ExpiresAt
	}
	return &auth.Current{Token: key, Virtual: true, Scheme: auth.SchemeAPIKey, User: v.owner.user, Remember: true,
		Session: &ent.Session{ID: v.row.ID, UserID: v.owner.user.ID, CreatedAt: now, UpdatedAt: now, ExpiresAt: end, AuthenticatedAt: now,
			IPAddress: origin.Address, UserAgent: origin.UserAgent}}
}

// reasonOf is the typed reason of a refusal.
func reasonOf(e *auth.Error) string {
	switch e.Code {
	case ErrExpired.Code:
		return ReasonExpired
	case ErrDisabled.Code:
		return ReasonDisabled
	case ErrRateLimited.Code:
		return ReasonRateLimited
	case ErrUsageExceeded.Code:
		return ReasonUsageExceeded
	}
	return ReasonInvalid
}
