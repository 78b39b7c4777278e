// Package adminapi is what the admin plugin offers to other parts of the server: the
// first administrator, and the acts of the command line.
// Find it with plugins.Offer[adminapi.Administration]; it is absent when the plugin is
// off.
package adminapi

import (
	"context"
	"time"

	"gatehouse/auth"
)

// Administration is offered by the admin plugin. Acts on people judge the principal of
// the context, as everywhere.
type Administration interface {
	Bootstrap
	People
}

// Bootstrap makes the first administrator (decisions 44, 62).
type Bootstrap interface {
	// HasAdministrator reports whether an owner or admin exists.
	HasAdministrator(ctx context.Context) (bool, error)
	// EnsureAdministrator creates the administrator of the configuration while none
	// exists. A user who already has the address is an error; nobody is promoted.
	EnsureAdministrator(ctx context.Context, email, password, role string) error
	// NewClaimLink returns a fresh claim URL and voids earlier ones. Without further it
	// returns "" when an administrator exists.
	NewClaimLink(ctx context.Context, further bool) (string, error)
	// ClaimOpen reports whether a claim token is good; it does not use it.
	ClaimOpen(ctx context.Context, token string) (bool, error)
	// Claim uses the token once and creates an administrator with the owner role.
	Claim(ctx context.Context, c Claim) (userID string, err error)
}

// Claim is what the claim page asks.
type Claim struct {
	Token, Name, Email, Password string
	// OpenSignUp lets anyone make an account; false is "only people I invite". Nil
	// leaves the setting as it is.
	OpenSignUp *bool
}

// Person is a user in lists of the command line.
type Person struct {
	ID, Name, Email string
	Roles           []string
	Banned          bool
	EmailVerified   bool
	CreatedAt       time.Time
}

// People are the acts of the command line. user is an id or an address.
type People interface {
	ListPeople(ctx context.Context, search string, limit int) ([]Person, error)
	CreatePerson(ctx context.Context, name, email, password string, roles []string, verified bool) (Person, error)
	SetPersonPassword(ctx context.Context, user, password string) error
	SetPersonRoles(ctx context.Context, user string, roles []string) error
	BanPerson(ctx context.Context, user, reason string, life time.Duration) error
	UnbanPerson(ctx context.Context, user string) error
	EndPersonSessions(ctx context.Context, user string) (int, error)
}

// CommandLine is the principal of the command line: it outranks everyone, and its acts
// are recorded under its name.
func CommandLine(scopes *auth.Catalogue, at time.Time) *auth.Principal {
	var grants []auth.Grant
	for _, s := range scopes.Scopes() {
		grants = append(grants, auth.Grant{Scope: s.Name(), Source: auth.Source{Plugin: "admin", Kind: "command-line", Name: "command line"}})
	}
	return auth.NewPrincipal(auth.Principal{Subject: auth.CommandLineSubject, Scheme: auth.CommandLineSubject, Name: "command line"}, grants, at)
}
