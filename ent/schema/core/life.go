package core

// OnDelete says what becomes of an entity's rows when the user who owns them,
// or the organization they belong to, is erased.
type OnDelete string

// The ways to end.
const (
	// Cascade removes the row.
	Cascade OnDelete = "cascade"
	// Blank keeps the row and empties its personal and secret fields. The owner's id
	// stays unless a foreign key holds it: it names nobody any more, and what one
	// person did can still be told from what another did.
	Blank OnDelete = "blank"
	// Keep leaves the row as it is. It is the default.
	Keep OnDelete = "keep"
)

// Life is the data life of an entity: who may reach it, what it holds of a
// person, and how it ends. Export, erasure, search, the recycle bin, backups
// and tenant-bound access read it; nothing is declared twice. Fields are named
// by their schema names (user_id).
type Life struct {
	// Tenant is the field that holds the organization's id, or "id" for the
	// organization itself. It must be immutable. An entity with a tenant is
	// reached only through an access bound to one organization, or explicitly
	// through the platform's. A NULL tenant is the platform's.
	Tenant string `json:"tenant,omitempty"`
	// Owner is the field that holds the id of the user the row is about, or
	// "id" for the user.
	Owner string `json:"owner,omitempty"`
	// Search lists the fields whose text finds the row.
	Search []string `json:"search,omitempty"`
	// Personal lists the fields that say something about a person.
	Personal []string `json:"personal,omitempty"`
	// Secret lists the fields that are never shown, exported or logged.
	Secret []string `json:"secret,omitempty"`
	// Export puts the rows of a user into the user's data export.
	Export bool `json:"export,omitempty"`
	// OnDelete says how the rows end with their owner or tenant.
	OnDelete OnDelete `json:"onDelete,omitempty"`
	// Bin keeps deleted rows restorable for a while.
	Bin bool `json:"bin,omitempty"`
}

// Name keys the annotation in a loaded schema.
func (Life) Name() string { return "Life" }
