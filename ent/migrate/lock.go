package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
)

// ErrBusy says that another server has been migrating for too long to wait.
var ErrBusy = errors.New("another server is migrating this database")

const (
	lockWait = 60 * time.Second
	lockPoll = 50 * time.Millisecond
	// lockKey is any number nobody else of this database uses.
	lockKey = 0x6761_7465_686f
)

// lock takes the database's lock for migrations. The connection holds it, so
// it ends with the process too. SQLite needs none: the data folder has a lock,
// and each version is a write transaction that looks again.
func (t Target) lock(ctx context.Context, conn *sql.Conn) (unlock func() error, err error) {
	// GET_LOCK is of the whole server, so the database is part of the name;
	// names are at most 64 characters.
	const name = "CONCAT('gatehouse:', MD5(DATABASE()))"
	take, give := "SELECT GET_LOCK("+name+", 0)", "SELECT RELEASE_LOCK("+name+")"
	switch t.Dialect {
	case dialect.SQLite:
		return func() error { return nil }, nil
	case dialect.Postgres:
		take = fmt.Sprintf("SELECT CASE WHEN pg_try_advisory_lock(%d) THEN 1 ELSE 0 END", lockKey)
		give = fmt.Sprintf("SELECT pg_advisory_unlock(%d)", lockKey)
	}
	if err := await(ctx, conn, take); err != nil {
		return nil, err
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), give)
		return err
	}, nil
}

// await asks for the lock until it is given.
func await(ctx context.Context, conn *sql.Conn, take string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lockWait, ErrBusy)
	defer cancel()
	for {
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, take).Scan(&got); err != nil {
			return fmt.Errorf("lock to migrate: %w", err)
		}
		if got.Int64 == 1 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lock to migrate: %w", context.Cause(ctx))
		case <-time.After(lockPoll):
		}
	}
}
