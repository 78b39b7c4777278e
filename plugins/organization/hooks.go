package organization

import (
	"context"

	"gatehouse/auth"
	"gatehouse/ent"
	api "gatehouse/plugins/organization/organizationapi"
)

// hooks are those of the program, then those that other plugins offer, in the order of the
// plugin list.
func (s *Service) hooks() []api.Hooks {
	list := []api.Hooks{s.options.Hooks}
	for _, offered := range s.host.Registry.Offers {
		if h, ok := offered.(api.Hooks); ok {
			list = append(list, h)
		}
	}
	return list
}

// consult runs one moment of all hooks.
func consult[T any](ctx context.Context, s *Service, of func(api.Hooks) []auth.On[T], v T) error {
	var m auth.Moment[T]
	for _, h := range s.hooks() {
		m.Add(ID, of(h)...)
	}
	return m.Run(ctx, v)
}

// around asks the hooks before an act, and those after it once the command is done.
func (s *Service) around(ctx context.Context, c *command, h *api.Happened, before, after func(api.Hooks) []auth.On[*api.Happened]) error {
	h.Tx, h.Organization = c.tx, asOrganization(c.org)
	if before != nil {
		if err := consult(ctx, s, before, h); err != nil {
			return err
		}
	}
	c.then(func(ctx context.Context) error {
		h.Tx = nil
		return consult(ctx, s, after, h)
	})
	return nil
}

func asOrganization(o *ent.Organization) api.Organization {
	return api.Organization{ID: o.ID, Name: o.Name, Slug: o.Slug, Logo: o.Logo, Metadata: o.Metadata, CreatedAt: o.CreatedAt, Fields: o.AdditionalFields}
}

func asMember(m *ent.Member) *api.Member {
	return &api.Member{ID: m.ID, OrganizationID: m.OrganizationID, UserID: m.UserID, Role: m.Role, CreatedAt: m.CreatedAt, Fields: m.AdditionalFields}
}

func asInvitation(i *ent.Invitation) *api.Invitation {
	return &api.Invitation{ID: i.ID, OrganizationID: i.OrganizationID, Email: i.Email, Role: auth.ValueOf(i.Role), TeamIDs: auth.SplitRoles(auth.ValueOf(i.TeamID)),
		Status: i.Status, ExpiresAt: i.ExpiresAt, CreatedAt: i.CreatedAt, InviterID: auth.ValueOf(i.InviterID), Fields: i.AdditionalFields}
}

func asTeam(t *ent.Team) *api.Team {
	return &api.Team{ID: t.ID, OrganizationID: t.OrganizationID, Name: t.Name, CreatedAt: t.CreatedAt, Fields: t.AdditionalFields}
}

func asTeamMember(m *ent.TeamMember) *api.TeamMember {
	return &api.TeamMember{ID: m.ID, TeamID: m.TeamID, UserID: m.UserID}
}

func asUser(u *ent.User) *api.User {
	if u == nil {
		return nil
	}
	return &api.User{ID: u.ID, Name: u.Name, Email: u.Email, Image: u.Image}
}
