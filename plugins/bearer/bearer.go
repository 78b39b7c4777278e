// Package bearer lets clients that keep no cookies send their session in the header
// Authorization, and gives them the token to send in the header set-auth-token
// (better-auth tokens A).
package bearer

import (
	"context"
	"net/http"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/auth/text"
	"gatehouse/plugins"
)

// Options are the settings of the plugin.
type Options struct {
	_ struct{} `title:"Bearer tokens" help:"Sessions sent in the header Authorization in place of a cookie." area:"sessions"`

	RequireSignature bool `setting:"require_signature" label:"Signed tokens only" help:"Refuse the bare session token and accept only signed ones, as set-auth-token gives them" level:"console"`
}

type bearer struct {
	options *settings.Section[Options]
}

// New makes the plugin.
func New() plugins.Plugin {
	return &bearer{options: settings.Define("bearer", Options{RequireSignature: true})}
}

// Manifest implements plugins.Plugin.
func (b *bearer) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "bearer", Name: "Bearer tokens", Settings: []settings.Group{b.options}, Words: translations,
		Sentence: "Clients without cookies send their session in the Authorization header."}
}

// Contribute implements plugins.Plugin.
func (b *bearer) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	return plugins.Contribution{
		Authenticators: []plugins.Authenticator{{Scheme: auth.SchemeBearer, Present: b.present(h.Keys)}},
		Moments: plugins.Moments{AfterEndpoint: []plugins.EndpointHook{
			{Class: auth.Observe, Match: "/**", Do: announce(h)},
		}},
	}, nil
}

// present finds a session token in the header. A token that is not good is ignored, so
// that the cookies of the request go on counting.
func (b *bearer) present(keys *secret.Ring) func(context.Context, *http.Request) (*plugins.Presented, error) {
	return func(_ context.Context, r *http.Request) (*plugins.Presented, error) {
		given := credential(r.Header.Get("Authorization"))
		if given == "" {
			return nil, nil
		}
		token, ok := b.token(keys, given)
		if !ok {
			return &plugins.Presented{Passed: true, Reject: &plugins.Rejection{Reason: plugins.ReasonSignature, Err: auth.ErrUnauthorized}}, nil
		}
		return &plugins.Presented{SessionToken: token, Scheme: auth.SchemeBearer}, nil
	}
}

// token checks what was given: the signed form, or the bare one where it is allowed.
func (b *bearer) token(keys *secret.Ring, given string) (string, bool) {
	if !strings.Contains(given, ".") {
		return given, !b.options.Get().RequireSignature
	}
	if strings.Contains(given, "%") {
		if plain, ok := text.UnescapeURI(given); ok {
			given = plain
		}
	}
	return keys.Verify(given)
}

// credential returns what follows the scheme "bearer", in any letter case.
func credential(header string) string {
	const scheme = "bearer "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(header[len(scheme):])
}
