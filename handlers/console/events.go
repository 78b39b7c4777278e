package console

import (
	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// Kinds of events that the console records.
const (
	eventSetting  = "setting.changed"
	eventRead     = "outbox.message-read"
	eventSent     = "outbox.message-sent-again"
	eventReleased = "outbox.released"
	eventTested   = "mail.tested"
)

// Kinds of the core that the overview counts.
const (
	eventSignIn       = "sign-in.succeeded"
	eventSignInFailed = "sign-in.failed"
	eventSession      = "session.created"
)

func events() []auth.EventKind {
	return []auth.EventKind{
		list.Event(),
		{Name: eventSetting, Words: "Setting changed", Fields: []auth.EventField{{Name: "key"}, {Name: "before"}, {Name: "after"}}},
		{Name: eventRead, Words: "Message of the outbox read", Fields: []auth.EventField{{Name: "kind"}, {Name: "to", Mark: auth.Personal}}},
		{Name: eventSent, Words: "Message of the outbox sent again", Fields: []auth.EventField{{Name: "kind"}, {Name: "to", Mark: auth.Personal}}},
		{Name: eventReleased, Words: "Kept messages sent", Fields: []auth.EventField{{Name: "count"}}},
		{Name: eventTested, Words: "Mail server tested", Fields: []auth.EventField{{Name: "to", Mark: auth.Personal}, {Name: "error"}}},
	}
}

// rollUps are the numbers per day that the overview always shows.
func rollUps() []plugins.RollUp {
	return []plugins.RollUp{
		{Name: "sign-ins", Words: "Sign-ins", Events: []string{eventSignIn}},
		{Name: "failed-sign-ins", Words: "Failed sign-ins", Events: []string{eventSignInFailed}},
	}
}

const testKind = "test-message"

// testMessage is what the settings page sends to the person who asks.
func testMessage() auth.Message {
	return auth.Message{Kind: testKind, Words: "Test message", Subject: "Test message from {{app}}", Sample: auth.MessageData{Name: "Ada Lovelace", Address: "ada@example.com"},
		Body: []words.Text{"# Mail works", "This message was asked for on the settings page. When you read it, messages of this server reach people."}}
}
