// Package schema adds to an entity that is not there.
package schema

import "entgo.io/ent/schema/mixin"

// NothingMixin adds to nothing.
type NothingMixin struct{ mixin.Schema }
