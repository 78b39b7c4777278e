package admin

import (
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

func handoverFor(u *ent.User) ask.Handover {
	return ask.Handover{Back: web.Button{Label: words.F("Back to %s", shownName(u)), Href: userURL(u.ID, "")},
		Trail: []web.Crumb{{Label: "Users", Href: usersPath}, {Label: words.Raw(shownName(u)), Href: userURL(u.ID, "")}}}
}

// access is what somebody needs to sign in with a password that an administrator knows.
func (s *Service) access(u *ent.User, password string, temporary bool) []ask.Item {
	item := ask.Item{Name: "Password", Value: password, Secret: true, Text: "They can change it in their account."}
	if temporary {
		item.Name, item.Text = "Temporary password", "They choose their own at the first sign-in."
	}
	return []ask.Item{{Name: "Sign in at", Value: s.host.Link(signInPath)}, {Name: "Email", Value: u.Email}, item}
}
