package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	texts "gatehouse/auth/words"
	"gatehouse/ent/database"
	"gatehouse/ent/migrate"
	"gatehouse/handlers"
	"gatehouse/handlers/stored"
	"gatehouse/plugins"
)

// app is one run of the program: settings, and what commands open with them.
type app struct {
	Program
	core   *settings.Core
	groups []settings.Group
	args   []string // flags that set settings
	set    *settings.Set
	loaded bool // set is read and checked
	log    *slog.Logger
}

// load reads the settings of flags, environment and file, once.
func (a *app) load() error {
	if a.loaded {
		return nil
	}
	set, err := settings.Load(settings.Sources{Args: a.args, Environ: a.Environ}, a.groups...)
	if err != nil {
		return err
	}
	a.set = set
	if err := a.checkDatabase(); err != nil {
		return err
	}
	if _, err := plugins.Select(a.BuiltIn, a.Plugins, a.core.Plugins.Get().Enabled); err != nil {
		return err
	}
	a.log = newLog(a.Stderr, a.core, set)
	for _, w := range set.Warnings() {
		a.log.Warn("setting", "problem", w)
	}
	a.loaded = true
	return nil
}

// checkDatabase refuses an address that no database has.
func (a *app) checkDatabase() error {
	_, err := database.Path(a.database())
	return a.problem("database", err, "")
}

// problem names the setting from which an error follows, and where its value stands.
func (a *app) problem(key string, err error, fix string) error {
	if err == nil {
		return nil
	}
	field, _ := a.set.Field(key)
	return settings.Problems{{Key: key, Place: string(field.Source), Text: texts.OfError(err), Fix: texts.Raw(fix)}}
}

// top are the settings without a section.
func (a *app) top() *settings.Top {
	t := a.core.Top.Get()
	return &t
}

// open opens the database as it is, without changing its schema.
func (a *app) open(ctx context.Context) (*database.DB, error) {
	return database.Open(ctx, a.database())
}

// database says which database the settings name.
func (a *app) database() database.Config {
	top := a.top()
	return database.Config{URL: top.Database.Reveal(), DataDir: top.Data}
}

// openCurrent opens a database that was made before and whose schema is current, for
// commands that run beside a server.
func (a *app) openCurrent(ctx context.Context) (*database.DB, error) {
	if err := a.fileThere(); err != nil {
		return nil, err
	}
	db, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	state, err := target(db).Status(ctx)
	if err == nil && len(state.Pending) > 0 {
		err = fmt.Errorf("the database lacks %d schema versions; start the server, or run: gatehouse migrate up", len(state.Pending))
	}
	if err == nil {
		err = db.Search().Prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// lock takes the data folder for this process alone.
func (a *app) lock() (*database.Lock, error) {
	lock, err := database.LockDir(a.top().Data)
	if err == nil || errors.Is(err, database.ErrLocked) {
		return lock, err
	}
	return nil, a.problem("data", err, "choose a folder that the user the server runs as can make and write to")
}

// fileThere refuses an SQLite file that is not there, so that a command called in the
// wrong folder does not make an empty one.
func (a *app) fileThere() error {
	path, err := database.Path(a.database())
	if err != nil || path == "" {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database at %s; start the server once, or set data or database", path)
	}
	return nil
}

func target(db *database.DB) migrate.Target {
	return migrate.Target{DB: db.SQL, Dialect: db.Dialect, Path: db.Path}
}

// built is a server with the database it stands on.
type built struct {
	db     *database.DB
	keys   *secret.Ring
	server *handlers.Server
}

func (b *built) host() *plugins.Host { return b.server.Host() }

// close closes the database, and keeps the error of the work before.
func (b *built) close(err error) error { return errors.Join(err, b.db.Close()) }

// build makes the server on an open and current database: stored settings are put in
// force first.
func (a *app) build(ctx context.Context, db *database.DB, keys *secret.Ring) (*built, error) {
	values, err := stored.Load(ctx, auth.NewDB(db), a.set, keys)
	if err != nil {
		return nil, err
	}
	if err := a.set.Apply(values); err != nil {
		return nil, err
	}
	server, err := handlers.New(handlers.Options{Database: db, Keys: keys, BuiltIn: a.BuiltIn, Plugins: a.Plugins,
		Settings: a.set, Core: a.core, Log: a.log})
	if err != nil {
		return nil, err
	}
	return &built{db: db, keys: keys, server: server}, nil
}

// withServer runs a command on a server that is built and does not listen. It may run
// beside a serving one.
func (a *app) withServer(ctx context.Context, command func(context.Context, *built) error) error {
	if err := a.load(); err != nil {
		return err
	}
	db, err := a.openCurrent(ctx)
	if err != nil {
		return err
	}
	keys, err := a.keys(false)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	b, err := a.build(ctx, db, keys)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return b.close(command(a.acting(ctx, b), b))
}
