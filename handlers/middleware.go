package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"gatehouse/auth/words"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/auth/settings"
	"gatehouse/plugins"
)

// apiBase is the base path of the wire protocol.
const apiBase = "/api/auth"

// relative returns the path below the base path of the wire, and whether it is there.
func relative(r *http.Request) (string, bool) {
	path := echo.GetPath(r)
	rest, ok := strings.CutPrefix(path, apiBase)
	return rest, ok && strings.HasPrefix(rest, "/")
}

// trace gives every request an id and a deadline (SEC-176), and puts its origin into the
// context.
func (s *Server) trace(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		r := ec.Request()
		id := rand.Text()
		client := s.addresses.Client(r.RemoteAddr, r.Header)
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Limits.Current().RequestTimeout)
		defer cancel()
		ctx = auth.WithOrigin(ctx, auth.Origin{Address: client.String(), UserAgent: r.UserAgent(), RequestID: id,
			Method: r.Method, Path: r.URL.Path, Language: requested(r)})
		ec.Response().Header().Set("X-Request-Id", id)
		ec.SetRequest(r.WithContext(ctx))
		start := time.Now()
		err := next(ec)
		if err != nil {
			ec.Error(err)
		}
		s.observe(ec, time.Since(start))
		return nil
	}
}

// recoverer turns a panic into a generic 500, logged once with its request id (SEC-180).
func (s *Server) recoverer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.log.ErrorContext(ec.Request().Context(), "panic", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				err = auth.Internal(fmt.Errorf("panic: %v", v))
			}
		}()
		return next(ec)
	}
}

// harden sets the headers every answer carries (SEC-182) and bounds the request.
func (s *Server) harden(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		h := ec.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", s.referrer(ec))
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.top().Secure() && !s.development() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r := ec.Request()
		limit := int64(s.cfg.Limits.Current().Body)
		if upload := s.uploads[r.Method+" "+ec.Path()]; upload > 0 {
			limit = upload
		}
		r.Body = http.MaxBytesReader(ec.Response(), r.Body, limit)
		return next(ec)
	}
}

// secretReferrer is the policy of pages whose address holds a token.
const secretReferrer = "no-referrer"

// referrer is the referrer policy of an answer. Forms need an origin, which browsers take
// from the referrer; an address that holds a token must not leave the page (SEC-095).
func (s *Server) referrer(ec echo.Context) string {
	if s.quiet[ec.Path()] || strings.HasPrefix(ec.Request().URL.Path, "/api/") {
		return secretReferrer
	}
	return "same-origin"
}

// hostGuard keeps development mode on loopback names: another loopback name of a page
// is redirected to the public URL, a foreign host gets 421 (decisions 32, 65).
func (s *Server) hostGuard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		if !s.development() || strings.HasPrefix(ec.Request().URL.Path, "/health/") {
			return next(ec)
		}
		r, public := ec.Request(), s.top().Origin()
		_, publicHost, _ := strings.Cut(public, "://")
		if strings.EqualFold(r.Host, publicHost) {
			return next(ec)
		}
		if !settings.Loopback(hostName(r.Host)) {
			return auth.E(http.StatusMisdirectedRequest, "MISDIRECTED_REQUEST",
				words.F("This server runs in development mode for %s. Set url to the address that people use.", public))
		}
		_, api := relative(r)
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !api && samePort(r.Host, publicHost) {
			return ec.Redirect(http.StatusTemporaryRedirect, public+r.URL.RequestURI())
		}
		return next(ec)
	}
}

// disabled answers the operator's disabled paths.
func (s *Server) disabled(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		path, api := relative(ec.Request())
		if api && slices.Contains(s.top().DisabledPaths, strings.TrimRight(path, "/")) {
			return ec.Blob(http.StatusNotFound, "text/plain;charset=UTF-8", []byte("Not Found"))
		}
		return next(ec)
	}
}

// limit counts the request against its rule, before routing and before any work, so
// that unknown paths count too (better-auth core 8.7). Pages share the rules of the
// endpoints they stand for.
func (s *Server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		cfg := s.cfg.RateLimit.Current()
		path, limited := s.limitedPath(ec.Request())
		if !cfg.Enabled || !limited {
			return next(ec)
		}
		rule := s.rules().Rule(path)
		if rule.Off {
			return next(ec)
		}
		client := s.addresses.Client(ec.Request().RemoteAddr, ec.Request().Header)
		if client.Key() == "" && !s.cfg.Addresses.Get().Track {
			return next(ec)
		}
		ctx := ec.Request().Context()
		allowed, wait, err := s.limits.Take(ctx, ratelimit.Key(client.Key(), path), rule, s.core.Clock())
		if err != nil {
			return fmt.Errorf("rate limit: %w", err)
		}
		if !allowed {
			e := *auth.ErrTooManyRequests
			e.RetryAfter = wait
			return &e
		}
		return next(ec)
	}
}

// received runs the plugins' request filters.
func (s *Server) filter(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		path, api := relative(ec.Request())
		in := &plugins.Incoming{Request: ec.Request(), Path: path, API: api}
		if !api {
			in.Path = echo.GetPath(ec.Request())
		}
		if err := s.registry.RequestReceived.Run(ec.Request().Context(), in); err != nil {
			return err
		}
		if a := in.Answered(); a != nil {
			return writeJSON(ec.Response(), orOK(a.Status), a.Body)
		}
		return next(ec)
	}
}

// cors answers preflights of trusted origins and lets them read answers (SEC-060).
func (s *Server) cors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		r, h := ec.Request(), ec.Response().Header()
		origin := r.Header.Get("Origin")
		path := echo.GetPath(r)
		if origin == "" || !strings.HasPrefix(path, "/api/") {
			return next(ec)
		}
		h.Add("Vary", "Origin")
		if origin == "null" || !s.origins().Trusted(origin) {
			return next(ec)
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Api-Key, X-Captcha-Response")
			h.Set("Access-Control-Max-Age", "600")
			return ec.NoContent(http.StatusNoContent)
		}
		plugins.Expose(h, "X-Retry-After", "Retry-After", "X-Request-Id")
		return next(ec)
	}
}

// declared turns the router's own answers on a path that has other methods, 405 and the
// list of methods for OPTIONS, into the 404 of the wire (better-auth core 1.2).
func declared(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		if ec.Get(echo.ContextKeyHeaderAllow) != nil {
			return echo.ErrNotFound
		}
		return next(ec)
	}
}
