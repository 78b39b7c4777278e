package organization

import (
	"context"
	"errors"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/plugins/list"
	api "gatehouse/plugins/organization/organizationapi"
)

// The methods below are organizationapi.Administration: the acts of the command line.
var _ api.Administration = (*Service)(nil)

// ListOrganizations implements organizationapi.Administration.
func (s *Service) ListOrganizations(ctx context.Context, search string, limit int) ([]api.Overview, error) {
	var all []api.Overview
	for row, err := range s.lists.organizations.Each(ctx, list.Query{Text: search, Sort: byNewest}) {
		if err != nil {
			return nil, err
		}
		if all = append(all, overview(row.Org, row.Members)); len(all) == limit {
			break
		}
	}
	return all, nil
}

func overview(o *ent.Organization, members int) api.Overview {
	return api.Overview{ID: o.ID, Slug: o.Slug, Name: o.Name, Members: members, CreatedAt: o.CreatedAt}
}

// DescribeOrganization implements organizationapi.Administration.
func (s *Service) DescribeOrganization(ctx context.Context, org string, limit int) (api.Described, error) {
	row, err := s.operated(ctx, org)
	if err != nil {
		return api.Described{}, err
	}
	p := auth.PrincipalOf(ctx)
	for _, scope := range []string{ScopeRead, ScopeMemberRead} {
		if !p.Can(scope) {
			return api.Described{}, auth.ErrForbidden.For(scope)
		}
	}
	counted, err := s.countMembers(ctx, []*ent.Organization{row})
	if err != nil {
		return api.Described{}, err
	}
	d := api.Described{Overview: overview(row, counted[row.ID])}
	members, err := s.membersWhere(ctx, row.ID, limit)
	for _, m := range members {
		b := api.Belonging{MemberID: m.Member.ID, UserID: m.Member.UserID, Name: m.Member.UserName, Email: m.Member.UserEmail, Roles: auth.SplitRoles(m.Member.Role),
			Standing: Standing(m.Member, s.now()), CreatedAt: m.Member.CreatedAt, StartsAt: m.Member.StartsAt, EndsAt: m.Member.EndsAt}
		d.People = append(d.People, b)
	}
	return d, err
}

// CreateOrganization implements organizationapi.Administration.
func (s *Service) CreateOrganization(ctx context.Context, name, slug, owner string) (api.Overview, error) {
	if name = strings.TrimSpace(name); name == "" {
		return api.Overview{}, auth.ErrMissingField.Saying("A name is needed")
	}
	if slug == "" {
		if slug = slugOf(name); slug == "" {
			return api.Overview{}, errNoSlug
		}
	}
	if !goodSlug(slug) {
		return api.Overview{}, errSlug
	}
	u, err := s.personCalled(ctx, owner)
	if err != nil {
		return api.Overview{}, err
	}
	made, err := s.Create(ctx, NewOrganization{Name: name, Slug: slug, Owner: u.ID, KeepActive: true})
	if errors.Is(err, ErrExists) {
		err = ErrExists.Saying("The short name %s is taken.", slug).At("slug")
	}
	if err != nil {
		return api.Overview{}, err
	}
	return overview(made.Organization, 1), nil
}

// DeleteOrganization implements organizationapi.Administration.
func (s *Service) DeleteOrganization(ctx context.Context, org string) error {
	row, err := s.operated(ctx, org)
	if err == nil {
		_, err = s.Delete(ctx, row.ID)
	}
	return err
}

// AddPerson implements organizationapi.Administration.
func (s *Service) AddPerson(ctx context.Context, org, user string, roles []string, start, end *time.Time) error {
	row, err := s.operated(ctx, org)
	if err != nil {
		return err
	}
	u, err := s.personCalled(ctx, user)
	if err != nil {
		return err
	}
	unknown, err := s.Unknown(ctx, row.ID, parseRoles(roles))
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return ErrRoleNotFound.Saying(words.F("There is no such role here: %s", strings.Join(unknown, ", ")))
	}
	_, err = s.Add(ctx, row.ID, NewMembership{User: u.ID, Roles: roles, Period: Period{start, end}})
	return err
}

// RemovePerson implements organizationapi.Administration.
func (s *Service) RemovePerson(ctx context.Context, org, user string) error {
	row, err := s.operated(ctx, org)
	if err != nil {
		return err
	}
	u, err := s.personCalled(ctx, user)
	if err != nil {
		return err
	}
	m, err := s.oneMember(ctx, row.ID, member.UserID(u.ID))
	if err == nil {
		_, err = s.Remove(ctx, row.ID, m.ID)
	}
	if errors.Is(err, ErrOnlyOwner) {
		err = errOnlyOwner
	}
	return err
}

// operated finds an organization for those who may list all, so that nobody else finds out
// whether there is one.
func (s *Service) operated(ctx context.Context, org string) (*ent.Organization, error) {
	if !auth.PrincipalOf(ctx).Can(ScopeList) {
		return nil, auth.ErrForbidden.For(ScopeList)
	}
	row, err := s.called(ctx, org)
	if err == nil && row == nil {
		err = ErrNotFound
	}
	return row, err
}

// personCalled finds somebody by address or id.
func (s *Service) personCalled(ctx context.Context, name string) (*ent.User, error) {
	u, err := s.host.Users.Called(ctx, name)
	if err == nil && u == nil {
		err = auth.ErrUserNotFound
	}
	return u, err
}
