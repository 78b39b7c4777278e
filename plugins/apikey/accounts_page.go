package apikey

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/apikeyapi"
	"gatehouse/plugins/ask"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// accountsView is the page of the service accounts of a place.
type accountsView struct {
	head
	List list.View[accountRow]
}

// accountRow is one service account in a list.
type accountRow struct {
	head
	Account        *ent.ServiceAccount
	Keys           int
	State          string
	Update, Delete bool
}

// AccountsIn implements apikeyapi.Accounts.
func (s *Service) AccountsIn(ctx context.Context, org string) (int, bool, error) {
	if !auth.PrincipalOf(ctx).CanIn(org, ScopeAccountRead) {
		return 0, false, nil
	}
	n, err := s.accounts(ctx, org).Count(ctx)
	return n, true, err
}

// AccountsWith implements apikeyapi.Accounts.
func (s *Service) AccountsWith(ctx context.Context, org, role string) (int, bool, error) {
	if !auth.PrincipalOf(ctx).CanIn(org, ScopeAccountRead) {
		return 0, false, nil
	}
	texts, err := roleTexts(ctx, s.accounts(ctx, org), role)
	if err != nil || len(texts) == 0 {
		return 0, true, err
	}
	n, err := s.accounts(ctx, org).Where(serviceaccount.RoleIn(texts...)).Count(ctx)
	if err != nil {
		return 0, true, fmt.Errorf("counting service accounts with a role: %w", err)
	}
	return n, true, nil
}

var _ apikeyapi.Accounts = (*Service)(nil)

func (s *Service) accountsPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		view, err := s.lists.accounts[at].View(c)
		if err != nil {
			return err
		}
		return c.Page(view.Status(), accountsView{headIn(c.Context(), at), view})
	}
}

func (s *Service) accountsList(at place) *list.List[accountRow] {
	id := map[place]string{onPlatform: "service-accounts", inOrganization: "organization-service-accounts"}[at]
	return &list.List[accountRow]{
		ID: id, Path: at.accounts(), Caption: "Service accounts", Sort: "created", Export: ScopeAccountRead,
		What:   func(n int) words.Text { return words.N(n, "%d service account", "%d service accounts") },
		Search: "Search service accounts by name", Placeholder: "Name",
		Load: func(ctx context.Context, q list.Query) (list.Page[accountRow], error) {
			return s.loadAccounts(ctx, at, q)
		},
		Row: func(r accountRow) list.Row {
			return list.Row{ID: r.Account.ID, Label: words.Raw(r.Account.Name), Href: r.url(""), Menu: r.menu()}
		},
		Empty: func(c *plugins.Call) web.Empty {
			return web.Empty{Icon: "bot", Title: "No service accounts yet", Text: "A service account is no person: it has roles and keys, and stays when people go.", Actions: accountsView{head: headIn(c.Context(), at)}.newAccount()}
		},
		Filters: []list.Filter{{ID: "state", Label: "Status", Single: true, Options: func(context.Context) []web.Option {
			return []web.Option{{Value: "enabled", Label: "Active"}, {Value: "disabled", Label: "Disabled"}}
		}}},
		Columns: []list.Column[accountRow]{
			{ID: "name", Label: "Service account", Sort: true, First: true, Fixed: true, Draw: func(r accountRow) templ.Component { return accountCell(r) }, Value: func(r accountRow) any { return r.Account.Name }},
			{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r accountRow) templ.Component {
				return web.ID{Value: r.Account.ID, What: "service account id"}
			}, Value: func(r accountRow) any { return r.Account.ID }},
			{ID: "role", Label: "Roles", Wide: true, Draw: func(r accountRow) templ.Component { return roleChips(r.Account.Role) }, Value: func(r accountRow) any { return auth.SplitRoles(r.Account.Role) }},
			{ID: "state", Label: "Status", Draw: func(r accountRow) templ.Component { return stateBadge(r.State) }, Value: func(r accountRow) any { return r.State }},
			{ID: "keys", Label: "API keys", Wide: true, End: true, Fit: true, Draw: func(r accountRow) templ.Component { return words.Number(r.Keys) }, Value: func(r accountRow) any { return r.Keys }},
			{ID: "ends", Label: "Ends", Hidden: true, Wide: true, Draw: func(r accountRow) templ.Component {
				return web.Time{At: auth.ValueOf(r.Account.EndsAt), Never: "never"}
			}, Value: func(r accountRow) any { return auth.ValueOf(r.Account.EndsAt) }},
			{ID: "created", Label: "Created", Sort: true, Wide: true, End: true, Draw: func(r accountRow) templ.Component { return web.Time{At: r.Account.CreatedAt} }, Value: func(r accountRow) any { return r.Account.CreatedAt }},
		},
	}
}

func (s *Service) loadAccounts(ctx context.Context, at place, q list.Query) (list.Page[accountRow], error) {
	found, err := s.ListAccounts(ctx, q.In, q)
	if err != nil {
		return list.Page[accountRow]{}, err
	}
	ids := make([]string, len(found.Rows))
	for i, a := range found.Rows {
		ids[i] = a.ID
	}
	counts, err := s.countKeys(ctx, ids)
	h := headIn(ctx, at)
	if err != nil {
		return list.Page[accountRow]{}, err
	}
	return list.Of(found, func(a *ent.ServiceAccount) (accountRow, error) { return s.accountRow(h, a, counts[a.ID]), nil })
}

// countKeys counts the keys of some service accounts.
func (s *Service) countKeys(ctx context.Context, ids []string) (map[string]int, error) {
	var rows []struct {
		ReferenceID string `sql:"referenceId"`
		Count       int    `sql:"count"`
	}
	err := s.keys(ctx).Query().Where(apikey.ReferenceIDIn(ids...)).GroupBy(apikey.FieldReferenceID).Aggregate(ent.Count()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting the keys of service accounts: %w", err)
	}
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.ReferenceID] = row.Count
	}
	return counts, nil
}

func (s *Service) accountRow(h head, a *ent.ServiceAccount, keys int) accountRow {
	r := accountRow{head: h, Account: a, Keys: keys, State: stateActive, Update: h.can(ScopeAccountUpdate), Delete: h.can(ScopeAccountDelete)}
	switch {
	case a.EndsAt != nil && !s.now().Before(*a.EndsAt):
		r.State = stateOver
	case !a.Enabled:
		r.State = stateDisabled
	}
	return r
}

func (r accountRow) url(part string) string { return r.account(r.Account.ID, part) }

func (r accountRow) menu() templ.Component {
	items := []templ.Component{web.MenuLink{Label: "Open", Icon: "bot", Href: r.url("")}}
	if r.Update {
		items = append(items, web.MenuLink{Label: "Edit", Icon: "pencil", Href: r.url("/edit")})
		if r.Account.Enabled {
			items = append(items, web.MenuPost{Label: "Disable", Icon: "ban", URL: r.url("/disable")})
		} else {
			items = append(items, web.MenuPost{Label: "Enable", Icon: "play", URL: r.url("/enable")})
		}
	}
	if r.Delete {
		items = append(items, web.MenuLink{Label: "Delete…", Icon: "trash-2", Href: r.url("/delete"), Danger: true})
	}
	return web.Menu{ID: "menu-" + r.Account.ID, Label: words.F("Actions for %s", r.Account.Name), Items: items}
}

func (v accountsView) newAccount() templ.Component {
	if !v.can(ScopeAccountCreate) {
		return nil
	}
	return web.Button{Label: "New service account", Icon: "plus", Variant: web.Primary, Href: v.accounts("/new")}
}

// accountView is the page of one service account.
type accountView struct {
	accountRow
	Keys    []keyRow
	More    bool // keys that are not shown
	NewKey  bool
	Explain string
	Remove  web.Confirm
}

// keysShown bounds the keys on the page of their owner.
const keysShown = 50

// accountOf reads the service account of a request.
func (s *Service) accountOf(c *plugins.Call, at place) (accountRow, error) {
	h := headIn(c.Context(), at)
	a, err := s.Account(c.Context(), h.in(), c.Param("id"))
	if err != nil {
		return accountRow{}, notThere(err)
	}
	counts, err := s.countKeys(c.Context(), []string{a.ID})
	return s.accountRow(h, a, counts[a.ID]), err
}

func (s *Service) accountPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		r, err := s.accountOf(c, at)
		if err != nil {
			return err
		}
		v := accountView{accountRow: r, Explain: r.explorer(auth.KindServiceAccount, r.Account.ID, nil)}
		if r.holds(ScopeRead) {
			if v.Keys, v.More, err = s.keysOfOwner(c.Context(), r.head, r.Account.ID); err != nil {
				return err
			}
		}
		v.NewKey = r.can(ScopeCreate) && r.State == stateActive
		if r.Delete {
			v.Remove = ask.At(deleteAccountQuestion(c, r), "ask-delete", r.url("/delete"))
		}
		return c.Page(http.StatusOK, v)
	}
}

// keysOfOwner are the newest keys of an owner, whose page the reader may see.
func (s *Service) keysOfOwner(ctx context.Context, h head, owner string) (rows []keyRow, more bool, err error) {
	base, err := s.keysAt(ctx, h.at, h.in())
	if err != nil {
		return nil, false, err
	}
	found, err := base().Where(apikey.ReferenceID(owner)).Order(ent.Desc(apikey.FieldCreatedAt, apikey.FieldID)).Limit(keysShown + 1).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("reading the keys of an owner: %w", err)
	}
	for i, k := range found {
		if i == keysShown {
			return rows, true, nil
		}
		rows = append(rows, s.keyRow(h, s.usage.current(k), shownOwner{}))
	}
	return rows, false, nil
}

// switchAccount lets a service account act, or stops it.
func (s *Service) switchAccount(at place, on bool) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		r, err := s.accountOf(c, at)
		if err != nil {
			return err
		}
		if _, err := s.SetAccountEnabled(c.Context(), r.in(), r.Account.ID, on); err != nil {
			return notThere(err)
		}
		text, undo := words.F("%s is disabled: its keys are refused from now on.", r.Account.Name), "/enable"
		if on {
			text, undo = words.F("%s works again.", r.Account.Name), "/disable"
		}
		c.FlashUndo(text, plugins.Undo{Path: r.url(undo)})
		return c.SeeOther(r.url(""))
	}
}

// deleteAccountAct asks before a service account is deleted.
func (s *Service) deleteAccountAct(at place) ask.Act[accountRow] {
	return ask.Act[accountRow]{Path: at.accounts() + "/:id/delete", Summary: "Delete a service account", Access: at.changing(ScopeAccountDelete),
		Load:     func(c *plugins.Call) (accountRow, error) { return s.accountOf(c, at) },
		Question: deleteAccountQuestion,
		Trail: func(_ *plugins.Call, r accountRow) []web.Crumb {
			return r.trail(r.accountsCrumb(), web.Crumb{Label: words.Raw(r.Account.Name), Href: r.url("")})
		},
		Do: func(c *plugins.Call, r accountRow) error {
			if err := s.DeleteAccount(c.Context(), r.in(), r.Account.ID); err != nil {
				return notThere(err)
			}
			c.Flash("good", words.F("%s is deleted.", r.Account.Name))
			return c.SeeOther(r.accounts(""))
		}}
}

func deleteAccountQuestion(_ *plugins.Call, r accountRow) web.Confirm {
	q := web.Confirm{Title: words.F("Delete %s?", r.Account.Name), Text: "It has no keys. This cannot be undone.", Verb: "Delete service account", Danger: true}
	if r.Keys > 0 {
		q.Text = words.N(r.Keys, "Its key ends with it: whatever uses it stops working at once. This cannot be undone.",
			"Its %d keys end with it: whatever uses them stops working at once. This cannot be undone.")
	}
	return q
}

// accountForm is the form to make or change a service account.
type accountForm struct {
	accountRow // of a new one without an account
	Form       web.Form
	Roles      []web.Option
	Checked    []string
	zone       *time.Location
}

func (s *Service) accountForm(c *plugins.Call, r accountRow) (accountForm, error) {
	f := accountForm{accountRow: r, zone: c.View.Zone(c)}
	var err error
	held := ""
	if r.Account != nil {
		held = r.Account.Role
	}
	if f.Roles, err = s.givable(c.Context(), r.head, held); err != nil {
		return f, err
	}
	f.Checked = auth.SplitRoles(held)
	if c.Request.Method == http.MethodPost {
		_ = c.Form("name")
		f.Form.Values, f.Checked = c.Request.PostForm, c.Request.PostForm["role"]
	}
	return f, nil
}

// givable are the roles that the reader may give a service account, and those it has.
func (s *Service) givable(ctx context.Context, h head, held string) ([]web.Option, error) {
	var options []web.Option
	has := auth.SplitRoles(held)
	add := func(name string, ok bool) {
		if ok || slices.Contains(has, name) {
			options = append(options, web.Option{Value: name, Label: auth.RoleWords(name)})
		}
	}
	if h.at == onPlatform {
		mine := h.p.PlatformScopes()
		for _, name := range s.host.Scopes.RoleNames() {
			gives := s.host.Scopes.OfRole(name)
			add(name, len(gives) > 0 && mine.Covers(gives))
		}
		return options, nil
	}
	d, ok := s.directory()
	if !ok {
		return nil, nil
	}
	roles, err := d.Roles(ctx, h.in())
	if err != nil {
		return nil, err
	}
	for _, role := range roles {
		may, err := d.MayGive(ctx, h.in(), []string{role.Name}, s.now())
		if err != nil {
			return nil, err
		}
		add(role.Name, may && !role.Creator)
	}
	return options, nil
}

func (s *Service) newAccountPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		f, err := s.accountForm(c, accountRow{head: headIn(c.Context(), at)})
		if err != nil {
			return err
		}
		return c.Page(http.StatusOK, f)
	}
}

func (s *Service) editAccountPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		r, err := s.accountOf(c, at)
		if err != nil {
			return err
		}
		f, err := s.accountForm(c, r)
		if err != nil {
			return err
		}
		return c.Page(http.StatusOK, f)
	}
}

// sentAccount reads the form of a service account.
func sentAccount(c *plugins.Call) (Account, error) {
	a := Account{Name: c.Form("name"), Description: c.Form("description"), Roles: c.Request.PostForm["role"]}
	end, ok := c.Moment("end")
	if !ok {
		return a, auth.ErrValidation.Saying("This is no date and time.").At("end")
	}
	a.EndsAt = end
	return a, nil
}

// makeAccount makes a service account.
func (s *Service) makeAccount(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		h := headIn(c.Context(), at)
		a, err := sentAccount(c)
		var row *ent.ServiceAccount
		if err == nil {
			row, err = s.CreateAccount(c.Context(), h.in(), a)
		}
		if err != nil {
			return s.refusedAccount(c, accountRow{head: h}, err)
		}
		done := words.F("%s is made.", row.Name)
		if h.holds(ScopeCreate) {
			done = words.F("%s is made. Give it a key.", row.Name)
		}
		c.Flash("good", done)
		return c.SeeOther(h.account(row.ID, ""))
	}
}

func (s *Service) saveAccount(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		r, err := s.accountOf(c, at)
		if err != nil {
			return err
		}
		a, err := sentAccount(c)
		if err == nil {
			_, err = s.UpdateAccount(c.Context(), r.in(), r.Account.ID, a)
		}
		if err != nil {
			return s.refusedAccount(c, r, err)
		}
		c.Flash("good", words.F("%s is saved. It counts with the next use of its keys.", r.Account.Name))
		return c.SeeOther(r.url(""))
	}
}

// refusedAccount draws the form again, with the reason at its field.
func (s *Service) refusedAccount(c *plugins.Call, r accountRow, err error) error {
	form, status, ok := ask.Refused(c, err)
	if !ok {
		return notThere(err)
	}
	f, failed := s.accountForm(c, r)
	if failed != nil {
		return failed
	}
	e := auth.AsError(err)
	if field := map[string]string{ErrAccountName.Code: "name", ErrAccountText.Code: "description", ErrNoSuchRole.Code: "role", ErrTooMuch.Code: "role", ErrAccountOver.Code: "end"}[e.Code]; field != "" && len(e.Fields) == 0 {
		form.Message, form.Errors = "", []web.FieldError{{Field: field, Text: e.Message}}
	}
	f.Form = form
	return c.Page(status, f)
}

// accountRoutes are the pages of service accounts in a place.
func (s *Service) accountRoutes(at place) []plugins.Route {
	get := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodGet, Path: at.accounts() + path, Summary: summary, Access: at.access(scope), Handle: handle}
	}
	post := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: at.accounts() + path, Summary: summary, Access: at.changing(scope), Handle: handle}
	}
	return slices.Concat([]plugins.Route{
		get("", "The list of service accounts", ScopeAccountRead, s.accountsPage(at)),
		get("/new", "The form to make a service account", ScopeAccountCreate, s.newAccountPage(at)),
		post("", "Make a service account", ScopeAccountCreate, s.makeAccount(at)),
		get("/:id", "One service account", ScopeAccountRead, s.accountPage(at)),
		get("/:id/edit", "The form to change a service account", ScopeAccountUpdate, s.editAccountPage(at)),
		post("/:id/edit", "Change a service account", ScopeAccountUpdate, s.saveAccount(at)),
		post("/:id/disable", "Disable a service account", ScopeAccountUpdate, s.switchAccount(at, false)),
		post("/:id/enable", "Enable a service account", ScopeAccountUpdate, s.switchAccount(at, true)),
	}, s.deleteAccountAct(at).Routes(), s.lists.accounts[at].Routes(s.host, ScopeAccountRead))
}

// tabs show a person's keys on their page.
func (s *Service) tabs() []plugins.Tab {
	return []plugins.Tab{{Entity: "user", ID: "api-keys", Order: 45, Icon: "key", Label: "API keys", Scope: ScopeRead, Draw: func(c *plugins.Call, subject string) (templ.Component, error) {
		rows, more, err := s.keysOfOwner(c.Context(), headIn(c.Context(), onPlatform), subject)
		return personView{subject, rows, more, s.unlisted(inAccount)}, err
	}}}
}

// personView are the keys of a person.
type personView struct {
	User     string
	Keys     []keyRow
	More     bool
	Unlisted words.Text
}
