package main

import (
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
)

// features are the plugins of the build.
func features() []plugins.Plugin {
	return []plugins.Plugin{admin.New(admin.Options{}), apikey.New(apikey.Options{}), bearer.New(), openapi.New()}
}
