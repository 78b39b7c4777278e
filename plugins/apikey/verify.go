package apikey

import (
	"cmp"
	"context"
	"errors"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
)

// Ask is what somebody wants to know of a key (better-auth api-key 6.1).
type Ask struct {
	Key string
	// ConfigID is the kind that the key must be of; nil takes every one.
	ConfigID *string
	// Permissions that the key must have; nil asks for none, an empty map is never held.
	Permissions Permissions
}

// verified is a key that is good, and was used by that.
type verified struct {
	row   *ent.APIKey // as it is after the use
	user  *ent.User   // who owns it, where that was read with the row
	conf  *configuration
	owner *owner
}

// Verify uses a key once, and returns the row as it is afterwards. Everything that makes a
// key no good is an *auth.Error of this package.
func (s *Service) Verify(ctx context.Context, in Ask) (*ent.APIKey, error) {
	c, err := s.choose(auth.ValueOf(in.ConfigID))
	if err != nil {
		return nil, err
	}
	if in.ConfigID != nil {
		ok, err := c.valid(ctx, in.Key)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, ErrNotPermitted.Saying(ErrInvalidKey.Message)
		}
	}
	v, err := s.verify(ctx, c, in, in.ConfigID == nil)
	if err != nil {
		return nil, err
	}
	return v.row, nil
}

// verify carries out the checks of better-auth api-key 6.2 in their order, with the owner's
// before anything is spent. lookup says where the key lies; validate asks the program's own
// check of the key's kind.
func (s *Service) verify(ctx context.Context, lookup *configuration, in Ask, validate bool) (*verified, error) {
	f, err := s.find(ctx, lookup, lookup.stored(in.Key))
	if err != nil {
		return nil, err
	}
	return s.verifyFound(ctx, lookup, f, in, validate)
}

// verifyFound is verify for what was found.
func (s *Service) verifyFound(ctx context.Context, lookup *configuration, f found, in Ask, validate bool) (*verified, error) {
	row := f.row
	if row == nil || in.ConfigID != nil && !sameKind(row.ConfigID, *in.ConfigID) {
		return nil, ErrInvalidKey
	}
	c, known := s.kindOf(row)
	if !known {
		return nil, ErrInvalidKey
	}
	var err error
	if validate && c.custom.Validate != nil {
		if f, err = s.validated(ctx, lookup, c, in.Key); err != nil {
			return nil, err
		}
	}
	v := &verified{row: f.row, user: f.user, conf: c}
	if err := s.judge(ctx, v, in.Permissions); err != nil {
		s.refused(ctx, v, err)
		return nil, err
	}
	s.usage.count(v.row, c, true, auth.OriginOf(ctx).Address, s.now())
	return v, nil
}

// sameKind compares ids of configurations, of which an empty one is the default.
func sameKind(a, b string) bool { return cmp.Or(a, defaultID) == cmp.Or(b, defaultID) }

// validated asks the program about a key, and reads it again: what changed meanwhile counts
// (SEC-141).
func (s *Service) validated(ctx context.Context, lookup, c *configuration, key string) (found, error) {
	ok, err := c.valid(ctx, key)
	if err != nil {
		return found{}, err
	}
	if !ok {
		return found{}, ErrNotPermitted
	}
	f, err := s.find(ctx, lookup, lookup.stored(key))
	if err == nil && f.row == nil {
		err = ErrInvalidKey
	}
	return f, err
}

// judge decides whether a key may be used now, and uses it.
func (s *Service) judge(ctx context.Context, v *verified, asked Permissions) error {
	row, now := v.row, s.now()
	err := standing(row, now)
	if err == nil {
		v.owner, err = s.ownerFound(ctx, v)
	}
	if err == nil && asked != nil {
		err = s.permits(ctx, v, asked)
	}
	if err == nil && exhausted(row) {
		err = ErrUsageExceeded
	}
	if err != nil {
		s.dropDead(ctx, v, err, now)
		return err
	}
	used, err := s.use(ctx, v.conf, row, asked != nil)
	if err == nil {
		v.row = used
	}
	return err
}

// ownerFound is the owner of a key; a person who was read with it is not read again.
func (s *Service) ownerFound(ctx context.Context, v *verified) (*owner, error) {
	if v.user != nil {
		return s.owningUser(v.user)
	}
	return s.ownerOf(ctx, v.row)
}

// standing are the checks that a row alone answers.
func standing(row *ent.APIKey, now time.Time) error {
	switch {
	case !row.Enabled:
		return ErrDisabled
	case row.ExpiresAt != nil && row.ExpiresAt.Before(now):
		return ErrExpired
	}
	return nil
}

// exhausted keys have no use left and get none again.
func exhausted(row *ent.APIKey) bool {
	return row.Remaining != nil && *row.Remaining <= 0 && row.RefillAmount == nil
}

// isExhausted is exhausted for the database.
func isExhausted() predicate.APIKey {
	return apikey.And(apikey.RemainingLTE(0), apikey.RefillAmountIsNil())
}

// permits reports, by its error, whether a key holds all permissions that are asked for.
func (s *Service) permits(ctx context.Context, v *verified, asked Permissions) error {
	grants, err := s.grantsOf(ctx, v.row, v.owner)
	if err != nil {
		return err
	}
	held, now := auth.ScopeSet{}, s.now()
	for _, g := range grants {
		if g.Holds(now) {
			held[g.Scope] = true
		}
	}
	if !held.Authorizes(asked) {
		return ErrNotPermitted
	}
	return nil
}

// dropDead removes a key that is over or used up, unless it was changed meanwhile.
func (s *Service) dropDead(ctx context.Context, v *verified, why error, now time.Time) {
	still := apikey.ExpiresAtLT(now)
	switch {
	case errors.Is(why, ErrExpired):
	case errors.Is(why, ErrUsageExceeded):
		still = isExhausted()
	default:
		return
	}
	if v.conf.DeferUpdates {
		s.usage.bury(burial{v.row, v.conf, still})
		return
	}
	_, err := s.remove(ctx, v.conf, v.row, still)
	s.logged(ctx, "a key that is over was not removed", err)
}

// refused counts a key that was presented and not good. Failures of the server are none of
// the key's.
func (s *Service) refused(ctx context.Context, v *verified, err error) {
	if _, ok := errors.AsType[*auth.Error](err); ok {
		s.usage.count(v.row, v.conf, false, auth.OriginOf(ctx).Address, s.now())
	}
}
