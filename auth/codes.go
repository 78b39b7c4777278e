package auth

import "net/http"

// Errors of the core, better-auth core 2.1 to 2.3. Status is the one most routes use;
// a route with another one makes its own copy.
var (
	ErrUserNotFound              = E(http.StatusBadRequest, "USER_NOT_FOUND", "User not found")
	ErrFailedToCreateUser        = E(http.StatusUnprocessableEntity, "FAILED_TO_CREATE_USER", "Failed to create user")
	ErrFailedToCreateSession     = E(http.StatusUnauthorized, "FAILED_TO_CREATE_SESSION", "Failed to create session")
	ErrFailedToGetSession        = E(http.StatusUnauthorized, "FAILED_TO_GET_SESSION", "Failed to get session")
	ErrInvalidPassword           = E(http.StatusBadRequest, "INVALID_PASSWORD", "Invalid password")
	ErrInvalidEmail              = E(http.StatusBadRequest, "INVALID_EMAIL", "Invalid email")
	ErrInvalidEmailOrPassword    = E(http.StatusUnauthorized, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password")
	ErrProviderNotFound          = E(http.StatusNotFound, "PROVIDER_NOT_FOUND", "Provider not found")
	ErrInvalidToken              = E(http.StatusBadRequest, "INVALID_TOKEN", "Invalid token")
	ErrTokenExpired              = E(http.StatusUnauthorized, "TOKEN_EXPIRED", "Token expired")
	ErrEmailNotVerified          = E(http.StatusForbidden, "EMAIL_NOT_VERIFIED", "Email not verified")
	ErrPasswordTooShort          = E(http.StatusBadRequest, "PASSWORD_TOO_SHORT", "Password too short")
	ErrPasswordTooLong           = E(http.StatusBadRequest, "PASSWORD_TOO_LONG", "Password too long")
	ErrPasswordCompromised       = E(http.StatusBadRequest, "PASSWORD_COMPROMISED", "This password is too easy to guess. Please choose another one.")
	ErrUserAlreadyExists         = E(http.StatusUnprocessableEntity, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.")
	ErrEmailCanNotBeUpdated      = E(http.StatusBadRequest, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated")
	ErrChangeEmailDisabled       = E(http.StatusBadRequest, "CHANGE_EMAIL_DISABLED", "Change email is disabled")
	ErrCredentialAccountNotFound = E(http.StatusBadRequest, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found")
	ErrSessionExpired            = E(http.StatusBadRequest, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.")
	ErrUnlinkLastAccount         = E(http.StatusBadRequest, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account")
	ErrAccountNotFound           = E(http.StatusBadRequest, "ACCOUNT_NOT_FOUND", "Account not found")
	ErrVerificationNotEnabled    = E(http.StatusBadRequest, "VERIFICATION_EMAIL_NOT_ENABLED", "Verification email isn't enabled")
	ErrEmailAlreadyVerified      = E(http.StatusBadRequest, "EMAIL_ALREADY_VERIFIED", "Email is already verified")
	ErrEmailMismatch             = E(http.StatusBadRequest, "EMAIL_MISMATCH", "Email mismatch")
	ErrSessionNotFresh           = E(http.StatusForbidden, "SESSION_NOT_FRESH", "Session is not fresh")
	ErrSignUpDisabled            = E(http.StatusBadRequest, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled")
	ErrPasswordDisabled          = E(http.StatusBadRequest, "EMAIL_PASSWORD_DISABLED", "Email and password is not enabled")
	ErrResetPasswordDisabled     = E(http.StatusBadRequest, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled")
	ErrUnauthorized              = E(http.StatusUnauthorized, "UNAUTHORIZED", "Unauthorized")
	ErrPasswordAlreadySet        = E(http.StatusBadRequest, "PASSWORD_ALREADY_SET", "User already has a password set")
	ErrFieldNotAllowed           = E(http.StatusBadRequest, "FIELD_NOT_ALLOWED", "Field not allowed to be set")
	ErrMissingField              = E(http.StatusBadRequest, "MISSING_FIELD", "Field is required")
	ErrValidation                = E(http.StatusBadRequest, "VALIDATION_ERROR", "Validation Error")

	// Ours, where the wire has no code.
	ErrForbidden          = E(http.StatusForbidden, "FORBIDDEN", "You are not allowed to do this")
	ErrImpersonating      = E(http.StatusForbidden, "NOT_ALLOWED_WHILE_IMPERSONATING", "Not allowed while impersonating")
	ErrCredentialScheme   = E(http.StatusForbidden, "NOT_ALLOWED_WITH_THIS_CREDENTIAL", "This credential may not manage credentials")
	ErrStepUpRequired     = E(http.StatusForbidden, "STEP_UP_REQUIRED", "Please confirm that it is you")
	ErrReadOnly           = E(http.StatusForbidden, "READ_ONLY_SESSION", "You act in the name of somebody else and may only look. Stop acting as them to change something.")
	ErrTooManyRequests    = &Error{Status: http.StatusTooManyRequests, Message: "Too many requests. Please try again later."}
	ErrBusy               = E(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "The server is busy. Please try again.")
	ErrUnknownChoice      = E(http.StatusBadRequest, "UNKNOWN_CHOICE", "This is not one of the choices.")
	ErrLastAdministrator  = E(http.StatusForbidden, "LAST_ADMINISTRATOR", "The last administrator cannot be removed, banned or demoted")
	ErrUnknownSessionTerm = E(http.StatusBadRequest, "FIELD_NOT_ALLOWED", "Field not allowed to be set")
)
