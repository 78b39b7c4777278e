package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// UpTo applies what is pending as far as the version to, for loading rows of that
// version. A version this program does not hold is ErrNewer; one that the database has
// passed is no error and changes nothing.
func (t Target) UpTo(ctx context.Context, to string) (Result, error) {
	return t.locked(ctx, func(conn *sql.Conn, list []version, state State) (result Result, err error) {
		end := slices.IndexFunc(list, func(v version) bool { return v.name == to })
		if end < 0 {
			return result, fmt.Errorf("%w (%s)", ErrNewer, to)
		}
		for _, v := range list[:end+1] {
			if !slices.Contains(state.Pending, v.name) {
				continue
			}
			if err := t.apply(ctx, conn, v); err != nil {
				return result, fmt.Errorf("migrate to %s: %w", v.name, err)
			}
			result.Applied = append(result.Applied, v.name)
		}
		return result, nil
	})
}
