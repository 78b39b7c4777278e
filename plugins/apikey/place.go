package apikey

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/apikey/apikeyapi"
	"gatehouse/web"
)

// place is where keys are looked after. All pages are declared once and stand in each.
type place int

const (
	onPlatform place = iota // keys of everybody
	inOrganization
	inAccount // a person's own
)

// Addresses of the pages.
const (
	platformKeys     = "/admin/api-keys"
	platformAccounts = "/admin/service-accounts"
	ownKeys          = "/account/api-keys"
	insideKeys       = "/keys"
	insidePath       = plugins.OrganizationsPath + "/:slug"
)

// keys is the path of the list of keys, and accounts that of service accounts, with the
// parameters of routes.
func (at place) keys() string {
	return map[place]string{onPlatform: platformKeys, inOrganization: insidePath + insideKeys, inAccount: ownKeys}[at]
}

func (at place) accounts() string {
	return map[place]string{onPlatform: platformAccounts, inOrganization: insidePath + apikeyapi.AccountsPage}[at]
}

// access is the rule of a page. One's own keys need no scope, and no key reads of them, as
// on the wire (SEC-143).
func (at place) access(scope string) plugins.Access {
	switch at {
	case inOrganization:
		return plugins.Within(scope)
	case inAccount:
		return plugins.Access{Who: plugins.SignedIn, FromStore: true, ManagesCredentials: true}
	}
	return plugins.Access{Who: plugins.SignedIn, Scope: scope}
}

// changing is access for what changes something: never in somebody else's name.
func (at place) changing(scope string) plugins.Access {
	a := at.access(scope)
	a.ManagesCredentials = true
	return a
}

// head is what all pages share: where they stand, and who looks.
type head struct {
	at  place
	org *plugins.Organization
	p   *auth.Principal // with what it holds in the organization
}

func headIn(ctx context.Context, at place) head {
	return head{at, plugins.OrganizationOf(ctx), auth.PrincipalOf(ctx)}
}

// in is the id of the organization that the pages are about; empty on others.
func (h head) in() string {
	if h.org == nil || h.at != inOrganization {
		return ""
	}
	return h.org.ID
}

// keys and accounts are addresses of the pages.
func (h head) keys(part string) string {
	if h.at == inOrganization {
		return h.org.Path(insideKeys + part)
	}
	return h.at.keys() + part
}

func (h head) accounts(part string) string {
	if h.at == inOrganization {
		return h.org.Path(apikeyapi.AccountsPage + part)
	}
	return platformAccounts + part
}

func (h head) key(id, part string) string     { return h.keys("/" + url.PathEscape(id) + part) }
func (h head) account(id, part string) string { return h.accounts("/" + url.PathEscape(id) + part) }

// holds reports whether the reader holds a scope here; their own keys are theirs.
func (h head) holds(scope string) bool {
	switch h.at {
	case inAccount:
		return true
	case inOrganization:
		return h.p.CanIn(h.org.ID, scope)
	}
	return h.p.Can(scope)
}

// can reports whether a page draws what a scope allows. Who acts in the name of somebody
// else gets no such buttons.
func (h head) can(scope string) bool { return h.holds(scope) && !h.p.Impersonated() }

// shell is the frame of a page.
func (h head) shell(title, text words.Text, actions templ.Component, further ...web.Crumb) web.App {
	return web.App{Title: title, Text: text, Actions: actions, Trail: h.trail(further...), Narrow: h.at == inAccount}
}

// trail leads from the organization to a page.
func (h head) trail(further ...web.Crumb) []web.Crumb {
	if h.at != inOrganization {
		return further
	}
	return append([]web.Crumb{{Label: words.Raw(h.org.Name), Href: h.org.Path("")}}, further...)
}

func (h head) keysCrumb() web.Crumb { return web.Crumb{Label: "API keys", Href: h.keys("")} }

func (h head) accountsCrumb() web.Crumb {
	return web.Crumb{Label: "Service accounts", Href: h.accounts("")}
}

// explorer is the address at which the reader sees what a subject may do, and why; empty
// where they may not.
func (h head) explorer(kind, id string, org *plugins.Organization) string {
	if h.at == inOrganization {
		return plugins.Explorer(h.p, h.org, kind, id)
	}
	at := plugins.Explorer(h.p, nil, kind, id)
	if at != "" && org != nil {
		at += "&" + url.Values{"in": {org.Slug}}.Encode()
	}
	return at
}

// errNoPage refuses the address of something that is not there, or not in this place.
var errNoPage = auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")

// screens are the entries of the navigation, and panels those of the account area.
func (s *Service) screens() []plugins.Screen {
	newKey := func(path string) []plugins.Beginning {
		return []plugins.Beginning{{Label: "New API key", Icon: "key", Path: path, Scope: ScopeCreate}}
	}
	newAccount := func(path string) []plugins.Beginning {
		return []plugins.Beginning{{Label: "New service account", Icon: "bot", Path: path, Scope: ScopeAccountCreate}}
	}
	return []plugins.Screen{
		{ID: "api-keys", Group: plugins.GroupAccess, Order: 20, Icon: "key", Label: "API keys", Path: platformKeys, Scope: ScopeRead, Key: "k", Begins: newKey(platformKeys + "/new")},
		{ID: "service-accounts", Group: plugins.GroupAccess, Order: 30, Icon: "bot", Label: "Service accounts", Path: platformAccounts, Scope: ScopeAccountRead, Begins: newAccount(platformAccounts + "/new")},
		{ID: "organization-keys", Group: plugins.GroupOrganizations, Order: 70, Icon: "key", Label: "API keys", Path: insideKeys, Scope: ScopeRead, Organization: true},
		{ID: "organization-service-accounts", Group: plugins.GroupOrganizations, Order: 75, Icon: "bot", Label: "Service accounts", Path: apikeyapi.AccountsPage, Scope: ScopeAccountRead, Organization: true},
	}
}

// places are those of the console and the account area.
var places = []place{onPlatform, inOrganization, inAccount}
