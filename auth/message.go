package auth

import (
	"context"

	"gatehouse/auth/mail"
	"gatehouse/auth/words"
)

// Message declares a text that is sent to people. Its built-in words are texts of the
// catalogue; an administrator may replace them in each language.
type Message struct {
	Kind  string     // "verify-email"
	Words words.Text // "Verify your address", for lists
	// Subject and Body are the built-in wording with places such as {{name}}; each part of
	// Body is a paragraph (see mail.Template).
	Subject words.Text
	Body    []words.Text
	// Places are those that the message has besides the ones of every message; see Known.
	Places []Place
	// Needs are the places that no wording may leave out: "link", "code".
	Needs []string
	// Notice says that the message tells of a change to the person's sign-in, and which
	// setting switches it off; empty for everything else.
	Notice NoticeClass
	// Sample is data for the preview.
	Sample MessageData
}

// Place is something that a message says of its occasion: {{inviter}}.
type Place struct {
	Name  string
	Words words.Text // what stands there, for people who write wordings
}

// MessageData is what a message is made of.
type MessageData struct {
	AppName string
	// User is the id of the recipient, for their language and time zone; empty when the
	// recipient has no account.
	User    string
	Name    string // of the recipient
	Address string
	URL     string // {{link}}: to open
	Code    string // {{code}}: to type
	// Values fill the other places as they are, Texts in the language of the message.
	Values map[string]string
	Texts  map[string]words.Text
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
