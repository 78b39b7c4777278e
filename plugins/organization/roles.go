package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/organizationrole"
	api "gatehouse/plugins/organization/organizationapi"
)

var _ api.Directory = (*Service)(nil)

// parseRoles is the one reader of role lists: each text split on commas, trimmed, empty
// parts and duplicates dropped (better-auth organization 4.5, SEC-117).
func parseRoles(given []string) []string { return auth.SplitRoles(strings.Join(given, ",")) }

func joined(roles []string) string { return strings.Join(roles, ",") }

// predefined reports whether a name is that of a role of every organization.
func (s *Service) predefined(name string) bool {
	_, ok := s.host.Scopes.OfRoleIn(name)
	return ok || slices.Contains([]string{RoleOwner, RoleAdmin, RoleMember, s.creatorRole()}, name)
}

// Unknown implements organizationapi.Directory.
func (s *Service) Unknown(ctx context.Context, org string, roles []string) ([]string, error) {
	open := slices.DeleteFunc(slices.Clone(roles), s.predefined)
	if len(open) == 0 || !s.cfg.Get().DynamicRoles.Enabled {
		return open, nil
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Where(organizationrole.RoleIn(open...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles of an organization: %w", err)
	}
	return slices.DeleteFunc(open, func(name string) bool {
		return slices.ContainsFunc(rows, func(r *ent.OrganizationRole) bool { return r.Role == name })
	}), nil
}

// Grants implements organizationapi.Directory.
func (s *Service) Grants(ctx context.Context, org string, roles []string, start, end time.Time) ([]auth.Grant, error) {
	held := make([]roleHeld, len(roles))
	for i, name := range roles {
		held[i] = roleHeld{name, start, end}
	}
	return s.grantsOf(ctx, org, held)
}

// Member implements organizationapi.Directory.
func (s *Service) Member(ctx context.Context, org, user string) (bool, error) {
	m, err := s.membership(ctx, org, user, s.now())
	return m != nil, err
}

// Creator implements organizationapi.Directory.
func (s *Service) Creator(ctx context.Context, org, user string) (bool, error) {
	m, err := s.membership(ctx, org, user, s.now())
	return m != nil && m.has(s.creatorRole()), err
}

// CreatorRole implements organizationapi.Directory.
func (s *Service) CreatorRole() string { return s.creatorRole() }

// Roles implements organizationapi.Directory.
func (s *Service) Roles(ctx context.Context, org string) ([]api.Role, error) {
	names := s.host.Scopes.RoleNamesIn()
	for _, name := range []string{RoleOwner, RoleAdmin, RoleMember, s.creatorRole()} {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	own := map[string]bool{}
	if s.cfg.Get().DynamicRoles.Enabled {
		stored, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Order(ent.Asc(organizationrole.FieldRole)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading roles of an organization: %w", err)
		}
		for _, row := range stored {
			if !slices.Contains(names, row.Role) {
				own[row.Role], names = true, append(names, row.Role)
			}
		}
	}
	effective, err := s.effective(ctx, org, names)
	if err != nil {
		return nil, err
	}
	list := make([]api.Role, len(names))
	for i, name := range names {
		list[i] = api.Role{Name: name, Scopes: effective[name].Sorted(), Own: own[name], Creator: name == s.creatorRole()}
	}
	slices.SortStableFunc(list, func(a, b api.Role) int { return len(b.Scopes) - len(a.Scopes) })
	return list, nil
}

// MayGive implements organizationapi.Directory.
func (s *Service) MayGive(ctx context.Context, org string, roles []string, until time.Time) (bool, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return false, err
	}
	return s.mayGive(ctx, a, roles, until)
}

// mayGive reports whether the actor may give some roles until a moment; a zero one is for
// good. Owners give every role, and nobody else the creator's (SEC-128). Others give what
// they hold, and what they hold for a time no longer than that; as plain members they take
// people in for good all the same.
func (s *Service) mayGive(ctx context.Context, a actor, roles []string, until time.Time) (bool, error) {
	all, err := s.givenBy(ctx, a, roles, until)
	return len(all) == len(roles), err
}

// givenBy are those of some roles that the actor may give until a moment.
func (s *Service) givenBy(ctx context.Context, a actor, roles []string, until time.Time) ([]string, error) {
	lasting := a.lasting(until)
	if s.owns(lasting) {
		return roles, nil
	}
	effective, err := s.effective(ctx, a.org, roles)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(roles), func(role string) bool {
		if role == s.creatorRole() {
			return true
		}
		giver := lasting
		if role == RoleMember {
			giver = a
		}
		for scope := range effective[role] {
			if !giver.Can(scope) {
				return true
			}
		}
		return false
	}), nil
}

// mayGiveOwn is mayGive for those of some roles that the organization made itself. The
// wire lets everybody who may invite or change members give the roles of every
// organization, the creator's apart; what owners put together is not given away by those
// who hold less (SEC-129). Who may do so for a time, by a scope, gives none for longer.
func (s *Service) mayGiveOwn(ctx context.Context, a actor, by string, roles []string, until time.Time) (bool, error) {
	judged := slices.DeleteFunc(slices.Clone(roles), func(role string) bool {
		return s.predefined(role) && (role == RoleMember || a.lasting(until).Can(by))
	})
	return s.mayGive(ctx, a, judged, until)
}

// creates reports whether a text of roles holds the creator's.
func (s *Service) creates(roles string) bool {
	return slices.Contains(auth.SplitRoles(roles), s.creatorRole())
}

// otherOwner reports whether somebody besides a member holds the creator's role. It is
// asked while the organization is locked.
func (s *Service) otherOwner(ctx context.Context, org string, except string) (bool, error) {
	others := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(member.IDNEQ(except), inForce(s.now()))
	found, err := others.Clone().Where(member.Role(s.creatorRole())).Exist(ctx)
	if err != nil || found {
		return found, err
	}
	// They may hold other roles besides; few texts of roles name the creator's.
	texts, err := s.roleTexts(ctx, org, s.creatorRole())
	if err != nil || len(texts) == 0 {
		return false, err
	}
	return others.Where(member.RoleIn(texts...)).Exist(ctx)
}

// roleTexts are the stored texts of roles in an organization that hold a role.
func (s *Service) roleTexts(ctx context.Context, org, role string) ([]string, error) {
	texts, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(member.RoleContains(role)).
		Unique(true).Select(member.FieldRole).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who holds a role: %w", err)
	}
	return slices.DeleteFunc(texts, func(text string) bool { return !slices.Contains(auth.SplitRoles(text), role) }), nil
}
