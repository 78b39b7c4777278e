package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/ent"
	"gatehouse/ent/verification"
)

// Purpose separates one-time values: a value made for one purpose is unknown to all
// others (SEC-089). The text is also the wire's identifier prefix.
type Purpose string

// Purposes of the core.
const (
	PurposeVerifyEmail   Purpose = "verify-email"
	PurposeChangeEmail   Purpose = "change-email"
	PurposeResetPassword Purpose = "reset-password"
	PurposeDeleteAccount Purpose = "delete-account"
	PurposeClaim         Purpose = "claim"
)

// Verifications keeps one-time values: typed, hashed, single use (decisions 15,
// SEC-091). Of parallel callers of Consume exactly one succeeds.
type Verifications struct {
	db    *DB
	clock Clock
}

// OneTime is a stored one-time value.
type OneTime struct {
	Purpose   Purpose
	Subject   string // user id it concerns, may be empty
	Value     string
	ExpiresAt time.Time
	id        string
}

// Issue stores a value under a token that the caller made and hands out. It always
// inserts; older values of the purpose stay until they expire or are voided.
func (v *Verifications) Issue(ctx context.Context, token string, o OneTime) error {
	return v.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		now := v.clock()
		create := tx.Verification().Create().
			SetID(random.ID()).
			SetIdentifier(identifier(o.Purpose, token)).
			SetPurpose(string(o.Purpose)).
			SetValue(o.Value).
			SetExpiresAt(o.ExpiresAt).SetCreatedAt(now).SetUpdatedAt(now)
		if o.Subject != "" {
			create.SetSubject(o.Subject)
		}
		if err := create.Exec(ctx); err != nil {
			return fmt.Errorf("storing a one-time value: %w", err)
		}
		return nil
	})
}

// Find looks a value up without using it. It returns nil when the token is unknown or
// expired.
func (v *Verifications) Find(ctx context.Context, p Purpose, token string) (*OneTime, error) {
	row, err := v.db.Access(ctx).Verification().Query().
		Where(verification.Identifier(identifier(p, token)), verification.Purpose(string(p))).
		Order(ent.Desc(verification.FieldCreatedAt)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking a one-time value up: %w", err)
	}
	if !v.clock().Before(row.ExpiresAt) {
		return nil, nil
	}
	return fromRow(row), nil
}

// Expired reports whether a token is known but over.
func (v *Verifications) Expired(ctx context.Context, p Purpose, token string) (bool, error) {
	return v.db.Access(ctx).Verification().Query().
		Where(verification.Identifier(identifier(p, token)), verification.ExpiresAtLTE(v.clock())).Exist(ctx)
}

// Consume takes a value once. Call it inside the transaction of the command that the
// value allows. nil means unknown, expired, or taken by somebody else.
func (v *Verifications) Consume(ctx context.Context, p Purpose, token string) (*OneTime, error) {
	var taken *OneTime
	err := v.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		found, err := v.Find(ctx, p, token)
		if err != nil || found == nil {
			return err
		}
		n, err := tx.Verification().Delete().
			Where(verification.ID(found.id), verification.ExpiresAtGT(v.clock())).Exec(ctx)
		if err != nil {
			return fmt.Errorf("consuming a one-time value: %w", err)
		}
		if n == 1 {
			taken = found
		}
		return nil
	})
	return taken, err
}

// Void removes every value of a purpose that concerns a subject.
func (v *Verifications) Void(ctx context.Context, subject string, purposes ...Purpose) error {
	return v.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		where := tx.Verification().Delete().Where(verification.Subject(subject))
		if len(purposes) > 0 {
			names := make([]string, len(purposes))
			for i, p := range purposes {
				names[i] = string(p)
			}
			where = where.Where(verification.PurposeIn(names...))
		}
		if _, err := where.Exec(ctx); err != nil {
			return fmt.Errorf("voiding one-time values: %w", err)
		}
		return nil
	})
}

// VoidPurpose removes every value of a purpose.
func (v *Verifications) VoidPurpose(ctx context.Context, p Purpose) error {
	return v.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.Verification().Delete().Where(verification.Purpose(string(p))).Exec(ctx)
		return err
	})
}

// Pending lists the living values of a purpose that concern a subject, newest first.
// Their tokens are known to nobody but who was sent them.
func (v *Verifications) Pending(ctx context.Context, subject string, p Purpose) ([]*OneTime, error) {
	rows, err := v.db.Access(ctx).Verification().Query().
		Where(verification.Subject(subject), verification.Purpose(string(p)), verification.ExpiresAtGT(v.clock())).
		Order(ent.Desc(verification.FieldCreatedAt), ent.Desc(verification.FieldID)).Limit(20).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading one-time values: %w", err)
	}
	list := make([]*OneTime, len(rows))
	for i, row := range rows {
		list[i] = fromRow(row)
	}
	return list, nil
}

// Sweep removes up to limit expired values and reports how many went.
func (v *Verifications) Sweep(ctx context.Context, limit int) (int, error) {
	ids, err := v.db.Access(ctx).Verification().Query().
		Where(verification.ExpiresAtLT(v.clock())).Limit(limit).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = v.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err = tx.Verification().Delete().Where(verification.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}

func identifier(p Purpose, token string) string { return secret.HashToken(string(p) + ":" + token) }

func fromRow(row *ent.Verification) *OneTime {
	o := &OneTime{Purpose: Purpose(row.Purpose), Value: row.Value, ExpiresAt: row.ExpiresAt, id: row.ID}
	if row.Subject != nil {
		o.Subject = *row.Subject
	}
	return o
}
