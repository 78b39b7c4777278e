package database

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
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
	ColumnCount() int
	ColumnName(int) string
	ColumnDeclType(int) string
}

// kept is a prepared statement that goes back to its connection when it is closed.
// SQLite prepares it anew by itself when the schema has changed; a text with * would then
// have other columns than database/sql was told, so queries name their columns.
type kept struct {
	sqliteStmt
	home    *keeper
	query   string
	used    uint64
	columns *columns // nil until the first rows
}

// columns are what the driver would find out for the rows of each query.
type columns struct {
	names []string
	times []bool // declared as a time, stored as text
	bools []bool // declared as a boolean, stored as 0 or 1
	raw   []any  // of the present row; a statement in use has one user
}

func (s *kept) describe() *columns {
	if s.columns != nil {
		return s.columns
	}
	n := s.ColumnCount()
	c := &columns{names: make([]string, n), times: make([]bool, n), bools: make([]bool, n), raw: make([]any, n)}
	for i := range n {
		c.names[i] = s.ColumnName(i)
		switch strings.ToUpper(s.ColumnDeclType(i)) {
		case "DATE", "TIME", "DATETIME", "TIMESTAMP":
			c.times[i] = true
		case "BOOLEAN":
			c.bools[i] = true
		}
	}
	s.columns = c
	return c
}

// QueryContext runs the statement.
func (s *kept) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	opened, err := s.sqliteStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	r, ok := opened.(sqliteRows)
	if !ok {
		_ = opened.Close() // the type is what is wrong
		return nil, fmt.Errorf("SQLite rows of type %T", opened)
	}
	return keptRows{r, s.describe()}, nil
}

// sqliteRows is what is used of the driver's rows.
type sqliteRows interface {
	driver.Rows
	NextRow() error
	ColumnsRaw(dest ...any) error
}

// keptRows are rows whose columns are known from the statement.
type keptRows struct {
	sqliteRows
	of *columns
}

// Columns names the columns.
func (r keptRows) Columns() []string { return r.of.names }

// Next reads a row.
func (r keptRows) Next(dest []driver.Value) error {
	if err := r.NextRow(); err != nil {
		return err
	}
	if err := r.ColumnsRaw(r.of.raw...); err != nil {
		return err
	}
	for i, raw := range r.of.raw {
		dest[i] = r.value(i, raw)
	}
	return nil
}

// value is what database/sql is given for what SQLite holds.
func (r keptRows) value(i int, raw any) driver.Value {
	switch v := raw.(type) {
	case []byte:
		if len(v) == cap(v) {
			return v // a BLOB; text has room for the zero that ends it
		}
		text := string(v)
		if r.of.times[i] {
			if t, err := sqlite3.TimeFormat(timeFormat).Decode(text); err == nil {
				return t
			}
		}
		return text
	case int64:
		if r.of.bools[i] && (v == 0 || v == 1) {
			return v == 1
		}
	}
	return raw
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
