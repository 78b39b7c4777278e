package database

import (
	"fmt"
	"testing"
)

// TestStatementsAreKept runs one text again and again, inside its own rows, after the
// schema changed, and among more texts than a connection keeps.
func TestStatementsAreKept(t *testing.T) {
	db, err := Open(t.Context(), Config{DataDir: t.TempDir(), MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
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
