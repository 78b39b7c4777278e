package routes

import (
	"fmt"
	"testing"

	"gatehouse/handlers/builtin"
	"gatehouse/handlers/servertest"
	"gatehouse/plugins"
	"gatehouse/plugins/admin"
	"gatehouse/plugins/bearer"
	"gatehouse/plugins/openapi"
)

func TestList(t *testing.T) {
	list := []plugins.Plugin{admin.New(admin.Options{}), bearer.New(), openapi.New()}
	rig := servertest.New(t, servertest.Options{BuiltIn: builtin.Parts(list...), Plugins: list})
	for _, p := range rig.Host.Registry.Parts {
		for _, e := range p.Endpoints {
			fmt.Println(e.Method, "/api/auth"+e.Path, "|", e.Access.Who, e.Access.Scope)
		}
		for _, e := range p.Routes {
			fmt.Println(e.Method, e.Path, "|", e.Access.Who, e.Access.Scope)
		}
	}
	fmt.Println(rig.Host.Keys.Sign("abc"))
}
