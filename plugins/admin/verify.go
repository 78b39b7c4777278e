package admin

import (
	"context"
	"net/http"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// ErrAlreadyVerified refuses to verify twice.
var ErrAlreadyVerified = auth.E(http.StatusConflict, "EMAIL_ALREADY_VERIFIED", "This address is verified already.")

// MarkVerified says of a person's address that it is theirs, without a mail. It needs
// user:update and user:set-email.
func (s *Service) MarkVerified(ctx context.Context, id string) (*ent.User, error) {
	if _, err := s.unmasked(ctx, ScopeSetEmail, ErrMayNotSetEmail); err != nil {
		return nil, err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if target.EmailVerified {
		return nil, ErrAlreadyVerified
	}
	yes := true
	return s.Update(ctx, id, Change{EmailVerified: &yes})
}

// verifications is what the core offers for known people.
type verifications interface {
	MailVerification(ctx context.Context, user *ent.User, callbackURL string) error
}

// verifiedPage is where the link of a verification mail ends.
const verifiedPage = "/verify-email?state=done"

// SendVerification mails a person a link to verify their address. It needs user:update.
func (s *Service) SendVerification(ctx context.Context, id string) error {
	p, err := s.unmasked(ctx, ScopeUpdate, ErrMayNotUpdate)
	if err != nil {
		return err
	}
	target, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayActOn(ctx, p, target, ErrMayNotUpdate); err != nil {
		return err
	}
	if target.EmailVerified {
		return ErrAlreadyVerified
	}
	offer, ok := plugins.Offer[verifications](s.host)
	if !ok {
		return auth.ErrVerificationNotEnabled
	}
	return s.inTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		if err := offer.MailVerification(ctx, target, verifiedPage); err != nil {
			return err
		}
		return s.record(ctx, eventVerificationSent, id, nil)
	})
}
