package openapi

import (
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// referenceQuery is what the page is asked for: a search, or one operation in full.
type referenceQuery struct {
	Search    string `json:"q" schema:"default='',max=200"`
	Operation string `json:"operation" schema:"default='',max=300"`
}

// pagePath is the absolute address of the page.
const pagePath = basePath + referencePath

// reference draws the list of endpoints, or one of them.
func (p *openAPI) reference(c *plugins.Call) (any, error) {
	if err := p.admit(c); err != nil {
		return refusedPage(c, err)
	}
	query := plugins.QueryOf[referenceQuery](c)
	signed := c.Principal() != nil
	if query.Operation == "" {
		return plugins.Page{Component: listPage{Signed: signed, Search: query.Search, Server: p.host.Link(basePath),
			Groups: p.groups(strings.TrimSpace(query.Search))}}, nil
	}
	if found, ok := p.find(query.Operation); ok {
		return plugins.Page{Component: operationPage{Signed: signed, Operation: found}}, nil
	}
	return plugins.Page{Status: http.StatusNotFound, Component: page.NotFound(auth.OriginOf(c.Context()).RequestID)}, nil
}

// refusedPage tells people who are signed in which scope is missing; strangers get the
// empty answer of a page that is not there.
func refusedPage(c *plugins.Call, err error) (any, error) {
	e := auth.AsError(err)
	if e.Bare {
		return nil, err
	}
	return plugins.Page{Status: e.Status, Component: page.Forbidden(e.Scope, "read the description of the API", auth.OriginOf(c.Context()).RequestID)}, nil
}

// group is the endpoints of one plugin.
type group struct {
	Title, Text string
	Entries     []entry
}

// entry is one endpoint as the page shows it.
type entry struct {
	Method, Path, Summary, Who, Plugin, Name string
	Parameters, Body                         []property
	NoBody                                   bool
	Answers                                  []answer
}

// ID names an operation in addresses of the page.
func (e entry) ID() string { return e.Method + " " + e.Path }

// URL is the page of the operation.
func (e entry) URL() string { return pagePath + "?operation=" + url.QueryEscape(e.ID()) }

// matches reports whether every word of a search is in what the entry says.
func (e entry) matches(search string) bool {
	text := strings.ToLower(strings.Join([]string{e.Method, basePath + e.Path, e.Summary, e.Who, e.Plugin, e.Name}, " "))
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// groups lists the endpoints that match, by plugin, the built-in parts together.
func (p *openAPI) groups(search string) []group {
	groups := []group{{Title: "Core", Text: "What every server has."}}
	for _, part := range p.host.Registry.Parts {
		entries := p.entries(part, search)
		switch {
		case part.BuiltIn:
			groups[0].Entries = append(groups[0].Entries, entries...)
		case len(entries) > 0:
			groups = append(groups, group{Title: part.Name, Text: part.Sentence, Entries: entries})
		}
	}
	if len(groups[0].Entries) == 0 {
		groups = groups[1:]
	}
	return groups
}

func (p *openAPI) entries(part plugins.Part, search string) []entry {
	var list []entry
	for _, e := range listed(p.host, part) {
		shown := entry{Method: e.Method, Path: e.Path, Summary: e.Summary, Who: e.Access.Words(), Plugin: part.Name, Name: e.Name}
		if shown.matches(search) {
			list = append(list, shown)
		}
	}
	return list
}

// find returns one operation with everything about it.
func (p *openAPI) find(id string) (entry, bool) {
	for _, part := range p.host.Registry.Parts {
		for _, e := range listed(p.host, part) {
			if e.Method+" "+e.Path == id {
				return p.full(part, e), true
			}
		}
	}
	return entry{}, false
}

func (p *openAPI) full(part plugins.Part, e plugins.Endpoint) entry {
	shown := entry{Method: e.Method, Path: e.Path, Summary: e.Summary, Who: e.Access.Words(), Plugin: part.Name, Name: e.Name,
		NoBody: e.Body == nil, Answers: answers(e)}
	for _, parameter := range parameters(e) {
		shown.Parameters = append(shown.Parameters, parameterRow(parameter))
	}
	if e.Body != nil {
		shown.Body = properties(bodySchema(p.host, e))
	}
	return shown
}

// filters is the search box; it works without scripts, as a form that asks again.
func filters(search string) web.Filters {
	return web.Filters{URL: pagePath, Search: web.Search{Label: "Search endpoints by path, plugin or scope", Placeholder: "Path, plugin or scope",
		Value: search, Live: pagePath, Results: "results"}}
}
