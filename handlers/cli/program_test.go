package cli_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"gatehouse/auth"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/cli"
	"gatehouse/handlers/core"
	"gatehouse/plugins"
)

// greeter is a plugin with a command.
type greeter struct{}

// Manifest implements plugins.Plugin.
func (greeter) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "greeter", Name: "Greeter", Commands: []plugins.Command{{Name: "greet", Help: "Greet.", Usage: "NAME",
		Run: func(ctx context.Context, h *plugins.Host, args []string) error {
			if len(args) == 0 {
				return errors.New("whom?")
			}
			return h.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
				return tx.User().Create().SetName(strings.Join(args, " ")).SetEmail("by-" + auth.PrincipalOf(ctx).Subject + "@example.com").Exec(ctx)
			})
		}}}}
}

// Contribute implements plugins.Plugin.
func (greeter) Contribute(*plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{}, nil
}

type run struct {
	code        int
	out, errors string
}

func gatehouse(t *testing.T, environ []string, args ...string) run {
	t.Helper()
	var out, errs bytes.Buffer
	p := cli.Program{BuiltIn: []plugins.Plugin{core.New()}, Plugins: []plugins.Plugin{greeter{}},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: environ}
	return run{p.Run(t.Context(), args), out.String(), errs.String()}
}

func TestPluginCommand(t *testing.T) {
	db, dir := dbtest.SQLite(t), t.TempDir()
	environ := []string{"GATEHOUSE_DATABASE=sqlite:" + db.Path, "GATEHOUSE_DATA=" + dir, "GATEHOUSE_SECRET=kQ1vYb7m3X0cZs9TnRwUe5Jd8Lf2HgPa"}
	if r := gatehouse(t, environ, "--help"); r.code != 0 || !strings.Contains(r.out, "Greet. Arguments: NAME") {
		t.Errorf("help: %+v", r)
	}
	if r := gatehouse(t, environ, "greet", "Ada", "--loudly"); r.code != 0 {
		t.Fatalf("greet: %+v", r)
	}
	if u := db.Client.User.Query().OnlyX(t.Context()); u.Name != "Ada --loudly" || u.Email != "by-command-line@example.com" {
		t.Errorf("user %q, %q", u.Name, u.Email)
	}
	if r := gatehouse(t, environ, "greet"); r.code != 1 || !strings.Contains(r.errors, "whom?") {
		t.Errorf("failing: %+v", r)
	}
	if r := gatehouse(t, append(environ, "GATEHOUSE_PLUGINS_ENABLED="), "greet", "Ada"); r.code != 1 || !strings.Contains(r.errors, "greeter") {
		t.Errorf("command of a plugin that is off: %+v", r)
	}
	if _, err := os.Stat(dir + "/secret"); !errors.Is(err, os.ErrNotExist) {
		t.Error("a command made a secret")
	}
}
