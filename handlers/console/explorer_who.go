package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// holderRow is a subject that holds a scope, with everything that gives it.
type holderRow struct {
	auth.Holder
	Sources []auth.Holder
	Barred  words.Text
	Explain string // address of what else it may do
}

// holdersList declares the list of those who may do something: on the platform and in an
// organization that is named, or below one organization.
func (p *console) holdersList(path string, inside bool) *list.List[holderRow] {
	l := &list.List[holderRow]{
		ID: "holders", Path: path + pageWho, Caption: "Who may do it", Export: auth.ScopeExplain,
		What:    func(n int) words.Text { return words.N(n, "%d entry", "%d entries") },
		Filters: []list.Filter{{ID: "scope", Label: "Permission", Single: true, Any: true}},
		Load: func(ctx context.Context, q list.Query) (list.Page[holderRow], error) {
			return p.loadHolders(ctx, q, inside)
		},
		Row: func(r holderRow) list.Row {
			return list.Row{ID: r.Subject, Label: words.Raw(r.Name), Href: r.Explain}
		},
		Columns: []list.Column[holderRow]{
			{ID: "name", Label: "Who", Fixed: true, Draw: func(r holderRow) templ.Component { return r.who() }, Value: func(r holderRow) any { return r.Name }},
			{ID: "detail", Value: func(r holderRow) any { return r.Detail }},
			{ID: "kind", Value: func(r holderRow) any { return r.Kind }},
			{ID: "id", Value: func(r holderRow) any { return r.Subject }},
			{ID: "source", Label: "Given by", Wide: true, Draw: func(r holderRow) templ.Component { return r.sources() }, Value: func(r holderRow) any { return r.given() }},
			{ID: "until", Label: "Until", Wide: true, End: true, Draw: func(r holderRow) templ.Component { return r.until() }, Value: func(r holderRow) any { return r.end() }},
			{ID: "barred", Value: func(r holderRow) any { return r.Barred != "" }},
		},
	}
	if !inside {
		l.Filters = append(l.Filters, list.Filter{ID: "in", Label: "Organization", Single: true, Any: true})
	}
	return l
}

// loadHolders reads one page of holders, forward only: several plugins know some.
func (p *console) loadHolders(ctx context.Context, q list.Query, inside bool) (list.Page[holderRow], error) {
	var page list.Page[holderRow]
	asked, base, err := p.holdersOf(ctx, q, inside)
	if err != nil || asked.Scope == "" {
		return page, err
	}
	at, err := list.Open(p.host.Keys, "holders", q)
	if err != nil {
		return page, err
	}
	asked.After, asked.Limit = at.Hits, q.Limit
	found, err := p.host.Principals.WhoHolds(ctx, asked)
	if err != nil {
		return page, err
	}
	if page.Rows, err = p.holderRows(ctx, base, asked, found.Holders); err != nil {
		return page, err
	}
	if found.Next != "" {
		page.Next = list.Cursor{List: "holders", Sort: q.Sort, Asc: q.Ascending, Hits: found.Next}.Seal(p.host.Keys)
	}
	if !q.Export {
		asked.After, asked.Limit = "", list.CountTo
		page.Total, page.More, err = p.host.Principals.CountHolders(ctx, asked)
	}
	return page, err
}

// holdersOf reads whose holders of what a list asks for, and the address at which the
// explorer tells what else one of them may do there, but for the subject. Without a scope it
// asks for nothing.
func (p *console) holdersOf(ctx context.Context, q list.Query, inside bool) (auth.HolderQuery, string, error) {
	name, platform := strings.CutPrefix(q.One("scope"), auth.PlatformPrefix)
	reader, none := auth.PrincipalOf(ctx), auth.HolderQuery{}
	if platform {
		if inside {
			return none, "", nil
		}
		if !reader.Can(auth.ScopeExplain) {
			return none, "", auth.ErrForbidden.For(auth.ScopeExplain)
		}
		return auth.HolderQuery{Scope: name}, explorerPath + "?", nil
	}
	known, ok := plugins.Offer[plugins.Organizations](p.host)
	if !ok {
		return none, "", nil
	}
	find, key := known.OrganizationBySlug, q.One("in")
	if inside {
		find, key = known.OrganizationByID, q.In
	}
	found, err := find(ctx, key)
	if err != nil || found == nil {
		return none, "", err
	}
	if !reader.CanIn(found.ID, auth.ScopeExplain) {
		return none, "", auth.ErrForbidden.ForIn(found.ID, auth.ScopeExplain)
	}
	base := explorerPath + "?" + url.Values{"in": {found.Slug}}.Encode() + "&"
	if inside {
		base = found.Path(explorerPage) + "?"
	}
	return auth.HolderQuery{Realm: auth.In(found.ID), Scope: name}, base, nil
}

// holderRows makes one row of each subject that holds what is asked for.
func (p *console) holderRows(ctx context.Context, base string, asked auth.HolderQuery, holders []auth.Holder) ([]holderRow, error) {
	var rows []holderRow
	for _, h := range holders {
		if n := len(rows); n > 0 && rows[n-1].Subject == h.Subject && rows[n-1].Kind == h.Kind {
			rows[n-1].Sources = append(rows[n-1].Sources, h)
			continue
		}
		row := holderRow{Holder: h, Sources: []auth.Holder{h}, Explain: base + url.Values{"subject": {h.Kind + ":" + h.Subject}}.Encode()}
		if who, err := p.host.Principals.OfSubject(ctx, h.Kind, h.Subject); err == nil {
			row.Barred = who.Barred
			if row.Barred == "" && p.host.Principals.PeopleAlone(who, asked.Realm, asked.Scope) {
				row.Barred = "Not with a key"
			}
		} else if auth.AsError(err).Status >= http.StatusInternalServerError {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// end is when the subject holds it no more: the last end of its sources; zero is never.
func (r holderRow) end() time.Time {
	var last time.Time
	for _, s := range r.Sources {
		if s.End.IsZero() {
			return time.Time{}
		}
		if s.End.After(last) {
			last = s.End
		}
	}
	return last
}

func (r holderRow) until() templ.Component { return web.Time{At: r.end(), Never: "no end"} }

// given are the sources in one text, for a download.
func (r holderRow) given() string {
	var texts []string
	for _, s := range r.Sources {
		texts = append(texts, s.Source.Words().English())
	}
	return strings.Join(texts, ", ")
}
