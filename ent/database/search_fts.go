package database

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect"
)

// fullText finds pieces of text in SQLite with FTS5's trigram tokenizer. The
// index keeps no text: the key table has it.
type fullText struct{}

func (fullText) names(e string) []string { return []string{keyTable(e), textTable(e)} }

func (fullText) create(e string) []string {
	return []string{
		"CREATE TABLE " + keyTable(e) + " (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL)",
		"CREATE VIRTUAL TABLE " + textTable(e) + " USING fts5(text, content='', contentless_delete=1, " +
			"detail=full, tokenize='trigram case_sensitive 1')",
		// While the index is filled, gather more in memory and merge at the end.
		command(e, "hashsize", 64<<20),
		command(e, "automerge", 0),
	}
}

func (fullText) finish(e string) []string {
	return []string{command(e, "hashsize", 1<<20), command(e, "automerge", 4)}
}

// command is a setting of FTS5, which is an insert into the table's own column.
func command(e, name string, value int) string {
	return fmt.Sprintf("INSERT INTO %[1]s (%[1]s, rank) VALUES ('%[2]s', %[3]d)", textTable(e), name, value)
}

func (fullText) put(ctx context.Context, q Execer, e string, n int64, text string) error {
	_, err := q.ExecContext(ctx, "INSERT OR REPLACE INTO "+textTable(e)+" (rowid, text) VALUES (?, ?)", n, text)
	return err
}

func (fullText) remove(ctx context.Context, q Execer, e string, n int64) error {
	_, err := q.ExecContext(ctx, "DELETE FROM "+textTable(e)+" WHERE rowid = ?", n)
	return err
}

// hits quotes the text as one FTS5 string, so that none of its signs is an
// operator. Trigrams know nothing shorter than three letters.
func (fullText) hits(e, text string) (query, column string, args []any) {
	if utf8.RuneCountInString(text) < 3 {
		return begins(dialect.SQLite, e, text)
	}
	phrase := `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	return "SELECT rowid AS n FROM " + textTable(e) + " WHERE text MATCH ?", "rowid", []any{phrase}
}

func (fullText) check(ctx context.Context, q Execer, e string) error {
	_, err := q.ExecContext(ctx, "INSERT INTO "+textTable(e)+" ("+textTable(e)+") VALUES ('integrity-check')")
	if err != nil {
		return fmt.Errorf("full-text index of %s: %w", e, err)
	}
	return nil
}
