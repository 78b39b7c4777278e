package database

import (
	"context"
	"database/sql/driver"
	"fmt"

	sqlite "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
)

// maxStatements bounds the prepared statements that one SQLite connection keeps. The
// program has few hot ones; each holds some ten KiB.
const maxStatements = 48

// sqliteConnector opens SQLite connections that keep their prepared statements:
// preparing costs as much as running, and database/sql prepares for each query.
type sqliteConnector struct{ driver.Connector }

func newSQLiteConnector(dsn string) (driver.Connector, error) {
	c, err := (&sqlite.SQLite{}).OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sqliteConnector{c}, nil
}

// sqliteConn is what database/sql uses of the driver's connections.
type sqliteConn interface {
	sqlite.Conn
	driver.ExecerContext
	driver.NamedValueChecker
}

// Connect opens a connection.
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("SQLite connection of type %T", opened)
	}
	if err := fts5.Register(conn.Raw()); err != nil {
		_ = conn.Close() // the first error says more
		return nil, err
	}
	return &keeper{sqliteConn: conn, idle: map[string]*kept{}}, nil
}

// keeper is a connection that keeps statements which are not in use. Like every
// connection it has one user at a time.
type keeper struct {
	sqliteConn
	idle map[string]*kept
	uses uint64
}

// sqliteStmt is what database/sql uses of the driver's statements.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
	driver.NamedValueChecker
}

// kept is a prepared statement that goes back to its connection when it is closed.
// SQLite prepares it anew by itself when the schema has changed; a text with * would then
// have other columns than database/sql was told, so queries name their columns.
type kept struct {
	sqliteStmt
	home  *keeper
	query string
	used  uint64
}

// PrepareContext takes an idle statement of the same text, or prepares one.
func (k *keeper) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if s, ok := k.idle[query]; ok {
		delete(k.idle, query)
		return s, nil
	}
	prepared, err := k.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, fmt.Errorf("SQLite statement of type %T", prepared)
	}
	return &kept{sqliteStmt: s, home: k, query: query}, nil
}

// Prepare is PrepareContext without a context.
func (k *keeper) Prepare(query string) (driver.Stmt, error) {
	return k.PrepareContext(context.Background(), query)
}

// Close ends the statements and the connection.
func (k *keeper) Close() error {
	for query, s := range k.idle {
		delete(k.idle, query)
		_ = s.sqliteStmt.Close() // the connection's error says the same
	}
	return k.sqliteConn.Close()
}

// Close gives the statement back. database/sql has closed its rows by then, which reset
// it and cleared what was bound.
func (s *kept) Close() error {
	k := s.home
	if _, twice := k.idle[s.query]; twice {
		return s.sqliteStmt.Close()
	}
	k.uses++
	s.used = k.uses
	k.idle[s.query] = s
	if len(k.idle) > maxStatements {
		return k.dropOldest()
	}
	return nil
}

func (k *keeper) dropOldest() error {
	var oldest *kept
	for _, s := range k.idle {
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	delete(k.idle, oldest.query)
	return oldest.sqliteStmt.Close()
}
