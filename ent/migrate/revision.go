package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
)

// RevisionTable is the table that records the versions applied. It is no
// entity and belongs in no backup of rows.
const RevisionTable = "schema_revision"

// revision is one recorded version: how many of its statements are done.
type revision struct {
	version        string
	applied, total int
}

func (r revision) partial() bool { return r.applied < r.total }

// queryer is what connections, transactions and pools have in common.
type queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readRevisions returns the recorded versions in order. Without the table
// there are none. It must not run in a transaction that may lack the table.
func readRevisions(ctx context.Context, q queryer, name string) ([]revision, error) {
	list, err := queryRevisions(ctx, q)
	if err == nil {
		return list, nil
	}
	exists, askErr := hasRevisions(ctx, q, name)
	if askErr == nil && !exists {
		return nil, nil
	}
	if askErr == nil { // made by another server meanwhile, or truly unreadable
		list, err = queryRevisions(ctx, q)
	}
	if err != nil {
		return nil, fmt.Errorf("read schema revisions: %w", err)
	}
	return list, nil
}

func queryRevisions(ctx context.Context, q queryer) ([]revision, error) {
	rows, err := q.QueryContext(ctx, "SELECT version, applied, total FROM "+RevisionTable+" ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []revision
	for rows.Next() {
		var r revision
		if err := rows.Scan(&r.version, &r.applied, &r.total); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// hasRevisions reports whether the table is there.
func hasRevisions(ctx context.Context, q queryer, name string) (bool, error) {
	query := "SELECT count(*) FROM information_schema.tables WHERE table_name = '" + RevisionTable + "' AND table_schema = "
	switch name {
	case dialect.SQLite:
		query = "SELECT count(*) FROM sqlite_schema WHERE name = '" + RevisionTable + "'"
	case dialect.Postgres:
		query += "current_schema()"
	default:
		query += "database()"
	}
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var n int
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return false, err
		}
	}
	return n > 0, rows.Err()
}

func createRevisions(ctx context.Context, q queryer) error {
	_, err := q.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+RevisionTable+` (
		version varchar(255) NOT NULL PRIMARY KEY,
		hash varchar(255) NOT NULL,
		applied integer NOT NULL,
		total integer NOT NULL,
		executed_at varchar(40) NOT NULL)`)
	if err != nil {
		return fmt.Errorf("make the table of schema revisions: %w", err)
	}
	return nil
}

// writeRevision records that the first n statements of a version are done.
func writeRevision(ctx context.Context, q queryer, name string, v version, n int) error {
	if err := deleteRevision(ctx, q, name, v.name); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx,
		"INSERT INTO "+RevisionTable+" (version, hash, applied, total, executed_at) VALUES "+places(name, 5),
		v.name, v.hash, n, len(v.up), time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return fmt.Errorf("record schema revision %s: %w", v.name, err)
	}
	return nil
}

func deleteRevision(ctx context.Context, q queryer, name, version string) error {
	_, err := q.ExecContext(ctx, "DELETE FROM "+RevisionTable+" WHERE version = "+place(name, 1), version)
	if err != nil {
		return fmt.Errorf("remove schema revision %s: %w", version, err)
	}
	return nil
}

// place returns the n-th placeholder of a statement.
func place(name string, n int) string {
	if name == dialect.Postgres {
		return fmt.Sprintf("$%d", n)
	}
	return "?"
}

func places(name string, n int) string {
	list := "("
	for i := range n {
		if i > 0 {
			list += ", "
		}
		list += place(name, i+1)
	}
	return list + ")"
}
