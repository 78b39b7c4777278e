package core

import (
	"gatehouse/handlers/translations"
	"slices"

	"gatehouse/auth"
	"gatehouse/plugins"
)

// Plugin is the built-in part.
type Plugin struct{}

// New returns the part. It offers *Service to others.
func New() Plugin { return Plugin{} }

// Manifest implements plugins.Plugin.
func (Plugin) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "core", Name: "Core", BuiltIn: true, Words: translations.Files,
		Sentence: "Sign-up and sign-in with email and password, sessions, and the person's own account."}
}

// Contribute implements plugins.Plugin.
func (Plugin) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	s := &Service{h: h}
	w := wire{h: h, svc: s}
	return plugins.Contribution{
		Endpoints: slices.Concat(w.signEndpoints(), w.sessionEndpoints(), w.userEndpoints(), w.emailEndpoints(),
			w.passwordEndpoints(), w.accountEndpoints(), w.socialEndpoints(), w.serviceEndpoints()),
		Routes:   w.pictureRoutes(),
		Limits:   []plugins.Limit{{Path: pictures, Rule: pictureRule}},
		Messages: messages(),
		Channels: []auth.Channel{mailChannel(h)},
		Events:   events(),
		SignInMethods: []plugins.SignInMethod{
			{ID: methodVerified, Name: "Link to verify the address"},
			{ID: methodConfirmed, Name: "Confirmation of the password"},
		},
		Jobs: s.jobs(),
		Moments: plugins.Moments{SessionIssued: []auth.On[*plugins.SessionIssued]{{Class: auth.Observe, Do: s.knowDevice}}, Hooks: auth.Hooks{
			UserUpdated: []auth.On[*auth.UserChange]{{Class: auth.Observe, Do: s.addressLeft}, {Class: auth.Observe, Do: s.dropPicture}},
		}},
		Offers: []any{s},
	}, nil
}

// wire translates between Service and the wire.
type wire struct {
	h   *plugins.Host
	svc *Service
}
