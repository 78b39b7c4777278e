package admin

import (
	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
)

// messageInvitation is the kind of the mail that carries an invitation.
const messageInvitation = "platform-invitation"

func messages() []auth.Message {
	return []auth.Message{{
		Kind: messageInvitation, Words: "Invitation to the server", Needs: []string{mail.PlaceLink},
		Subject: "Invitation to {{app}}",
		Body: []words.Text{"# You are invited to {{app}}", "Hello {{name}},", "{{inviter}} invites you to make an account at {{app}}.",
			"The link works once and for {{time}}.", "Accept the invitation: {{link}}",
			"-- If you did not expect this, you can ignore it: nothing happens without you."},
		Places: []auth.Place{{Name: "inviter", Words: "Who invites"}, {Name: "time", Words: "How long the link works"}},
		Sample: auth.MessageData{Name: "Kim", URL: "https://auth.example.com/accept-invitation/sample", Values: map[string]string{"inviter": "Robin", "time": "7 days"}},
	}}
}
