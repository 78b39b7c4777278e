package apikey

import (
	"context"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
)

// A form that makes a key carries a value that is good for one: whoever reloads the page
// that shows the secret sends the form again, and gets no second key.

const (
	purposeOnce auth.Purpose = "new-api-key"
	// purposeSpent keeps a value recognisable that made a key, whose id it holds.
	purposeSpent auth.Purpose = "made-api-key"

	onceLife = 24 * time.Hour
)

// formValue makes a value for a form of the principal of the context.
func (s *Service) formValue(ctx context.Context) (string, error) {
	token := random.ID()
	return token, s.host.Verifications.Issue(ctx, token, auth.OneTime{Purpose: purposeOnce, Subject: auth.PrincipalOf(ctx).Subject, ExpiresAt: s.now().Add(onceLife)})
}

// spendForm takes the value of a form, in the transaction that makes its key.
func (s *Service) spendForm(ctx context.Context, token string) error {
	if token == "" { // the caller is no form
		return nil
	}
	taken, err := s.host.Verifications.Consume(ctx, purposeOnce, token)
	if err == nil && (taken == nil || taken.Subject != auth.PrincipalOf(ctx).Subject) {
		err = ErrFormSpent
	}
	return err
}

// formMade remembers which key a form made.
func (s *Service) formMade(ctx context.Context, token, key string) error {
	if token == "" {
		return nil
	}
	return s.host.Verifications.Issue(ctx, token, auth.OneTime{Purpose: purposeSpent, Subject: auth.PrincipalOf(ctx).Subject, Value: key, ExpiresAt: s.now().Add(onceLife)})
}

// madeBy is the id of the key that a form made; empty when it made none.
func (s *Service) madeBy(ctx context.Context, token string) (string, error) {
	found, err := s.host.Verifications.Find(ctx, purposeSpent, token)
	if err != nil || found == nil || found.Subject != auth.PrincipalOf(ctx).Subject {
		return "", err
	}
	return found.Value, nil
}
