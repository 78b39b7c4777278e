// Package servertest runs a whole server inside a test: no port, no background work, a
// clock that the test moves, and mails that the test reads.
package servertest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/ent/event"
	"gatehouse/handlers"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
)

// Options say what differs from a server with the core alone on an empty SQLite file.
type Options struct {
	BuiltIn []plugins.Plugin // nil: the core
	Plugins []plugins.Plugin
	// Settings by dotted key, values as the environment has them ("sign_up.enabled":
	// "false"). Sign-up is on, request limits are off, and hashing may
	// wait a minute on a busy machine, unless they say otherwise.
	Settings map[string]string
	Database *database.DB // nil: a new SQLite file
	Log      *slog.Logger // nil: the test's log
}

// Secret is the secret of every rig.
const Secret = "q7Vd2sX9kLm4Zr8Tn1Wb6Yc3Hf5Jg0Pa"

// Rig is a running server.
type Rig struct {
	T      testing.TB
	Server *handlers.Server
	Host   *plugins.Host
	Core   *settings.Core
	Set    *settings.Set
	Clock  *Clock
	Origin string // public origin
}

// New builds a server. It ends with the test.
func New(t testing.TB, o Options) *Rig {
	t.Helper()
	if o.BuiltIn == nil {
		o.BuiltIn = []plugins.Plugin{core.New()}
	}
	if o.Database == nil {
		o.Database = dbtest.SQLite(t)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(writer{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	cfg := settings.NewCore()
	all := append(cfg.Groups(), plugins.Groups(append(append([]plugins.Plugin{}, o.BuiltIn...), o.Plugins...))...)
	set, err := settings.Load(settings.Sources{Environ: environ(o.Settings)}, all...)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.NewRing(nil, Secret)
	if err != nil {
		t.Fatal(err)
	}
	clock := &Clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	server, err := handlers.New(handlers.Options{Database: o.Database, Keys: keys, BuiltIn: o.BuiltIn, Plugins: o.Plugins,
		Settings: set, Core: cfg, Clock: clock.Now, Log: o.Log})
	if err != nil {
		t.Fatal(err)
	}
	top := cfg.Top.Get()
	r := &Rig{T: t, Server: server, Host: server.Host(), Core: cfg, Set: set, Clock: clock, Origin: top.Origin()}
	t.Cleanup(r.speaks)
	return r
}

// speaks fails when something happened in the test that people would read as a code.
func (r *Rig) speaks() {
	rows, err := r.Host.DB.Access(context.Background()).Event().Query().Where(event.ResultNEQ("success")).All(context.Background())
	if err != nil {
		return // the test took the database away
	}
	for _, row := range rows {
		kind, _ := r.Host.Events.Kind(row.Kind)
		if kind.Failure && row.Reason != "" && kind.Reasons[row.Reason] == "" && r.Host.Events.Message(row.Reason) == "" {
			r.T.Errorf("the event %s has the reason %q, which has no words", row.Kind, row.Reason)
		}
		for _, f := range kind.Fields {
			if code, ok := row.Data[f.Name].(string); ok && f.Value == auth.AsCode && r.Host.Events.Message(code) == "" {
				r.T.Errorf("the event %s names the code %q, and no plugin declares that error", row.Kind, code)
			}
		}
	}
}

// Unset, as the value of a setting, leaves it at the product's default, so that the
// console may change it.
const Unset = "\x00"

// environ writes settings as environment variables.
func environ(given map[string]string) []string {
	all := map[string]string{"sign_up.enabled": "true", "rate_limit.enabled": "false", "password.hash.max_wait": "1m"}
	for k, v := range given {
		all[k] = v
	}
	var list []string
	for k, v := range all {
		if v == Unset {
			continue
		}
		list = append(list, "GATEHOUSE_"+strings.ToUpper(strings.ReplaceAll(k, ".", "_"))+"="+v)
	}
	return list
}

// Service is the core's service.
func (r *Rig) Service() *core.Service { return plugins.MustOffer[*core.Service](r.Host) }

// Clock is the time of a rig. It passes by a millisecond whenever somebody looks, so
// that what happens in a row is stored in a row.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now implements auth.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

// Advance moves the time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var _ auth.Clock = (&Clock{}).Now

// writer passes the server's log on to the test's.
type writer struct{ t testing.TB }

func (w writer) Write(p []byte) (int, error) {
	w.t.Logf("%s", strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
