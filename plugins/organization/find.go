package organization

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/organization"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// palettes find organizations, and the members of the one that the reader is in.
func (s *Service) palettes() []plugins.Palette {
	more := func(path, text string) string { return path + "?" + url.Values{"q": {text}}.Encode() }
	return []plugins.Palette{
		{Label: "Members", Scope: ScopeMemberRead, Organization: true, Find: s.findMembers,
			More: func(ctx context.Context, text string) string {
				return more(plugins.OrganizationOf(ctx).Path("/members"), text)
			}},
		{Label: "Organizations", Find: s.findOrganizations, More: func(ctx context.Context, text string) string {
			if auth.PrincipalOf(ctx).Can(ScopeList) {
				return more(organizationsPath, text)
			}
			return placesPath
		}},
	}
}

// findOrganizations searches all organizations for those who may list them, for others
// those they belong to.
func (s *Service) findOrganizations(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
	find := s.findOwn
	if auth.PrincipalOf(ctx).Can(ScopeList) {
		find = s.bestOrganizations
	}
	rows, err := find(ctx, text, limit)
	if err != nil {
		return nil, err
	}
	found := make([]plugins.Found, len(rows))
	for i, o := range rows {
		found[i] = plugins.Found{Icon: "building-2", Title: words.Raw(o.Name), Detail: words.Raw(o.Slug), URL: listed(o).Path("")}
	}
	return found, nil
}

// bestOrganizations finds any, the one that is called exactly so first.
func (s *Service) bestOrganizations(ctx context.Context, text string, limit int) ([]*ent.Organization, error) {
	access := s.host.DB.Access(ctx).Platform()
	rows, err := access.Organization().Query().Where(organization.Slug(strings.ToLower(text))).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for an organization: %w", err)
	}
	named, err := access.Organization().Query().Where(organization.Name(text)).Order(ent.Asc(organization.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for organizations: %w", err)
	}
	page, err := s.OrganizationList(ctx, list.Query{Text: text, Sort: byNewest, Limit: limit})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var best []*ent.Organization
	for _, o := range append(append(rows, named...), page.Rows...) {
		if !seen[o.ID] && len(best) < limit {
			best = append(best, o)
		}
		seen[o.ID] = true
	}
	return best, nil
}

// findOwn finds among the organizations that the reader belongs to. While somebody sees the
// console as the reader would, only who may look into every organization sees any.
func (s *Service) findOwn(ctx context.Context, text string, limit int) ([]*ent.Organization, error) {
	if v := auth.PrincipalOf(ctx).Viewer; v != nil && !v.Can(ScopeRead) {
		return nil, nil
	}
	all, err := s.Own(ctx, Page{Limit: maxPlaces})
	if err != nil {
		return nil, err
	}
	var found []*ent.Organization
	wanted := strings.ToLower(text)
	for _, o := range all {
		fits := strings.Contains(strings.ToLower(o.Name), wanted) || strings.Contains(o.Slug, wanted) || len(text) >= database.MinID && strings.HasPrefix(o.ID, text)
		if fits && len(found) < limit {
			found = append(found, o)
		}
	}
	return found, nil
}

// findMembers finds members of the organization that the reader is in as their list does, by
// name.
func (s *Service) findMembers(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
	o := plugins.OrganizationOf(ctx)
	where, err := s.memberFilter(ctx, list.Query{In: o.ID, Text: text})
	if err != nil {
		return nil, err
	}
	members, err := s.membersWhere(ctx, o.ID, limit, where...)
	var found []plugins.Found
	for _, m := range members {
		r := memberRow{Membership: m, Slug: o.Slug}
		found = append(found, plugins.Found{Icon: "user", Title: words.Raw(r.shown()), Detail: words.Raw(r.person().Person.Email), URL: r.url("")})
	}
	return found, err
}
