package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
)

// Period is the time in which something holds; nil is open.
type Period struct{ Start, End *time.Time }

func (p Period) bounded() bool { return p.Start != nil || p.End != nil }

// check refuses a period that is over, or ends before it begins.
func (p Period) check(now time.Time) error {
	if p.End != nil && (!p.End.After(now) || p.Start != nil && !p.End.After(*p.Start)) {
		return ErrPeriod.At("end")
	}
	return nil
}

// meets reports whether two periods overlap, or one follows the other at once.
func (p Period) meets(q Period) bool {
	return (p.Start == nil || q.End == nil || !p.Start.After(*q.End)) && (q.Start == nil || p.End == nil || !q.Start.After(*p.End))
}

// holds reports whether another period lies in this one.
func (p Period) holds(q Period) bool {
	return (p.Start == nil || q.Start != nil && !q.Start.Before(*p.Start)) && (p.End == nil || q.End != nil && !q.End.After(*p.End))
}

// with is the period from the earlier start to the later end.
func (p Period) with(q Period) Period {
	if q.Start == nil || p.Start != nil && q.Start.Before(*p.Start) {
		p.Start = q.Start
	}
	if q.End == nil || p.End != nil && q.End.After(*p.End) {
		p.End = q.End
	}
	return p
}

// SetPeriod sets when a membership begins and ends. It needs member:update and, as it may
// prolong them, what the organization's own roles of the member give; whoever has these for
// a time prolongs no membership beyond it. That of an owner has neither.
func (s *Service) SetPeriod(ctx context.Context, org, id string, p Period) (*ent.Member, error) {
	if err := p.check(s.now()); err != nil {
		return nil, err
	}
	var row *ent.Member
	err := s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		target, err := s.changeable(ctx, c, id)
		if err != nil {
			return err
		}
		until := s.now()
		if !(Period{End: target.EndsAt}).holds(Period{End: p.End}) {
			until = auth.ValueOf(p.End)
		}
		roles, err := s.rolesWithTimed(ctx, c, target)
		if err != nil {
			return err
		}
		may := func(until time.Time) (bool, error) {
			return s.mayGiveOwn(ctx, c.by, ScopeMemberUpdate, roles, until)
		}
		if err := c.by.gives(may, until, ErrMayNotGive, "end"); err != nil {
			return err
		}
		if p.bounded() && s.creates(target.Role) {
			return ErrOwnersHaveNoEnd
		}
		up := c.ent().Member().UpdateOne(target).SetNillableStartsAt(p.Start).SetNillableEndsAt(p.End)
		if p.Start == nil {
			up.ClearStartsAt()
		}
		if p.End == nil {
			up.ClearEndsAt()
		}
		if row, err = up.Save(ctx); err != nil {
			return fmt.Errorf("changing the time of a membership: %w", err)
		}
		data := map[string]any{}
		periodData(data, p.Start, p.End)
		return s.recordOf(ctx, eventMemberPeriod, org, target.UserID, data)
	})
	return row, err
}

// maxTimedRoles bounds the roles for a time of one member.
const maxTimedRoles = 20

// GrantRole gives a member a role for a time, beside those that have no end. It needs
// member:update and everything that the role gives; the creator's role is not given so. A
// time that overlaps or follows one of the same role prolongs that; one that lies in it
// changes nothing and is refused.
func (s *Service) GrantRole(ctx context.Context, org, id, role string, p Period) (*ent.MemberRole, error) {
	if err := p.check(s.now()); err != nil {
		return nil, err
	}
	if role == s.creatorRole() {
		return nil, ErrOwnersHaveNoEnd.At("role")
	}
	var row *ent.MemberRole
	err := s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		target, err := s.changeable(ctx, c, id)
		if err != nil {
			return err
		}
		if err := s.mayGrant(ctx, c.by, target, role, auth.ValueOf(p.End)); err != nil {
			return err
		}
		if row, err = s.grant(ctx, c, target, role, p); err != nil {
			return err
		}
		data := map[string]any{"role": role}
		periodData(data, row.StartsAt, row.EndsAt)
		return s.recordOf(ctx, eventRoleGranted, org, target.UserID, data)
	})
	return row, err
}

// grant stores a role for a time: as a row of its own, or in those of the same role that it
// overlaps or touches, which become one.
func (s *Service) grant(ctx context.Context, c *command, target *ent.Member, role string, p Period) (*ent.MemberRole, error) {
	rows, err := c.ent().MemberRole().Query().Where(memberrole.MemberID(target.ID), roleNotOver(s.now())).
		Order(ent.Asc(memberrole.FieldCreatedAt, memberrole.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	var met []*ent.MemberRole
	ahead, now := p, s.now() // what is behind says nothing
	if p.Start == nil || p.Start.Before(now) {
		ahead.Start = &now
	}
	for _, row := range rows {
		has := Period{row.StartsAt, row.EndsAt}
		switch {
		case row.Role != role || !has.meets(ahead):
		case has.holds(ahead):
			return nil, ErrRoleHeld.At("role")
		default:
			met = append(met, row)
		}
	}
	if len(met) == 0 {
		if len(rows) >= maxTimedRoles {
			return nil, ErrTooManyTimed
		}
		row, err := c.ent().MemberRole().Create().SetID(random.ID()).SetMemberID(target.ID).SetRole(role).
			SetNillableStartsAt(p.Start).SetNillableEndsAt(p.End).SetGrantedBy(c.by.p.Subject).SetCreatedAt(s.now()).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("giving a role for a time: %w", err)
		}
		return row, nil
	}
	p = ahead
	for i, row := range met {
		p = p.with(Period{row.StartsAt, row.EndsAt})
		if i == 0 {
			continue
		}
		if err := c.ent().MemberRole().DeleteOneID(row.ID).Exec(ctx); err != nil {
			return nil, fmt.Errorf("joining roles for a time: %w", err)
		}
	}
	up := c.ent().MemberRole().UpdateOne(met[0]).SetNillableStartsAt(p.Start).SetNillableEndsAt(p.End).SetGrantedBy(c.by.p.Subject)
	if p.Start == nil {
		up.ClearStartsAt()
	}
	if p.End == nil {
		up.ClearEndsAt()
	}
	row, err := up.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("prolonging a role for a time: %w", err)
	}
	return row, nil
}

// rolesWithTimed are the roles of a membership and those for a time, which last no longer than it.
func (s *Service) rolesWithTimed(ctx context.Context, c *command, target *ent.Member) ([]string, error) {
	timed, err := c.ent().MemberRole().Query().Where(memberrole.MemberID(target.ID)).Unique(true).Select(memberrole.FieldRole).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the roles for a time of a member: %w", err)
	}
	return append(auth.SplitRoles(target.Role), timed...), nil
}

func (s *Service) mayGrant(ctx context.Context, a actor, target *ent.Member, role string, until time.Time) error {
	unknown, err := s.Unknown(ctx, a.org, []string{role})
	if err != nil {
		return err
	}
	if len(unknown) > 0 || strings.Contains(role, ",") {
		return ErrRoleNotFound.At("role")
	}
	if slices.Contains(auth.SplitRoles(target.Role), role) {
		return ErrRoleHeld.At("role")
	}
	may := func(until time.Time) (bool, error) { return s.mayGive(ctx, a, []string{role}, until) }
	return a.gives(may, until, ErrMayNotGive, "end")
}

// EndRole takes a role for a time away. It needs member:update.
func (s *Service) EndRole(ctx context.Context, org, id string) error {
	return s.change(ctx, org, ErrMemberNotFound, func(ctx context.Context, c *command) error {
		row, err := c.ent().MemberRole().Query().Where(memberrole.ID(id)).WithMember().Only(ctx)
		if ent.IsNotFound(err) {
			return ErrRoleNotFound
		}
		if err != nil {
			return fmt.Errorf("reading a role for a time: %w", err)
		}
		if _, err := s.changeable(ctx, c, row.MemberID); err != nil {
			return err
		}
		return s.endRole(ctx, c.tx, row, false)
	})
}

// endRole removes a role for a time.
func (s *Service) endRole(ctx context.Context, tx *auth.Tx, row *ent.MemberRole, expired bool) error {
	n, err := tx.Organization(row.OrganizationID).MemberRole().Delete().Where(memberrole.ID(row.ID)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("ending a role for a time: %w", err)
	}
	if n == 0 || row.Edges.Member == nil {
		return nil
	}
	return s.recordOf(ctx, eventRoleEnded, row.OrganizationID, row.Edges.Member.UserID, map[string]any{"role": row.Role, "expired": expired})
}

// changeable finds a member whom the actor may change: owners are changed by owners only.
func (s *Service) changeable(ctx context.Context, c *command, id string) (*ent.Member, error) {
	target, err := s.oneMember(ctx, c.org.ID, member.ID(id))
	if err != nil {
		return nil, err
	}
	owner := s.owns(c.by)
	if !owner && (s.creates(target.Role) || !c.by.Can(ScopeMemberUpdate)) {
		return nil, deny(ErrMayNotUpdateMember)
	}
	return target, nil
}
