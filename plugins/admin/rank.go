package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// actor returns the principal of the context when it holds a scope, else the refusal
// of the act.
func (s *Service) actor(ctx context.Context, scope string, refusal *auth.Error) (*auth.Principal, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, auth.ErrUnauthorized
	}
	if !p.Can(scope) {
		return nil, s.refused(ctx, "", refusal)
	}
	return p, nil
}

// unmasked is actor for acts that are closed while impersonating (SEC-046).
func (s *Service) unmasked(ctx context.Context, scope string, refusal *auth.Error) (*auth.Principal, error) {
	p, err := s.actor(ctx, scope, refusal)
	if err == nil && p.Impersonated() {
		return nil, s.refused(ctx, "", auth.ErrImpersonating)
	}
	return p, err
}

// refused records that an act was refused and returns the refusal. A refusal that
// cannot be recorded stays one.
func (s *Service) refused(ctx context.Context, user string, refusal *auth.Error) error {
	err := s.host.Events.Record(ctx, auth.Event{Kind: eventRefused, SubjectType: "user", Subject: user, Result: "denied",
		Data: map[string]any{"code": refusal.Code}})
	if err != nil {
		s.host.Log.WarnContext(ctx, "refusal not recorded", "code", refusal.Code, "error", err)
	}
	return refusal
}

// givesInOwnName refuses roles with a part in the console to impersonators: a visit leaves
// no keys behind (SEC-046).
func (s *Service) givesInOwnName(ctx context.Context, p *auth.Principal, roles []string) error {
	if p.Impersonated() && s.powerful(roles...) {
		return s.refused(ctx, "", auth.ErrImpersonating)
	}
	return nil
}

// ErrRank is the cause of refusals that go by rank, not by a scope that is missing: the
// wire has one code for both, pages say which it was.
var ErrRank = errors.New("the person ranks as high as the actor, or higher")

// pageWords is what a page says of a refusal.
func pageWords(err error) *auth.Error {
	e := auth.AsError(err)
	if errors.Is(err, ErrRank) {
		return e.Saying("This person ranks as high as you do, or higher.")
	}
	return e
}

// spoken lets a page of the console say why an act was refused.
func spoken(handle func(*plugins.Call) error) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		err := handle(c)
		if errors.Is(err, ErrRank) {
			return pageWords(err)
		}
		return err
	}
}

// mayActOn refuses acts on people of higher rank: those who hold a platform scope that
// the actor lacks (decisions 42, SEC-118).
func (s *Service) mayActOn(ctx context.Context, p *auth.Principal, target *ent.User, refusal *auth.Error) error {
	ok, err := s.covers(ctx, p, target)
	if err != nil {
		return err
	}
	if !ok {
		return s.refused(ctx, target.ID, refusal.Because(ErrRank))
	}
	return nil
}

// mayTakeOver refuses what opens the account of a person to the actor, such as another password
// or address, besides to those who hold for a shorter time what the person may: they would keep
// it by the account.
func (s *Service) mayTakeOver(ctx context.Context, p *auth.Principal, target *ent.User, refusal *auth.Error) error {
	if err := s.mayActOn(ctx, p, target, refusal); err != nil || !s.cfg.Get().ProtectAdministrators || p.Subject == target.ID {
		return err
	}
	theirs, err := s.principalOf(ctx, target)
	if err != nil {
		return err
	}
	for scope := range theirs.PlatformScopes() {
		if end, _ := theirs.HeldTo(auth.Platform, scope); !p.Lasting(end).Can(scope) {
			return s.refused(ctx, target.ID, refusal.Because(ErrRank))
		}
	}
	return nil
}

// covers reports whether a principal ranks at least as high as a person.
func (s *Service) covers(ctx context.Context, p *auth.Principal, target *ent.User) (bool, error) {
	if !s.cfg.Get().ProtectAdministrators || p != nil && p.Subject == target.ID {
		return true, nil
	}
	held, err := s.scopesOf(ctx, target)
	if err != nil {
		return false, err
	}
	return p.PlatformScopes().Covers(held), nil
}

// outranks reports whether a principal ranks higher than a person: it may do all that
// they may, and more.
func (s *Service) outranks(ctx context.Context, p *auth.Principal, target *ent.User) (bool, error) {
	held, err := s.scopesOf(ctx, target)
	if err != nil {
		return false, err
	}
	own := p.PlatformScopes()
	return own.Covers(held) && !held.Covers(own), nil
}

// MayActOn reports whether the principal of the context ranks high enough for acts on a
// person. Which acts, its scopes say.
func (s *Service) MayActOn(ctx context.Context, target *ent.User) (bool, error) {
	return s.covers(ctx, auth.PrincipalOf(ctx), target)
}

// scopesOf is everything a person may do on the platform, whichever plugin gives it. A
// ban does not lower their rank.
func (s *Service) scopesOf(ctx context.Context, u *ent.User) (auth.ScopeSet, error) {
	p, err := s.principalOf(ctx, u)
	if err != nil {
		return nil, err
	}
	return p.PlatformScopes(), nil
}

// principalOf is the principal a person has, or would have without a ban.
func (s *Service) principalOf(ctx context.Context, u *ent.User) (*auth.Principal, error) {
	unbanned := *u
	unbanned.Banned = false
	return s.host.Principals.OfUser(ctx, &unbanned)
}

// forGood is the end of a role without one.
var forGood time.Time

// mayGive refuses roles above the actor's own rank, and for longer than the actor has it.
func (s *Service) mayGive(ctx context.Context, p *auth.Principal, roles []string, until time.Time) error {
	if s.givable(p, roles, until) {
		return nil
	}
	return s.refused(ctx, "", ErrMayNotSetRole)
}

func (s *Service) givable(p *auth.Principal, roles []string, until time.Time) bool {
	return !s.cfg.Get().ProtectAdministrators || p.Lasting(until).PlatformScopes().Covers(s.host.Scopes.OfRoles(roles))
}

// GivableRoles lists the roles that the principal of the context may give, the widest
// first. It is empty without user:set-role.
func (s *Service) GivableRoles(ctx context.Context) []string {
	p := auth.PrincipalOf(ctx)
	if !p.Can(ScopeSetRole) {
		return nil
	}
	return slices.DeleteFunc(s.host.Scopes.RoleNames(), func(r string) bool { return !s.givable(p, []string{r}, forGood) })
}

// parseRoles reads roles as they were given: each entry split on commas, trimmed,
// empties and duplicates dropped (decisions 22). Only configured roles pass (SEC-117).
func (s *Service) parseRoles(given []string) ([]string, error) {
	roles := auth.SplitRoles(strings.Join(given, ","))
	if len(roles) == 0 {
		return nil, ErrNoSuchRole
	}
	for _, r := range roles {
		if !s.host.Scopes.HasRole(r) {
			return nil, ErrNoSuchRole
		}
	}
	return roles, nil
}

// RolesOf are the roles of a person; without one, the default role.
func (s *Service) RolesOf(u *ent.User) []string {
	if u.Role != nil {
		if roles := auth.SplitRoles(*u.Role); len(roles) > 0 {
			return roles
		}
	}
	return []string{s.cfg.Get().DefaultRole}
}

// rolesNow are the roles of a person, those for a time that are in force included.
func (s *Service) rolesNow(ctx context.Context, u *ent.User) ([]string, error) {
	roles := s.RolesOf(u)
	timed, err := s.timedRoles(ctx, u.ID, s.now(), false)
	for _, t := range timed {
		roles = append(roles, t.Role)
	}
	return roles, err
}

// isAdministrator is the wire's idea of one: an owner, an admin, for a time or for good, or
// a person the settings name.
func (s *Service) isAdministrator(ctx context.Context, u *ent.User) (bool, error) {
	if s.isNamed(u.ID) {
		return true, nil
	}
	roles, err := s.rolesNow(ctx, u)
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(administrators(), r) }), err
}

func (s *Service) isNamed(id string) bool { return slices.Contains(s.cfg.Get().AdminUserIDs, id) }
