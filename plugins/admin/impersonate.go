package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/session"
)

// Impersonate opens a session in another person's name, marked with the actor's id and
// at most an hour long. The actor's own session stays. It needs user:impersonate, and
// for administrators user:impersonate-admins; the person must rank below the actor. Who
// does not hold user:impersonate-write at this moment may only look.
func (s *Service) Impersonate(ctx context.Context, id, reason string) (*auth.Issued, error) {
	p, err := s.unmasked(ctx, ScopeImpersonate, ErrMayNotImpersonate)
	if err != nil {
		return nil, err
	}
	if p.Session == nil || p.Session.Virtual {
		return nil, auth.ErrCredentialScheme
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.mayImpersonate(ctx, p, target); err != nil {
		return nil, err
	}
	var issued *auth.Issued
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		issued, err = s.host.Sessions.Create(ctx, auth.NewSession{User: target, By: p, Life: s.cfg.Get().ImpersonationExpiresIn,
			Set: []func(*ent.SessionCreate){func(c *ent.SessionCreate) {
				c.SetImpersonatedBy(p.Subject).SetImpersonationWrites(p.Can(ScopeImpersonateWrite))
			}}})
		if err != nil {
			return err
		}
		return s.record(ctx, eventImpersonating, id, map[string]any{"reason": reason, "impersonatedSession": issued.Session.ID, "writes": p.Can(ScopeImpersonateWrite)})
	})
	return issued, err
}

// mayImpersonate refuses to act in the name of people whom rank protects.
func (s *Service) mayImpersonate(ctx context.Context, p *auth.Principal, target *ent.User) error {
	ok, err := s.ranksToImpersonate(ctx, p, target)
	if err == nil && !ok {
		return s.refused(ctx, target.ID, ErrCannotImpersonate)
	}
	return err
}

// ranksToImpersonate applies better-auth admin 6.9 and the rank rule, in which equals do
// not impersonate each other unless the settings allow it.
func (s *Service) ranksToImpersonate(ctx context.Context, p *auth.Principal, target *ent.User) (bool, error) {
	cfg := s.cfg.Get()
	if !p.Can(ScopeImpersonateAdmins) && !cfg.AllowImpersonatingAdmins {
		if administrator, err := s.isAdministrator(ctx, target); err != nil || administrator {
			return false, err
		}
	}
	switch {
	case !cfg.ProtectAdministrators:
		return true, nil
	case cfg.AllowImpersonatingAdmins:
		return s.covers(ctx, p, target)
	}
	return s.outranks(ctx, p, target)
}

// MayImpersonate reports whether the principal of the context may act in a person's
// name.
func (s *Service) MayImpersonate(ctx context.Context, target *ent.User) (bool, error) {
	p := auth.PrincipalOf(ctx)
	if !p.Can(ScopeImpersonate) || p.Impersonated() || p.Session == nil || Banned(target, s.now()) {
		return false, nil
	}
	return s.ranksToImpersonate(ctx, p, target)
}

// StopImpersonating ends the session in another person's name and gives the
// administrator theirs back, with a new token (SEC-045). adminToken is what the
// administrator's cookie held. When that session is dead, or is not the impersonator's,
// the impersonated one ends all the same and the error is ErrNoAdminSession.
func (s *Service) StopImpersonating(ctx context.Context, current *auth.Current, adminToken string) (*auth.Issued, error) {
	by := current.Session.ImpersonatedBy
	if by == nil || *by == "" {
		return nil, ErrNotImpersonating
	}
	var back *auth.Issued
	err := s.inTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if _, err := s.host.Sessions.End(ctx, auth.EndedReplaced, session.ID(current.Session.ID)); err != nil {
			return err
		}
		admin, err := s.adminSession(ctx, adminToken, *by)
		if err != nil {
			return err
		}
		if admin != nil {
			if back, err = s.giveBack(ctx, admin); err != nil {
				return err
			}
		}
		return s.record(ctx, eventImpersonated, current.User.ID, map[string]any{"impersonatedSession": current.Session.ID})
	})
	if err != nil {
		return nil, err
	}
	if back == nil {
		return nil, ErrNoAdminSession
	}
	return back, nil
}

// adminSession reads the administrator's own session; nil when it may not be restored.
func (s *Service) adminSession(ctx context.Context, token, owner string) (*auth.Current, error) {
	admin, err := s.host.Sessions.Read(ctx, token)
	if err != nil || admin == nil {
		return nil, err
	}
	if admin.Session.UserID != owner || admin.Session.ImpersonatedBy != nil || Banned(admin.User, s.now()) {
		return nil, nil
	}
	return admin, nil
}

// giveBack replaces the token of the administrator's session.
func (s *Service) giveBack(ctx context.Context, admin *auth.Current) (*auth.Issued, error) {
	back := &auth.Issued{Token: admin.Token, Session: admin.Session, User: admin.User, Remember: admin.Remember}
	if !s.cfg.Get().NewTokenAfterImpersonated {
		return back, nil
	}
	token, err := s.host.Sessions.Renew(ctx, admin)
	if err != nil || token == "" {
		return nil, err
	}
	back.Token, back.Session = token, admin.Session
	return back, nil
}

// alive refuses sessions of banned people, and those opened by somebody who is gone,
// banned, or may no longer impersonate (SEC-036, SEC-124).
func (s *Service) alive(ctx context.Context, r *auth.Reading) error {
	if Banned(r.Current.User, s.now()) {
		return auth.ErrUnauthorized
	}
	by := r.Current.Session.ImpersonatedBy
	if by == nil {
		return nil
	}
	admin, err := s.host.Users.ByID(ctx, *by)
	if err != nil {
		return err
	}
	if admin != nil && !Banned(admin, s.now()) {
		p, err := s.principalOf(ctx, admin)
		if err != nil || p.Can(ScopeImpersonate) {
			return err
		}
	}
	if _, err := s.host.Sessions.End(ctx, auth.EndedRevoked, session.ID(r.Current.Session.ID)); err != nil {
		return err
	}
	return auth.ErrUnauthorized
}
