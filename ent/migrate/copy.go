package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// keptCopies bounds the copies beside a file; older ones are removed.
const keptCopies = 3

// copy writes a copy of the SQLite file beside it and returns its path. It is
// named after the version it holds, and appears only when it is whole.
func (t Target) copy(ctx context.Context, conn *sql.Conn, holds string) (string, error) {
	if t.Path == "" {
		return "", nil
	}
	name := fmt.Sprintf("%s.before-%s-%s", t.Path, time.Now().UTC().Format("20060102T150405.000"), holds)
	unfinished, err := t.unfinished()
	if err != nil {
		return "", fmt.Errorf("copy the database: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "VACUUM INTO ?", unfinished); err != nil {
		return "", fmt.Errorf("copy the database: %w", errors.Join(err, os.RemoveAll(unfinished)))
	}
	if err := settle(unfinished, name); err != nil {
		return "", fmt.Errorf("copy the database: %w", err)
	}
	return name, removeOld(t.Path)
}

// abandonedAfter is when an unfinished copy is nobody's any more.
const abandonedAfter = 24 * time.Hour

// unfinished makes an empty file for a copy, so that servers which start together do not
// write into each other's, and removes those that a server which broke off left.
func (t Target) unfinished() (string, error) {
	left, err := filepath.Glob(escapeGlob(t.Path) + ".copying-*")
	if err != nil {
		return "", err
	}
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > abandonedAfter {
			if err := os.RemoveAll(path); err != nil {
				return "", err
			}
		}
	}
	file, err := os.CreateTemp(filepath.Dir(t.Path), filepath.Base(t.Path)+".copying-*")
	if err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}

// settle makes a finished copy private and durable and gives it its name.
func settle(unfinished, name string) error {
	if err := os.Chmod(unfinished, 0o600); err != nil {
		return err
	}
	file, err := os.OpenFile(unfinished, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, name)
}

// removeOld keeps the newest copies; their names sort by time.
func removeOld(path string) error {
	found, err := filepath.Glob(escapeGlob(path) + ".before-*")
	if err != nil {
		return fmt.Errorf("remove old copies: %w", err)
	}
	sort.Strings(found)
	for len(found) > keptCopies {
		if err := os.Remove(found[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove old copies: %w", err)
		}
		found = found[1:]
	}
	return nil
}

// escapeGlob makes a path match itself alone.
func escapeGlob(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}
