package core

import (
	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
)

// Small print of mails with a link: for those who did not ask for it, and for those who
// have reason to worry.
const (
	notAsked words.Text = "-- If you did not ask for this, you can ignore this mail."
	notYou   words.Text = "-- If this was not you, choose a new password at once and look through your sessions."
	hello    words.Text = "Hello {{name}},"
)

// newEmail is the place of the address that somebody changes to.
var newEmail = auth.Place{Name: "newEmail", Words: "The new address"}

// sample is the data of previews.
func sample(values map[string]string) auth.MessageData {
	return auth.MessageData{Name: "Ada Lovelace", Address: "ada@example.com", URL: "https://auth.example.com/link", Values: values}
}

// messages are the mails of the core.
func messages() []auth.Message {
	link := []string{mail.PlaceLink}
	address := sample(map[string]string{newEmail.Name: "ada@example.org"})
	return append([]auth.Message{
		{Kind: "verify-email", Words: "Verify an address", Needs: link, Sample: sample(nil),
			Subject: "Verify your address – {{app}}",
			Body: []words.Text{"# Verify your address", hello, "Please confirm that this address is yours.",
				"Verify address: {{link}}", notAsked}},
		{Kind: "reset-password", Words: "Choose a new password", Needs: link, Sample: sample(nil),
			Subject: "Reset your password – {{app}}",
			Body: []words.Text{"# Choose a new password", hello,
				"Somebody, probably you, asked for a new password for your account. The link works once.",
				"Choose a new password: {{link}}", notAsked}},
		{Kind: "change-email-confirm", Words: "Approve a change of address, sent to the old one", Needs: link, Places: []auth.Place{newEmail}, Sample: address,
			Subject: "Approve your new address – {{app}}",
			Body: []words.Text{"# Approve your new address", hello, "You asked to change the address of your account to {{newEmail}}.",
				"Approve it, and the new address gets a link to finish.", "Approve the change: {{link}}", notYou}},
		{Kind: "change-email-verify", Words: "Confirm a change of address, sent to the new one", Needs: link, Places: []auth.Place{newEmail}, Sample: address,
			Subject: "Confirm your new address – {{app}}",
			Body: []words.Text{"# Confirm your new address", hello, "Open the link to make this the address of your account.",
				"Confirm address: {{link}}", notAsked}},
		{Kind: "delete-account", Words: "Confirm the deletion of an account", Needs: link, Sample: sample(nil),
			Subject: "Confirm the deletion of your account – {{app}}",
			Body: []words.Text{"# Delete your account?", hello, "You asked to delete your account. This cannot be undone.",
				"Delete account: {{link}}", notYou}},
		{Kind: "existing-account", Words: "Sign-up with an address that has an account", Needs: link, Sample: sample(nil),
			Subject: "You already have an account – {{app}}",
			Body: []words.Text{"# You already have an account", hello,
				"Somebody, probably you, tried to sign up with this address. There is an account for it already; just sign in.",
				"Sign in: {{link}}", notAsked}},
	}, notices()...)
}

// notices tell people of changes to their sign-in.
func notices() []auth.Message {
	return []auth.Message{
		{Kind: auth.MessageNewDevice, Words: "Notice: sign-in from a new device", Notice: auth.NoticeDevice, Sample: sample(nil),
			Subject: "New sign-in to your account – {{app}}",
			Body:    auth.NoticeBody("# New sign-in to your account", "Somebody, probably you, signed in from a browser that was not seen before.")},
		{Kind: "password-changed", Words: "Notice: password changed", Notice: auth.NoticePassword, Sample: sample(nil),
			Subject: "Your password was changed – {{app}}",
			Body:    auth.NoticeBody("# Your password was changed", "The password of your account was changed.")},
		{Kind: "password-reset", Words: "Notice: password reset", Notice: auth.NoticePassword, Sample: sample(nil),
			Subject: "Your password was reset – {{app}}",
			Body:    auth.NoticeBody("# Your password was reset", "A new password was chosen for your account with a link from a mail.")},
		{Kind: "email-changed", Words: "Notice: address changed, sent to the old one", Notice: auth.NoticeAddress, Places: []auth.Place{newEmail},
			Sample:  sample(map[string]string{newEmail.Name: "ada@example.org"}),
			Subject: "Your address was changed – {{app}}",
			Body: []words.Text{"# Your address was changed", hello, "The address of your account is now {{newEmail}}. Mails no longer come here.", auth.NoticeFacts,
				"-- If this was not you, tell the operator of this server at once."}},
		{Kind: "email-changed-new", Words: "Notice: address changed, sent to the new one", Notice: auth.NoticeAddress, Sample: sample(nil),
			Subject: "Your address was changed – {{app}}",
			Body:    auth.NoticeBody("# Your address was changed", "This is now the address of your account: sign in with it, and mails come here.")},
		{Kind: "account-unlinked", Words: "Notice: sign-in method removed", Notice: auth.NoticeFactors,
			Places: []auth.Place{{Name: "provider", Words: "The way to sign in that was removed"}}, Sample: sample(map[string]string{"provider": "github"}),
			Subject: "A way to sign in was removed – {{app}}",
			Body:    auth.NoticeBody("# A way to sign in was removed", "You can no longer sign in with {{provider}}.")},
	}
}
