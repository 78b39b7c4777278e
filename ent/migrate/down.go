package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// ErrDestroys refuses to take back the first version, which drops every table,
// unless asked for.
var ErrDestroys = errors.New("going below the first schema version removes all data")

// Down takes versions back, the newest first, until to is the newest; to "" is
// the empty database and needs destroy. It restores the schema, not values
// that a version dropped. SQLite and PostgreSQL take back a version in one
// transaction. MySQL cannot: cut off there, run Down again.
func (t Target) Down(ctx context.Context, to string, destroy bool) (Result, error) {
	if to == "" && !destroy {
		return Result{}, ErrDestroys
	}
	return t.locked(ctx, func(conn *sql.Conn, list []version, state State) (result Result, err error) {
		doomed, err := above(list, state, to)
		if err != nil || len(doomed) == 0 {
			return result, err
		}
		if result.Copy, err = t.copy(ctx, conn, doomed[0].name); err != nil {
			return result, err
		}
		for _, v := range doomed {
			if err := t.takeBack(ctx, conn, v); err != nil {
				return result, fmt.Errorf("take back %s: %w", v.name, err)
			}
			result.Applied = append(result.Applied, v.name)
		}
		return result, nil
	})
}

// above lists the applied versions newer than to, the newest first.
func above(list []version, state State, to string) ([]version, error) {
	if state.Partial != "" {
		return nil, fmt.Errorf("%w: %s", ErrPartial, state.Partial)
	}
	applied := list[:len(list)-len(state.Pending)]
	i := slices.IndexFunc(applied, func(v version) bool { return v.name == to })
	if i < 0 && to != "" {
		return nil, fmt.Errorf("%w: %q is not applied", ErrNoSuchVersion, to)
	}
	doomed := slices.Clone(applied[i+1:])
	slices.Reverse(doomed)
	return doomed, nil
}

func (t Target) takeBack(ctx context.Context, conn *sql.Conn, v version) error {
	if !t.transactional() {
		for _, s := range v.down {
			if _, err := conn.ExecContext(ctx, s); err != nil && !doneBefore(err) {
				return fmt.Errorf("%w in: %s", err, s)
			}
		}
		return deleteRevision(ctx, conn, t.Dialect, v.name)
	}
	return t.inTransaction(ctx, conn, func(tx *sql.Tx) error {
		if err := execAll(ctx, tx, v.down); err != nil {
			return err
		}
		return deleteRevision(ctx, tx, t.Dialect, v.name)
	})
}
