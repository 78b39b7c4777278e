// Package builtin lists the parts of the server that are always on. They contribute
// through the same contract as plugins.
package builtin

import (
	"gatehouse/handlers/account"
	"gatehouse/handlers/api"
	"gatehouse/handlers/console"
	"gatehouse/handlers/core"
	"gatehouse/handlers/health"
	"gatehouse/handlers/pages"
	"gatehouse/plugins"
)

// Parts returns new values of the built-in parts, in running order. build is the list of
// plugins of the program, for the page that shows them.
func Parts(build ...plugins.Plugin) []plugins.Plugin {
	return []plugins.Plugin{
		core.New(),
		pages.New(),
		account.New(),
		api.New(),
		console.New(build...),
		health.New(),
	}
}
