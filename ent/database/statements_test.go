package database

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// begin opens a database of one connection and begins a transaction on it.
func begin(t *testing.T) (*DB, *sql.Tx) {
	t.Helper()
	db, err := Open(t.Context(), Config{DataDir: t.TempDir(), MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(tx.Rollback(), db.Close()) })
	return db, tx
}

// TestStatementsAreKept runs one text again and again, inside its own rows, after the
// schema changed, and among more texts than a connection keeps.
func TestStatementsAreKept(t *testing.T) {
	db, tx := begin(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	exec := func(text string, args ...any) {
		t.Helper()
		_, err := tx.ExecContext(t.Context(), text, args...)
		must(err)
	}
	exec("CREATE TABLE x (n integer, UNIQUE (n))")
	for i := range 3 {
		exec("INSERT INTO x VALUES (?)", i)
	}
	if _, err := tx.ExecContext(t.Context(), "INSERT INTO x VALUES (?)", 1); err == nil {
		t.Fatal("a double was stored")
	}
	exec("INSERT INTO x VALUES (?)", 3) // the failed statement can be used again
	const text = "SELECT n FROM x WHERE n >= ? ORDER BY n"
	rows, err := tx.QueryContext(t.Context(), text, 0)
	must(err)
	outer := 0
	for rows.Next() {
		outer++
		inner, err := tx.QueryContext(t.Context(), text, 2)
		must(err)
		n := 0
		for inner.Next() {
			n++
		}
		must(inner.Close())
		if n != 2 {
			t.Fatalf("%d inner rows", n)
		}
	}
	must(rows.Close())
	if outer != 4 {
		t.Fatalf("%d outer rows", outer)
	}
	exec("DROP TABLE x")
	exec("CREATE TABLE x (m integer DEFAULT 7, n integer)")
	exec("INSERT INTO x (n) VALUES (0), (8)")
	var n int
	must(tx.QueryRowContext(t.Context(), text, 3).Scan(&n))
	if n != 8 {
		t.Fatalf("%d after the schema changed", n)
	}
	for i := range 3 * maxStatements {
		must(tx.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d FROM x WHERE n = ?", i), 0).Scan(&n))
		if n != i {
			t.Fatalf("text %d answered %d", i, n)
		}
	}
	must(tx.Commit())
	conn, err := db.SQL.Conn(t.Context())
	must(err)
	defer conn.Close()
	must(conn.Raw(func(c any) error {
		if k := c.(*keeper); len(k.idle) != maxStatements {
			t.Errorf("%d statements kept, want %d", len(k.idle), maxStatements)
		}
		return nil
	}))
}

// TestKeptColumns: rows of a kept statement hold what the declared types say, each time,
// and for an expression what SQLite holds.
func TestKeptColumns(t *testing.T) {
	_, tx := begin(t)
	for _, text := range []string{
		"CREATE TABLE y (at datetime, yes bool, also boolean, n integer, f real, s text, b blob, none datetime)",
		"INSERT INTO y VALUES ('2026-01-02T03:04:05.678Z', 1, 0, 1, 1.5, '2026-01-02T03:04:05.678Z', x'00ff', NULL)",
	} {
		if _, err := tx.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	want := []any{at, int64(1), false, int64(1), 1.5, "2026-01-02T03:04:05.678Z", []byte{0, 0xff}, nil, "2026-01-02T03:04:05.678Z", int64(0)}
	for range 2 {
		got := make([]any, len(want))
		into := make([]any, len(want))
		for i := range got {
			into[i] = &got[i]
		}
		if err := tx.QueryRowContext(t.Context(), "SELECT at, yes, also, n, f, s, b, none, max(at), also + 0 FROM y").Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if moment, ok := got[i].(time.Time); ok && moment.Equal(at) {
				got[i] = at
			}
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("column %d is %#v, want %#v", i, got[i], want[i])
			}
		}
	}
}
