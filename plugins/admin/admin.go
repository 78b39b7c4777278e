package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// ID is the plugin's name, as on the wire.
const ID = "admin"

// Options are what a program sets that settings cannot say.
type Options struct {
	// BannedMessage, when set, words what a banned person is told, in place of the
	// setting admin.banned_user_message.
	BannedMessage func(context.Context, *ent.User) string
}

type plugin struct {
	options Options
	config  *settings.Section[Config]
}

// New makes the plugin.
func New(o Options) plugins.Plugin {
	return &plugin{options: o, config: settings.Define("admin", defaults())}
}

// Manifest implements plugins.Plugin.
func (p *plugin) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: ID, Name: "Administration", Sentence: "Manages people: roles, bans, sessions, impersonation and invitations.",
		Settings: []settings.Group{p.config}, Words: translations}
}

// Contribute implements plugins.Plugin.
func (p *plugin) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	s := &Service{host: h, cfg: p.config, options: p.options}
	s.lists = lists{users: s.usersList(), sessions: s.sessionsList(), invitations: s.invitationsList(), activity: s.activityLog().List()}
	return plugins.Contribution{
		Prerequisites: s.prerequisites(),
		Scopes:        scopes(),
		Roles:         s.roles(),
		Fields:        fields(),
		Endpoints:     s.endpoints(),
		Messages:      messages(),
		Events:        events(),
		Errors:        unlisted(),
		SignInMethods: []plugins.SignInMethod{{ID: methodLink, Name: "Sign-in link of an administrator"}},
		Jobs: []plugins.Job{{Name: "invitations", Words: "Remove invitations that have long been over", Period: 24 * time.Hour,
			Run: s.sweepInvitations},
			{Name: "timed-roles", Words: "Remove roles for a time that are over", Period: time.Hour, Run: s.sweepTimedRoles}},
		Limits:   limits(),
		Routes:   s.pages(),
		Tasks:    s.tasks(),
		Duties:   s.duties(),
		Screens:  screens(),
		Palettes: s.palettes(),
		Tiles:    s.tiles(),
		Moments:  s.moments(),
		Grants:   []auth.GrantSource{{Grants: s.grants, Holders: s.holders, CountHolders: s.countHolders, Givers: s.givers, Deny: s.deny}},
		Subjects: s.subjects(),
		Offers:   []any{s},
	}, nil
}

// roles are the roles of the settings. The plain role is always there and holds nothing.
func (s *Service) roles() map[string][]string {
	all := map[string][]string{RoleUser: nil}
	for name, r := range s.cfg.Get().Roles {
		all[name] = r.Scopes
	}
	return all
}

func (s *Service) prerequisites() []plugins.Prerequisite {
	return []plugins.Prerequisite{
		{Name: "an administrator exists", Fix: "open the claim link printed at the start, or set admin_email and admin_password",
			Check: func(ctx context.Context) error {
				exists, err := s.HasAdministrator(ctx)
				if err == nil && !exists {
					err = errors.New("nobody has the role owner or admin")
				}
				return err
			}},
		{Name: "the default role is known", Fix: "set admin.default_role to a role that exists, or define it in admin.roles",
			Check: func(context.Context) error {
				if role := s.cfg.Get().DefaultRole; !s.host.Scopes.HasRole(role) {
					return fmt.Errorf("there is no role %q", role)
				}
				return nil
			}},
	}
}
