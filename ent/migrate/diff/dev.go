package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"gatehouse/ent/database"
	"gatehouse/ent/database/throwaway"
)

// dev makes empty databases of one kind to replay migrations on.
type dev struct {
	dir    string
	server *throwaway.Server
	open   func(schema.ExecQuerier) (migrate.Driver, error)
	made   []*database.DB
}

func openDev(ctx context.Context, name string) (*dev, error) {
	d := &dev{}
	var err error
	switch name {
	case "sqlite":
		d.open = sqlite.Open
		d.dir, err = os.MkdirTemp("", "gatehouse-diff-")
	case "postgres":
		d.open = postgres.Open
		d.server, err = throwaway.PostgreSQL(ctx)
	case "mysql":
		d.open = mysql.Open
		d.server, err = throwaway.MariaDB(ctx)
	}
	return d, err
}

// database returns a new, empty database.
func (d *dev) database(ctx context.Context) (*database.DB, error) {
	name := fmt.Sprintf("dev%d", len(d.made))
	config := database.Config{URL: "sqlite:" + filepath.Join(d.dir, name)}
	if d.server != nil {
		if err := d.server.CreateDatabase(ctx, name, ""); err != nil {
			return nil, err
		}
		config.URL = d.server.URL(name)
	}
	db, err := database.Open(ctx, config)
	if err == nil {
		d.made = append(d.made, db)
	}
	return db, err
}

func (d *dev) close() error {
	var errs []error
	for _, db := range d.made {
		errs = append(errs, db.Close())
	}
	if d.server != nil {
		errs = append(errs, d.server.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(d.dir))...)
}

// replay runs files on a new database and returns the schema they make.
func (d *dev) replay(ctx context.Context, files []migrate.File) (*schema.Schema, migrate.Driver, error) {
	db, err := d.database(ctx)
	if err != nil {
		return nil, nil, err
	}
	driver, err := d.open(db.SQL)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		statements, err := f.Stmts()
		if err != nil {
			return nil, nil, err
		}
		for _, s := range statements {
			if _, err := db.SQL.ExecContext(ctx, s); err != nil {
				return nil, nil, fmt.Errorf("replay %s: %w", f.Name(), err)
			}
		}
	}
	made, err := driver.InspectSchema(ctx, "", nil)
	return made, driver, err
}
