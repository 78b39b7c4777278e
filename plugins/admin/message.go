package admin

import (
	"fmt"

	"gatehouse/auth"
	"gatehouse/auth/mail"
)

// messageInvitation is the kind of the mail that carries an invitation.
const messageInvitation = "platform-invitation"

func messages() []auth.Message {
	return []auth.Message{{
		Kind: messageInvitation, Words: "Invitation to the server",
		Sample: auth.MessageData{AppName: "Gatehouse", Name: "Kim", URL: "https://auth.example.com/accept-invitation/sample",
			Values: map[string]string{"inviter": "Robin", "days": "7"}},
		Render: renderInvitation,
	}}
}

// renderInvitation writes the mail in English; other languages come by translation.
func renderInvitation(_ string, d auth.MessageData) (string, mail.Content) {
	who := mail.Name(d.Values["inviter"])
	if who == "" {
		who = "An administrator"
	}
	c := mail.Content{Product: d.AppName, Title: "You are invited to " + d.AppName,
		Lines: []string{
			fmt.Sprintf("%s invites you to make an account at %s.", who, d.AppName),
			fmt.Sprintf("The link works once and for %s days.", d.Values["days"]),
		},
		ActionLabel: "Accept the invitation", ActionURL: d.URL,
		Footer: "If you did not expect this, you can ignore it: nothing happens without you."}
	if name := mail.Name(d.Name); name != "" {
		c.Greeting = "Hello " + name + ","
	}
	return mail.Line("Invitation to " + d.AppName), c
}
