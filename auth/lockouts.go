package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ent"
	"gatehouse/ent/attempt"
)

// Lockout is an account that takes no password for the moment, whatever the address.
type Lockout struct {
	ID string
	// Account is the address that was typed; empty when it was none, or when the secret
	// that sealed it is retired.
	Account  string
	User     *ent.User // whose account it is; nil when nobody has that address
	Failures int       // in a row
	Last     time.Time // of the last failure
	Until    time.Time // when the next try may be made
	Address  string    // where the last failure came from
	// Locked says that so many failures came that only the longest wait is left.
	Locked bool
}

// LockoutsAfter is where a page of lockouts goes on; the zero value is the start.
type LockoutsAfter struct {
	Until time.Time
	ID    string
}

// Lockouts lists the accounts that are slowed or locked now, those that stay so longest
// first, at most limit after a place.
func (a *Attempts) Lockouts(ctx context.Context, after LockoutsAfter, limit int) ([]Lockout, error) {
	query := a.db.Access(ctx).Attempt().Query().Where(attempt.BlockedUntilGT(a.clock()))
	if after.ID != "" {
		query = query.Where(attempt.Or(attempt.BlockedUntilLT(after.Until),
			attempt.And(attempt.BlockedUntilEQ(after.Until), attempt.IDLT(after.ID))))
	}
	rows, err := query.WithUser().Order(ent.Desc(attempt.FieldBlockedUntil), ent.Desc(attempt.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing locked accounts: %w", err)
	}
	list := make([]Lockout, len(rows))
	for i, row := range rows {
		list[i] = a.lockout(row)
	}
	return list, nil
}

// CountLockouts is how many accounts are slowed or locked now, counted up to most.
func (a *Attempts) CountLockouts(ctx context.Context, most int) (int, error) {
	ids, err := a.db.Access(ctx).Attempt().Query().Where(attempt.BlockedUntilGT(a.clock())).Limit(most).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting locked accounts: %w", err)
	}
	return len(ids), nil
}

// Lockout reads one; nil when there is none of that id any more.
func (a *Attempts) Lockout(ctx context.Context, id string) (*Lockout, error) {
	return a.one(a.db.Access(ctx).Attempt().Query().Where(attempt.ID(id), attempt.BlockedUntilGT(a.clock())).WithUser().First(ctx))
}

// OfUser is the lockout of a person's account, which an address of theirs that has been
// replaced does not count to; nil when they are free to sign in.
func (a *Attempts) OfUser(ctx context.Context, u *ent.User) (*Lockout, error) {
	return a.one(a.db.Access(ctx).Attempt().Query().Where(attempt.Key(a.key(u.Email)), attempt.BlockedUntilGT(a.clock())).WithUser().First(ctx))
}

func (a *Attempts) one(row *ent.Attempt, err error) (*Lockout, error) {
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a locked account: %w", err)
	}
	found := a.lockout(row)
	return &found, nil
}

func (a *Attempts) lockout(row *ent.Attempt) Lockout {
	l := Lockout{ID: row.ID, User: row.Edges.User, Failures: row.Failures, Last: row.LastFailureAt, Address: row.IPAddress,
		Locked: row.Failures >= a.cfg.RateLimit.Get().Account.Max}
	if row.BlockedUntil != nil {
		l.Until = *row.BlockedUntil
	}
	switch text, err := a.keys.Open(attemptPurpose, row.Identifier); {
	case err == nil:
		l.Account = text
	case l.User != nil:
		l.Account = l.User.Email
	}
	return l
}

// Release forgets the failures of an account, so that the next try may be made at once,
// and records that it was done. It reports false when there was nothing to release. The
// caller has asked whether the principal of the context may.
func (a *Attempts) Release(ctx context.Context, l *Lockout) (bool, error) {
	released := false
	err := a.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := tx.Attempt().Delete().Where(attempt.ID(l.ID), attempt.BlockedUntilGT(a.clock())).Exec(ctx)
		if err != nil {
			return fmt.Errorf("releasing a locked account: %w", err)
		}
		if released = n > 0; !released {
			return nil
		}
		ev := Event{Kind: "lockout.released", SubjectType: "user", Data: map[string]any{"account": l.Account, "failures": l.Failures}}
		if l.User != nil {
			ev.Subject = l.User.ID
		}
		return a.events.Record(ctx, ev)
	})
	return released, err
}
