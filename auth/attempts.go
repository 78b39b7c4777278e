package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"gatehouse/auth/email"
	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/ent/attempt"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
)

// Bounds of the per-account throttle that are not settings: how long only a known
// device gets in after the last permitted failure, and how long a device is known.
const (
	lockedFor = 24 * time.Hour
	knownFor  = 30 * 24 * time.Hour
)

// maxAddress is the longest address that mail can have, in bytes (RFC 5321).
const maxAddress = 254

// attemptPurpose names the key that seals what was typed.
const attemptPurpose = "identifier of failed attempts"

// Attempts throttles failed sign-ins per account, whatever the source addresses. The
// key is derived from the identifier that was typed, so unknown accounts behave alike.
type Attempts struct {
	db    *DB
	clock Clock
	keys  *secret.Ring
	cfg   *settings.Core

	events *Events
}

// Allow returns nil when another try may be made now, else a 429 that says how long to
// wait. An address from which the owner signed in during the last 30 days is not
// throttled, so that an outsider cannot lock the owner out.
func (a *Attempts) Allow(ctx context.Context, account string, owner *ent.User) error {
	if !a.cfg.RateLimit.Get().Account.Enabled {
		return nil
	}
	row, err := a.db.Access(ctx).Attempt().Query().Where(attempt.Key(a.key(account))).First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading failed attempts: %w", err)
	}
	if row.BlockedUntil == nil || !a.clock().Before(*row.BlockedUntil) {
		return nil
	}
	if owner != nil {
		known, err := a.known(ctx, owner)
		if err != nil || known {
			return err
		}
	}
	e := *ErrTooManyRequests
	e.RetryAfter = row.BlockedUntil.Sub(a.clock())
	return &e
}

// Failed counts a wrong credential for what was typed. owner is whose account that
// names; nil when nobody's. The text is kept, sealed, only when it is an address: people
// also type passwords into that field.
func (a *Attempts) Failed(ctx context.Context, account string, owner *ent.User) error {
	if !a.cfg.RateLimit.Get().Account.Enabled {
		return nil
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		key, now, from := a.key(account), a.clock(), OriginOf(ctx).Address
		var user *string
		if owner != nil {
			user = &owner.ID
		}
		update := tx.Attempt().Update().Where(attempt.Key(key)).AddFailures(1).SetLastFailureAt(now).SetIPAddress(from).SetIdentifier(a.sealed(account))
		if user != nil {
			update.SetUserID(*user)
		}
		n, err := update.Save(ctx)
		if err != nil {
			return fmt.Errorf("counting a failed attempt: %w", err)
		}
		if n == 0 {
			return tx.Attempt().Create().SetID(random.ID()).SetKey(key).SetFailures(1).SetLastFailureAt(now).
				SetIdentifier(a.sealed(account)).SetNillableUserID(user).SetIPAddress(from).
				OnConflictColumns(attempt.FieldKey).AddFailures(1).Exec(ctx)
		}
		row, err := tx.Attempt().Query().Where(attempt.Key(key)).Only(ctx)
		if err != nil {
			return err
		}
		if wait := waitAfter(row.Failures, a.cfg.RateLimit.Get().Account); wait > 0 {
			return tx.Attempt().UpdateOne(row).SetBlockedUntil(now.Add(wait)).Exec(ctx)
		}
		return nil
	})
}

// Succeeded forgets the failures of an account.
func (a *Attempts) Succeeded(ctx context.Context, account string) error {
	exists, err := a.db.Access(ctx).Attempt().Query().Where(attempt.Key(a.key(account))).Exist(ctx)
	if err != nil || !exists {
		return err
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.Attempt().Delete().Where(attempt.Key(a.key(account))).Exec(ctx)
		return err
	})
}

// waitAfter is the delay that follows a number of failures in a row: none at first, then
// doubling to the configured maximum, then a day (SEC-022).
func waitAfter(failures int, l settings.AccountLimit) time.Duration {
	over := failures - l.DelayAfter
	switch {
	case failures >= l.Max:
		return lockedFor
	case over <= 0:
		return 0
	case over > 20:
		return l.MaxDelay
	}
	return min(time.Second<<over, l.MaxDelay)
}

// sealed is how an address is kept for the list of locked accounts; anything else is not.
func (a *Attempts) sealed(account string) string {
	if _, err := email.Parse(account); err != nil || len(account) > maxAddress {
		return ""
	}
	return a.keys.Seal(attemptPurpose, account)
}

func (a *Attempts) key(account string) string {
	return hex.EncodeToString(a.keys.MAC("sign-in attempts", []byte(account)))
}

// openedBy are the events of sessions that a person opened, not others in their name.
func openedBy(user string) predicate.Event {
	return event.And(event.SubjectID(user), event.ActorID(user), event.Kind("session.created"))
}

func (a *Attempts) known(ctx context.Context, owner *ent.User) (bool, error) {
	address := OriginOf(ctx).Address
	if address == "" {
		return false, nil
	}
	return a.db.Access(ctx).Event().Query().Where(openedBy(owner.ID), event.IPAddress(address), event.OccurredAtGT(a.clock().Add(-knownFor))).Exist(ctx)
}
