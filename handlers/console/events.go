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
	message := []auth.EventField{{Name: "kind", Words: "Message", Value: auth.AsMessage}, {Name: "to", Words: "To", Mark: auth.Personal}}
	return []auth.EventKind{
		exported(),
		{Name: eventSetting, Words: "Setting changed", Fields: []auth.EventField{{Name: "key", Words: "Setting", Value: auth.AsSetting},
			{Name: "before", Words: "Before", Value: auth.AsSettingOf}, {Name: "after", Words: "Afterwards", Value: auth.AsSettingOf}}},
		{Name: eventRead, Words: "Message of the outbox read", Fields: message},
		{Name: eventSent, Words: "Message of the outbox sent again", Fields: message},
		{Name: eventReleased, Words: "Kept messages sent", Fields: []auth.EventField{{Name: "count", Words: "Messages"}}},
		{Name: eventTested, Words: "Mail server tested", Fields: []auth.EventField{{Name: "to", Words: "To", Mark: auth.Personal}, {Name: "error", Words: "Error"}}},
	}
}

// exported is the event of a download of a list, with what its fields are for people.
func exported() auth.EventKind {
	kind := list.Event()
	for i, f := range kind.Fields {
		switch f.Name {
		case "list":
			f.Words, f.Value = "List", auth.AsScreen
			f.Choices = map[string]words.Text{"activity": "Activity", "throttled": "Addresses that have to wait"} // they are on pages of others
		case "format":
			f.Words, f.Choices = "Format", map[string]words.Text{"csv": "CSV", "jsonl": "JSON lines"}
		case "query":
			f.Words, f.Value = "Search and filters", auth.AsQuery
		}
		kind.Fields[i] = f
	}
	return kind
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
		Body: []words.Text{"# Mail works", "This message was sent from the settings page. If you can read it, messages of this server reach people."}}
}
