package core

import (
	"context"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/ent/session"
)

// SignIn proves an identity with e-mail and password.
type SignIn struct {
	Email, Password string
	Remember        bool
	CallbackURL     string // where the person wanted to go, judged by the caller
}

// PasswordOn reports whether people sign in and up with email and password. Where it is
// off, a password still proves who somebody is.
func (s *Service) PasswordOn() bool { return s.h.Core.Settings.SignIn.Current().Password }

// SignIn checks the password and makes a session, or names the step that has to come
// before it (better-auth core 4.1). Unknown addresses, people without a password and
// wrong passwords are not told apart, neither by the answer nor by the work
// (SEC-011, SEC-012); what hinders the account shows only after the right password
// (SEC-013).
func (s *Service) SignIn(ctx context.Context, in SignIn) (auth.Outcome, error) {
	var none auth.Outcome
	if !s.PasswordOn() {
		return none, auth.ErrPasswordDisabled
	}
	address, err := email.Parse(in.Email)
	if err != nil {
		return none, auth.ErrInvalidEmail.At("email")
	}
	if err := s.h.Passwords.TooLong(in.Password); err != nil {
		return none, err
	}
	u, err := s.h.Users.ByEmail(ctx, address)
	if err != nil {
		return none, err
	}
	if err := s.h.Attempts.Allow(ctx, address, u); err != nil {
		return none, err
	}
	right, err := s.h.Passwords.Verify(ctx, u, in.Password)
	if err != nil {
		return none, err
	}
	if !right {
		return none, s.refused(ctx, MethodEmail, u, address, auth.ErrInvalidEmailOrPassword)
	}
	if err := s.h.Attempts.Succeeded(ctx, address); err != nil {
		return none, err
	}
	if s.h.Core.Settings.EmailVerification.Get().Required && !u.EmailVerified {
		return none, s.unverified(ctx, u, in.CallbackURL)
	}
	return s.complete(ctx, auth.FirstFactor{User: u, Method: MethodEmail, AMR: []string{"pwd"}, Strength: 1,
		Remember: in.Remember, ReturnTo: in.CallbackURL})
}

// complete makes the session; a refusal of a plugin is recorded.
func (s *Service) complete(ctx context.Context, f auth.FirstFactor) (auth.Outcome, error) {
	out, err := s.h.SignIns.Complete(ctx, f)
	if err == nil {
		return out, nil
	}
	if e := auth.AsError(err); e.Status < 500 {
		if err := s.h.SignIns.Failed(ctx, f.Method, e.Code, f.User); err != nil {
			return auth.Outcome{}, err
		}
	}
	return auth.Outcome{}, err
}

// unverified refuses a sign-in before the address is verified and, where so
// configured, mails a new link.
func (s *Service) unverified(ctx context.Context, u *ent.User, callbackURL string) error {
	err := s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.h.SignIns.Failed(ctx, MethodEmail, auth.ErrEmailNotVerified.Code, u); err != nil {
			return err
		}
		if !s.h.Core.Settings.EmailVerification.Get().OnSignIn || !s.MailPossible(ctx) {
			return nil
		}
		return s.mailVerification(ctx, u, callbackURL)
	})
	if err != nil {
		return err
	}
	return auth.ErrEmailNotVerified
}

// SignOut ends a session on the server. current may be nil.
func (s *Service) SignOut(ctx context.Context, current *auth.Current) error {
	if current == nil {
		return nil
	}
	_, err := s.h.Sessions.End(ctx, auth.EndedSignOut, session.ID(current.Session.ID), session.UserID(current.User.ID))
	return err
}
