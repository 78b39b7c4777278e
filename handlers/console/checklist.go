package console

import (
	"context"
	"gatehouse/auth/words"

	"gatehouse/auth"
	"gatehouse/web"
	"gatehouse/web/page"
)

// warnings are what does not work, or works with a lack: prerequisites of plugins that
// fail, and remarks on the settings.
func (p *console) warnings(ctx context.Context) []page.Readiness {
	var list []page.Readiness
	if err := p.host.Server.Ready(ctx); err != nil {
		list = append(list, page.Readiness{Tone: web.Bad, Title: "The server is not ready", Text: words.Sentence(words.Raw(err.Error()))})
	}
	for _, part := range p.host.Registry.Parts {
		for _, pre := range part.Prerequisites {
			if err := pre.Check(ctx); err != nil {
				list = append(list, page.Readiness{Tone: web.Warn, Title: words.F("%s: %s", part.Name, pre.Name), Text: words.Sentence(words.Raw(err.Error())),
					Fix: pre.Fix, Plugin: part.ID})
			}
		}
	}
	for _, w := range p.host.Settings.Warnings() {
		list = append(list, page.Readiness{Tone: web.Warn, Title: words.F("Setting %s", w.Key), Text: words.Sentence(words.Raw(w.Text)), Fix: words.Raw(w.Fix), Href: ""})
	}
	return list
}

// steps are the first things to do with a new server. Links lead only where the
// principal may go.
func (p *console) steps(ctx context.Context, principal *auth.Principal) []page.Step {
	top := p.host.Core.Settings.Top.Get()
	setting := func(area, key string) string {
		if !principal.Can(ScopeSettings) {
			return ""
		}
		return addressOf(area) + "#f-" + key
	}
	return []page.Step{
		{Title: "Set the public address", Text: "The setting url is the address people use. Until then the server runs in development mode.",
			Href: setting("general", "url"), Done: !top.Development()},
		{Title: "Connect a mail server", Text: "The setting smtp names it, so that links and notices reach people. Until then they are kept in the outbox.",
			Href: setting("mail", mailServer), Done: p.host.Messages.Ready(ctx, "mail") == nil},
		{Title: "Invite a second administrator", Text: "So that a lost password locks nobody out.",
			Href: p.screenPath("invitations", principal), Done: p.secondAdministrator(ctx)},
	}
}

// secondAdministrator reports whether two people may change roles. When that cannot be
// told, the step stays.
func (p *console) secondAdministrator(ctx context.Context) bool {
	holders, err := p.host.Principals.WhoHolds(ctx, auth.Platform, "user:set-role")
	if err != nil {
		p.host.Log.WarnContext(ctx, "counting administrators", "error", err)
		return false
	}
	people := map[string]bool{}
	for _, holder := range holders {
		people[holder.Subject] = true
	}
	return len(people) > 1
}
