package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	connectTimeout = 5 * time.Second
	// connectionLife lets connections move to another server after a failover.
	connectionLife = 30 * time.Minute
	// timeFormat is how better-auth stores times in SQLite: text that sorts.
	timeFormat = "2006-01-02T15:04:05.000Z07:00"
)

// open returns a bounded pool.
func (s source) open(connections int) (*sql.DB, error) {
	pool, err := s.connect(false)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if s.dialect != dialect.SQLite {
		pool.SetConnMaxLifetime(connectionLife)
		pool.SetConnMaxIdleTime(connectionLife / 6)
	}
	return pool, nil
}

// openReader returns a pool of one connection for reading.
func (s source) openReader() (*sql.DB, error) {
	pool, err := s.connect(true)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// openLight returns a pool of one connection to an SQLite file that does not wait for the
// disk when it commits.
func (s source) openLight() (*sql.DB, error) {
	pool, err := openSQLite(s.path, "busy_timeout(5000)", "foreign_keys(1)", "journal_mode(wal)", "synchronous(normal)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	pool.SetMaxIdleConns(1)
	return pool, nil
}

func (s source) connect(readOnly bool) (*sql.DB, error) {
	switch s.dialect {
	case dialect.SQLite:
		if readOnly {
			return openSQLite(s.path, "busy_timeout(5000)", "query_only(1)")
		}
		return openSQLite(s.path, "busy_timeout(5000)", "foreign_keys(1)", "journal_mode(wal)", "synchronous(full)")
	case dialect.Postgres:
		return stdlib.OpenDB(*s.postgres), nil
	}
	connector, err := mysql.NewConnector(s.mysql)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(committed{connector}), nil
}

// openSQLite opens a file with connections that work as the pragmas say. The usual ones
// hold foreign keys, and every commit is on stable storage before it is acknowledged; who
// may write says so at the start of a transaction.
func openSQLite(path string, pragmas ...string) (*sql.DB, error) {
	options := url.Values{
		"_pragma":  pragmas,
		"_timefmt": {timeFormat},
		"modeof":   {path}, // files made beside it get its mode
	}
	if !slices.Contains(pragmas, "query_only(1)") {
		options.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	connector, err := newSQLiteConnector(u.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// committed makes MySQL read what is committed, as PostgreSQL does. Its own
// default takes gap locks, which make independent writers meet.
type committed struct{ driver.Connector }

// Connect opens a connection.
func (c committed) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, fmt.Errorf("MySQL connection of type %T", conn)
	}
	if _, err := execer.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		_ = conn.Close() // the first error says more
		return nil, err
	}
	return conn, nil
}
