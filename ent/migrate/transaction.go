package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
)

// ErrForeignKeys stops a migration of SQLite that would leave rows whose
// parents are gone.
var ErrForeignKeys = errors.New("rows without their parents")

// inTransaction runs f in a transaction. On SQLite foreign keys are not held
// while tables are rebuilt, as dropping the old table would remove the rows
// that refer to it; they are checked before the commit instead
// (https://www.sqlite.org/lang_altertable.html, section 7).
func (t Target) inTransaction(ctx context.Context, conn *sql.Conn, f func(*sql.Tx) error) (err error) {
	if t.Dialect == dialect.SQLite {
		if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
			return err
		}
		defer func() {
			_, onErr := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on")
			err = errors.Join(err, onErr)
		}()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err = f(tx); err == nil && t.Dialect == dialect.SQLite {
		err = checkForeignKeys(ctx, tx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func checkForeignKeys(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		var table, parent string
		var row sql.NullInt64
		var key int
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		return fmt.Errorf("%w: table %s, parent %s", ErrForeignKeys, table, parent)
	}
	return rows.Err()
}

func isForeignKeyPragma(statement string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(statement)), "pragma foreign_keys")
}
