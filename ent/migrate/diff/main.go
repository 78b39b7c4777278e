// Command diff writes the migration from the last version to the schema of the
// generated client: one forward and one draft of a down file for each database.
// Run it in the module's root with the migration's name:
//
//	go run ./ent/migrate/diff add_teams
//
// The down files are drafts. Read them; give a column that comes back NOT NULL
// a default.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"

	"ariga.io/atlas/sql/migrate"
)

func main() {
	dir := flag.String("dir", filepath.Join("ent", "migrate", "migrations"), "folder of the migrations")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(args[0]) {
		return errors.New("give one name in lower case, such as add_teams")
	}
	// One version for all databases.
	version := migrate.NewVersion()
	written := 0
	for _, name := range []string{"sqlite", "postgres", "mysql"} {
		dev, err := openDev(ctx, name)
		if err != nil {
			return err
		}
		files, err := writeMigration(ctx, dev, filepath.Join(dir, name), version, args[0])
		if err := errors.Join(err, dev.close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, f := range files {
			fmt.Println(f)
		}
		written += len(files)
	}
	if written == 0 {
		fmt.Println("no change")
	}
	return nil
}
