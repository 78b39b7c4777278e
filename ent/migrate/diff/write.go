package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	entsql "entgo.io/ent/dialect/sql"
	entschema "entgo.io/ent/dialect/sql/schema"

	"gatehouse/ent/database"
	"gatehouse/ent/migrate/tables"
)

// writeMigration writes the forward and the down file of one database and
// returns their paths; none if nothing changed.
func writeMigration(ctx context.Context, d *dev, dir, version, name string) ([]string, error) {
	local, err := migrate.NewLocalDir(dir)
	if err != nil {
		return nil, err
	}
	db, err := d.database(ctx)
	if err != nil {
		return nil, err
	}
	before, err := local.Files()
	if err != nil {
		return nil, err
	}
	if err := forward(ctx, db, local, version, name); err != nil {
		return nil, err
	}
	after, err := local.Files()
	if err != nil || len(after) == len(before) {
		return nil, err
	}
	added := after[len(after)-1]
	draft, err := down(ctx, d, after, before)
	if err != nil {
		return nil, fmt.Errorf("draft of the way down: %w", err)
	}
	path := filepath.Join(dir, "down", added.Name())
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return []string{filepath.Join(dir, added.Name()), path}, os.WriteFile(path, draft, 0o644)
}

// forward writes the difference between the folder and the client's tables.
func forward(ctx context.Context, db *database.DB, dir migrate.Dir, version, name string) error {
	m, err := entschema.NewMigrate(entsql.OpenDB(db.Dialect, db.SQL),
		entschema.WithDir(dir),
		entschema.WithMigrationMode(entschema.ModeReplay),
		entschema.WithDialect(db.Dialect),
		entschema.WithDropColumn(true),
		entschema.WithDropIndex(true),
		// Unset, ent writes down files into the same folder, which the next
		// replay would run.
		entschema.WithFormatter(versioned(version)),
	)
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, name, tables.Tables...)
}

// versioned is atlas's formatter with a version chosen beforehand.
type versioned string

// Format writes the plan as one forward file.
func (v versioned) Format(plan *migrate.Plan) ([]migrate.File, error) {
	plan.Version = string(v)
	return migrate.DefaultFormatter.Format(plan)
}

// down plans the way from all files back to all but the newest.
func down(ctx context.Context, d *dev, after, before []migrate.File) ([]byte, error) {
	from, driver, err := d.replay(ctx, after)
	if err != nil {
		return nil, err
	}
	to, _, err := d.replay(ctx, before)
	if err != nil {
		return nil, err
	}
	to.Name = from.Name
	changes, err := driver.SchemaDiff(from, to)
	if err != nil {
		return nil, err
	}
	plan, err := driver.PlanChanges(ctx, "down", changes, func(o *migrate.PlanOptions) {
		o.SchemaQualifier = new(string)
	})
	if err != nil {
		return nil, err
	}
	return format(plan), nil
}

func format(plan *migrate.Plan) []byte {
	var b bytes.Buffer
	for _, c := range plan.Changes {
		if c.Comment != "" {
			fmt.Fprintf(&b, "-- %s\n", c.Comment)
		}
		fmt.Fprintf(&b, "%s;\n", c.Cmd)
	}
	return b.Bytes()
}
