package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNothingIsWrittenForACurrentSchema(t *testing.T) {
	dir := copyMigrations(t)
	before := list(t, dir)
	if err := run(t.Context(), dir, []string{"nothing"}); err != nil {
		t.Fatal(err)
	}
	if after := list(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestFirstVersionAndItsWayBack(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []string{"sqlite", "postgres", "mysql"} {
		if err := os.Mkdir(filepath.Join(dir, kind), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t.Context(), dir, []string{"first"}); err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(list(t, dir))
	names := map[string]bool{}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		want := "CREATE TABLE"
		switch {
		case filepath.Base(f) == "atlas.sum":
			continue
		case filepath.Base(filepath.Dir(f)) == "down":
			want = "DROP TABLE"
		}
		names[filepath.Base(f)] = true
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s", f, want)
		}
	}
	if len(files) != 9 || len(names) != 1 {
		t.Errorf("files %q with %d names", files, len(names))
	}
}

func TestNamesAreChecked(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"Upper"}, {"../x"}, {""}} {
		if err := run(t.Context(), t.TempDir(), args); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func copyMigrations(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "migrations"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// list returns the paths of all files, one a line.
func list(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range []string{"*/*.s*", "*/down/*.sql"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			rel, err := filepath.Rel(dir, f)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(rel + "\n")
		}
	}
	return b.String()
}
