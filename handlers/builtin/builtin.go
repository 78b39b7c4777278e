// Package builtin lists the parts of the server that are always on. They contribute
// through the same contract as plugins.
package builtin

import (
	"gatehouse/handlers/core"
	"gatehouse/handlers/health"
	"gatehouse/plugins"
)

// Parts returns new values of the built-in parts, in running order.
func Parts() []plugins.Plugin {
	return []plugins.Plugin{
		core.New(),
		health.New(),
	}
}
