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
	"gatehouse/ent/predicate"
	api "gatehouse/plugins/organization/organizationapi"
)

// ActiveMember is the membership of the person who asks, with the person.
func (s *Service) ActiveMember(ctx context.Context, org string) (*ent.Member, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if a.member == nil {
		return nil, ErrMemberNotFound
	}
	return s.withUser(ctx, a.member.Row)
}

// RoleText is what roles a member has, those for a time too; empty user is the one who asks.
func (s *Service) RoleText(ctx context.Context, org, user string) (string, error) {
	a, err := s.visit(ctx, org, ErrNotMember)
	if err != nil {
		return "", err
	}
	m := a.member
	if user != "" && user != a.p.Subject {
		if !a.Can(ScopeMemberRead) {
			return "", s.refused(ctx, a, ErrNotMember)
		}
		if m, err = s.membership(ctx, org, user, s.now()); err != nil {
			return "", err
		}
	}
	if m == nil {
		return "", ErrNotMember
	}
	if names := m.names(); len(names) > len(auth.SplitRoles(m.Row.Role)) {
		return joined(names), nil
	}
	return m.Row.Role, nil
}

// Allows reports whether one single role of the caller covers all that is asked (decisions
// 21). Only who has a place in the organization may ask.
func (s *Service) Allows(ctx context.Context, org string, asked map[string][]string) (bool, error) {
	// No actor: the membership was read for the principal, and need not be once more.
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return false, err
	}
	if !isMember(p, org) && len(p.ScopesIn(auth.In(org))) == 0 {
		return false, errAskForeign
	}
	return p.OneCovers(org, asked), nil
}

func (s *Service) withUser(ctx context.Context, row *ent.Member) (*ent.Member, error) {
	u, err := s.host.Users.ByID(ctx, row.UserID)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errNoUser
	}
	with := *row
	with.Edges.User = u
	return &with, nil
}

// NewMembership is somebody to be made a member.
type NewMembership struct {
	User   string
	Roles  []string
	Team   string         // to be put into; empty: none
	Fields map[string]any // additional fields, judged
	Period Period
	// Trusted says that the program has decided: nobody is asked what they may do, and role
	// names are not looked up.
	Trusted bool
}

// Add makes somebody a member without an invitation. It needs member:create, and nobody
// gives a role that holds more than they do. No route of the wire does this (better-auth
// organization 6.5).
func (s *Service) Add(ctx context.Context, org string, n NewMembership) (*ent.Member, error) {
	roles := parseRoles(n.Roles)
	if len(roles) == 0 {
		return nil, ErrRoleNotFound
	}
	if n.Team != "" && !s.cfg.Get().Teams.Enabled {
		return nil, errNoTeams
	}
	if err := n.Period.check(s.now()); err != nil {
		return nil, err
	}
	if n.Period.bounded() && slices.Contains(roles, s.creatorRole()) {
		return nil, ErrOwnersHaveNoEnd
	}
	user, err := s.host.Users.ByID(ctx, n.User)
	if err != nil {
		return nil, err
	}
	var row *ent.Member
	do := func(ctx context.Context, c *command) error {
		if user == nil {
			return auth.ErrUserNotFound
		}
		by := byServer
		if !n.Trusted {
			by = byAdding
		}
		row, err = s.add(ctx, c, joining{user: user, role: joined(roles), fields: n.Fields, start: n.Period.Start, end: n.Period.End, by: by, limit: true},
			func(ctx context.Context, row *ent.Member) error {
				if n.Team == "" {
					return nil
				}
				_, err := s.intoTeam(ctx, c, n.Team, row.UserID)
				return err
			})
		return err
	}
	if n.Trusted {
		err = s.trusted(ctx, org, do)
		return row, err
	}
	err = s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		if err := s.mayAdd(ctx, c.by, roles, auth.ValueOf(n.Period.End)); err != nil {
			return err
		}
		return do(ctx, c)
	})
	return row, err
}

// mayAddUnasked refuses those who add nobody without asking them: only who has the rights of
// an owner everywhere does, everybody else invites.
func (s *Service) mayAddUnasked(ctx context.Context) error {
	if !auth.PrincipalOf(ctx).Can(ScopeOwn) {
		return auth.ErrForbidden.For(ScopeOwn)
	}
	return nil
}

// AddByAddress makes the person of an address a member without asking them; see
// mayAddUnasked.
func (s *Service) AddByAddress(ctx context.Context, org, address string, roles []string) (*ent.Member, error) {
	if err := s.mayAddUnasked(ctx); err != nil {
		return nil, err
	}
	user, err := s.host.Users.ByEmail(ctx, address)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, auth.ErrValidation.Saying("Nobody has this address. Invite them instead.").At("email")
	}
	return s.Add(ctx, org, NewMembership{User: user.ID, Roles: roles})
}

func (s *Service) mayAdd(ctx context.Context, a actor, roles []string, until time.Time) error {
	if err := a.needs(ScopeMemberCreate, ErrMayNotAdd); err != nil {
		return err
	}
	unknown, err := s.Unknown(ctx, a.org, roles)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return unknownRoles(strings.Join(unknown, ", "))
	}
	may := func(until time.Time) (bool, error) { return s.mayGive(ctx, a, roles, until) }
	return a.gives(may, until, ErrMayNotGive, "")
}

// trusted runs a command without asking what its actor may do: the program decided, or the
// person it is about has the right to it.
func (s *Service) trusted(ctx context.Context, org string, fn func(context.Context, *command) error) error {
	c := &command{}
	err := s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) (err error) {
		*c = command{tx: tx}
		if c.org, err = s.lock(ctx, tx, org); err != nil || c.org == nil {
			return orElse(err, ErrNotFound)
		}
		return fn(ctx, c)
	})
	if err != nil {
		return err
	}
	return run(ctx, c.after)
}

// Removed is a membership that ended.
type Removed struct {
	Member *ent.Member
	User   *ent.User
}

// Remove ends a membership, named by its id or by the address of the person. It needs
// member:delete; owners are removed by owners only, and never the last one.
func (s *Service) Remove(ctx context.Context, org, idOrEmail string) (*Removed, error) {
	var gone *Removed
	err := s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		row, err := s.named(ctx, org, idOrEmail)
		if err != nil {
			return err
		}
		if s.creates(row.Role) {
			if !s.owns(c.by) {
				return deny(ErrOnlyOwner)
			}
			if err := s.keepOwner(ctx, row, ErrOnlyOwner); err != nil {
				return err
			}
		}
		if err := c.by.needs(ScopeMemberDelete, ErrMayNotRemove); err != nil {
			return err
		}
		gone, err = s.remove(ctx, c, row)
		return err
	})
	return gone, err
}

func (s *Service) remove(ctx context.Context, c *command, row *ent.Member) (*Removed, error) {
	user, err := s.host.Users.ByID(ctx, row.UserID)
	if err != nil || user == nil {
		return nil, orElse(err, errNoUser)
	}
	err = s.around(ctx, c, &api.Happened{Member: asMember(row), User: asUser(user)},
		func(h api.Hooks) []auth.On[*api.Happened] { return h.BeforeRemoveMember },
		func(h api.Hooks) []auth.On[*api.Happened] { return h.AfterRemoveMember })
	if err != nil {
		return nil, err
	}
	kind := eventMemberRemoved
	if row.UserID == c.by.p.Subject {
		kind = eventMemberLeft
	}
	return &Removed{row, user}, s.end(ctx, c.tx, row, kind)
}

// named finds a member of an organization by id or address; a member of another one is
// nobody here (D-8).
func (s *Service) named(ctx context.Context, org, idOrEmail string) (*ent.Member, error) {
	if !strings.Contains(idOrEmail, "@") {
		return s.oneMember(ctx, org, member.ID(idOrEmail))
	}
	user, err := s.host.Users.ByEmail(ctx, idOrEmail)
	if err != nil || user == nil {
		return nil, orElse(err, ErrMemberNotFound)
	}
	return s.oneMember(ctx, org, member.UserID(user.ID))
}

// oneMember reads a membership of an organization that counts or will.
func (s *Service) oneMember(ctx context.Context, org string, by predicate.Member) (*ent.Member, error) {
	row, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(by, notOver(s.now())).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrMemberNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading a membership: %w", err)
	}
	return row, nil
}

// keepOwner returns an error unless somebody besides a member is an owner. The organization
// is locked, so of two owners who go at once one stays (SEC-130).
func (s *Service) keepOwner(ctx context.Context, row *ent.Member, refusal *auth.Error) error {
	other, err := s.otherOwner(ctx, row.OrganizationID, row.ID)
	if err != nil || other {
		return err
	}
	return refusal
}

// Leave ends the membership of the person who asks. No hooks are asked (better-auth
// organization 6.5).
func (s *Service) Leave(ctx context.Context, org string) (*Removed, error) {
	var gone *Removed
	err := s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		if c.by.member == nil {
			return ErrMemberNotFound
		}
		row := c.by.member.Row
		if s.creates(row.Role) {
			if err := s.keepOwner(ctx, row, ErrOnlyOwner); err != nil {
				return err
			}
		}
		user, err := s.host.Users.ByID(ctx, row.UserID)
		if err != nil {
			return err
		}
		gone = &Removed{row, user}
		return s.end(ctx, c.tx, row, eventMemberLeft)
	})
	return gone, err
}

// SetRoles replaces the roles of a member that have no end. It needs member:update, or the
// rights of an owner, which the creator's role needs in any case.
func (s *Service) SetRoles(ctx context.Context, org, id string, given []string) (*ent.Member, error) {
	roles := parseRoles(given)
	if len(roles) == 0 {
		return nil, ErrBare
	}
	var row *ent.Member
	err := s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		target, err := s.oneMember(ctx, org, member.ID(id))
		if err != nil {
			return err
		}
		if err := s.maySetRoles(ctx, c.by, target, roles); err != nil {
			return err
		}
		row, err = s.setRoles(ctx, c, target, roles)
		return err
	})
	return row, err
}

// maySetRoles are the checks in the order of the wire: whoever may not change members does
// not find out which roles there are.
func (s *Service) maySetRoles(ctx context.Context, a actor, target *ent.Member, roles []string) error {
	owner := s.owns(a)
	creates := slices.Contains(roles, s.creatorRole())
	if (s.creates(target.Role) || creates) && !owner {
		return deny(ErrMayNotUpdateMember)
	}
	if s.creates(target.Role) && !creates {
		if err := s.keepOwner(ctx, target, ErrWithoutOwner); err != nil {
			return err
		}
	}
	if err := a.needs(ScopeMemberUpdate, ErrMayNotUpdateMember); err != nil && !owner {
		return err
	}
	unknown, err := s.Unknown(ctx, a.org, roles)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return unknownRoles(strings.Join(unknown, ", "))
	}
	had := auth.SplitRoles(target.Role)
	added := slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return slices.Contains(had, r) })
	may := func(until time.Time) (bool, error) { return s.mayGiveOwn(ctx, a, ScopeMemberUpdate, added, until) }
	return a.gives(may, auth.ValueOf(target.EndsAt), ErrMayNotUpdateMember, "")
}

func (s *Service) setRoles(ctx context.Context, c *command, target *ent.Member, roles []string) (*ent.Member, error) {
	user, err := s.host.Users.ByID(ctx, target.UserID)
	if err != nil || user == nil {
		return nil, orElse(err, errNoUser)
	}
	change := &api.RoleChange{Tx: c.tx, Organization: asOrganization(c.org), Member: *asMember(target), User: *asUser(user),
		PreviousRole: target.Role, NewRole: joined(roles)}
	if err := consult(ctx, s, func(h api.Hooks) []auth.On[*api.RoleChange] { return h.BeforeUpdateMemberRole }, change); err != nil {
		return nil, err
	}
	change.NewRole = joined(auth.SplitRoles(change.NewRole))
	if change.NewRole == "" {
		return nil, ErrBare
	}
	if s.creates(target.Role) && !s.creates(change.NewRole) {
		if err := s.keepOwner(ctx, target, ErrWithoutOwner); err != nil {
			return nil, err
		}
	}
	if s.creates(change.NewRole) && (target.StartsAt != nil || target.EndsAt != nil) {
		return nil, ErrOwnersHaveNoEnd
	}
	row, err := c.ent().Member().UpdateOne(target).SetRole(change.NewRole).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("changing the roles of a member: %w", err)
	}
	c.then(func(ctx context.Context) error {
		change.Tx, change.Member = nil, *asMember(row)
		return consult(ctx, s, func(h api.Hooks) []auth.On[*api.RoleChange] { return h.AfterUpdateMemberRole }, change)
	})
	if row.Role == target.Role {
		return row, nil
	}
	return row, s.recordOf(ctx, eventMemberRole, c.org.ID, target.UserID, map[string]any{"before": target.Role, "after": row.Role})
}
