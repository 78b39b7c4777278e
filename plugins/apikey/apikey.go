// Package apikey makes programs known by keys, as better-auth's api-key plugin does on the
// wire: keys of people, of organizations, and, which are ours, of service accounts.
//
// Verifying is the hot path: one read finds the key with its owner, and only keys with a
// limit are written, by one statement that holds all conditions of the use.
package apikey

import (
	"context"
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/schema"
)

// ID is the plugin's name, as on the wire.
const ID = schema.Plugin

// Options are what a program sets that settings cannot say.
type Options struct {
	// Custom adds functions to kinds of keys, by their configId.
	Custom map[string]Custom
	// Storage is the secondary storage of kinds whose setting storage names it. Memory is
	// one for a single process.
	Storage Storage
}

// Custom are functions of one kind of keys (better-auth api-key 3); each may be nil.
type Custom struct {
	// Generate makes a whole key: of at least length characters where keys are sessions.
	Generate func(ctx context.Context, length int, prefix string) (string, error)
	// Validate judges a presented text besides; false refuses it.
	Validate func(ctx context.Context, key string) (bool, error)
	// Getter finds the key of a request in place of the headers; empty is none.
	Getter func(*http.Request) string
	// DefaultPermissions are those of a key that is made without any.
	DefaultPermissions func(ctx context.Context, reference string) (Permissions, error)
	// Storage is used in place of Options.Storage.
	Storage Storage
}

type plugin struct {
	options Options
	config  *settings.Section[Config]
}

// New makes the plugin.
func New(o Options) plugins.Plugin {
	return &plugin{options: o, config: settings.Define("api_key", defaults())}
}

// Manifest implements plugins.Plugin.
func (p *plugin) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: ID, Name: "API keys", Sentence: "Makes programs known by keys of people, organizations and service accounts.",
		Settings: []settings.Group{p.config}, Words: translations,
		Needs: []plugins.Need{{Plugin: "organization", For: "keys and service accounts of organizations"}}}
}

// Service decides and does everything the plugin offers. Its methods may be called from
// any goroutine once the server is built.
type Service struct {
	host    *plugins.Host
	cfg     *settings.Section[Config]
	options Options
	usage   *usage
	uses    *uses
	sweep   sweep
	locks   locks
	lists   lists
}

// Contribute implements plugins.Plugin.
func (p *plugin) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	s := &Service{host: h, cfg: p.config, options: p.options}
	s.usage, s.uses = newUsage(), &uses{}
	s.lists = s.makeLists()
	return plugins.Contribution{
		Prerequisites:  s.prerequisites(),
		Scopes:         scopes(),
		Endpoints:      s.endpoints(),
		Routes:         s.routes(),
		Screens:        s.screens(),
		Palettes:       s.palettes(),
		Tiles:          s.tiles(),
		Panels:         []plugins.Panel{{ID: "api-keys", Order: 65, Icon: "key", Label: "API keys", Path: ownKeys}},
		Tabs:           s.tabs(),
		Errors:         codes(),
		Events:         events(),
		Messages:       messages(),
		Jobs:           s.jobs(),
		Limits:         limits(),
		Moments:        s.moments(),
		Authenticators: []plugins.Authenticator{s.authenticator()},
		Grants:         []auth.GrantSource{{Grants: noGrants, Holders: s.holders, CountHolders: s.countHolders}},
		Subjects:       s.subjects(),
		Offers:         []any{s, s.hooks()},
	}, nil
}
