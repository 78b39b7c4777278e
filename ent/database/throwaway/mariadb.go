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
	"github.com/go-sql-driver/mysql"
)

// MariaDB starts a server of its own, without a network or accounts.
func MariaDB(ctx context.Context) (*Server, error) {
	const install = "install MariaDB (Debian: mariadb-server)"
	mariadbd, err := find("mariadbd", install, "/usr/sbin/mariadbd", "/usr/libexec/mariadbd")
	if err != nil {
		return nil, err
	}
	h, err := newHome("mysql")
	if err != nil {
		return nil, err
	}
	data, socket := filepath.Join(h.dir, "data"), filepath.Join(h.dir, "socket")
	if err := h.run(ctx, "mkdir", data); err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.dir))
	}
	alive, err := h.serve("TERM", mariadbd, "--no-defaults", "--datadir="+data, "--socket="+socket,
		"--skip-networking", "--skip-grant-tables", "--pid-file="+filepath.Join(h.dir, "pid"),
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-log-file-size=16M",
		"--innodb-buffer-pool-size=128M", "--max-connections=200")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.dir))
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "unix", socket
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errors.Join(err, alive.Close())
	}
	admin := sql.OpenDB(connector)
	if err := h.awaitReady(ctx, admin); err != nil {
		return nil, errors.Join(err, admin.Close(), alive.Close())
	}
	at := func(database string) string {
		return fmt.Sprintf("mysql://root@localhost/%s?%s", database, url.Values{"socket": {socket}}.Encode())
	}
	return &Server{Dialect: dialect.MySQL, Admin: admin, url: at, alive: alive}, nil
}
