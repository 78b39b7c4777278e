package throwaway

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestServersStartServeAndLeaveNothing(t *testing.T) {
	for name, start := range map[string]func(context.Context) (*Server, error){
		"postgres": PostgreSQL, "mysql": MariaDB,
	} {
		t.Run(name, func(t *testing.T) {
			server, err := start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if server.Dialect != name {
				t.Errorf("dialect %q, want %q", server.Dialect, name)
			}
			if err := server.CreateDatabase(t.Context(), "one", ""); err != nil {
				t.Error(err)
			}
			if err := server.DropDatabase(t.Context(), "one"); err != nil {
				t.Error(err)
			}
			dir := server.alive.(supervised).cmd.Dir
			if err := server.Stop(); err != nil {
				t.Logf("the server ended with %v", err)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("folder %s is left: %v", dir, err)
			}
		})
	}
}

func TestMissingServerSaysWhatToInstall(t *testing.T) {
	_, err := find("no-such-database-server", "install it")
	if !errors.Is(err, ErrMissing) {
		t.Fatalf("got %v, want ErrMissing", err)
	}
}

func TestServerThatDoesNotStartShowsItsLog(t *testing.T) {
	h, err := newHome()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(h.dir)
	if err := os.WriteFile(h.dir+"/log", []byte("the reason"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	pool, err := sql.Open("pgx", "postgres:///none?host="+h.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	err = h.awaitReady(ctx, pool)
	if err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Fatalf("got %v, want the log in the error", err)
	}
}
