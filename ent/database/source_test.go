package database

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
)

func TestParseURL(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		url, dialect, path, name string
	}{
		{"", dialect.SQLite, filepath.Join(dir, "gatehouse.db"), ""},
		{"sqlite:", dialect.SQLite, filepath.Join(dir, "gatehouse.db"), ""},
		{"sqlite:other.db", dialect.SQLite, filepath.Join(dir, "other.db"), ""},
		{"SQLITE:other.db", dialect.SQLite, filepath.Join(dir, "other.db"), ""},
		{"file:/var/lib/g h.db", dialect.SQLite, "/var/lib/g h.db", ""},
		{"sqlite:///var/lib/g.db", dialect.SQLite, "/var/lib/g.db", ""},
		{"postgres://u:hidden@db.example/gate?sslmode=disable", dialect.Postgres, "", "PostgreSQL gate at db.example"},
		{"postgresql://u:hidden@db.example/gate?sslmode=disable", dialect.Postgres, "", "PostgreSQL gate at db.example"},
		{"mysql://u:hidden@db.example:3307/gate", dialect.MySQL, "", "MySQL gate at db.example:3307"},
		{"mariadb://u:hidden@db.example/gate?tls=preferred", dialect.MySQL, "", "MySQL gate at db.example"},
		{"mysql://u@localhost/gate?socket=/run/my.sock", dialect.MySQL, "", "MySQL gate at /run/my.sock"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			src, err := parseURL(Config{URL: tt.url, DataDir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if src.dialect != tt.dialect || src.path != tt.path {
				t.Errorf("got %s %q, want %s %q", src.dialect, src.path, tt.dialect, tt.path)
			}
			if tt.name != "" && src.String() != tt.name {
				t.Errorf("name %q, want %q", src, tt.name)
			}
		})
	}
}

func TestParseURLRefuses(t *testing.T) {
	for _, url := range []string{
		"gatehouse.db", "http://hidden@x/y", "sqlite::memory:", "sqlite:a.db?mode=memory", "file:a#b", "sqlite:a\x00b",
		"postgres://u:hidden@host:port/x", "mysql://u:hidden@host", "mysql://u:hidden@host/a/b",
		"mysql://u:hidden@host/a?multiStatements=true", "mysql://u:hidden@host/a?tls=true&tls=false", "mysql://u:hidden@ho st/a",
	} {
		_, err := parseURL(Config{URL: url, DataDir: "/data"})
		if !errors.Is(err, ErrURL) {
			t.Errorf("%q: got %v, want ErrURL", url, err)
			continue
		}
		if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: the error shows the password: %v", url, err)
		}
	}
	if _, err := parseURL(Config{}); !errors.Is(err, ErrURL) {
		t.Errorf("no data folder: got %v", err)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, url := range []string{"", "sqlite:x", "postgres://a:b@c/d", "mysql://a:b@c/d?socket=/s", "mysql://%zz", "file:\x00"} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		src, err := parseURL(Config{URL: url, DataDir: "/data"})
		if err == nil && src.dialect == "" {
			t.Fatal("no error and no dialect")
		}
		if err != nil && !errors.Is(err, ErrURL) {
			t.Fatalf("error of another kind: %v", err)
		}
	})
}
