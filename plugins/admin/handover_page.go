package admin

import (
	"context"
	"strings"
	"time"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/web"
)

// handover shows what has to reach a person on another way: to the one who made it, once.
// It is not kept and cannot be shown again (decisions 36).
type handover struct {
	Title     words.Text
	Items     []handItem
	ExpiresAt time.Time // zero: no end of its own
	Back      web.Button
	Trail     []web.Crumb
}

// handItem is one thing to hand over.
type handItem struct {
	Name   words.Text
	Value  string
	Secret bool
	QR     bool
	Text   words.Text // what to do with it
}

func handoverFor(u *ent.User) handover {
	return handover{Back: web.Button{Label: words.F("Back to %s", shownName(u)), Href: userURL(u.ID, "")},
		Trail: []web.Crumb{{Label: "Users", Href: usersPath}, {Label: words.Raw(shownName(u)), Href: userURL(u.ID, "")}}}
}

// access is what somebody needs to sign in with a password that an administrator knows.
func (s *Service) access(u *ent.User, password string, temporary bool) []handItem {
	item := handItem{Name: "Password", Value: password, Secret: true, Text: "They can change it in their account."}
	if temporary {
		item.Name, item.Text = "Temporary password", "They choose their own at the first sign-in."
	}
	return []handItem{{Name: "Sign in at", Value: s.host.Link(signInPath)}, {Name: "Email", Value: u.Email}, item}
}

// plain is everything as one text to copy.
func (h handover) plain(ctx context.Context) string {
	var b strings.Builder
	for _, item := range h.Items {
		b.WriteString(words.F("%s: %s", item.Name, item.Value).In(ctx) + "\n")
	}
	if !h.ExpiresAt.IsZero() {
		b.WriteString(words.F("Good until %s", words.Minute(h.ExpiresAt.In(web.From(ctx).Zone))).In(ctx) + "\n")
	}
	return b.String()
}
