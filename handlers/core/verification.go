package core

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/random"
	"gatehouse/auth/text"
	"gatehouse/ent"
)

// purposeSpent keeps a used verification token recognisable until it would have
// expired, so that a mail scanner's visit does not turn the person's own into an error
// (decisions 15).
const purposeSpent auth.Purpose = "verified-email"

// VerificationKind is what a mailed verification token does.
type VerificationKind string

// Kinds of verification tokens.
const (
	KindVerify  VerificationKind = "verify"         // proves the address of the account
	KindApprove VerificationKind = "approve-change" // the old address agrees to a new one
	KindChange  VerificationKind = "change"         // proves the new address and changes to it
)

// proof is what a verification token stands for. It binds the user's address at the
// time it was made (SEC-092).
type proof struct {
	Kind     VerificationKind `json:"kind"`
	Email    string           `json:"email"`
	NewEmail string           `json:"newEmail,omitempty"`
}

// Answers of GET /verify-email, which have their own status there.
var (
	errVerifyToken = auth.E(401, "INVALID_TOKEN", "Invalid token")
	errVerifyNone  = auth.E(401, "USER_NOT_FOUND", "User not found")
	errVerifyOther = auth.E(401, "INVALID_USER", "Invalid user")
)

// minUniform is the least time an anonymous request for a verification mail takes
// (better-auth core 4.4).
const minUniform = 500 * time.Millisecond

// linkToken makes a token for a mailed link. Its text has the outer form of the wire's
// token, which tools that read such mails look for; it holds nothing but chance.
func linkToken() string {
	return "eyJ" + random.String(17, random.Alnum) + "." + random.String(16, random.Alnum) + "." + random.String(32, random.Alnum)
}

// SendVerification mails a link to verify an address. With a session it must be the
// session's own; without one the answer is the same for every address and takes at
// least half a second.
func (s *Service) SendVerification(ctx context.Context, address, callbackURL string, current *auth.Current) error {
	if !s.MailPossible(ctx) {
		return auth.ErrVerificationNotEnabled
	}
	if current == nil {
		return s.sendVerificationBlind(ctx, address, callbackURL)
	}
	u, err := s.h.Users.ByID(ctx, current.User.ID)
	switch {
	case err != nil:
		return err
	case u == nil:
		return auth.ErrUnauthorized
	case !email.Equal(u.Email, address):
		return auth.ErrEmailMismatch
	case u.EmailVerified:
		return auth.ErrEmailAlreadyVerified
	}
	return s.mailVerification(ctx, u, callbackURL)
}

func (s *Service) sendVerificationBlind(ctx context.Context, address, callbackURL string) error {
	wait := time.NewTimer(minUniform)
	defer wait.Stop()
	u, err := s.h.Users.ByEmail(ctx, address)
	if err == nil && u != nil && !u.EmailVerified {
		err = s.mailVerification(ctx, u, callbackURL)
	}
	select {
	case <-wait.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return err
}

// mailVerification makes a token for the user's present address and mails it there.
func (s *Service) mailVerification(ctx context.Context, u *ent.User, callbackURL string) error {
	return s.mailProof(ctx, "verify-email", u, u.Email, proof{Kind: KindVerify, Email: u.Email}, callbackURL)
}

// MailVerification mails a known person a link to verify their address.
func (s *Service) MailVerification(ctx context.Context, u *ent.User, callbackURL string) error {
	if !s.MailPossible(ctx) {
		return auth.ErrVerificationNotEnabled
	}
	return s.mailVerification(ctx, u, callbackURL)
}

// mailProof stores a token and mails its link, in one transaction.
func (s *Service) mailProof(ctx context.Context, message string, u *ent.User, to string, p proof, callbackURL string) error {
	if callbackURL == "" {
		callbackURL = "/"
	}
	token, expires := linkToken(), s.h.Clock().Add(s.h.Core.Settings.EmailVerification.Get().ExpiresIn)
	purpose := auth.PurposeChangeEmail
	if p.Kind == KindVerify {
		purpose = auth.PurposeVerifyEmail
	}
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.issue(ctx, purpose, token, u.ID, p, expires); err != nil {
			return err
		}
		return s.send(ctx, message, u, to, expires, auth.MessageData{Values: map[string]string{"newEmail": p.NewEmail},
			URL: s.apiLink("/verify-email?token="+text.EscapeURI(token)+"&", callbackURL)})
	})
}

// claim is a verification token that was looked up.
type claim struct {
	proof
	purpose auth.Purpose
	user    string
	expires time.Time
	spent   bool
}

// find looks a verification token up without using it.
func (s *Service) find(ctx context.Context, token string) (*claim, error) {
	purposes := []auth.Purpose{auth.PurposeVerifyEmail, auth.PurposeChangeEmail, purposeSpent}
	for _, p := range purposes {
		found, err := s.h.Verifications.Find(ctx, p, token)
		if err != nil {
			return nil, err
		}
		if found != nil && found.Subject != "" {
			return claimOf(found)
		}
	}
	for _, p := range purposes {
		over, err := s.h.Verifications.Expired(ctx, p, token)
		if err != nil {
			return nil, fmt.Errorf("looking an expired token up: %w", err)
		}
		if over {
			return nil, auth.ErrTokenExpired
		}
	}
	return nil, errVerifyToken
}

func claimOf(found *auth.OneTime) (*claim, error) {
	c := &claim{purpose: found.Purpose, user: found.Subject, expires: found.ExpiresAt, spent: found.Purpose == purposeSpent}
	if err := json.Unmarshal([]byte(found.Value), &c.proof); err != nil {
		return nil, errVerifyToken.Because(err)
	}
	return c, nil
}

// Verification describes a token for a page that asks before acting.
type Verification struct {
	Kind            VerificationKind
	Email, NewEmail string
	// Verified says that there is nothing left to do.
	Verified bool
}

// PeekVerification looks a token up without using it. The error is INVALID_TOKEN or
// TOKEN_EXPIRED.
func (s *Service) PeekVerification(ctx context.Context, token string) (Verification, error) {
	c, err := s.find(ctx, token)
	if err != nil {
		return Verification{}, err
	}
	u, err := s.h.Users.ByID(ctx, c.user)
	if err != nil {
		return Verification{}, err
	}
	return Verification{Kind: c.Kind, Email: c.Email, NewEmail: c.NewEmail, Verified: c.spent || c.Kind == KindVerify && u != nil && u.EmailVerified}, nil
}

// addressLeft voids what was mailed to an address that is no longer the user's, and tells
// both addresses, whoever changed it.
func (s *Service) addressLeft(ctx context.Context, change *auth.UserChange) error {
	if change.Before == nil || change.Before.Email == change.User.Email {
		return nil
	}
	err := s.h.Notices.ChangedAt(ctx, change.Before, change.Before.Email, "email-changed", map[string]string{newEmail.Name: change.User.Email})
	if err != nil {
		return err
	}
	if err := s.h.Notices.Changed(ctx, change.User, "email-changed-new", nil); err != nil {
		return err
	}
	return s.h.Verifications.Void(ctx, change.User.ID, auth.PurposeVerifyEmail, auth.PurposeChangeEmail, auth.PurposeResetPassword, purposeSpent)
}
