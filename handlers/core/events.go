package core

import (
	"gatehouse/auth"
	"gatehouse/auth/words"
)

// Methods of events that are on no page.
const (
	methodVerified  = "email-verification"
	methodConfirmed = "password-confirmation"
)

// Reasons of failed sign-ins that the wire has no code for, as it must not tell them apart.
const (
	reasonPassword = "wrong-password"
	reasonUnknown  = "unknown-user"
)

// ways are how an account came to be or was changed.
var ways = map[string]words.Text{
	"self": "by themselves", "sign-up": "signing up", "verification": "a link in a mail", "admin": "Administration", "admin-forced": "Administration, insisting",
	"invitation": "an invitation", "claim": "the claim link", "configuration": "the settings of the server",
}

// endings are why sessions ended.
var endings = map[string]words.Text{
	string(auth.EndedSignOut): "signed out", string(auth.EndedRevoked): "ended from elsewhere", string(auth.EndedPassword): "the password was changed",
	string(auth.EndedBan): "the person was banned", string(auth.EndedDeleted): "the account was deleted", string(auth.EndedExpired): "expired",
	string(auth.EndedReplaced): "replaced by another session", string(auth.EndedRestore): "a backup was restored",
}

// events are what the domain and the core record.
func events() []auth.EventKind {
	by := auth.EventField{Name: "by", Words: "Way", Choices: ways}
	amr := auth.EventField{Name: "amr", Words: "Proof", Value: auth.AsProofs}
	method := auth.EventField{Name: "method", Words: "Sign-in method", Value: auth.AsMethod}
	act := auth.EventField{Name: "kind", Words: "Act", Value: auth.AsTask}
	total := auth.EventField{Name: "total", Words: "Chosen"}
	language := auth.EventField{Name: "language", Words: "Language", Value: auth.AsLanguage}
	personal := func(name string, words words.Text) auth.EventField {
		return auth.EventField{Name: name, Words: words, Mark: auth.Personal}
	}
	return []auth.EventKind{
		{Name: "user.created", Words: "User created", Fields: fields(personal("email", "Address"), by)},
		{Name: "user.updated", Words: "User changed", Fields: fields(auth.EventField{Name: "changes", Words: "Changes", Value: auth.AsChanges, Mark: auth.Personal}, by)},
		{Name: "user.deleted", Words: "User deleted", Fields: fields(by)},
		{Name: "user.deletion-requested", Words: "Deletion of the account asked for"},
		{Name: "session.created", Words: "Session opened", Fields: fields(amr)},
		{Name: "session.proved", Words: "Identity proved again", Fields: fields(amr)},
		{Name: "session.ended", Words: "Sessions ended", Fields: fields(auth.EventField{Name: "count", Words: "Sessions"}), Reasons: endings},
		{Name: "sign-in.succeeded", Words: "Signed in", Fields: fields(method)},
		{Name: "sign-in.failed", Words: "Sign-in failed", Fields: fields(method), Failure: true,
			Reasons: map[string]words.Text{reasonPassword: "wrong password", reasonUnknown: "nobody has this address"}},
		{Name: "lockout.released", Words: "Locked account released", Fields: fields(personal("account", "Account"), auth.EventField{Name: "failures", Words: "Failed tries"})},
		{Name: "limit.released", Words: "Limit of an address lifted", Fields: fields(personal("address", "Address"), auth.EventField{Name: "path", Words: "Path"})},
		{Name: "password.changed", Words: "Password changed"},
		{Name: "password.reset-requested", Words: "Link to a new password made"},
		{Name: "password.reset", Words: "Password reset"},
		{Name: "email.verified", Words: "Address verified", Fields: fields(personal("email", "Address"))},
		{Name: "email.change-requested", Words: "Change of address asked for", Fields: fields(personal("to", "New address"))},
		{Name: "email.change-cancelled", Words: "Change of address given up", Fields: fields(personal("to", "New address"))},
		{Name: "email.changed", Words: "Address changed", Fields: fields(personal("from", "Old address"), personal("to", "New address"))},
		{Name: "device.forgotten", Words: "Known device forgotten"},
		{Name: "data.exported", Words: "Copy of all data downloaded"},
		{Name: "account.unlinked", Words: "Sign-in method removed", Fields: fields(auth.EventField{Name: "provider", Words: "Sign-in method", Value: auth.AsMethod})},
		{Name: "task.started", Words: "Task started", Fields: fields(act, total)},
		{Name: "task.finished", Words: "Task finished", Fields: fields(act, total, auth.EventField{Name: "skipped", Words: "Left out"})},
		{Name: "task.stopped", Words: "Task stopped", Fields: fields(act, total, auth.EventField{Name: "done", Words: "Done before"})},
		{Name: auth.EventReworded, Words: "Wording of a message changed", Fields: fields(language)},
		{Name: auth.EventReset, Words: "Wording of a message set back", Fields: fields(language)},
		{Name: "message.throttled", Words: "Message not sent: too many to one address", Fields: fields(personal("to", "To")), Failure: true},
	}
}

func fields(list ...auth.EventField) []auth.EventField { return list }
