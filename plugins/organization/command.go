package organization

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/organization"
	"gatehouse/ent/user"
)

// command is one change of an organization: its transaction, who acts, and the row, which
// is locked until the end, so that of parallel changes each sees what the others did
// (SEC-130, SEC-133).
type command struct {
	tx  *auth.Tx
	by  actor
	org *ent.Organization
	// after are the hooks that run when all is done.
	after []func(context.Context) error
}

// ent is the access to the rows of the organization, and of no other.
func (c *command) ent() ent.OrganizationAccess { return c.tx.Organization(c.org.ID) }

// then adds what runs after the transaction; its error is the answer, what was done stays.
func (c *command) then(fn func(context.Context) error) { c.after = append(c.after, fn) }

// change runs a command on an organization. Those who do not belong there get the given
// error, and so does everybody where there is no such organization. Refusals are recorded.
func (s *Service) change(ctx context.Context, org string, stranger *auth.Error, fn func(context.Context, *command) error) error {
	// Strangers wait for no lock and hold none up.
	who, err := s.actor(ctx, org)
	if err != nil {
		return err
	}
	if !who.belongs {
		return s.refused(ctx, who, stranger)
	}
	var c *command
	err = s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		c = &command{tx: tx}
		if c.org, err = s.lock(ctx, tx, org); err != nil {
			return err
		}
		p, err := s.host.Principals.Anew(ctx, who.p, org)
		if err != nil {
			return err
		}
		if c.by, err = s.actor(auth.WithPrincipal(ctx, p), org); err != nil {
			return err
		}
		if c.org == nil || !c.by.belongs {
			return deny(stranger)
		}
		return fn(ctx, c)
	})
	if err != nil {
		return s.told(ctx, who, err)
	}
	return run(ctx, c.after)
}

func run(ctx context.Context, after []func(context.Context) error) error {
	for _, fn := range after {
		if err := fn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lock reads an organization for a change; nil when there is none. On SQLite writers wait
// for each other anyway.
func (s *Service) lock(ctx context.Context, tx *auth.Tx, org string) (*ent.Organization, error) {
	q := tx.Organization(org).Organization().Query().Where(organization.ID(org))
	if s.host.DB.Dialect() != dialect.SQLite {
		q.ForUpdate()
	}
	row, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("locking an organization: %w", err)
	}
	return row, nil
}

// Hold implements organizationapi.Directory.
func (s *Service) Hold(ctx context.Context, tx *auth.Tx, org string) (bool, error) {
	row, err := s.lock(ctx, tx, org)
	return row != nil, err
}

// lockUser makes changes that count what one person has wait for each other.
func (s *Service) lockUser(ctx context.Context, tx *auth.Tx, id string) (*ent.User, error) {
	q := tx.User().Query().Where(user.ID(id))
	if s.host.DB.Dialect() != dialect.SQLite {
		q.ForUpdate()
	}
	row, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("locking a person: %w", err)
	}
	return row, nil
}

// errDenied is the cause of refusals that concern what the actor may do.
var errDenied = errors.New("the actor may not do this")

// deny makes an error one that is recorded as a refusal once the transaction has ended.
func deny(e *auth.Error) *auth.Error { return e.Because(errDenied) }

// needs refuses an actor who lacks a scope. Whoever may see what others may do is told what
// is missing, and which roles give it; others get the answer of the wire.
func (a actor) needs(scope string, e *auth.Error) error {
	if a.Can(scope) {
		return nil
	}
	if a.Can(auth.ScopeExplain) {
		e = e.ForIn(a.org, scope)
	}
	return deny(e)
}

// told records an error if it is a refusal, and returns it.
func (s *Service) told(ctx context.Context, a actor, err error) error {
	if errors.Is(err, errDenied) {
		_ = s.refused(ctx, a, auth.AsError(err))
	}
	return err
}

// refused records that an act was refused and returns the refusal. A refusal that cannot be
// recorded stays one. What strangers try is not among what happened in the organization.
func (s *Service) refused(ctx context.Context, a actor, refusal *auth.Error) error {
	if refusal.Code == "" || a.p == nil {
		return refusal
	}
	ev := auth.Event{Kind: eventRefused, SubjectType: subjectOrganization, Subject: a.org, Result: "denied", Data: map[string]any{"code": refusal.Code}}
	if a.belongs {
		ev.Organization = a.org
	}
	if err := s.host.Events.Record(ctx, ev); err != nil {
		s.host.Log.WarnContext(ctx, "refusal not recorded", "code", refusal.Code, "error", err)
	}
	return refusal
}

// visit resolves who looks at an organization. Strangers get the given error, and so does
// everybody where there is no such organization.
func (s *Service) visit(ctx context.Context, org string, stranger *auth.Error) (actor, error) {
	a, err := s.actor(ctx, org)
	if err != nil || a.member != nil {
		return a, err
	}
	if !a.belongs {
		return a, stranger
	}
	row, err := s.byID(ctx, org)
	if err == nil && row == nil {
		err = stranger
	}
	return a, err
}

// person is the user behind the principal of the context; nil where it is no person.
func (s *Service) person(ctx context.Context) (*ent.User, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, nil
	}
	return s.host.Users.ByID(ctx, p.Subject)
}
