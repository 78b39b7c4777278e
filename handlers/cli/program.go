// Package cli is the command line of the server: one program that serves, migrates,
// backs up, restores and administers. Every setting is a flag of every command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/plugins"
)

// Exit codes of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Program is a build of the server: its parts, and where it reads and writes.
type Program struct {
	BuiltIn []plugins.Plugin
	Plugins []plugins.Plugin

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // NAME=value
}

// Run runs the command that args name and returns the exit code: 0 done, 1 failed,
// 2 wrong use.
func (p Program) Run(ctx context.Context, args []string) (code int) {
	a := &app{Program: p, core: settings.NewCore()}
	a.log = slog.New(slog.NewTextHandler(p.Stderr, nil))
	a.groups = append(a.core.Groups(), plugins.Groups(p.BuiltIn)...)
	a.groups = append(a.groups, plugins.Groups(p.Plugins)...)
	var rest []string
	a.args, rest = settings.SplitArgs(args, a.groups...)
	defer func() {
		if v := recover(); v != nil {
			leave, ok := v.(exit)
			if !ok {
				panic(v)
			}
			code = int(leave)
		}
	}()
	command, err := a.parse(ctx, rest)
	if err != nil {
		fmt.Fprintf(p.Stderr, "gatehouse: %v\nRun 'gatehouse --help' for the commands.\n", err)
		return exitUsage
	}
	return a.report(command.Run())
}

// exit ends parsing after a help text was shown.
type exit int

func (a *app) parse(ctx context.Context, args []string) (*kong.Context, error) {
	var g grammar
	options := []kong.Option{
		kong.Name("gatehouse"), kong.Description(description),
		kong.Writers(a.Stdout, a.Stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(a),
	}
	parser, err := kong.New(&g, append(options, a.pluginCommands()...)...)
	if err != nil {
		return nil, err
	}
	if err := a.unknownFlag(parser.Model.Node, args); err != nil {
		return nil, err
	}
	return parser.Parse(args)
}

const description = `An authentication and organization server.

Every setting can be given as a flag (--url=https://auth.example.com), as a variable
(GATEHOUSE_URL) or in the file gatehouse.toml; "gatehouse config docs" lists them all.`

// report prints what went wrong and gives the exit code.
func (a *app) report(err error) int {
	var wrong *usage
	var problems settings.Problems
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errSilent):
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintf(a.Stderr, "gatehouse: %v\n", err)
		return exitUsage
	case errors.As(err, &problems):
		fmt.Fprintln(a.Stderr, "gatehouse: the configuration has problems:")
		for _, p := range problems {
			fmt.Fprintln(a.Stderr, "  "+p.Error())
		}
		return exitFailed
	}
	fmt.Fprintf(a.Stderr, "gatehouse: %s\n", words(err))
	return exitFailed
}

// errSilent fails a command that has said already what is wrong.
var errSilent = errors.New("failed")

// usage is a command that was called wrongly.
type usage struct{ text string }

func (u *usage) Error() string { return u.text }

func wrongUse(format string, args ...any) error { return &usage{fmt.Sprintf(format, args...)} }

// refusal is an error of a service with what was typed.
type refusal struct {
	about string
	err   error
}

func refused(about string, err error) error {
	if err == nil || about == "" {
		return err
	}
	return &refusal{about, err}
}

func (r *refusal) Error() string { return oneLine(r.about) + ": " + words(r.err) }
func (r *refusal) Unwrap() error { return r.err }

// words is the text of an error for the person at the terminal.
func words(err error) string {
	var about *refusal
	if errors.As(err, &about) {
		return about.Error()
	}
	var known *auth.Error
	if !errors.As(err, &known) || known.Message == "" {
		return err.Error()
	}
	text := known.Message.English()
	for _, field := range known.Fields {
		if field != known.Message {
			text += "; " + field.English()
		}
	}
	if known.Cause != nil {
		text += ": " + known.Cause.Error()
	}
	return text
}
