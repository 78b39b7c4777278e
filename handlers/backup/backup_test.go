package backup_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/go-cmp/cmp"

	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/ent"
	"gatehouse/ent/catalog"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/user"
	"gatehouse/handlers/backup"
)

// rowsEach is how many rows every table gets.
const rowsEach = 250 // more than one insert statement holds

func ring(t *testing.T, text string) *secret.Ring {
	t.Helper()
	r, err := secret.NewRing(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryWay backs up each kind of database and restores into each, and compares
// every value of every row.
func TestEveryWay(t *testing.T) {
	keys := ring(t, random.ID())
	dbtest.Each(t, func(t *testing.T, from *database.DB) {
		fill(t, from)
		name := write(t, backup.Source{DB: from, Keys: keys, Now: time.Now()})
		want := lines(t, name)
		dbtest.EachEmpty(t, func(t *testing.T, to *database.DB) {
			restore(t, name, backup.Target{DB: to, Uploads: t.TempDir()})
			got := lines(t, write(t, backup.Source{DB: to, Keys: keys, Now: time.Now()}))
			for _, e := range ent.Entities() {
				if len(want[e.Table]) != rowsEach {
					t.Errorf("%s: %d rows in the backup", e.Table, len(want[e.Table]))
				}
				if diff := cmp.Diff(want[e.Table], got[e.Table]); diff != "" {
					t.Errorf("%s differs (-before +after):\n%.2000s", e.Table, diff)
				}
			}
			for _, entity := range to.Search().Entities() {
				if err := to.Search().Check(t.Context(), entity); err != nil {
					t.Error(err)
				}
			}
			if n := to.Client.User.Query().Where(user.NameContains("ü")).CountX(t.Context()); n == 0 {
				t.Error("the typed client finds no restored user")
			}
		})
	})
}

// fill puts rows into every table of the catalog, with every kind of value.
func fill(t *testing.T, db *database.DB) {
	t.Helper()
	ids := map[string][]string{}
	for pending := ent.Entities(); len(pending) > 0; {
		var later []catalog.Entity
		for _, e := range pending {
			ready := true
			for _, p := range e.Parents() {
				ready = ready && ids[p] != nil
			}
			if !ready {
				later = append(later, e)
				continue
			}
			for i := range rowsEach {
				ids[e.Name] = append(ids[e.Name], insert(t, db, e, i, ids))
			}
		}
		if len(later) == len(pending) {
			t.Fatal("entities refer to each other in a circle")
		}
		pending = later
	}
}

func insert(t *testing.T, db *database.DB, e catalog.Entity, i int, ids map[string][]string) string {
	t.Helper()
	var names, places []string
	var args []any
	id := random.ID()
	for _, f := range e.Fields {
		quoted, placeholder := `"`+f.Column+`"`, "?"
		switch db.Dialect {
		case dialect.MySQL:
			quoted = "`" + f.Column + "`"
		case dialect.Postgres:
			placeholder = fmt.Sprintf("$%d", len(args)+1)
		}
		names, places = append(names, quoted), append(places, placeholder)
		switch {
		case f.Name == "id":
			args = append(args, id)
		case f.References != "":
			args = append(args, ids[f.References][i])
		case f.Nullable && i%3 == 0:
			args = append(args, nil)
		default:
			args = append(args, value(t, f, i))
		}
	}
	table := `"` + e.Table + `"`
	if db.Dialect == dialect.MySQL {
		table = "`" + e.Table + "`"
	}
	_, err := db.SQL.ExecContext(t.Context(), "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...)
	if err != nil {
		t.Fatalf("%s: %v", e.Table, err)
	}
	return id
}

func value(t *testing.T, f catalog.Field, i int) any {
	t.Helper()
	switch f.Kind {
	case "string":
		// Ten letters: the shortest column, a date, takes no more.
		return fmt.Sprintf("%03d\"ü\\漢🔑<\n", i)
	case "enum":
		return f.Values[i%len(f.Values)]
	case "bool":
		return i%2 == 0
	case "int":
		return i * 7
	case "int64":
		return int64(1)<<53 + int64(i)
	case "float64":
		return float64(i) / 7
	case "time":
		return time.Date(2026, 3, 29, 1, 30, i%60, 123_000_000, time.UTC)
	case "json":
		return json.RawMessage(fmt.Sprintf(`{"n": %d, "list": ["ü", null, true], "nested": {"a": "<&>"}}`, i))
	case "bytes":
		return []byte{0, 0xff, byte(i)}
	}
	t.Fatalf("no value for the kind %q of %s; the archive must know it", f.Kind, f.Name)
	return nil
}

func write(t *testing.T, s backup.Source) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "backup.zip")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Write(t.Context(), file, s); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func restore(t *testing.T, name string, to backup.Target) {
	t.Helper()
	if err := tryRestore(t, name, to); err != nil {
		t.Fatal(err)
	}
}

func tryRestore(t *testing.T, name string, to backup.Target) error {
	t.Helper()
	a, err := backup.Open(name)
	if err != nil {
		return err
	}
	defer a.Close()
	return backup.Restore(t.Context(), a, to)
}

// lines reads the rows of an archive by table.
func lines(t *testing.T, name string) map[string][]map[string]any {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	rows := map[string][]map[string]any{}
	for _, f := range z.File {
		table, ok := strings.CutPrefix(strings.TrimSuffix(f.Name, ".jsonl"), "tables/")
		if !ok {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		for s := bufio.NewScanner(r); s.Scan(); {
			var row map[string]any
			d := json.NewDecoder(bytes.NewReader(s.Bytes()))
			d.UseNumber()
			if err := d.Decode(&row); err != nil {
				t.Fatal(err)
			}
			rows[table] = append(rows[table], row)
		}
		r.Close()
	}
	return rows
}

func small(t *testing.T, db *database.DB) string {
	t.Helper()
	u := db.Client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(t.Context())
	db.Client.Session.Create().SetUserID(u.ID).SetToken("sha256:x").SetExpiresAt(time.Now().Add(time.Hour)).ExecX(t.Context())
	db.Client.Verification.Create().SetIdentifier("x").SetPurpose("reset-password").SetValue("v").SetExpiresAt(time.Now().Add(time.Hour)).ExecX(t.Context())
	return u.ID
}

func TestUploadsSecretAndSessions(t *testing.T) {
	from, keys := dbtest.SQLite(t), ring(t, "the secret of the first server, long")
	id := small(t, from)
	uploads := t.TempDir()
	if err := os.MkdirAll(filepath.Join(uploads, "avatars"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(uploads, "avatars", "a.png"), []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := write(t, backup.Source{DB: from, Keys: keys, Uploads: uploads, Secret: "the secret of the first server, long", Now: time.Now()})

	a, err := backup.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if text, err := a.Secret(); err != nil || text != "the secret of the first server, long" {
		t.Errorf("secret %q, %v", text, err)
	}
	if !a.Manifest.SameKeys(keys) || a.Manifest.SameKeys(ring(t, "another")) {
		t.Error("the key mark does not tell secrets apart")
	}

	to, folder := dbtest.SQLite(t), filepath.Join(t.TempDir(), "uploads")
	if err := backup.Restore(t.Context(), a, backup.Target{DB: to, Uploads: folder, EndSessions: true}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "avatars", "a.png")); string(text) != "picture" {
		t.Errorf("uploaded file: %q, %v", text, err)
	}
	if to.Client.User.GetX(t.Context(), id).Email != "ada@example.com" {
		t.Error("the user is not there")
	}
	if n := to.Client.Session.Query().CountX(t.Context()) + to.Client.Verification.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d sessions and one-time values came back", n)
	}
}

// TestSnapshot writes while the backup reads: the archive has the rows of one moment.
// Attempts are read before sessions and are enough to fill every buffer on the way, so
// the late session is stored before its table is read.
func TestSnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		id := small(t, db)
		for range 10 {
			var rows []*ent.AttemptCreate
			for range 300 {
				rows = append(rows, db.Client.Attempt.Create().SetKey(random.ID()+random.ID()+random.ID()).SetLastFailureAt(time.Now()))
			}
			db.Client.Attempt.CreateBulk(rows...).ExecX(t.Context())
		}
		w := &hooked{first: func() {
			db.Client.Session.Create().SetUserID(id).SetToken("sha256:late").SetExpiresAt(time.Now().Add(time.Hour)).ExecX(t.Context())
		}}
		m, err := backup.Write(t.Context(), w, backup.Source{DB: db, Keys: ring(t, "k"), Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if n := db.Client.Session.Query().CountX(t.Context()); n != 2 {
			t.Fatalf("%d sessions, the late one was not written", n)
		}
		seen := map[string]int{}
		for i, table := range m.Tables {
			seen[table.Name] = i
			if table.Name == "session" && table.Rows != 1 {
				t.Errorf("%d sessions in the archive", table.Rows)
			}
		}
		if seen["attempt"] > seen["session"] {
			t.Error("attempts are read after sessions; this test proves nothing")
		}
	})
}

// hooked calls first before it takes anything.
type hooked struct {
	first func()
	bytes.Buffer
}

// Write implements io.Writer.
func (h *hooked) Write(p []byte) (int, error) {
	if h.first != nil {
		h.first()
		h.first = nil
	}
	return h.Buffer.Write(p)
}

func TestRefusals(t *testing.T) {
	from, keys := dbtest.SQLite(t), ring(t, random.ID())
	small(t, from)
	good := write(t, backup.Source{DB: from, Keys: keys, Now: time.Now()})
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		make func() string
		want error
	}{
		{"not an archive", func() string { return file(t, []byte("hello")) }, backup.ErrDamaged},
		{"cut off", func() string { return file(t, text[:len(text)-30]) }, backup.ErrDamaged},
		{"without a manifest", func() string { return rewrite(t, good, "manifest.json", func([]byte) []byte { return nil }) }, backup.ErrDamaged},
		{"a row changed", func() string {
			return rewrite(t, good, "tables/user.jsonl", func(b []byte) []byte { return bytes.Replace(b, []byte("Ada"), []byte("Eve"), 1) })
		}, backup.ErrDamaged},
		{"a row missing", func() string {
			return rewrite(t, good, "tables/session.jsonl", func([]byte) []byte { return []byte{} })
		}, backup.ErrDamaged},
		{"a strange column", func() string {
			return rewrite(t, good, "manifest.json", func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"emailVerified"`), []byte(`"email\" --"`), 1)
			})
		}, backup.ErrDamaged},
		{"another format", func() string {
			return rewrite(t, good, "manifest.json", func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"format": 1`), []byte(`"format": 2`), 1)
			})
		}, nil},
		{"a newer schema", func() string {
			return rewrite(t, good, "manifest.json", func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"schema": "`), []byte(`"schema": "9999`), 1)
			})
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			to := dbtest.SQLite(t)
			err := tryRestore(t, test.make(), backup.Target{DB: to})
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if n := to.Client.User.Query().CountX(t.Context()); n != 0 {
				t.Errorf("%d users are there after the refusal", n)
			}
		})
	}
}

func TestNotEmpty(t *testing.T) {
	from, keys := dbtest.SQLite(t), ring(t, random.ID())
	small(t, from)
	name := write(t, backup.Source{DB: from, Keys: keys, Now: time.Now()})
	if err := tryRestore(t, name, backup.Target{DB: from}); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("restore over rows: %v", err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tryRestore(t, name, backup.Target{DB: dbtest.SQLite(t), Uploads: folder}); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("restore over files: %v", err)
	}
}

func file(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// rewrite copies an archive with one entry changed; nil leaves it out.
func rewrite(t *testing.T, name, entry string, change func([]byte) []byte) string {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == entry {
			changed := change(data)
			if bytes.Equal(changed, data) {
				t.Fatalf("%s is unchanged", entry)
			}
			if changed == nil {
				continue
			}
			data = changed
		}
		e, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file(t, out.Bytes())
}
