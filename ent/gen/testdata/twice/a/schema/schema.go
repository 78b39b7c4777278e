// Package schema declares an entity of a name that is taken.
package schema

import "entgo.io/ent"

// Thing is declared twice.
type Thing struct{ ent.Schema }
