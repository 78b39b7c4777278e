package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/handlers/stored"
)

type configCommands struct {
	Show   configShow   `cmd:"" default:"withargs" help:"Show the settings in force with the place each comes from; secrets are masked."`
	Docs   configDocs   `cmd:"" help:"Print the reference of all settings as Markdown."`
	Sample configSample `cmd:"" help:"Print a configuration file with every setting at its default."`
	Flags  configFlags  `cmd:"" help:"List the settings as flags."`
}

type configShow struct {
	list `embed:""`
	All  bool `help:"Show defaults too."`
}

// Run shows effective settings. Values of the console are read from the database when
// there is one.
func (c *configShow) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	if err := a.applyStored(ctx); err != nil {
		fmt.Fprintf(a.Stderr, "gatehouse: without the values of the console: %s\n", words(err))
	}
	var fields []settings.Field
	for _, f := range a.set.Fields() {
		if c.All || c.JSON || f.Source != settings.FromDefault {
			fields = append(fields, f)
		}
	}
	if c.JSON {
		return a.printJSON(fields)
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
	for _, f := range fields {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Key, oneLine(f.Value), f.Source)
	}
	if len(fields) == 0 {
		fmt.Fprintln(w, "every setting is at its default; see them with --all")
	}
	return w.Flush()
}

// applyStored puts the console's values in force. A database that was never made has none.
func (a *app) applyStored(ctx context.Context) error {
	if a.fileThere() != nil {
		return nil
	}
	keys, err := a.keys(false)
	if err != nil {
		return err
	}
	db, err := a.openCurrent(ctx)
	if err != nil {
		return err
	}
	var values map[string]json.RawMessage
	values, err = stored.Load(ctx, auth.NewDB(db), a.set, keys)
	if err == nil {
		err = a.set.Apply(values)
	}
	return errors.Join(err, db.Close())
}

type configDocs struct{}

// Run prints the reference. It reads no setting.
func (configDocs) Run(a *app) error {
	_, err := fmt.Fprint(a.Stdout, settings.Markdown(a.groups...))
	return err
}

type configSample struct{}

// Run prints a configuration file.
func (configSample) Run(a *app) error {
	_, err := fmt.Fprint(a.Stdout, settings.Sample(a.groups...))
	return err
}

type configFlags struct{}

// Run lists the settings as flags.
func (configFlags) Run(a *app) error {
	_, err := fmt.Fprint(a.Stdout, settings.Usage(a.groups...))
	return err
}
