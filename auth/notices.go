package auth

import (
	"context"
	"fmt"
	"time"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
)

// NoticeClass is what a notice tells of; a setting below mail.notices switches each off.
type NoticeClass string

// Classes of notices (SEC-204).
const (
	NoticeDevice   NoticeClass = "device"   // a sign-in from a browser that was not seen before
	NoticePassword NoticeClass = "password" // a password was chosen or changed
	NoticeAddress  NoticeClass = "address"  // the address of the account was changed
	NoticeFactors  NoticeClass = "factors"  // a way to sign in, a second factor or a key was added or removed
)

// noticeLife is how long an undelivered notice is worth delivering.
const noticeLife = 7 * 24 * time.Hour

// Notices tells people by mail of what happened to their way to sign in. A notice is
// written in the transaction of what it tells; it never makes that fail for want of a
// mail server.
type Notices struct {
	clock     Clock
	cfg       *settings.Core
	messages  *Messages
	languages *Languages
}

// Wanted reports whether notices of a class are sent.
func (n *Notices) Wanted(class NoticeClass) bool {
	cfg := n.cfg.Mail.Get().Notices
	switch class {
	case NoticeDevice:
		return cfg.Device
	case NoticePassword:
		return cfg.Password
	case NoticeAddress:
		return cfg.Address
	case NoticeFactors:
		return cfg.Factors
	}
	return false
}

// Changed tells a person of a change at their present address. kind is a declared
// message with a notice class; values fill its own places.
func (n *Notices) Changed(ctx context.Context, u *ent.User, kind string, values map[string]string) error {
	return n.ChangedAt(ctx, u, u.Email, kind, values)
}

// ChangedAt is Changed at another address, such as the one before.
func (n *Notices) ChangedAt(ctx context.Context, u *ent.User, to, kind string, values map[string]string) error {
	k, ok := n.messages.kinds[kind]
	if !ok || k.Notice == "" {
		return fmt.Errorf("message %q is not declared as a notice", kind)
	}
	if !n.Wanted(k.Notice) || !n.messages.Possible(ctx, mailChannel) {
		return nil
	}
	zone, err := n.languages.Zone(ctx, u.ID)
	if err != nil {
		return err
	}
	d := MessageData{User: u.ID, Name: u.Name, URL: n.link(), Values: values, Texts: map[string]words.Text{"when": words.Minute(n.clock().In(zone))}}
	if own(ctx, u.ID) {
		browser, _ := Browser(OriginOf(ctx).UserAgent)
		d.Texts["browser"], d.Texts["ip"] = browser, words.Raw(OriginOf(ctx).Address)
	}
	return n.messages.Send(ctx, kind, mailChannel, to, n.clock().Add(noticeLife), d)
}

// mailChannel is the name of the channel of mails.
const mailChannel = "mail"

// link is the page where a person sees their sessions and ends them.
func (n *Notices) link() string { return n.cfg.Top.Current().Origin() + "/account/sessions" }

// own reports whether the work is done from the person's own browser, or by somebody with
// a link that was mailed to them. What an administrator works with is not their business.
func own(ctx context.Context, user string) bool {
	p := PrincipalOf(ctx)
	return p == nil || p.Subject == user && !p.Impersonated()
}

// noticePlaces are what every notice can say.
func noticePlaces() []Place {
	return []Place{
		{"when", "When it happened"},
		{"browser", "Browser and system it was done with, if by the person"},
		{"ip", "The network address it came from, if by the person"},
	}
}

// NoticeFacts is the paragraph of a notice that says when and how.
const NoticeFacts words.Text = "When: {{when}}\nWith: {{browser}}\nFrom: {{ip}}"

// NoticeBody makes the body of a notice: heading and what happened, then when and how,
// the way to the sessions, and what to do if it was somebody else.
func NoticeBody(heading words.Text, said ...words.Text) []words.Text {
	body := append([]words.Text{heading, "Hello {{name}},"}, said...)
	return append(body, NoticeFacts, "Look through your sessions: {{link}}", "-- If this was not you, choose a new password at once and end the sessions you do not know.")
}

func withSampleNotice(d MessageData, now time.Time) MessageData {
	d.URL = "https://auth.example.com/account/sessions"
	browser, _ := Browser(sampleAgent)
	d.Texts = map[string]words.Text{"when": words.Minute(now.UTC()), "browser": browser, "ip": words.Raw("203.0.113.7")}
	return d
}

const sampleAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
