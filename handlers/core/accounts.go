package core

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/account"
	"gatehouse/plugins"
)

// ListAccounts lists the ways a person's identity is known by: the password and the
// linked accounts of providers.
func (s *Service) ListAccounts(ctx context.Context, userID string) ([]*ent.Account, error) {
	return s.h.Users.Accounts(ctx, userID)
}

// Unlink removes an account of the caller, named by its row id, but never the last one
// that can be used to sign in (SEC-112).
func (s *Service) Unlink(ctx context.Context, current *auth.Current, id string) error {
	u := current.User
	return s.h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		// Writing the user's row makes parallel requests of one person wait for each
		// other, so that two of them cannot each see the other's account remain.
		if err := tx.User().UpdateOneID(u.ID).SetUpdatedAt(s.h.Clock()).Exec(ctx); err != nil {
			return fmt.Errorf("locking a user: %w", err)
		}
		accounts, err := s.h.Users.Accounts(ctx, u.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(accounts, func(a *ent.Account) bool { return a.ID == id })
		switch {
		case len(accounts) <= 1:
			return auth.ErrUnlinkLastAccount
		case at < 0:
			return auth.ErrAccountNotFound
		case !s.removable(ctx, accounts, id):
			return auth.ErrUnlinkLastAccount
		}
		if _, err := tx.Account().Delete().Where(account.ID(id), account.UserID(u.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("removing an account: %w", err)
		}
		return s.unlinked(ctx, u, accounts[at].ProviderID)
	})
}

func (s *Service) unlinked(ctx context.Context, u *ent.User, provider string) error {
	if err := s.h.Notices.Changed(ctx, u, "account-unlinked", map[string]string{"provider": provider}); err != nil {
		return err
	}
	return s.h.Events.Record(ctx, auth.Event{Kind: "account.unlinked", SubjectType: "user", Subject: u.ID, Data: map[string]any{"provider": provider}})
}

// removable reports whether a person can still sign in without one of their accounts.
func (s *Service) removable(ctx context.Context, accounts []*ent.Account, id string) bool {
	return slices.ContainsFunc(accounts, func(a *ent.Account) bool { return a.ID != id && s.usable(ctx, a) })
}

// Removable says of each account of a person whether it can be unlinked.
func (s *Service) Removable(ctx context.Context, accounts []*ent.Account) map[string]bool {
	can := map[string]bool{}
	for _, a := range accounts {
		can[a.ID] = s.removable(ctx, accounts, a.ID)
	}
	return can
}

// usable reports whether a person can sign in with an account.
func (s *Service) usable(ctx context.Context, a *ent.Account) bool {
	if a.ProviderID == auth.ProviderCredential {
		return a.Password != nil
	}
	providers, ok := plugins.Offer[plugins.Providers](s.h)
	return ok && providers.Has(ctx, a.ProviderID)
}

// owned finds an account of a user by its row id.
func (s *Service) owned(ctx context.Context, userID, id string) (*ent.Account, error) {
	row, err := s.h.DB.Access(ctx).Account().Query().Where(account.ID(id), account.UserID(userID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, auth.ErrAccountNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("looking an account up: %w", err)
	}
	return row, nil
}
