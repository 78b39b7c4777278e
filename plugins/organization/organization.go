// Package organization runs organizations: members, invitations, teams and roles, as
// better-auth's organization plugin does on the wire, and what an organization is here
// besides: memberships and roles with a start and an end, mail domains, and the console of
// those who run one.
//
// Everything of an organization is reached through Access.Organization, which binds each
// statement to it; the platform's access is used where an act concerns no single one.
package organization

import (
	"context"
	"net"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/plugins"
	"gatehouse/plugins/organization/organizationapi"
)

// ID is the plugin's name, as on the wire.
const ID = "organization"

// Options are what a program sets that settings cannot say.
type Options struct {
	// Hooks take part in what happens to organizations (better-auth organization 8). Other
	// plugins take part by offering an organizationapi.Hooks.
	Hooks organizationapi.Hooks
	// MayCreate decides who makes organizations, in place of the setting.
	MayCreate func(context.Context, *auth.Principal) bool
	// Resolver looks DNS text records up; nil is that of the machine.
	Resolver Resolver
}

// Resolver is the part of net.Resolver that proves domains.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

type plugin struct {
	options Options
	config  *settings.Section[Config]
}

// New makes the plugin.
func New(o Options) plugins.Plugin {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return &plugin{options: o, config: settings.Define("organization", defaults())}
}

// Manifest implements plugins.Plugin.
func (p *plugin) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: ID, Name: "Organizations", Sentence: "Groups people into organizations with members, teams, roles and invitations.",
		Settings: []settings.Group{p.config}, Words: translations}
}

// Service decides what happens to organizations.
type Service struct {
	host    *plugins.Host
	cfg     *settings.Section[Config]
	options Options
	lists   lists
}

// Contribute implements plugins.Plugin.
func (p *plugin) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	s := &Service{host: h, cfg: p.config, options: p.options}
	s.lists = s.makeLists()
	if err := s.declareFields(); err != nil {
		return plugins.Contribution{}, err
	}
	return plugins.Contribution{
		Scopes:            scopes(p.config.Get()),
		OrganizationRoles: s.roles(),
		Fields:            fields(p.config.Get()),
		Routes:            s.pages(),
		Screens:           s.screens(),
		Palettes:          s.palettes(),
		Tiles:             s.tiles(),
		Tabs:              s.tabs(),
		Panels:            []plugins.Panel{{ID: "organizations", Order: 60, Icon: "building-2", Label: "Organizations", Path: placesPath, Waiting: s.invitedAlert}},
		Endpoints:         s.endpoints(),
		Messages:          messages(),
		Events:            events(),
		Errors:            unlisted(),
		Jobs:              s.jobs(),
		Moments:           s.moments(),
		Grants:            []auth.GrantSource{{Grants: s.grants, Holders: s.holders, CountHolders: s.countHolders, Givers: s.givers}},
		Offers:            []any{s},
	}, nil
}

// roles are the roles of the settings.
func (s *Service) roles() map[string][]string {
	all := map[string][]string{}
	for name, r := range s.cfg.Get().Roles {
		all[name] = r.Scopes
	}
	return all
}

// Entities of additional fields.
const (
	entityOrganization = "organization"
	entityMember       = "member"
	entityInvitation   = "invitation"
	entityTeam         = "team"
	entityRole         = "organizationRole"
)

func (s *Service) declareFields() error {
	c, f := s.cfg.Get(), s.host.Fields
	for entity, declared := range map[string]map[string]settings.AdditionalField{entityOrganization: c.Fields, entityMember: c.MemberFields,
		entityInvitation: c.InvitationFields, entityTeam: c.TeamFields, entityRole: c.RoleFields} {
		if err := f.DeclareSettings(entity, declared); err != nil {
			return err
		}
	}
	return nil
}

// fields are the columns the plugin adds to sessions; nobody sets them by hand
// (better-auth organization 2.6).
func fields(c Config) []auth.Field {
	list := []auth.Field{{Entity: "session", Name: "activeOrganizationId", Type: "string", Returned: true, Column: true}}
	if c.Teams.Enabled {
		list = append(list, auth.Field{Entity: "session", Name: "activeTeamId", Type: "string", Returned: true, Column: true})
	}
	return list
}
