package organization

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Errors of the wire (better-auth organization 11), every code of its table; status is the
// one that most routes use.
var (
	ErrMayNotCreate          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION", "You are not allowed to create a new organization")
	ErrTooManyOrganizations  = auth.E(http.StatusForbidden, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS", "You have reached the maximum number of organizations")
	ErrExists                = auth.E(http.StatusBadRequest, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists")
	ErrSlugTaken             = auth.E(http.StatusBadRequest, "ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken")
	ErrNotFound              = auth.E(http.StatusBadRequest, "ORGANIZATION_NOT_FOUND", "Organization not found")
	ErrNoMember              = auth.E(http.StatusBadRequest, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization")
	ErrMayNotUpdate          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization")
	ErrMayNotDelete          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION", "You are not allowed to delete this organization")
	ErrNoActive              = auth.E(http.StatusBadRequest, "NO_ACTIVE_ORGANIZATION", "No active organization")
	ErrIsMember              = auth.E(http.StatusBadRequest, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", "User is already a member of this organization")
	ErrMemberNotFound        = auth.E(http.StatusBadRequest, "MEMBER_NOT_FOUND", "Member not found")
	ErrRoleNotFound          = auth.E(http.StatusBadRequest, "ROLE_NOT_FOUND", "Role not found")
	ErrMayNotCreateTeam      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM", "You are not allowed to create a new team")
	ErrTeamExists            = auth.E(http.StatusBadRequest, "TEAM_ALREADY_EXISTS", "Team already exists")
	ErrTeamNotFound          = auth.E(http.StatusBadRequest, "TEAM_NOT_FOUND", "Team not found")
	ErrOnlyOwner             = auth.E(http.StatusBadRequest, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER", "You cannot leave the organization as the only owner")
	ErrWithoutOwner          = auth.E(http.StatusBadRequest, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER", "You cannot leave the organization without an owner")
	ErrMayNotRemove          = auth.E(http.StatusUnauthorized, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "You are not allowed to delete this member")
	ErrMayNotInvite          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION", "You are not allowed to invite users to this organization")
	ErrIsInvited             = auth.E(http.StatusBadRequest, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION", "User is already invited to this organization")
	ErrInvitationNotFound    = auth.E(http.StatusBadRequest, "INVITATION_NOT_FOUND", "Invitation not found")
	ErrNotRecipient          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation")
	ErrVerifyToDecide        = auth.E(http.StatusForbidden, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION", "Email verification required before accepting or rejecting invitation")
	ErrVerifyToSee           = auth.E(http.StatusForbidden, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION", "Email verification required to view or list invitations for the session email")
	ErrMayNotCancel          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION", "You are not allowed to cancel this invitation")
	ErrMayNotListInvitations = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS", "You are not allowed to list invitations for this organization")
	ErrInviterGone           = auth.E(http.StatusBadRequest, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION", "Inviter is no longer a member of the organization")
	ErrMayNotInviteWithRole  = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE", "You are not allowed to invite a user with this role")
	ErrFailedInvitation      = auth.E(http.StatusBadRequest, "FAILED_TO_RETRIEVE_INVITATION", "Failed to retrieve invitation")
	ErrTooManyTeams          = auth.E(http.StatusBadRequest, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS", "You have reached the maximum number of teams")
	ErrLastTeam              = auth.E(http.StatusBadRequest, "UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team")
	ErrMayNotUpdateMember    = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member")
	ErrTooManyMembers        = auth.E(http.StatusForbidden, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached")
	ErrMayNotCreateTeams     = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION", "You are not allowed to create teams in this organization")
	ErrMayNotDeleteTeams     = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION", "You are not allowed to delete teams in this organization")
	ErrMayNotUpdateTeam      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM", "You are not allowed to update this team")
	ErrMayNotDeleteTeam      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM", "You are not allowed to delete this team")
	ErrTooManyInvitations    = auth.E(http.StatusForbidden, "INVITATION_LIMIT_REACHED", "Invitation limit reached")
	ErrTeamFull              = auth.E(http.StatusForbidden, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached")
	ErrNotInTeam             = auth.E(http.StatusBadRequest, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team")
	ErrMayNotSeeTeamMembers  = auth.E(http.StatusForbidden, "YOU_CAN_NOT_ACCESS_THE_MEMBERS_OF_THIS_TEAM", "You are not allowed to list the members of this team")
	ErrNoActiveTeam          = auth.E(http.StatusBadRequest, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM", "You do not have an active team")
	ErrMayNotAddToTeam       = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER", "You are not allowed to create a new member")
	ErrMayNotRemoveFromTeam  = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER", "You are not allowed to remove a team member")
	ErrMayNotAccess          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION", "You are not allowed to access this organization as an owner")
	ErrNotMember             = auth.E(http.StatusForbidden, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization")
	ErrMissingAC             = auth.E(http.StatusNotImplemented, "MISSING_AC_INSTANCE", "Dynamic Access Control requires a pre-defined ac instance on the server auth plugin. Read server logs for more information")
	ErrNoActiveForRole       = auth.E(http.StatusBadRequest, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE", "You must be in an organization to create a role")
	ErrMayNotCreateRole      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE", "You are not allowed to create a role")
	ErrMayNotUpdateRole      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE", "You are not allowed to update a role")
	ErrMayNotDeleteRole      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE", "You are not allowed to delete a role")
	ErrMayNotReadRole        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE", "You are not allowed to read a role")
	ErrMayNotListRoles       = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE", "You are not allowed to list a role")
	ErrMayNotGetRole         = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_GET_A_ROLE", "You are not allowed to get a role")
	ErrTooManyRoles          = auth.E(http.StatusBadRequest, "TOO_MANY_ROLES", "This organization has too many roles")
	ErrInvalidResource       = auth.E(http.StatusBadRequest, "INVALID_RESOURCE", "The provided permission includes an invalid resource")
	ErrRoleTaken             = auth.E(http.StatusBadRequest, "ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken")
	ErrPredefinedRole        = auth.E(http.StatusBadRequest, "CANNOT_DELETE_A_PRE_DEFINED_ROLE", "Cannot delete a pre-defined role")
	ErrRoleInUse             = auth.E(http.StatusBadRequest, "ROLE_IS_ASSIGNED_TO_MEMBERS", "Cannot delete a role that is assigned to members. Please reassign the members to a different role first")
	ErrInvalidTeamID         = auth.E(http.StatusBadRequest, "INVALID_TEAM_ID", "Team id contains a reserved character")
)

// Errors of the wire without a code of their own in the table.
var (
	ErrDeletionDisabled = auth.E(http.StatusNotFound, "ORGANIZATION_DELETION_DISABLED", "Organization deletion is disabled")
	ErrNoSession        = auth.Empty(http.StatusUnauthorized)
	ErrBare             = auth.Empty(http.StatusBadRequest)

	// ErrForeign is ErrNoMember where strangers look at an organization, and errAskForeign
	// where they ask what they may do there.
	ErrForeign    = auth.E(http.StatusForbidden, ErrNoMember.Code, ErrNoMember.Message)
	errAskForeign = auth.E(http.StatusUnauthorized, ErrNoMember.Code, ErrNoMember.Message)
	// errEnterTeam is ErrNotInTeam where somebody wants to be active in a team.
	errEnterTeam = auth.E(http.StatusForbidden, ErrNotInTeam.Code, ErrNotInTeam.Message)

	errUpdateNoSession     = &auth.Error{Status: http.StatusUnauthorized, Message: "User not found"}
	errInvitationNoSession = &auth.Error{Status: http.StatusUnauthorized, Message: "Not authenticated"}
	errNoOrganizationID    = &auth.Error{Status: http.StatusBadRequest, Message: "Organization ID is required"}
	errListNotMember       = &auth.Error{Status: http.StatusForbidden, Message: "You are not a member of this organization"}
	errEmailQuery          = &auth.Error{Status: http.StatusBadRequest, Message: "User email cannot be passed for client side API calls."}
	errNoAddress           = &auth.Error{Status: http.StatusBadRequest, Message: "Missing session headers, or email query parameter."}
	errNoUser              = &auth.Error{Status: http.StatusBadRequest, Message: "User not found"}
	errNoTeams             = &auth.Error{Status: http.StatusBadRequest, Message: "Teams are not enabled"}
	// errRejectNotFound is the text of reject-invitation.
	errRejectNotFound = ErrInvitationNotFound.Saying("Invitation not found!")
)

// Errors of our own.
var (
	// ErrSoleOwner refuses to delete a person who is the only owner of an organization that
	// has other members (D-10).
	ErrSoleOwner = auth.E(http.StatusBadRequest, "USER_IS_SOLE_OWNER", "This person is the only owner of an organization that has other members. Make somebody else an owner first, or delete the organization.")
	// ErrOwnersHaveNoEnd keeps the role of the owner from being given for a time.
	ErrOwnersHaveNoEnd = auth.E(http.StatusBadRequest, "OWNERS_HAVE_NO_END", "The role of the owner has neither a start nor an end. Give another role for a time.")
	// ErrPeriod refuses a time that is over, or ends before it begins.
	ErrPeriod = auth.E(http.StatusBadRequest, "INVALID_PERIOD", "The end must lie ahead, and after the start.")
	// ErrRoleHeld refuses to give a role for a time that the member has without an end.
	ErrRoleHeld = auth.E(http.StatusBadRequest, "ROLE_IS_HELD", "The member has this role already.")
	// ErrTooManyTimed refuses a further role for a time.
	ErrTooManyTimed = auth.E(http.StatusConflict, "TOO_MANY_TIMED_ROLES", "This person has as many roles for a time as anybody may have.")
	// ErrMayNotAdd refuses to add members.
	ErrMayNotAdd = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_ADD_MEMBERS", "You are not allowed to add members to this organization")
	// ErrMayNotGive refuses roles that give more than the actor holds.
	ErrMayNotGive = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_GIVE_THIS_ROLE", "You are not allowed to give a role that may do more than you")
)

// unknownRoles names role names that do not exist, as the wire does.
func unknownRoles(names string) *auth.Error {
	return noRole(ErrRoleNotFound.Saying(words.Raw("ROLE_NOT_FOUND: "+names)), names)
}

// noRole is an error about roles that do not exist, as pages say it.
func noRole(e *auth.Error, names string) *auth.Error {
	said := *e
	said.Fields = map[string]words.Text{"role": words.F("There is no such role: %s.", names)}
	return &said
}
