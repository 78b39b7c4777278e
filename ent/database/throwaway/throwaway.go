// Package throwaway starts database servers for tests and for writing
// migrations. A server listens on a socket in a folder of its own, keeps
// nothing on stable storage, and ends, with its folder, when the process that
// started it ends, however that happens.
package throwaway

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// ErrMissing says that a server's program is not installed.
var ErrMissing = errors.New("database server not installed")

// Server is a running server.
type Server struct {
	// Dialect is postgres or mysql.
	Dialect string
	// Admin is a pool on the server's own database, to make others with.
	Admin *sql.DB

	url   func(database string) string
	alive io.Closer
}

// URL returns the URL of a database of the server, as configuration takes it.
func (s *Server) URL(database string) string { return s.url(database) }

// Stop ends the server before the process ends.
func (s *Server) Stop() error { return errors.Join(s.Admin.Close(), s.alive.Close()) }

// CreateDatabase makes an empty database, or a copy of template if one is
// given; only PostgreSQL knows templates.
func (s *Server) CreateDatabase(ctx context.Context, name, template string) error {
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	if _, err := s.Admin.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("make database %s: %w", name, err)
	}
	return nil
}

// DropDatabase removes a database.
func (s *Server) DropDatabase(ctx context.Context, name string) error {
	if _, err := s.Admin.ExecContext(ctx, "DROP DATABASE "+name); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// supervise holds the server until standard input ends, which it does with the
// starting process, then ends it by the signal and removes its folder.
const supervise = `dir=$1; signal=$2; shift 2
"$@" >"$dir/log" 2>&1 &
pid=$!
read -r _
kill -s "$signal" "$pid"
wait "$pid"
rm -rf -- "$dir"`

// home is the folder of a server and who runs it there.
type home struct {
	dir   string
	owner *user.User // nil for ourselves
}

// newHome makes the folder. Servers refuse to run as root, so as root the
// first of the named users that exists runs them.
func newHome(users ...string) (home, error) {
	dir, err := os.MkdirTemp("", "gatehouse-db-")
	if err != nil {
		return home{}, err
	}
	h := home{dir: dir}
	if os.Geteuid() != 0 {
		return h, nil
	}
	for _, name := range append(users, "nobody") {
		if h.owner, err = user.Lookup(name); err == nil {
			break
		}
	}
	if err != nil {
		return h, fmt.Errorf("no user to run the server as: %w", err)
	}
	uid, gid, err := ids(h.owner)
	if err != nil {
		return h, err
	}
	return h, os.Chown(dir, uid, gid)
}

func ids(u *user.User) (uid, gid int, err error) {
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// run runs a program to its end in the folder.
func (h home) run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	if err := h.enter(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return nil
}

// serve starts the server under the supervisor. Closing the result ends it.
func (h home) serve(signal, program string, args ...string) (io.Closer, error) {
	cmd := exec.Command("sh", append([]string{"-c", supervise, "sh", h.dir, signal, program}, args...)...)
	if err := h.enter(cmd); err != nil {
		return nil, err
	}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return supervised{alive, cmd}, nil
}

type supervised struct {
	alive io.Closer
	cmd   *exec.Cmd
}

// Close ends the server and waits until it is gone.
func (s supervised) Close() error { return errors.Join(s.alive.Close(), s.cmd.Wait()) }

// find looks a program up in PATH and in the folders distributions hide it in.
func find(program, install string, patterns ...string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%w: %s; %s", ErrMissing, program, install)
}

// awaitReady waits until the server answers, or says what its log holds.
func (h home) awaitReady(ctx context.Context, pool *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := pool.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(h.dir, "log")) // the first error says more
			return fmt.Errorf("database server does not start: %w\n%s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
