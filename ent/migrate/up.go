package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Result tells what a migration did.
type Result struct {
	// Applied lists the versions made or taken back, in order.
	Applied []string
	// Copy is the copy of the SQLite file made before; empty if none was.
	Copy string
}

// Up applies what is pending. On a current database it costs one query. Killed
// at any moment it leaves a database that the next Up completes: SQLite and
// PostgreSQL change in one transaction a version, MySQL statement by statement
// with its place recorded. Several servers may call it at once; one does the
// work.
func (t Target) Up(ctx context.Context) (Result, error) {
	state, err := t.Status(ctx)
	if err != nil || len(state.Pending) == 0 {
		return Result{}, err
	}
	return t.locked(ctx, func(conn *sql.Conn, list []version, state State) (result Result, err error) {
		if len(state.Pending) == 0 {
			return result, nil // another server was faster
		}
		if state.Current != "" {
			if result.Copy, err = t.copy(ctx, conn, state.Current); err != nil {
				return result, err
			}
		}
		for _, name := range state.Pending {
			i := slices.IndexFunc(list, func(v version) bool { return v.name == name })
			if err := t.apply(ctx, conn, list[i]); err != nil {
				return result, fmt.Errorf("migrate to %s: %w", name, err)
			}
			result.Applied = append(result.Applied, name)
		}
		return result, nil
	})
}

// locked runs f on one connection, alone among servers, with the state read
// again under the lock.
func (t Target) locked(ctx context.Context, f func(*sql.Conn, []version, State) (Result, error)) (result Result, err error) {
	list, err := t.versions()
	if err != nil {
		return Result{}, err
	}
	conn, err := t.DB.Conn(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("connect to migrate: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	unlock, err := t.lock(ctx, conn)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := createRevisions(ctx, conn); err != nil {
		return Result{}, err
	}
	applied, err := readRevisions(ctx, conn, t.Dialect)
	if err != nil {
		return Result{}, err
	}
	state, err := stand(list, applied)
	if err != nil {
		return Result{}, err
	}
	return f(conn, list, state)
}

// apply makes one version.
func (t Target) apply(ctx context.Context, conn *sql.Conn, v version) error {
	if !t.transactional() {
		return t.applyByStatement(ctx, conn, v)
	}
	return t.inTransaction(ctx, conn, func(tx *sql.Tx) error {
		// A program without our lock may have come in between.
		applied, err := queryRevisions(ctx, tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(applied, func(r revision) bool { return r.version == v.name }) {
			return nil
		}
		if err := execAll(ctx, tx, v.up); err != nil {
			return err
		}
		return writeRevision(ctx, tx, t.Dialect, v, len(v.up))
	})
}

// execAll runs statements, without SQLite's pragmas about foreign keys: those
// do nothing inside a transaction and are set around it.
func execAll(ctx context.Context, q queryer, statements []string) error {
	for _, s := range statements {
		if isForeignKeyPragma(s) {
			continue
		}
		if _, err := q.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w in: %s", err, s)
		}
	}
	return nil
}
