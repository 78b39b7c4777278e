package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"gatehouse/plugins"
)

// grammar is the tree of commands. The help texts are what people read, so they say
// what a command does, not how.
type grammar struct {
	Serve        serveCommand         `cmd:"" default:"withargs" help:"Run the server (what happens without a command)."`
	ClaimLink    claimLinkCommand     `cmd:"" help:"Print a link by which a further owner claims the server."`
	User         userCommands         `cmd:"" help:"Show and change people."`
	Organization organizationCommands `cmd:"" help:"Show and change organizations and their members."`
	Key          keyCommands          `cmd:"" help:"Show, make and stop API keys."`
	Backup       backupCommand        `cmd:"" help:"Write everything stored into one archive, also while the server runs."`
	Restore      restoreCommand       `cmd:"" help:"Load an archive into an empty database of any kind."`
	Migrate      migrateCommands      `cmd:"" help:"Show and change the version of the database's schema."`
	Doctor       doctorCommand        `cmd:"" help:"Say in words what is wrong; fails when an enabled plugin is not ready."`
	Config       configCommands       `cmd:"" help:"Show the settings, their sources and their documentation."`
	Healthcheck  healthcheckCommand   `cmd:"" help:"Ask a running server whether it can serve, for containers without a shell."`
	SeedUsers    seedCommand          `cmd:"" help:"Fill an empty test database with people, to measure with."`
	Version      versionCommand       `cmd:"" help:"Print the version of the program."`
}

// list is what commands that list things share.
type list struct {
	JSON bool `name:"json" help:"Print JSON for programs."`
}

// pluginCommand runs a command that a plugin brings.
type pluginCommand struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments of the command."`

	plugin  string
	command plugins.Command
}

// Run builds the server without listening and hands its host over.
func (p *pluginCommand) Run(ctx context.Context, a *app) error {
	return a.withServer(ctx, func(ctx context.Context, s *built) error {
		if _, on := s.host().Registry.Part(p.plugin); !on {
			return fmt.Errorf("this needs the plugin %s, which is not enabled", p.plugin)
		}
		return p.command.Run(ctx, s.host(), p.Args)
	})
}

// pluginCommands joins the commands of the enabled plugins to the grammar. Those of
// other plugins are there too and say, when called, that their plugin is off.
func (a *app) pluginCommands() []kong.Option {
	var options []kong.Option
	for _, p := range slices.Concat(a.BuiltIn, a.Plugins) {
		for _, c := range p.Manifest().Commands {
			help := c.Help
			if c.Usage != "" {
				help += " Arguments: " + c.Usage
			}
			options = append(options, kong.DynamicCommand(c.Name, help, "", &pluginCommand{plugin: p.Manifest().ID, command: c}))
		}
	}
	return options
}
