package core

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
)

// RequestReset mails a link to a new password to the owner of an address. Whether the
// address is known shows neither in the answer nor in the work (SEC-014). redirectTo,
// judged by the caller, is where the link ends.
func (s *Service) RequestReset(ctx context.Context, address, redirectTo string) error {
	if !s.MailPossible(ctx) {
		return auth.ErrResetPasswordDisabled
	}
	u, err := s.h.Users.ByEmail(ctx, address)
	if err != nil {
		return err
	}
	if u == nil {
		return s.decoy(ctx, auth.PurposeResetPassword, s.h.Core.Settings.Password.Get().ResetExpiresIn)
	}
	return s.SendReset(ctx, u, redirectTo)
}

// SendReset mails a known person a link to a new password.
func (s *Service) SendReset(ctx context.Context, u *ent.User, redirectTo string) error {
	if !s.MailPossible(ctx) {
		return auth.ErrResetPasswordDisabled
	}
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		link, expires, err := s.ResetLink(ctx, u, redirectTo)
		if err != nil {
			return err
		}
		return s.send(ctx, "reset-password", u, u.Email, expires, auth.MessageData{URL: link})
	})
}

// ResetLink makes a link to a new password without mailing it. Whoever shows it must
// outrank the person (decisions 36).
func (s *Service) ResetLink(ctx context.Context, u *ent.User, redirectTo string) (link string, expires time.Time, err error) {
	token := random.String(24, random.Alnum)
	expires = s.h.Clock().Add(s.h.Core.Settings.Password.Get().ResetExpiresIn)
	err = s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.issue(ctx, auth.PurposeResetPassword, token, u.ID, struct{}{}, expires); err != nil {
			return err
		}
		return s.h.Events.Record(ctx, auth.Event{Kind: "password.reset-requested", SubjectType: "user", Subject: u.ID})
	})
	return s.apiLink("/reset-password/"+token+"?", redirectTo), expires, err
}

// ResetOpen reports whether a reset token is good. It does not use it (SEC-095).
func (s *Service) ResetOpen(ctx context.Context, token string) (bool, error) {
	found, err := s.h.Verifications.Find(ctx, auth.PurposeResetPassword, token)
	return found != nil && found.Subject != "", err
}

// Reset gives a new password for a token. Using the token up, the password, the end of
// the sessions and of the person's other tokens are one transaction; a refused
// password leaves the token usable (SEC-094).
func (s *Service) Reset(ctx context.Context, token, password string) error {
	if token == "" {
		return auth.ErrInvalidToken
	}
	if err := s.h.Passwords.Length(password); err != nil {
		return err
	}
	found, err := s.h.Verifications.Find(ctx, auth.PurposeResetPassword, token)
	if err != nil {
		return err
	}
	if found == nil || found.Subject == "" {
		return auth.ErrInvalidToken
	}
	u, err := s.h.Users.ByID(ctx, found.Subject)
	if err != nil {
		return err
	}
	if u == nil {
		return auth.ErrUserNotFound
	}
	if err := s.h.Passwords.Choose(ctx, auth.NewPassword{Password: password, User: u, Path: "reset"}, u.Email); err != nil {
		return err
	}
	hash, err := s.h.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error { return s.reset(ctx, u, token, hash) })
}

func (s *Service) reset(ctx context.Context, u *ent.User, token, hash string) error {
	taken, err := s.h.Verifications.Consume(ctx, auth.PurposeResetPassword, token)
	if err != nil {
		return err
	}
	if taken == nil {
		return auth.ErrInvalidToken
	}
	if err := s.h.Verifications.Void(ctx, u.ID, auth.PurposeResetPassword); err != nil {
		return err
	}
	if s.h.Core.Settings.Password.Get().RevokeSessionsOnReset {
		if _, err := s.h.Sessions.EndAll(ctx, auth.EndedPassword, u.ID); err != nil {
			return err
		}
	}
	if err := s.h.Users.SetPassword(ctx, u.ID, hash); err != nil {
		return err
	}
	if err := s.h.Attempts.Succeeded(ctx, u.Email); err != nil {
		return err
	}
	if err := s.h.Notices.Changed(ctx, u, "password-reset", nil); err != nil {
		return err
	}
	return s.h.Events.Record(ctx, auth.Event{Kind: "password.reset", SubjectType: "user", Subject: u.ID, Actor: u.ID, ActorName: u.Name})
}
