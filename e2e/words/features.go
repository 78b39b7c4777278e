package main

import (
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/apikey"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
	"gatehouse/plugins/organization"
)

// features are the plugins of the build.
func features() []plugins.Plugin {
	return []plugins.Plugin{admin.New(admin.Options{}), organization.New(organization.Options{}), apikey.New(apikey.Options{}), bearer.New(), openapi.New()}
}
