package admin

import (
	"context"
	"gatehouse/auth/words"
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/ask"
	"gatehouse/web"
)

// Ways in which a link reaches a person.
const (
	byMail = "mail"
	byHand = "hand"
)

// askReset offers what is possible: a mail, or a link to hand over for those who rank
// high enough.
func askReset(s *Service, ctx context.Context, u *ent.User, can possible, form web.Form) web.Confirm {
	q := web.Confirm{Title: words.F("Send %s a link to a new password?", shownName(u)), Verb: "Send link", Text: words.F("It goes to %s and works once.", u.Email)}
	switch ready := s.mailReady(ctx); {
	case ready && can.ResetLink:
		q.Title, q.Verb, q.Text = words.F("A link to a new password for %s", shownName(u)), "Make link", "It works once. An earlier one stops working when a new password is chosen."
		q.Fields = []templ.Component{web.RadioCards{Name: "by", Legend: "How the link reaches them", Value: form.Or("by", byMail), Options: []web.Option{
			{Value: byMail, Label: "By mail", Hint: words.F("To %s.", u.Email)},
			{Value: byHand, Label: "I hand it over", Hint: "The link is shown to you, once. Who has it can take over the account."}}}}
	case ready:
	case can.ResetLink:
		q.Title, q.Verb = words.F("Make a link to a new password for %s?", shownName(u)), "Make link"
		q.Text = "No mail server is set, so the link is shown to you, once. Who has it can take over the account: hand it to nobody else."
	default:
		q.Text = "No mail server is set: the message waits in the outbox."
	}
	return q
}

// doReset mails the link, or shows it once. Without a mail server those who rank high
// enough get it shown; for the others the message waits.
func doReset(s *Service, c *plugins.Call, u *ent.User) error {
	can, err := s.possible(c.Context(), u)
	if err != nil {
		return err
	}
	if can.ResetLink && (c.Form("by") == byHand || !s.mailReady(c.Context())) {
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

func askSignInLink(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Make a link that signs %s in?", shownName(u)), Verb: "Make link",
		Text: words.F("It works once, for %s, and is shown to you now only. Who has it is in their account: hand it to nobody else. It is recorded.", web.Span(signInLinkLife))}
}

func doSignInLink(s *Service, c *plugins.Call, u *ent.User) error {
	r, err := s.SignInLink(c.Context(), u.ID)
	if err != nil {
		return err
	}
	h := handoverFor(u)
	h.Title, h.ExpiresAt = words.F("Sign-in link for %s", shownName(u)), r.ExpiresAt
	h.Items = []ask.Item{{Name: "Link to sign in", Value: r.Link, Secret: true, QR: true, Text: "It works once, and opens the account to whoever has it."}}
	return c.Page(http.StatusOK, h)
}

func askTemporary(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Give %s a temporary password?", shownName(u)), Verb: "Make password",
		Text: "It is made for you and shown once. Their sessions end, the former password stops working, and they choose their own at the next sign-in."}
}

func doTemporary(s *Service, c *plugins.Call, u *ent.User) error {
	password, err := s.SetTemporaryPassword(c.Context(), u.ID)
	if err != nil {
		return err
	}
	h := handoverFor(u)
	h.Title = words.F("Temporary password of %s", shownName(u))
	h.Items = s.access(u, password, true)
	return c.Page(http.StatusOK, h)
}

func askSendVerification(s *Service, ctx context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	q := web.Confirm{Title: words.F("Send %s a link to verify the address?", shownName(u)), Verb: "Send mail", Text: words.F("It goes to %s and works once.", u.Email)}
	if !s.mailReady(ctx) {
		q.Text = "No mail server is set: the message waits in the outbox."
	}
	return q
}

func doSendVerification(s *Service, c *plugins.Call, u *ent.User) error {
	if err := s.SendVerification(c.Context(), u.ID); err != nil {
		return err
	}
	return finished(c, u, words.F("A link went to %s.", u.Email))
}

func askVerify(_ *Service, _ context.Context, u *ent.User, _ possible, _ web.Form) web.Confirm {
	return web.Confirm{Title: words.F("Mark %s as verified?", u.Email), Verb: "Mark as verified", Text: "Do this when you know that the address is theirs. Some ways to sign in trust it."}
}

func doVerify(s *Service, c *plugins.Call, u *ent.User) error {
	if _, err := s.MarkVerified(c.Context(), u.ID); err != nil {
		return err
	}
	return finished(c, u, words.F("%s counts as verified.", u.Email))
}

func resetOnce(u *ent.User, r Recovery) ask.Handover {
	h := handoverFor(u)
	h.Title, h.ExpiresAt = words.F("Link for %s", shownName(u)), r.ExpiresAt
	h.Items = []ask.Item{{Name: "Link to a new password", Value: r.Link, Secret: true, QR: true, Text: "It works once, and opens the account to whoever has it."}}
	return h
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
