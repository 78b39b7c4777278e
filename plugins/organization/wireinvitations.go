package organization

import (
	"slices"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Bodies, queries and answers of better-auth organization 6.4.
type (
	inviteInput struct {
		Email          string               `json:"email"`
		Role           schema.StringOrList  `json:"role"`
		OrganizationID *string              `json:"organizationId"`
		Resend         *bool                `json:"resend"`
		TeamID         *schema.StringOrList `json:"teamId"`
		Rest           *schema.Object       `json:"-" schema:"rest=loose"`
	}
	invitationInput struct {
		InvitationID string `json:"invitationId"`
	}
	getInvitationInput struct {
		ID string `json:"id"`
	}
	userInvitationsInput struct {
		Email *string `json:"email"` // of trusted calls alone
		pageInput
	}

	acceptedOutput struct {
		Invitation ent.WireObject `json:"invitation"`
		Member     any            `json:"member"`
	}
)

func (s *Service) inviteMember(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[inviteInput](c)
	fields, err := s.created(entityInvitation, "body", in.Rest)
	if err != nil {
		return nil, err
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNotFound
	}
	if _, err := email.Parse(in.Email); err != nil {
		return nil, auth.ErrInvalidEmail
	}
	i := Invite{Email: in.Email, Roles: in.Role.Values, Resend: in.Resend != nil && *in.Resend, Fields: fields}
	if in.TeamID != nil {
		for _, id := range in.TeamID.Values {
			if id != "" && !slices.Contains(i.Teams, id) {
				i.Teams = append(i.Teams, id)
			}
		}
	}
	row, err := s.Invite(c.Context(), org, i)
	if err != nil {
		return nil, err
	}
	return s.wireInvitation(row), nil
}

func (s *Service) acceptInvitation(c *plugins.Call) (any, error) {
	out, err := s.Accept(c.Context(), plugins.BodyOf[invitationInput](c).InvitationID)
	if err != nil {
		return nil, err
	}
	return s.follow(c, out.Team, acceptedOutput{s.wireInvitation(out.Invitation), s.wireMember(out.Member)}, nil)
}

func (s *Service) rejectInvitation(c *plugins.Call) (any, error) {
	row, err := s.Reject(c.Context(), plugins.BodyOf[invitationInput](c).InvitationID)
	if err != nil {
		return nil, err
	}
	return acceptedOutput{Invitation: s.wireInvitation(row)}, nil
}

func (s *Service) cancelInvitation(c *plugins.Call) (any, error) {
	row, err := s.Cancel(c.Context(), plugins.BodyOf[invitationInput](c).InvitationID)
	if err != nil {
		return nil, err
	}
	return s.wireInvitation(row), nil
}

func (s *Service) getInvitation(c *plugins.Call) (any, error) {
	r, err := s.Received(c.Context(), plugins.QueryOf[getInvitationInput](c).ID)
	if err != nil {
		return nil, err
	}
	return append(s.wireInvitation(r.Invitation), ent.WireField{Key: "organizationName", Value: r.Organization.Name},
		ent.WireField{Key: "organizationSlug", Value: r.Organization.Slug}, ent.WireField{Key: "inviterEmail", Value: r.InviterEmail}), nil
}

func (s *Service) listInvitations(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, errNoOrganizationID
	}
	rows, err := s.Invitations(c.Context(), org, in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireInvitation), nil
}

func (s *Service) listUserInvitations(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[userInvitationsInput](c)
	if auth.ValueOf(in.Email) != "" {
		return nil, errEmailQuery
	}
	rows, err := s.OwnInvitations(c.Context(), in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, func(r *Received) ent.WireObject {
		return append(s.wireInvitation(r.Invitation), ent.WireField{Key: "organizationName", Value: r.Organization.Name})
	}), nil
}
