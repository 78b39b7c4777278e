package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"gatehouse/auth/mail"
	"gatehouse/auth/random"
	"gatehouse/auth/secret"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/outboxmessage"
)

// Delivery limits (SEC-101, SEC-227).
const (
	maxDeliveryTries = 17 // over about two days
	deliveryTimeout  = 30 * time.Second
	tryTimeout       = 15 * time.Second // of a test that somebody waits for
	deliveryBatch    = 20
)

// Messages renders declared messages, keeps them durably in the outbox within the
// command's transaction, and delivers them after the commit, outside the request.
type Messages struct {
	db        *DB
	clock     Clock
	keys      *secret.Ring
	cfg       *settings.Core
	moments   *Moments
	events    *Events
	languages *Languages
	log       *slog.Logger
	kinds     map[string]Message
	order     []string
	owner     map[string]string
	channels  map[string]Channel
	wake      chan struct{}
}

// Declare makes the messages of a plugin known.
func (m *Messages) Declare(plugin string, list ...Message) error {
	for _, k := range list {
		if other, taken := m.owner[k.Kind]; taken {
			return fmt.Errorf("message %q is declared by plugin %q and by plugin %q", k.Kind, other, plugin)
		}
		if err := k.check(); err != nil {
			return err
		}
		m.kinds[k.Kind], m.owner[k.Kind] = k, plugin
		m.order = append(m.order, k.Kind)
	}
	return nil
}

// AddChannel makes a channel known. Two plugins may not offer one of the same name.
func (m *Messages) AddChannel(plugin string, list ...Channel) error {
	for _, c := range list {
		if _, taken := m.channels[c.Name]; taken {
			return fmt.Errorf("channel %q is declared twice, the second time by plugin %q", c.Name, plugin)
		}
		m.channels[c.Name] = c
	}
	return nil
}

// Kinds lists the declared messages in the order of their declaration.
func (m *Messages) Kinds() []Message {
	list := make([]Message, len(m.order))
	for i, k := range m.order {
		list[i] = m.kinds[k]
	}
	return list
}

// Called is what a kind is called; "" for one that nobody declares.
func (m *Messages) Called(kind string) words.Text { return m.kinds[kind].Words }

// Owner names the plugin that declared a message.
func (m *Messages) Owner(kind string) string { return m.owner[kind] }

// Possible reports whether a message may be written: a channel is ready, or the server
// runs in development mode, where the outbox keeps it (decisions 31).
func (m *Messages) Possible(ctx context.Context, channel string) bool {
	return m.cfg.Top.Current().Development() || m.Ready(ctx, channel) == nil
}

// Ready returns nil when messages of a channel can leave the server.
func (m *Messages) Ready(ctx context.Context, channel string) error {
	c, ok := m.channels[channel]
	if !ok {
		return fmt.Errorf("no channel %q", channel)
	}
	return c.Ready(ctx)
}

// stored is the sealed part of an outbox row.
type stored struct {
	Subject string       `json:"subject"`
	Content mail.Content `json:"content"`
}

// Send puts a message into the outbox. expires is when what it holds is worthless;
// the row goes then at the latest. An undeliverable message never fails the command.
func (m *Messages) Send(ctx context.Context, kind, channel, to string, expires time.Time, d MessageData) error {
	out, err := m.write(ctx, kind, channel, to, d)
	if err != nil || out.Dropped {
		return err
	}
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		if over, err := m.overLimit(ctx, kind, out.To); err != nil || over {
			return err
		}
		return m.enqueue(ctx, tx, out, expires)
	})
}

// write makes a message in the language of its recipient and shows it to the plugins.
func (m *Messages) write(ctx context.Context, kind, channel, to string, d MessageData) (*Outgoing, error) {
	speaker, err := m.languages.Of(ctx, d.User)
	if err != nil {
		return nil, err
	}
	wording, err := m.Wording(ctx, kind, speaker)
	if err != nil {
		return nil, err
	}
	d.AppName, d.Address = m.cfg.App.Get().Name, to
	out := &Outgoing{Kind: kind, Channel: channel, To: to}
	out.Subject, out.Content = fill(wording.Template, speaker, d)
	return out, m.moments.MessageSending.Run(ctx, out)
}

// Try sends a message at once, past the outbox, and returns what the channel said. It
// takes 15 seconds at most.
func (m *Messages) Try(ctx context.Context, kind, channel, to string, d MessageData) error {
	if err := m.Ready(ctx, channel); err != nil {
		return err
	}
	out, err := m.write(ctx, kind, channel, to, d)
	if err != nil || out.Dropped {
		return err
	}
	trying, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	err = m.channels[out.Channel].Deliver(trying, out)
	m.tried(ctx, out.Channel, err)
	return err
}

// overLimit reports that an address got too many messages. Notices are not counted out:
// whoever makes the server write to somebody must not silence what tells of them.
func (m *Messages) overLimit(ctx context.Context, kind, to string) (bool, error) {
	limit := m.cfg.Mail.Get().RecipientLimit
	if limit == 0 || m.kinds[kind].Notice != "" {
		return false, nil
	}
	n, err := m.db.Access(ctx).OutboxMessage().Query().
		Where(outboxmessage.Recipient(to), outboxmessage.CreatedAtGT(m.clock().Add(-time.Hour))).Count(ctx)
	if err != nil || n < limit {
		return false, err
	}
	return true, m.events.Record(ctx, Event{Kind: "message.throttled", Data: map[string]any{"to": to}})
}

func (m *Messages) enqueue(ctx context.Context, tx *Tx, out *Outgoing, expires time.Time) error {
	body, err := json.Marshal(stored{out.Subject, out.Content})
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	state, now := outboxmessage.StateQueued, m.clock()
	if m.Ready(ctx, out.Channel) != nil {
		state = outboxmessage.StateHeld
	}
	row := tx.OutboxMessage().Create().SetID(random.ID()).SetKind(out.Kind).SetChannel(out.Channel).
		SetRecipient(out.To).SetSubject(out.Subject).SetBody(m.keys.Seal("outbox", string(body))).
		SetState(state).SetNextAttemptAt(now).SetCreatedAt(now)
	if !expires.IsZero() {
		row.SetExpiresAt(expires)
	}
	if err := row.Exec(ctx); err != nil {
		return fmt.Errorf("storing a message: %w", err)
	}
	tx.AfterCommit(func(context.Context) { m.Wake() })
	return nil
}

// Wake makes the delivery loop look at once.
func (m *Messages) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Open returns the content of an outbox row.
func (m *Messages) Open(row *ent.OutboxMessage) (mail.Content, error) {
	text, err := m.keys.Open("outbox", row.Body)
	if err != nil {
		return mail.Content{}, err
	}
	var s stored
	err = json.Unmarshal([]byte(text), &s)
	return s.Content, err
}

// Run delivers until the context ends. Several processes may run it: a row is claimed
// by one conditional statement.
func (m *Messages) Run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		if err := m.Deliver(ctx); err != nil && ctx.Err() == nil {
			m.log.ErrorContext(ctx, "delivering messages", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-tick.C:
		}
	}
}

// Deliver tries every message that is due once.
func (m *Messages) Deliver(ctx context.Context) error {
	for {
		rows, err := m.db.Access(ctx).OutboxMessage().Query().
			Where(outboxmessage.StateEQ(outboxmessage.StateQueued), outboxmessage.NextAttemptAtLTE(m.clock())).
			Order(ent.Asc(outboxmessage.FieldCreatedAt)).Limit(deliveryBatch).All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := m.deliverOne(ctx, row); err != nil {
				return err
			}
		}
	}
}

func (m *Messages) deliverOne(ctx context.Context, row *ent.OutboxMessage) error {
	claimed, err := m.claim(ctx, row)
	if err != nil || !claimed {
		return err
	}
	if row.ExpiresAt != nil && !m.clock().Before(*row.ExpiresAt) {
		return m.finish(ctx, row, outboxmessage.StateFailed, "expired before it could be delivered", false)
	}
	content, err := m.Open(row)
	if err != nil {
		return m.finish(ctx, row, outboxmessage.StateFailed, "unreadable: the secret it was sealed with is gone", false)
	}
	channel, ok := m.channels[row.Channel]
	if !ok {
		return m.finish(ctx, row, outboxmessage.StateFailed, "the plugin that delivers by "+row.Channel+" is not enabled", true)
	}
	sendCtx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	err = channel.Deliver(sendCtx, &Outgoing{ID: row.ID, Kind: row.Kind, Channel: row.Channel, To: row.Recipient, Subject: row.Subject, Content: content})
	defer m.tried(ctx, row.Channel, err)
	switch {
	case err == nil:
		return m.finish(ctx, row, outboxmessage.StateSent, "", false)
	case row.Attempts+1 >= maxDeliveryTries || mail.Permanent(err):
		m.log.WarnContext(ctx, "message not delivered", "kind", row.Kind, "error", err)
		return m.finish(ctx, row, outboxmessage.StateFailed, err.Error(), true)
	}
	m.log.InfoContext(ctx, "message delivery will be tried again", "kind", row.Kind, "error", err)
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.OutboxMessage().UpdateOneID(row.ID).SetLastError(err.Error()).Exec(ctx)
	})
}

// claim counts the attempt and moves the next one before the message leaves, so that a
// crash or a second process cannot send it in a loop.
func (m *Messages) claim(ctx context.Context, row *ent.OutboxMessage) (bool, error) {
	n := 0
	err := m.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		wait := min(time.Minute<<row.Attempts, 6*time.Hour)
		n, err = tx.OutboxMessage().Update().
			Where(outboxmessage.ID(row.ID), outboxmessage.Attempts(row.Attempts), outboxmessage.StateEQ(outboxmessage.StateQueued)).
			AddAttempts(1).SetNextAttemptAt(m.clock().Add(wait)).Save(ctx)
		return err
	})
	return n == 1, err
}

// finish ends a message. Its body, which may hold a link or a code, goes unless it may
// still be sent again.
func (m *Messages) finish(ctx context.Context, row *ent.OutboxMessage, state outboxmessage.State, reason string, keep bool) error {
	return m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		update := tx.OutboxMessage().UpdateOneID(row.ID).SetState(state).SetLastError(reason)
		if !keep {
			update.SetBody("")
		}
		if state == outboxmessage.StateSent {
			update.SetSentAt(m.clock())
		}
		return update.Exec(ctx)
	})
}

// Sendable reports whether a message can be sent now: it did not leave, it still says
// something, and there is a way out.
func (m *Messages) Sendable(ctx context.Context, row *ent.OutboxMessage) bool {
	return row.State != outboxmessage.StateSent && !m.Gone(row) && m.Ready(ctx, row.Channel) == nil
}

// Gone reports whether the body was removed, or what it holds is over.
func (m *Messages) Gone(row *ent.OutboxMessage) bool {
	return row.Body == "" || row.ExpiresAt != nil && !m.clock().Before(*row.ExpiresAt)
}

// Again puts a message that did not leave at the head of the queue. It returns nil, nil
// for one that cannot be sent.
func (m *Messages) Again(ctx context.Context, id string) (*ent.OutboxMessage, error) {
	var row *ent.OutboxMessage
	err := m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		found, err := tx.OutboxMessage().Get(ctx, id)
		if ent.IsNotFound(err) || err == nil && !m.Sendable(ctx, found) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := tx.OutboxMessage().Update().
			Where(outboxmessage.ID(id), outboxmessage.StateEQ(found.State), outboxmessage.Attempts(found.Attempts)).
			SetState(outboxmessage.StateQueued).SetAttempts(0).SetLastError("").SetNextAttemptAt(m.clock()).Save(ctx)
		if err != nil || n == 0 { // it is being sent this moment
			return err
		}
		row = found
		tx.AfterCommit(func(context.Context) { m.Wake() })
		return nil
	})
	return row, err
}

// Release queues the messages that were kept while there was no way out, as far as they
// still say something, and reports how many.
func (m *Messages) Release(ctx context.Context, channel string) (int, error) {
	if err := m.Ready(ctx, channel); err != nil {
		return 0, err
	}
	n := 0
	err := m.db.InTx(ctx, func(ctx context.Context, tx *Tx) (err error) {
		now := m.clock()
		n, err = tx.OutboxMessage().Update().Where(outboxmessage.StateEQ(outboxmessage.StateHeld), outboxmessage.Channel(channel),
			outboxmessage.Or(outboxmessage.ExpiresAtIsNil(), outboxmessage.ExpiresAtGT(now))).
			SetState(outboxmessage.StateQueued).SetAttempts(0).SetNextAttemptAt(now).Save(ctx)
		if n > 0 {
			tx.AfterCommit(func(context.Context) { m.Wake() })
		}
		return err
	})
	return n, err
}

// Sweep removes what is over: messages whose content expired, and finished ones after
// a week.
func (m *Messages) Sweep(ctx context.Context, limit int) (int, error) {
	now := m.clock()
	ids, err := m.db.Access(ctx).OutboxMessage().Query().Where(outboxmessage.Or(
		outboxmessage.ExpiresAtLT(now),
		outboxmessage.And(outboxmessage.StateIn(outboxmessage.StateSent, outboxmessage.StateFailed), outboxmessage.CreatedAtLT(now.Add(-7*24*time.Hour))),
	)).Limit(limit).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	n := 0
	err = m.db.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		n, err = tx.OutboxMessage().Delete().Where(outboxmessage.IDIn(ids...)).Exec(ctx)
		return err
	})
	return n, err
}
