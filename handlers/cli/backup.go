package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gatehouse/ent/database"
	"gatehouse/handlers/backup"
)

type backupCommand struct {
	File       string `arg:"" optional:"" help:"Archive to write, - for standard output; a name with the time when not given."`
	WithSecret bool   `help:"Put the secret into the archive. Whoever has it can then read and forge everything."`
}

// Run writes an archive. A server may run beside.
func (c *backupCommand) Run(ctx context.Context, a *app) error {
	if err := a.load(); err != nil {
		return err
	}
	keys, err := a.keys(false)
	if err != nil {
		return err
	}
	source := backup.Source{Uploads: a.uploads(), Keys: keys, Now: time.Now()}
	source.Program, _ = buildVersion()
	if c.WithSecret {
		if source.Secret, err = a.plainSecret(); err != nil {
			return err
		}
	}
	if source.DB, err = a.openCurrent(ctx); err != nil {
		return err
	}
	err = c.write(ctx, a, source)
	if err == nil {
		c.note(ctx, a, source)
	}
	return errors.Join(err, source.DB.Close())
}

func (c *backupCommand) write(ctx context.Context, a *app, source backup.Source) error {
	if c.File == "-" {
		_, err := backup.Write(ctx, a.Stdout, source)
		return err
	}
	if c.File == "" {
		c.File = "gatehouse-" + source.Now.UTC().Format("20060102T150405Z") + ".zip"
	}
	var manifest backup.Manifest
	err := writeNew(c.File, func(w io.Writer) (err error) {
		manifest, err = backup.Write(ctx, w, source)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "wrote %s: %d rows of %d tables, %d files\n", c.File, manifest.Rows(), len(manifest.Tables), len(manifest.Files))
	if !manifest.Secret {
		fmt.Fprintln(a.Stderr, "The secret is not in it; keep it apart. Without it sealed values cannot be read.")
	}
	return nil
}

// note keeps in the database that a backup was made, for the console. The archive is good
// without that: a database that may only be read is not the backup's fault.
func (c *backupCommand) note(ctx context.Context, a *app, source backup.Source) {
	if err := backup.Note(ctx, source.DB, source.Now); err != nil {
		fmt.Fprintf(a.Stderr, "The console will not show this backup: %v\n", err)
	}
}

// writeNew writes a file that must not exist yet, whole or not at all, for its owner
// alone.
func writeNew(name string, write func(io.Writer) error) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s exists already", name)
	}
	unfinished, err := os.CreateTemp(filepath.Dir(name), ".gatehouse-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	err = errors.Join(write(unfinished), unfinished.Chmod(0o600), unfinished.Sync(), unfinished.Close())
	if err == nil {
		err = os.Rename(unfinished.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(unfinished.Name()))
	}
	return nil
}

// uploads is the folder of uploaded files.
func (a *app) uploads() string { return filepath.Join(a.top().Data, "uploads") }

// plainSecret is the one secret of a server that has no numbered ones.
func (a *app) plainSecret() (string, error) {
	top := a.top()
	if len(top.Secrets) > 0 {
		return "", errors.New("--with-secret knows a single secret; numbered ones stand in your configuration, keep that")
	}
	if !top.Secret.Empty() {
		return top.Secret.Reveal(), nil
	}
	return a.fileSecret(false)
}

type restoreCommand struct {
	File        string `arg:"" help:"Archive that the command backup wrote."`
	EndSessions bool   `help:"Leave sessions and links in mails out, so that everyone signs in anew."`
}

// Run loads an archive. It needs the data folder for itself and an empty database.
func (c *restoreCommand) Run(ctx context.Context, a *app) error {
	archive, err := backup.Open(c.File)
	if err != nil {
		return err
	}
	defer archive.Close()
	return a.alone(ctx, func(db *database.DB) error {
		if err := backup.Restore(ctx, archive, backup.Target{DB: db, Uploads: a.uploads(), EndSessions: c.EndSessions}); err != nil {
			return err
		}
		if err := a.restoreSecret(archive); err != nil {
			return err
		}
		m := archive.Manifest
		fmt.Fprintf(a.Stdout, "restored %d rows of %s, %d files\n", m.Rows(), m.CreatedAt.Format(time.RFC3339), len(m.Files))
		return nil
	})
}

// restoreSecret puts the archive's secret into the data folder when nothing else gives
// one, and says when the secret in force is another.
func (a *app) restoreSecret(archive *backup.Archive) error {
	text, err := archive.Secret()
	if err != nil {
		return err
	}
	top := a.top()
	_, statErr := os.Stat(a.secretPath())
	configured := !top.Secret.Empty() || len(top.Secrets) > 0
	if text != "" && !configured && top.SQLite() && errors.Is(statErr, os.ErrNotExist) {
		return writeSecret(a.secretPath(), text)
	}
	keys, err := a.keys(false)
	if err != nil || !archive.Manifest.SameKeys(keys) {
		fmt.Fprintln(a.Stderr, "Note: this server has not the secret of the archive. Passwords work; sessions end, and values sealed with that secret cannot be read until you set it.")
	}
	return nil
}
