package organization

import (
	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Bodies, queries and answers of better-auth organization 6.6.
type (
	createTeamInput struct {
		Name           string         `json:"name"`
		OrganizationID *string        `json:"organizationId"`
		Rest           *schema.Object `json:"-" schema:"rest=loose"`
	}
	updateTeamInput struct {
		TeamID string   `json:"teamId"`
		Data   teamData `json:"data"`
	}
	teamData struct {
		Name           *string        `json:"name" schema:"min=1"`
		OrganizationID *string        `json:"organizationId"`
		Rest           *schema.Object `json:"-" schema:"rest=loose"`
	}
	removeTeamInput struct {
		TeamID         string  `json:"teamId"`
		OrganizationID *string `json:"organizationId"`
	}
	activeTeamInput struct {
		TeamID schema.Maybe[string] `json:"teamId"`
	}
	userTeamsInput struct {
		UserID         *string `json:"userId"`
		OrganizationID *string `json:"organizationId"`
		pageInput
	}
	teamMembersInput struct {
		TeamID *string `json:"teamId"`
		pageInput
	}
	teamMemberInput struct {
		TeamID         string  `json:"teamId"`
		UserID         string  `json:"userId" schema:"coerce"`
		OrganizationID *string `json:"organizationId"`
	}

	messageOutput struct {
		Message string `json:"message"`
	}
)

func (s *Service) wireTeam(t *ent.Team) ent.WireObject { return s.wire(entityTeam, t) }

// wireFullTeam is a team in get-full-organization, where the wire shows its seats.
func (s *Service) wireFullTeam(t *ent.Team) ent.WireObject {
	row := s.wireTeam(t)
	if s.cfg.Get().ShowSeats {
		row = append(row, ent.WireField{Key: "memberCount", Value: t.MemberCount})
	}
	return row
}

func (s *Service) wireTeamMember(m *ent.TeamMember) ent.WireObject { return m.Wire(s.on) }

func (s *Service) createTeam(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[createTeamInput](c)
	fields, err := s.created(entityTeam, "body", in.Rest)
	if err != nil {
		return nil, err
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.CreateTeam(c.Context(), org, NewTeam{Name: in.Name, Fields: fields})
	if err != nil {
		return nil, err
	}
	return s.wireTeam(row), nil
}

func (s *Service) listTeams(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	rows, err := s.Teams(c.Context(), org, in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireTeam), nil
}

func (s *Service) updateTeam(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[updateTeamInput](c)
	fields, err := s.changed(entityTeam, "body.data", in.Data.Rest)
	if err != nil {
		return nil, err
	}
	org := target(c, in.Data.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.UpdateTeam(c.Context(), org, in.TeamID, TeamUpdate{Name: in.Data.Name, Fields: fields})
	if err != nil {
		return nil, err
	}
	return s.wireTeam(row), nil
}

func (s *Service) removeTeam(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[removeTeamInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	if err := s.RemoveTeam(c.Context(), org, in.TeamID, activeTeamOf(c)); err != nil {
		return nil, err
	}
	return messageOutput{"Team removed successfully."}, nil
}

func (s *Service) setActiveTeam(c *plugins.Call) (any, error) {
	in, id := plugins.BodyOf[activeTeamInput](c), activeTeamOf(c)
	if in.TeamID.Null {
		if id == "" {
			return nil, nil
		}
		err := s.ClearActiveTeam(c.Context())
		return s.follow(c, err == nil, nil, err)
	}
	if in.TeamID.Value != "" {
		id = in.TeamID.Value
	}
	if id == "" {
		return nil, nil
	}
	org := activeOf(c)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.SetActiveTeam(c.Context(), org, id)
	if err != nil {
		return nil, err
	}
	return s.follow(c, true, s.wireTeam(row), nil)
}

func (s *Service) listUserTeams(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[userTeamsInput](c)
	org, user := auth.ValueOf(in.OrganizationID), auth.ValueOf(in.UserID)
	if user != "" && user != c.Principal().Subject {
		org = target(c, in.OrganizationID)
	}
	rows, err := s.TeamsOf(c.Context(), org, user, in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireTeam), nil
}

func (s *Service) listTeamMembers(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[teamMembersInput](c)
	id := auth.ValueOf(in.TeamID)
	if id == "" {
		id = activeTeamOf(c)
	}
	if id == "" {
		return nil, ErrNoActiveTeam
	}
	rows, err := s.TeamMembers(c.Context(), id, in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireTeamMember), nil
}

func (s *Service) addTeamMember(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[teamMemberInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.AddToTeam(c.Context(), org, in.TeamID, in.UserID)
	if err != nil {
		return nil, err
	}
	return s.wireTeamMember(row), nil
}

func (s *Service) removeTeamMember(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[teamMemberInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	if err := s.RemoveFromTeam(c.Context(), org, in.TeamID, in.UserID); err != nil {
		return nil, err
	}
	return s.follow(c, false, messageOutput{"Team member removed successfully."}, nil)
}
