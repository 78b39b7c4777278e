package core

import (
	"context"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
)

// VerifyEmail uses a mailed verification token.
type VerifyEmail struct {
	Token       string
	CallbackURL string        // where a further link, if one is mailed, ends
	Current     *auth.Current // the session of the request; may be nil
}

// Verified is what a verification token did.
type Verified struct {
	Kind VerificationKind
	// User is set when the address was changed.
	User *ent.User
	// Outcome is set when verifying also signs in.
	Outcome auth.Outcome
	// Reissue is the current session with its changed user, whose cookies are to be
	// written again.
	Reissue *auth.Current
}

// WouldSignIn reports whether using a token opens a session: those links ask first
// (decisions 37).
func (s *Service) WouldSignIn(v Verification) bool {
	return v.Kind == KindVerify && !v.Verified && s.h.Core.Settings.EmailVerification.Get().AutoSignIn
}

// VerifyEmail uses a token once. A plain one that was used before, by the present
// owner of the address, succeeds without effect; a change of address never opens a
// session (better-auth core 4.4).
func (s *Service) VerifyEmail(ctx context.Context, in VerifyEmail) (Verified, error) {
	c, err := s.find(ctx, in.Token)
	if err != nil {
		return Verified{}, err
	}
	if c.Kind == KindVerify {
		return s.verifyPlain(ctx, in, c)
	}
	return s.verifyChange(ctx, in, c)
}

func (s *Service) verifyPlain(ctx context.Context, in VerifyEmail, c *claim) (Verified, error) {
	done := Verified{Kind: KindVerify}
	u, err := s.h.Users.ByEmail(ctx, c.Email)
	if err != nil {
		return done, err
	}
	switch {
	case u == nil:
		return done, errVerifyNone
	case u.ID != c.user || c.spent && !u.EmailVerified:
		return done, errVerifyToken
	case u.EmailVerified:
		return done, nil
	}
	after, err := s.proveAddress(ctx, in.Token, c)
	if err != nil || after == nil || !s.h.Core.Settings.EmailVerification.Get().AutoSignIn {
		return done, err
	}
	if in.Current != nil && email.Equal(in.Current.User.Email, c.Email) {
		done.Reissue = withUser(in.Current, after)
		return done, nil
	}
	done.Outcome, err = s.complete(ctx, auth.FirstFactor{User: after, Method: methodVerified, AMR: []string{"otp"}, Strength: 1,
		Remember: true, ReturnTo: in.CallbackURL})
	return done, err
}

// proveAddress uses the token up and marks the address verified; nil means that
// somebody else did so meanwhile.
func (s *Service) proveAddress(ctx context.Context, token string, c *claim) (*ent.User, error) {
	var after *ent.User
	err := s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		taken, err := s.h.Verifications.Consume(ctx, c.purpose, token)
		if err != nil || taken == nil {
			return err
		}
		if err := s.issue(ctx, purposeSpent, token, c.user, c.proof, c.expires); err != nil {
			return err
		}
		after, err = s.h.Users.Patch(ctx, c.user, "verification", nil, func(u *ent.UserUpdateOne) { u.SetEmailVerified(true) })
		if err != nil {
			return err
		}
		if err := s.h.Moments.AddressProved.Run(ctx, &auth.ProvedAddress{Tx: tx, User: after, Channel: mailChannelName, Address: c.Email}); err != nil {
			return err
		}
		return s.h.Events.Record(ctx, auth.Event{Kind: "email.verified", SubjectType: "user", Subject: after.ID, Actor: after.ID,
			ActorName: after.Name, Data: map[string]any{"email": c.Email}})
	})
	return after, err
}

func (s *Service) verifyChange(ctx context.Context, in VerifyEmail, c *claim) (Verified, error) {
	done := Verified{Kind: c.Kind}
	u, err := s.h.Users.ByID(ctx, c.user)
	if err != nil {
		return done, err
	}
	switch {
	case u == nil:
		return done, errVerifyNone
	case !email.Equal(u.Email, c.Email):
		return done, errVerifyToken
	case in.Current != nil && in.Current.User.ID != u.ID:
		return done, errVerifyOther
	}
	err = s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		taken, err := s.h.Verifications.Consume(ctx, c.purpose, in.Token)
		if err != nil {
			return err
		}
		if taken == nil {
			return errVerifyToken
		}
		if c.Kind == KindApprove {
			return s.askNewAddress(ctx, u, c.NewEmail, in.CallbackURL)
		}
		done.User, err = s.changeAddress(ctx, tx, u, c.NewEmail)
		return err
	})
	if err == nil && done.User != nil && in.Current != nil {
		done.Reissue = withUser(in.Current, done.User)
	}
	return done, err
}

// askNewAddress mails the new address a link that proves it. To an address that is
// taken by now nothing is sent; the answer is the same.
func (s *Service) askNewAddress(ctx context.Context, u *ent.User, address, callbackURL string) error {
	other, err := s.h.Users.ByEmail(ctx, address)
	if err != nil {
		return err
	}
	p := proof{Kind: KindChange, Email: u.Email, NewEmail: address}
	if other != nil {
		return s.unsent(ctx, u, p)
	}
	return s.mailProof(ctx, "change-email-verify", u, address, p, callbackURL)
}

// changeAddress moves the account to a proved address. Whether the address counts as
// verified stays as it was (better-auth core 4.4).
func (s *Service) changeAddress(ctx context.Context, tx *auth.Tx, u *ent.User, address string) (*ent.User, error) {
	after, err := s.h.Users.Patch(ctx, u.ID, "self", nil, func(up *ent.UserUpdateOne) { up.SetEmail(address) })
	if err != nil {
		return nil, err
	}
	if err := s.h.Moments.AddressProved.Run(ctx, &auth.ProvedAddress{Tx: tx, User: after, Channel: mailChannelName, Address: address}); err != nil {
		return nil, err
	}
	return after, s.addressChanged(ctx, u, after)
}

// addressChanged records a change of address.
func (s *Service) addressChanged(ctx context.Context, before, after *ent.User) error {
	return s.h.Events.Record(ctx, auth.Event{Kind: "email.changed", SubjectType: "user", Subject: after.ID, Actor: after.ID, ActorName: after.Name,
		Data: map[string]any{"from": before.Email, "to": after.Email}})
}

// withUser is a session with its user as it is now.
func withUser(current *auth.Current, u *ent.User) *auth.Current {
	next := *current
	next.User, next.Cached = u, nil
	return &next
}
