// Command gen assembles the entities of the core and of all plugins and writes
// the ent client from them. It runs in the folder of the ent package.
package main

import (
	"fmt"
	"os"
)

func main() {
	err := generate(layout{
		root:    ".",
		module:  "gatehouse/ent",
		core:    "gatehouse/ent/schema/core",
		plugins: []string{"../plugins/.../schema"},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// layout says where the schemas are and where the client goes.
type layout struct {
	// root is the folder of the ent package, which is also the working folder.
	root string
	// module is the import path of that folder.
	module string
	// core is the import path of the core's schemas.
	core string
	// plugins are package patterns of the others'.
	plugins []string
}

// generate runs the steps in order. The assembly is written before the schemas
// are loaded, as loading compiles it.
func generate(l layout) error {
	found, err := scan(l)
	if err != nil {
		return err
	}
	if err := writeAssembly(l, found); err != nil {
		return err
	}
	schemas, err := loadSchemas(l, found)
	if err != nil {
		return err
	}
	if err := writeClient(l, schemas); err != nil {
		return err
	}
	return writeTables(l, schemas)
}
