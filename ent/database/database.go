// Package database opens the store of Gatehouse: an SQLite file by default,
// PostgreSQL or MySQL by URL. It gives the typed client, keeps SQLite's writers
// in line, and finds rows by text.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"golang.org/x/sync/semaphore"

	"gatehouse/ent"
	"gatehouse/ent/catalog"
)

// Config says which database to open.
type Config struct {
	// URL is empty or sqlite:… or file:… for a file, postgres://…, mysql://… or
	// mariadb://… for a server. A file without a path is gatehouse.db in the
	// data folder; a relative path is relative to the data folder.
	URL string
	// DataDir is the data folder. It is made, with mode 0700, for a file.
	DataDir string
	// MaxConnections bounds the open connections; 0 means 16.
	MaxConnections int
}

const defaultConnections = 16

// DB is an open database.
type DB struct {
	// Client is the typed client, guarded (ent.Guard). Plugins get an
	// ent.Access instead.
	Client *ent.Client
	// SQL is the pool under the client.
	SQL *sql.DB
	// Dialect is dialect.SQLite, dialect.Postgres or dialect.MySQL.
	Dialect string
	// Path is the SQLite file; empty for a server.
	Path string

	source source
	writer *semaphore.Weighted
	search *Search
	light  lightClient
}

// lightClient is opened when it is first asked for.
type lightClient struct {
	mu     sync.Mutex
	pool   *sql.DB
	client *ent.Client
}

// Open opens the database and checks that it answers. It makes the SQLite file
// if there is none, and changes no schema. An error never shows the URL's
// password.
func Open(ctx context.Context, config Config) (*DB, error) {
	src, err := parseURL(config)
	if err != nil {
		return nil, err
	}
	connections := config.MaxConnections
	if connections <= 0 {
		connections = defaultConnections
	}
	return openSource(ctx, src, connections)
}

// Reopen opens the same database once more, with connections of its own.
func (db *DB) Reopen(ctx context.Context) (*DB, error) {
	return openSource(ctx, db.source, db.SQL.Stats().MaxOpenConnections)
}

func openSource(ctx context.Context, src source, connections int) (*DB, error) {
	if src.path != "" {
		if err := makeFile(src.path); err != nil {
			return nil, err
		}
	}
	pool, err := src.open(connections)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", src, err)
	}
	db := &DB{SQL: pool, Dialect: src.dialect, Path: src.path, source: src}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	db.prepare()
	return db, nil
}

func (db *DB) prepare() {
	db.Client = ent.NewClient(ent.Driver(entsql.OpenDB(db.Dialect, db.SQL)))
	ent.Guard(db.Client)
	db.search = newSearch(db, searched(ent.Entities()))
	if db.Path != "" {
		db.writer = semaphore.NewWeighted(1)
	}
}

func searched(entities []catalog.Entity) []catalog.Entity {
	var found []catalog.Entity
	for _, e := range entities {
		if len(e.Life.Search) > 0 {
			found = append(found, e)
		}
	}
	return found
}

// Light is a client for statements that count what need not outlive a loss of power. On
// SQLite its commits do not wait for the disk: they survive the end of the process, and the
// last of them not that of the machine. On servers it is Client. Who writes with it holds
// the WriteLock.
func (db *DB) Light() (*ent.Client, error) {
	if db.Path == "" {
		return db.Client, nil
	}
	db.light.mu.Lock()
	defer db.light.mu.Unlock()
	if db.light.client == nil {
		pool, err := db.source.openLight()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", db.source, err)
		}
		db.light.pool, db.light.client = pool, ent.NewClient(ent.Driver(entsql.OpenDB(db.Dialect, pool)))
		ent.Guard(db.light.client)
	}
	return db.light.client, nil
}

func (db *DB) closeLight() error {
	db.light.mu.Lock()
	defer db.light.mu.Unlock()
	if db.light.pool == nil {
		return nil
	}
	return db.light.pool.Close()
}

// Close ends all connections. That can fail for a file; a connection to a
// server that cannot be closed is gone already.
func (db *DB) Close() error {
	if err := errors.Join(db.closeLight(), db.SQL.Close()); db.Path != "" {
		return err
	}
	return nil
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.SQL.PingContext(ctx); err != nil {
		return fmt.Errorf("reach %s: %w", db.source, err)
	}
	return nil
}

// Search finds rows by text.
func (db *DB) Search() *Search { return db.search }

// WriteLock waits for the turn to write and holds it until release is called.
// Turns are given in the order they were asked for. On SQLite every
// transaction that writes must hold it from before its start, so that writers
// wait here, in line and as long as ctx allows, and not for the file. On
// servers it returns at once.
func (db *DB) WriteLock(ctx context.Context) (release func(), err error) {
	if db.writer == nil {
		return func() {}, nil
	}
	if err := db.writer.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to write: %w", err)
	}
	return func() { db.writer.Release(1) }, nil
}

// Snapshot is a read-only transaction that sees the database as it was when it
// began.
type Snapshot struct {
	*sql.Tx
	pool *sql.DB
}

// BeginReadOnly begins a snapshot on a connection of its own. It does not hold
// up writers. The caller closes it.
func (db *DB) BeginReadOnly(ctx context.Context) (*Snapshot, error) {
	pool, err := db.source.openReader()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", db.source, err)
	}
	options := &sql.TxOptions{ReadOnly: true}
	if db.Dialect != dialect.SQLite {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := pool.BeginTx(ctx, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin snapshot: %w", err), pool.Close())
	}
	s := &Snapshot{Tx: tx, pool: pool}
	if err := s.fix(ctx, db.Dialect); err != nil {
		return nil, errors.Join(fmt.Errorf("begin snapshot: %w", err), s.Close())
	}
	return s, nil
}

// fix makes the first read, which, and not the beginning, fixes what the
// transaction sees. On MySQL it must be of a table that has versions.
func (s *Snapshot) fix(ctx context.Context, name string) error {
	switch name {
	case dialect.SQLite:
		return s.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(new(int))
	case dialect.Postgres:
		return s.QueryRowContext(ctx, "SELECT count(*) FROM pg_class").Scan(new(int))
	}
	var table string
	err := s.QueryRowContext(ctx, "SELECT table_name FROM information_schema.tables "+
		"WHERE table_schema = database() AND engine = 'InnoDB' LIMIT 1").Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // nothing to see
	}
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM `"+table+"` LIMIT 1) x").Scan(new(int))
}

// Close ends the snapshot and its connection.
func (s *Snapshot) Close() error {
	err := s.Rollback()
	if errors.Is(err, sql.ErrTxDone) {
		err = nil
	}
	return errors.Join(err, s.pool.Close())
}
