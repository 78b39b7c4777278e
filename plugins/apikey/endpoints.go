package apikey

import (
	"net/http"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

// endpoints are the routes of better-auth api-key 4, and verify, which is ours (D-11). None
// of those that manage keys is open to a key (SEC-143).
func (s *Service) endpoints() []plugins.Endpoint {
	// Sessions are read from the store, so that who is demoted, banned or signed out sees no
	// keys from then on (SEC-033, SEC-115).
	read := plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	// Create and update judge the input before the session, as the wire does.
	write := plugins.Access{Who: plugins.Inside, FromStore: true, ManagesCredentials: true, Unauthenticated: ErrNoSession}
	owned := []*auth.Error{ErrNoDefault, ErrNotFound, ErrNotMember, ErrMayNot}
	list := []plugins.Endpoint{
		{Method: http.MethodPost, Path: "/api-key/create", Name: "createApiKey", Summary: "Make an API key; the answer shows it once", Access: write,
			Body: schema.Of[createInput](), NoStore: true, Handle: s.postCreate,
			Errors: []*auth.Error{ErrNoDefault, ErrServerOnly, ErrNoSession, auth.ErrSessionNotFresh, ErrOrganizationRequired, ErrNotMember, ErrMayNot, ErrMetadataDisabled,
				ErrMetadataType, ErrExpirationDisabled, ErrExpiresTooSoon, ErrExpiresTooLate, ErrPrefixLength, ErrNameLength, ErrNameRequired}},
		{Method: http.MethodGet, Path: "/api-key/get", Name: "getApiKey", Summary: "Get an API key", Access: read,
			Query: schema.Of[getInput](), NoStore: true, Handle: s.getKey, Errors: owned},
		{Method: http.MethodGet, Path: "/api-key/list", Name: "listApiKeys", Summary: "List the API keys of the person, or of an organization", Access: read,
			Query: schema.Of[listInput](schema.Optional()), NoStore: true, Handle: s.getList, Errors: []*auth.Error{ErrNoDefault, ErrNotMember, ErrMayNot}},
		{Method: http.MethodPost, Path: "/api-key/update", Name: "updateApiKey", Summary: "Change an API key", Access: write,
			Body: schema.Of[updateInput](), NoStore: true, Handle: s.postUpdate,
			Errors: append([]*auth.Error{ErrNoSession, ErrServerOnly, ErrNameLength, ErrExpirationDisabled, ErrExpiresTooSoon, ErrExpiresTooLate, ErrMetadataType, ErrNothingToUpdate}, owned...)},
		{Method: http.MethodPost, Path: "/api-key/delete", Name: "deleteApiKey", Summary: "Delete an API key", Access: read,
			Body: schema.Of[deleteInput](), NoStore: true, Handle: s.postDelete, Errors: append([]*auth.Error{ErrBanned}, owned...)},
	}
	if s.cfg.Get().RemoteVerify {
		list = append(list, plugins.Endpoint{Method: http.MethodPost, Path: "/api-key/verify", Name: "verifyApiKey", Summary: "Ask whether an API key is good, which uses it",
			Access: plugins.Access{Who: plugins.Principal, Scope: ScopeVerify}, Body: schema.Of[verifyInput](), NoStore: true, Handle: s.postVerify,
			Errors: []*auth.Error{ErrNoDefault}})
	}
	return list
}

// limits leave room for services that verify a key with each request of theirs.
func limits() []plugins.Limit {
	return []plugins.Limit{{Path: "/api-key/verify", Rule: ratelimit.Rule{Window: 10 * time.Second, Max: 100_000}}}
}
