package organization

import (
	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// Bodies, queries and answers of better-auth organization 6.1 and 6.2.
type (
	createInput struct {
		Name       string                  `json:"name" schema:"min=1"`
		Slug       string                  `json:"slug" schema:"min=1"`
		UserID     *string                 `json:"userId" schema:"coerce"` // of trusted calls alone
		Logo       schema.Maybe[string]    `json:"logo"`
		Metadata   map[string]schema.Value `json:"metadata" schema:"optional"`
		KeepActive *bool                   `json:"keepCurrentActiveOrganization"`
		Rest       *schema.Object          `json:"-" schema:"rest=loose"`
	}
	slugInput struct {
		Slug string `json:"slug"`
	}
	organizationInput struct {
		OrganizationID   *string `json:"organizationId"`
		OrganizationSlug *string `json:"organizationSlug"`
	}
	fullInput struct {
		organizationInput
		MembersLimit schema.Value `json:"membersLimit" schema:"optional,union=string|number"`
	}
	updateInput struct {
		Data           updateData `json:"data"`
		OrganizationID *string    `json:"organizationId"`
	}
	updateData struct {
		Name     *string                 `json:"name" schema:"min=1"`
		Slug     *string                 `json:"slug" schema:"min=1"`
		Logo     schema.Maybe[string]    `json:"logo"`
		Metadata map[string]schema.Value `json:"metadata" schema:"optional"`
		Rest     *schema.Object          `json:"-" schema:"rest=loose"`
	}
	deleteInput struct {
		OrganizationID string `json:"organizationId"`
	}
	activeInput struct {
		OrganizationID   schema.Maybe[string] `json:"organizationId"`
		OrganizationSlug *string              `json:"organizationSlug"`
	}
	// listInput names the organization of a list.
	listInput struct {
		OrganizationID *string `json:"organizationId"`
		pageInput
	}

	statusOutput struct {
		Status bool `json:"status"`
	}
)

// metadataOf is the text of an object in a body, its keys in the order in which they came;
// nil when there is none.
func metadataOf(v schema.Value) (*string, error) {
	if v.Object() == nil {
		return nil, nil
	}
	raw, err := schema.Marshal(v)
	text := string(raw)
	return &text, err
}

func (s *Service) create(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[createInput](c)
	fields, err := s.created(entityOrganization, "body", in.Rest)
	if err != nil {
		return nil, err
	}
	n := NewOrganization{Name: in.Name, Slug: in.Slug, Fields: fields, KeepActive: in.KeepActive != nil && *in.KeepActive}
	if n.Metadata, err = metadataOf(c.Raw.Get("metadata")); err != nil {
		return nil, err
	}
	if in.Logo.Present && !in.Logo.Null {
		n.Logo = &in.Logo.Value
	}
	made, err := s.Create(c.Context(), n)
	if err != nil {
		return s.follow(c, false, nil, err)
	}
	row := append(s.wireChanged(made.Organization), ent.WireField{Key: "members", Value: []ent.WireObject{s.wireMember(made.Member)}})
	return s.follow(c, false, row, nil)
}

func (s *Service) checkSlug(c *plugins.Call) (any, error) {
	free, err := s.SlugFree(c.Context(), plugins.BodyOf[slugInput](c).Slug)
	if err != nil || !free {
		return nil, orElse(err, ErrSlugTaken)
	}
	return statusOutput{true}, nil
}

func (s *Service) list(c *plugins.Call) (any, error) {
	rows, err := s.Own(c.Context(), plugins.QueryOf[pageInput](c).page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireOrganization), nil
}

// meant resolves the organization of a look; ok is false when none is meant.
func (s *Service) meant(c *plugins.Call, in organizationInput) (org string, ok bool, err error) {
	org, err = s.Resolve(c.Context(), auth.ValueOf(in.OrganizationSlug), auth.ValueOf(in.OrganizationID), activeOf(c))
	return org, org != "" || auth.ValueOf(in.OrganizationSlug) != "", err
}

func (s *Service) getOrganization(c *plugins.Call) (any, error) {
	org, ok, err := s.meant(c, plugins.QueryOf[organizationInput](c))
	if err != nil || !ok {
		return nil, err
	}
	row, err := s.Get(c.Context(), org)
	if err != nil {
		return s.follow(c, false, nil, err)
	}
	return s.wireOrganization(row), nil
}

func (s *Service) getFull(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[fullInput](c)
	org, ok, err := s.meant(c, in.organizationInput)
	if err != nil || !ok {
		return nil, err
	}
	full, err := s.Full(c.Context(), org, list.AsNumber(in.MembersLimit))
	if err != nil {
		return s.follow(c, false, nil, err)
	}
	row := append(s.wireOrganization(full.Organization),
		ent.WireField{Key: "invitations", Value: each(full.Invitations, s.wireInvitation)},
		ent.WireField{Key: "members", Value: each(full.Members, func(m *ent.Member) ent.WireObject { return s.wireMemberUser(m, m.Edges.User) })})
	if s.cfg.Get().Teams.Enabled {
		row = append(row, ent.WireField{Key: "teams", Value: each(full.Teams, s.wireFullTeam)})
	}
	return row, nil
}

func (s *Service) updateOrganization(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[updateInput](c)
	fields, err := s.changed(entityOrganization, "body.data", in.Data.Rest)
	if err != nil {
		return nil, err
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNotFound
	}
	change := Change{Name: in.Data.Name, Slug: in.Data.Slug, Logo: in.Data.Logo, Fields: fields}
	if change.Metadata, err = metadataOf(c.Raw.Get("data").Get("metadata")); err != nil {
		return nil, err
	}
	row, err := s.Update(c.Context(), org, change)
	if err != nil {
		return nil, err
	}
	return s.wireChanged(row), nil
}

func (s *Service) deleteOrganization(c *plugins.Call) (any, error) {
	org := plugins.BodyOf[deleteInput](c).OrganizationID
	if org == "" {
		return nil, ErrNotFound
	}
	row, err := s.Delete(c.Context(), org)
	if err != nil {
		return nil, err
	}
	return s.follow(c, false, s.wireOrganization(row), nil)
}

func (s *Service) setActive(c *plugins.Call) (any, error) {
	in, active := plugins.BodyOf[activeInput](c), activeOf(c)
	if in.OrganizationID.Null {
		if active == "" {
			return nil, nil
		}
		if _, err := ownSession(c.Context()); err != nil {
			return nil, err
		}
		err := s.ClearActive(c.Context())
		return s.follow(c, err == nil, nil, err)
	}
	org := in.OrganizationID.Value
	if slug := auth.ValueOf(in.OrganizationSlug); org == "" && slug != "" {
		row, err := s.bySlug(c.Context(), slug)
		if err != nil {
			return nil, err
		}
		if row == nil { // like a foreign one (decisions 24)
			return s.follow(c, false, nil, orElse(s.ClearActive(c.Context()), ErrForeign))
		}
		org = row.ID
	}
	if org == "" {
		org = active
	}
	if org == "" {
		return nil, nil
	}
	row, err := s.SetActive(c.Context(), org)
	if err != nil {
		return s.follow(c, false, nil, err)
	}
	return s.follow(c, true, s.wireOrganization(row), nil)
}
