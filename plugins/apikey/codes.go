package apikey

import (
	"net/http"

	"gatehouse/auth"
)

// Errors of the plugin (better-auth api-key 11).
var (
	ErrMetadataType         = auth.E(http.StatusBadRequest, "INVALID_METADATA_TYPE", "metadata must be an object or undefined")
	ErrRefillNeedsAmount    = auth.E(http.StatusBadRequest, "REFILL_INTERVAL_AND_AMOUNT_REQUIRED", "refillInterval is required when refillAmount is provided")
	ErrRefillNeedsInterval  = auth.E(http.StatusBadRequest, "REFILL_AMOUNT_AND_INTERVAL_REQUIRED", "refillAmount is required when refillInterval is provided")
	ErrBanned               = auth.E(http.StatusUnauthorized, "USER_BANNED", "User is banned")
	ErrNoSession            = auth.E(http.StatusUnauthorized, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session")
	ErrNotFound             = auth.E(http.StatusNotFound, "KEY_NOT_FOUND", "API Key not found")
	ErrNotPermitted         = auth.E(http.StatusUnauthorized, "KEY_NOT_FOUND", "API Key not found")
	ErrDisabled             = auth.E(http.StatusUnauthorized, "KEY_DISABLED", "API Key is disabled")
	ErrExpired              = auth.E(http.StatusUnauthorized, "KEY_EXPIRED", "API Key has expired")
	ErrUsageExceeded        = auth.E(http.StatusTooManyRequests, "USAGE_EXCEEDED", "API Key has reached its usage limit")
	ErrExpiresTooSoon       = auth.E(http.StatusBadRequest, "EXPIRES_IN_IS_TOO_SMALL", "The expiresIn is smaller than the predefined minimum value.")
	ErrExpiresTooLate       = auth.E(http.StatusBadRequest, "EXPIRES_IN_IS_TOO_LARGE", "The expiresIn is larger than the predefined maximum value.")
	ErrPrefixLength         = auth.E(http.StatusBadRequest, "INVALID_PREFIX_LENGTH", "The prefix length is either too large or too small.")
	ErrNameLength           = auth.E(http.StatusBadRequest, "INVALID_NAME_LENGTH", "The name length is either too large or too small.")
	ErrMetadataDisabled     = auth.E(http.StatusBadRequest, "METADATA_DISABLED", "Metadata is disabled.")
	ErrRateLimited          = auth.E(http.StatusTooManyRequests, "RATE_LIMITED", "Rate limit exceeded.")
	ErrNothingToUpdate      = auth.E(http.StatusBadRequest, "NO_VALUES_TO_UPDATE", "No values to update.")
	ErrExpirationDisabled   = auth.E(http.StatusBadRequest, "KEY_DISABLED_EXPIRATION", "Custom key expiration values are disabled.")
	ErrInvalidKey           = auth.E(http.StatusUnauthorized, "INVALID_API_KEY", "Invalid API key.")
	ErrInvalidSessionKey    = auth.E(http.StatusForbidden, "INVALID_API_KEY", "Invalid API key.")
	ErrInvalidReference     = auth.E(http.StatusUnauthorized, "INVALID_REFERENCE_ID_FROM_API_KEY", "The reference id from the API key is invalid.")
	ErrServerOnly           = auth.E(http.StatusBadRequest, "SERVER_ONLY_PROPERTY", "The property you're trying to set can only be set from the server auth instance only.")
	ErrFailedToUpdate       = auth.E(http.StatusInternalServerError, "FAILED_TO_UPDATE_API_KEY", "Failed to update API key")
	ErrNameRequired         = auth.E(http.StatusBadRequest, "NAME_REQUIRED", "API Key name is required.")
	ErrOrganizationRequired = auth.E(http.StatusBadRequest, "ORGANIZATION_ID_REQUIRED", "Organization ID is required for organization-owned API keys.")
	ErrNotMember            = auth.E(http.StatusForbidden, "USER_NOT_MEMBER_OF_ORGANIZATION", "You are not a member of the organization that owns this API key.")
	ErrMayNot               = auth.E(http.StatusForbidden, "INSUFFICIENT_API_KEY_PERMISSIONS", "You do not have permission to perform this action on organization API keys.")
	ErrNoDefault            = auth.E(http.StatusBadRequest, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND", "No default api-key configuration found.")
	ErrNoOrganizations      = auth.E(http.StatusInternalServerError, "ORGANIZATION_PLUGIN_REQUIRED", "Organization plugin is required for organization-owned API keys. Please install and configure the organization plugin.")

	// Ours.
	// errKindGone refuses a new key of a kind that the settings have no more.
	errKindGone = auth.ErrValidation.Saying("The settings have this kind of keys no more. Make a new key.")
	ErrTooMuch  = auth.E(http.StatusForbidden, "PERMISSIONS_EXCEED_YOURS", "You cannot give permissions that you do not have yourself.")
	// ErrAccountOwns refuses a service account the creator's role of an organization.
	ErrAccountOwns    = ErrTooMuch.Saying("Only people own an organization.")
	ErrUnknownAccount = auth.E(http.StatusNotFound, "SERVICE_ACCOUNT_NOT_FOUND", "Service account not found")
	ErrAccountName    = auth.E(http.StatusBadRequest, "INVALID_SERVICE_ACCOUNT_NAME", "Enter a name of up to 100 characters.")
	ErrAccountText    = auth.E(http.StatusBadRequest, "INVALID_SERVICE_ACCOUNT_DESCRIPTION", "The description is too long.")
	ErrNoSuchRole     = auth.E(http.StatusBadRequest, "ROLE_NOT_FOUND", "There is no such role.")
	ErrAccountOver    = auth.E(http.StatusBadRequest, "SERVICE_ACCOUNT_ENDS_IN_THE_PAST", "The end must lie in the future.")
	ErrRotated        = auth.E(http.StatusBadRequest, "KEY_ALREADY_ROTATED", "This key has been replaced already.")
	// ErrReplacedEnd has the wire's code for an end that is too late.
	ErrReplacedEnd = ErrExpiresTooLate.Saying("A key that was replaced may end earlier, not later.")
	ErrFormSpent   = auth.E(http.StatusConflict, "FORM_NOT_VALID", "This form is too old. Look it through and send it again.")
	ErrOverlap     = auth.E(http.StatusBadRequest, "INVALID_OVERLAP", "The old key may go on working for 90 days at most.")
)

// codes are all errors of the plugin, whose codes events and pages explain.
func codes() []*auth.Error {
	return []*auth.Error{ErrMetadataType, ErrRefillNeedsInterval, ErrRefillNeedsAmount, ErrBanned, ErrNoSession, ErrNotFound, ErrDisabled, ErrExpired,
		ErrUsageExceeded, ErrExpiresTooSoon, ErrExpiresTooLate, ErrPrefixLength, ErrNameLength, ErrMetadataDisabled, ErrRateLimited, ErrNothingToUpdate,
		ErrExpirationDisabled, ErrInvalidKey, ErrInvalidReference, ErrServerOnly, ErrFailedToUpdate, ErrNameRequired, ErrOrganizationRequired, ErrNotMember,
		ErrMayNot, ErrNoDefault, ErrNoOrganizations, ErrTooMuch, ErrUnknownAccount, ErrAccountName, ErrAccountText, ErrNoSuchRole, ErrAccountOver, ErrRotated, ErrOverlap, ErrFormSpent}
}
