package console

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent/job"
	"gatehouse/handlers/backup"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// warnings are what does not work, or works with a lack: prerequisites of plugins that
// fail, and remarks on the settings.
func (p *console) warnings(ctx context.Context, principal *auth.Principal) []page.Readiness {
	var list []page.Readiness
	if err := p.host.Server.Ready(ctx); err != nil {
		list = append(list, page.Readiness{Tone: web.Bad, Title: "The server is not ready", Text: words.Sentence(words.Raw(err.Error()))})
	}
	if w, ok := p.mailWarning(ctx, principal); ok {
		list = append(list, w)
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
		list = append(list, page.Readiness{Tone: web.Warn, Title: words.F("Setting %s", w.Key), Text: words.Sentence(w.Text), Fix: w.Fix, Href: ""})
	}
	return list
}

// undelivered are the messages of the outbox that did not leave.
const undelivered = page.OutboxPath + "?state=failed&state=queued"

// mailWarning tells that a mail server is set and takes no messages.
func (p *console) mailWarning(ctx context.Context, principal *auth.Principal) (page.Readiness, bool) {
	if p.host.Messages.Ready(ctx, "mail") != nil {
		return page.Readiness{}, false
	}
	state, err := p.host.Messages.Deliveries(ctx, "mail")
	if err != nil {
		p.host.Log.ErrorContext(ctx, "judging mail", "error", err)
	}
	if state.Problem == "" {
		return page.Readiness{}, false
	}
	w := page.Readiness{Tone: web.Bad, Title: "Mail does not arrive", Text: words.F("The last delivery failed, %s: %s",
		web.Ago(state.Since, p.host.Clock(), time.UTC), words.Sentence(words.Raw(state.Problem)))}
	if principal.Can(ScopeOutbox) {
		w.Fix, w.Href = "Show the messages", undelivered
	}
	return w, true
}

// mailWorks reports whether a mail server is set and took the last message, if any.
func (p *console) mailWorks(ctx context.Context) (bool, error) {
	if p.host.Messages.Ready(ctx, "mail") != nil {
		return false, nil
	}
	state, err := p.host.Messages.Deliveries(ctx, "mail")
	return err == nil && state.Problem == "", err
}

// steps are the first things to do with a new server, of all plugins, as far as the
// principal may do them. One that cannot be judged stays.
func (p *console) steps(ctx context.Context, principal *auth.Principal) []page.Step {
	var all []plugins.Step
	for _, part := range p.host.Registry.Parts {
		for _, s := range part.Steps {
			if principal.Can(s.Scope) {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b plugins.Step) int { return cmp.Compare(a.Order, b.Order) })
	var list []page.Step
	for _, s := range all {
		done, err := s.Done(ctx)
		if err != nil && ctx.Err() == nil {
			p.host.Log.WarnContext(ctx, "judging a first step", "step", s.ID, "error", err)
		}
		list = append(list, page.Step{Title: s.Title, Text: s.Text, Href: s.Path, Done: done && err == nil})
	}
	return list
}

// ownSteps are those of every server.
func (p *console) ownSteps() []plugins.Step {
	return []plugins.Step{
		{ID: "url", Order: 10, Title: "Set the public address", Scope: ScopeSettings, Path: p.SettingURL("url"),
			Text: "The address at which people reach this server. Until it is set, the server runs in development mode.",
			Done: func(context.Context) (bool, error) { return !p.host.Core.Settings.Top.Current().Development(), nil }},
		{ID: "mail", Order: 20, Title: "Connect a mail server", Scope: ScopeSettings, Path: p.SettingURL(mailServer),
			Text: "It brings links and notices to people. Until then they are kept in the outbox.",
			Done: p.mailWorks},
		{ID: "administrator", Order: 30, Title: "Invite a second administrator", Scope: "user:set-role", Path: "/admin/invitations",
			Text: "So that a lost password locks nobody out.", Done: p.secondAdministrator},
		{ID: "backup", Order: 40, Title: "Make a backup", Scope: ScopeSettingsUpdate,
			Text: "The command gatehouse backup writes one file with everything. Let a timer run it.", Done: p.backedUp},
	}
}

// secondAdministrator reports whether two people may change roles.
func (p *console) secondAdministrator(ctx context.Context) (bool, error) {
	n, _, err := p.host.Principals.CountHolders(ctx, auth.HolderQuery{Scope: "user:set-role", Limit: 2})
	return n > 1, err
}

// backedUp reports whether a backup was ever made of this database.
func (p *console) backedUp(ctx context.Context) (bool, error) {
	return p.host.DB.Access(ctx).Job().Query().Where(job.Name(backup.JobName), job.LastFinishedAtNotNil()).Exist(ctx)
}
