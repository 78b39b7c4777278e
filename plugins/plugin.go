// Package plugins is the contract between the server and its features: what a plugin
// may contribute, when it is asked, and what the host gives it.
//
// A plugin is identity plus data. Manifest says who it is before anything runs;
// Contribute is called once at start, with the host's services at hand, and returns
// everything else as values. Nothing is registered by side effects, so two servers in
// one process do not meet. The built-in parts of the server are contributions of the
// same contract.
package plugins

import (
	"context"
	"io/fs"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
)

// Plugin is one feature of the server.
type Plugin interface {
	// Manifest identifies the plugin. It is called before settings are read and must
	// not depend on them.
	Manifest() Manifest
	// Contribute returns what the plugin adds. It is called once, after settings are
	// read and before the server serves; it must not block or touch the database.
	Contribute(*Host) (Contribution, error)
}

// Manifest is what is known of a plugin without running it.
type Manifest struct {
	ID       string     // lower case with dashes, unique; the wire's name where there is one
	Name     words.Text // for people
	Sentence words.Text // what it does, one sentence
	// BuiltIn parts are always on and not in the operator's list.
	BuiltIn bool
	// Settings are the plugin's own option sections.
	Settings []settings.Group
	// Needs are other plugins whose offers it uses.
	Needs []Need
	// Commands are joined to the command line.
	Commands []Command
	// Words are the translations of the plugin's texts: files <language>.toml or
	// <language>/*.toml, keys in English (package words). The command
	// go run ./e2e/words lists what is missing.
	Words fs.FS
}

// Need names another plugin. A required one that is not enabled stops the start.
type Need struct {
	Plugin   string
	Required bool
	For      words.Text // what it is needed for
}

// Prerequisite is something outside the plugin that it cannot do without. Check runs
// on each look at the readiness page; it returns nil or the reason in words.
type Prerequisite struct {
	Name  words.Text
	Check func(context.Context) error
	Fix   words.Text // what to do, naming the setting
}

// Command is a sub-command of the program.
type Command struct {
	Name  string
	Help  string
	Usage string // arguments, e.g. "USER [--dry-run]"
	// Run gets the host of a server that is built and migrated but does not listen.
	Run func(context.Context, *Host, []string) error
}
