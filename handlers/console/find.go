package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

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
	if !p.host.Server.Console(c.Principal()) {
		return c.SeeOther(page.AccountPath)
	}
	view := page.Find{Query: bounded(c.Form("q"))}
	if len([]rune(view.Query)) >= minFind {
		view.Asked = true
		for _, source := range p.sources(c.Principal()) {
			list, err := source.Find(c.Context(), view.Query, foundEach)
			if err != nil {
				p.host.Log.WarnContext(c.Context(), "search of the console", "source", source.Label, "error", err)
				view.Broken = true
				continue
			}
			if len(list) > 0 {
				view.Groups = append(view.Groups, page.Found{Title: source.Label, List: rows(list)})
			}
		}
	}
	return c.Page(http.StatusOK, view)
}

func rows(list []plugins.Found) []web.NavItem {
	items := make([]web.NavItem, len(list))
	for i, f := range list {
		items[i] = web.NavItem{Label: f.Title, Icon: web.Icon(f.Icon), Href: f.URL, Detail: f.Detail}
	}
	return items
}

// sources are those that the principal may search, in the order of the plugins; the
// console's own come last.
func (p *console) sources(principal *auth.Principal) []plugins.Palette {
	var list, own []plugins.Palette
	for _, part := range p.host.Registry.Parts {
		for _, s := range part.Palettes {
			switch {
			case s.Scope != "" && !principal.Can(s.Scope):
			case part.BuiltIn:
				own = append(own, s)
			default:
				list = append(list, s)
			}
		}
	}
	return append(list, own...)
}

// palettes are what the console itself knows: settings and pages.
func (p *console) palettes() []plugins.Palette {
	return []plugins.Palette{
		{Label: "Settings", Scope: ScopeSettings, Find: p.findSettings},
		{Label: "Pages", Find: p.findPages},
	}
}

// holds reports whether every word of a search is in one of the texts.
func holds(ctx context.Context, search string, texts ...words.Text) bool {
	var all []string
	for _, t := range texts {
		all = append(all, t.In(ctx), t.English())
	}
	text := strings.ToLower(strings.Join(all, " "))
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (p *console) findSettings(ctx context.Context, search string, limit int) ([]plugins.Found, error) {
	var list []plugins.Found
	for _, g := range p.host.Settings.Groups() {
		for _, f := range g.Fields() {
			s := setting(f, g.Prefix(), true)
			if len(list) < limit && holds(ctx, search, s.Label, words.Raw(f.Key)) {
				list = append(list, plugins.Found{Icon: "settings", Title: s.Label, Detail: words.Raw(f.Key), URL: addressOf(areaOf(g.Prefix())) + "#f-" + f.Key})
			}
		}
	}
	return list, nil
}

func (p *console) findPages(ctx context.Context, search string, limit int) ([]plugins.Found, error) {
	principal := auth.PrincipalOf(ctx)
	var list []plugins.Found
	for _, part := range p.host.Registry.Parts {
		for _, s := range part.Screens {
			if principal.Can(s.Scope) && holds(ctx, search, s.Label) {
				list = append(list, plugins.Found{Icon: s.Icon, Title: s.Label, URL: s.Path})
			}
		}
		for _, s := range part.Panels {
			if holds(ctx, search, s.Label) {
				list = append(list, plugins.Found{Icon: s.Icon, Title: s.Label, Detail: "Your account", URL: s.Path})
			}
		}
	}
	return slices.Clip(list[:min(limit, len(list))]), nil
}
