package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"entgo.io/ent/dialect"
)

// ErrNewer refuses a database that a newer program has migrated.
var ErrNewer = errors.New("the database has a schema this program does not know; run the newer program")

// ErrPartial refuses a database in which a version is half applied; Up
// completes it.
var ErrPartial = errors.New("a schema version is half applied")

// Target is the database to migrate. Unless noted, a method may run beside
// others of the same database; servers are held apart by a lock of the
// database, SQLite by the lock of the data folder and the write transaction.
type Target struct {
	DB      *sql.DB
	Dialect string
	// Path is the SQLite file. Before a change it is copied beside itself; ""
	// makes no copy.
	Path string

	// files replaces the embedded migrations in tests.
	files fs.FS
}

// State is where a database stands.
type State struct {
	// Current is the newest version applied; empty for an empty database.
	Current string
	// Pending lists the versions to come, in order.
	Pending []string
	// Partial names a version that was cut off; MySQL alone has such.
	Partial string
}

// Latest returns the newest version this program holds for the dialect.
func Latest(dialect string) (string, error) {
	list, err := versions(embedded, dialect)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[len(list)-1].name, nil
}

// Status reads where the database stands, with one query.
func (t Target) Status(ctx context.Context) (State, error) {
	list, err := t.versions()
	if err != nil {
		return State{}, err
	}
	applied, err := readRevisions(ctx, t.DB, t.Dialect)
	if err != nil {
		return State{}, err
	}
	return stand(list, applied)
}

func (t Target) versions() ([]version, error) {
	if t.files != nil {
		return versions(t.files, t.Dialect)
	}
	return versions(embedded, t.Dialect)
}

// stand compares what the program holds with what the database has had.
func stand(list []version, applied []revision) (State, error) {
	var state State
	for _, r := range applied {
		if !slices.ContainsFunc(list, func(v version) bool { return v.name == r.version }) {
			return State{}, fmt.Errorf("%w (%s)", ErrNewer, r.version)
		}
	}
	for _, v := range list {
		i := slices.IndexFunc(applied, func(r revision) bool { return r.version == v.name })
		switch {
		case i < 0:
			state.Pending = append(state.Pending, v.name)
		case applied[i].partial():
			state.Partial = v.name
			state.Pending = append(state.Pending, v.name)
		case len(state.Pending) > 0:
			return State{}, fmt.Errorf("version %s was applied before %s", v.name, state.Pending[0])
		default:
			state.Current = v.name
		}
	}
	return state, nil
}

// transactional reports whether a version's statements can be one transaction.
func (t Target) transactional() bool { return t.Dialect != dialect.MySQL }
