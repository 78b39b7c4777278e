// Package organizationapi is what the organization plugin offers to other parts of the
// server: Directory, found with plugins.Offer, and Hooks, which other plugins offer to
// take part in what happens to organizations.
package organizationapi

import (
	"context"
	"strings"
	"time"

	"gatehouse/auth"
)

// Directory tells other plugins of roles and their holders. None of its methods asks who
// may know.
type Directory interface {
	// Hold keeps an organization from being changed or deleted until a transaction ends, for
	// what is stored as its own without a foreign key; false when it is not there. It comes
	// first in the transaction, as the organization's own commands lock it first.
	Hold(ctx context.Context, tx *auth.Tx, org string) (bool, error)
	// Grants are what roles give in an organization from start to end (zero: open): the
	// roles of every organization united with those it made for itself. Unknown names give
	// nothing.
	Grants(ctx context.Context, org string, roles []string, start, end time.Time) ([]auth.Grant, error)
	// Member reports whether a person is a member of an organization now, whatever their
	// roles give.
	Member(ctx context.Context, org, user string) (bool, error)
	// Creator reports whether a person holds the creator's role in an organization now.
	Creator(ctx context.Context, org, user string) (bool, error)
	// CreatorRole is the role that only its holders give and take away; it is an
	// organization's owner, and no service account or key may have it.
	CreatorRole() string
	// Roles are the roles that people may have in an organization, the widest first.
	Roles(ctx context.Context, org string) ([]Role, error)
	// Unknown returns those of some role names that an organization does not have.
	Unknown(ctx context.Context, org string, roles []string) ([]string, error)
	// MayGive reports whether the principal of the context may give somebody roles in an
	// organization: it holds all that they give, and only owners give the creator's role.
	MayGive(ctx context.Context, org string, roles []string, until time.Time) (bool, error)
}

// Role is a role in an organization.
type Role struct {
	Name    string
	Scopes  []string // sorted
	Own     bool     // the organization made it for itself
	Creator bool
}

// Hooks take part in what happens to organizations (better-auth organization 8). Those
// named Before run in the transaction of the command: they may change the value and, with
// an error, end the command, which leaves no trace. Those named After run when it is done:
// an error is the answer, what was done stays.
type Hooks struct {
	BeforeCreateOrganization []auth.On[*NewOrganization]
	AfterCreateOrganization  []auth.On[*Happened]
	BeforeUpdateOrganization []auth.On[*OrganizationChange]
	AfterUpdateOrganization  []auth.On[*Happened]
	BeforeDeleteOrganization []auth.On[*Happened]
	AfterDeleteOrganization  []auth.On[*Happened]

	// BeforeAddMember and AfterAddMember run for the creator and for members that are
	// added; not for those who accept an invitation.
	BeforeAddMember        []auth.On[*NewMember]
	AfterAddMember         []auth.On[*Happened]
	BeforeRemoveMember     []auth.On[*Happened]
	AfterRemoveMember      []auth.On[*Happened]
	BeforeUpdateMemberRole []auth.On[*RoleChange]
	AfterUpdateMemberRole  []auth.On[*RoleChange]

	BeforeCreateInvitation []auth.On[*NewInvitation]
	AfterCreateInvitation  []auth.On[*Happened]
	BeforeAcceptInvitation []auth.On[*Happened]
	AfterAcceptInvitation  []auth.On[*Happened]
	BeforeRejectInvitation []auth.On[*Happened]
	AfterRejectInvitation  []auth.On[*Happened]
	BeforeCancelInvitation []auth.On[*Happened]
	AfterCancelInvitation  []auth.On[*Happened]

	BeforeCreateTeam       []auth.On[*NewTeam]
	AfterCreateTeam        []auth.On[*Happened]
	BeforeUpdateTeam       []auth.On[*TeamChange]
	AfterUpdateTeam        []auth.On[*Happened]
	BeforeDeleteTeam       []auth.On[*Happened]
	AfterDeleteTeam        []auth.On[*Happened]
	BeforeAddTeamMember    []auth.On[*Happened]
	AfterAddTeamMember     []auth.On[*Happened]
	BeforeRemoveTeamMember []auth.On[*Happened]
	AfterRemoveTeamMember  []auth.On[*Happened]

	// RoleUsed is asked who has a role: before one that an organization made for itself is
	// removed, and before one gets a name that another had.
	RoleUsed []auth.On[*RoleUse]
	// RoleRenamed carries a new name of a role to those who have it.
	RoleRenamed []auth.On[*RoleName]

	// Gone is told, in the transaction, of an organization that is being deleted: what no
	// foreign key removes goes with it. Its members are still there.
	Gone []auth.On[*GoneOrganization]
	// Left is told, in the transaction, of a membership that ends, whatever the reason but
	// the end of the organization or the person.
	Left []auth.On[*LeftMember]
}

// Happened is what a hook is told: the parts that the act concerns, nil where it concerns
// none.
type Happened struct {
	Tx           *auth.Tx // nil when the act is done
	Organization Organization
	Member       *Member
	User         *User // whom the act concerns; who acts is the principal of the context
	Invitation   *Invitation
	Team         *Team
	TeamMember   *TeamMember
}

// RoleName is a role of an organization that has a new name.
type RoleName struct {
	Tx             *auth.Tx
	OrganizationID string
	Before, After  string
}

// In is a stored text of roles with the new name in the place of the old one.
func (r *RoleName) In(text string) string {
	roles := auth.SplitRoles(text)
	for i, name := range roles {
		if name == r.Before {
			roles[i] = r.After
		}
	}
	return strings.Join(roles, ",")
}

// RoleUse is whether somebody has a role. Who knows somebody besides members sets Used.
type RoleUse struct {
	Tx             *auth.Tx
	OrganizationID string
	Role           string
	Used           bool
}

// NewOrganization is an organization about to be stored. Everything may be changed.
type NewOrganization struct {
	Tx       *auth.Tx
	ID       string // empty: made
	Name     string
	Slug     string
	Logo     *string
	Metadata map[string]any // nil: none
	Fields   map[string]any
	User     User // the creator
}

// OrganizationChange is a change about to be stored; nil stays as it is.
type OrganizationChange struct {
	Tx           *auth.Tx
	Organization Organization // before
	Name, Slug   *string
	Logo         *string
	ClearLogo    bool
	Metadata     map[string]any
	Fields       map[string]any
}

// NewMember is a membership about to be stored. Role and Fields may be changed.
type NewMember struct {
	Tx           *auth.Tx
	Organization Organization
	User         User
	Role         string
	Fields       map[string]any
}

// RoleChange is a change of a member's roles. NewRole may be changed before it is stored.
type RoleChange struct {
	Tx           *auth.Tx // nil when it is done
	Organization Organization
	Member       Member
	User         User
	// PreviousRole and NewRole hold names with commas between them.
	PreviousRole, NewRole string
}

// NewInvitation is an invitation about to be stored. All but the organization may be
// changed.
type NewInvitation struct {
	Tx           *auth.Tx
	Organization Organization
	ID           string // empty: made
	Email        string
	Role         string
	TeamIDs      []string
	ExpiresAt    time.Time
	Fields       map[string]any
}

// NewTeam is a team about to be stored. All but the organization may be changed.
type NewTeam struct {
	Tx           *auth.Tx
	Organization Organization
	ID           string // empty: made
	Name         string
	Fields       map[string]any
}

// TeamChange is a change of a team about to be stored; nil stays as it is.
type TeamChange struct {
	Tx           *auth.Tx
	Organization Organization
	Team         Team
	Name         *string
	Fields       map[string]any
}

// GoneOrganization is an organization that is being deleted.
type GoneOrganization struct {
	Tx *auth.Tx
	ID string
}

// LeftMember is a membership that ends.
type LeftMember struct {
	Tx                   *auth.Tx
	Organization, UserID string
}

// Organization is an organization as hooks see it.
type Organization struct {
	ID, Name, Slug string
	Logo           *string
	Metadata       *string // text of a JSON object
	CreatedAt      time.Time
	Fields         map[string]any // additional fields
}

// Member is a membership.
type Member struct {
	ID, OrganizationID, UserID string
	Role                       string // names with commas between them
	CreatedAt                  time.Time
	Fields                     map[string]any
}

// Invitation is an invitation.
type Invitation struct {
	ID, OrganizationID, Email, Role string
	TeamIDs                         []string
	Status                          string // "pending", "accepted", "rejected", "canceled"
	ExpiresAt, CreatedAt            time.Time
	InviterID                       string // empty: no person
	Fields                          map[string]any
}

// Team is a team.
type Team struct {
	ID, OrganizationID, Name string
	CreatedAt                time.Time
	Fields                   map[string]any
}

// TeamMember is a place in a team.
type TeamMember struct{ ID, TeamID, UserID string }

// User is a person.
type User struct {
	ID, Name, Email string
	Image           *string
}
