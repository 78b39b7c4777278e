package admin

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
)

// Config are the settings of the plugin (better-auth admin 2).
type Config struct {
	_ struct{} `title:"Administration" help:"Roles, bans and impersonation." area:"people"`

	DefaultRole               string          `setting:"default_role" label:"Role of new people" help:"Also of people who have none" check:"required;max=64"`
	DefaultBanReason          string          `setting:"default_ban_reason" label:"Default reason of a ban" help:"Stands where no reason is given" level:"console" check:"max=500"`
	DefaultBanExpiresIn       time.Duration   `setting:"default_ban_expires_in" label:"Default length of a ban" help:"Counts where no length is given; 0s is for ever" level:"console" check:"min=0s"`
	BannedUserMessage         string          `setting:"banned_user_message" label:"Message to banned people" help:"What they are told at sign-in" level:"console" check:"required;max=500"`
	ImpersonationExpiresIn    time.Duration   `setting:"impersonation_expires_in" label:"Longest impersonation" help:"How long a session in another person's name lasts at most" level:"console" check:"min=1m;max=1h"`
	AllowImpersonatingAdmins  bool            `setting:"allow_impersonating_admins" label:"Impersonation of administrators" help:"Let everyone who may impersonate do so with administrators of no higher rank" advanced:"true"`
	ImpersonationWrites       bool            `setting:"impersonation_writes" label:"Changes while impersonating" help:"Let sessions in another person's name change things through the API, as better-auth does; on pages only those who may change things do" level:"console"`
	NewTokenAfterImpersonated bool            `setting:"new_token_after_impersonation" label:"New token after an impersonation" help:"Give the administrator a new session token when an impersonation ends" advanced:"true"`
	ProtectAdministrators     bool            `setting:"protect_administrators" label:"Protection of administrators" help:"Keep people from acting on those of higher rank, and the last administrator in place"`
	AdminUserIDs              []string        `setting:"admin_user_ids" label:"People with every permission" help:"Ids of people who may do everything, whatever their role" advanced:"true"`
	InvitationExpiresIn       time.Duration   `setting:"invitation_expires_in" label:"Invitation is valid for" help:"How long an invitation to the server works" level:"console" check:"min=1h;max=30d"`
	Roles                     map[string]Role `setting:"roles" label:"Further roles" help:"Roles besides the built-in ones, or other scopes for one that exists, by name" advanced:"true"`
}

// Role is a role that the operator defines.
type Role struct {
	Scopes []string `setting:"scopes" help:"What holders may do, such as user:list"`
}

// Longest and shortest values that are no settings.
const (
	maxRoleName = 64
	maxReason   = 1000
)

// bannedMessage is what a banned person is told where no setting says otherwise
// (better-auth admin 7).
const bannedMessage words.Text = "You have been banned from this application. Please contact support if you believe this is an error."

func defaults() Config {
	return Config{
		DefaultRole:               RoleUser,
		DefaultBanReason:          "No reason",
		BannedUserMessage:         string(bannedMessage),
		ImpersonationExpiresIn:    time.Hour,
		NewTokenAfterImpersonated: true,
		ProtectAdministrators:     true,
		InvitationExpiresIn:       7 * 24 * time.Hour,
	}
}

// Check refuses role names that the comma-separated text of a user cannot hold.
func (c *Config) Check() error {
	var problems []error
	name := regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
	for _, r := range slices.Sorted(maps.Keys(c.Roles)) {
		if !name.MatchString(r) || len(r) > maxRoleName {
			problems = append(problems, settings.Invalid("roles."+r, "is not a valid name for a role", "use lower-case letters, digits, - and _, a letter first"))
		}
	}
	if !name.MatchString(c.DefaultRole) {
		problems = append(problems, settings.Invalid("default_role", "is not a valid name for a role", "name one role"))
	}
	return errors.Join(problems...)
}
