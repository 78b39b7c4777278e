package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
)

// ErrSearchIndex says that an index does not hold what the entity's table does;
// Rebuild mends it.
var ErrSearchIndex = errors.New("search index is out of step")

// Prepare makes the tables of the search that are missing, filled. Where they
// are there it costs one or two queries. It runs after migrations, when a
// server starts.
func (s *Search) Prepare(ctx context.Context) error {
	if err := s.chooseEngine(ctx); err != nil {
		return err
	}
	for _, name := range s.Entities() {
		there, err := s.tablesThere(ctx, s.db.SQL, name)
		if err != nil {
			return err
		}
		if !there {
			if err := s.rebuild(ctx, name, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// chooseEngine takes pg_trgm where PostgreSQL has it or lets us install it.
func (s *Search) chooseEngine(ctx context.Context) error {
	if s.db.Dialect != dialect.Postgres {
		return nil
	}
	var n int
	row := s.db.SQL.QueryRowContext(ctx, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
	if err := row.Scan(&n); err != nil {
		return fmt.Errorf("prepare search: %w", err)
	}
	s.engine = trigrams{}
	if n > 0 {
		return nil
	}
	if _, err := s.db.SQL.ExecContext(ctx, "CREATE EXTENSION IF NOT EXISTS pg_trgm"); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("prepare search: %w", err)
		}
		s.engine = words{dialect: dialect.Postgres} // refused or not installed
	}
	return nil
}

// tablesThere reports whether an entity has the tables of the engine.
func (s *Search) tablesThere(ctx context.Context, q Execer, entity string) (bool, error) {
	names := s.engine.names(entity)
	query := "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
	switch s.db.Dialect {
	case dialect.SQLite:
		query = "SELECT count(*) FROM sqlite_schema WHERE name IN ('" + strings.Join(names, "', '") + "')"
	case dialect.Postgres:
		query += "current_schema() AND table_name IN ('" + strings.Join(names, "', '") + "')"
	default:
		query += "database() AND table_name IN ('" + strings.Join(names, "', '") + "')"
	}
	n, err := count(ctx, q, query)
	if err != nil {
		return false, fmt.Errorf("prepare search: %w", err)
	}
	return n == len(names), nil
}

func count(ctx context.Context, q Execer, query string) (n int, err error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// Rebuild makes an entity's index anew from its table: after a restore, an
// adoption, or when Check complains. On MySQL, where tables cannot be made in
// a transaction, rows written meanwhile may be missed, and a rebuild that is
// cut off must be repeated.
func (s *Search) Rebuild(ctx context.Context, entity string) error {
	if err := s.known(entity); err != nil {
		return err
	}
	return s.rebuild(ctx, entity, false)
}

// rebuild does the work in one transaction; with missing it does nothing if
// another server has made the tables by then.
func (s *Search) rebuild(ctx context.Context, entity string, missing bool) (err error) {
	release, err := s.db.WriteLock(ctx)
	if err != nil {
		return err
	}
	defer release()
	tx, err := s.db.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("rebuild search of %s: %w", entity, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("rebuild search of %s: %w", entity, errors.Join(err, s.abandon(ctx, tx, entity)))
		}
	}()
	if s.db.Dialect == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('gatehouse search'))"); err != nil {
			return err
		}
	}
	if there, err := s.tablesThere(ctx, tx, entity); err != nil || there && missing {
		return errors.Join(err, tx.Rollback())
	}
	if err := s.makeTables(ctx, tx, entity); err != nil {
		return err
	}
	if err := s.fill(ctx, tx, s.entities[entity]); err != nil {
		return err
	}
	if err := execEach(ctx, tx, s.engine.finish(entity)); err != nil {
		return err
	}
	return tx.Commit()
}

// abandon undoes a failed rebuild. Half an index must not look whole, so where
// tables outlive the transaction they are dropped.
func (s *Search) abandon(ctx context.Context, tx *sql.Tx, entity string) error {
	err := tx.Rollback()
	if errors.Is(err, sql.ErrTxDone) {
		err = nil
	}
	if s.db.Dialect == dialect.MySQL {
		for _, name := range s.engine.names(entity) {
			_, dropErr := s.db.SQL.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+name)
			err = errors.Join(err, dropErr)
		}
	}
	return err
}

func (s *Search) makeTables(ctx context.Context, tx *sql.Tx, entity string) error {
	if err := dropTables(ctx, tx, entity); err != nil {
		return err
	}
	return execEach(ctx, tx, s.engine.create(entity))
}

// Drop removes the tables of the search, which hold names and addresses. It runs when
// the schema goes back to an earlier version; Prepare makes them anew.
func (s *Search) Drop(ctx context.Context) error {
	for _, name := range s.Entities() {
		if err := dropTables(ctx, s.db.SQL, name); err != nil {
			return fmt.Errorf("remove the search index of %s: %w", name, err)
		}
	}
	return nil
}

// dropTables removes an entity's tables, those of every engine.
func dropTables(ctx context.Context, q Execer, entity string) error {
	for _, name := range []string{wordTable(entity), textTable(entity), keyTable(entity)} {
		if _, err := q.ExecContext(ctx, "DROP TABLE IF EXISTS "+name); err != nil {
			return err
		}
	}
	return nil
}

func execEach(ctx context.Context, q Execer, statements []string) error {
	for _, statement := range statements {
		if _, err := q.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Check reports whether the index of an entity is whole and has as many rows
// as the entity's table, with ErrSearchIndex if not.
func (s *Search) Check(ctx context.Context, entity string) error {
	if err := s.known(entity); err != nil {
		return err
	}
	rows, err := count(ctx, s.db.SQL, "SELECT count(*) FROM "+s.quote(s.entities[entity].Table))
	if err != nil {
		return fmt.Errorf("check search of %s: %w", entity, err)
	}
	keys, err := count(ctx, s.db.SQL, "SELECT count(*) FROM "+keyTable(entity))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrSearchIndex, entity, err)
	}
	if rows != keys {
		return fmt.Errorf("%w: %s has %d rows, its index %d", ErrSearchIndex, entity, rows, keys)
	}
	if err := s.engine.check(ctx, s.db.SQL, entity); err != nil {
		return fmt.Errorf("%w: %w", ErrSearchIndex, err)
	}
	return nil
}
