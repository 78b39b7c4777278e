package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Addresses of the access explorer: on the platform, and below an organization.
const (
	explorerPath = plugins.ExplorerPath
	insidePath   = plugins.OrganizationsPath + "/:slug" + explorerPage
	explorerPage = plugins.ExplorerPage
)

// Pages of the explorer below its address.
const (
	pageHeld    = ""
	pageCheck   = "/check"
	pageWho     = "/who"
	pageCompare = "/compare"
)

// Bounds of the explorer.
const (
	foundSubjects  = 8  // of one kind, in the search
	offeredPlaces  = 20 // organizations of a person
	shownEverybody = 10 // holders everywhere, beside the list of those in an organization
)

func explorerScopes() []auth.Scope {
	staff := []string{"owner", "admin", "support", "viewer"}
	explain := auth.Scope{Resource: "principal", Action: "explain", Words: "See what others may do, and why", Of: "Access", Roles: staff, Interactive: true}
	inside := explain
	inside.Organization, inside.Roles = true, []string{"owner", "admin"}
	return []auth.Scope{explain, inside}
}

func explorerScreens() []plugins.Screen {
	screen := plugins.Screen{ID: "access", Group: plugins.GroupAccess, Order: 40, Icon: "waypoints", Label: "Access explorer", Key: "e", Path: explorerPath, Scope: auth.ScopeExplain}
	inside := screen
	inside.ID, inside.Key, inside.Path, inside.Organization = "organization-access", "", explorerPage, true
	return []plugins.Screen{screen, inside}
}

func (p *console) explorerRoutes() []plugins.Route {
	var routes []plugins.Route
	for _, at := range []struct {
		path   string
		access plugins.Access
	}{{explorerPath, plugins.Access{Who: plugins.SignedIn, Scope: auth.ScopeExplain}}, {insidePath, plugins.Within(auth.ScopeExplain)}} {
		page := func(path string, summary words.Text, handle func(*plugins.Call) error) {
			routes = append(routes, plugins.Route{Method: http.MethodGet, Path: at.path + path, Summary: summary, Access: at.access, Handle: handle})
		}
		page(pageHeld, "What a subject may do, and why", p.explore)
		page(pageCheck, "Whether a subject may do something, and why", p.check)
		page(pageWho, "Who may do something", p.who)
		page(pageCompare, "What two subjects may do, side by side", p.compare)
	}
	return slices.Concat(routes, p.lists.holders.Routes(p.host, auth.ScopeExplain), p.lists.members.Routes(p.host, auth.ScopeExplain))
}

// asking is what the address of a page of the explorer asks about.
type asking struct {
	Base string                // address of the explorer
	Page *plugins.Organization // whose pages these are; nil on those of the platform
	In   *plugins.Organization // asked about, besides the platform or on its own
	Slug string                // the short name that was typed
	// Offers are organizations of the subject to ask about.
	Offers      []plugins.Organization
	Subject     picked
	Other       picked
	Scope       string // as the address has it
	All         bool   // what is not held, and what does not differ
	wide        bool   // the reader may ask about the platform
	kinds       []auth.SubjectSource
	organizable bool // there are organizations
}

// picked is a subject that was picked, or the search for one.
type picked struct {
	Name string // of the parameter
	*auth.Subject
	Who    *auth.Principal
	Text   string
	Found  []auth.Subject
	SeeAs  string // address
	Broken bool
}

// asked reads what a page is asked. A subject that the reader may not know is none.
func (p *console) asked(c *plugins.Call) (asking, error) {
	a := asking{Base: explorerPath, Scope: c.Form("scope"), All: c.Form("all") != "", kinds: p.host.Principals.SubjectKinds()}
	known, ok := plugins.Offer[plugins.Organizations](p.host)
	a.organizable = ok
	switch {
	case c.Organization != nil:
		a.Page, a.In, a.Base = c.Organization, c.Organization, c.Organization.Path(explorerPage)
	case ok && c.Form("in") != "":
		a.Slug = c.Form("in")
		found, err := known.OrganizationBySlug(c.Context(), a.Slug)
		if err != nil {
			return a, err
		}
		a.In = found
	}
	a.wide = a.Page == nil || c.Principal().Can(auth.ScopeExplain)
	for _, pick := range []*picked{&a.Subject, &a.Other} {
		pick.Name = "subject"
		if pick == &a.Other {
			pick.Name = "other"
		}
		if err := p.pick(c, a, pick); err != nil {
			return a, err
		}
	}
	if ok && a.Page == nil && a.Subject.Subject != nil {
		var err error
		if a.Offers, err = known.OrganizationsOf(c.Context(), a.Subject.ID, offeredPlaces); err != nil {
			return a, err
		}
	}
	return a, nil
}

// realm is where subjects are looked for.
func (a asking) realm() auth.Realm {
	if a.Page != nil {
		return auth.In(a.Page.ID)
	}
	return auth.Platform
}

// inside is the organization asked about; "" for none.
func (a asking) inside() string {
	if a.In == nil {
		return ""
	}
	return a.In.ID
}

func (p *console) pick(c *plugins.Call, a asking, pick *picked) error {
	ctx := c.Context()
	if kind, id, ok := strings.Cut(c.Form(pick.Name), ":"); ok {
		found, err := p.host.Principals.Subject(ctx, a.realm(), kind, id)
		if err != nil {
			return err
		}
		if found == nil {
			return auth.ErrNoSuchSubject
		}
		who, err := p.host.Principals.OfSubject(ctx, kind, id)
		if err != nil {
			return err
		}
		if who, err = p.host.Principals.In(ctx, who, a.inside()); err != nil {
			return err
		}
		pick.Subject, pick.Who = found, who
		pick.SeeAs = p.seeAsURL(c.Context(), c.Principal(), a, *pick)
		return nil
	}
	pick.Text = bounded(c.Form(pick.Name + "-search"))
	if len([]rune(pick.Text)) < minFind {
		return nil
	}
	found, err := p.host.Principals.FindSubjects(ctx, a.realm(), pick.Text, foundSubjects)
	if err != nil {
		p.host.Log.WarnContext(ctx, "search of the access explorer", "error", err)
		pick.Broken = true
	}
	pick.Found = found
	return nil
}

// seeAsURL is where the reader may see the console as a person; "" where they may not. The
// act itself is judged again.
func (p *console) seeAsURL(ctx context.Context, reader *auth.Principal, a asking, of picked) string {
	if of.Kind != auth.KindUser || of.URL == "" || of.Who.Barred != "" || of.ID == reader.Subject || !reader.Can("principal:see-as") ||
		reader.Impersonated() || reader.Viewer != nil || !p.host.Server.Console(ctx, of.Who) || !reader.PlatformScopes().Covers(of.Who.PlatformScopes()) {
		return ""
	}
	return of.URL + "/see-as"
}

// values are the address of what is asked.
func (a asking) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	if a.Page == nil {
		set("in", a.Slug)
	}
	for _, pick := range []picked{a.Subject, a.Other} {
		if pick.Subject != nil {
			v.Set(pick.Name, pick.Kind+":"+pick.ID)
		} else {
			set(pick.Name+"-search", pick.Text)
		}
	}
	set("scope", a.Scope)
	if a.All {
		v.Set("all", "on")
	}
	return v
}

// url is a page of the explorer that asks the same, with pairs of parameters changed; an
// empty value takes one away.
func (a asking) url(page string, changed ...string) string {
	v := a.values()
	for i := 0; i+1 < len(changed); i += 2 {
		if changed[i+1] == "" {
			v.Del(changed[i])
		} else {
			v.Set(changed[i], changed[i+1])
		}
	}
	if len(v) == 0 {
		return a.Base + page
	}
	return a.Base + page + "?" + v.Encode()
}

// holdersURL is where a page asks who holds a scope, on the platform or in the organization
// asked about. Pages of an organization ask nothing about the platform.
func (a asking) holdersURL(r auth.Realm, scope string) string {
	if r != auth.Platform {
		return a.url(pageWho, "scope", scope, "subject", "", "other", "")
	}
	return explorerPath + pageWho + "?" + url.Values{"scope": {auth.PlatformPrefix + scope}}.Encode()
}

// hidden are the parameters that a form keeps beside its own fields.
func (a asking) hidden(own ...string) map[string]string {
	kept := map[string]string{}
	for name, values := range a.values() {
		if !slices.Contains(own, name) {
			kept[name] = values[0]
		}
	}
	return kept
}

// scopeLine is a scope with what gives it to a subject.
type scopeLine struct {
	Code   string
	Words  words.Text
	Part   words.Text // of the server that declared it, or of an organization
	Grants []auth.Grant
	Lapsed []auth.Grant
	// PeopleAlone may use it, and the subject is none ([auth.Answer]).
	PeopleAlone bool
}

// declared are the scopes of the platform, or those of organizations, in the order of the
// parts that declared them.
func (p *console) declared(inside bool) []scopeLine {
	declared := p.host.Scopes.Scopes()
	if inside {
		declared = p.host.Scopes.ScopesIn()
	}
	place, names := map[string]int{}, map[string]words.Text{}
	for i, part := range p.host.Registry.Parts {
		place[part.ID], names[part.ID] = i, part.Name
	}
	slices.SortStableFunc(declared, func(a, b auth.Scope) int {
		return cmp.Compare(place[p.host.Scopes.Owner(a.Name())], place[p.host.Scopes.Owner(b.Name())])
	})
	list := make([]scopeLine, len(declared))
	for i, s := range declared {
		list[i] = scopeLine{Code: s.Name(), Words: cmp.Or(s.Words, words.Raw(s.Name())), Part: names[p.host.Scopes.Owner(s.Name())]}
		if inside { // as where roles of an organization are made
			list[i].Part = s.Group()
		}
	}
	return list
}

// usable reports whether somebody may do what the scope of a line allows.
func (l scopeLine) usable(who *auth.Principal) bool {
	return len(l.Grants) > 0 && who.Barred == "" && !l.PeopleAlone
}

// explained are the scopes of a realm with what gives them to a principal. Scopes that
// nobody declares, such as those of apps, come last.
func (p *console) explained(who *auth.Principal, r auth.Realm) []scopeLine {
	var list []scopeLine
	seen := map[string]bool{}
	if r != auth.Apps {
		list = p.declared(r.Organization != "")
	}
	for i, line := range list {
		seen[line.Code] = true
		list[i].Grants, list[i].Lapsed = who.Explain(r, line.Code), who.Lapsed(r, line.Code)
		list[i].PeopleAlone = p.host.Principals.PeopleAlone(who, r, line.Code)
	}
	var others []scopeLine
	for _, g := range append(who.Grants(), who.LapsedGrants()...) {
		if g.Realm == r && !seen[g.Scope] {
			seen[g.Scope] = true
			others = append(others, scopeLine{Code: g.Scope, Words: words.Raw(g.Scope), Part: "Apps", Grants: who.Explain(r, g.Scope), Lapsed: who.Lapsed(r, g.Scope)})
		}
	}
	slices.SortFunc(others, func(a, b scopeLine) int { return strings.Compare(a.Code, b.Code) })
	return append(list, others...)
}

// held parts what is held from what is not.
func held(lines []scopeLine) (yes, no []scopeLine) {
	for _, line := range lines {
		if len(line.Grants) > 0 {
			yes = append(yes, line)
		} else {
			no = append(no, line)
		}
	}
	return yes, no
}

// realms are what a page tells about: the platform, the organization, and apps where a
// subject holds anything for them.
func (a asking) realms(who *auth.Principal) []auth.Realm {
	var list []auth.Realm
	if a.Page == nil {
		list = append(list, auth.Platform)
	}
	if a.In != nil {
		list = append(list, auth.In(a.In.ID))
	}
	if a.Page == nil && len(who.ScopesIn(auth.Apps)) > 0 {
		list = append(list, auth.Apps)
	}
	return list
}

// sourceLine is a role, a membership or another source that gives a subject something.
type sourceLine struct {
	auth.Grant     // its scope is not the only one
	Scopes     int // how many it gives
	Unknown    bool
}

// givenBy are what gives a principal something in the realms of a page, and the roles that
// give nothing.
func (p *console) givenBy(who *auth.Principal, realms []auth.Realm) []sourceLine {
	var list []sourceLine
	for _, g := range append(who.Grants(), who.LapsedGrants()...) {
		if !slices.Contains(realms, g.Realm) {
			continue
		}
		i := slices.IndexFunc(list, func(s sourceLine) bool {
			return s.Source == g.Source && s.Realm == g.Realm && s.Start.Equal(g.Start) && s.End.Equal(g.End)
		})
		if i < 0 {
			i, list = len(list), append(list, sourceLine{Grant: g})
		}
		list[i].Scopes++
	}
	empty := func(r auth.Realm, kind, role string, unknown bool) {
		if !slices.ContainsFunc(list, func(s sourceLine) bool { return s.Realm == r && s.Source.Kind == kind && s.Source.Name == role }) {
			list = append(list, sourceLine{Grant: auth.Grant{Realm: r, Source: auth.Source{Kind: kind, Name: role}}, Unknown: unknown})
		}
	}
	for _, r := range realms {
		switch {
		case r == auth.Platform:
			for _, role := range who.Roles {
				if !strings.HasPrefix(role, "organization:") {
					empty(r, auth.SourceRole, role, !p.host.Scopes.HasRole(role))
				}
			}
		case r.Organization != "":
			for _, role := range who.RolesIn(r.Organization) {
				empty(r, auth.SourceOrganizationRole, strings.TrimPrefix(role, "organization:"), false)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b sourceLine) int {
		return cmp.Or(slices.Index(realms, a.Realm)-slices.Index(realms, b.Realm), cmp.Compare(b.Scopes, a.Scopes), strings.Compare(a.Source.Name, b.Source.Name))
	})
	return list
}

// explore shows what a subject may do.
func (p *console) explore(c *plugins.Call) error {
	a, err := p.asked(c)
	if err != nil {
		return err
	}
	view := heldView{asking: a}
	if a.Subject.Subject != nil {
		realms := a.realms(a.Subject.Who)
		view.Sources = p.givenBy(a.Subject.Who, realms)
		for _, r := range realms {
			view.Realms = append(view.Realms, realmLines{r, p.explained(a.Subject.Who, r)})
		}
	}
	return c.Page(http.StatusOK, view)
}

// scopeAsked is the scope of an address.
type scopeAsked struct {
	scopeLine
	Realm  auth.Realm
	Chosen bool // it is there
	Lost   bool // it is one of organizations, and none is named
}

// scopeOf reads the scope of an address.
func (p *console) scopeOf(a asking) scopeAsked {
	name, platform := strings.CutPrefix(a.Scope, auth.PlatformPrefix)
	if platform && a.Page != nil {
		return scopeAsked{}
	}
	asked := scopeAsked{Lost: !platform && a.In == nil}
	if !platform {
		asked.Realm = auth.In(a.inside())
	}
	for _, line := range p.declared(!platform) {
		if line.Code == name {
			asked.scopeLine, asked.Chosen = line, true
		}
	}
	return asked
}

// options are the scopes that can be asked about, by the part that declared them.
func (p *console) options(a asking) []web.Option {
	options := []web.Option{{Label: "Choose a permission"}}
	add := func(inside bool, mark string, group words.Text) {
		for _, line := range p.declared(inside) {
			options = append(options, web.Option{Value: mark + line.Code, Label: line.Words, Group: words.F(group, line.Part)})
		}
	}
	if a.Page == nil {
		add(false, auth.PlatformPrefix, "On this server · %s")
	}
	if a.organizable || a.Page != nil {
		add(true, "", "In an organization · %s")
	}
	return options
}

// check answers whether a subject may do something.
func (p *console) check(c *plugins.Call) error {
	a, err := p.asked(c)
	if err != nil {
		return err
	}
	view := checkView{asking: a, What: p.scopeOf(a), Options: p.options(a)}
	if view.What.Chosen && !view.What.Lost && a.Subject.Subject != nil {
		answer, err := p.host.Principals.Judge(c.Context(), a.Subject.Who, view.What.Realm, view.What.Code)
		if err != nil {
			return err
		}
		view.Answer = &answer
	}
	return c.Page(http.StatusOK, view)
}

// realmWords say where permissions hold.
func (a asking) realmWords(r auth.Realm) words.Text {
	switch {
	case r == auth.Apps:
		return "In your apps"
	case r.Organization == "":
		return "On this server"
	case a.In != nil:
		return words.F("In %s", a.In.Name)
	}
	return "In an organization"
}

// sourceWords say what gives a permission. Which rights somebody has on the whole server
// is nothing for the eyes of an organization.
func (a asking) sourceWords(g auth.Grant) words.Text {
	if g.Realm == auth.Platform && !a.wide {
		return "rights on the whole server"
	}
	if g.Realm == auth.Platform && a.In != nil {
		return words.F("%s on this server", g.Source.Words())
	}
	return g.Source.Words()
}

// who lists who may do something.
func (p *console) who(c *plugins.Call) error {
	a, err := p.asked(c)
	if err != nil {
		return err
	}
	view := whoView{asking: a, What: p.scopeOf(a), Options: p.options(a)}
	if !view.What.Chosen || view.What.Lost {
		return c.Page(http.StatusOK, view)
	}
	declared := p.lists.holders
	if a.Page != nil {
		declared = p.lists.members
	}
	list, err := declared.View(c)
	if err != nil {
		return err
	}
	view.List, view.None = list, list.Err == nil && len(list.Page.Rows) == 0 && list.Query.Cursor == ""
	if view.None {
		if view.Givers, err = p.host.Principals.Givers(c.Context(), view.What.Realm, view.What.Code); err != nil {
			return err
		}
	}
	if err := p.everywhere(c.Context(), &view); err != nil {
		return err
	}
	return c.Page(list.Status(), view)
}

// everywhere tells who may do it in an organization by a right on the whole server.
func (p *console) everywhere(ctx context.Context, view *whoView) error {
	r, scope := view.What.Realm, view.What.Code
	if _, ok := p.host.Scopes.Lookup(scope); !ok || r.Organization == "" {
		return nil
	}
	for _, role := range p.host.Scopes.RoleNames() {
		if p.host.Scopes.OfRole(role)[scope] {
			view.EverywhereRoles = append(view.EverywhereRoles, role)
		}
	}
	if !view.wide {
		return nil
	}
	page, err := p.host.Principals.WhoHolds(ctx, auth.HolderQuery{Scope: scope, Limit: shownEverybody})
	if err != nil {
		return err
	}
	view.Everywhere, err = p.holderRows(ctx, explorerPath+"?", auth.HolderQuery{Scope: scope}, page.Holders)
	view.MoreEverywhere = page.Next != ""
	return err
}
