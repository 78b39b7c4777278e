package backup

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"entgo.io/ent/dialect"

	"gatehouse/auth/secret"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/migrate"
)

// Source is what a backup is made of.
type Source struct {
	DB *database.DB
	// Uploads is the folder of uploaded files; it may be absent.
	Uploads string
	Keys    *secret.Ring
	// Secret goes into the archive when it is not empty.
	Secret string
	// Program is the version of the program, for the manifest.
	Program string
	Now     time.Time
}

// Write writes an archive. The rows are those of one moment; servers go on writing
// meanwhile. A backup takes no lock that anyone waits for.
func Write(ctx context.Context, w io.Writer, s Source) (Manifest, error) {
	m := Manifest{Format: format, Program: s.Program, Dialect: s.DB.Dialect, CreatedAt: s.Now.UTC(), Secret: s.Secret != "", KeyMark: mark(s.Keys)}
	snapshot, err := s.DB.BeginReadOnly(ctx)
	if err != nil {
		return m, err
	}
	z := zip.NewWriter(w)
	err = s.fill(ctx, z, snapshot.Tx, &m)
	if err = errors.Join(err, snapshot.Close()); err != nil {
		return m, err
	}
	return m, z.Close()
}

func (s Source) fill(ctx context.Context, z *zip.Writer, tx *sql.Tx, m *Manifest) (err error) {
	if m.Schema, err = schemaOf(ctx, tx, s.DB.Dialect); err != nil {
		return err
	}
	if m.Tables, err = tables(ent.Entities()); err != nil {
		return err
	}
	for i := range m.Tables {
		if err := writeTable(ctx, z, tx, s.DB.Dialect, &m.Tables[i]); err != nil {
			return fmt.Errorf("reading the table %s: %w", m.Tables[i].Name, err)
		}
	}
	if m.Files, err = writeFiles(z, s.Uploads); err != nil {
		return err
	}
	if s.Secret != "" {
		if err := writeEntry(z, secretName, []byte(s.Secret)); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeEntry(z, manifestName, text)
}

// markPurpose separates the key mark from everything else made of the secret.
const markPurpose = "backup"

func mark(keys *secret.Ring) string {
	return base64.RawStdEncoding.EncodeToString(keys.MAC(markPurpose, []byte(markPurpose)))
}

// SameKeys reports whether a ring holds the secret of an archive.
func (m Manifest) SameKeys(keys *secret.Ring) bool {
	mac, err := base64.RawStdEncoding.DecodeString(m.KeyMark)
	return err == nil && keys.CheckMAC(markPurpose, []byte(markPurpose), mac)
}

// schemaOf reads the schema version in the snapshot. It must be the one whose columns
// this program knows.
func schemaOf(ctx context.Context, tx *sql.Tx, dialect string) (string, error) {
	latest, err := migrate.Latest(dialect)
	if err != nil {
		return "", err
	}
	var found string
	row := tx.QueryRowContext(ctx, "SELECT version FROM "+migrate.RevisionTable+" WHERE applied = total ORDER BY version DESC LIMIT 1")
	if err := row.Scan(&found); err != nil {
		return "", fmt.Errorf("reading the schema version: %w", err)
	}
	if found != latest {
		return "", fmt.Errorf("the database has the schema version %s, this program knows %s; take the backup with the program that serves", found, latest)
	}
	return found, nil
}

// writeTable writes the rows of a table in the order of their ids.
func writeTable(ctx context.Context, z *zip.Writer, tx *sql.Tx, dialect string, t *Table) error {
	entry, err := z.Create(tableDir + t.Name + ".jsonl")
	if err != nil {
		return err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(entry, sum), 64<<10)
	rows, err := tx.QueryContext(ctx, selectAll(dialect, *t))
	if err != nil {
		return err
	}
	defer rows.Close()
	cells, places := make([]cell, len(t.Columns)), make([]any, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = newCell(c.Kind)
		places[i] = place(cells[i])
	}
	var line []byte
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if line, err = appendRow(line[:0], t.Columns, cells); err != nil {
			return err
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		t.Rows++
	}
	if err := errors.Join(rows.Err(), out.Flush()); err != nil {
		return err
	}
	t.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func appendRow(dst []byte, columns []Column, cells []cell) ([]byte, error) {
	var err error
	dst = append(dst, '{')
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `"`+c.Name+`":`...)
		if dst, err = cells[i].append(dst); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return append(dst, "}\n"...), nil
}

func selectAll(dialect string, t Table) string {
	text := "SELECT "
	for i, c := range t.Columns {
		if i > 0 {
			text += ", "
		}
		text += quote(dialect, c.Name)
	}
	return text + " FROM " + quote(dialect, t.Name) + " ORDER BY " + quote(dialect, "id")
}

// quote quotes a name; names were checked before.
func quote(name, identifier string) string {
	if name == dialect.MySQL {
		return "`" + identifier + "`"
	}
	return `"` + identifier + `"`
}

// writeFiles copies the uploaded files. One that vanishes meanwhile is left out.
func writeFiles(z *zip.Writer, dir string) ([]File, error) {
	list := []File{}
	if dir == "" {
		return list, nil
	}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := writeFile(z, root, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		list = append(list, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading uploaded files: %w", err)
	}
	return list, nil
}

func writeFile(z *zip.Writer, root fs.FS, name string) (File, error) {
	file, err := root.Open(name)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	entry, err := z.Create(path.Join(fileDir, name))
	if err != nil {
		return File{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(entry, sum), file)
	return File{Path: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

func writeEntry(z *zip.Writer, name string, data []byte) error {
	entry, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = entry.Write(data)
	return err
}
