package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/handlers/health"
)

type serveCommand struct{}

// Run serves until SIGINT or SIGTERM. A second signal ends the process at once.
func (serveCommand) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	lock, err := a.lock()
	if err != nil {
		return err
	}
	return errors.Join(a.run(ctx, stop), lock.Unlock())
}

// run opens the ports, then the database, and serves: a port that is taken is noticed
// before a secret or a database is made or migrated.
func (a *app) run(ctx context.Context, stop func()) error {
	listeners, err := a.listen(ctx)
	if err != nil {
		return err
	}
	b, err := a.start(ctx)
	if err != nil {
		return errors.Join(a.early(ctx, err), closeAll(listeners))
	}
	context.AfterFunc(ctx, stop) // from here on a second signal kills
	return b.close(a.serve(ctx, b, listeners))
}

// early is the error of a start, or nil where a signal ended it.
func (a *app) early(ctx context.Context, err error) error {
	if ctx.Err() == nil || !database.IsInterrupted(err) {
		return err
	}
	a.log.Info("ended before it served", "error", err)
	return nil
}

// start opens and migrates the database and builds the server on it.
func (a *app) start(ctx context.Context) (*built, error) {
	keys, err := a.keys(true)
	if err != nil {
		return nil, err
	}
	if text := a.unusedSecret(); text != "" {
		a.log.Warn(text)
	}
	db, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b, err := a.build(ctx, db, keys)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

// migrate brings schema and search up to date.
func (a *app) migrate(ctx context.Context, db *database.DB) error {
	done, err := target(db).Up(ctx)
	if err != nil {
		return err
	}
	if len(done.Applied) > 0 {
		a.log.Info("migrated the database", "versions", done.Applied, "copy", done.Copy)
	}
	return db.Search().Prepare(ctx)
}

// serve listens and works until the context ends, then drains: unready first, then no
// new requests, running ones to their end, background work to a stop.
func (a *app) serve(ctx context.Context, b *built, listeners []*listener) error {
	// A claim link is of use only when the server can be reached.
	if err := a.firstAdministrator(a.acting(ctx, b), b); err != nil {
		return errors.Join(a.early(ctx, err), closeAll(listeners))
	}
	background, endBackground := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { b.server.Run(background) })
	failed := make(chan error, len(listeners))
	handlers := []http.Handler{b.server, metrics(b)}
	for i, l := range listeners {
		go func() { failed <- l.serve(handlers[i]) }()
	}
	a.announce(listeners)
	growHeap()
	var err error
	select {
	case <-ctx.Done():
		a.log.Info("ending")
		b.server.Drain()
		err = drain(listeners, *a.core.Shutdown.Current(), failed)
	case err = <-failed:
		b.server.Drain()
		err = errors.Join(err, shutdown(listeners, a.core.Shutdown.Current().Timeout))
	}
	endBackground()
	working.Wait()
	return err
}

// growHeap lets the heap grow to three times what lives before it is collected, unless
// the operator chose. A few MiB live, so by Go's own rule a busy server would collect
// many times a second; started up, an idle one does not grow by it.
func growHeap() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(200)
	}
}

// closeAll gives ports up on which nothing was served.
func closeAll(listeners []*listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.net.Close())
	}
	return errors.Join(errs...)
}

// drain goes on answering until a balancer has noticed, or a port fails, then shuts down.
func drain(listeners []*listener, how settings.Shutdown, failed <-chan error) error {
	for _, l := range listeners {
		l.ending.Store(true)
	}
	var err error
	select {
	case <-time.After(how.Delay):
	case err = <-failed:
	}
	return errors.Join(err, giveUp(listeners, lastRequests), shutdown(listeners, how.Timeout))
}

// lastRequests bounds how long connections taken at the very end may take to send theirs.
const lastRequests = time.Second

// shutdown closes the ports and lets running requests end within the time.
func shutdown(listeners []*listener, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var errs []error
	for _, l := range listeners {
		if err := l.server.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("ending requests on %s: %w", l.addr(), err), l.server.Close())
		}
	}
	return errors.Join(errs...)
}

func (a *app) announce(listeners []*listener) {
	top := a.top()
	a.log.Info("serving", "url", top.Origin(), "listen", listeners[0].addr(), "data", top.Data)
	if text := exposure(top); text != "" {
		a.log.Warn(text)
	}
}

// listen opens the ports: that of the server, and that of its numbers if it has one.
func (a *app) listen(ctx context.Context) ([]*listener, error) {
	certificate, err := a.certificate()
	if err != nil {
		return nil, err
	}
	main, err := a.newListener(ctx, "listen", a.top().Listen, certificate)
	if err != nil {
		return nil, err
	}
	at := a.core.Metrics.Get().Listen
	if at == "" {
		return []*listener{main}, nil
	}
	numbers, err := a.newListener(ctx, "metrics.listen", at, nil)
	if err != nil {
		return nil, errors.Join(err, main.net.Close())
	}
	return []*listener{main, numbers}, nil
}

// metrics serves the numbers on a port of their own.
func metrics(b *built) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", health.Handler(b.host()))
	return mux
}

func (l *listener) addr() net.Addr { return l.net.Addr() }
