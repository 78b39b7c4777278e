package auth

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/ent"
	"gatehouse/ent/database"
)

// DB runs commands against the database. Reads go through Access, writes through InTx.
type DB struct {
	store  *database.DB
	access ent.Access
}

// NewDB wraps an open database.
func NewDB(store *database.DB) *DB {
	return &DB{store: store, access: ent.NewAccess(store.Client)}
}

// Store is the open database, for commands such as backup and for readiness.
func (db *DB) Store() *database.DB { return db.store }

// Search finds rows by text.
func (db *DB) Search() *database.Search { return db.store.Search() }

// Dialect names the database: sqlite3, postgres or mysql.
func (db *DB) Dialect() string { return db.store.Dialect }

// Tx is a running transaction: access to the entities, and what follows the commit.
type Tx struct {
	ent.Access
	raw   *ent.Tx
	store *database.DB
	after []func(context.Context)
}

// AfterCommit adds a function that runs once the transaction is durable. It is not
// called when the transaction rolls back.
func (tx *Tx) AfterCommit(fn func(context.Context)) { tx.after = append(tx.after, fn) }

// Index writes the texts a row is found by in the transaction.
func (tx *Tx) Index(ctx context.Context, entity, id string, texts ...string) error {
	return tx.store.Search().Index(ctx, tx.raw, entity, id, texts...)
}

// Unindex removes the search text of a row.
func (tx *Tx) Unindex(ctx context.Context, entity, id string) error {
	return tx.store.Search().Remove(ctx, tx.raw, entity, id)
}

type txKey struct{}

// Access returns the access for reading: that of the transaction the context is in, or
// that of the database.
func (db *DB) Access(ctx context.Context) ent.Access {
	if tx, ok := ctx.Value(txKey{}).(*Tx); ok {
		return tx.Access
	}
	return db.access
}

// InTx runs one command in one transaction. A command that runs inside another joins
// it. An error, or a panic, rolls everything back. fn may run more than once, when the
// database gives a transaction up in favour of another one.
func (db *DB) InTx(ctx context.Context, fn func(context.Context, *Tx) error) error {
	if tx, ok := ctx.Value(txKey{}).(*Tx); ok {
		return fn(ctx, tx)
	}
	tx, err := db.try(ctx, fn)
	for range txRetries {
		if !database.IsRetryable(err) {
			break
		}
		tx, err = db.try(ctx, fn)
	}
	if err != nil {
		return err
	}
	for _, after := range tx.after {
		after(context.WithoutCancel(ctx))
	}
	return nil
}

// Count runs statements that count something, each by itself, and after the others that
// write. Light ones need not outlive a loss of power. A statement says itself, by its
// condition, whether it still fits: there is no transaction, but that of a command which it
// is part of.
func (db *DB) Count(ctx context.Context, light bool, fn func(context.Context, ent.Access) error) error {
	if tx, ok := ctx.Value(txKey{}).(*Tx); ok {
		return fn(ctx, tx.Access)
	}
	access := db.access
	if light {
		client, err := db.store.Light()
		if err != nil {
			return err
		}
		access = ent.NewAccess(client)
	}
	release, err := db.store.WriteLock(ctx)
	if err != nil {
		return fmt.Errorf("waiting to write: %w", err)
	}
	defer release()
	return fn(ctx, access)
}

// txRetries is how often a command is run again after the database gave it up in favour
// of another one (deadlock, serialization). Nothing of the failed run is left.
const txRetries = 3

func (db *DB) try(ctx context.Context, fn func(context.Context, *Tx) error) (*Tx, error) {
	release, err := db.store.WriteLock(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting to write: %w", err)
	}
	return db.runTx(ctx, release, fn)
}

func (db *DB) runTx(ctx context.Context, release func(), fn func(context.Context, *Tx) error) (*Tx, error) {
	defer release()
	raw, err := db.store.Client.Tx(ctx)
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	tx := &Tx{Access: ent.NewTxAccess(raw), raw: raw, store: db.store}
	done := false
	defer func() {
		if !done {
			_ = raw.Rollback()
		}
	}()
	if err := fn(context.WithValue(ctx, txKey{}, tx), tx); err != nil {
		done = true
		if rb := raw.Rollback(); rb != nil && ctx.Err() == nil {
			err = errors.Join(err, fmt.Errorf("rolling back: %w", rb))
		}
		return nil, err
	}
	done = true
	if err := raw.Commit(); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	return tx, nil
}
