package throwaway

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"entgo.io/ent/dialect"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
)

// PostgreSQL starts a cluster of its own.
func PostgreSQL(ctx context.Context) (*Server, error) {
	const install = "install PostgreSQL (Debian: postgresql)"
	initdb, err := find("initdb", install, "/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := find("postgres", install, "/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return nil, err
	}
	h, err := newHome("postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(h.dir, "data")
	err = h.run(ctx, initdb, "-D", data, "-U", "gatehouse", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.dir))
	}
	alive, err := h.serve("QUIT", postgres, "-D", data, "-k", h.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off",
		"-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.dir))
	}
	at := func(database string) string {
		query := url.Values{"host": {h.dir}, "user": {"gatehouse"}}
		return fmt.Sprintf("postgres:///%s?%s", database, query.Encode())
	}
	admin, err := sql.Open("pgx", at("postgres"))
	if err == nil {
		err = h.awaitReady(ctx, admin)
	}
	if err != nil {
		return nil, errors.Join(err, alive.Close())
	}
	return &Server{Dialect: dialect.Postgres, Admin: admin, url: at, alive: alive}, nil
}
