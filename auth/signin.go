package auth

import (
	"context"

	"gatehouse/auth/settings"
	"gatehouse/ent"
)

// SignIns turns a proven first factor into a session, or into the step that has to
// come before it. Every sign-in method ends here.
type SignIns struct {
	db       *DB
	cfg      *settings.Core
	moments  *Moments
	sessions *Sessions
	events   *Events
}

// Outcome is what a sign-in came to: exactly one field is set.
type Outcome struct {
	Issued *Issued
	Next   *NextStep
}

// Complete asks the plugins whether the identity may sign in, and makes the session.
// Nothing is stored and nothing usable leaves the server before all factors are
// verified (SEC-065).
func (s *SignIns) Complete(ctx context.Context, f FirstFactor) (Outcome, error) {
	var out Outcome
	err := s.db.InTx(ctx, func(ctx context.Context, _ *Tx) error {
		if err := s.moments.FirstFactorProven.Run(ctx, &f); err != nil {
			return err
		}
		if f.Next != nil {
			out.Next = f.Next
			return nil
		}
		remember := f.Remember && s.cfg.SignIn.Current().Remember != settings.RememberNever
		issued, err := s.sessions.Create(ctx, NewSession{User: f.User, Remember: remember, AMR: f.AMR, Set: f.Set})
		if err != nil {
			return err
		}
		out.Issued = issued
		return s.events.Record(ctx, Event{Kind: "sign-in.succeeded", SubjectType: "user", Subject: f.User.ID,
			Actor: f.User.ID, ActorName: f.User.Name, SessionID: issued.Session.ID, Data: map[string]any{"method": f.Method}})
	})
	return out, err
}

// Failed records a sign-in that did not succeed. user may be nil.
func (s *SignIns) Failed(ctx context.Context, method, reason string, u *ent.User) error {
	ev := Event{Kind: "sign-in.failed", SubjectType: "user", Reason: reason, Data: map[string]any{"method": method}}
	if u != nil {
		ev.Subject = u.ID
	}
	return s.events.Record(ctx, ev)
}
