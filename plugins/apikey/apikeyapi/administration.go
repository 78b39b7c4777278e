package apikeyapi

import (
	"context"
	"time"
)

// Administration are the acts of the command line, found with plugins.Offer. They judge the
// principal of the context; keys for others are made by the command line alone.
type Administration interface {
	// ListKeys returns up to limit keys, the newest first; with search those it finds, with an
	// owner those of that one.
	ListKeys(ctx context.Context, search string, of Owner, limit int) ([]Key, error)
	// CreateKey makes a key and returns its secret, which nobody can read later.
	CreateKey(ctx context.Context, n NewKey) (secret string, k Key, err error)
	SetKeyEnabled(ctx context.Context, id string, enabled bool) error
	DeleteKey(ctx context.Context, id string) error
}

// Owner names who owns keys; at most one field is set, none is everybody.
type Owner struct {
	User           string // address or id
	Organization   string // short name or id
	ServiceAccount string // id
}

// NewKey is a key to be made.
type NewKey struct {
	Owner Owner
	// Kind is an entry of api_key.configurations; empty is the first one for such owners.
	Kind, Name string
	// Permissions are written resource:action; none are those of the kind, and for a service
	// account all that it has.
	Permissions []string
	Life        time.Duration // 0: that of the kind
}

// Key is a key in lists of the command line.
type Key struct {
	ID, Name, Start, Kind string
	OwnerKind             string // "user", "organization", "service-account"
	OwnerID, OwnerName    string
	OrganizationID        string // empty for keys of people and of the platform
	State                 string // "active", "replaced", "used-up", "disabled", "over"
	Permissions           []string
	CreatedAt             time.Time
	ExpiresAt, LastUsedAt *time.Time
}
