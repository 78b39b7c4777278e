package organization

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/organizationrole"
	"gatehouse/ent/predicate"
	"gatehouse/ent/team"
	"gatehouse/ent/teammember"
)

// Kinds of sources of grants.
const (
	sourceRole       = auth.SourceOrganizationRole // a role of the membership
	sourceMembership = auth.SourceMembership       // being a member at all
)

// grants turns a person's membership into grants: in the organization that is asked about,
// or in the one that is active in the session. The stored id of that one is not trusted: it
// counts while there is a membership in force (SEC-135). Everything is read anew.
func (s *Service) grants(ctx context.Context, f auth.Facts) (auth.Given, error) {
	org, active := f.Realm.Organization, false
	if f.Realm == auth.Platform && f.Row != nil && f.Row.ActiveOrganizationID != nil {
		org, active = *f.Row.ActiveOrganizationID, true
	}
	if f.User == nil || org == "" {
		return auth.Given{}, nil
	}
	m, err := s.readMembership(ctx, org, f.User.ID, f.At, f.Whole)
	if err != nil || m == nil {
		return auth.Given{}, err
	}
	given := auth.Given{Grants: m.scopes, Roles: m.exported(f.At)}
	if active {
		given.Claims = m.claims()
		if f.Row.ActiveTeamID != nil {
			in, err := s.inTeam(ctx, org, *f.Row.ActiveTeamID, f.User.ID)
			if err != nil {
				return auth.Given{}, err
			}
			if in {
				given.Claims["activeTeamId"] = *f.Row.ActiveTeamID
			}
		}
	}
	return given, nil
}

// membership is a person's place in an organization as it is in force at a time.
type membership struct {
	Row    *ent.Member
	Roles  []roleHeld
	scopes []auth.Grant
}

// roleHeld is a role of a membership with the time it holds.
type roleHeld struct {
	Name       string
	Start, End time.Time // zero: open
}

// membership reads a person's membership in force; nil when there is none.
func (s *Service) membership(ctx context.Context, org, user string, at time.Time) (*membership, error) {
	return s.readMembership(ctx, org, user, at, false)
}

// readMembership reads a person's membership with the roles in force; whole brings one
// that is over or has not begun, and such roles, as well.
func (s *Service) readMembership(ctx context.Context, org, user string, at time.Time, whole bool) (*membership, error) {
	access := s.host.DB.Access(ctx).Organization(org)
	where := []predicate.Member{member.UserID(user)}
	if !whole {
		where = append(where, inForce(at))
	}
	row, err := access.Member().Query().Where(where...).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a membership: %w", err)
	}
	timed, err := access.MemberRole().Query().Where(memberrole.MemberID(row.ID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	m := &membership{Row: row}
	start, end := auth.ValueOf(row.StartsAt), auth.ValueOf(row.EndsAt)
	for _, name := range auth.SplitRoles(row.Role) {
		m.Roles = append(m.Roles, roleHeld{name, start, end})
	}
	for _, t := range timed {
		held := roleHeld{t.Role, latest(start, auth.ValueOf(t.StartsAt)), earliest(end, auth.ValueOf(t.EndsAt))}
		if whole || held.holds(at) {
			m.Roles = append(m.Roles, held)
		}
	}
	if m.scopes, err = s.grantsOf(ctx, org, m.Roles); err != nil {
		return nil, err
	}
	for _, scope := range s.implied() {
		m.scopes = append(m.scopes, auth.Grant{Scope: scope, Realm: auth.In(org), Source: auth.Source{Kind: sourceMembership, Name: row.ID}, Start: start, End: end})
	}
	return m, nil
}

// inForce are memberships that have begun and are not over.
func inForce(at time.Time) predicate.Member {
	return member.And(member.Or(member.StartsAtIsNil(), member.StartsAtLTE(at)), member.Or(member.EndsAtIsNil(), member.EndsAtGT(at)))
}

// names are the roles in force, each once, in their order.
func (m *membership) names() []string {
	var names []string
	for _, r := range m.Roles {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

func (m *membership) has(role string) bool { return slices.Contains(m.names(), role) }

// exported are the roles in force as the flat list of a principal names them.
func (m *membership) exported(at time.Time) []string {
	var names []string
	for _, r := range m.Roles {
		if r.holds(at) {
			names = append(names, "organization:"+r.Name)
		}
	}
	return names
}

// claims are what the active membership says of its holder (organization.md 15.2).
func (m *membership) claims() map[string]any {
	names := m.names()
	scopes := auth.ScopeSet{}
	for _, g := range m.scopes {
		scopes[g.Scope] = true
	}
	claims := map[string]any{"organizationId": m.Row.OrganizationID, "activeOrganizationId": m.Row.OrganizationID, "memberId": m.Row.ID,
		"activeOrganizationRoles": names, "activeOrganizationPermissions": scopes.Sorted()}
	if len(names) > 0 {
		claims["activeOrganizationRole"] = names[0]
	}
	return claims
}

// grantsOf are what roles give in an organization: those of every organization united with
// those that it made for itself, by name (better-auth organization 4.3).
func (s *Service) grantsOf(ctx context.Context, org string, roles []roleHeld) ([]auth.Grant, error) {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	effective, err := s.effective(ctx, org, names)
	if err != nil {
		return nil, err
	}
	var list []auth.Grant
	for _, r := range roles {
		for _, scope := range effective[r.Name].Sorted() {
			list = append(list, auth.Grant{Scope: scope, Realm: auth.In(org), Source: auth.Source{Kind: sourceRole, Name: r.Name}, Start: r.Start, End: r.End})
		}
	}
	return list, nil
}

// effective are the scopes of roles in an organization by role. Unknown names give
// nothing, and so does a stored role that cannot be read.
func (s *Service) effective(ctx context.Context, org string, names []string) (map[string]auth.ScopeSet, error) {
	all := map[string]auth.ScopeSet{}
	for _, name := range names {
		held, _ := s.host.Scopes.OfRoleIn(name)
		all[name] = auth.ScopeSet{}
		all[name].Add(held)
	}
	if !s.cfg.Get().DynamicRoles.Enabled || len(names) == 0 {
		return all, nil
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Where(organizationrole.RoleIn(names...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles of an organization: %w", err)
	}
	for _, row := range rows {
		permission, err := readPermission(row.Permission)
		if err != nil {
			s.host.Log.WarnContext(ctx, "a role of an organization cannot be read and gives nothing", "role", row.ID, "error", err)
			continue
		}
		all[row.Role].Add(permission.scopes())
	}
	return all, nil
}

func (s *Service) inTeam(ctx context.Context, org, id, user string) (bool, error) {
	access := s.host.DB.Access(ctx).Organization(org)
	in, err := access.TeamMember().Query().Where(teammember.TeamID(id), teammember.UserID(user)).Exist(ctx)
	if err != nil || !in {
		return false, err
	}
	return access.Team().Query().Where(team.ID(id)).Exist(ctx)
}

func (r roleHeld) holds(at time.Time) bool {
	return !at.Before(r.Start) && (r.End.IsZero() || at.Before(r.End))
}

// latest is the later of two beginnings; zero is open.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earliest is the earlier of two ends; zero is open.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
