// Package dbtest gives tests migrated, empty databases of every kind Gatehouse
// runs on. Servers are started once a test process, when first asked for, and
// end with it.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"gatehouse/ent/database"
	"gatehouse/ent/database/throwaway"
	"gatehouse/ent/migrate"
)

// Variable names, comma-separated, the kinds to test on: sqlite, postgres,
// mysql. Unset, all are tested, and a server that is not installed fails the
// test with what to install.
const Variable = "GATEHOUSE_TEST_DATABASES"

var kinds = []string{"sqlite", "postgres", "mysql"}

// Each runs a test on every kind of database, as a subtest named after it. The
// database is migrated, its search prepared, and empty.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	chosen := choose(t)
	for _, kind := range kinds {
		if !slices.Contains(chosen, kind) {
			t.Logf("left out by %s: %s", Variable, kind)
			continue
		}
		t.Run(kind, func(t *testing.T) { test(t, open(t, kind, true)) })
	}
}

// EachEmpty is Each with databases that hold nothing, not even a schema.
func EachEmpty(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	chosen := choose(t)
	for _, kind := range kinds {
		if !slices.Contains(chosen, kind) {
			t.Logf("left out by %s: %s", Variable, kind)
			continue
		}
		t.Run(kind, func(t *testing.T) { test(t, open(t, kind, false)) })
	}
}

// SQLite returns a migrated, empty SQLite database in a temporary folder.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	return open(t, "sqlite", true)
}

// Reopen opens a second connection pool to the same database, as another
// server of a cluster would.
func Reopen(t testing.TB, db *database.DB) *database.DB {
	t.Helper()
	other, err := db.Reopen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, other)
	return other
}

func choose(t testing.TB) []string {
	t.Helper()
	value := os.Getenv(Variable)
	if value == "" {
		return kinds
	}
	chosen := strings.Split(value, ",")
	for _, kind := range chosen {
		if !slices.Contains(kinds, kind) {
			t.Fatalf("%s names %q; there are %s", Variable, kind, strings.Join(kinds, ", "))
		}
	}
	return chosen
}

// The servers of the test process.
var (
	postgres = sync.OnceValues(func() (*throwaway.Server, error) { return start(throwaway.PostgreSQL) })
	mariadb  = sync.OnceValues(func() (*throwaway.Server, error) { return start(throwaway.MariaDB) })
	// sequence numbers the databases made on them.
	sequence atomic.Int64
	// template is a migrated SQLite file.
	template = sync.OnceValues(migratedFile)
)

const templateName = "migrated"

func open(t testing.TB, kind string, migrated bool) *database.DB {
	t.Helper()
	url, err := locate(t, kind, migrated)
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), database.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, db)
	if migrated {
		// Cheap where the database is a copy of a migrated one.
		if err := ready(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func closeAfter(t testing.TB, db *database.DB) {
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
}

// locate makes a database for a test and returns its URL.
func locate(t testing.TB, kind string, migrated bool) (string, error) {
	switch kind {
	case "sqlite":
		return newFile(t.TempDir(), migrated)
	case "postgres":
		server, err := postgres()
		if err != nil {
			return "", err
		}
		from := ""
		if migrated {
			from = templateName
		}
		return newDatabase(t, server, from)
	}
	server, err := mariadb()
	if err != nil {
		return "", err
	}
	return newDatabase(t, server, "")
}

func newFile(dir string, migrated bool) (string, error) {
	path := dir + "/gatehouse.db"
	if migrated {
		content, err := template()
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return "", err
		}
	}
	return "sqlite:" + path, nil
}

func newDatabase(t testing.TB, server *throwaway.Server, from string) (string, error) {
	name := fmt.Sprintf("test%d", sequence.Add(1))
	if err := server.CreateDatabase(t.Context(), name, from); err != nil {
		return "", err
	}
	// Runs after the database's own clean-up, which closes its connections.
	t.Cleanup(func() {
		if err := server.DropDatabase(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	return server.URL(name), nil
}

// start starts a server and makes the template where templates are known.
func start(server func(context.Context) (*throwaway.Server, error)) (*throwaway.Server, error) {
	ctx := context.Background()
	s, err := server(ctx)
	if errors.Is(err, throwaway.ErrMissing) {
		return nil, fmt.Errorf("%w, or name the databases to test on in %s", err, Variable)
	}
	if err != nil || s.Dialect != dialect.Postgres {
		return s, err
	}
	if err := s.CreateDatabase(ctx, templateName, ""); err != nil {
		return nil, err
	}
	return s, migrateAt(ctx, s.URL(templateName))
}

func migratedFile() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "gatehouse-dbtest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := migrateAt(context.Background(), "sqlite:"+dir+"/template.db"); err != nil {
		return nil, err
	}
	return os.ReadFile(dir + "/template.db")
}

func migrateAt(ctx context.Context, url string) error {
	db, err := database.Open(ctx, database.Config{URL: url})
	if err != nil {
		return err
	}
	// Closing writes SQLite's log back into the file.
	return errors.Join(ready(ctx, db), db.Close())
}

func ready(ctx context.Context, db *database.DB) error {
	if _, err := (migrate.Target{DB: db.SQL, Dialect: db.Dialect}).Up(ctx); err != nil {
		return err
	}
	return db.Search().Prepare(ctx)
}
