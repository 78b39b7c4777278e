package console

import (
	"gatehouse/auth"
	"gatehouse/auth/words"
	"net/http"
	"slices"

	"gatehouse/ent"
	"gatehouse/handlers/readiness"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// plugins lists every plugin of the program with its readiness: the features that run,
// those that do not, then the parts that are always there.
func (p *console) plugins(c *plugins.Call) error {
	report, err := readiness.Examine(c.Context(), p.host, p.build)
	if err != nil {
		return err
	}
	slices.SortStableFunc(report.Plugins, func(a, b readiness.Plugin) int { return rank(a) - rank(b) })
	var view page.Plugins
	for _, state := range report.Plugins {
		view.List = append(view.List, summary(state, report))
	}
	return c.Page(http.StatusOK, view)
}

func rank(p readiness.Plugin) int {
	switch {
	case p.BuiltIn:
		return 2
	case p.Enabled:
		return 0
	}
	return 1
}

// plugin shows one plugin with everything it brings.
func (p *console) plugin(c *plugins.Call) error {
	report, err := readiness.Examine(c.Context(), p.host, p.build)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(report.Plugins, func(s readiness.Plugin) bool { return s.ID == c.Param("id") })
	if i < 0 {
		return notFound()
	}
	state := report.Plugins[i]
	view := page.PluginDetail{Plugin: summary(state, report), Panels: panels(state)}
	view.Plugin.Entities = entities(state)
	if part, on := p.host.Registry.Part(state.ID); on {
		contributed(&view.Plugin, part)
	}
	if c.Principal().Can(ScopeSettings) && len(state.Settings) > 0 {
		view.Plugin.SettingsURL = p.settingsOf(state.Settings[0])
	}
	return c.Page(http.StatusOK, view)
}

// settingsOf is the page that shows a group of settings.
func (p *console) settingsOf(prefix string) string {
	for _, g := range p.host.Settings.Groups() {
		if fields := g.Fields(); g.Prefix() == prefix && len(fields) > 0 {
			return addressOf(areaOf(fields[0]))
		}
	}
	return addressOf(pluginsArea)
}

// summary is what the list shows, and the checks.
func summary(s readiness.Plugin, r readiness.Report) page.Plugin {
	p := page.Plugin{ID: s.ID, Name: words.Text(s.Name), Text: words.Text(s.Sentence), Enabled: s.Enabled, Icon: "puzzle"}
	if s.BuiltIn {
		p.Icon = "blocks"
	}
	if !s.Enabled {
		p.Checks = []page.Readiness{{Tone: web.Neutral, Title: "Not enabled", Text: "The setting plugins.enabled leaves it out. Its routes answer that nothing is there; its tables stay."}}
		return p
	}
	if check, ok := tables(s, r); ok {
		p.Checks = append(p.Checks, check)
	}
	for _, q := range s.Prerequisites {
		check := page.Readiness{Tone: web.Good, Title: words.Capital(words.Text(q.Name)), Text: "Passed."}
		if q.Problem != "" {
			check = page.Readiness{Tone: web.Bad, Title: words.Capital(words.Text(q.Name)), Text: words.Join(" ", words.Sentence(words.Raw(q.Problem)), words.Sentence(words.Text(q.Fix)))}
		}
		p.Checks = append(p.Checks, check)
	}
	for _, n := range s.Needs {
		p.Checks = append(p.Checks, need(n))
	}
	return p
}

// tables says whether what the plugin stores is there and current.
func tables(s readiness.Plugin, r readiness.Report) (page.Readiness, bool) {
	if len(s.Entities)+len(s.Fields) == 0 {
		return page.Readiness{}, false
	}
	if len(r.Pending) > 0 {
		return page.Readiness{Tone: web.Bad, Title: "Tables", Text: words.N(len(r.Pending), "One migration is pending.", "%d migrations are pending."), Fix: "gatehouse migrate up"}, true
	}
	what := words.N(len(s.Entities), "%d table", "%d tables")
	if len(s.Entities) == 0 {
		what = words.N(len(s.Fields), "%d field in tables of others", "%d fields in tables of others")
	}
	return page.Readiness{Tone: web.Good, Title: "Tables", Text: words.F("%s, present and current (version %s).", what, r.Schema)}, true
}

func need(n readiness.Need) page.Readiness {
	check := page.Readiness{Tone: web.Good, Title: words.F("Plugin %s", n.Plugin), Text: words.F("Runs. Used for %s.", words.Text(n.For))}
	if !n.Enabled {
		check.Tone, check.Text = web.Warn, words.F("Does not run. It would be used for %s.", words.Text(n.For))
		if n.Required {
			check.Tone = web.Bad
		}
	}
	return check
}

// entities are the tables of a plugin, and the fields it adds to those of others.
func entities(s readiness.Plugin) []page.Entity {
	var list []page.Entity
	for _, e := range ent.Entities() {
		own := slices.ContainsFunc(s.Entities, func(o readiness.Entity) bool { return o.Name == e.Name })
		shown := page.Entity{Name: e.Name, Table: e.Table, Added: !own}
		for _, f := range e.Fields {
			if own && f.Plugin == "" || f.Plugin == s.ID && !own {
				shown.Fields = append(shown.Fields, f.Column)
			}
		}
		if len(shown.Fields) > 0 {
			list = append(list, shown)
		}
	}
	return list
}

// contributed adds endpoints, routes, scopes and events with their words.
func contributed(view *page.Plugin, part plugins.Part) {
	for _, e := range part.Endpoints {
		view.Endpoints = append(view.Endpoints, page.Endpoint{Method: e.Method, Path: "/api/auth" + e.Path, Text: e.Summary, Access: e.Access.Words()})
	}
	for _, r := range part.Routes {
		list := &view.Pages
		if r.API {
			list = &view.Endpoints
		}
		*list = append(*list, page.Endpoint{Method: r.Method, Path: r.Path, Text: r.Summary, Access: r.Access.Words()})
	}
	for _, s := range part.Scopes {
		shown := page.Scope{Name: s.Name(), Text: s.Words}
		for _, role := range s.Roles {
			shown.Roles = append(shown.Roles, auth.RoleWords(role))
		}
		view.Scopes = append(view.Scopes, shown)
	}
	for _, e := range part.Events {
		view.Events = append(view.Events, words.Raw(e.Name))
	}
}

// panels are what the plugin brings besides: screens, jobs, moments, messages, commands.
func panels(s readiness.Plugin) []page.Panel {
	var list []page.Panel
	if len(s.Jobs) > 0 {
		list = append(list, page.Panel{Title: "Jobs", Text: "Work that one process of a cluster does at a time.", Body: jobs(s.Jobs), Flush: true})
	}
	for _, p := range []struct {
		title, text words.Text
		names       []string
	}{
		{"Screens", "Pages with an entry in the navigation.", s.Screens},
		{"Moments", "Points of the server at which the plugin takes part.", s.Moments},
		{"Messages", "What it writes to people.", s.Messages},
		{"Commands", "What it adds to the command line.", s.Commands},
	} {
		if len(p.names) > 0 {
			list = append(list, page.Panel{Title: p.title, Text: p.text, Body: chips(p.names)})
		}
	}
	return list
}

func jobs(list []readiness.Job) web.Rows {
	rows := web.Rows{}
	for _, j := range list {
		row := web.Row{Icon: "clock", Title: words.Capital(words.Text(j.Words)), Text: words.F("Every %s · last run", web.Span(j.Period)), Detail: web.Time{At: j.Started}}
		if j.Started.IsZero() {
			row.Text, row.Detail = words.F("Every %s · not run yet", web.Span(j.Period)), nil
		}
		if j.LastError != "" {
			row.Badges = web.Badge{Label: "Failed", Tone: web.Bad, Dot: true}
			row.Detail = web.Group{web.Time{At: j.Started}, web.Text(": " + j.LastError)}
		}
		rows = append(rows, row)
	}
	return rows
}
