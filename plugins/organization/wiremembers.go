package organization

import (
	"context"
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// Bodies, queries and answers of better-auth organization 6.5.
type (
	removeMemberInput struct {
		MemberIDOrEmail string  `json:"memberIdOrEmail"`
		OrganizationID  *string `json:"organizationId"`
	}
	memberRoleInput struct {
		Role           schema.StringOrList `json:"role"`
		MemberID       string              `json:"memberId"`
		OrganizationID *string             `json:"organizationId"`
	}
	leaveInput struct {
		OrganizationID string `json:"organizationId"`
	}
	listMembersInput struct {
		organizationInput
		pageInput
		SortBy         *string      `json:"sortBy"`
		SortDirection  *string      `json:"sortDirection" schema:"enum=asc|desc"`
		FilterField    *string      `json:"filterField"`
		FilterValue    schema.Value `json:"filterValue" schema:"optional,union=string|number|boolean|strings|numbers"`
		FilterOperator *string      `json:"filterOperator" schema:"enum=eq|ne|lt|lte|gt|gte|in|not_in|contains|starts_with|ends_with"`
	}
	memberRoleQuery struct {
		UserID *string `json:"userId"`
		organizationInput
	}
	// permissionInput asks with exactly one of permissions and its former name.
	permissionInput struct {
		OrganizationID *string             `json:"organizationId"`
		Permission     map[string][]string `json:"permission" schema:"optional"`
		Permissions    map[string][]string `json:"permissions" schema:"optional"`
	}

	memberOutput struct {
		Member ent.WireObject `json:"member"`
	}
	membersOutput struct {
		Members []ent.WireObject `json:"members"`
		Total   int              `json:"total"`
	}
	roleOutput struct {
		Role string `json:"role"`
	}
	permissionOutput struct {
		Error   any  `json:"error"`
		Success bool `json:"success"`
	}
)

// Check refuses both names at once, and neither.
func (in permissionInput) Check(r schema.Report) {
	if (in.Permission == nil) == (in.Permissions == nil) {
		r.Add("Invalid input")
	}
}

func (s *Service) removeMember(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[removeMemberInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	gone, err := s.Remove(c.Context(), org, in.MemberIDOrEmail)
	if err != nil {
		return nil, err
	}
	row := s.wireMember(gone.Member)
	if gone.Member.ID != in.MemberIDOrEmail {
		row = s.wireMemberUser(gone.Member, gone.User)
	}
	return s.follow(c, false, memberOutput{row}, nil)
}

func (s *Service) updateMemberRole(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[memberRoleInput](c)
	if !in.Role.IsList && in.Role.Join("") == "" {
		return nil, ErrBare
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.SetRoles(c.Context(), org, in.MemberID, in.Role.Values)
	if err != nil {
		return nil, err
	}
	return s.wireMember(row), nil
}

func (s *Service) leave(c *plugins.Call) (any, error) {
	gone, err := s.Leave(c.Context(), plugins.BodyOf[leaveInput](c).OrganizationID)
	if err != nil {
		return nil, err
	}
	return s.follow(c, false, s.wireMemberUser(gone.Member, gone.User), nil)
}

func (s *Service) listMembers(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listMembersInput](c)
	org, ok, err := s.meant(c, in.organizationInput)
	if err != nil || !ok {
		return nil, orElse(err, ErrNoActive)
	}
	rows, total, err := s.wireList(c.Context(), org, in)
	if err != nil {
		return nil, err
	}
	return membersOutput{each(rows, func(m *ent.Member) ent.WireObject { return s.wireMemberUser(m, m.Edges.User) }), total}, nil
}

// wireList is the list of better-auth organization 6.5. total counts all matches.
func (s *Service) wireList(ctx context.Context, org string, in listMembersInput) ([]*ent.Member, int, error) {
	a, err := s.visit(ctx, org, ErrNotMember)
	if err != nil {
		return nil, 0, err
	}
	if !a.Can(ScopeMemberRead) {
		return nil, 0, s.refused(ctx, a, auth.ErrForbidden.ForIn(a.org, ScopeMemberRead))
	}
	where, order, err := s.wireQuery(in)
	if err != nil {
		return nil, 0, err
	}
	page := in.page()
	if page.Limit <= 0 {
		page.Limit = s.cfg.Get().MemberLimit
	}
	query := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(append(where, inForce(s.now()))...)
	total, err := query.Clone().Count(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("counting members: %w", err)
	}
	rows, err := query.WithUser().Order(order).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("listing members: %w", err)
	}
	return rows, total, nil
}

// wireQuery is the asked filter and order; without one, that of creation. A filter without
// a value matches nothing.
func (s *Service) wireQuery(in listMembersInput) ([]predicate.Member, member.OrderOption, error) {
	columns := list.WireColumnsOf("Member", s.on)
	var where []predicate.Member
	if field := auth.ValueOf(in.FilterField); field != "" {
		column, err := columns.Named("filterField", field)
		if err != nil {
			return nil, nil, err
		}
		operator := auth.ValueOf(in.FilterOperator)
		if operator == "" {
			operator = "eq"
		}
		match := predicate.Member(member.IDIn())
		if !in.FilterValue.IsUndefined() {
			if match, err = column.Where(operator, in.FilterValue); err != nil {
				return nil, nil, err
			}
		}
		where = append(where, match)
	}
	name, ascending := "createdAt", true
	if by := auth.ValueOf(in.SortBy); by != "" {
		name, ascending = by, auth.ValueOf(in.SortDirection) != "desc"
	}
	column, err := columns.Named("sortBy", name)
	if err != nil {
		return nil, nil, err
	}
	return where, column.Order(ascending), nil
}

func (s *Service) getActiveMember(c *plugins.Call) (any, error) {
	org := activeOf(c)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.ActiveMember(c.Context(), org)
	if err != nil {
		return nil, err
	}
	return s.wireMemberUser(row, row.Edges.User), nil
}

func (s *Service) getActiveMemberRole(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[memberRoleQuery](c)
	org, ok, err := s.meant(c, in.organizationInput)
	if err != nil || !ok {
		return nil, orElse(err, ErrNoActive)
	}
	role, err := s.RoleText(c.Context(), org, auth.ValueOf(in.UserID))
	if err != nil {
		return nil, err
	}
	return roleOutput{role}, nil
}

// hasPermission answers no to the former name, which the wire never reads.
func (s *Service) hasPermission(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[permissionInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	ok, err := s.Allows(c.Context(), org, in.Permissions)
	if err != nil {
		return nil, err
	}
	return permissionOutput{Success: ok}, nil
}
