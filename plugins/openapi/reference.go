package openapi

import (
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

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

// Absolute addresses of the page: on the wire, and in the frame of the console.
const (
	wirePage    = basePath + referencePath
	consolePage = "/admin/api-reference"
)

// reference draws the list of endpoints, or one of them.
func (p *openAPI) reference(c *plugins.Call) (any, error) {
	if err := p.admit(c); err != nil {
		return refusedPage(c, err)
	}
	query := plugins.QueryOf[referenceQuery](c)
	if drawn := p.draw(wirePage, query.Search, query.Operation); drawn != nil {
		return plugins.Page{Component: drawn}, nil
	}
	return plugins.Page{Status: http.StatusNotFound, Component: page.NotFound(auth.OriginOf(c.Context()).RequestID)}, nil
}

// inConsole draws the same in the frame of the console.
func (p *openAPI) inConsole(c *plugins.Call) error {
	if drawn := p.draw(consolePage, c.Form("q"), c.Form("operation")); drawn != nil {
		return c.Page(http.StatusOK, drawn)
	}
	return auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
}

// draw is the list, or one operation; nil when there is no such operation.
func (p *openAPI) draw(at address, search, operation string) templ.Component {
	if operation == "" {
		return listPage{At: at, Search: search, Server: p.host.Link(basePath), Groups: p.groups(strings.TrimSpace(search))}
	}
	if found, ok := p.find(operation); ok {
		return operationPage{At: at, Operation: found}
	}
	return nil
}

// address is where the page stands.
type address string

// console reports whether the page stands in the frame of the console.
func (a address) console() bool { return a == consolePage }

// of is the page of one operation.
func (a address) of(e entry) string {
	return string(a) + "?operation=" + url.QueryEscape(e.Method+" "+e.Path)
}

// refusedPage tells people who are signed in which scope is missing; strangers get the
// empty answer of a page that is not there.
func refusedPage(c *plugins.Call, err error) (any, error) {
	e := auth.AsError(err)
	if e.Bare {
		return nil, err
	}
	return plugins.Page{Status: e.Status, Component: page.Missing{Scope: e.Scope, What: "read the description of the API", Reference: auth.OriginOf(c.Context()).RequestID}.Failure()}, nil
}

// group is the endpoints of one plugin.
type group struct {
	Title, Text words.Text
	Entries     []entry
}

// entry is one endpoint as the page shows it.
type entry struct {
	Method, Path, Scope, Name string
	Summary, Who, Plugin      words.Text
	Parameters, Body          []property
	NoBody                    bool
	Answers                   []answer
}

// matches reports whether every word of a search is in what the entry says.
func (e entry) matches(search string) bool {
	text := strings.ToLower(strings.Join([]string{e.Method, basePath + e.Path, e.Summary.English(), e.Scope, e.Plugin.English(), e.Name}, " "))
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
		shown := entry{Method: e.Method, Path: e.Path, Summary: e.Summary, Who: e.Access.Words(), Scope: e.Access.Scope, Plugin: part.Name, Name: e.Name}
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
	shown := entry{Method: e.Method, Path: e.Path, Summary: e.Summary, Who: e.Access.Words(), Scope: e.Access.Scope, Plugin: part.Name, Name: e.Name,
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
func filters(at address, search string) web.Filters {
	return web.Filters{URL: string(at), Search: web.Search{Label: "Search endpoints by path, plugin or scope", Placeholder: "Path, plugin or scope",
		Value: search, Live: string(at), Results: "results"}}
}
