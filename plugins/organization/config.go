package organization

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"gatehouse/auth/settings"
)

// Config are the settings of the plugin (better-auth organization 3).
type Config struct {
	_ struct{} `title:"Organizations" help:"Who makes organizations, how large they become, and what their roles give." area:"organizations"`

	AllowCreate         bool          `setting:"allow_create" label:"People make organizations" help:"Let everybody who is signed in make organizations; administrators always may" level:"console"`
	Limit               int           `setting:"limit" label:"Organizations of a person" help:"In how many a person may be before they can make no more; 0 is any number" level:"console" check:"min=0;max=10000"`
	MemberLimit         int           `setting:"member_limit" label:"Members of an organization" help:"How many members an organization may have; administrators may set another number for one" level:"console" check:"min=1;max=10000000"`
	InvitationExpiresIn time.Duration `setting:"invitation_expires_in" label:"Invitation is valid for" help:"How long an invitation to an organization works" level:"console" check:"min=1m;max=90d"`
	InvitationLimit     int           `setting:"invitation_limit" label:"Open invitations of an organization" help:"How many invitations may be open at a time; 0 lets nobody invite" level:"console" check:"min=0;max=1000000"`
	CancelOnInvite      bool          `setting:"cancel_on_invite" label:"A new invitation replaces the former" help:"Invite an address again that has an open invitation, which is cancelled" level:"console"`
	VerifiedInvitations bool          `setting:"verified_invitations" label:"Invitations need a verified address" help:"Let people accept, reject and see an invitation only once their address is verified" level:"console"`
	Deletion            bool          `setting:"deletion" label:"Deletion by owners" help:"Let those who may delete their organization; administrators always may" level:"console"`
	MembersSeeMembers   bool          `setting:"members_see_members" label:"Members see each other" help:"Show every member the people and teams of the organization, whatever their role" level:"console"`
	CreatorRole         string        `setting:"creator_role" label:"Role of the owner" help:"The role of who makes an organization; only its holders give it and take it away" advanced:"true" check:"required;max=64"`

	Teams        Teams        `setting:"teams"`
	DynamicRoles DynamicRoles `setting:"dynamic_roles"`

	Permissions map[string]Permission `setting:"permissions" label:"Permissions of your apps" help:"Resources of your apps that roles of organizations may give, with their actions, by name" advanced:"true"`
	Roles       map[string]Role       `setting:"roles" label:"Further roles" help:"Roles of every organization besides owner, admin and member, or other permissions for one of these, by name" advanced:"true"`

	SessionFollows bool `setting:"session_follows" label:"The session follows at once" help:"Send the cookies of a session again when its active organization or team changes, and leave no team active when the organization changes; better-auth does neither" advanced:"true"`
	PlainLinks     bool `setting:"plain_links" label:"Plain links to invitations" help:"Mail the link to an invitation without the proof that verifies the address of a new account, as better-auth does; the address is verified by a further mail then" advanced:"true"`
	ShowSeats      bool `setting:"show_seats" label:"Show the seats of teams" help:"Show how many people are in a team in the answer of get-full-organization, as better-auth does" advanced:"true"`

	SessionRoles bool `setting:"session_roles" label:"Roles in the session" help:"Add roles and permissions in the active organization to the answer of get-session" advanced:"true"`

	Fields           map[string]settings.AdditionalField `setting:"fields" label:"Additional fields of organizations" help:"Fields besides the built-in ones, by name" advanced:"true"`
	MemberFields     map[string]settings.AdditionalField `setting:"member_fields" label:"Additional fields of members" help:"Fields besides the built-in ones, by name" advanced:"true"`
	InvitationFields map[string]settings.AdditionalField `setting:"invitation_fields" label:"Additional fields of invitations" help:"Fields besides the built-in ones, by name" advanced:"true"`
	TeamFields       map[string]settings.AdditionalField `setting:"team_fields" label:"Additional fields of teams" help:"Fields besides the built-in ones, by name" advanced:"true"`
	RoleFields       map[string]settings.AdditionalField `setting:"role_fields" label:"Additional fields of roles" help:"Fields besides the built-in ones, by name" advanced:"true"`
}

// Teams are parts of an organization.
type Teams struct {
	Enabled           bool `setting:"enabled" label:"Teams" help:"Organizations have teams"`
	Default           bool `setting:"default" label:"A first team" help:"A new organization begins with a team of its own name" level:"console"`
	Limit             int  `setting:"limit" label:"Teams of an organization" help:"How many teams an organization may have; 0 is any number" level:"console" check:"min=0;max=1000000"`
	MemberLimit       int  `setting:"member_limit" label:"Members of a team" help:"How many people a team may have; 0 is any number" level:"console" check:"min=0;max=10000000"`
	AllowRemovingLast bool `setting:"allow_removing_last" label:"The last team may be removed" help:"Let an organization be without a team" level:"console"`
}

// DynamicRoles are roles that organizations make for themselves.
type DynamicRoles struct {
	Enabled bool `setting:"enabled" label:"Own roles" help:"Organizations make roles of their own"`
	Limit   int  `setting:"limit" label:"Own roles of an organization" help:"How many an organization may make; 0 is any number" level:"console" check:"min=0;max=1000000"`
}

// Permission is a resource of an app.
type Permission struct {
	Actions []string `setting:"actions" help:"What can be done with it, such as create and read"`
}

// Role is a role of every organization that the operator defines.
type Role struct {
	Scopes []string `setting:"scopes" help:"What holders may do, such as project:create"`
}

func defaults() Config {
	return Config{AllowCreate: true, MemberLimit: 100, InvitationExpiresIn: 48 * time.Hour, InvitationLimit: 100, Deletion: true,
		MembersSeeMembers: true, CreatorRole: RoleOwner, SessionFollows: true,
		Teams: Teams{Enabled: true, Default: true}, DynamicRoles: DynamicRoles{Enabled: true}}
}

var permissionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// Check refuses names that the comma-separated text of a member, or the exported form of a
// scope, cannot hold (better-auth organization 13, D-13).
func (c *Config) Check() error {
	var problems []error
	for _, r := range slices.Sorted(maps.Keys(c.Roles)) {
		if !goodRoleName(r) || strings.HasPrefix(r, "organization:") {
			problems = append(problems, settings.Invalid("roles."+r, "is not a valid name for a role", "use a name without commas and blanks at its ends"))
		}
	}
	if !goodRoleName(c.CreatorRole) {
		problems = append(problems, settings.Invalid("creator_role", "is not a valid name for a role", "name one role"))
	}
	for _, resource := range slices.Sorted(maps.Keys(c.Permissions)) {
		if !permissionName.MatchString(resource) || resource == "platform" {
			problems = append(problems, settings.Invalid("permissions."+resource, "is not a valid name for a resource", "use letters, digits, -, _ and ., a letter first, and not platform"))
		}
		for _, action := range c.Permissions[resource].Actions {
			if !permissionName.MatchString(action) {
				problems = append(problems, settings.Invalid("permissions."+resource+".actions", "holds a name that is not valid", "use letters, digits, -, _ and ., a letter first"))
			}
		}
	}
	return errors.Join(problems...)
}
