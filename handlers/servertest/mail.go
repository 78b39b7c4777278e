package servertest

import (
	"context"

	"gatehouse/auth/mail"
	"gatehouse/ent"
	"gatehouse/ent/outboxmessage"
)

// Mail is a message in the outbox.
type Mail struct {
	Kind, To, Subject string
	Content           mail.Content
}

// Mail returns the messages for an address, oldest first. They wait in the outbox,
// since a rig delivers nothing.
func (r *Rig) Mail(to string) []Mail {
	r.T.Helper()
	ctx := context.Background()
	rows, err := r.Host.DB.Access(ctx).OutboxMessage().Query().Where(outboxmessage.Recipient(to)).
		Order(ent.Asc(outboxmessage.FieldCreatedAt)).All(ctx)
	if err != nil {
		r.T.Fatal(err)
	}
	list := make([]Mail, len(rows))
	for i, row := range rows {
		content, err := r.Host.Messages.Open(row)
		if err != nil {
			r.T.Fatal(err)
		}
		list[i] = Mail{Kind: row.Kind, To: row.Recipient, Subject: row.Subject, Content: content}
	}
	return list
}

// Link returns the link of the newest message of a kind for an address; the test fails
// when there is none.
func (r *Rig) Link(to, kind string) string {
	r.T.Helper()
	list := r.Mail(to)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == kind {
			return list[i].Content.ActionURL
		}
	}
	r.T.Fatalf("no %s for %s among %v", kind, to, list)
	return ""
}
