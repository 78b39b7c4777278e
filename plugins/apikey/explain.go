package apikey

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// explainKey is the principal of a key for questions about it. Of a key that is no good it
// is what the key would be, with what bars it.
func (s *Service) explainKey(ctx context.Context, id string) (*auth.Principal, error) {
	row, err := s.keys(ctx).Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	now := s.now()
	var barred words.Text
	switch {
	case !row.Enabled:
		barred = "The key is disabled."
	case standing(row, now) != nil:
		barred = "The key has expired."
	case exhausted(row):
		barred = "The key has no use left."
	}
	nothing := func(why words.Text) *auth.Principal {
		return auth.NewPrincipal(auth.Principal{Subject: row.ReferenceID, Scheme: auth.SchemeAPIKey, Name: called(row), Barred: why}, nil, now)
	}
	c, known := s.kindOf(row)
	if !known {
		return nothing("The settings have the kind of the key no more."), nil
	}
	o, err := s.ownerOf(ctx, row)
	if _, refused := asRefusal(err); refused {
		return nothing("Who owns the key is banned, disabled or gone."), nil
	}
	if err != nil {
		return nil, err
	}
	p, err := s.principal(ctx, &verified{row: row, conf: c, owner: o}, nil, nil, now)
	if err == nil {
		p.Barred = barred
	}
	return p, err
}

// explainAccount is the same of a service account.
func (s *Service) explainAccount(ctx context.Context, id string) (*auth.Principal, error) {
	row, err := s.host.DB.Access(ctx).Platform().ServiceAccount().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a service account: %w", err)
	}
	var barred words.Text
	switch {
	case !row.Enabled:
		barred = "The service account is disabled."
	case !active(row, s.now()):
		barred = "The service account is over."
	}
	grants, err := s.accountGrants(ctx, row)
	if err != nil {
		return nil, err
	}
	return auth.NewPrincipal(auth.Principal{Subject: row.ID, Scheme: auth.SchemeAPIKey, Name: row.Name, Barred: barred}, grants, s.now()), nil
}
