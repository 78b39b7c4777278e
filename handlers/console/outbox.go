package console

import (
	"cmp"
	"context"
	"gatehouse/auth/words"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/ent"
	"gatehouse/ent/outboxmessage"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// outbox lists the messages of the server, the newest first.
func (p *console) outbox(c *plugins.Call) error {
	q := outboxQuery{search: bounded(c.Form("q")), state: c.Form("state")}
	var err error
	if q.page, err = openPage(p.host.Keys, c.Form("page")); err != nil {
		return err
	}
	rows, more, err := p.messages(c.Context(), q)
	if err != nil {
		return err
	}
	view := page.Outbox{Filtered: q.search != "" || q.state != "", Connected: p.host.Messages.Ready(c.Context(), "mail") == nil, Filters: q.filters()}
	for _, row := range rows {
		view.List = append(view.List, listed(row))
	}
	if view.Pages, err = p.outboxPages(c.Context(), q, rows, more); err != nil {
		return err
	}
	if view.Connected && c.Principal().Can(ScopeOutboxSend) {
		if view.Held, err = p.held(c.Context()); err != nil {
			return err
		}
	}
	if c.Principal().Can(ScopeSettings) {
		view.MailURL = page.SettingsPath + "/mail"
	}
	return c.Page(http.StatusOK, view)
}

// outboxQuery is what the list is asked for.
type outboxQuery struct {
	search, state string
	page          pageMark
}

// outboxSize is how many messages a page holds.
const outboxSize = 50

// states are the states of a message with their words.
var states = []web.Option{{Value: "", Label: "Any state"}, {Value: "held", Label: "Kept here"}, {Value: "queued", Label: "Waiting"},
	{Value: "sent", Label: "Sent"}, {Value: "failed", Label: "Failed"}}

func (p *console) messages(ctx context.Context, q outboxQuery) ([]*ent.OutboxMessage, bool, error) {
	query := q.filter(p.host.DB.Access(ctx).OutboxMessage().Query())
	if q.page.ID != "" {
		query = query.Where(outboxmessage.Or(outboxmessage.CreatedAtLT(q.page.At),
			outboxmessage.And(outboxmessage.CreatedAtEQ(q.page.At), outboxmessage.IDLT(q.page.ID))))
	}
	rows, err := query.Order(ent.Desc(outboxmessage.FieldCreatedAt), ent.Desc(outboxmessage.FieldID)).Limit(outboxSize + 1).All(ctx)
	if err != nil {
		return nil, false, err
	}
	more := len(rows) > outboxSize
	return rows[:min(len(rows), outboxSize)], more, nil
}

func (q outboxQuery) filter(query *ent.OutboxMessageQuery) *ent.OutboxMessageQuery {
	if q.search != "" {
		query = query.Where(outboxmessage.Or(outboxmessage.RecipientContainsFold(q.search), outboxmessage.SubjectContainsFold(q.search)))
	}
	if state := outboxmessage.State(q.state); outboxmessage.StateValidator(state) == nil {
		query = query.Where(outboxmessage.StateEQ(state))
	}
	return query
}

// address is the list with the filters and, when given, a page.
func (q outboxQuery) address(mark string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": q.search, "state": q.state, "page": mark} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return page.OutboxPath
	}
	return page.OutboxPath + "?" + values.Encode()
}

func (q outboxQuery) filters() web.Filters {
	f := web.Filters{URL: page.OutboxPath, Clear: page.OutboxPath,
		Search: web.Search{Label: "Search messages by recipient or subject", Placeholder: "Recipient or subject", Value: q.search,
			Live: page.OutboxPath, Results: "results"}}
	f.Fields = append(f.Fields, web.Select{Name: "state", Label: "State", HideLabel: true, Apply: true, Value: q.state, Options: states})
	for _, s := range states[1:] {
		if s.Value == q.state {
			f.Chips = append(f.Chips, web.Chip{Name: "State", Value: s.Label, Remove: outboxQuery{search: q.search}.address("")})
		}
	}
	return f
}

// countTo is where counting for the foot of a list stops (decisions 51).
const countTo = 10_000

func (p *console) outboxPages(ctx context.Context, q outboxQuery, rows []*ent.OutboxMessage, more bool) (web.Pages, error) {
	ids, err := q.filter(p.host.DB.Access(ctx).OutboxMessage().Query()).Limit(countTo + 1).IDs(ctx)
	if err != nil {
		return web.Pages{}, err
	}
	pages := web.Pages{Total: min(len(ids), countTo), AtLeast: len(ids) > countTo, What: func(n int) words.Text { return words.N(n, "%d message", "%d messages") }}
	if len(rows) > 0 {
		pages.First, pages.Last = q.page.Row+1, q.page.Row+len(rows)
	}
	if q.page.ID != "" {
		pages.Start = q.address("")
	}
	if more {
		last := rows[len(rows)-1]
		pages.Next = q.address(pageMark{At: last.CreatedAt, ID: last.ID, Row: pages.Last}.seal(p.host.Keys))
	}
	return pages, nil
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
	return c.Page(http.StatusOK, view)
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
	err := p.host.DB.InTx(c.Context(), func(ctx context.Context, tx *auth.Tx) error {
		row, err := p.host.Messages.Again(ctx, c.Param("id"))
		if err != nil {
			return err
		}
		if row == nil {
			return notFound()
		}
		return p.record(ctx, eventSent, row)
	})
	if err != nil {
		return err
	}
	c.Flash("good", "The message is on its way.")
	return c.SeeOther(page.OutboxPath + "/" + c.Param("id"))
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
