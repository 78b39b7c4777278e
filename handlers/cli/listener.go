package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// listener is an open port with the server behind it.
type listener struct {
	net    net.Listener
	server *http.Server
	tls    bool
	ending atomic.Bool
}

func bind(ctx context.Context, at string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", at)
}

// cannotListen words why the port that a setting names could not be opened.
func (a *app) cannotListen(key string, err error) error {
	return a.problem(key, fmt.Errorf("the server cannot listen there: %w", err), "end what uses the port, or choose another")
}

func (a *app) newListener(ctx context.Context, key, at string, handler http.Handler, certificate *certificate) (*listener, error) {
	open, err := bind(ctx, at)
	if err != nil {
		return nil, a.cannotListen(key, err)
	}
	limits := a.core.Limits.Get()
	l := &listener{net: open}
	l.server = &http.Server{
		Handler:           l.lastAnswers(handler),
		ReadHeaderTimeout: limits.HeaderTimeout,
		ReadTimeout:       limits.HeaderTimeout + limits.BodyTimeout,
		WriteTimeout:      limits.HeaderTimeout + limits.BodyTimeout + limits.RequestTimeout + 5*time.Second,
		IdleTimeout:       limits.IdleTimeout,
		MaxHeaderBytes:    int(limits.Header),
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
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

// serve answers until the server is shut down.
func (l *listener) serve() error {
	var err error
	if l.tls {
		err = l.server.ServeTLS(l.net, "", "")
	} else {
		err = l.server.Serve(l.net)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving on %s: %w", l.net.Addr(), err)
}
