package auth

import (
	"context"
	"gatehouse/auth/words"
	"time"

	"gatehouse/ent"
)

// EventKind declares what can happen: its name, words for people, and how sensitive
// its fields are.
type EventKind struct {
	Name  string     // "user.created"
	Words words.Text // "User created"
	// Own are words for people who did it themselves, where Words speak of them as of others.
	Own  words.Text
	Icon string // beside it in lists; empty takes that of the part before the dot
	// Fields that the data may have. Undeclared fields are refused when recorded.
	Fields []EventField
	// Reasons are words for values of Event.Reason; codes of declared errors need none.
	Reasons map[string]words.Text
	// Failure kinds are shown as such.
	Failure bool
	// Organization kinds happen in organizations, or also there: their log offers them. An
	// event of another kind that names an organization is refused when recorded.
	Organization bool
}

// EventField is one member of an event's data: how it is treated, and how people read it.
type EventField struct {
	Name string
	Mark Mark
	// Words stand before the value: "New address". Only hidden fields have none.
	Words words.Text
	Value EventValue
	// Choices are words for the values of a field that has few.
	Choices map[string]words.Text
	// Hidden fields are for programs: they are stored and exported, and not shown.
	Hidden bool
}

// EventValue says what a value is, so that people read words, not what is stored.
type EventValue int

// What values are. Anything that is not what its field says is shown as it is stored.
const (
	AsStored      EventValue = iota // a text, a number, yes or no
	AsRoles                         // roles with commas between them
	AsMoment                        // a time
	AsProofs                        // proofs of a sign-in with commas between them
	AsMethod                        // the id of a sign-in method or of a provider
	AsSetting                       // the key of a setting
	AsSettingOf                     // a value of the setting that the field "key" names
	AsMessage                       // a kind of message
	AsTask                          // a kind of task
	AsScreen                        // the id of a list, which is that of its screen
	AsQuery                         // the query of a list
	AsCode                          // the code of a declared error
	AsLanguage                      // a language tag
	AsPermissions                   // permissions of a role in an organization, as it is stored: JSON of lists of actions by resource
	AsChanges                       // fields of a user with their values before and after, as Diff returns them
)

// Mark says how a field of an event is treated.
type Mark int

// Marks: personal fields are blanked when the person is deleted, secret fields are
// recorded as changed, never with a value.
const (
	Open Mark = iota
	Personal
	Secret
)

// Event is something that happened, as it is recorded.
type Event struct {
	Tx           *Tx
	ID           string
	Kind         string
	At           time.Time
	Actor        string // user id, ServerSubject or CommandLineSubject; "": nobody was signed in
	ActorName    string
	Scheme       string
	SubjectType  string // "user", "session", …
	Subject      string
	Organization string
	SessionID    string
	Origin       Origin
	Result       string // "success", "failure", "denied"
	Reason       string
	Data         map[string]any
}

// Sink gets events after the commit of their transaction, at least once.
type Sink struct {
	Name    string
	Kinds   []string // empty: all
	Deliver func(context.Context, Event) error
}

// EventOf is a stored event as sinks and screens see it.
func EventOf(row *ent.Event) Event {
	ev := Event{ID: row.ID, Kind: row.Kind, At: row.OccurredAt, Actor: row.ActorID, ActorName: row.ActorName, Scheme: row.Scheme,
		SubjectType: row.SubjectType, Subject: row.SubjectID, SessionID: row.SessionID, Result: row.Result, Reason: row.Reason, Data: row.Data,
		Origin: Origin{Address: row.IPAddress, UserAgent: row.UserAgent, RequestID: row.RequestID}}
	if row.OrganizationID != nil {
		ev.Organization = *row.OrganizationID
	}
	return ev
}
