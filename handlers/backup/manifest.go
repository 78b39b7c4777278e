// Package backup writes everything stored into one archive and loads it again, into a
// database of any kind.
//
// The archive is a zip file: manifest.json, one file of JSON lines for each table under
// tables/, uploaded files under files/, and, where asked for, the secret. The manifest is
// written last, so that an archive that was cut off has none.
package backup

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"gatehouse/ent/catalog"
)

// format is the version of the archive's own layout.
const format = 1

// Names inside the archive.
const (
	manifestName = "manifest.json"
	secretName   = "secret"
	tableDir     = "tables/"
	fileDir      = "files/"
)

// ErrDamaged refuses an archive that is not whole or not one of ours.
var ErrDamaged = errors.New("the archive is damaged")

// Manifest says what an archive holds.
type Manifest struct {
	Format  int    `json:"format"`
	Program string `json:"program"` // version of the program that wrote it
	// Schema is the newest schema version of the rows.
	Schema    string    `json:"schema"`
	Dialect   string    `json:"dialect"`
	CreatedAt time.Time `json:"createdAt"`
	// Tables in an order in which every row follows those it refers to.
	Tables []Table `json:"tables"`
	Files  []File  `json:"files"`
	Secret bool    `json:"secret"`
	// KeyMark tells whether a secret is the one that sealed values in the rows, without
	// giving it away. Base64.
	KeyMark string `json:"keyMark"`
}

// Rows is the number of rows of all tables.
func (m Manifest) Rows() int {
	n := 0
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Table is the rows of one table.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int      `json:"rows"`
	SHA256  string   `json:"sha256"` // of the uncompressed lines, hex
}

// Column is one column with the kind that ent gives its values.
type Column struct {
	Name string `json:"name"`
	// Kind is string, bool, int, float, time, json or bytes.
	Kind string `json:"kind"`
}

// File is one uploaded file. Path is relative to the folder of uploads.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// identifier is what names of tables and columns look like; nothing else reaches a
// statement.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// check refuses a manifest that this program cannot load.
func (m Manifest) check() error {
	if m.Format != format {
		return fmt.Errorf("the archive has format %d, this program reads %d", m.Format, format)
	}
	seen := map[string]bool{}
	for _, t := range m.Tables {
		if !identifier.MatchString(t.Name) || seen[t.Name] || len(t.Columns) == 0 {
			return fmt.Errorf("%w: table %q", ErrDamaged, t.Name)
		}
		seen[t.Name] = true
		columns := map[string]bool{}
		for _, c := range t.Columns {
			if !identifier.MatchString(c.Name) || columns[c.Name] || !slices.Contains(kinds, c.Kind) {
				return fmt.Errorf("%w: column %q of table %q", ErrDamaged, c.Name, t.Name)
			}
			columns[c.Name] = true
		}
	}
	return nil
}

// tables lists the stored entities as tables, parents before children.
func tables(entities []catalog.Entity) ([]Table, error) {
	byName := map[string]catalog.Entity{}
	for _, e := range entities {
		byName[e.Name] = e
	}
	var ordered []Table
	state := map[string]int{} // 1: being visited, 2: done
	var visit func(e catalog.Entity) error
	visit = func(e catalog.Entity) error {
		switch state[e.Name] {
		case 1:
			return fmt.Errorf("entity %s refers to itself through others", e.Name)
		case 2:
			return nil
		}
		state[e.Name] = 1
		for _, parent := range e.Parents() {
			if err := visit(byName[parent]); err != nil {
				return err
			}
		}
		state[e.Name] = 2
		t := Table{Name: e.Table}
		for _, f := range e.Fields {
			t.Columns = append(t.Columns, Column{f.Column, kindOf(f.Kind)})
		}
		ordered = append(ordered, t)
		return nil
	}
	for _, e := range entities {
		if err := visit(e); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}
