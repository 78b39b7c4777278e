package database

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"

	"gatehouse/ent/catalog"
)

// fillBatch is how many rows are read and indexed at a time.
const fillBatch = 500

// numbered is a row of an entity with its number and text.
type numbered struct {
	n        int64
	id, text string
}

// fill numbers every row, the oldest first, and indexes them in batches.
func (s *Search) fill(ctx context.Context, tx *sql.Tx, e catalog.Entity) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO "+keyTable(e.Name)+" (id, text) SELECT "+s.quote("id")+", '' FROM "+
		s.quote(e.Table)+" ORDER BY "+s.order(e))
	if err != nil {
		return err
	}
	var last int64
	for {
		batch, err := s.readBatch(ctx, tx, e, last)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := s.indexBatch(ctx, tx, e.Name, batch); err != nil {
			return err
		}
		last = batch[len(batch)-1].n
	}
}

// order is how an entity's rows came: by creation where that is kept.
func (s *Search) order(e catalog.Entity) string {
	if f, ok := e.Field("created_at"); ok {
		return s.quote(f.Column) + ", " + s.quote("id")
	}
	return s.quote("id")
}

func (s *Search) readBatch(ctx context.Context, tx *sql.Tx, e catalog.Entity, after int64) ([]numbered, error) {
	columns := []string{"k.n", "k.id"}
	for _, name := range e.Life.Search {
		if f, ok := e.Field(name); ok {
			columns = append(columns, "e."+s.quote(f.Column))
		}
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+keyTable(e.Name)+" k JOIN "+
		s.quote(e.Table)+" e ON e."+s.quote("id")+" = k.id WHERE k.n > "+s.place(1)+
		" ORDER BY k.n LIMIT "+strconv.Itoa(fillBatch), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []numbered
	for rows.Next() {
		row, err := scanNumbered(rows, len(columns)-2)
		if err != nil {
			return nil, err
		}
		batch = append(batch, row)
	}
	return batch, rows.Err()
}

func scanNumbered(rows *sql.Rows, fields int) (numbered, error) {
	var row numbered
	values := make([]sql.NullString, fields)
	targets := []any{&row.n, &row.id}
	for i := range values {
		targets = append(targets, &values[i])
	}
	if err := rows.Scan(targets...); err != nil {
		return row, err
	}
	texts := make([]string, fields)
	for i, v := range values {
		texts[i] = v.String
	}
	row.text = searchText(texts)
	return row, nil
}

// indexBatch stores the texts with one statement and feeds the engine.
func (s *Search) indexBatch(ctx context.Context, tx *sql.Tx, entity string, batch []numbered) error {
	places := make([]string, len(batch))
	args := make([]any, 0, 3*len(batch))
	for i, row := range batch {
		places[i] = "(" + s.place(3*i+1) + ", " + s.place(3*i+2) + ", " + s.place(3*i+3) + ")"
		args = append(args, row.n, row.id, row.text)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO "+keyTable(entity)+" (n, id, text) VALUES "+
		strings.Join(places, ", ")+s.onConflict(), args...)
	if err != nil {
		return err
	}
	for _, row := range batch {
		if err := s.engine.put(ctx, tx, entity, row.n, row.text); err != nil {
			return err
		}
	}
	return nil
}

// onConflict makes an insert into a key table renew the text of a known row.
func (s *Search) onConflict() string {
	if s.db.Dialect == dialect.MySQL {
		return " ON DUPLICATE KEY UPDATE text = VALUES(text)"
	}
	return " ON CONFLICT (id) DO UPDATE SET text = excluded.text"
}

func (s *Search) quote(name string) string {
	if s.db.Dialect == dialect.MySQL {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}
