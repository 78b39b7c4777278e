// Package health answers whether the server lives, whether it can serve, and with its
// numbers for Prometheus.
package health

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// Scope opens the metrics on the main listener.
const Scope = "metrics:read"

// readyTimeout bounds the questions behind one look at readiness.
const readyTimeout = 3 * time.Second

// source is what the running server offers besides plugins.Server.
type source interface{ Gatherer() prometheus.Gatherer }

type health struct{ host *plugins.Host }

// New makes the part.
func New() plugins.Plugin { return &health{} }

// Manifest implements plugins.Plugin.
func (p *health) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "health", Name: "Health and metrics", BuiltIn: true,
		Sentence: "Tells load balancers and monitoring how the server is."}
}

// Contribute implements plugins.Plugin.
func (p *health) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.host = h
	open := plugins.Access{Who: plugins.Nobody}
	var routes []plugins.Route
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		routes = append(routes,
			plugins.Route{Method: method, Path: "/health/live", Summary: "The process answers", Access: open, API: true, Limit: plugins.LimitNone, Handle: live},
			plugins.Route{Method: method, Path: "/health/ready", Summary: "The server can serve", Access: open, API: true, Limit: plugins.LimitNone, Handle: p.ready},
		)
	}
	routes = append(routes, plugins.Route{Method: http.MethodGet, Path: "/metrics", Summary: "Numbers for Prometheus",
		Access: plugins.Access{Who: plugins.Inside, Sessionless: true}, API: true, Limit: plugins.LimitNone, Handle: p.metrics})
	return plugins.Contribution{
		Scopes: []auth.Scope{{Resource: "metrics", Action: "read", Words: "Read the server's metrics", Roles: []string{"owner", "admin"}}},
		Routes: routes,
	}, nil
}

// live answers as long as the process does, without asking anything else.
func live(c *plugins.Call) error { return say(c, http.StatusOK, "ok") }

// ready answers 200 when the server can serve, else 503. The reason is in the log, not
// in the answer (SEC-228).
func (p *health) ready(c *plugins.Call) error {
	ctx, cancel := context.WithTimeout(c.Context(), readyTimeout)
	defer cancel()
	if err := p.host.Server.Ready(ctx); err != nil {
		p.host.Log.WarnContext(ctx, "not ready", "reason", err)
		c.Header.Set("Retry-After", "2")
		return say(c, http.StatusServiceUnavailable, "unavailable")
	}
	return say(c, http.StatusOK, "ok")
}

func say(c *plugins.Call, status int, word string) error {
	c.Header.Set("Content-Type", "application/json")
	c.Header.Set("Cache-Control", "no-store")
	c.Writer.WriteHeader(status)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	_, err := c.Writer.Write([]byte(`{"status":"` + word + `"}`))
	return err
}

// metrics serves the numbers on the main listener to those who may see them. With a
// listener of their own they are not here.
func (p *health) metrics(c *plugins.Call) error {
	cfg := p.host.Core.Settings.Metrics.Get()
	if cfg.Listen != "" {
		return auth.E(http.StatusNotFound, "NOT_FOUND", "Not found")
	}
	if !cfg.Public && !c.Principal().Can(Scope) && !holdsToken(c.Request, cfg.Token.Reveal()) {
		if c.Principal() == nil {
			return auth.ErrUnauthorized
		}
		refused := *auth.ErrForbidden
		refused.Scope = Scope
		return &refused
	}
	Handler(p.host).ServeHTTP(c.Writer, c.Request)
	return nil
}

func holdsToken(r *http.Request, token string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}

// Handler serves the numbers without any check, for a listener of their own.
func Handler(h *plugins.Host) http.Handler {
	gatherers := prometheus.Gatherers{pluginNumbers{h}}
	if s, ok := h.Server.(source); ok {
		gatherers = append(prometheus.Gatherers{s.Gatherer()}, gatherers...)
	}
	return promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Timeout: 10 * time.Second, MaxRequestsInFlight: 3})
}
