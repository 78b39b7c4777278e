package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"
)

// Sizes of one insert statement.
const (
	batchRows      = 200
	batchArguments = 20_000 // PostgreSQL takes 65,535, SQLite 32,766
)

// loadTable inserts the rows of one table and compares count and sum with the manifest.
func (t Target) loadTable(ctx context.Context, tx *sql.Tx, a *Archive, table Table) error {
	entry, err := a.open(tableDir + table.Name + ".jsonl")
	if err != nil {
		return err
	}
	defer entry.Close()
	sum := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(entry, sum))
	lines.Buffer(make([]byte, 64<<10), maxLine)
	in := inserter{tx: tx, dialect: t.DB.Dialect, table: table}
	n := 0
	for lines.Scan() {
		n++
		args, err := arguments(table.Columns, lines.Bytes())
		if err == nil {
			err = in.add(ctx, args)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := in.flush(ctx); err != nil {
		return err
	}
	if n != table.Rows || hex.EncodeToString(sum.Sum(nil)) != table.SHA256 {
		return fmt.Errorf("%w: it has not the rows that the manifest says", ErrDamaged)
	}
	return nil
}

// arguments reads one line into the values of its columns. Every column must be there
// and no other.
func arguments(columns []Column, line []byte) ([]any, error) {
	var row map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(line))
	if err := d.Decode(&row); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || len(row) != len(columns) {
		return nil, fmt.Errorf("%w: not one row", ErrDamaged)
	}
	args := make([]any, len(columns))
	for i, c := range columns {
		raw, ok := row[c.Name]
		if !ok {
			return nil, fmt.Errorf("%w: no column %s", ErrDamaged, c.Name)
		}
		var err error
		if args[i], err = argument(c.Kind, raw); err != nil {
			return nil, fmt.Errorf("%w: column %s: %w", ErrDamaged, c.Name, err)
		}
	}
	return args, nil
}

// inserter collects rows into statements of many.
type inserter struct {
	tx      *sql.Tx
	dialect string
	table   Table
	args    []any
}

func (in *inserter) add(ctx context.Context, row []any) error {
	in.args = append(in.args, row...)
	rows := len(in.args) / len(row)
	if rows < batchRows && len(in.args)+len(row) <= batchArguments {
		return nil
	}
	return in.flush(ctx)
}

func (in *inserter) flush(ctx context.Context) error {
	if len(in.args) == 0 {
		return nil
	}
	_, err := in.tx.ExecContext(ctx, in.statement(), in.args...)
	in.args = in.args[:0]
	return err
}

func (in *inserter) statement() string {
	var b strings.Builder
	names := make([]string, len(in.table.Columns))
	for i, c := range in.table.Columns {
		names[i] = quote(in.dialect, c.Name)
	}
	b.WriteString("INSERT INTO " + quote(in.dialect, in.table.Name) + " (" + strings.Join(names, ", ") + ") VALUES ")
	for i := range in.args {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%len(names) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		if in.dialect == dialect.Postgres {
			b.WriteString("$" + strconv.Itoa(i+1))
		} else {
			b.WriteByte('?')
		}
	}
	b.WriteByte(')')
	return b.String()
}
