package core

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/ent"
	"gatehouse/ent/user"
)

// ChangeEmail asks for another address.
type ChangeEmail struct {
	Current     *auth.Current
	NewEmail    string // by the grammar of auth/email
	CallbackURL string // where the links end; empty is "/"
}

// EmailChange is what a wish for another address led to. For an address that is taken
// it reads the same as for a free one (SEC-016).
type EmailChange struct {
	// User is set when the address was changed at once.
	User *ent.User
	// SentTo is where a link went: "old" or "new" address; empty when changed at once.
	SentTo string
}

// Answers of change-email without a code.
var (
	errSameEmail  = &auth.Error{Status: 400, Message: "Email is the same"}
	errNoMailFlow = &auth.Error{Status: 400, Message: "Verification email isn't enabled"}
)

// ChangeEmail starts a change of address: where the old address is verified it is asked
// first, then the new one. Only an unverified address may change at once, and only
// where the operator allows it (better-auth core 4.4, SEC-093).
func (s *Service) ChangeEmail(ctx context.Context, in ChangeEmail) (EmailChange, error) {
	cfg, u := s.h.Core.Settings.User.Get(), in.Current.User
	address := email.Canonical(in.NewEmail)
	atOnce := !u.EmailVerified && cfg.UpdateEmailWithoutVerification
	switch {
	case !cfg.ChangeEmail:
		return EmailChange{}, auth.ErrChangeEmailDisabled
	case email.Equal(u.Email, address):
		return EmailChange{}, errSameEmail
	case !atOnce && !s.MailPossible(ctx):
		return EmailChange{}, errNoMailFlow
	case user.EmailValidator(address) != nil:
		return EmailChange{}, auth.ErrValidation.Saying("[body.newEmail] Invalid email address").At("newEmail")
	}
	if atOnce {
		return s.changeAtOnce(ctx, u, address, in.CallbackURL)
	}
	if u.EmailVerified && cfg.ChangeEmailConfirmation {
		return EmailChange{SentTo: "old"}, s.askOldAddress(ctx, u, address, in.CallbackURL)
	}
	return EmailChange{SentTo: "new"}, s.startChange(ctx, u, address, func(ctx context.Context) error {
		return s.askNewAddress(ctx, u, address, in.CallbackURL)
	})
}

// startChange records the wish, in place of an earlier one, and begins the proof, in one
// transaction.
func (s *Service) startChange(ctx context.Context, u *ent.User, address string, begin func(context.Context) error) error {
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := s.h.Verifications.Void(ctx, u.ID, auth.PurposeChangeEmail); err != nil {
			return err
		}
		if err := begin(ctx); err != nil {
			return err
		}
		return s.h.Events.Record(ctx, auth.Event{Kind: "email.change-requested", SubjectType: "user", Subject: u.ID, Data: map[string]any{"to": address}})
	})
}

func (s *Service) askOldAddress(ctx context.Context, u *ent.User, address, callbackURL string) error {
	taken, err := s.h.Users.ByEmail(ctx, address)
	if err != nil {
		return err
	}
	return s.startChange(ctx, u, address, func(ctx context.Context) error {
		p := proof{Kind: KindApprove, Email: u.Email, NewEmail: address}
		if taken != nil {
			return s.unsent(ctx, u, p)
		}
		return s.mailProof(ctx, "change-email-confirm", u, u.Email, p, callbackURL)
	})
}

// changeAtOnce replaces an address that nobody has verified, and asks the new one to
// be verified where that is possible.
func (s *Service) changeAtOnce(ctx context.Context, u *ent.User, address, callbackURL string) (EmailChange, error) {
	var after *ent.User
	err := s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		taken, err := s.h.Users.ByEmail(ctx, address)
		if err != nil || taken != nil {
			return err
		}
		after, err = s.h.Users.Patch(ctx, u.ID, "self", nil, func(up *ent.UserUpdateOne) { up.SetEmail(address) })
		if err != nil {
			return err
		}
		if err := s.addressChanged(ctx, u, after); err != nil || !s.MailPossible(ctx) {
			return err
		}
		return s.mailVerification(ctx, after, callbackURL)
	})
	return EmailChange{User: after}, err
}

// unsent stores a proof whose link nobody gets. A wish for an address that is taken waits
// in the account area as any other does, and takes as long (SEC-014, SEC-016).
func (s *Service) unsent(ctx context.Context, u *ent.User, p proof) error {
	return s.issue(ctx, auth.PurposeChangeEmail, linkToken(), u.ID, p, s.h.Clock().Add(s.h.Core.Settings.EmailVerification.Get().ExpiresIn))
}

// PendingEmail is a change of address that waits for a link to be opened.
type PendingEmail struct {
	NewEmail  string
	AtOld     bool // the old address is asked; else the new one
	ExpiresAt time.Time
}

// PendingEmail returns the change of address that a person waits for; nil when none.
func (s *Service) PendingEmail(ctx context.Context, u *ent.User) (*PendingEmail, error) {
	list, err := s.h.Verifications.Pending(ctx, u.ID, auth.PurposeChangeEmail)
	if err != nil {
		return nil, err
	}
	for _, value := range list {
		c, err := claimOf(value)
		if err == nil && c.NewEmail != "" && email.Equal(c.Email, u.Email) {
			return &PendingEmail{NewEmail: c.NewEmail, AtOld: c.Kind == KindApprove, ExpiresAt: c.expires}, nil
		}
	}
	return nil, nil
}

// errNoPending answers when there is no change of address to go on with.
var errNoPending = auth.E(404, "NOT_FOUND", "No change of address is waiting any more. Start again.")

// ResendEmailChange mails the link of the waiting step once more; the one before stops
// working.
func (s *Service) ResendEmailChange(ctx context.Context, current *auth.Current, callbackURL string) (*PendingEmail, error) {
	var pending *PendingEmail
	u := current.User
	err := s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) (err error) {
		if pending, err = s.PendingEmail(ctx, u); err != nil {
			return err
		}
		if pending == nil {
			return errNoPending
		}
		if pending.AtOld {
			return s.askOldAddress(ctx, u, pending.NewEmail, callbackURL)
		}
		return s.startChange(ctx, u, pending.NewEmail, func(ctx context.Context) error {
			return s.askNewAddress(ctx, u, pending.NewEmail, callbackURL)
		})
	})
	return pending, err
}

// CancelEmailChange gives a waiting change of address up: its links stop working. That
// there is none is no error.
func (s *Service) CancelEmailChange(ctx context.Context, current *auth.Current) error {
	u := current.User
	return s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		pending, err := s.PendingEmail(ctx, u)
		if err != nil || pending == nil {
			return err
		}
		if err := s.h.Verifications.Void(ctx, u.ID, auth.PurposeChangeEmail); err != nil {
			return err
		}
		return s.h.Events.Record(ctx, auth.Event{Kind: "email.change-cancelled", SubjectType: "user", Subject: u.ID, Data: map[string]any{"to": pending.NewEmail}})
	})
}
