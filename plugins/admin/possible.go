package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
)

// possible is what the principal of the context may do to one person. Screens draw it;
// the services judge again.
type possible struct {
	Self                              bool
	Edit, Email, Role                 bool
	Ban, Unban                        bool
	SendReset, ResetLink, SetPassword bool
	EndSessions, Impersonate, Remove  bool
	Temporary, SignInLink             bool
	Verify, SendVerification          bool
	Fields                            bool // further fields and metadata
	SeeAs                             bool
	Roles                             []string // that may be given
}

// possible judges by scope, rank and what makes sense: nobody bans, removes or demotes
// themselves here.
func (s *Service) possible(ctx context.Context, u *ent.User) (possible, error) {
	p := auth.PrincipalOf(ctx)
	can := possible{Self: p.Subject == u.ID}
	held, err := s.scopesOf(ctx, u)
	if err != nil {
		return can, err
	}
	within, err := s.covers(ctx, p, u)
	if err != nil || !within {
		return can, err
	}
	unmasked := !p.Impersonated()
	can.Edit = p.Can(ScopeUpdate)
	can.Email = can.Edit && p.Can(ScopeSetEmail) && unmasked
	if can.Roles = s.GivableRoles(ctx); !can.Self {
		can.Role = len(can.Roles) > 0
	}
	bannable := p.Can(ScopeBan) && !can.Self && (len(held) == 0 || p.Can(ScopeBanStaff) || !s.cfg.Get().ProtectAdministrators)
	can.Ban, can.Unban = bannable && !Banned(u, s.now()), bannable && Banned(u, s.now())
	can.Fields = can.Edit && p.Can(ScopeSetFields)
	can.Verify = can.Email && !u.EmailVerified
	can.SendVerification = can.Edit && unmasked && !u.EmailVerified
	can.SendReset = p.Can(ScopeSendReset) && unmasked
	can.SetPassword = p.Can(ScopeSetPassword) && unmasked
	can.EndSessions = p.Can(ScopeSessionRevoke)
	can.Remove = p.Can(ScopeDelete) && !can.Self && unmasked
	own := p.PlatformScopes()
	above := own.Covers(held) && !held.Covers(own)
	can.Temporary = can.SetPassword && !can.Self
	can.SignInLink = p.Can(ScopeSignInLink) && unmasked && above && !Banned(u, s.now())
	can.ResetLink = can.SendReset && can.SetPassword && !held.Covers(own)
	if can.Self {
		return can, nil
	}
	if can.Impersonate, err = s.MayImpersonate(ctx, u); err != nil {
		return can, err
	}
	can.SeeAs, err = s.maySeeAs(ctx, p, u)
	return can, err
}
