// Command gatehouse is an authentication and organization server: one program that
// serves, migrates, backs up and administers itself.
package main

import (
	"context"
	"os"
	"time"

	"gatehouse/handlers/builtin"
	"gatehouse/handlers/cli"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
	"gatehouse/plugins/organization"
)

// features is the list of plugins of this build, in running order. The setting
// plugins.enabled chooses from it.
func features() []plugins.Plugin {
	return []plugins.Plugin{
		admin.New(admin.Options{}),
		organization.New(organization.Options{}),
		apikey.New(apikey.Options{}),
		bearer.New(),
		openapi.New(),
	}
}

func main() {
	time.Local = time.UTC // stored and shown times must not depend on the machine
	list := features()
	program := cli.Program{BuiltIn: builtin.Parts(list...), Plugins: list,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ()}
	os.Exit(program.Run(context.Background(), os.Args[1:]))
}
