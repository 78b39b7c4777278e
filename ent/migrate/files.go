package migrate

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
)

//go:embed migrations
var embedded embed.FS

// ErrNoSuchVersion names a version that this program does not hold.
var ErrNoSuchVersion = errors.New("no such schema version")

// version is one step of the schema: the statements that make it, and those
// that take it back.
type version struct {
	name     string // 20261127221304_init
	hash     string
	up, down []string
}

// folder returns the folder's name of a dialect's files.
func folder(name string) (string, error) {
	switch name {
	case dialect.SQLite:
		return "sqlite", nil
	case dialect.Postgres, dialect.MySQL:
		return name, nil
	}
	return "", fmt.Errorf("no migrations for the dialect %q", name)
}

// versions returns a dialect's versions in order, after checking them against
// atlas.sum.
func versions(files fs.FS, name string) ([]version, error) {
	sub, err := folder(name)
	if err != nil {
		return nil, err
	}
	dir, err := memDir(files, path.Join("migrations", sub))
	if err != nil {
		return nil, err
	}
	if err := migrate.Validate(dir); err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", name, err)
	}
	sums, err := dir.Checksum()
	if err != nil {
		return nil, err
	}
	ups, err := dir.Files()
	if err != nil {
		return nil, err
	}
	list := make([]version, len(ups))
	for i, up := range ups {
		if list[i], err = newVersion(files, sub, up, sums); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func newVersion(files fs.FS, sub string, up migrate.File, sums migrate.HashFile) (version, error) {
	v := version{name: strings.TrimSuffix(up.Name(), ".sql")}
	var err error
	if v.hash, err = sums.SumByName(up.Name()); err != nil {
		return v, fmt.Errorf("migration %s: %w", up.Name(), err)
	}
	if v.up, err = up.Stmts(); err != nil {
		return v, fmt.Errorf("migration %s: %w", up.Name(), err)
	}
	text, err := fs.ReadFile(files, path.Join("migrations", sub, "down", up.Name()))
	if err != nil {
		return v, fmt.Errorf("migration %s has no way down: %w", up.Name(), err)
	}
	if v.down, err = migrate.NewLocalFile(up.Name(), text).Stmts(); err != nil {
		return v, fmt.Errorf("migration %s, down: %w", up.Name(), err)
	}
	return v, nil
}

// memDir copies a folder's forward files and its atlas.sum.
func memDir(files fs.FS, dir string) (*migrate.MemDir, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	mem := &migrate.MemDir{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if err := mem.WriteFile(e.Name(), text); err != nil {
			return nil, err
		}
	}
	return mem, nil
}
