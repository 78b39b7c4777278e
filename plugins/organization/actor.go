package organization

import (
	"context"
	"slices"
	"time"

	"gatehouse/auth"
)

// actor is who acts in one organization. It is made once for a command, so that what is
// checked and what is done concern the same organization (SEC-126), and read anew for each
// request.
type actor struct {
	p   *auth.Principal // with what it holds in the organization
	org string
	// member is the membership in force of the person who acts; nil for administrators of
	// the platform who are no members, and for principals that are no people.
	member *membership
	// belongs says that the actor has a place in the organization: as a member, or as a
	// principal that holds something there or in every organization. Everybody else is a
	// stranger, to whom it is like one that does not exist.
	belongs bool
}

// actor reads who acts in an organization. An organization that does not exist is like a
// foreign one (SEC-136, decisions 24): nobody holds anything there, and administrators of
// the platform find out only when the command looks for it.
func (s *Service) actor(ctx context.Context, org string) (actor, error) {
	p, err := s.host.Principals.In(ctx, auth.PrincipalOf(ctx), org)
	if err != nil {
		return actor{}, err
	}
	a := actor{p: p, org: org}
	if isMember(p, org) {
		a.member, err = s.membership(ctx, org, p.Subject, s.now())
	}
	a.belongs = org != "" && (a.member != nil || len(p.ScopesIn(auth.In(org))) > 0 || s.everywhere(p))
	return a, err
}

// everywhere reports whether a principal holds something in every organization.
func (s *Service) everywhere(p *auth.Principal) bool {
	return p.Can(ScopeOwn) || slices.ContainsFunc(s.host.Scopes.ScopesIn(), func(scope auth.Scope) bool { return p.Can(scope.Name()) })
}

// isMember reports whether a principal acts as a member of an organization. A key acts by
// its own permissions, although its owner may be one (SEC-122).
func isMember(p *auth.Principal, org string) bool {
	return org != "" && slices.ContainsFunc(p.Explain(auth.In(org), ScopeRead), func(g auth.Grant) bool { return g.Source.Kind == sourceMembership })
}

// shown are the organizations of a subject that a principal sees without naming them: the
// memberships of a key's owner are not its own (SEC-122).
func shown(p *auth.Principal, organizations []string) []string {
	if p.Session != nil && !p.Session.Virtual {
		return organizations
	}
	return slices.DeleteFunc(organizations, func(id string) bool { return !p.CanIn(id, ScopeRead) })
}

// lasting is the actor with only what they hold until a moment at least; a zero one is for
// good.
func (a actor) lasting(until time.Time) actor {
	a.p = a.p.Lasting(until)
	return a
}

// gives refuses what the actor may not give until a moment, a zero one being for good. Where
// they may with an earlier end, the refusal says so at the field of the end.
func (a actor) gives(may func(until time.Time) (bool, error), until time.Time, refusal *auth.Error, field string) error {
	return a.p.Within(until, field, func(until time.Time) error {
		ok, err := may(until)
		if err == nil && !ok {
			err = deny(refusal)
		}
		return err
	})
}

// inPerson refuses what a person does for themselves to sessions that no row holds: to join,
// or not to, is not for a key of theirs, as their memberships are not its own (SEC-122).
func inPerson(ctx context.Context) error {
	if p := auth.PrincipalOf(ctx); p != nil && p.Session != nil && p.Session.Virtual {
		return auth.ErrCredentialScheme
	}
	return nil
}

// Can reports whether the actor holds a scope in the organization, or in all.
func (a actor) Can(scope string) bool { return a.p.CanIn(a.org, scope) }

// owns reports whether the actor has the rights of an owner: the creator's role, or the
// scope that gives them everywhere.
func (s *Service) owns(a actor) bool {
	return a.member != nil && a.member.has(s.creatorRole()) || a.p.Can(ScopeOwn)
}

func (s *Service) creatorRole() string { return s.cfg.Get().CreatorRole }
