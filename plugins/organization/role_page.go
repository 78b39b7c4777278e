package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/invitation"
	"gatehouse/ent/organizationdomain"
	"gatehouse/ent/organizationrole"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/apikeyapi"
	"gatehouse/plugins/ask"
	api "gatehouse/plugins/organization/organizationapi"
	"gatehouse/web"
)

// rolesView is what each role gives, and the roles that the organization made.
type rolesView struct {
	head
	Matrix web.Matrix
	Own    []ownRole
	On     bool // organizations make roles of their own
}

// ownRole is a role of the organization's own with how many have it.
type ownRole struct {
	Row    *ent.OrganizationRole
	Held   holderCount
	Scopes int
}

// holderCount is how many have a role.
type holderCount struct {
	Members  int
	Accounts int // service accounts, as far as the reader may see them
	// Invitations and Domains are to give it, as far as the reader may see them.
	Invitations, Domains int
}

// words are the holders of a role, without kinds that are none; "" for nobody.
func (n holderCount) words() words.Text {
	var list []words.Text
	if n.Members > 0 {
		list = append(list, words.N(n.Members, "%d member", "%d members"))
	}
	if n.Accounts > 0 {
		list = append(list, words.N(n.Accounts, "%d service account", "%d service accounts"))
	}
	if n.Invitations > 0 {
		list = append(list, words.N(n.Invitations, "%d open invitation", "%d open invitations"))
	}
	if n.Domains > 0 {
		list = append(list, words.N(n.Domains, "%d mail domain", "%d mail domains"))
	}
	return words.Join(", ", list...)
}

func (s *Service) rolesPage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	roles, err := s.Roles(c.Context(), h.Org.ID)
	if err != nil {
		return err
	}
	v := rolesView{head: h, Matrix: s.roleMatrix(roles), On: s.cfg.Get().DynamicRoles.Enabled}
	if v.On {
		if v.Own, err = s.ownRolesOf(c.Context(), h.Org.ID); err != nil {
			return err
		}
	}
	return c.Page(http.StatusOK, v)
}

// roleMatrix shows what being a member gives, and what roles give, permission by permission.
func (s *Service) roleMatrix(roles []api.Role) web.Matrix {
	m := web.Matrix{Caption: "Permissions of each role", Corner: "Permission", Locked: true, Columns: []words.Text{"Every member"}}
	for _, r := range roles {
		m.Columns = append(m.Columns, auth.RoleWords(r.Name))
	}
	for _, scope := range s.host.Scopes.ScopesIn() {
		row := web.MatrixRow{Group: scope.Group(), Label: scope.Words, Code: scope.Name(), Cells: []web.MatrixCell{{Checked: slices.Contains(s.implied(), scope.Name())}}}
		for _, r := range roles {
			row.Cells = append(row.Cells, web.MatrixCell{Checked: slices.Contains(r.Scopes, scope.Name())})
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func (s *Service) ownRolesOf(ctx context.Context, org string) ([]ownRole, error) {
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Order(ent.Asc(organizationrole.FieldRole)).Limit(maxRolesShown).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles of an organization: %w", err)
	}
	var list []ownRole
	for _, row := range rows {
		r := ownRole{Row: row}
		if p, err := readPermission(row.Permission); err == nil {
			r.Scopes = len(p.scopes())
		}
		if r.Held, err = s.holdersOf(ctx, org, row.Role); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// roleForm is the form of a role of the organization's own.
type roleForm struct {
	head
	Row         *ent.OrganizationRole // nil: a new one
	Form        web.Form
	Name        string
	Description string
	Matrix      web.Matrix
	// Beyond are permissions of the role that the reader does not hold: saving takes them away.
	Beyond []words.Text
	// Screens are what holders see; Fresh are those among them that are new.
	Screens, Fresh []words.Text
	Held           holderCount
}

func (f roleForm) url() string {
	if f.Row == nil {
		return f.head.url("/roles")
	}
	return f.head.url("/roles/" + url.PathEscape(f.Row.ID))
}

func (s *Service) newRolePage(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, s.roleForm(h, nil, nil, web.Form{}))
}

func (s *Service) rolePage(c *plugins.Call) error {
	h, row, err := s.roleOf(c)
	if err != nil {
		return err
	}
	p, err := readPermission(row.Permission)
	if err != nil {
		p = permission{}
	}
	f := s.roleForm(h, row, p.scopes(), web.Form{})
	f.Held, err = s.holdersOf(c.Context(), h.Org.ID, row.Role)
	if err != nil {
		return err
	}
	return c.Page(http.StatusOK, f)
}

// heldBy counts the members who have a role, for a time too.
func (s *Service) heldBy(ctx context.Context, org, role string) (int, error) {
	held, err := s.holdsAny(ctx, org, role)
	if err != nil {
		return 0, err
	}
	return s.host.DB.Access(ctx).Organization(org).Member().Query().Where(held).Count(ctx)
}

// holdersOf counts who has a role.
func (s *Service) holdersOf(ctx context.Context, org, role string) (n holderCount, err error) {
	if n.Members, err = s.heldBy(ctx, org, role); err != nil {
		return n, err
	}
	if accounts, ok := plugins.Offer[apikeyapi.Accounts](s.host); ok {
		if n.Accounts, _, err = accounts.AccountsWith(ctx, org, role); err != nil {
			return n, err
		}
	}
	p, in := auth.PrincipalOf(ctx), s.host.DB.Access(ctx).Organization(org)
	if p.CanIn(org, ScopeInvite) {
		texts, err := promises(ctx, in, role)
		if err != nil {
			return n, err
		}
		if len(texts) > 0 {
			if n.Invitations, err = in.Invitation().Query().Where(open(s.now()), invitation.RoleIn(texts...)).Count(ctx); err != nil {
				return n, fmt.Errorf("counting who is invited with a role: %w", err)
			}
		}
	}
	if p.CanIn(org, ScopeDomainRead) {
		if n.Domains, err = in.OrganizationDomain().Query().Where(organizationdomain.Role(role)).Count(ctx); err != nil {
			return n, fmt.Errorf("counting the domains that give a role: %w", err)
		}
	}
	return n, nil
}

func (s *Service) roleOf(c *plugins.Call) (head, *ent.OrganizationRole, error) {
	h, err := s.head(c)
	if err != nil {
		return h, nil, err
	}
	row, err := s.ownRole(c.Context(), h.Org.ID, RoleNamed{ID: c.Param("id")})
	if errors.Is(err, ErrRoleNotFound) {
		err = errNoPage
	}
	return h, row, err
}

// roleForm draws a role with a set of scopes.
func (s *Service) roleForm(h head, row *ent.OrganizationRole, chosen auth.ScopeSet, form web.Form) roleForm {
	f := roleForm{head: h, Row: row, Form: form, Name: form.Value("role"), Description: form.Value("description")}
	if row != nil && form.Values == nil {
		f.Name, f.Description = row.Role, row.Description
	}
	f.Matrix = web.Matrix{Caption: "What the role gives", Corner: "Permission", Name: "scope", Columns: []words.Text{"Gives"}}
	before := auth.ScopeSet{}
	if row != nil {
		if p, err := readPermission(row.Permission); err == nil {
			before = p.scopes()
		}
	}
	for _, scope := range s.host.Scopes.ScopesIn() {
		name := scope.Name()
		held := h.Actor.Can(name)
		if !held && before[name] {
			f.Beyond = append(f.Beyond, scope.Words)
		}
		f.Matrix.Rows = append(f.Matrix.Rows, web.MatrixRow{Group: scope.Group(), Label: scope.Words, Code: name,
			Cells: []web.MatrixCell{{Value: name, Checked: chosen[name] && held, None: !held}}})
	}
	for _, sc := range s.host.Registry.Screens(true) {
		if chosen[sc.Scope] || slices.Contains(s.implied(), sc.Scope) {
			f.Screens = append(f.Screens, sc.Label)
			if !before[sc.Scope] && !slices.Contains(s.implied(), sc.Scope) {
				f.Fresh = append(f.Fresh, sc.Label)
			}
		}
	}
	return f
}

// sentScopes are the permissions that a form chose, as a role keeps them.
func sentScopes(c *plugins.Call) (auth.ScopeSet, RolePermission) {
	set := auth.ScopeSet{}
	byResource := map[string][]string{}
	for _, name := range c.Request.PostForm["scope"] {
		resource, action, ok := strings.Cut(name, ":")
		if ok && !set[name] {
			set[name] = true
			byResource[resource] = append(byResource[resource], action)
		}
	}
	given := RolePermission{}
	for _, resource := range slices.Sorted(maps.Keys(byResource)) {
		given = append(given, ResourceActions{Resource: resource, Actions: byResource[resource]})
	}
	return set, given
}

// saveRole makes or changes a role, or shows what it would give.
func (s *Service) saveRole(c *plugins.Call) error {
	h, err := s.head(c)
	if err != nil {
		return err
	}
	var row *ent.OrganizationRole
	if c.Param("id") != "" {
		if h, row, err = s.roleOf(c); err != nil {
			return err
		}
	}
	set, given := sentScopes(c)
	if c.Form("preview") != "" {
		return c.Page(http.StatusOK, s.roleForm(h, row, set, web.Form{Values: c.Request.PostForm}))
	}
	if err := s.storeRole(c, h, row, given); err != nil {
		form, status, ok := ask.Refused(c, err)
		if !ok {
			return err
		}
		if missing, is := errors.AsType[*MissingPermissions](err); is && !missing.Timed {
			form.Message = words.F("You cannot give what you do not hold yourself: %s.", strings.Join(missing.Missing, ", "))
		}
		return c.Page(status, s.roleForm(h, row, set, form))
	}
	c.Flash("good", "The role is saved. It counts with the next click of those who have it.")
	return c.SeeOther(h.url("/roles"))
}

func (s *Service) storeRole(c *plugins.Call, h head, row *ent.OrganizationRole, given RolePermission) error {
	description := c.Form("description")
	if row == nil {
		_, err := s.CreateRole(c.Context(), h.Org.ID, NewRole{Name: c.Form("role"), Permission: given, Description: description})
		return err
	}
	_, _, err := s.UpdateRole(c.Context(), h.Org.ID, RoleNamed{ID: row.ID}, RoleUpdate{Permission: given, Description: &description})
	return err
}

// deleteRoleAct asks before a role is deleted.
func (s *Service) deleteRoleAct() ask.Act[*ent.OrganizationRole] {
	return ask.Act[*ent.OrganizationRole]{
		Path: inside + "/roles/:id/delete", Summary: "Delete a role", Access: plugins.Within(ScopeRoleDelete),
		Load: func(c *plugins.Call) (*ent.OrganizationRole, error) {
			_, row, err := s.roleOf(c)
			return row, err
		},
		Question: func(_ *plugins.Call, row *ent.OrganizationRole) web.Confirm {
			return web.Confirm{Title: words.F("Delete the role %s?", row.Role), Text: "Nobody may have it: give its holders another role first. Who is invited with it, or joins by a mail domain with it, becomes a plain member.", Verb: "Delete role", Danger: true}
		},
		Trail: func(c *plugins.Call, _ *ent.OrganizationRole) []web.Crumb { return trailOf(c, "Roles", "/roles") },
		Do: func(c *plugins.Call, row *ent.OrganizationRole) error {
			err := s.DeleteRole(c.Context(), c.Organization.ID, RoleNamed{ID: row.ID})
			if errors.Is(err, ErrRoleInUse) { // which the wire says of members alone
				held, failed := s.holdersOf(c.Context(), c.Organization.ID, row.Role)
				err = orElse(failed, roleInUse(held))
			}
			if err != nil {
				return err
			}
			c.Flash("good", words.F("The role %s is deleted.", row.Role))
			return c.SeeOther(c.Organization.Path("/roles"))
		},
	}
}

// roleInUse says in the words of the page who has a role.
func roleInUse(by holderCount) *auth.Error {
	if who := by.words(); who != "" {
		return ErrRoleInUse.Saying("The role is in use by %s. Give them another one first.", who)
	}
	return ErrRoleInUse.Saying("Somebody whom you may not see has this role.")
}
