package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	atlas "ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/migrate"
	"gatehouse/ent/migrate/tables"
	"gatehouse/ent/schema/core"
)

func target(db *database.DB) migrate.Target {
	return migrate.Target{DB: db.SQL, Dialect: db.Dialect, Path: db.Path}
}

func TestMigrationsMakeTheSchemaOfTheClient(t *testing.T) {
	dbtest.EachEmpty(t, func(t *testing.T, db *database.DB) {
		up(t, target(db))
		if drift := drift(t, db); drift != "" {
			t.Errorf("the migrations lack:\n%s", drift)
		}
		// The comparison can see what is missing.
		statement := "DROP INDEX platforminvitation_email"
		if db.Dialect == dialect.MySQL {
			statement += " ON `platformInvitation`"
		}
		exec(t, db, statement)
		if drift(t, db) == "" {
			t.Error("a missing index is no drift")
		}
	})
}

// drift returns the statements that would make a database what the client
// expects.
func drift(t *testing.T, db *database.DB) string {
	t.Helper()
	var b bytes.Buffer
	schema := tables.NewSchema(entsql.OpenDB(db.Dialect, db.SQL))
	err := schema.WriteTo(t.Context(), &b, tables.WithDropColumn(true), tables.WithDropIndex(true))
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryKindHasTheSameVersions(t *testing.T) {
	latest, err := migrate.Latest(dialect.SQLite)
	if err != nil || latest == "" {
		t.Fatalf("latest %q, %v", latest, err)
	}
	for _, kind := range []string{dialect.Postgres, dialect.MySQL} {
		if got, err := migrate.Latest(kind); err != nil || got != latest {
			t.Errorf("%s: latest %q, %v; SQLite has %q", kind, got, err, latest)
		}
	}
	if _, err := migrate.Latest("oracle"); err == nil {
		t.Error("an unknown dialect has versions")
	}
}

func TestUpDownUpWithRows(t *testing.T) {
	dbtest.EachEmpty(t, func(t *testing.T, db *database.DB) {
		two := target(db).WithFiles(withSecond(t, db.Dialect, second))
		first := up(t, target(db))
		if len(first.Applied) == 0 || first.Copy != "" {
			t.Fatalf("first: %+v", first)
		}
		fill(t, db)
		forth := up(t, two)
		if len(forth.Applied) != 1 {
			t.Fatalf("second: %+v", forth)
		}
		wantRows(t, db, 1, 1)
		back, err := two.Down(t.Context(), first.Applied[len(first.Applied)-1], false)
		if err != nil || len(back.Applied) != 1 {
			t.Fatalf("down: %+v, %v", back, err)
		}
		wantRows(t, db, 1, 1)
		up(t, two)
		wantRows(t, db, 1, 1)
		if _, err := two.Down(t.Context(), "", false); !errors.Is(err, migrate.ErrDestroys) {
			t.Errorf("down to nothing: %v, want ErrDestroys", err)
		}
		if _, err := two.Down(t.Context(), "20990101000000_none", false); !errors.Is(err, migrate.ErrNoSuchVersion) {
			t.Errorf("down to an unknown version: %v", err)
		}
		if gone, err := two.Down(t.Context(), "", true); err != nil || len(gone.Applied) != len(first.Applied)+1 {
			t.Fatalf("down to nothing: %+v, %v", gone, err)
		}
		up(t, two)
		wantRows(t, db, 0, 0)
	})
}

// Going back to the first published version and forth again keeps the rows.
func TestPublishedVersionsKeepRows(t *testing.T) {
	dbtest.EachEmpty(t, func(t *testing.T, db *database.DB) {
		all := up(t, target(db)).Applied
		fill(t, db)
		db.Client.Attempt.Create().SetKey("k").SetFailures(1).SetLastFailureAt(core.Now()).ExecX(t.Context())
		for range 2 {
			if back, err := target(db).Down(t.Context(), all[0], false); err != nil || len(back.Applied) != len(all)-1 {
				t.Fatalf("down to %s: %+v, %v", all[0], back, err)
			}
			up(t, target(db))
		}
		wantRows(t, db, 1, 1)
		if n := db.Client.Attempt.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d rows of attempts", n)
		}
	})
}

func TestCopiesOfAFile(t *testing.T) {
	db := dbtest.SQLite(t)
	fill(t, db)
	two := target(db).WithFiles(withSecond(t, db.Dialect, second))
	latest, _ := migrate.Latest(dialect.SQLite)
	var newest string
	for range 3 {
		newest = up(t, two).Copy
		if _, err := two.Down(t.Context(), latest, false); err != nil {
			t.Fatal(err)
		}
	}
	copies, err := filepath.Glob(db.Path + ".before-*")
	if err != nil || len(copies) != 3 {
		t.Fatalf("copies: %v, %v; want the 3 newest", copies, err)
	}
	info, err := os.Stat(newest)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("copy: %v, %v", info, err)
	}
	old, err := database.Open(t.Context(), database.Config{URL: "sqlite:" + newest})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	wantRows(t, old, 1, 1)
}

func TestUpAfterBeingCutOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		fill(t, db)
		broken := second
		broken.up = map[string]string{}
		for kind, text := range second.up {
			broken.up[kind] = text + "\nCREATE TABLE second_b (id integer);\nNOT A STATEMENT;\n"
		}
		if _, err := target(db).WithFiles(withSecond(t, db.Dialect, broken)).Up(t.Context()); err == nil {
			t.Fatal("a broken version was applied")
		}
		wantRows(t, db, 1, 1)
		// The place of the cut is recorded before or after its statement.
		if db.Dialect == dialect.MySQL {
			exec(t, db, "UPDATE "+migrate.RevisionTable+" SET applied = applied - 1 WHERE applied < total")
		}
		mended := broken
		mended.up = map[string]string{}
		for kind, text := range broken.up {
			mended.up[kind] = strings.ReplaceAll(text, "NOT A STATEMENT", "CREATE TABLE second_c (id integer)")
		}
		whole := target(db).WithFiles(withSecond(t, db.Dialect, mended))
		up(t, whole)
		exec(t, db, "INSERT INTO second_b (id) VALUES (1)")
		exec(t, db, "INSERT INTO second_c (id) VALUES (1)")
		wantRows(t, db, 1, 1)
		if state, err := whole.Status(t.Context()); err != nil || len(state.Pending) > 0 {
			t.Errorf("state %+v, %v", state, err)
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		exec(t, db, "INSERT INTO "+migrate.RevisionTable+
			" (version, hash, applied, total, executed_at) VALUES ('20990101000000_future', '', 1, 1, '')")
		if _, err := target(db).Up(t.Context()); !errors.Is(err, migrate.ErrNewer) {
			t.Errorf("up: %v, want ErrNewer", err)
		}
		if _, err := target(db).Status(t.Context()); !errors.Is(err, migrate.ErrNewer) {
			t.Errorf("status: %v, want ErrNewer", err)
		}
	})
}

func TestServersThatStartTogetherMigrateOnce(t *testing.T) {
	dbtest.EachEmpty(t, func(t *testing.T, db *database.DB) {
		const servers = 4
		applied := make(chan int, servers)
		var wg sync.WaitGroup
		for range servers {
			other := dbtest.Reopen(t, db)
			wg.Go(func() {
				result, err := target(other).Up(context.WithoutCancel(t.Context()))
				if err != nil {
					t.Error(err)
				}
				applied <- len(result.Applied)
			})
		}
		wg.Wait()
		close(applied)
		total := 0
		for n := range applied {
			total += n
		}
		files, err := fs.Glob(migrate.Embedded(), "migrations/sqlite/*.sql")
		if versions := len(files); err != nil || versions == 0 || total < versions || db.Dialect != dialect.SQLite && total != versions {
			t.Errorf("the servers say they made %d versions of %d, %v", total, versions, err)
		}
		wantRows(t, db, 0, 0)
	})
}

func TestChangedMigrationIsRefused(t *testing.T) {
	db := dbtest.SQLite(t)
	files := withSecond(t, db.Dialect, second)
	for name, file := range files {
		if strings.HasSuffix(name, "_second.sql") && path.Base(path.Dir(name)) == "sqlite" {
			file.Data = append(file.Data, "-- edited\n"...)
		}
	}
	if _, err := target(db).WithFiles(files).Up(t.Context()); !errors.Is(err, atlas.ErrChecksumMismatch) {
		t.Errorf("got %v, want a checksum mismatch", err)
	}
}

func TestParentsMayNotBeLost(t *testing.T) {
	db := dbtest.SQLite(t)
	fill(t, db)
	lossy := change{up: map[string]string{dialect.SQLite: "DELETE FROM user;"}, down: second.down}
	if _, err := target(db).WithFiles(withSecond(t, db.Dialect, lossy)).Up(t.Context()); !errors.Is(err, migrate.ErrForeignKeys) {
		t.Errorf("got %v, want ErrForeignKeys", err)
	}
	wantRows(t, db, 1, 1)
}

// change is a second version for tests, by dialect. The SQLite one rebuilds
// the table of users, as atlas writes it.
type change struct{ up, down map[string]string }

const (
	keys = "PRAGMA foreign_keys = off;\n"
	// rest are the columns of users besides id.
	rest = "email, name, role, banned, banReason, banExpires, adminNote, adminMetadata, passwordTemporary, emailVerified, image, createdAt, updatedAt, additionalFields"
)

var second = change{
	up: map[string]string{
		dialect.SQLite: keys + "CREATE TABLE new_user (id text NOT NULL PRIMARY KEY, " + rest + ", extra text NULL);\n" +
			"INSERT INTO new_user (id, " + rest + ") SELECT id, " + rest + " FROM user;\nDROP TABLE user;\n" +
			"ALTER TABLE new_user RENAME TO user;\nPRAGMA foreign_keys = on;\n",
		dialect.Postgres: `ALTER TABLE "user" ADD COLUMN extra text NULL;`,
		dialect.MySQL:    "ALTER TABLE `user` ADD COLUMN extra text NULL;",
	},
	down: map[string]string{
		dialect.SQLite: keys + "CREATE TABLE new_user (id text NOT NULL PRIMARY KEY, " + rest + ");\n" +
			"INSERT INTO new_user (id, " + rest + ") SELECT id, " + rest + " FROM user;\nDROP TABLE user;\n" +
			"ALTER TABLE new_user RENAME TO user;\nPRAGMA foreign_keys = on;\n",
		dialect.Postgres: `ALTER TABLE "user" DROP COLUMN extra;`,
		dialect.MySQL:    "ALTER TABLE `user` DROP COLUMN extra;",
	},
}

// withSecond adds a version to the embedded ones.
func withSecond(t *testing.T, kind string, c change) fstest.MapFS {
	t.Helper()
	folder := kind
	if kind == dialect.SQLite {
		folder = "sqlite"
	}
	root := path.Join("migrations", folder)
	files := fstest.MapFS{}
	dir := &atlas.MemDir{}
	err := fs.WalkDir(migrate.Embedded(), root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrate.Embedded(), name)
		files[name] = &fstest.MapFile{Data: text}
		if err == nil && path.Dir(name) == root && path.Ext(name) == ".sql" {
			err = dir.WriteFile(path.Base(name), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const name = "20980101000000_second.sql"
	if err := dir.WriteFile(name, []byte(c.up[kind])); err != nil {
		t.Fatal(err)
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	files[path.Join(root, name)] = &fstest.MapFile{Data: []byte(c.up[kind])}
	files[path.Join(root, "down", name)] = &fstest.MapFile{Data: []byte(c.down[kind])}
	files[path.Join(root, "atlas.sum")] = &fstest.MapFile{Data: text}
	return files
}

func up(t *testing.T, target migrate.Target) migrate.Result {
	t.Helper()
	result, err := target.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// fill writes one user with one session.
func fill(t *testing.T, db *database.DB) {
	t.Helper()
	u := db.Client.User.Create().SetName("Ann").SetEmail("ann@example.org").SaveX(t.Context())
	db.Client.Session.Create().SetUserID(u.ID).SetToken("sha256:00").SetExpiresAt(core.Now()).SaveX(t.Context())
}

func wantRows(t *testing.T, db *database.DB, users, sessions int) {
	t.Helper()
	quote := func(name string) string { return `"` + name + `"` }
	if db.Dialect == dialect.MySQL {
		quote = func(name string) string { return "`" + name + "`" }
	}
	for table, want := range map[string]int{"user": users, "session": sessions} {
		var got int
		row := db.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM "+quote(table))
		if err := row.Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d rows, %v; want %d", table, got, err, want)
		}
	}
}

func exec(t *testing.T, db *database.DB, statement string) {
	t.Helper()
	if _, err := db.SQL.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestCurrentDatabaseIsOnlyRead holds the write lock while a current database
// is migrated: a start must not wait for writers, nor be one.
func TestCurrentDatabaseIsOnlyRead(t *testing.T) {
	db := dbtest.SQLite(t)
	tx, err := db.SQL.BeginTx(t.Context(), nil) // immediate: has the write lock
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if result := up(t, target(db)); len(result.Applied) > 0 || result.Copy != "" {
		t.Errorf("a current database: %+v", result)
	}
	if err := db.Search().Prepare(t.Context()); err != nil {
		t.Errorf("prepare a current search: %v", err)
	}
}
