package organization

import (
	"encoding/json"
	"errors"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Bodies, queries and answers of better-auth organization 6.7.
type (
	createRoleInput struct {
		OrganizationID   *string             `json:"organizationId"`
		Role             string              `json:"role"`
		Permission       map[string][]string `json:"permission"`
		AdditionalFields *roleFields         `json:"additionalFields"`
	}
	roleFields struct {
		Rest *schema.Object `json:"-" schema:"rest=loose"`
	}
	// roleChoice names a role by name, which wins, or id.
	roleChoice struct {
		RoleName *string `json:"roleName"`
		RoleID   *string `json:"roleId"`
	}
	roleQuery struct {
		OrganizationID *string `json:"organizationId"`
		roleChoice
	}
	updateRoleInput struct {
		OrganizationID *string  `json:"organizationId"`
		Data           roleData `json:"data"`
		roleChoice
	}
	roleData struct {
		Permission map[string][]string `json:"permission" schema:"optional"`
		RoleName   *string             `json:"roleName"`
		Rest       *schema.Object      `json:"-" schema:"rest=loose"`
	}
	deleteRoleInput struct {
		OrganizationID *string `json:"organizationId"`
		roleChoice
	}

	roleMade struct {
		Success    bool            `json:"success"`
		RoleData   ent.WireObject  `json:"roleData"`
		Statements json.RawMessage `json:"statements,omitempty"`
	}
	successOutput struct {
		Success bool `json:"success"`
	}
	// missingOutput is the refusal of a role that gives more than its author holds.
	missingOutput struct {
		Message string   `json:"message"`
		Code    string   `json:"code"`
		Missing []string `json:"missingPermissions"`
	}
)

func (r roleChoice) named() RoleNamed {
	return RoleNamed{Name: auth.ValueOf(r.RoleName), ID: auth.ValueOf(r.RoleID)}
}

func (r roleChoice) check(report schema.Report) {
	if r.named() == (RoleNamed{}) {
		report.Add("Invalid input")
	}
}

// Check asks for one of the two names.
func (in roleQuery) Check(r schema.Report) { in.check(r) }

// Check asks for one of the two names.
func (in updateRoleInput) Check(r schema.Report) { in.check(r) }

// Check asks for one of the two names.
func (in deleteRoleInput) Check(r schema.Report) { in.check(r) }

// withMissing adds to a refusal what the author of a role lacks.
func withMissing(result any, err error) (any, error) {
	var missing *MissingPermissions
	if errors.As(err, &missing) {
		return missingOutput{missing.Refusal.Message.English(), missing.Refusal.Code, missing.Missing}, err
	}
	return result, err
}

func (s *Service) createRole(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[createRoleInput](c)
	n := NewRole{Name: in.Role, Permission: permissionOf(c.Raw.Get("permission").Object())}
	var err error
	if in.AdditionalFields != nil {
		n.Fields, err = s.created(entityRole, "body.additionalFields", in.AdditionalFields.Rest)
	} else {
		n.Fields = s.preset(entityRole)
	}
	if err != nil {
		return nil, err
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActiveForRole
	}
	row, err := s.CreateRole(c.Context(), org, n)
	if err != nil {
		return withMissing(nil, err)
	}
	return roleMade{true, s.wireRole(row), json.RawMessage(row.Permission)}, nil
}

func (s *Service) listRoles(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	rows, err := s.OwnRoles(c.Context(), org, in.page())
	if err != nil {
		return nil, err
	}
	return each(rows, s.wireRole), nil
}

func (s *Service) getRole(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[roleQuery](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	row, err := s.OwnRole(c.Context(), org, in.named())
	if err != nil {
		return nil, err
	}
	return s.wireRole(row), nil
}

func (s *Service) updateOrgRole(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[updateRoleInput](c)
	u := RoleUpdate{Name: in.Data.RoleName}
	if in.Data.Permission != nil {
		u.Permission = permissionOf(c.Raw.Get("data").Get("permission").Object())
	}
	var err error
	if u.Fields, err = s.changed(entityRole, "body.data", in.Data.Rest); err != nil {
		return nil, err
	}
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	before, after, err := s.UpdateRole(c.Context(), org, in.named(), u)
	if err != nil {
		return withMissing(nil, err)
	}
	shown := *after
	shown.UpdatedAt = before.UpdatedAt // the wire tells the value before the change
	return roleMade{Success: true, RoleData: s.wireRole(&shown)}, nil
}

func (s *Service) deleteRole(c *plugins.Call) (any, error) {
	in := plugins.BodyOf[deleteRoleInput](c)
	org := target(c, in.OrganizationID)
	if org == "" {
		return nil, ErrNoActive
	}
	if err := s.DeleteRole(c.Context(), org, in.named()); err != nil {
		return nil, err
	}
	return successOutput{true}, nil
}
