package admin

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
	"gatehouse/plugins"
)

// SetPassword gives a person a new password, making the credential account where there
// is none. Their sessions end, except the actor's own, unless
// password.revoke_sessions_on_change is off. It needs user:set-password and is closed
// while impersonating.
func (s *Service) SetPassword(ctx context.Context, id, password string) error {
	p, err := s.unmasked(ctx, ScopeSetPassword, ErrMayNotSetPassword)
	if err != nil {
		return err
	}
	if err := s.host.Passwords.Length(password); err != nil {
		return err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayTakeOver(ctx, p, target, ErrMayNotSetPassword); err != nil {
		return err
	}
	if err := s.host.Passwords.Choose(ctx, auth.NewPassword{Password: password, User: target, Path: "admin"}, target.Email); err != nil {
		return err
	}
	hash, err := s.host.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error { return s.storePassword(ctx, p, target, hash) })
}

func (s *Service) storePassword(ctx context.Context, p *auth.Principal, target *ent.User, hash string) error {
	if err := s.host.Users.SetPassword(ctx, target.ID, hash); err != nil {
		return err
	}
	if err := s.host.Verifications.Void(ctx, target.ID, auth.PurposeResetPassword); err != nil {
		return err
	}
	if s.host.Core.Settings.Password.Get().RevokeSessionsOnChange {
		where := []predicate.Session{session.Or(session.UserID(target.ID), session.ImpersonatedBy(target.ID))}
		if p.Session != nil {
			where = append(where, session.IDNEQ(p.Session.ID))
		}
		if _, err := s.host.Sessions.End(ctx, auth.EndedPassword, where...); err != nil {
			return err
		}
	}
	if err := s.host.Notices.Changed(ctx, target, "password-changed", nil); err != nil {
		return err
	}
	return s.record(ctx, eventPasswordSet, target.ID, nil)
}

// Recovery is how a person gets to a new password: by mail, or by a link that is shown
// once to the administrator who made it.
type Recovery struct {
	Mailed    bool
	Link      string // set when not mailed
	ExpiresAt time.Time
}

// resets is what the core offers for known people.
type resets interface {
	SendReset(ctx context.Context, user *ent.User, redirectTo string) error
	ResetLink(ctx context.Context, user *ent.User, redirectTo string) (url string, expires time.Time, err error)
}

// resetPage is where the link of a reset leads.
const resetPage = "/reset-password"

// SendReset mails a person a link to a new password. It needs user:send-reset.
func (s *Service) SendReset(ctx context.Context, id string) (Recovery, error) {
	target, err := s.resettable(ctx, id)
	if err != nil {
		return Recovery{}, err
	}
	offer, err := s.resets()
	if err != nil {
		return Recovery{}, err
	}
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := offer.SendReset(ctx, target, resetPage); err != nil {
			return err
		}
		return s.record(ctx, eventResetSent, id, map[string]any{"mailed": true})
	})
	return Recovery{Mailed: err == nil}, err
}

// ResetLink makes a link to a new password for the actor to hand over. Who has it can
// take the account, so it needs user:set-password and a higher rank (decisions 36).
func (s *Service) ResetLink(ctx context.Context, id string) (Recovery, error) {
	target, err := s.resettable(ctx, id)
	if err != nil {
		return Recovery{}, err
	}
	if err := s.mayHaveLink(ctx, target); err != nil {
		return Recovery{}, err
	}
	offer, err := s.resets()
	if err != nil {
		return Recovery{}, err
	}
	var r Recovery
	err = s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if r.Link, r.ExpiresAt, err = offer.ResetLink(ctx, target, resetPage); err != nil {
			return err
		}
		return s.record(ctx, eventResetSent, id, map[string]any{"mailed": false})
	})
	return r, err
}

func (s *Service) resettable(ctx context.Context, id string) (*ent.User, error) {
	p, err := s.unmasked(ctx, ScopeSendReset, ErrMayNotSendReset)
	if err != nil {
		return nil, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	return target, s.mayActOn(ctx, p, target, ErrMayNotSendReset)
}

func (s *Service) mayHaveLink(ctx context.Context, target *ent.User) error {
	p, err := s.actor(ctx, ScopeSetPassword, ErrMayNotSendReset)
	if err != nil {
		return err
	}
	above, err := s.outranks(ctx, p, target)
	if err != nil {
		return err
	}
	if !above {
		return s.refused(ctx, target.ID, ErrMayNotSendReset)
	}
	return nil
}

func (s *Service) resets() (resets, error) {
	offer, ok := plugins.Offer[resets](s.host)
	if !ok {
		return nil, auth.ErrResetPasswordDisabled
	}
	return offer, nil
}
