package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/go-sql-driver/mysql"
)

// applyByStatement makes a version where each statement commits by itself. The
// place is recorded after each; what was cut off goes on from there.
func (t Target) applyByStatement(ctx context.Context, conn *sql.Conn, v version) error {
	applied, err := readRevisions(ctx, conn, t.Dialect)
	if err != nil {
		return err
	}
	start := 0
	resumed := false
	if i := slices.IndexFunc(applied, func(r revision) bool { return r.version == v.name }); i >= 0 {
		start, resumed = applied[i].applied, true
	} else if err := writeRevision(ctx, conn, t.Dialect, v, 0); err != nil {
		return err
	}
	for i := start; i < len(v.up); i++ {
		_, err := conn.ExecContext(ctx, v.up[i])
		// The one statement at the cut may have been done and not recorded.
		if err != nil && !(resumed && i == start && doneBefore(err)) {
			return fmt.Errorf("%w in: %s", err, v.up[i])
		}
		if err := writeRevision(ctx, conn, t.Dialect, v, i+1); err != nil {
			return err
		}
	}
	return nil
}

// doneBefore knows MySQL's words for a change that is already there (server
// error reference).
func doneBefore(err error) bool {
	my, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok {
		return false
	}
	switch my.Number {
	case 1050, // table exists
		1051, // table to drop is not there
		1060, // column exists
		1061, // index exists
		1068, // primary key exists
		1091, // column or index to drop is not there
		1826: // foreign key exists
		return true
	}
	return false
}
