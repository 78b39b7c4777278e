package core

import (
	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
)

// letter is the text of a message.
type letter struct {
	kind    string
	words   words.Text
	subject string
	title   string
	lines   func(auth.MessageData) []string
	action  string // label of the link; empty shows none
	footer  string
}

const (
	notAsked = "If you did not ask for this, you can ignore this mail."
	notYou   = "If this was not you, choose a new password at once and look through your sessions."
)

func lines(l ...string) func(auth.MessageData) []string {
	return func(auth.MessageData) []string { return l }
}

// letters are the mails of the core.
func letters() []letter {
	return []letter{
		{"verify-email", "Verify an address", "Verify your address", "Verify your address",
			lines("Please confirm that this address is yours."), "Verify address", notAsked},
		{"reset-password", "Choose a new password", "Reset your password", "Choose a new password",
			lines("Somebody, probably you, asked for a new password for your account. The link works once."), "Choose a new password", notAsked},
		{"change-email-confirm", "Approve a change of address, sent to the old one", "Approve your new address", "Approve your new address",
			func(d auth.MessageData) []string {
				return []string{"You asked to change the address of your account to " + d.Values["newEmail"] + ".", "Approve it, and the new address gets a link to finish."}
			}, "Approve the change", notYou},
		{"change-email-verify", "Confirm a change of address, sent to the new one", "Confirm your new address", "Confirm your new address",
			lines("Open the link to make this the address of your account."), "Confirm address", notAsked},
		{"delete-account", "Confirm the deletion of an account", "Confirm the deletion of your account", "Delete your account?",
			lines("You asked to delete your account. This cannot be undone."), "Delete account", notYou},
		{"existing-account", "Sign-up with an address that has an account", "You already have an account", "You already have an account",
			lines("Somebody, probably you, tried to sign up with this address. There is an account for it already; just sign in."), "Sign in", notAsked},
		{"password-changed", "Notice: password changed", "Your password was changed", "Your password was changed",
			lines("The password of your account was changed."), "Your account", notYou},
		{"password-reset", "Notice: password reset", "Your password was reset", "Your password was reset",
			lines("A new password was chosen for your account with a link from a mail."), "Your account", notYou},
		{"email-changed", "Notice: address changed, sent to the old one", "Your address was changed", "Your address was changed",
			func(d auth.MessageData) []string {
				return []string{"The address of your account is now " + d.Values["newEmail"] + ". Mails no longer come here."}
			}, "", "If this was not you, tell the operator of this server at once."},
		{"account-unlinked", "Notice: sign-in method removed", "A way to sign in was removed", "A way to sign in was removed",
			func(d auth.MessageData) []string {
				return []string{"You can no longer sign in with " + d.Values["provider"] + "."}
			}, "Your account", notYou},
	}
}

func messages() []auth.Message {
	var list []auth.Message
	for _, l := range letters() {
		list = append(list, auth.Message{Kind: l.kind, Words: l.words, Render: l.render, Sample: auth.MessageData{
			AppName: "Gatehouse", Name: "Ada Lovelace", Address: "ada@example.com", URL: "https://auth.example.com/link",
			Values: map[string]string{"newEmail": "ada@example.org", "provider": "github"}}})
	}
	return list
}

func (l letter) render(_ string, d auth.MessageData) (string, mail.Content) {
	c := mail.Content{Product: d.AppName, Lang: "en", Title: l.title, Lines: l.lines(d), Footer: l.footer}
	if d.Name != "" {
		c.Greeting = "Hello " + mail.Name(d.Name) + ","
	}
	if l.action != "" {
		c.ActionLabel, c.ActionURL = l.action, d.URL
	}
	return l.subject + " – " + d.AppName, c
}
