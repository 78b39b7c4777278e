package cli

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/ent/database"
	"gatehouse/ent/migrate"
)

type migrateCommands struct {
	Status migrateStatus `cmd:"" help:"Show the version of the schema; fails while versions are pending."`
	Up     migrateUp     `cmd:"" help:"Apply the pending versions. The server does this when it starts."`
	Down   migrateDown   `cmd:"" help:"Take versions back. A copy of a SQLite file is made before."`
}

type migrateStatus struct {
	list `embed:""`
}

// Run shows where the database stands.
func (m *migrateStatus) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	if err := a.fileThere(); err != nil {
		return err
	}
	db, err := a.open(ctx)
	if err != nil {
		return err
	}
	state, err := target(db).Status(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := m.show(a, state); err != nil {
		return err
	}
	if len(state.Pending) > 0 {
		return errSilent
	}
	return nil
}

func (m *migrateStatus) show(a *app, state migrate.State) error {
	if m.JSON {
		return a.printJSON(struct {
			Current string   `json:"current"`
			Pending []string `json:"pending"`
			Partial string   `json:"partial,omitempty"`
		}{state.Current, append([]string{}, state.Pending...), state.Partial})
	}
	current := state.Current
	if current == "" {
		current = "none (empty database)"
	}
	fmt.Fprintln(a.Stdout, "current:", current)
	for _, v := range state.Pending {
		note := ""
		if v == state.Partial {
			note = " (half applied)"
		}
		fmt.Fprintln(a.Stdout, "pending:", v+note)
	}
	return nil
}

type migrateUp struct{}

// Run applies what is pending. It needs the data folder for itself.
func (migrateUp) Run(ctx context.Context, a *app) error {
	return a.alone(ctx, func(db *database.DB) error {
		done, err := target(db).Up(ctx)
		a.showChange("applied", done, err)
		if err != nil {
			return err
		}
		return db.Search().Prepare(ctx)
	})
}

type migrateDown struct {
	To      string `arg:"" optional:"" help:"Version to go back to; nothing for the empty database."`
	Destroy bool   `help:"Allow the empty database, which removes everything stored."`
}

// Run takes versions back. It needs the data folder for itself.
func (m *migrateDown) Run(ctx context.Context, a *app) error {
	if m.To == "" && !m.Destroy {
		return wrongUse("name the version to go back to; the empty database needs --destroy and loses everything stored")
	}
	return a.alone(ctx, func(db *database.DB) error {
		done, err := target(db).Down(ctx, m.To, m.Destroy)
		a.showChange("took back", done, err)
		if err != nil || len(done.Applied) == 0 {
			return err
		}
		return db.Search().Drop(ctx)
	})
}

// showChange says what was done, also before an error.
func (a *app) showChange(verb string, done migrate.Result, err error) {
	if done.Copy != "" {
		fmt.Fprintln(a.Stdout, "copied the database to", done.Copy)
	}
	for _, v := range done.Applied {
		fmt.Fprintln(a.Stdout, verb, v)
	}
	if len(done.Applied) == 0 && err == nil {
		fmt.Fprintln(a.Stdout, "nothing to do")
	}
}

// alone runs a command that no server may run beside (decisions 39).
func (a *app) alone(ctx context.Context, command func(*database.DB) error) error {
	if err := a.load(); err != nil {
		return err
	}
	lock, err := a.lock()
	if err != nil {
		return err
	}
	db, err := a.open(ctx)
	if err != nil {
		return errors.Join(err, lock.Unlock())
	}
	return errors.Join(command(db), db.Close(), lock.Unlock())
}
