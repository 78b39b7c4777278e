// Package embedded is the whole server as a Go value: one constructor that takes the
// database, the secret, the plugin list and the remaining options, an http.Handler to
// mount, and a Backend that works on sessions without HTTP.
//
//	g, err := embedded.New(ctx, embedded.Config{
//		URL: "https://auth.example.com", Secret: secret, Database: "postgres://…",
//		Plugins: []plugins.Plugin{admin.New(admin.Options{}), bearer.New()},
//		Options: map[string]string{"sign_up.enabled": "true"},
//	})
//	go g.Run(ctx)
//	http.Handle("/", g)
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/ent/database"
	"gatehouse/ent/migrate"
	"gatehouse/handlers"
	"gatehouse/handlers/builtin"
	"gatehouse/handlers/stored"
	"gatehouse/plugins"
)

// Config is what a server is made of. The fields above Options cannot be overridden by
// it, nor by the environment or by stored settings.
type Config struct {
	// URL is the public address; a loopback host means development mode.
	URL string
	// Database is an address; empty is an SQLite file in Data.
	Database string
	// Data is the data folder, needed for SQLite and uploads.
	Data string
	// Secret signs cookies and protects stored secrets, at least 32 bytes.
	Secret string
	// Plugins run, in this order. The built-in parts are always there.
	Plugins []plugins.Plugin
	// Options are the remaining settings by key, as in gatehouse.toml.
	Options map[string]string
	Log     *slog.Logger // nil: slog.Default()
}

// reserved are the keys that have a field of their own.
var reserved = map[string]bool{"url": true, "database": true, "data": true, "secret": true, "secrets": true, "plugins.enabled": true, "config": true, "listen": true}

// Server is a built server on an open, migrated database.
type Server struct {
	*handlers.Server
	db   *database.DB
	lock *database.Lock
	keys *secret.Ring
}

// New opens and migrates the database and builds the server. Close it.
func New(ctx context.Context, c Config) (*Server, error) {
	core := settings.NewCore()
	parts := builtin.Parts(c.Plugins...)
	groups := append(core.Groups(), plugins.Groups(parts)...)
	set, err := load(c, append(groups, plugins.Groups(c.Plugins)...))
	if err != nil {
		return nil, err
	}
	keys, err := secret.NewRing(nil, c.Secret)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	s := &Server{keys: keys}
	if err := s.open(ctx, c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	values, err := stored.Load(ctx, auth.NewDB(s.db), set, keys)
	if err == nil {
		err = set.Apply(values)
	}
	if err == nil {
		s.Server, err = handlers.New(handlers.Options{Database: s.db, Keys: keys, BuiltIn: parts, Plugins: c.Plugins, Settings: set, Core: core, Log: c.Log})
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func load(c Config, groups []settings.Group) (*settings.Set, error) {
	args := []string{"--url=" + c.URL, "--secret=" + c.Secret}
	if c.Data != "" {
		args = append(args, "--data="+c.Data)
	}
	if c.Database != "" {
		args = append(args, "--database="+c.Database)
	}
	for key, value := range c.Options {
		if reserved[key] {
			return nil, fmt.Errorf("option %q has a field of its own in the configuration", key)
		}
		args = append(args, "--"+key+"="+value)
	}
	return settings.Load(settings.Sources{Args: args}, groups...)
}

func (s *Server) open(ctx context.Context, c Config) (err error) {
	if c.Database == "" {
		if s.lock, err = database.LockDir(c.Data); err != nil {
			return err
		}
	}
	if s.db, err = database.Open(ctx, database.Config{URL: c.Database, DataDir: c.Data}); err != nil {
		return err
	}
	if _, err = (migrate.Target{DB: s.db.SQL, Dialect: s.db.Dialect, Path: s.db.Path}).Up(ctx); err != nil {
		return err
	}
	return s.db.Search().Prepare(ctx)
}

// Close closes the database. Let Run end first.
func (s *Server) Close() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	return errors.Join(errs...)
}

var _ http.Handler = (*Server)(nil)
