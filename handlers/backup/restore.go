package backup

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/migrate"
)

// ErrNotEmpty refuses to restore over something.
var ErrNotEmpty = errors.New("the target is not empty")

// Target is where an archive is loaded.
type Target struct {
	DB *database.DB
	// Uploads is the folder of uploaded files.
	Uploads string
	// EndSessions leaves sessions and one-time values out, so that nothing that was
	// handed out before works any more but passwords and other credentials.
	EndSessions bool
}

// ended are the tables that EndSessions leaves empty.
var ended = []string{"session", "verification"}

// Restore loads an archive into an empty database, whatever kind it came from: it
// migrates to the archive's version, loads all rows in one transaction, migrates on,
// and rebuilds the search. On an error before the last row the database stays empty.
func Restore(ctx context.Context, a *Archive, t Target) error {
	if err := t.empty(ctx); err != nil {
		return err
	}
	target := migrate.Target{DB: t.DB.SQL, Dialect: t.DB.Dialect}
	if _, err := target.UpTo(ctx, a.Manifest.Schema); err != nil {
		return err
	}
	if state, err := target.Status(ctx); err != nil {
		return err
	} else if state.Current != a.Manifest.Schema {
		return fmt.Errorf("%w: its schema is newer than the archive's; take an empty database", ErrNotEmpty)
	}
	if err := t.load(ctx, a); err != nil {
		return err
	}
	if _, err := target.Up(ctx); err != nil {
		return fmt.Errorf("the rows are loaded; migrating them: %w", err)
	}
	if err := t.index(ctx); err != nil {
		return err
	}
	return t.files(a)
}

// empty refuses a database with rows and a folder with files.
func (t Target) empty(ctx context.Context) error {
	state, err := migrate.Target{DB: t.DB.SQL, Dialect: t.DB.Dialect}.Status(ctx)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(t.Uploads)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w: there are uploaded files in %s", ErrNotEmpty, t.Uploads)
	}
	if state.Current == "" {
		return nil
	}
	for _, e := range ent.Entities() {
		var n int
		err := t.DB.SQL.QueryRowContext(ctx, "SELECT count(*) FROM "+quote(t.DB.Dialect, e.Table)).Scan(&n)
		if err != nil && len(state.Pending) > 0 {
			continue // a table of a version to come
		}
		if err != nil {
			return fmt.Errorf("counting rows of %s: %w", e.Table, err)
		}
		if n > 0 {
			return fmt.Errorf("%w: the table %s has %d rows", ErrNotEmpty, e.Table, n)
		}
	}
	return nil
}

// load puts all rows in, in one transaction.
func (t Target) load(ctx context.Context, a *Archive) (err error) {
	release, err := t.DB.WriteLock(ctx)
	if err != nil {
		return err
	}
	defer release()
	tx, err := t.DB.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning to load: %w", err)
	}
	for _, table := range a.Manifest.Tables {
		if err := t.loadTable(ctx, tx, a, table); err != nil {
			return errors.Join(fmt.Errorf("loading the table %s: %w", table.Name, err), tx.Rollback())
		}
	}
	if t.EndSessions {
		if err := t.endSessions(ctx, tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (t Target) endSessions(ctx context.Context, tx *sql.Tx) error {
	for _, table := range ended {
		// What hangs on a session goes with it by its foreign key.
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+quote(t.DB.Dialect, table)); err != nil {
			return fmt.Errorf("ending sessions: %w", err)
		}
	}
	return nil
}

func (t Target) index(ctx context.Context) error {
	search := t.DB.Search()
	if err := search.Prepare(ctx); err != nil {
		return err
	}
	for _, entity := range search.Entities() {
		if err := search.Rebuild(ctx, entity); err != nil {
			return fmt.Errorf("the rows are loaded; indexing them: %w", err)
		}
	}
	return nil
}

// files puts uploaded files back. Their paths stay inside the folder.
func (t Target) files(a *Archive) error {
	for _, f := range a.Manifest.Files {
		local, err := filepath.Localize(f.Path)
		if err != nil {
			return fmt.Errorf("%w: file %q", ErrDamaged, f.Path)
		}
		if err := t.file(a, f, filepath.Join(t.Uploads, local)); err != nil {
			return fmt.Errorf("restoring the file %q: %w", f.Path, err)
		}
	}
	return nil
}

func (t Target) file(a *Archive, f File, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	from, err := a.open(fileDir + f.Path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), io.LimitReader(from, f.Size+1))
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return err
	}
	if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return ErrDamaged
	}
	return nil
}
