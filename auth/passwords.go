package auth

import (
	"context"
	"errors"
	"time"

	"gatehouse/auth/password"
	"gatehouse/auth/settings"
	"gatehouse/ent"
)

// Passwords judges, hashes and verifies passwords. Hashing runs in a bounded pool; a
// full one answers ErrBusy (SEC-009).
type Passwords struct {
	hasher    *password.Hasher
	blocklist *password.Blocklist
	cfg       *settings.Core
	moments   *Moments
	users     *Users
}

// Choose judges a new password on any path: length, blocklist, then the plugins.
func (p *Passwords) Choose(ctx context.Context, n NewPassword, address string) error {
	if err := p.Length(n.Password); err != nil {
		return err
	}
	policy, top := p.policy(), p.cfg.Top.Get()
	host := top.Host()
	err := policy.Check(n.Password, password.ContextWords(p.cfg.App.Get().Name, host, address)...)
	if errors.Is(err, password.ErrCompromised) {
		return ErrPasswordCompromised.At("password")
	}
	if err != nil {
		return err
	}
	return p.moments.PasswordChosen.Run(ctx, &n)
}

// Length judges the length of a new password, short before long.
func (p *Passwords) Length(pw string) error {
	policy := p.policy()
	policy.Blocklist = nil
	switch err := policy.Check(pw); {
	case errors.Is(err, password.ErrTooShort):
		return ErrPasswordTooShort
	case errors.Is(err, password.ErrTooLong):
		return ErrPasswordTooLong
	}
	return nil
}

// TooLong refuses a given password above the maximum before any hashing.
func (p *Passwords) TooLong(pw string) error {
	if p.policy().TooLong(pw) {
		return ErrPasswordTooLong
	}
	return nil
}

func (p *Passwords) policy() password.Policy {
	cfg := p.cfg.Password.Get()
	policy := password.Policy{Min: cfg.Min, Max: cfg.Max}
	if cfg.Blocklist {
		policy.Blocklist = p.blocklist
	}
	return policy
}

// Hash hashes a password.
func (p *Passwords) Hash(ctx context.Context, pw string) (string, error) {
	hash, err := p.hasher.Hash(ctx, pw)
	return hash, busy(err)
}

// Verify checks the password of a user. Without a user or a credential it spends the
// same work and answers false (SEC-012). A hash of an older form is rewritten.
func (p *Passwords) Verify(ctx context.Context, u *ent.User, pw string) (bool, error) {
	var account *ent.Account
	if u != nil {
		var err error
		if account, err = p.users.Credential(ctx, u.ID); err != nil {
			return false, err
		}
	}
	if account == nil || account.Password == nil {
		return false, busy(p.hasher.Equalise(ctx, pw))
	}
	ok, rehash, err := p.hasher.Verify(ctx, *account.Password, pw)
	if err != nil || !ok {
		return false, busy(err)
	}
	if rehash {
		hash, err := p.Hash(ctx, pw)
		if err != nil {
			return true, nil // the password is right; the rewrite waits for the next sign-in
		}
		return true, p.users.Rehash(ctx, account.ID, *account.Password, hash)
	}
	return true, nil
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		e := *ErrBusy
		e.RetryAfter = 2 * time.Second
		e.Cause = err
		return &e
	}
	return err
}
