package main

import (
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
)

// features are the plugins of the build.
func features() []plugins.Plugin {
	return []plugins.Plugin{admin.New(admin.Options{}), bearer.New(), openapi.New()}
}
