package database

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect"

	"gatehouse/ent/catalog"
)

// keyTable names the table that numbers an entity's rows in the order they
// came: search_user_key(n, id, text). An entity's own row numbers would not
// do: SQLite gives those anew.
func keyTable(entity string) string { return "search_" + strings.ToLower(entity) + "_key" }

// textTable names the table, or virtual table, that finds text.
func textTable(entity string) string { return "search_" + strings.ToLower(entity) }

func sortedNames(entities map[string]catalog.Entity) []string {
	return slices.Sorted(maps.Keys(entities))
}

// key returns the number of a row, giving it one if it has none, and stores
// the text beside it.
func (s *Search) key(ctx context.Context, q Execer, entity, id, text string) (int64, error) {
	table := keyTable(entity)
	upsert := "INSERT INTO " + table + " (id, text) VALUES (" + s.place(1) + ", " + s.place(2) + ")" + s.onConflict()
	if _, err := q.ExecContext(ctx, upsert, id, text); err != nil {
		return 0, err
	}
	n, found, err := s.lookUp(ctx, q, entity, id)
	if err == nil && !found {
		err = fmt.Errorf("row %s vanished from %s", id, table)
	}
	return n, err
}

// lookUp returns the number of a row.
func (s *Search) lookUp(ctx context.Context, q Execer, entity, id string) (n int64, found bool, err error) {
	rows, err := q.QueryContext(ctx, "SELECT n FROM "+keyTable(entity)+" WHERE id = "+s.place(1), id)
	if err != nil {
		return 0, false, fmt.Errorf("look up %s: %w", entity, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, false, fmt.Errorf("look up %s: %w", entity, err)
		}
		found = true
	}
	return n, found, rows.Err()
}

// place returns the i-th placeholder of a statement.
func (s *Search) place(i int) string { return placeholder(s.db.Dialect, i) }

func placeholder(name string, i int) string {
	if name == dialect.Postgres {
		return fmt.Sprintf("$%d", i)
	}
	return "?"
}

// begins selects the rows of which a field or word begins with the text. It
// reads rows in order until it has enough.
func begins(name, entity, text string) (query, column string, args []any) {
	likes := likeBegins(text)
	query = "SELECT n FROM " + keyTable(entity) + " WHERE (text LIKE " + placeholder(name, 1) +
		" ESCAPE '!' OR text LIKE " + placeholder(name, 2) + " ESCAPE '!')"
	return query, "n", []any{likes[0], likes[1]}
}
