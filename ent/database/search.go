package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"

	"gatehouse/ent/catalog"
)

// Limits of a search.
const (
	// MaxHits bounds the hits of one Find, and what Count counts to.
	MaxHits = 10_000
	// maxQuery and maxText bound, in bytes, what is looked for and in.
	maxQuery = 128
	maxText  = 1024
)

// ErrNotSearched refuses an entity without search fields in its data life.
var ErrNotSearched = errors.New("entity is not searched")

// ErrCursor refuses a page cursor that Find did not give.
var ErrCursor = errors.New("not a search cursor")

// Execer runs statements: *ent.Tx, *ent.Client, *sql.Tx and *sql.DB do.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Search finds rows of entities by a piece of their text, the newest first. It
// finds any piece of three letters or more and beginnings of words of fewer;
// on MySQL, and on PostgreSQL without pg_trgm, beginnings of words only. A row's
// id is found by its beginning, of eight letters or more, as it is written: random
// letters would else meet a piece of any short name.
//
// Its tables, named search_…, are no part of the schema's versions: Prepare
// makes them when a server starts.
type Search struct {
	db       *DB
	entities map[string]catalog.Entity
	engine   engine
}

// engine is how one kind of database finds text.
type engine interface {
	// names lists the tables of an entity, the key table first.
	names(e string) []string
	// create makes them, empty.
	create(e string) []string
	// finish completes tables that have been filled.
	finish(e string) []string
	// put stores text under an existing key, in place of what was there.
	put(ctx context.Context, q Execer, e string, n int64, text string) error
	// remove drops what is stored under a key; the key itself is dropped after.
	remove(ctx context.Context, q Execer, e string, n int64) error
	// hits selects the numbers n of the rows that a text finds. It ends in a
	// condition, and the column it selects is column, so that more can follow.
	hits(e, text string) (query, column string, args []any)
	// check reports what is wrong with the index of an entity.
	check(ctx context.Context, q Execer, e string) error
}

func newSearch(db *DB, entities []catalog.Entity) *Search {
	s := &Search{db: db, entities: map[string]catalog.Entity{}}
	for _, e := range entities {
		s.entities[e.Name] = e
	}
	switch db.Dialect {
	case dialect.SQLite:
		s.engine = fullText{}
	case dialect.Postgres:
		s.engine = trigrams{}
	default:
		s.engine = words{dialect: db.Dialect}
	}
	return s
}

// Entities lists the searched entities' names, sorted.
func (s *Search) Entities() []string { return sortedNames(s.entities) }

// OnlyBeginnings reports whether words are found by their beginnings only. It
// is known after Prepare.
func (s *Search) OnlyBeginnings() bool {
	_, ok := s.engine.(words)
	return ok
}

func (s *Search) known(entity string) error {
	if _, ok := s.entities[entity]; !ok {
		return fmt.Errorf("%w: %s", ErrNotSearched, entity)
	}
	return nil
}

// Index stores the text a row is found by, in place of what was stored. It
// belongs in the transaction that writes the row. A row keeps its place in the
// order of hits.
func (s *Search) Index(ctx context.Context, tx Execer, entity, id string, fields ...string) error {
	if err := s.known(entity); err != nil {
		return err
	}
	text := searchText(fields)
	n, err := s.key(ctx, tx, entity, id, text)
	if err != nil {
		return fmt.Errorf("index %s: %w", entity, err)
	}
	if err := s.engine.put(ctx, tx, entity, n, text); err != nil {
		return fmt.Errorf("index %s: %w", entity, err)
	}
	return nil
}

// Remove forgets a row. It belongs in the transaction that removes the row.
func (s *Search) Remove(ctx context.Context, tx Execer, entity, id string) error {
	if err := s.known(entity); err != nil {
		return err
	}
	n, found, err := s.lookUp(ctx, tx, entity, id)
	if err != nil || !found {
		return err
	}
	if err := s.engine.remove(ctx, tx, entity, n); err != nil {
		return fmt.Errorf("forget %s: %w", entity, err)
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM "+keyTable(entity)+" WHERE n = "+s.place(1), n)
	if err != nil {
		return fmt.Errorf("forget %s: %w", entity, err)
	}
	return nil
}

// Hits is one page of a search.
type Hits struct {
	// IDs are the rows' ids, the newest first.
	IDs []string
	// Next continues the search; empty on the last page.
	Next string
}

// Find returns up to limit hits, at most MaxHits, after a page's Next; "" is
// the first page. A query without letters finds nothing.
func (s *Search) Find(ctx context.Context, entity, query, after string, limit int) (Hits, error) {
	if err := s.known(entity); err != nil {
		return Hits{}, err
	}
	before, err := parseCursor(after)
	if err != nil {
		return Hits{}, err
	}
	text := queryText(query)
	if text == "" {
		return Hits{}, nil
	}
	limit = min(max(limit, 1), MaxHits)
	found, column, args := s.engine.hits(entity, text)
	found += " AND " + column + " < " + s.place(len(args)+1) +
		" ORDER BY " + column + " DESC LIMIT " + strconv.Itoa(limit+1)
	// One more than asked for tells whether there is a next page.
	rows, err := s.rows(ctx, "SELECT k.n, k.id FROM ("+found+") f JOIN "+keyTable(entity)+" k ON k.n = f.n",
		append(args, before))
	if err != nil {
		return Hits{}, fmt.Errorf("search: %w", err)
	}
	if from, to, ok := idRange(query); ok {
		byID, err := s.rows(ctx, "SELECT n, id FROM "+keyTable(entity)+" WHERE "+s.idColumn()+" >= "+s.place(1)+" AND "+s.idColumn()+" < "+s.place(2)+
			" AND n < "+s.place(3)+" ORDER BY n DESC LIMIT "+strconv.Itoa(limit+1), []any{from, to, before})
		if err != nil {
			return Hits{}, fmt.Errorf("search by id: %w", err)
		}
		rows = append(rows, byID...)
	}
	return page(rows, limit), nil
}

func (s *Search) rows(ctx context.Context, query string, args []any) ([]numbered, error) {
	rows, err := s.db.SQL.QueryContext(ctx, query, s.planned(args)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []numbered
	for rows.Next() {
		var row numbered
		if err := rows.Scan(&row.n, &row.id); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// planned lets PostgreSQL plan a search for the text that is looked for. A prepared
// statement gets one plan for all texts, which for rare ones goes through everybody.
func (s *Search) planned(args []any) []any {
	if s.db.Dialect != dialect.Postgres {
		return args
	}
	return append([]any{pgx.QueryExecModeExec}, args...)
}

// idColumn compares ids by their bytes; the other databases always do.
func (s *Search) idColumn() string {
	if s.db.Dialect == dialect.Postgres {
		return `id COLLATE "C"`
	}
	return "id"
}

// page orders the rows of a page, which the join may have mixed and the id found again.
func page(rows []numbered, limit int) Hits {
	slices.SortFunc(rows, func(a, b numbered) int { return cmp.Compare(b.n, a.n) })
	rows = slices.Compact(rows)
	var hits Hits
	if len(rows) > limit {
		rows = rows[:limit]
		hits.Next = strconv.FormatInt(rows[limit-1].n, 10)
	}
	for _, row := range rows {
		hits.IDs = append(hits.IDs, row.id)
	}
	return hits
}

// Count counts the hits of a query. Where there are more than MaxHits it
// returns MaxHits and more.
func (s *Search) Count(ctx context.Context, entity, query string) (n int, more bool, err error) {
	if err := s.known(entity); err != nil {
		return 0, false, err
	}
	text := queryText(query)
	if text == "" {
		return 0, false, nil
	}
	found, _, args := s.engine.hits(entity, text)
	row := s.db.SQL.QueryRowContext(ctx,
		"SELECT count(*) FROM ("+found+" LIMIT "+strconv.Itoa(MaxHits+1)+") f", s.planned(args)...)
	if err := row.Scan(&n); err != nil {
		return 0, false, fmt.Errorf("count hits: %w", err)
	}
	if from, to, ok := idRange(query); ok {
		var more int
		row := s.db.SQL.QueryRowContext(ctx, "SELECT count(*) FROM "+keyTable(entity)+" WHERE "+s.idColumn()+" >= "+s.place(1)+" AND "+s.idColumn()+" < "+s.place(2)+
			" AND text NOT LIKE "+s.place(3)+" ESCAPE '!'", from, to, "%"+escapeLike(text)+"%")
		if err := row.Scan(&more); err != nil {
			return 0, false, fmt.Errorf("count ids: %w", err)
		}
		n += more
	}
	return min(n, MaxHits), n > MaxHits, nil
}

func parseCursor(after string) (int64, error) {
	if after == "" {
		return 1<<63 - 1, nil
	}
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil || n < 0 {
		return 0, ErrCursor
	}
	return n, nil
}
