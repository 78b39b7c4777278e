package auth

import (
	"context"
	"gatehouse/auth/words"

	"gatehouse/auth/mail"
)

// Message declares a text that is sent to people.
type Message struct {
	Kind  string     // "verify-email"
	Words words.Text // "Verify your address", for lists
	// Sample is data for the preview.
	Sample MessageData
	// Render makes subject and content in a language (BCP 47; fall back to English).
	Render func(language string, d MessageData) (subject string, content mail.Content)
}

// MessageData is what a message is made of.
type MessageData struct {
	AppName string
	Name    string // of the recipient
	Address string
	URL     string // link to open
	Code    string // code to type
	Values  map[string]string
}

// Channel delivers messages of one kind of address.
type Channel struct {
	Name string // "mail", "sms"
	// Ready returns nil when messages can leave, or the reason in words.
	Ready   func(context.Context) error
	Deliver func(context.Context, *Outgoing) error
}

// Outgoing is a message on its way to a channel.
type Outgoing struct {
	ID      string // of the outbox row, once there is one
	Kind    string
	Channel string
	To      string
	Subject string
	Content mail.Content
	// Dropped messages are not delivered and not kept.
	Dropped bool
}

// Interrupted implements the stop rule of Moment.
func (o *Outgoing) Interrupted() bool { return o.Dropped }
