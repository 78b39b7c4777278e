package core

import (
	"context"
	"errors"
	"strings"

	"gatehouse/auth"
	"gatehouse/ent"
)

// ChangePassword replaces a password that the person knows.
type ChangePassword struct {
	Current                      *auth.Current
	CurrentPassword, NewPassword string
	// Revoke ends all sessions and makes a new one; the setting
	// password.revoke_sessions_on_change does so for everyone.
	Revoke bool
}

// PasswordChanged is the result; Issued is the new session when the old ones ended.
type PasswordChanged struct {
	User   *ent.User
	Issued *auth.Issued
}

// ChangePassword checks the current password, stores the new one and, with revocation,
// replaces every session by one new one, in one transaction (SEC-007, SEC-045).
func (s *Service) ChangePassword(ctx context.Context, in ChangePassword) (PasswordChanged, error) {
	u := in.Current.User
	if err := s.h.Passwords.Length(in.NewPassword); err != nil {
		return PasswordChanged{}, err
	}
	if err := s.confirmPassword(ctx, u, in.CurrentPassword); err != nil {
		return PasswordChanged{}, err
	}
	hash, err := s.choose(ctx, u, in.NewPassword)
	if err != nil {
		return PasswordChanged{}, err
	}
	done := PasswordChanged{User: u}
	err = s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.storePassword(ctx, u, hash); err != nil {
			return err
		}
		if !in.Revoke && !s.h.Core.Settings.Password.Get().RevokeSessionsOnChange {
			return nil
		}
		done.Issued, err = s.replaceSessions(ctx, in.Current)
		return err
	})
	return done, err
}

func (s *Service) choose(ctx context.Context, u *ent.User, password string) (string, error) {
	if err := s.h.Passwords.Choose(ctx, auth.NewPassword{Password: password, User: u, Path: "change"}, u.Email); err != nil {
		return "", err
	}
	return s.h.Passwords.Hash(ctx, password)
}

// storePassword writes a changed password, voids links to a new one, and tells.
func (s *Service) storePassword(ctx context.Context, u *ent.User, hash string) error {
	if err := s.h.Users.SetPassword(ctx, u.ID, hash); err != nil {
		return err
	}
	if err := s.h.Verifications.Void(ctx, u.ID, auth.PurposeResetPassword); err != nil {
		return err
	}
	if err := s.h.Notices.Changed(ctx, u, "password-changed", nil); err != nil {
		return err
	}
	return s.h.Events.Record(ctx, auth.Event{Kind: "password.changed", SubjectType: "user", Subject: u.ID})
}

// replaceSessions ends all sessions of the caller and makes one with the same proofs.
func (s *Service) replaceSessions(ctx context.Context, current *auth.Current) (*auth.Issued, error) {
	if _, err := s.h.Sessions.EndAll(ctx, auth.EndedPassword, current.User.ID); err != nil {
		return nil, err
	}
	var amr []string
	if current.Session.Amr != "" {
		amr = strings.Split(current.Session.Amr, ",")
	}
	return s.h.Sessions.Create(ctx, auth.NewSession{User: current.User, Remember: current.Remember, AMR: amr})
}

// SetPassword gives a first password to a person who signs in another way. It is
// PASSWORD_ALREADY_SET for everyone else.
func (s *Service) SetPassword(ctx context.Context, current *auth.Current, password string) error {
	u := current.User
	if err := s.h.Passwords.Length(password); err != nil {
		return err
	}
	if err := s.withoutPassword(ctx, u); err != nil {
		return err
	}
	hash, err := s.choose(ctx, u, password)
	if err != nil {
		return err
	}
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.withoutPassword(ctx, u); err != nil {
			return err
		}
		return s.storePassword(ctx, u, hash)
	})
}

func (s *Service) withoutPassword(ctx context.Context, u *ent.User) error {
	account, err := s.h.Users.Credential(ctx, u.ID)
	if err == nil && account != nil && account.Password != nil {
		return auth.ErrPasswordAlreadySet
	}
	return err
}

// VerifyPassword checks the caller's password; INVALID_PASSWORD also when there is
// none. A right one counts as a new proof of identity.
func (s *Service) VerifyPassword(ctx context.Context, current *auth.Current, password string) error {
	err := s.confirmPassword(ctx, current.User, password)
	if errors.Is(err, auth.ErrCredentialAccountNotFound) {
		return auth.ErrInvalidPassword
	}
	if err != nil {
		return err
	}
	return s.h.Sessions.Prove(ctx, current, "pwd")
}
