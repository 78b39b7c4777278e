package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/random"
	"gatehouse/auth/text"
	"gatehouse/ent"
	"gatehouse/plugins"
)

// Service decides what the core's commands do. It may be used from any goroutine once
// the server is built. Errors that people may see are *auth.Error with the wire's
// codes. It writes no cookies: see Finish and plugins.SessionDesk.
type Service struct{ h *plugins.Host }

// mailChannelName is the channel of all mails of the core.
const mailChannelName = "mail"

// MailPossible reports whether a mail can be sent: a transport is configured, or the
// server runs in development mode, where the outbox keeps it (decisions 31).
func (s *Service) MailPossible(ctx context.Context) bool {
	return s.h.Messages.Possible(ctx, mailChannelName)
}

// confirmLinks reports whether links that open a session or delete lead to a page with
// a button instead of acting (decisions 37).
func (s *Service) confirmLinks() bool { return s.h.Core.Settings.Mail.Get().Links == "confirm" }

// apiLink is the absolute address of an endpoint with a callback address in its query.
func (s *Service) apiLink(path, callbackURL string) string {
	return s.h.Link("/api/auth" + path + "callbackURL=" + text.EscapeURI(callbackURL))
}

// issue stores a one-time value for a user; what it means is encoded in data.
func (s *Service) issue(ctx context.Context, p auth.Purpose, token, subject string, data any, expires time.Time) error {
	value, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encoding a one-time value: %w", err)
	}
	return s.h.Verifications.Issue(ctx, token, auth.OneTime{Purpose: p, Subject: subject, Value: string(value), ExpiresAt: expires})
}

// decoy writes a value that nobody can redeem. It stands in for the write that a known
// address would have caused, so that an unknown one takes as long (SEC-014).
func (s *Service) decoy(ctx context.Context, p auth.Purpose, life time.Duration) error {
	return s.issue(ctx, p, random.ID(), "", struct{}{}, s.h.Clock().Add(life))
}

// send mails a message to a user; the outbox is written in the transaction of ctx.
func (s *Service) send(ctx context.Context, kind string, u *ent.User, to string, expires time.Time, d auth.MessageData) error {
	d.User, d.Name = u.ID, u.Name
	return s.h.Messages.Send(ctx, kind, mailChannelName, to, expires, d)
}

// confirmPassword checks the password of a signed-in person. Wrong ones count against
// the account as failed sign-ins do.
func (s *Service) confirmPassword(ctx context.Context, u *ent.User, password string) error {
	if err := s.h.Passwords.TooLong(password); err != nil {
		return err
	}
	account, err := s.h.Users.Credential(ctx, u.ID)
	if err != nil {
		return err
	}
	if account == nil || account.Password == nil {
		return auth.ErrCredentialAccountNotFound
	}
	if err := s.h.Attempts.Allow(ctx, u.Email, u); err != nil {
		return err
	}
	right, err := s.h.Passwords.Verify(ctx, u, password)
	if err != nil {
		return err
	}
	if !right {
		return s.refused(ctx, methodConfirmed, u, u.Email, auth.ErrInvalidPassword)
	}
	return s.h.Attempts.Succeeded(ctx, u.Email)
}

// refused counts and records a wrong credential and returns the answer.
func (s *Service) refused(ctx context.Context, method string, u *ent.User, address string, answer *auth.Error) error {
	reason := reasonPassword
	if u == nil {
		reason = reasonUnknown
	}
	err := s.h.DB.InTx(ctx, func(ctx context.Context, _ *auth.Tx) error {
		return errors.Join(s.h.Attempts.Failed(ctx, address, u), s.h.SignIns.Failed(ctx, method, reason, u))
	})
	if err != nil {
		return err
	}
	return answer
}

// Next sets the cookies of a step that has to come before a session. JSON routes then
// answer the step's Body, pages go to its Page.
func Next(c *plugins.Call, step *auth.NextStep) {
	for _, k := range step.Cookies {
		c.Desk.SetSigned(c, k.Key, k.Value, k.MaxAge)
	}
}

// Finish writes the cookies of an outcome: those of its session, or of its next step.
// It reports whether there is a session now. An empty outcome writes nothing.
func Finish(c *plugins.Call, out auth.Outcome) (signedIn bool, err error) {
	switch {
	case out.Next != nil:
		Next(c, out.Next)
		return false, nil
	case out.Issued != nil:
		return true, c.Desk.Issue(c, out.Issued)
	}
	return false, nil
}
