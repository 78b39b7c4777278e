package console

import (
	"cmp"
	"context"
	"gatehouse/auth/words"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// overview draws the start of the console. Who may not see it is led to where they belong.
func (p *console) overview(c *plugins.Call) error {
	principal := c.Principal()
	if !principal.Can(ScopeReadiness) {
		return c.SeeOther(p.home(c))
	}
	ctx := c.Context()
	view := page.Overview{Warnings: p.warnings(ctx, principal), Steps: p.steps(ctx, principal), Hidden: c.Preferences()[preferHidden] != "", HideURL: checklistPath}
	if err := p.figures(ctx, principal, &view); err != nil {
		return err
	}
	p.tiles(ctx, principal, &view)
	if principal.Can(ScopeEvents) {
		recent, err := p.recent(ctx, principal)
		if err != nil {
			return err
		}
		view.Panels = append(view.Panels, recent)
	}
	return c.Page(http.StatusOK, view)
}

// home is where somebody belongs who does not see the overview: the first screen of the
// server, else their organization, else the account area.
func (p *console) home(c *plugins.Call) string {
	principal := c.Principal()
	for _, sc := range p.host.Registry.Screens(false) {
		if principal.Can(sc.Scope) && sc.Path != page.ConsolePath {
			return sc.Path
		}
	}
	if o := p.active(c); o != nil {
		return o.Path("")
	}
	switch places := p.host.Server.Places(c.Context(), principal); len(places) {
	case 0:
		return page.AccountPath
	case 1:
		return places[0].Path("")
	default:
		return page.OrganizationsPath
	}
}

// active is the active organization of the session while it gives anything; else nil.
func (p *console) active(c *plugins.Call) *plugins.Organization {
	id, _ := c.Principal().Claims["activeOrganizationId"].(string)
	known, ok := plugins.Offer[plugins.Organizations](p.host)
	if !ok || id == "" || len(c.Principal().ScopesIn(auth.In(id))) == 0 {
		return nil
	}
	o, err := known.OrganizationByID(c.Context(), id)
	if err != nil {
		p.host.Log.WarnContext(c.Context(), "reading the active organization", "error", err)
	}
	return o
}

// figures are the numbers and charts that the event table and the rows give.
func (p *console) figures(ctx context.Context, principal *auth.Principal, view *page.Overview) error {
	courses := map[string][]float64{}
	for _, part := range p.host.Registry.Parts {
		for _, r := range part.RollUps {
			course, err := p.course(ctx, r.Events)
			if err != nil {
				return err
			}
			courses[r.Name] = course
		}
	}
	joined, err := p.joined(ctx)
	if err != nil {
		return err
	}
	people, err := p.people(ctx)
	if err != nil {
		return err
	}
	live, err := p.live(ctx)
	if err != nil {
		return err
	}
	view.Stats = web.Stats{
		{Label: "People", Icon: "users", Figure: words.Number(people), Trend: joiners(sum(joined, 7)), Tone: web.Good,
			Course: joined, Href: p.screenPath("users", principal)},
		{Label: "Active sessions", Icon: "monitor", Figure: words.Number(live), Href: p.screenPath("sessions", principal)},
		{Label: "Sign-ins today", Icon: "log-in", Figure: words.Number(sum(courses["sign-ins"], 1)), Course: courses["sign-ins"]},
		{Label: "Failed sign-ins today", Icon: "shield-alert", Figure: words.Number(sum(courses["failed-sign-ins"], 1)), Course: courses["failed-sign-ins"]},
	}
	view.Charts = p.charts(courses, joined)
	return nil
}

func joiners(n int) words.Text {
	if n == 0 {
		return ""
	}
	return words.F("+%d in 7 days", n)
}

// screenPath is the address of a screen, or nothing where the principal may not see it.
func (p *console) screenPath(id string, principal *auth.Principal) string {
	for _, part := range p.host.Registry.Parts {
		for _, sc := range part.Screens {
			if sc.ID == id && !sc.Organization && principal.Can(sc.Scope) {
				return sc.Path
			}
		}
	}
	return ""
}

// charts draws sign-ins beside new people, failures apart, then the numbers that other
// plugins count.
func (p *console) charts(courses map[string][]float64, joined []float64) []page.Panel {
	days := labels(p.host.Clock())
	list := []page.Panel{
		{Title: "Sign-ins and new people", Text: "Each of the last 14 days, UTC.", Body: web.Chart{Title: "Sign-ins and new people per day", Labels: days,
			Series: []web.Series{{Name: "Sign-ins", Values: courses["sign-ins"]}, {Name: "New people", Values: joined}},
			Empty:  "Nobody signed in or joined in the last 14 days."}},
		{Title: "Failed sign-ins", Text: "Wrong passwords and refused attempts.", Body: web.Chart{Title: "Failed sign-ins per day", Labels: days, Bars: true,
			Series: []web.Series{{Name: "Failed sign-ins", Tone: web.Bad, Values: courses["failed-sign-ins"]}}, Empty: "No sign-in failed in the last 14 days."}},
	}
	for _, part := range p.host.Registry.Parts {
		for _, r := range part.RollUps {
			if part.ID != "console" {
				list = append(list, page.Panel{Title: r.Words, Body: web.Chart{Title: words.F("%s per day", r.Words), Labels: days,
					Series: []web.Series{{Name: r.Words, Values: courses[r.Name]}}}})
			}
		}
	}
	return list
}

// tile is a drawn tile with its place.
type tile struct {
	order int
	body  templ.Component
}

// tiles adds those of the plugins: figures join the figures, everything else is a panel.
// One that fails is named and keeps the others.
func (p *console) tiles(ctx context.Context, principal *auth.Principal, view *page.Overview) {
	var drawn []tile
	for _, part := range p.host.Registry.Parts {
		for _, t := range part.Tiles {
			if !principal.Can(t.Scope) {
				continue
			}
			body, err := t.Draw(ctx)
			if err != nil {
				p.host.Log.ErrorContext(ctx, "tile of the overview", "plugin", part.ID, "tile", t.ID, "error", err)
				body = web.Broken(part.Name, page.ConsolePath, auth.OriginOf(ctx).RequestID)
			}
			if body != nil {
				drawn = append(drawn, tile{t.Order, body})
			}
		}
	}
	slices.SortStableFunc(drawn, func(a, b tile) int { return cmp.Compare(a.order, b.order) })
	for _, t := range drawn {
		if stat, ok := t.body.(web.Stat); ok {
			view.Stats = append(view.Stats, stat)
			continue
		}
		view.Panels = append(view.Panels, page.Panel{Body: t.body, Flush: true})
	}
}
