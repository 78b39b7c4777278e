package handlers

import (
	"net/http"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/labstack/echo/v4"

	"gatehouse/auth"
	"gatehouse/auth/address"
	"gatehouse/auth/ratelimit"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/plugins"
)

// classRules are the rules of limiter classes (SEC-017).
var classRules = map[plugins.LimitClass]ratelimit.Rule{
	plugins.LimitSignIn: {Window: 10 * time.Second, Max: 3},
	plugins.LimitMail:   {Window: 60 * time.Second, Max: 3},
	plugins.LimitNone:   {Off: true},
}

// memoryKeys bounds the counters kept in memory.
const memoryKeys = 100_000

// newLimitStore picks the counter store: memory on SQLite, the database where several
// processes may share one (decisions 40).
func (s *Server) newLimitStore(db *database.DB) ratelimit.Store {
	kind := s.cfg.RateLimit.Get().Store
	if kind == "memory" || kind != "database" && db.Dialect == dialect.SQLite {
		return ratelimit.NewMemory(memoryKeys)
	}
	return &auth.LimitStore{DB: s.core.DB}
}

// limitedPath is the path a request is counted under. Form posts of pages share the
// rules of the endpoints they stand for, since their paths begin alike; looking at
// pages counts under the default rule.
func (s *Server) limitedPath(r *http.Request) (string, bool) {
	path := echo.GetPath(r)
	if rest, api := relative(r); api {
		return rest, true
	}
	if strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/health/") {
		return "", false
	}
	if strings.HasPrefix(path, auth.PicturePath) {
		return strings.TrimSuffix(auth.PicturePath, "/"), true // one page shows many
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return "/page", true
	}
	return path, true
}

func addressConfig(cfg *settings.Core) address.Config {
	a := cfg.Addresses.Get()
	return address.Config{Trusted: cfg.Top.Get().TrustedProxies, Headers: a.Headers, IPv6Subnet: a.IPv6Subnet, Disabled: !a.Track}
}

// customRules are the operator's rules, which come before all others.
func customRules(list []settings.RateRule) []ratelimit.PathRule {
	rules := make([]ratelimit.PathRule, len(list))
	for i, r := range list {
		rules[i] = ratelimit.PathRule{Path: r.Path, Rule: ratelimit.Rule{Window: r.Window, Max: r.Max, Off: r.Off}}
	}
	return rules
}
