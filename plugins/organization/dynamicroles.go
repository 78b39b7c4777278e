package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/auth/schema"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/joinrequest"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/organizationdomain"
	"gatehouse/ent/organizationrole"
	"gatehouse/ent/predicate"
	api "gatehouse/plugins/organization/organizationapi"
)

// RolePermission is what a role gives, in the order in which it was written.
type RolePermission []ResourceActions

// ResourceActions are actions on one resource.
type ResourceActions struct {
	Resource string
	Actions  []string
}

// permissionOf reads a validated JSON object of lists of texts.
func permissionOf(o *schema.Object) RolePermission {
	p := RolePermission{}
	for resource, actions := range o.All() {
		r := ResourceActions{Resource: resource, Actions: []string{}}
		for _, action := range actions.Items() {
			text, _ := action.Text()
			r.Actions = append(r.Actions, text)
		}
		p = append(p, r)
	}
	return p
}

// text is the stored form: a JSON object with the resources in their order.
func (p RolePermission) text() (string, error) {
	o := schema.NewObject()
	for _, r := range p {
		v, err := schema.From(r.Actions)
		if err != nil {
			return "", fmt.Errorf("permission of a role: %w", err)
		}
		o.Set(r.Resource, v)
	}
	raw, err := schema.Marshal(o)
	return string(raw), err
}

// MissingPermissions is the refusal of a role that gives more than its author holds.
type MissingPermissions struct {
	Refusal *auth.Error
	Missing []string // resource:action, in the order of the request
	Timed   bool     // its author holds them, for a time only
}

// Error implements error.
func (m *MissingPermissions) Error() string {
	return m.Refusal.Error() + ": " + strings.Join(m.Missing, ", ")
}

// Unwrap returns the refusal.
func (m *MissingPermissions) Unwrap() error { return m.Refusal }

// NewRole is a role that an organization makes for itself.
type NewRole struct {
	Name        string
	Permission  RolePermission
	Description string
	Fields      map[string]any // additional fields, judged
}

// Refusals of names that a list of roles cannot hold (D-3).
var (
	errRoleName    = auth.ErrValidation.Saying("Use a name without commas, and without blanks at its ends.").At("role")
	errRoleNoName  = auth.ErrValidation.Saying("Give the role a name.").At("role")
	errRoleTooLong = auth.ErrValidation.Saying("Use at most %d characters. Letters beyond a to z count more than once.", maxRoleName).At("role")
)

func judgeRoleName(name string) error {
	switch {
	case name == "":
		return errRoleNoName
	case len(name) > maxRoleName:
		return errRoleTooLong
	case !goodRoleName(name):
		return errRoleName
	}
	return nil
}

// CreateRole makes a role. It needs ac:create, and nobody puts in more than they hold.
func (s *Service) CreateRole(ctx context.Context, org string, n NewRole) (*ent.OrganizationRole, error) {
	n.Name = strings.ToLower(n.Name)
	if err := judgeRoleName(n.Name); err != nil {
		return nil, err
	}
	if s.predefined(n.Name) {
		return nil, ErrRoleTaken.At("role")
	}
	var row *ent.OrganizationRole
	err := s.change(ctx, org, ErrNotMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeRoleCreate, ErrMayNotCreateRole); err != nil {
			return err
		}
		if limit := s.cfg.Get().DynamicRoles.Limit; limit > 0 {
			count, err := c.ent().OrganizationRole().Query().Count(ctx)
			if err != nil {
				return fmt.Errorf("counting roles: %w", err)
			}
			if count >= limit {
				return ErrTooManyRoles
			}
		}
		if err := s.mayHold(c.by, n.Permission, ErrMayNotCreateRole); err != nil {
			return err
		}
		if err := s.roleFree(ctx, c, n.Name); err != nil {
			return err
		}
		text, err := n.Permission.text()
		if err != nil {
			return err
		}
		create := c.ent().OrganizationRole().Create().SetID(random.ID()).SetRole(n.Name).SetPermission(text).SetCreatedAt(s.now()).SetDescription(n.Description)
		if len(n.Fields) > 0 {
			create.SetAdditionalFields(n.Fields)
		}
		if row, err = create.Save(ctx); err != nil {
			return fmt.Errorf("storing a role: %w", err)
		}
		return s.recordAbout(ctx, eventRoleCreated, org, subjectRole, row.ID, map[string]any{"name": row.Role, "after": text})
	})
	return row, err
}

// mayHold judges a permission: known resources, and nothing that its author lacks or has for
// a time only.
func (s *Service) mayHold(a actor, p RolePermission, refusal *auth.Error) error {
	known, lasting := map[string]bool{}, a.lasting(time.Time{})
	for _, scope := range s.host.Scopes.ScopesIn() {
		known[scope.Resource] = true
	}
	var missing []string
	timed := true
	for _, r := range p {
		if !known[r.Resource] {
			return ErrInvalidResource
		}
		for _, action := range r.Actions {
			if scope := r.Resource + ":" + action; !lasting.Can(scope) {
				missing = append(missing, scope)
				timed = timed && a.Can(scope)
			}
		}
	}
	if len(missing) > 0 {
		if timed {
			refusal = refusal.Saying("You hold this for a time only, and a role has no end: %s", strings.Join(missing, ", "))
		}
		return &MissingPermissions{Refusal: deny(refusal), Missing: missing, Timed: timed}
	}
	return nil
}

func (s *Service) roleFree(ctx context.Context, c *command, name string) error {
	taken, err := c.ent().OrganizationRole().Query().Where(organizationrole.Role(name)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("looking for a role: %w", err)
	}
	if taken {
		return ErrRoleTaken.At("role")
	}
	// Who still has a role of that name, which is gone, gets no rights by a new one (SEC-137).
	used, err := s.roleTaken(ctx, c, name)
	if err != nil {
		return err
	}
	if used {
		return ErrRoleTaken.Saying("A role of this name is gone, and some still have it or are invited with it. Choose another name.").At("role")
	}
	return nil
}

// roleTaken reports whether somebody has a role, or is to get it.
func (s *Service) roleTaken(ctx context.Context, c *command, name string) (bool, error) {
	used, err := s.roleUsed(ctx, c, name)
	if err != nil || used {
		return used, err
	}
	return s.rolePromised(ctx, c, name)
}

// roleUsed reports whether somebody has a role: a member, for good or for a time, or whom other
// plugins know.
func (s *Service) roleUsed(ctx context.Context, c *command, name string) (bool, error) {
	texts, err := s.roleTexts(ctx, c.org.ID, name)
	if err != nil {
		return false, err
	}
	timed, err := c.ent().MemberRole().Query().Where(memberrole.Role(name)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("looking who has a role: %w", err)
	}
	use := &api.RoleUse{Tx: c.tx, OrganizationID: c.org.ID, Role: name, Used: len(texts) > 0 || timed}
	err = consult(ctx, s, func(h api.Hooks) []auth.On[*api.RoleUse] { return h.RoleUsed }, use)
	return use.Used, err
}

// promises are the stored texts of roles in invitations that are neither accepted nor void, and hold
// a role: also of those whose term is over, which may be sent again.
func promises(ctx context.Context, in ent.OrganizationAccess, name string) ([]string, error) {
	return invitedAs(ctx, in.Invitation().Query().Where(invitation.Status(StatePending)), name)
}

// invitedAs are the stored texts of roles of some invitations that hold a role.
func invitedAs(ctx context.Context, invitations *ent.InvitationQuery, role string) ([]string, error) {
	texts, err := invitations.Where(invitation.RoleContains(role)).Unique(true).Select(invitation.FieldRole).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking who is invited with a role: %w", err)
	}
	return slices.DeleteFunc(texts, func(text string) bool { return !slices.Contains(auth.SplitRoles(text), role) }), nil
}

// rolePromised reports whether somebody would get a role: by an open invitation, or by a mail
// domain.
func (s *Service) rolePromised(ctx context.Context, c *command, name string) (bool, error) {
	texts, err := promises(ctx, c.ent(), name)
	if err != nil || len(texts) > 0 {
		return len(texts) > 0, err
	}
	asked, err := c.ent().JoinRequest().Query().Where(joinrequest.Role(name)).Exist(ctx)
	if err == nil && !asked {
		asked, err = c.ent().OrganizationDomain().Query().Where(organizationdomain.Role(name)).Exist(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("looking who would get a role: %w", err)
	}
	return asked, nil
}

// OwnRoles lists the roles that an organization made for itself. It needs ac:read.
func (s *Service) OwnRoles(ctx context.Context, org string, page Page) ([]*ent.OrganizationRole, error) {
	if err := s.mayReadRoles(ctx, org, ErrMayNotListRoles); err != nil {
		return nil, err
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().
		Order(ent.Asc(organizationrole.FieldCreatedAt, organizationrole.FieldID)).Limit(page.limit()).Offset(page.offset()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles of an organization: %w", err)
	}
	return rows, nil
}

// OwnRole returns a role that an organization made for itself. It needs ac:read.
func (s *Service) OwnRole(ctx context.Context, org string, named RoleNamed) (*ent.OrganizationRole, error) {
	if err := s.mayReadRoles(ctx, org, ErrMayNotReadRole); err != nil {
		return nil, err
	}
	return s.ownRole(ctx, org, named)
}

func (s *Service) mayReadRoles(ctx context.Context, org string, refusal *auth.Error) error {
	a, err := s.visit(ctx, org, ErrNotMember)
	if err == nil && !a.Can(ScopeRoleRead) {
		err = s.refused(ctx, a, refusal)
	}
	return err
}

// RoleNamed is how a role is named: by name, which wins, or id.
type RoleNamed struct{ Name, ID string }

func (n RoleNamed) where() predicate.OrganizationRole {
	if n.Name != "" {
		return organizationrole.Role(n.Name)
	}
	return organizationrole.ID(n.ID)
}

func (s *Service) ownRole(ctx context.Context, org string, named RoleNamed) (*ent.OrganizationRole, error) {
	row, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Where(named.where()).Only(ctx)
	if ent.IsNotFound(err) || err == nil && named.Name != "" && row.Role != named.Name {
		return nil, ErrRoleNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading a role: %w", err)
	}
	return row, nil
}

// RoleUpdate is what changes of a role; nil stays.
type RoleUpdate struct {
	Name        *string
	Permission  RolePermission
	Description *string
	Fields      map[string]any // additional fields, judged
}

// UpdateRole changes a role. It needs ac:update, and nobody puts in more than they hold,
// nor takes for it a name that others have. Those
// who have the role have it by its new name. It returns the row as it was, and as it is.
func (s *Service) UpdateRole(ctx context.Context, org string, named RoleNamed, u RoleUpdate) (before, after *ent.OrganizationRole, err error) {
	if u.Name != nil {
		name := strings.ToLower(*u.Name)
		if err := judgeRoleName(name); err != nil {
			return nil, nil, err
		}
		u.Name = &name
	}
	err = s.change(ctx, org, ErrNotMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeRoleUpdate, ErrMayNotUpdateRole); err != nil {
			return err
		}
		if before, err = s.ownRole(ctx, org, named); err != nil {
			return err
		}
		if err := s.mayHold(c.by, u.Permission, ErrMayNotUpdateRole); err != nil {
			return err
		}
		if u.Name != nil {
			if u.Permission == nil { // who bears the new name already gets what the role gives (SEC-129)
				if ok, err := s.mayGive(ctx, c.by, []string{before.Role}, time.Time{}); err != nil || !ok {
					return orElse(err, deny(ErrMayNotUpdateRole))
				}
			}
			if s.predefined(*u.Name) {
				return ErrRoleTaken.At("role")
			}
			if err := s.roleFree(ctx, c, *u.Name); err != nil {
				return err
			}
		}
		after, err = s.updateRole(ctx, c, before, u)
		return err
	})
	return before, after, err
}

func (s *Service) updateRole(ctx context.Context, c *command, before *ent.OrganizationRole, u RoleUpdate) (*ent.OrganizationRole, error) {
	up := c.ent().OrganizationRole().UpdateOne(before).SetNillableRole(u.Name).SetNillableDescription(u.Description).SetUpdatedAt(s.now())
	if u.Permission != nil {
		text, err := u.Permission.text()
		if err != nil {
			return nil, err
		}
		up.SetPermission(text)
	}
	if len(u.Fields) > 0 {
		up.SetAdditionalFields(merged(before.AdditionalFields, u.Fields))
	}
	row, err := up.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("changing a role: %w", err)
	}
	data := map[string]any{"name": row.Role, "before": before.Permission, "after": row.Permission}
	if row.Role != before.Role {
		data["was"] = before.Role
		if err := s.carryName(ctx, c, before.Role, row.Role); err != nil {
			return nil, err
		}
	}
	return row, s.recordAbout(ctx, eventRoleUpdated, c.org.ID, subjectRole, row.ID, data)
}

// carryName gives those who have a role, or are to get it, the role by its new name.
func (s *Service) carryName(ctx context.Context, c *command, before, after string) error {
	renamed := &api.RoleName{Tx: c.tx, OrganizationID: c.org.ID, Before: before, After: after}
	texts, err := s.roleTexts(ctx, c.org.ID, before)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := c.ent().Member().Update().Where(member.Role(text)).SetRole(renamed.In(text)).Exec(ctx); err != nil {
			return fmt.Errorf("renaming a role of members: %w", err)
		}
	}
	if texts, err = promises(ctx, c.ent(), before); err != nil {
		return err
	}
	for _, text := range texts {
		if err := c.ent().Invitation().Update().Where(invitation.Status(StatePending), invitation.Role(text)).SetRole(renamed.In(text)).Exec(ctx); err != nil {
			return fmt.Errorf("renaming a role of invitations: %w", err)
		}
	}
	if err := c.ent().MemberRole().Update().Where(memberrole.Role(before)).SetRole(after).Exec(ctx); err != nil {
		return fmt.Errorf("renaming a role for a time: %w", err)
	}
	if err := c.ent().JoinRequest().Update().Where(joinrequest.Role(before)).SetRole(after).Exec(ctx); err != nil {
		return fmt.Errorf("renaming a role of requests: %w", err)
	}
	if err := c.ent().OrganizationDomain().Update().Where(organizationdomain.Role(before)).SetRole(after).Exec(ctx); err != nil {
		return fmt.Errorf("renaming a role of domains: %w", err)
	}
	return consult(ctx, s, func(h api.Hooks) []auth.On[*api.RoleName] { return h.RoleRenamed }, renamed)
}

// DeleteRole removes a role that nobody has. Who is invited with it, or joins by a mail domain
// that gives it, becomes a plain member. It needs ac:delete.
func (s *Service) DeleteRole(ctx context.Context, org string, named RoleNamed) error {
	return s.change(ctx, org, ErrNotMember, func(ctx context.Context, c *command) error {
		if err := c.by.needs(ScopeRoleDelete, ErrMayNotDeleteRole); err != nil {
			return err
		}
		if named.Name != "" && s.predefined(named.Name) {
			return ErrPredefinedRole
		}
		row, err := s.ownRole(ctx, org, named)
		if err != nil {
			return err
		}
		used, err := s.roleUsed(ctx, c, row.Role)
		if err != nil {
			return err
		}
		if used {
			return ErrRoleInUse
		}
		// Who joins by a mail domain that gives it is a plain member, as who is invited with it.
		if err := c.ent().OrganizationDomain().Update().Where(organizationdomain.Role(row.Role)).SetRole(RoleMember).Exec(ctx); err != nil {
			return fmt.Errorf("changing domains that give a role: %w", err)
		}
		if err := c.ent().JoinRequest().Update().Where(joinrequest.Role(row.Role)).SetRole(RoleMember).Exec(ctx); err != nil {
			return fmt.Errorf("changing requests for a role: %w", err)
		}
		if err := c.ent().OrganizationRole().DeleteOneID(row.ID).Exec(ctx); err != nil {
			return fmt.Errorf("removing a role: %w", err)
		}
		return s.recordAbout(ctx, eventRoleDeleted, org, subjectRole, row.ID, map[string]any{"name": row.Role, "before": row.Permission})
	})
}
