package admin

import (
	"context"
	"gatehouse/auth/words"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

func askReset(s *Service, ctx context.Context, u *ent.User, can possible, _ web.Form) web.Confirm {
	q := web.Confirm{Title: words.F("Send %s a link to a new password?", shownName(u)), Verb: "Send link", Text: words.F("It goes to %s and works once.", u.Email)}
	switch {
	case s.mailReady(ctx):
	case can.ResetLink:
		q.Title, q.Verb = words.F("Make a link to a new password for %s?", shownName(u)), "Make link"
		q.Text = "No mail server is set, so the link is shown to you, once. Who has it can take over the account: hand it to nobody else."
	default:
		q.Text = "No mail server is set: the message waits in the outbox."
	}
	return q
}

// doReset mails the link. Without a mail server those who rank high enough get it shown,
// once; for the others the message waits.
func doReset(s *Service, c *plugins.Call, u *ent.User) error {
	can, err := s.possible(c.Context(), u)
	if err != nil {
		return err
	}
	if !s.mailReady(c.Context()) && can.ResetLink {
		if !s.host.Sessions.Proved(c.Principal().Session) {
			return auth.ErrStepUpRequired // who has the link can take the account
		}
		r, err := s.ResetLink(c.Context(), u.ID)
		if err != nil {
			return err
		}
		return c.Page(http.StatusOK, resetOnce(u, r))
	}
	if _, err := s.SendReset(c.Context(), u.ID); err != nil {
		return err
	}
	return finished(c, u, words.F("A link went to %s.", u.Email))
}

// onceView shows a link to the one who made it. It is not kept and cannot be shown again
// (decisions 36).
type onceView struct {
	Title, Text words.Text
	Name        words.Text // of the link
	Link        string
	Advice      words.Text
	ExpiresAt   time.Time
	Back        web.Button
	Trail       []web.Crumb
}

func resetOnce(u *ent.User, r Recovery) onceView {
	return onceView{Title: words.F("Link for %s", shownName(u)), Text: "Hand it over on a way that only they can read.", Name: "Link to a new password", Link: r.Link,
		Advice: "It works once, and opens the account to whoever has it.", ExpiresAt: r.ExpiresAt,
		Back:  web.Button{Label: words.F("Back to %s", shownName(u)), Href: userURL(u.ID, "")},
		Trail: []web.Crumb{{Label: "Users", Href: usersPath}, {Label: words.Raw(shownName(u)), Href: userURL(u.ID, "")}}}
}

func askPassword(s *Service, _ context.Context, u *ent.User, can possible, form web.Form) web.Confirm {
	text := words.Text("They can sign in with it at once.")
	if s.host.Core.Settings.Password.Get().RevokeSessionsOnChange {
		text = "They can sign in with it at once. Their sessions end."
	}
	return web.Confirm{Title: words.F("Set the password of %s", shownName(u)), Text: text, Verb: "Set password", Fields: []templ.Component{
		form.Fill(web.Field{Name: "password", ID: "new-password", Label: "New password", Type: web.Password, Autocomplete: "new-password",
			Hint: words.N(s.host.Core.Settings.Password.Get().Min, "At least one character.", "At least %d characters.")})}}
}

func doPassword(s *Service, c *plugins.Call, u *ent.User) error {
	if err := s.SetPassword(c.Context(), u.ID, c.FormRaw("password")); err != nil {
		return atPassword(err)
	}
	return finished(c, u, words.F("The password of %s is set.", shownName(u)))
}

// atPassword puts refusals of a new password beside its field.
func atPassword(err error) error {
	e := auth.AsError(err)
	if e.Status == http.StatusBadRequest && len(e.Fields) == 0 {
		return e.At("password")
	}
	return err
}
