package admin

import (
	"net/http"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/web"
)

// rolesPath is the page of what each role gives.
const rolesPath = "/admin/roles"

// rolesView is what each role gives, permission by permission.
type rolesView struct {
	Matrix     web.Matrix
	SettingURL string // where roles are declared; "" where the reader may not look
}

// rolesPage shows what each role gives. Roles are declared by plugins and by the setting
// admin.roles.
func (s *Service) rolesPage(c *plugins.Call) error {
	names, parts := s.host.Scopes.RoleNames(), s.partNames()
	m := web.Matrix{Caption: "Permissions of each role", Corner: "Permission", Locked: true}
	held := make([]map[string]bool, len(names))
	for i, name := range names {
		m.Columns = append(m.Columns, auth.RoleWords(name))
		held[i] = s.host.Scopes.OfRole(name)
	}
	groups := map[string][]web.MatrixRow{}
	var order []string
	for _, scope := range s.host.Scopes.Scopes() {
		owner := s.host.Scopes.Owner(scope.Name())
		row := web.MatrixRow{Group: parts[owner], Label: scope.Words, Code: scope.Name()}
		for i := range names {
			row.Cells = append(row.Cells, web.MatrixCell{Checked: held[i][scope.Name()]})
		}
		if groups[owner] == nil {
			order = append(order, owner)
		}
		groups[owner] = append(groups[owner], row)
	}
	for _, owner := range order {
		m.Rows = append(m.Rows, groups[owner]...)
	}
	view := rolesView{Matrix: m}
	if at, ok := plugins.Offer[happened.Settings](s.host); ok && c.Principal().Can(scopeSettings) {
		view.SettingURL = at.SettingURL("admin.roles")
	}
	return c.Page(http.StatusOK, view)
}

// scopeSettings is the console's scope for looking at settings.
const scopeSettings = "settings:read"

// partNames are the names of the plugins by id.
func (s *Service) partNames() map[string]words.Text {
	names := map[string]words.Text{}
	for _, p := range s.host.Registry.Parts {
		names[p.ID] = p.Name
	}
	return names
}
