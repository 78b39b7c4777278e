package organization

import (
	"context"
	"fmt"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// organizationsView is the page of the list of all organizations.
type organizationsView struct {
	List   list.View[organizationRow]
	Create bool
}

// organizationRow is one organization in the list.
type organizationRow struct {
	Org     *ent.Organization
	Members int
	Owners  owned
}

func (s *Service) organizationsPage(c *plugins.Call) error {
	view, err := s.lists.organizations.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), organizationsView{view, c.Principal().Can(ScopeCreate)})
}

func (s *Service) organizationsList() *list.List[organizationRow] {
	return &list.List[organizationRow]{
		ID: listOrganizations, Path: organizationsPath, Caption: "Organizations", Sort: byNewest, Export: ScopeList,
		What:   func(n int) words.Text { return words.N(n, "%d organization", "%d organizations") },
		Search: "Search organizations by name or short name", Placeholder: "Name or short name",
		Load: s.loadOrganizations,
		Filters: []list.Filter{{ID: "owner", Label: "Owner", Single: true, Options: func(context.Context) []web.Option {
			return []web.Option{{Value: ownerNone, Label: "Nobody"}}
		}}},
		Row: func(r organizationRow) list.Row {
			return list.Row{ID: r.Org.ID, Label: words.Raw(r.Org.Name), Href: listed(r.Org).Path("")}
		},
		Empty: func(c *plugins.Call) web.Empty {
			return web.Empty{Icon: "building-2", Title: "No organizations yet", Text: "Customers, teams and companies that use your apps together.",
				Actions: organizationsView{Create: c.Principal().Can(ScopeCreate)}.actions()}
		},
		Columns: []list.Column[organizationRow]{
			{ID: "name", Label: "Organization", Sort: true, First: true, Fixed: true, Draw: func(r organizationRow) templ.Component { return organizationCell(r.Org) }, Value: func(r organizationRow) any { return r.Org.Name }},
			{ID: "slug", Label: "Short name", Hidden: true, Wide: true, Draw: func(r organizationRow) templ.Component { return web.Mono(r.Org.Slug) }, Value: func(r organizationRow) any { return r.Org.Slug }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r organizationRow) templ.Component {
				return web.ID{Value: r.Org.ID, What: "organization id"}
			}, Value: func(r organizationRow) any { return r.Org.ID }},
			{ID: "owner", Label: "Owner", Wide: true, Draw: func(r organizationRow) templ.Component { return r.owner() }, Value: func(r organizationRow) any { return r.Owners.Name },
				Hold: func(p *auth.Principal) bool { return p.Can(ScopeMemberRead) }},
			{ID: "members", Label: "Members", End: true, Fit: true, Draw: func(r organizationRow) templ.Component { return words.Number(r.Members) }, Value: func(r organizationRow) any { return r.Members }},
			{ID: byNewest, Label: "Created", Sort: true, Wide: true, End: true, Draw: func(r organizationRow) templ.Component { return web.Time{At: r.Org.CreatedAt} }, Value: func(r organizationRow) any { return r.Org.CreatedAt }},
		},
	}
}

func (s *Service) loadOrganizations(ctx context.Context, q list.Query) (list.Page[organizationRow], error) {
	found, err := s.OrganizationList(ctx, q)
	if err != nil {
		return list.Page[organizationRow]{}, err
	}
	members, err := s.countMembers(ctx, found.Rows)
	if err != nil {
		return list.Page[organizationRow]{}, err
	}
	owners, err := s.ownersOf(ctx, idsOf(found.Rows))
	if err != nil {
		return list.Page[organizationRow]{}, err
	}
	return list.Of(found, func(o *ent.Organization) (organizationRow, error) {
		return organizationRow{o, members[o.ID], owners[o.ID]}, nil
	})
}

// owner is who owns an organization, in a list.
func (r organizationRow) owner() templ.Component {
	switch {
	case r.Owners.Count == 0:
		return web.Badge{Label: "Nobody", Tone: web.Warn}
	case r.Owners.Count == 1:
		return words.Raw(r.Owners.Name)
	}
	return words.N(r.Owners.Count-1, "%[2]s and one more", "%[2]s and %[1]d more", r.Owners.Name)
}

func idsOf(organizations []*ent.Organization) []string {
	ids := make([]string, len(organizations))
	for i, o := range organizations {
		ids[i] = o.ID
	}
	return ids
}

// countMembers counts the members of organizations by id, but those whose time is over.
func (s *Service) countMembers(ctx context.Context, organizations []*ent.Organization) (map[string]int, error) {
	var rows []struct {
		ID    string `sql:"organizationId"`
		Count int    `sql:"count"`
	}
	err := s.host.DB.Access(ctx).Platform().Member().Query().Where(member.OrganizationIDIn(idsOf(organizations)...), notOver(s.now())).
		GroupBy(member.FieldOrganizationID).Aggregate(ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting members: %w", err)
	}
	members := map[string]int{}
	for _, row := range rows {
		members[row.ID] = row.Count
	}
	return members, nil
}

func (v organizationsView) actions() templ.Component {
	if !v.Create {
		return nil
	}
	return web.Button{Label: "New organization", Icon: "plus", Variant: web.Primary, Href: organizationsPath + "/new"}
}

// organizationCell is an organization in a list.
func organizationCell(o *ent.Organization) web.PersonCell {
	at := listed(o)
	return web.PersonCell{Person: web.Person{ID: at.ID, Name: at.Name, Email: at.Slug, Image: at.Logo}, Href: at.Path(""), Square: true}
}
