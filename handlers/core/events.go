package core

import "gatehouse/auth"

func open(names ...string) []auth.EventField {
	var list []auth.EventField
	for _, n := range names {
		list = append(list, auth.EventField{Name: n})
	}
	return list
}

func personal(names ...string) []auth.EventField {
	list := open(names...)
	for i := range list {
		list[i].Mark = auth.Personal
	}
	return list
}

// events are what the domain and the core record.
func events() []auth.EventKind {
	return []auth.EventKind{
		{Name: "user.created", Words: "User created", Fields: append(personal("email"), open("by")...)},
		{Name: "user.updated", Words: "User changed", Fields: append(personal("changes"), open("by")...)},
		{Name: "user.deleted", Words: "User deleted", Fields: open("by")},
		{Name: "user.deletion-requested", Words: "Deletion of the account asked for"},
		{Name: "session.created", Words: "Session opened", Fields: open("amr")},
		{Name: "session.proved", Words: "Identity proved again", Fields: open("amr")},
		{Name: "session.ended", Words: "Sessions ended", Fields: open("count")},
		{Name: "sign-in.succeeded", Words: "Signed in", Fields: open("method")},
		{Name: "sign-in.failed", Words: "Sign-in failed", Fields: open("method"), Failure: true},
		{Name: "lockout.released", Words: "Locked account released", Fields: append(personal("account"), open("failures")...)},
		{Name: "limit.released", Words: "Limit of an address lifted", Fields: append(personal("address"), open("path")...)},
		{Name: "password.changed", Words: "Password changed"},
		{Name: "password.reset-requested", Words: "Link to a new password made"},
		{Name: "password.reset", Words: "Password reset"},
		{Name: "email.verified", Words: "Address verified", Fields: personal("email")},
		{Name: "email.change-requested", Words: "Change of address asked for", Fields: personal("to")},
		{Name: "email.change-cancelled", Words: "Change of address given up", Fields: personal("to")},
		{Name: "email.changed", Words: "Address changed", Fields: personal("from", "to")},
		{Name: "device.forgotten", Words: "Known device forgotten"},
		{Name: "data.exported", Words: "Copy of all data downloaded"},
		{Name: "account.unlinked", Words: "Sign-in method removed", Fields: open("provider")},
		{Name: "task.started", Words: "Act on many started", Fields: open("kind", "total")},
		{Name: "task.finished", Words: "Act on many finished", Fields: open("kind", "total", "skipped")},
		{Name: "task.stopped", Words: "Act on many stopped", Fields: open("kind", "total", "done")},
		{Name: auth.EventReworded, Words: "Wording of a message changed", Fields: open("language")},
		{Name: auth.EventReset, Words: "Wording of a message set back", Fields: open("language")},
		{Name: "message.throttled", Words: "Message not sent: too many to one address", Fields: personal("to"), Failure: true},
	}
}
