// Package builtin lists the parts of the server that are always on. They contribute
// through the same contract as plugins.
package builtin

import (
	"gatehouse/handlers/account"
	"gatehouse/handlers/api"
	"gatehouse/handlers/core"
	"gatehouse/handlers/health"
	"gatehouse/handlers/pages"
	"gatehouse/plugins"
)

// Parts returns new values of the built-in parts, in running order.
func Parts() []plugins.Plugin {
	return []plugins.Plugin{
		core.New(),
		pages.New(),
		account.New(),
		api.New(),
		health.New(),
	}
}
