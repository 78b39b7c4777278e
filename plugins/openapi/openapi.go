// Package openapi describes the endpoints of the server: as an OpenAPI 3.1 document
// and as a page to read (better-auth open-api). Both come from the declarations that
// the server itself runs on, so they cannot drift from it.
package openapi

import (
	"net/http"
	"sync"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/plugins"
)

// Scope opens the description outside development mode.
const Scope = "openapi:read"

// Addresses below the base path of the wire (better-auth open-api D).
const (
	schemaPath    = "/open-api/generate-schema"
	referencePath = "/reference"
)

// basePath is where the wire protocol lives.
const basePath = "/api/auth"

type openAPI struct {
	host *plugins.Host
	// document is made once: everything it says is fixed when the server starts.
	document func() map[string]any
}

// New makes the plugin.
func New() plugins.Plugin { return &openAPI{} }

// Manifest implements plugins.Plugin.
func (p *openAPI) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "open-api", Name: "API reference", Words: translations,
		Sentence: "Describes every endpoint, as an OpenAPI document and as a page to read."}
}

// Contribute implements plugins.Plugin.
func (p *openAPI) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.host = h
	p.document = sync.OnceValue(func() map[string]any { return Document(h) })
	query := schema.Of[referenceQuery](schema.Optional())
	access := plugins.Access{Who: plugins.Inside, FromStore: true, Sessionless: true}
	return plugins.Contribution{
		Scopes: []auth.Scope{{Resource: "openapi", Action: "read", Words: "Read the description of the API", Roles: []string{"owner", "admin"}}},
		Endpoints: []plugins.Endpoint{
			{Method: http.MethodGet, Path: schemaPath, Summary: "The OpenAPI document", Access: access, Hidden: true, Handle: p.schema},
			{Method: http.MethodGet, Path: referencePath, Summary: "The page about the endpoints", Access: access, Hidden: true, Page: true,
				Query: query, Handle: p.reference},
		},
		Routes: []plugins.Route{{Method: http.MethodGet, Path: consolePage, Summary: "The page about the endpoints", Handle: p.inConsole,
			Access: plugins.Access{Who: plugins.Principal, Scope: Scope}}},
		Screens: []plugins.Screen{{ID: "openapi", Group: plugins.GroupSystem, Order: 80, Icon: "book-open", Label: "API reference",
			Path: consolePage, Scope: Scope}},
	}, nil
}

// admit lets in everyone in development mode and where the setting openapi.public says
// so, else those with the scope. To strangers the pages do not exist (SEC-125); people
// who are signed in learn which scope is missing.
func (p *openAPI) admit(c *plugins.Call) error {
	top := p.host.Core.Settings.Top.Get()
	if top.Development() || p.host.Core.Settings.OpenAPI.Get().Public || c.Principal().Can(Scope) {
		return nil
	}
	if c.Principal() == nil {
		return auth.Empty(http.StatusNotFound)
	}
	refused := *auth.ErrForbidden
	refused.Scope = Scope
	return &refused
}

func (p *openAPI) schema(c *plugins.Call) (any, error) {
	if err := p.admit(c); err != nil {
		return nil, err
	}
	return p.document(), nil
}
