package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Bounds of a search over everything.
const (
	foundEach = 6 // results of one source
	minFind   = 2 // characters
)

// find searches everything that the principal may see: people and what plugins
// contribute, settings, and the pages of the console. One source that fails leaves the
// others standing.
func (p *console) find(c *plugins.Call) error {
	if !p.host.Server.Console(c.Context(), c.Principal()) {
		return c.SeeOther(page.AccountPath)
	}
	if err := p.enter(c); err != nil {
		return err
	}
	view := page.Find{Query: bounded(c.Form("q"))}
	if c.Organization != nil {
		view.In = c.Organization.Slug
	}
	if len([]rune(view.Query)) >= minFind {
		view.Asked = true
		for _, source := range p.sources(c.Principal(), c.Organization) {
			list, err := source.Find(c.Context(), view.Query, foundEach+1)
			if err != nil {
				p.host.Log.WarnContext(c.Context(), "search of the console", "source", source.Label, "error", err)
				view.Broken = true
				continue
			}
			if len(list) == 0 {
				continue
			}
			group := page.Found{Title: source.Label, List: rows(list[:min(len(list), foundEach)])}
			if len(list) > foundEach && source.More != nil {
				group.List = append(group.List, web.NavItem{Label: "All that match", Icon: "search", Href: source.More(c.Context(), view.Query)})
			}
			view.Groups = append(view.Groups, group)
		}
	}
	return c.Page(http.StatusOK, view)
}

// enter puts the organization that a search names into the request. One in which the reader
// has no part is like none: the whole server is searched.
func (p *console) enter(c *plugins.Call) error {
	known, ok := plugins.Offer[plugins.Organizations](p.host)
	slug := bounded(c.Form(web.FindIn))
	if !ok || slug == "" {
		return nil
	}
	found, err := known.OrganizationBySlug(c.Context(), slug)
	if err != nil || found == nil {
		return err
	}
	principal, err := p.host.Principals.In(c.Context(), c.Principal(), found.ID)
	if err != nil {
		return err
	}
	if len(p.screensIn(principal, found)) == 0 {
		return nil
	}
	c.Organization = found
	c.SetContext(plugins.WithOrganization(auth.WithPrincipal(c.Context(), principal), found))
	return nil
}

// screensIn are the pages of an organization that a principal may see.
func (p *console) screensIn(principal *auth.Principal, o *plugins.Organization) []plugins.Screen {
	return slices.DeleteFunc(p.host.Registry.Screens(true), func(s plugins.Screen) bool { return !principal.ShowsIn(o.ID, s.Scope) })
}

func rows(list []plugins.Found) []web.NavItem {
	items := make([]web.NavItem, len(list))
	for i, f := range list {
		items[i] = web.NavItem{Label: f.Title, Icon: web.Icon(f.Icon), Href: f.URL, Detail: f.Detail}
	}
	return items
}

// sources are those that the principal may search, in the order of the plugins: first what
// belongs to the organization that they are in, nil for none, last the console's own.
func (p *console) sources(principal *auth.Principal, in *plugins.Organization) []plugins.Palette {
	var inside, list, own []plugins.Palette
	for _, part := range p.host.Registry.Parts {
		for _, s := range part.Palettes {
			switch {
			case s.Organization:
				if in != nil && principal.ShowsIn(in.ID, s.Scope) {
					inside = append(inside, s)
				}
			case s.Scope != "" && !principal.Can(s.Scope):
			case part.BuiltIn:
				own = append(own, s)
			default:
				list = append(list, s)
			}
		}
	}
	return slices.Concat(inside, list, own)
}

// palettes are what the console itself knows: settings and pages.
func (p *console) palettes() []plugins.Palette {
	return []plugins.Palette{
		{Label: "Settings", Scope: ScopeSettings, Find: p.findSettings},
		{Label: "Pages", Find: p.findPages},
	}
}

// fit reports how well a search fits: by the number of texts, in the order of their
// weight, that are needed to find every word of it, words that begin so before those that
// hold it anywhere. -1 is not at all.
func fit(ctx context.Context, search string, texts ...words.Text) int {
	for round, in := range []func(text, word string) bool{begins, strings.Contains} {
		var seen strings.Builder
		for i, t := range texts {
			seen.WriteString(strings.ToLower(t.In(ctx) + " " + t.English() + " "))
			found := true
			for word := range strings.FieldsSeq(strings.ToLower(search)) {
				found = found && in(seen.String(), word)
			}
			if found {
				return round*len(texts) + i
			}
		}
	}
	return -1
}

// begins reports whether a word of a text begins so.
func begins(text, word string) bool {
	at := strings.Index(text, word)
	for at >= 0 {
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if at == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return true
		}
		next := strings.Index(text[at+1:], word)
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
}

// fitting is a result with how well it fits.
type fitting struct {
	plugins.Found
	fit int
}

// best are the results that fit best, at most limit.
func best(list []fitting, limit int) []plugins.Found {
	slices.SortStableFunc(list, func(a, b fitting) int { return a.fit - b.fit })
	var found []plugins.Found
	for _, f := range list[:min(limit, len(list))] {
		found = append(found, f.Found)
	}
	return found
}

// findSettings looks in labels, keys, titles of sections and help.
func (p *console) findSettings(ctx context.Context, search string, limit int) ([]plugins.Found, error) {
	var list []fitting
	for _, g := range p.host.Settings.Groups() {
		for _, f := range g.Fields() {
			s := setting(f, g.Prefix(), true)
			if n := fit(ctx, search, s.Label, words.Raw(f.Key), words.Text(g.Title()), s.Help); n >= 0 {
				list = append(list, fitting{plugins.Found{Icon: "settings", Title: s.Label, Detail: words.F("%s · %s", words.Text(g.Title()), f.Key), URL: addressOfField(f)}, n})
			}
		}
	}
	return best(list, limit), nil
}

// findPages looks for places: pages of the console and of the account, areas of the
// settings, and forms that begin something.
func (p *console) findPages(ctx context.Context, search string, limit int) ([]plugins.Found, error) {
	principal := auth.PrincipalOf(ctx)
	var list []fitting
	add := func(icon string, title, detail words.Text, at string) {
		if n := fit(ctx, search, title, detail); n >= 0 {
			list = append(list, fitting{plugins.Found{Icon: icon, Title: title, Detail: detail, URL: at}, n})
		}
	}
	if o := plugins.OrganizationOf(ctx); o != nil {
		for _, s := range p.screensIn(principal, o) {
			add(s.Icon, s.Label, words.Raw(o.Name), o.Path(s.Path))
		}
	}
	for _, part := range p.host.Registry.Parts {
		for _, s := range part.Screens {
			if !s.Organization && principal.Can(s.Scope) {
				add(s.Icon, s.Label, "", s.Path)
			}
			for _, b := range s.Begins {
				if principal.Can(b.Scope) {
					add(b.Icon, b.Label, "", b.Path)
				}
			}
		}
		for _, s := range part.Panels {
			add(s.Icon, s.Label, "Your account", s.Path)
		}
	}
	if principal.Can(ScopeSettings) {
		for _, tab := range tabs(p.host.Settings.Groups()) {
			add(string(tab.Icon), tab.Label, "Settings", tab.Href)
		}
	}
	return best(list, limit), nil
}
