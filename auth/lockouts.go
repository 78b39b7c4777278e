package auth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/ent"
	"gatehouse/ent/attempt"
	"gatehouse/ent/predicate"
	"gatehouse/ent/user"
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

// LockoutQuery asks for accounts that are slowed or locked now.
type LockoutQuery struct {
	Text string // in name or address of the person, a whole address, or where tries came from
	// Locked and Slowed leave the others out; with both, or neither, all are there.
	Locked, Slowed bool
	Match          []predicate.Attempt
	Order          func(*sql.Selector)
	Limit          int
}

// Lockouts lists what a query matches, with whose account it is.
func (a *Attempts) Lockouts(ctx context.Context, q LockoutQuery) ([]Lockout, error) {
	query := a.blocked(ctx, q).WithUser().Limit(q.Limit)
	if q.Order != nil {
		query = query.Order(q.Order)
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing locked accounts: %w", err)
	}
	list := make([]Lockout, len(rows))
	for i, row := range rows {
		list[i] = a.lockout(row)
	}
	return list, nil
}

func (a *Attempts) blocked(ctx context.Context, q LockoutQuery) *ent.AttemptQuery {
	query := a.db.Access(ctx).Attempt().Query().Where(attempt.BlockedUntilGT(a.clock())).Where(q.Match...)
	if q.Text != "" {
		query = query.Where(attempt.Or(attempt.Key(a.key(strings.ToLower(q.Text))), attempt.IPAddress(q.Text),
			attempt.HasUserWith(user.Or(user.NameContainsFold(q.Text), user.EmailContainsFold(q.Text), user.ID(q.Text)))))
	}
	most := a.cfg.RateLimit.Get().Account.Max
	if q.Locked && !q.Slowed {
		query = query.Where(attempt.FailuresGTE(most))
	}
	if q.Slowed && !q.Locked {
		query = query.Where(attempt.FailuresLT(most))
	}
	return query
}

// CountLockouts is how many accounts a query matches, counted up to most.
func (a *Attempts) CountLockouts(ctx context.Context, q LockoutQuery, most int) (int, error) {
	ids, err := a.blocked(ctx, q).Limit(most).IDs(ctx)
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
