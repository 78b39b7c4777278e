package admin

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Errors of the wire (better-auth admin 8).
var (
	ErrCannotBanSelf       = auth.E(http.StatusBadRequest, "YOU_CANNOT_BAN_YOURSELF", "You cannot ban yourself")
	ErrMayNotSetRole       = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE", "You are not allowed to change users role")
	ErrMayNotCreate        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS", "You are not allowed to create users")
	ErrMayNotList          = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS", "You are not allowed to list users")
	ErrMayNotListSessions  = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS", "You are not allowed to list users sessions")
	ErrMayNotBan           = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_BAN_USERS", "You are not allowed to ban users")
	ErrMayNotImpersonate   = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS", "You are not allowed to impersonate users")
	ErrCannotImpersonate   = auth.E(http.StatusForbidden, "YOU_CANNOT_IMPERSONATE_ADMINS", "You cannot impersonate admins")
	ErrMayNotRevoke        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS", "You are not allowed to revoke users sessions")
	ErrMayNotDelete        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS", "You are not allowed to delete users")
	ErrMayNotSetPassword   = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD", "You are not allowed to set users password")
	ErrBanned              = auth.E(http.StatusForbidden, "BANNED_USER", "You have been banned from this application")
	ErrMayNotGet           = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_GET_USER", "You are not allowed to get user")
	ErrNoData              = auth.E(http.StatusBadRequest, "NO_DATA_TO_UPDATE", "No data to update")
	ErrMayNotUpdate        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS", "You are not allowed to update users")
	ErrCannotRemoveSelf    = auth.E(http.StatusBadRequest, "YOU_CANNOT_REMOVE_YOURSELF", "You cannot remove yourself")
	ErrNoSuchRole          = auth.E(http.StatusBadRequest, "YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE", "You are not allowed to set a non-existent role value")
	ErrRoleType            = auth.E(http.StatusBadRequest, "INVALID_ROLE_TYPE", "Invalid role type")
	ErrMayNotSetEmail      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL", "You are not allowed to update users email")
	ErrMayNotSetPhone      = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PHONE_NUMBER", "You are not allowed to update users phone number")
	ErrPasswordInUpdate    = auth.E(http.StatusBadRequest, "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER", "Password cannot be updated through update-user. Use the set-user-password endpoint instead")
	ErrIDInUpdate          = auth.E(http.StatusBadRequest, "USER_ID_CANNOT_BE_UPDATED", "User id cannot be updated")
	ErrEmailTaken          = auth.E(http.StatusBadRequest, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
	ErrUnknownUser         = auth.E(http.StatusNotFound, "USER_NOT_FOUND", "User not found")
	ErrNotImpersonating    = &auth.Error{Status: http.StatusBadRequest, Message: "You are not impersonating anyone"}
	ErrNoAdminSession      = &auth.Error{Status: http.StatusUnauthorized, Message: "Failed to find admin session"}
	ErrNothingToCheck      = &auth.Error{Status: http.StatusBadRequest, Message: "invalid permission check. no permission(s) were passed."}
	ErrNoSession           = auth.Empty(http.StatusUnauthorized)
	ErrMayNotSendReset     = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_SEND_RESET_LINKS", "You are not allowed to send reset links")
	ErrMayNotInvite        = auth.E(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS", "You are not allowed to invite users")
	ErrUnknownInvitation   = auth.E(http.StatusNotFound, "INVITATION_NOT_FOUND", "Invitation not found")
	ErrInvitationOver      = auth.E(http.StatusBadRequest, "INVITATION_NOT_VALID", "This invitation is no longer valid")
	ErrNotInvited          = auth.E(http.StatusForbidden, "NOT_THE_INVITED_PERSON", "This invitation is for another address")
	ErrSignInToAccept      = auth.E(http.StatusConflict, "SIGN_IN_TO_ACCEPT", "Sign in with the invited address to accept")
	ErrClaimOver           = auth.E(http.StatusBadRequest, "CLAIM_NOT_VALID", "This link is no longer valid")
	ErrAdministratorExists = auth.E(http.StatusConflict, "ADMINISTRATOR_EXISTS", "An administrator exists already")
)

// said are the wire's texts as pages say them.
var said = map[string]words.Text{
	ErrMayNotSetRole.Code:      "You may not change this person's role.",
	ErrMayNotListSessions.Code: "You may not see this person's sessions.",
	ErrMayNotRevoke.Code:       "You may not end this person's sessions.",
	ErrMayNotSetPassword.Code:  "You may not set this person's password.",
	ErrMayNotSetEmail.Code:     "You may not change this person's address.",
	ErrMayNotSetPhone.Code:     "You may not change this person's phone number.",
}

// sayRefusal gives the words of a refusal for people.
func sayRefusal(e *auth.Error) words.Text {
	if text, ok := said[e.Code]; ok {
		return text
	}
	return e.Message
}
