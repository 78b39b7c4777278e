// Package console is the part of the administration that belongs to no single feature:
// the overview, the plugins and their readiness, the settings, and the outbox. Without
// the admin plugin nobody holds its scopes.
package console

import (
	"gatehouse/auth/words"
	"net/http"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/ratelimit"
	"gatehouse/handlers/theme"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web/page"
)

// keptPath sends what was kept.
const keptPath = page.OutboxPath + "/release"

// Scopes of the console.
const (
	ScopeReadiness      = "readiness:read"
	ScopeEvents         = "event:read"
	ScopeSettings       = "settings:read"
	ScopeSettingsUpdate = "settings:update"
	ScopeOutbox         = "outbox:read"
	ScopeOutboxSend     = "outbox:send"
	ScopeLockouts       = "lockout:list"
	ScopeLockoutRelease = "lockout:release"
	ScopeMessages       = "message:read"
	ScopeMessageUpdate  = "message:update"
)

// console keeps what its pages ask again and again.
type console struct {
	host   *plugins.Host
	build  []plugins.Plugin
	counts counts
	watch  settingsWatch
	lists  lists
}

// lists are the lists of the part.
type lists struct {
	outbox    *list.List[page.Mail]
	lockouts  *list.List[lockoutRow]
	throttled *list.List[throttledRow]
	// holders and members are who may do something, on the platform and in an organization.
	holders, members *list.List[holderRow]
}

// New makes the part. build is the list of plugins of the program, enabled or not, for
// the page that shows them; without it the page shows those that run.
func New(build ...plugins.Plugin) plugins.Plugin { return &console{build: build} }

// Manifest implements plugins.Plugin.
func (p *console) Manifest() plugins.Manifest {
	return plugins.Manifest{ID: "console", Name: "Console", BuiltIn: true,
		Sentence: "Overview, plugins, settings and outbox for administrators."}
}

// Contribute implements plugins.Plugin.
func (p *console) Contribute(h *plugins.Host) (plugins.Contribution, error) {
	p.host = h
	p.lists = lists{p.outboxList(), p.lockoutsList(), p.throttledList(), p.holdersList(explorerPath, false), p.holdersList(insidePath, true)}
	return plugins.Contribution{
		Prerequisites: []plugins.Prerequisite{{Name: "A way to sign in", Check: p.signInPossible, Fix: "set sign_in.password, or switch on another way to sign in"}},
		Scopes:        append(scopes(), explorerScopes()...),
		Events:        events(),
		Messages:      []auth.Message{testMessage()},
		Routes:        append(p.routes(), p.explorerRoutes()...),
		Screens:       append(p.screens(), explorerScreens()...),
		RollUps:       rollUps(),
		Palettes:      p.palettes(),
		Steps:         p.ownSteps(),
		Jobs:          p.jobs(),
		Limits:        []plugins.Limit{{Path: testMessagePath, Rule: ratelimit.Rule{Window: time.Minute, Max: 6}}},
		Offers:        []any{p},
		Moments:       plugins.Moments{RequestReceived: []auth.On[*plugins.Incoming]{{Class: auth.Observe, Do: p.followSettings}}},
	}, nil
}

func scopes() []auth.Scope {
	owner, admins := []string{"owner"}, []string{"owner", "admin"}
	helpers := []string{"owner", "admin", "support"}
	return []auth.Scope{
		{Resource: "lockout", Action: "list", Words: "See which accounts and addresses have to wait", Roles: helpers, Interactive: true},
		{Resource: "lockout", Action: "release", Words: "Release locked accounts and addresses", Roles: helpers, Interactive: true},
		{Resource: "readiness", Action: "read", Words: "See the overview and the readiness of the server", Roles: []string{"owner", "admin", "support", "viewer"}, Interactive: true},
		{Resource: "event", Action: "read", Words: "See what happened on the server", Roles: admins, Interactive: true},
		{Resource: "settings", Action: "read", Words: "See the settings of the server", Roles: admins, Interactive: true},
		{Resource: "settings", Action: "update", Words: "Change the settings of the server", Roles: owner, Interactive: true},
		{Resource: "outbox", Action: "read", Words: "Read messages in the outbox", Roles: owner, Interactive: true},
		{Resource: "outbox", Action: "send", Words: "Send messages of the outbox again", Roles: owner, Interactive: true},
		{Resource: "message", Action: "read", Words: "See how messages to people look", Roles: admins, Interactive: true},
		{Resource: "message", Action: "update", Words: "Change the words of messages to people", Roles: owner, Interactive: true},
	}
}

func (p *console) screens() []plugins.Screen {
	return []plugins.Screen{
		{ID: "overview", Group: plugins.GroupOverview, Order: 0, Icon: "house", Label: "Overview", Key: "h", Path: page.ConsolePath, Scope: ScopeReadiness},
		{ID: "lockouts", Group: plugins.GroupSecurity, Order: 20, Icon: "lock", Label: "Lockouts", Key: "l", Path: lockoutsPath, Scope: ScopeLockouts, Count: p.countLockouts},
		{ID: "plugins", Group: plugins.GroupSystem, Order: 10, Icon: "puzzle", Label: "Plugins", Key: "p", Path: page.PluginsPath, Scope: ScopeReadiness},
		{ID: "settings", Group: plugins.GroupSystem, Order: 20, Icon: "settings", Label: "Settings", Key: ",", Path: page.SettingsPath, Scope: ScopeSettings},
		{ID: "messages", Group: plugins.GroupSystem, Order: 25, Icon: "mail", Label: "Messages", Key: "m", Path: page.MessagesPath, Scope: ScopeMessages},
		{ID: "outbox", Group: plugins.GroupSystem, Order: 30, Icon: "inbox", Label: "Outbox", Key: "b", Path: page.OutboxPath, Scope: ScopeOutbox},
	}
}

func (p *console) routes() []plugins.Route {
	get := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodGet, Path: path, Summary: summary, Access: plugins.Access{Who: plugins.SignedIn, Scope: scope}, Handle: handle}
	}
	post := func(path string, summary words.Text, scope string, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: path, Summary: summary, Handle: handle,
			Access: plugins.Access{Who: plugins.SignedIn, Scope: scope, ManagesCredentials: true}}
	}
	dangerous := func(r plugins.Route) plugins.Route { r.Access.Dangerous = true; return r }
	upload := func(r plugins.Route) plugins.Route { r.Upload = maxLogo; return r }
	release := func(path string, summary words.Text, handle func(*plugins.Call) error) plugins.Route {
		return plugins.Route{Method: http.MethodPost, Path: path, Summary: summary, Access: plugins.Access{Who: plugins.SignedIn, Scope: ScopeLockoutRelease}, Handle: handle}
	}
	return slices.Concat(p.lists.outbox.Routes(p.host, ScopeOutbox), p.lists.lockouts.Routes(p.host, ScopeLockouts), p.lists.throttled.Routes(p.host, ScopeLockouts), []plugins.Route{
		get(page.ConsolePath, "The overview of the console", "", p.overview),
		get(page.FindPath, "Search everything", "", p.find),
		post(checklistPath, "Hide the first steps, or show them again", ScopeReadiness, p.hideSteps),
		get(page.PluginsPath, "The plugins of the server", ScopeReadiness, p.plugins),
		get(page.PluginsPath+"/:id", "One plugin", ScopeReadiness, p.plugin),
		get(page.SettingsPath, "The settings of the server", ScopeSettings, p.settings),
		get(page.SettingsPath+"/:section", "One section of the settings", ScopeSettings, p.settings),
		post(page.SettingsPath+"/:section", "Change settings", ScopeSettingsUpdate, p.changeSettings),
		get(appearancePreview, "The sign-in page as it is", ScopeSettings, p.previewAppearance),
		post(appearancePreview, "The sign-in page with values that are not saved", ScopeSettingsUpdate, p.previewAppearance),
		upload(post(appearanceLogo, "Change or remove a logo", ScopeSettingsUpdate, p.changeLogo)),
		theme.Route(),
		post(testMessagePath, "Send a test message", ScopeSettingsUpdate, p.sendTest),
		get(page.OutboxPath, "The messages of the server", ScopeOutbox, p.outbox),
		dangerous(get(page.OutboxPath+"/:id", "One message", ScopeOutbox, p.message)),
		post(keptPath, "Send the messages that were kept without a mail server", ScopeOutboxSend, p.releaseKept),
		post(page.OutboxPath+"/bulk/send", "Send many messages again", ScopeOutboxSend, p.lists.outbox.Do(p.again, sentAgain)),
		post(page.OutboxPath+"/:id/send", "Send a message again", ScopeOutboxSend, p.sendAgain),
		get(page.MessagesPath, "The messages that the server writes to people", ScopeMessages, p.messageKinds),
		get(page.MessagesPath+"/:kind", "One kind of message, in the reader's language", ScopeMessages, p.messageKind),
		get(page.MessagesPath+"/:kind/:language", "The words of a message in one language", ScopeMessages, p.wording),
		post(page.MessagesPath+"/:kind/:language", "Change the words of a message, or set them back", ScopeMessageUpdate, p.reword),
		get(page.MessagesPath+"/:kind/:language/preview", "A message as its recipient sees it, with sample data", ScopeMessages, p.previewWording),
		post(page.MessagesPath+"/:kind/:language/preview", "A message with words that are not saved", ScopeMessageUpdate, p.previewWording),
		get(lockoutsPath, "Accounts that have to wait", ScopeLockouts, p.lockouts),
		get(throttledPath, "Addresses that have to wait", ScopeLockouts, p.throttled),
		release(releasePath, "Release an account or an address", p.release),
		release(lockoutsPath+"/bulk/release", "Release many accounts", p.lists.lockouts.Do(p.releaseAccount, released)),
		release(throttledPath+"/bulk/release", "Release many addresses", p.lists.throttled.Do(p.releaseAddress, released)),
		get(page.GalleryPath, "The parts that pages are made of", ScopeReadiness, p.gallery),
	})
}

// gallery is there in development mode only.
func (p *console) gallery(c *plugins.Call) error {
	if top := p.host.Core.Settings.Top.Get(); !top.Development() {
		return notFound()
	}
	return c.Page(http.StatusOK, page.Gallery{})
}

func notFound() *auth.Error {
	return auth.E(http.StatusNotFound, "NOT_FOUND", "This page does not exist.")
}
