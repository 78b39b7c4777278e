package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// listener is an open port with the server behind it.
type listener struct {
	net    net.Listener
	server *http.Server
	tls    bool
	ending atomic.Bool
	fresh  sync.Map      // connections whose first request has not been read
	served chan struct{} // closed when nothing is accepted any more
}

func bind(ctx context.Context, at string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", at)
}

// cannotListen words why the port that a setting names could not be opened.
func (a *app) cannotListen(key string, err error) error {
	return a.problem(key, fmt.Errorf("the server cannot listen there: %w", err), "end what uses the port, or choose another")
}

// newListener opens a port; connections wait until it is served.
func (a *app) newListener(ctx context.Context, key, at string, certificate *certificate) (*listener, error) {
	open, err := bind(ctx, at)
	if err != nil {
		return nil, a.cannotListen(key, err)
	}
	limits := a.core.Limits.Get()
	l := &listener{net: open, served: make(chan struct{})}
	l.server = &http.Server{
		ReadHeaderTimeout: limits.HeaderTimeout,
		ReadTimeout:       limits.HeaderTimeout + limits.BodyTimeout,
		WriteTimeout:      limits.HeaderTimeout + limits.BodyTimeout + limits.RequestTimeout + 5*time.Second,
		IdleTimeout:       limits.IdleTimeout,
		MaxHeaderBytes:    int(limits.Header),
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		ConnState:         l.note,
	}
	if certificate != nil {
		l.tls = true
		l.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get}
	}
	return l, nil
}

// lastAnswers closes each connection with the next answer on it once the server is
// ending, so that callers come back to one that is not. http.Server cannot: without
// keep-alive it cuts resting connections, where the next request may be under way.
func (l *listener) lastAnswers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.ending.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// note keeps the connections that have not said anything yet.
func (l *listener) note(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		l.fresh.Store(c, true)
		return
	}
	l.fresh.Delete(c)
}

// giveUp closes ports that are served and waits until every connection that was taken
// has sent its request, up to a time: http.Server drops those in silence that have not.
func giveUp(listeners []*listener, patience time.Duration) error {
	var errs []error
	for _, l := range listeners {
		if err := l.net.Close(); !errors.Is(err, net.ErrClosed) { // closed where it failed
			errs = append(errs, err)
		}
		<-l.served
	}
	for end := time.Now().Add(patience); time.Now().Before(end) && slices.ContainsFunc(listeners, (*listener).awaits); {
		time.Sleep(5 * time.Millisecond)
	}
	return errors.Join(errs...)
}

func (l *listener) awaits() (waiting bool) {
	l.fresh.Range(func(any, any) bool { waiting = true; return false })
	return waiting
}

// serve answers until the server is shut down.
func (l *listener) serve(handler http.Handler) error {
	defer close(l.served)
	l.server.Handler = l.lastAnswers(handler)
	var err error
	if l.tls {
		err = l.server.ServeTLS(l.net, "", "")
	} else {
		err = l.server.Serve(l.net)
	}
	if errors.Is(err, http.ErrServerClosed) || l.ending.Load() && errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("serving on %s: %w", l.net.Addr(), err)
}
