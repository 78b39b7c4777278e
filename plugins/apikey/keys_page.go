package apikey

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// lists are the lists of each place.
type lists struct {
	keys     map[place]*list.List[keyRow]
	accounts map[place]*list.List[accountRow]
}

func (s *Service) makeLists() lists {
	l := lists{map[place]*list.List[keyRow]{}, map[place]*list.List[accountRow]{}}
	for _, at := range places {
		l.keys[at] = s.keysList(at)
		if at != inAccount {
			l.accounts[at] = s.accountsList(at)
		}
	}
	return l
}

// keyListID names a list in cursors and preferences.
func keyListID(at place) string {
	return map[place]string{onPlatform: "api-keys", inOrganization: "organization-api-keys", inAccount: "own-api-keys"}[at]
}

// keysView is the page of the keys of a place.
type keysView struct {
	head
	List     list.View[keyRow]
	Unlisted words.Text // kinds of keys that no list of the console has
}

// keyRow is one key in a list.
type keyRow struct {
	head
	Row            *ent.APIKey
	Owner          shownOwner
	State          string
	Update, Delete bool
}

func (s *Service) keysPage(at place) func(*plugins.Call) error {
	return func(c *plugins.Call) error {
		view, err := s.lists.keys[at].View(c)
		if err != nil {
			return err
		}
		return c.Page(view.Status(), keysView{headIn(c.Context(), at), view, s.unlisted(at)})
	}
}

// unlisted are the kinds whose keys lie in a storage alone, which is read by owner and not
// as a whole: lists of the database lack them.
func (s *Service) unlisted(at place) words.Text {
	var kinds []words.Text
	for _, c := range s.configurations() {
		if c.inStorage() && (at == onPlatform || c.ofOrganizations() == (at == inOrganization)) {
			kinds = append(kinds, words.Raw(c.id))
		}
	}
	return words.Join(", ", kinds...)
}

func (s *Service) keysList(at place) *list.List[keyRow] {
	l := &list.List[keyRow]{
		ID: keyListID(at), Path: at.keys(), Caption: "API keys", Sort: "created", Export: ScopeRead,
		What:   func(n int) words.Text { return words.N(n, "%d key", "%d keys") },
		Search: "Search keys by name or beginning", Placeholder: "Name or beginning",
		Load: func(ctx context.Context, q list.Query) (list.Page[keyRow], error) { return s.loadKeys(ctx, at, q) },
		Row: func(r keyRow) list.Row {
			return list.Row{ID: r.Row.ID, Label: words.Raw(called(r.Row)), Href: r.key(r.Row.ID, ""), Menu: r.menu(), Fixed: !r.Update && !r.Delete}
		},
		Empty: func(c *plugins.Call) web.Empty {
			return web.Empty{Icon: "key", Title: "No API keys yet", Text: "A key lets a program act without a person: a job, a service, a script.", Actions: keysView{head: headIn(c.Context(), at)}.newKey()}
		},
		Filters: keyFilters(at),
		Columns: keyColumns(at),
		Acts: []list.Act{
			{ID: "disable", Label: "Disable", Icon: "ban", Scope: ScopeUpdate},
			{ID: "delete", Label: "Delete", Icon: "trash-2", Danger: true, Scope: ScopeDelete},
		},
	}
	if at == inAccount { // a handful, of somebody who holds no scope
		l.Acts, l.Export = nil, ""
	}
	return l
}

func keyFilters(at place) []list.Filter {
	options := func(o ...web.Option) func(context.Context) []web.Option {
		return func(context.Context) []web.Option { return o }
	}
	var state []web.Option
	for _, name := range states {
		state = append(state, web.Option{Value: name, Label: stateBadge(name).Label})
	}
	filters := []list.Filter{{ID: filterState, Label: "Status", Options: options(state...)}}
	kinds := []web.Option{{Value: OwnerOrganization, Label: ownerWords(OwnerOrganization)}, {Value: OwnerServiceAccount, Label: ownerWords(OwnerServiceAccount)}}
	switch at {
	case onPlatform:
		filters = append(filters, list.Filter{ID: filterOwner, Label: "Owner", Options: options(append([]web.Option{{Value: OwnerUser, Label: ownerWords(OwnerUser)}}, kinds...)...)})
	case inOrganization:
		filters = append(filters, list.Filter{ID: filterOwner, Label: "Owner", Options: options(kinds...)})
	}
	if at != inAccount {
		filters = append(filters, list.Filter{ID: filterOf, Label: "Owned by", Any: true})
	}
	return append(filters,
		list.Filter{ID: filterUnused, Label: "Unused", Single: true, Options: options(web.Option{Value: neverUsed, Label: "Never used"}, web.Option{Value: longUnused, Label: "Not for 90 days"})},
		list.Filter{ID: filterEnds, Label: "Ends", Single: true, Options: options(web.Option{Value: endsSoon, Label: "Within 14 days"})})
}

func keyColumns(at place) []list.Column[keyRow] {
	columns := []list.Column[keyRow]{
		{ID: "name", Label: "Key", Sort: true, First: true, Fixed: true, Draw: func(r keyRow) templ.Component { return keyCell(r) }, Value: func(r keyRow) any { return auth.ValueOf(r.Row.Name) }},
		{ID: "start", Value: func(r keyRow) any { return auth.ValueOf(r.Row.Start) }},
		{ID: "id", Label: "Id", Hidden: true, Wide: true, Draw: func(r keyRow) templ.Component { return web.ID{Value: r.Row.ID, What: "key id"} }, Value: func(r keyRow) any { return r.Row.ID }},
		{ID: "owner", Label: "Owner", Wide: true, Draw: func(r keyRow) templ.Component { return ownerCell(r.Owner) }, Value: func(r keyRow) any { return r.Owner.Name }},
		{ID: "ownerKind", Value: func(r keyRow) any { return r.Owner.Kind }},
		{ID: "organization", Value: func(r keyRow) any {
			if r.Owner.Org == nil {
				return nil
			}
			return r.Owner.Org.Slug
		}},
		{ID: filterState, Label: "Status", Draw: func(r keyRow) templ.Component { return stateBadge(r.State) }, Value: func(r keyRow) any { return r.State }},
		{ID: "lastUsed", Label: "Last used", Sort: true, Wide: true, Draw: func(r keyRow) templ.Component { return usedCell(r.Row) }, Value: func(r keyRow) any { return auth.ValueOf(r.Row.LastUsedAt) }},
		{ID: "address", Value: func(r keyRow) any { return r.Row.LastAddress }},
		{ID: filterEnds, Label: "Ends", Sort: true, First: true, Wide: true, Draw: func(r keyRow) templ.Component { return web.Time{At: auth.ValueOf(r.Row.ExpiresAt), Never: "never"} }, Value: func(r keyRow) any { return auth.ValueOf(r.Row.ExpiresAt) }},
		{ID: "created", Label: "Created", Sort: true, Wide: true, End: true, Draw: func(r keyRow) templ.Component { return web.Time{At: r.Row.CreatedAt} }, Value: func(r keyRow) any { return r.Row.CreatedAt }},
	}
	if at == inAccount {
		columns = slices.DeleteFunc(columns, func(c list.Column[keyRow]) bool { return c.ID == "owner" })
	}
	return columns
}

func (s *Service) loadKeys(ctx context.Context, at place, q list.Query) (list.Page[keyRow], error) {
	found, err := s.keyList(ctx, at, q)
	if err != nil {
		return list.Page[keyRow]{}, err
	}
	h := headIn(ctx, at)
	owners, err := s.ownersOf(ctx, h, found.Rows)
	if err != nil {
		return list.Page[keyRow]{}, err
	}
	return list.Of(found, func(k *ent.APIKey) (keyRow, error) { return s.keyRow(h, k, owners[k.ID]), nil })
}

func (s *Service) keyRow(h head, k *ent.APIKey, o shownOwner) keyRow {
	return keyRow{h, k, o, s.stateOf(k, s.now()), h.can(ScopeUpdate), h.can(ScopeDelete)}
}

func (r keyRow) menu() templ.Component {
	items := []templ.Component{web.MenuLink{Label: "Open", Icon: "key", Href: r.key(r.Row.ID, "")}}
	if r.Update {
		items = append(items, web.MenuLink{Label: "Edit", Icon: "pencil", Href: r.key(r.Row.ID, "/edit")})
		if r.State == stateDisabled {
			items = append(items, web.MenuPost{Label: "Enable", Icon: "play", URL: r.key(r.Row.ID, "/enable")})
		} else if r.State != stateOver {
			items = append(items, web.MenuPost{Label: "Disable", Icon: "ban", URL: r.key(r.Row.ID, "/disable")})
		}
	}
	if r.Delete {
		items = append(items, web.MenuLink{Label: "Delete…", Icon: "trash-2", Href: r.key(r.Row.ID, "/delete"), Danger: true})
	}
	return web.Menu{ID: "menu-" + r.Row.ID, Label: words.F("Actions for %s", called(r.Row)), Items: items}
}

// stateBadge is the state of a key as people read it.
func stateBadge(state string) web.Badge {
	switch state {
	case stateOver:
		return web.Badge{Label: "Over", Tone: web.Bad, Dot: true}
	case stateKindless:
		return web.Badge{Label: "Its kind is gone", Tone: web.Bad, Dot: true}
	case stateDisabled:
		return web.Badge{Label: "Disabled", Tone: web.Warn, Dot: true}
	case stateUsedUp:
		return web.Badge{Label: "Used up", Tone: web.Bad, Dot: true}
	case stateReplaced:
		return web.Badge{Label: "Replaced", Tone: web.Warn, Dot: true}
	}
	return web.Badge{Label: "Active", Tone: web.Good, Dot: true}
}

// ownerWords is what kind of owner a key has.
func ownerWords(kind string) words.Text {
	switch kind {
	case OwnerOrganization:
		return "Organization"
	case OwnerServiceAccount:
		return "Service account"
	}
	return "Person"
}

// newKey is the button of the wizard; nil for those who may not.
func (v keysView) newKey() templ.Component {
	if !v.can(ScopeCreate) {
		return nil
	}
	return web.Button{Label: "New API key", Icon: "plus", Variant: web.Primary, Href: v.keys("/new")}
}

// oneByOne makes an act on a selected key; one that is not in the place is gone.
func (s *Service) oneByOne(at place, scope string, do func(context.Context, *ent.APIKey) (bool, error)) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, id string) (bool, error) {
		row, err := s.keyAt(ctx, at, id, scope)
		if err == nil {
			var done bool
			if done, err = do(ctx, row); err == nil {
				return done, nil
			}
		}
		if errors.Is(err, ErrNotFound) {
			return false, list.ErrGone
		}
		return false, err
	}
}

func (s *Service) disableOne(ctx context.Context, row *ent.APIKey) (bool, error) {
	if !row.Enabled {
		return false, nil
	}
	_, err := s.SetEnabled(ctx, row.ID, false)
	return err == nil, err
}

func (s *Service) deleteOne(ctx context.Context, row *ent.APIKey) (bool, error) {
	err := s.Delete(ctx, row.ID)
	return err == nil, err
}

func disabledMany(done, left int) words.Text {
	if left == 0 {
		return words.N(done, "One key is disabled.", "%d keys are disabled.")
	}
	return words.F("%s %s", words.N(done, "One key is disabled.", "%d keys are disabled."), leftMany(left))
}

func deletedMany(done, left int) words.Text {
	if left == 0 {
		return words.N(done, "One key is deleted.", "%d keys are deleted.")
	}
	return words.F("%s %s", words.N(done, "One key is deleted.", "%d keys are deleted."), leftMany(left))
}

func leftMany(left int) words.Text {
	return words.N(left, "One was left as it is.", "%d were left as they are.")
}

// deleteSelected asks before selected keys are deleted.
func (s *Service) deleteSelected(at place) func(*plugins.Call) error {
	l := s.lists.keys[at]
	return ask.Many[keyRow]{List: l, Do: l.Do(s.oneByOne(at, ScopeDelete, s.deleteOne), deletedMany),
		There: func(c *plugins.Call, ids []string) ([]string, error) { return s.keysThere(c.Context(), at, ids) },
		Trail: func(c *plugins.Call) []web.Crumb {
			h := headIn(c.Context(), at)
			return h.trail(h.keysCrumb())
		},
		Question: func(n int) web.Confirm {
			return web.Confirm{ID: "delete-keys", Title: words.N(n, "Delete one API key?", "Delete %d API keys?"), Verb: "Delete", Danger: true,
				Text: "Whatever uses them stops working at once. This cannot be undone."}
		}}.Handle
}

// keysThere are those of the ids that name a key in the place.
func (s *Service) keysThere(ctx context.Context, at place, ids []string) (there []string, err error) {
	for _, id := range ids {
		switch _, err := s.keyAt(ctx, at, id, ScopeDelete); {
		case err == nil || auth.AsError(err).Status == http.StatusForbidden:
			there = append(there, id)
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return there, nil
}

// keyRoutes are the pages of keys in a place.
func (s *Service) keyRoutes(at place) []plugins.Route {
	get := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodGet, Path: at.keys() + path, Summary: summary, Access: at.access(scope), Handle: handle}
	}
	post := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: at.keys() + path, Summary: summary, Access: at.changing(scope), Handle: handle}
	}
	begin, step, create := get("/new", "The form to make an API key", ScopeCreate, s.newKeyPage(at)),
		post("/new", "A step of the form to make an API key", ScopeCreate, s.newKeyStep(at)), post("", "Make an API key", ScopeCreate, s.makeKey(at))
	begin.Access.ManagesCredentials, create.Access.Dangerous = true, true
	routes := []plugins.Route{
		get("", "The list of API keys", ScopeRead, s.keysPage(at)), begin, step, create,
		get("/:id", "One API key", ScopeRead, s.keyPage(at)),
		get("/:id/edit", "The form to change an API key", ScopeUpdate, s.editKeyPage(at)),
		post("/:id/edit", "Change an API key", ScopeUpdate, s.saveKey(at)),
		post("/:id/disable", "Disable an API key", ScopeUpdate, s.switchKey(at, false)),
		post("/:id/enable", "Enable an API key", ScopeUpdate, s.switchKey(at, true)),
	}
	if at != inAccount {
		routes = append(routes, post("/bulk/disable", "Disable many API keys", ScopeUpdate, s.lists.keys[at].Do(s.oneByOne(at, ScopeUpdate, s.disableOne), disabledMany)),
			post("/bulk/delete", "Delete many API keys", ScopeDelete, s.deleteSelected(at)))
	}
	return slices.Concat(routes, s.rotateAct(at).Routes(), s.deleteAct(at).Routes(), s.lists.keys[at].Routes(s.host, at.access(ScopeRead).Scope))
}

// routes are the pages of all places.
func (s *Service) routes() []plugins.Route {
	var routes []plugins.Route
	for _, at := range places {
		routes = append(routes, s.keyRoutes(at)...)
		if at != inAccount {
			routes = append(routes, s.accountRoutes(at)...)
		}
	}
	return routes
}

// notThere turns what the service does not find into a page that is not there.
func notThere(err error) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnknownAccount) {
		return errNoPage
	}
	return err
}
