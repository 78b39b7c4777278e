// Package handlers is the HTTP side of Gatehouse: the echo server, its middleware, the
// engine that serves declared endpoints and routes, and the built-in parts.
//
// New builds a whole server from a database, a secret, a plugin list and options, as
// an http.Handler that can be mounted in any Go program.
package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"gatehouse/auth/words"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"gatehouse/auth"
	"gatehouse/auth/address"
	"gatehouse/auth/origin"
	"gatehouse/auth/ratelimit"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/plugins"
	"gatehouse/static"
)

// Options are what a server is made of. Database, Keys and Plugins cannot be
// overridden by Settings.
type Options struct {
	Database *database.DB
	Keys     *secret.Ring
	// BuiltIn are the parts that are always on; nil uses BuiltIn().
	BuiltIn []plugins.Plugin
	// Plugins is the list of the build; the setting plugins.enabled chooses from it.
	Plugins  []plugins.Plugin
	Settings *settings.Set
	Core     *settings.Core
	Clock    auth.Clock   // nil: the machine's
	Log      *slog.Logger // nil: slog.Default()
}

// Server is a built server. It serves as soon as it is built; Run does its background
// work.
type Server struct {
	cfg       *settings.Core
	settings  *settings.Set
	core      *auth.Core
	host      *plugins.Host
	registry  *plugins.Registry
	log       *slog.Logger
	echo      *echo.Echo
	desk      desk
	viewer    viewer
	addresses *address.Resolver
	limits    ratelimit.Store
	routes    []string
	quiet     map[string]bool           // patterns whose addresses hold a token
	pages     map[string]*plugins.Route // routes that are pages, by method and pattern
	uploads   map[string]int64          // longest body of "METHOD pattern" that takes files
	policy    atomic.Pointer[policy]
	metrics   *metrics
	assets    *static.Assets
	words     *words.Catalogue
	ready     atomic.Bool
}

// policy is what follows from settings that may change while the server runs.
type policy struct {
	origins *origin.List
	rules   *ratelimit.Policy
}

// New builds a server. It reads nothing but its options; the database must be open and
// migrated.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	list, err := plugins.Select(o.BuiltIn, o.Plugins, o.Core.Plugins.Get().Enabled)
	if err != nil {
		return nil, err
	}
	core, err := auth.NewCore(auth.CoreConfig{Store: o.Database, Settings: o.Core, Keys: o.Keys, Clock: o.Clock, Log: o.Log, On: enabled(list)})
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: o.Core, settings: o.Settings, core: core, log: o.Log, metrics: newMetrics()}
	s.desk, s.viewer = desk{s}, viewer{s}
	if s.addresses, err = address.New(addressConfig(o.Core)); err != nil {
		return nil, fmt.Errorf("trusted_proxies: %w", err)
	}
	s.host = s.newHost()
	if s.registry, err = plugins.Collect(list, s.host); err != nil {
		return nil, err
	}
	if s.assets, err = static.Load(assetSources(s.registry)...); err != nil {
		return nil, err
	}
	if err := s.declareSettings(); err != nil {
		return nil, err
	}
	if err := s.refresh(); err != nil {
		return nil, err
	}
	if s.words, err = catalogue(slices.Concat(o.BuiltIn, o.Plugins), s.development()); err != nil {
		return nil, err
	}
	s.host.Words = s.words
	s.core.Languages.Use(s.words)
	s.limits = s.newLimitStore(o.Database)
	s.mount()
	return s, nil
}

func enabled(list []plugins.Plugin) func(string) bool {
	on := map[string]bool{"": true}
	for _, p := range list {
		on[p.Manifest().ID] = true
	}
	return func(id string) bool { return on[id] }
}

func (s *Server) newHost() *plugins.Host {
	return &plugins.Host{Core: s.core, Log: s.log, Settings: s.settings, Outgoing: outgoingClient(s.cfg),
		Link:    func(path string) string { return s.top().Origin() + path },
		Targets: targetJudge{s}, Server: s}
}

// declareSettings makes known what settings declare: additional fields and custom roles.
func (s *Server) declareSettings() error {
	var errs []error
	fields := s.core.Fields
	errs = append(errs, fields.DeclareSettings("user", s.cfg.User.Get().Fields), fields.DeclareSettings("session", s.cfg.Session.Get().Fields))
	for _, part := range s.registry.Parts {
		for name, scopes := range part.Roles {
			errs = append(errs, s.core.Scopes.Custom(name, scopes))
		}
		for name, scopes := range part.OrganizationRoles {
			errs = append(errs, s.core.Scopes.CustomIn(name, scopes))
		}
	}
	return errors.Join(errs...)
}

// refresh computes what follows from changeable settings. It is called at start and
// after every change of settings.
func (s *Server) refresh() error {
	origins, err := origin.New(s.top().Origin(), s.cfg.Top.Get().TrustedOrigins)
	if err != nil {
		return fmt.Errorf("trusted_origins: %w", err)
	}
	cfg := s.cfg.RateLimit.Get()
	rules, err := ratelimit.New(ratelimit.Config{
		Default: ratelimit.Rule{Window: cfg.Window, Max: cfg.Max},
		Plugins: s.pluginRules(), Custom: customRules(cfg.Rules)})
	if err != nil {
		return fmt.Errorf("rate_limit.rules: %w", err)
	}
	s.policy.Store(&policy{origins, rules})
	return nil
}

func (s *Server) pluginRules() [][]ratelimit.PathRule {
	var all [][]ratelimit.PathRule
	for _, part := range s.registry.Parts {
		var of []ratelimit.PathRule
		for _, l := range part.Limits {
			of = append(of, ratelimit.PathRule{Path: l.Path, Rule: l.Rule})
		}
		for _, e := range part.Endpoints {
			if rule, ok := classRules[e.Limit]; ok {
				of = append(of, ratelimit.PathRule{Path: e.Path, Rule: rule})
			}
		}
		all = append(all, of)
	}
	return all
}

func (s *Server) origins() *origin.List    { return s.policy.Load().origins }
func (s *Server) rules() *ratelimit.Policy { return s.policy.Load().rules }
func (s *Server) development() bool        { return s.top().Development() }

func (s *Server) top() *settings.Top { return s.cfg.Top.Current() }

// self is the origin of the request's own URL, for pages without a referrer.
func (s *Server) self(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	scheme, host := s.addresses.External(r.RemoteAddr, r.Header, scheme, r.Host)
	return scheme + "://" + host
}

// mount builds the echo router. Every route comes from a declaration.
func (s *Server) mount() {
	s.quiet, s.pages, s.uploads = map[string]bool{}, map[string]*plugins.Route{}, map[string]int64{}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.failed
	e.IPExtractor = func(r *http.Request) string { return s.addresses.Client(r.RemoteAddr, r.Header).String() }
	e.Use(s.trace, s.recoverer, s.harden, s.hostGuard, s.cors, s.disabled, s.limit, s.filter, declared)
	for _, part := range s.registry.Parts {
		for i := range part.Endpoints {
			ep := &part.Endpoints[i]
			s.add(e, ep.Method, apiBase+ep.Path, s.endpoint(ep))
		}
		for i := range part.Routes {
			rt := &part.Routes[i]
			if rt.TokenInURL {
				s.quiet[rt.Path] = true
			}
			if !rt.API {
				s.pages[rt.Method+" "+rt.Path] = rt
			}
			if rt.Upload > 0 {
				s.uploads[rt.Method+" "+rt.Path] = rt.Upload
			}
			s.add(e, rt.Method, rt.Path, s.route(rt))
			if rt.Method == http.MethodGet && !rt.API {
				e.HEAD(rt.Path, s.route(rt))
			}
		}
	}
	s.add(e, http.MethodGet, static.Prefix+"*", echo.WrapHandler(s.assets.Handler()))
	e.HEAD(static.Prefix+"*", echo.WrapHandler(s.assets.Handler()))
	s.echo = e
}

func (s *Server) add(e *echo.Echo, method, path string, h echo.HandlerFunc) {
	e.Add(method, path, h)
	s.routes = append(s.routes, method+" "+path)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Host is what the server gives its plugins; commands use it as well.
func (s *Server) Host() *plugins.Host { return s.host }

// Routes lists every declared method and path, sorted. Pages and static files answer
// HEAD as they answer GET (RFC 9110 §9.3.2), which is not listed.
func (s *Server) Routes() []string {
	list := slices.Clone(s.routes)
	slices.Sort(list)
	return list
}

// Run does the server's background work until the context ends: message delivery,
// jobs, sinks.
func (s *Server) Run(ctx context.Context) {
	s.ready.Store(true)
	defer s.ready.Store(false)
	s.runBackground(ctx)
}

func rand128() string { return rand.Text() }

func hostName(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

func samePort(a, b string) bool {
	_, pa, _ := net.SplitHostPort(a)
	_, pb, _ := net.SplitHostPort(b)
	return pa == pb
}

func asHTTP(err error, target **echo.HTTPError) bool { return errors.As(err, target) }

// assetSources are the static files of the product and of its plugins.
func assetSources(r *plugins.Registry) []static.Source {
	var list []static.Source
	for _, part := range r.Parts {
		if part.Assets != nil {
			list = append(list, static.Source{Folder: part.ID, Files: part.Assets})
		}
	}
	return list
}
