package organization

import (
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// listMembers names the list in cursors and preferences.
const listMembers = "organization-members"

// Standing of a membership.
const (
	StandingActive = "active"
	StandingComing = "coming" // not begun yet
	StandingOver   = "over"
)

// Membership is a member as the console lists them.
type Membership struct {
	Member *ent.Member
	User   *ent.User
	Timed  []*ent.MemberRole
}

// Standing says whether a membership is in force at a time.
func Standing(m *ent.Member, at time.Time) string {
	switch {
	case m.EndsAt != nil && !at.Before(*m.EndsAt):
		return StandingOver
	case m.StartsAt != nil && at.Before(*m.StartsAt):
		return StandingComing
	}
	return StandingActive
}

// MemberList lists the members of an organization for the console, the newest first unless the
// query says otherwise. Text is found in name and address; filters: role, standing. It needs
// member:read there.
func (s *Service) MemberList(ctx context.Context, q list.Query) (list.Page[Membership], error) {
	a, err := s.actor(ctx, q.In)
	if err != nil {
		return list.Page[Membership]{}, err
	}
	if !a.Can(ScopeMemberRead) {
		return list.Page[Membership]{}, auth.ErrForbidden.ForIn(a.org, ScopeMemberRead)
	}
	where, err := s.memberFilter(ctx, q)
	if err != nil {
		return list.Page[Membership]{}, err
	}
	query := func() *ent.MemberQuery {
		return s.host.DB.Access(ctx).Organization(q.In).Member().Query().Where(where...)
	}
	found, err := list.Keyset[*ent.Member]{
		List: listMembers, Sort: byNewest, Keys: s.host.Keys, ID: func(m *ent.Member) string { return m.ID },
		Orders: map[string]list.Order[*ent.Member]{
			byNewest: {Column: member.FieldCreatedAt, Value: func(m *ent.Member) any { return m.CreatedAt }},
			"name":   {Column: member.FieldUserName, Value: func(m *ent.Member) any { return m.UserName }},
		},
		Rows: func(at list.Span) ([]*ent.Member, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
	if err != nil {
		return list.Page[Membership]{}, fmt.Errorf("listing members: %w", err)
	}
	full, err := s.completed(ctx, q.In, found.Rows)
	if err != nil {
		return list.Page[Membership]{}, err
	}
	return list.Of(found, func(m *ent.Member) (Membership, error) { return full[m.ID], nil })
}

// memberFilter are the predicates of a query of MemberList.
func (s *Service) memberFilter(ctx context.Context, q list.Query) ([]predicate.Member, error) {
	var where []predicate.Member
	if text := strings.TrimSpace(q.Text); text != "" {
		found, err := s.matching(ctx, q.In, text)
		if err != nil {
			return nil, err
		}
		where = append(where, found)
	}
	if roles := q.Filters["role"]; len(roles) > 0 {
		held, err := s.holdsAny(ctx, q.In, roles...)
		if err != nil {
			return nil, err
		}
		where = append(where, held)
	}
	now := s.now()
	switch q.One("standing") {
	case StandingActive:
		where = append(where, inForce(now))
	case StandingComing:
		where = append(where, member.StartsAtGT(now))
	case StandingOver:
		where = append(where, member.EndsAtLTE(now))
	}
	return where, nil
}

// areOwners are the owners of an organization, found by the index on roles: ownership has no
// end, so it is in the stored roles.
func (s *Service) areOwners(ctx context.Context, org string) (predicate.Member, error) {
	texts, err := s.namingTexts(ctx, org, []string{s.creatorRole()})
	return member.And(member.RoleIn(texts...), inForce(s.now())), err
}

// holdsAny are the members of an organization who have one of some roles, for a time too.
func (s *Service) holdsAny(ctx context.Context, org string, roles ...string) (predicate.Member, error) {
	texts, err := s.namingTexts(ctx, org, roles)
	if err != nil {
		return nil, err
	}
	return member.Or(member.RoleIn(texts...), func(q *sql.Selector) { // for a time
		t := sql.Table(memberrole.Table)
		names := make([]any, len(roles))
		for i, role := range roles {
			names[i] = role
		}
		q.Where(sql.In(q.C(member.FieldID), sql.Select(t.C(memberrole.FieldMemberID)).From(t).Where(sql.And(
			sql.EQ(t.C(memberrole.FieldOrganizationID), org), sql.In(t.C(memberrole.FieldRole), names...)))))
	}), nil
}

// completed reads the people and the roles for a time of members, by id of the member.
func (s *Service) completed(ctx context.Context, org string, rows []*ent.Member) (map[string]Membership, error) {
	var users, ids []string
	for _, m := range rows {
		users, ids = append(users, m.UserID), append(ids, m.ID)
	}
	people, err := s.host.Users.ByIDs(ctx, users)
	if err != nil {
		return nil, err
	}
	timed, err := s.host.DB.Access(ctx).Organization(org).MemberRole().Query().Where(memberrole.MemberIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	roles := map[string][]*ent.MemberRole{}
	for _, t := range timed {
		roles[t.MemberID] = append(roles[t.MemberID], t)
	}
	full := map[string]Membership{}
	for _, m := range rows {
		full[m.ID] = Membership{m, people[m.UserID], roles[m.ID]}
	}
	return full, nil
}

// owners reads some owners of an organization, those of longest standing first.
func (s *Service) owners(ctx context.Context, org string, limit int) ([]Membership, error) {
	are, err := s.areOwners(ctx, org)
	if err != nil {
		return nil, err
	}
	return s.members(ctx, org, limit, ent.Asc(member.FieldCreatedAt, member.FieldID), are)
}

// membersWhere reads some members by name, with their people.
func (s *Service) membersWhere(ctx context.Context, org string, limit int, where ...predicate.Member) ([]Membership, error) {
	return s.members(ctx, org, limit, ent.Asc(member.FieldUserName, member.FieldID), where...)
}

func (s *Service) members(ctx context.Context, org string, limit int, order member.OrderOption, where ...predicate.Member) ([]Membership, error) {
	rows, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(where...).Order(order).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	full, err := s.completed(ctx, org, rows)
	var list []Membership
	for _, row := range rows {
		list = append(list, full[row.ID])
	}
	return list, err
}

// MemberByID reads one member of an organization for the console; nil when there is none.
// It needs member:read there.
func (s *Service) MemberByID(ctx context.Context, org, id string) (*Membership, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if !a.Can(ScopeMemberRead) {
		return nil, auth.ErrForbidden.ForIn(a.org, ScopeMemberRead)
	}
	row, err := s.host.DB.Access(ctx).Organization(org).Member().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a member: %w", err)
	}
	full, err := s.completed(ctx, org, []*ent.Member{row})
	m := full[id]
	return &m, err
}
