package plugins

import (
	"context"
	"time"

	"gatehouse/auth/words"
)

// Invitation is an invitation as the person sees it who opened its link.
type Invitation struct {
	Email, Name string
	Inviter     string // may be empty
	To          string // organization; empty is the server
	Role        words.Text
	ExpiresAt   time.Time
	// Known says that a user with the address exists.
	Known bool
	// Declinable ones can be declined by the signed-in person.
	Declinable bool
}

// UsedInvitations is what offers of Invitations may be besides.
type UsedInvitations interface {
	// JoinedBy is the organization of which the signed-in person became a member by a used
	// invitation and still is one; nil for everybody else, and for other tokens.
	JoinedBy(c *Call, token string) (*Organization, error)
}

// Invitations is offered by every plugin that has links to /accept-invitation/<token>. A
// token is one plugin's only.
type Invitations interface {
	// Invitation finds a pending invitation; nil when unknown, used, cancelled or expired.
	// Opening it changes nothing (SEC-095).
	Invitation(ctx context.Context, token string) (*Invitation, error)
	// AcceptInvitation uses it once. With a password it makes the invited person, who has
	// no account yet; without one it is for the signed-in person of the invited address.
	AcceptInvitation(c *Call, token, name, password string) error
	// DeclineInvitation is for the signed-in person of the invited address.
	DeclineInvitation(c *Call, token string) error
}
