package console

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/outboxmessage"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
	"gatehouse/web/page"
)

// outbox lists the messages of the server, the newest first.
func (p *console) outbox(c *plugins.Call) error {
	list, err := p.lists.outbox.View(c)
	if err != nil {
		return err
	}
	view := page.Outbox{List: list, Connected: p.host.Messages.Ready(c.Context(), "mail") == nil}
	if view.Connected && c.Principal().Can(ScopeOutboxSend) {
		if view.Held, err = p.held(c.Context()); err != nil {
			return err
		}
	}
	if c.Principal().Can(ScopeSettings) {
		view.MailURL = page.SettingsPath + "/mail"
	}
	return c.Page(list.Status(), view)
}

// byNewest is the order of lists that begin with what is newest.
const byNewest = "created"

// outboxList declares the list of messages. What they say is not on it.
func (p *console) outboxList() *list.List[page.Mail] {
	when := func(of func(page.Mail) time.Time) (func(page.Mail) templ.Component, func(page.Mail) any) {
		return func(m page.Mail) templ.Component { return web.Time{At: of(m)} }, func(m page.Mail) any { return of(m) }
	}
	drawWritten, written := when(func(m page.Mail) time.Time { return m.Created })
	drawSent, sent := when(func(m page.Mail) time.Time { return m.Sent })
	return &list.List[page.Mail]{
		ID: "outbox", Path: page.OutboxPath, Caption: "Messages", Sort: byNewest, Export: ScopeOutbox,
		What:   func(n int) words.Text { return words.N(n, "%d message", "%d messages") },
		Search: "Search messages by recipient or subject", Placeholder: "Recipient or subject",
		Load: p.loadOutbox,
		Row: func(m page.Mail) list.Row {
			return list.Row{ID: m.ID, Label: words.Raw(m.Subject), Href: m.URL(), Fixed: m.State == string(outboxmessage.StateSent)}
		},
		Acts: []list.Act{{ID: "send", Label: "Send again", Icon: "send", Hold: func(p *auth.Principal) bool { return p.Can(ScopeOutboxSend) && !p.Impersonated() }}},
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "inbox", Title: "No messages yet", Text: "Invitations, verification links and notices appear here as they are written."}
		},
		Filters: []list.Filter{
			{ID: "state", Label: "State", Options: func(context.Context) []web.Option { return page.MailStates }},
			{ID: "kind", Label: "Kind", Options: func(ctx context.Context) []web.Option { return p.kindOptions() }},
		},
		Columns: []list.Column[page.Mail]{
			{ID: "subject", Label: "Message", Fixed: true, Draw: func(m page.Mail) templ.Component { return m.Cell() }, Value: func(m page.Mail) any { return m.Subject }},
			{ID: "to", Value: func(m page.Mail) any { return m.To }},
			{ID: "state", Label: "State", Draw: func(m page.Mail) templ.Component { return m.StateCell() }, Value: func(m page.Mail) any { return m.State }},
			{ID: "error", Value: func(m page.Mail) any { return m.Error }},
			{ID: "attempts", Label: "Attempts", Hidden: true, Wide: true, End: true, Draw: func(m page.Mail) templ.Component { return words.Number(m.Attempts) }, Value: func(m page.Mail) any { return m.Attempts }},
			{ID: "kind", Label: "Kind", Wide: true, Draw: func(m page.Mail) templ.Component { return p.kindTitle(m.Kind) }, Value: func(m page.Mail) any { return m.Kind }},
			{ID: "sent", Label: "Sent", Hidden: true, Wide: true, End: true, Draw: drawSent, Value: sent},
			{ID: byNewest, Label: "Written", Sort: true, Wide: true, End: true, Draw: drawWritten, Value: written},
		},
	}
}

func (p *console) loadOutbox(ctx context.Context, q list.Query) (list.Page[page.Mail], error) {
	var where []predicate.OutboxMessage
	if q.Text != "" {
		where = append(where, outboxmessage.Or(outboxmessage.RecipientContainsFold(q.Text), outboxmessage.SubjectContainsFold(q.Text), outboxmessage.ID(q.Text)))
	}
	if states := q.Filters["state"]; len(states) > 0 {
		var any []outboxmessage.State
		for _, s := range states {
			any = append(any, outboxmessage.State(s))
		}
		where = append(where, outboxmessage.StateIn(any...))
	}
	if kinds := q.Filters["kind"]; len(kinds) > 0 {
		where = append(where, outboxmessage.KindIn(kinds...))
	}
	query := func() *ent.OutboxMessageQuery {
		return p.host.DB.Access(ctx).OutboxMessage().Query().Where(where...)
	}
	found, err := list.Keyset[*ent.OutboxMessage]{
		List: "outbox", Sort: byNewest, Keys: p.host.Keys, ID: func(row *ent.OutboxMessage) string { return row.ID },
		Orders: map[string]list.Order[*ent.OutboxMessage]{
			byNewest: {Column: outboxmessage.FieldCreatedAt, Value: func(row *ent.OutboxMessage) any { return row.CreatedAt }},
		},
		Rows: func(at list.Span) ([]*ent.OutboxMessage, error) {
			return query().Where(at.Where).Order(at.Order).Limit(at.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) { ids, err := query().Limit(limit).IDs(ctx); return len(ids), err },
	}.Page(q)
	if err != nil {
		return list.Page[page.Mail]{}, err
	}
	return list.Of(found, func(row *ent.OutboxMessage) (page.Mail, error) { return listed(row), nil })
}

// sentAgain tells what came of sending many messages again.
func sentAgain(done, left int) words.Text {
	said := []words.Text{words.N(done, "One message is on its way.", "%d messages are on their way.")}
	if left > 0 {
		said = append(said, words.N(left, "One was left out: it was sent, or its text is gone, or there is no mail server.", "%d were left out: they were sent, or their text is gone, or there is no mail server."))
	}
	return words.Join(" ", said...)
}

func listed(row *ent.OutboxMessage) page.Mail {
	m := page.Mail{ID: row.ID, Kind: row.Kind, To: row.Recipient, Subject: row.Subject, State: string(row.State), Created: row.CreatedAt,
		Attempts: row.Attempts, Error: row.LastError}
	m.Sent, m.Expires = timeOf(row.SentAt), timeOf(row.ExpiresAt)
	if row.State == outboxmessage.StateQueued && row.Attempts > 0 {
		m.Next = row.NextAttemptAt
	}
	return m
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// message shows one message in full. Reading is recorded, and refused when it cannot be;
// HEAD, which shows nothing, is not.
func (p *console) message(c *plugins.Call) error {
	row, err := p.host.DB.Access(c.Context()).OutboxMessage().Get(c.Context(), c.Param("id"))
	if ent.IsNotFound(err) {
		return notFound()
	}
	if err != nil {
		return err
	}
	view := page.Message{Mail: listed(row), Gone: p.host.Messages.Gone(row)}
	top := p.host.Core.Settings.Top.Get()
	view.Mail.From = cmp.Or(p.host.Core.Settings.Mail.Get().From, "no-reply@"+top.Host())
	if !view.Gone {
		content, err := p.host.Messages.Open(row)
		if err != nil {
			view.Gone = true
		} else {
			view.Mail.Body, view.Mail.Link, view.Mail.Code = text(content), content.ActionURL, content.Code
		}
	}
	if c.Principal().Can(ScopeOutboxSend) && p.host.Messages.Sendable(c.Context(), row) {
		view.RetryURL = page.OutboxPath + "/" + row.ID + "/send"
	}
	if c.Request.Method != http.MethodHead {
		if err := p.record(c.Context(), eventRead, row); err != nil {
			return err
		}
	}
	return c.View.Draw(c, plugins.Page{Component: view, Secret: true})
}

func (p *console) record(ctx context.Context, kind string, row *ent.OutboxMessage) error {
	return p.host.Events.Record(ctx, auth.Event{Kind: kind, SubjectType: "message", Subject: row.ID,
		Data: map[string]any{"kind": row.Kind, "to": row.Recipient}})
}

// text is what a message says, without link and code, which stand apart.
func text(m mail.Content) string {
	parts := []string{m.Title}
	for _, part := range m.Parts {
		if part.Kind != "" {
			continue
		}
		var lines []string
		for line := range strings.SplitSeq(part.Text, "\n") {
			lines = append(lines, wrapped(line))
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	if m.Footer != "" {
		parts = append(parts, wrapped(m.Footer))
	}
	return strings.Join(parts, "\n\n")
}

// sendAgain puts a message that did not leave at the head of the queue.
func (p *console) sendAgain(c *plugins.Call) error {
	found, err := p.again(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !found {
		return notFound()
	}
	c.Flash("good", "The message is on its way.")
	return c.SeeOther(page.OutboxPath + "/" + c.Param("id"))
}

// again reports false for a message that cannot be sent.
func (p *console) again(ctx context.Context, id string) (found bool, err error) {
	err = p.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		row, err := p.host.Messages.Again(ctx, id)
		if found = row != nil; err != nil || !found {
			return err
		}
		return p.record(ctx, eventSent, row)
	})
	return found, err
}

// release sends the messages that were kept while there was no mail server.
func (p *console) releaseKept(c *plugins.Call) error {
	n := 0
	err := p.host.DB.InTx(c.Context(), func(ctx context.Context, tx *auth.Tx) (err error) {
		if n, err = p.host.Messages.Release(ctx, "mail"); err != nil || n == 0 {
			return err
		}
		return p.host.Events.Record(ctx, auth.Event{Kind: eventReleased, SubjectType: "message", Data: map[string]any{"count": n}})
	})
	if err != nil {
		return err
	}
	c.Flash("good", words.N(n, "One message is on its way.", "%d messages are on their way."))
	return c.SeeOther(page.OutboxPath)
}

// held counts the messages that were kept and still say something, as far as it matters
// whether there are any.
func (p *console) held(ctx context.Context) (bool, error) {
	return p.host.DB.Access(ctx).OutboxMessage().Query().Where(outboxmessage.StateEQ(outboxmessage.StateHeld),
		outboxmessage.Or(outboxmessage.ExpiresAtIsNil(), outboxmessage.ExpiresAtGT(p.host.Clock()))).Exist(ctx)
}
