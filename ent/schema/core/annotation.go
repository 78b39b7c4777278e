package core

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
)

// Owner marks what a plugin brought: a field or index it adds to an entity of
// somebody else, or an entity of its own. Unmarked means the core.
type Owner struct {
	Plugin string `json:"plugin"`
}

// Name keys the annotation in a loaded schema.
func (Owner) Name() string { return "Owner" }

// From marks every field and edge of a plugin's mixin as that plugin's. The generator
// writes the call; schemas do not use it.
func From(plugin string, mixin ent.Mixin) ent.Mixin {
	return owned{Mixin: mixin, owner: Owner{Plugin: plugin}}
}

type owned struct {
	ent.Mixin
	owner Owner
}

// Fields returns the fields of the mixin, each with its owner.
func (o owned) Fields() []ent.Field {
	fields := o.Mixin.Fields()
	marked := make([]ent.Field, len(fields))
	for i, f := range fields {
		desc := f.Descriptor()
		desc.Annotations = append(desc.Annotations, o.owner)
		marked[i] = described{desc}
	}
	return marked
}

// Edges returns the edges of the mixin, each with its owner.
func (o owned) Edges() []ent.Edge {
	edges := o.Mixin.Edges()
	for _, e := range edges {
		desc := e.Descriptor()
		desc.Annotations = append(desc.Annotations, o.owner)
	}
	return edges
}

type described struct{ desc *field.Descriptor }

func (d described) Descriptor() *field.Descriptor { return d.desc }

// Wire says how the wire encoder treats a field. The zero value is the default:
// shown under its column's name.
type Wire struct {
	// Hidden leaves the field out.
	Hidden bool `json:"hidden,omitempty"`
	// Reserved keeps the field's place in the order and shows the empty string
	// until the caller sets what may be seen. It is for secrets whose stored
	// form must not leave the server.
	Reserved bool `json:"reserved,omitempty"`
	// Key replaces the column's name.
	Key string `json:"key,omitempty"`
}

// Name keys the annotation in a loaded schema.
func (Wire) Name() string { return "Wire" }

// ReadBack marks an entity whose wire object is read in again, as the cookie cache does
// with sessions and their users: it gets the method ReadWire.
type ReadBack struct {
	Marked bool `json:"marked"`
}

// Name implements schema.Annotation.
func (ReadBack) Name() string { return "ReadBack" }

// Hidden leaves a field out of the wire object. It is stored and typed as any
// other.
func Hidden() schema.Annotation { return Wire{Hidden: true} }
