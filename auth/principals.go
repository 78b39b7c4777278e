package auth

import (
	"context"
	"maps"
	"time"

	"gatehouse/ent"
)

// Principals builds principals from the grant sources of the plugins.
type Principals struct {
	clock   Clock
	sources []namedSource
	fields  *Fields
}

type namedSource struct {
	plugin string
	GrantSource
}

// Add adds the grant sources of a plugin.
func (p *Principals) Add(plugin string, sources ...GrantSource) {
	for _, s := range sources {
		p.sources = append(p.sources, namedSource{plugin, s})
	}
}

// OfSession builds the principal of a living session.
func (p *Principals) OfSession(ctx context.Context, c *Current, facts *SessionFacts) (*Principal, error) {
	principal, err := p.build(ctx, Facts{User: c.User, Session: facts, Row: c.Session, At: p.clock()}, c.Scheme)
	if err != nil {
		return nil, err
	}
	claims := principal.Claims
	claims["sessionId"] = facts.ID
	if len(facts.AMR) > 0 {
		claims["amr"] = facts.AMR
	}
	if !facts.AuthenticatedAt.IsZero() {
		claims["authTime"] = facts.AuthenticatedAt.Unix()
	}
	if facts.ImpersonatedBy != "" {
		claims["impersonatedBy"] = facts.ImpersonatedBy
	}
	return principal, nil
}

// OfUser builds the principal a person would have, without any session: what an
// administrator asks about others.
func (p *Principals) OfUser(ctx context.Context, u *ent.User) (*Principal, error) {
	return p.build(ctx, Facts{User: u, At: p.clock()}, SchemeSession)
}

func (p *Principals) build(ctx context.Context, f Facts, scheme string) (*Principal, error) {
	claims := map[string]any{"email": f.User.Email, "emailVerified": f.User.EmailVerified}
	var grants []Grant
	var roles []string
	for _, s := range p.sources {
		given, err := s.Grants(ctx, f)
		if err != nil {
			return nil, err
		}
		if given.Deny != nil {
			return nil, given.Deny
		}
		for i := range given.Grants {
			given.Grants[i].Source.Plugin = s.plugin
		}
		grants = append(grants, given.Grants...)
		roles = append(roles, given.Roles...)
		maps.Copy(claims, given.Claims)
		if f.Session != nil && given.ImpersonatedBy != "" {
			f.Session.ImpersonatedBy = given.ImpersonatedBy
			f.Session.ReadOnly, f.Session.APIWrites = given.ReadOnly, given.APIWrites
		}
	}
	who := Principal{Subject: f.User.ID, Scheme: scheme, Roles: roles, Claims: claims, Session: f.Session, Name: f.User.Name, Email: f.User.Email}
	if f.User.Image != nil {
		who.Image = *f.User.Image
	}
	return NewPrincipal(who, grants, f.At), nil
}

// WhoHolds lists the subjects that hold a scope in a realm.
func (p *Principals) WhoHolds(ctx context.Context, r Realm, scope string) ([]Holder, error) {
	var all []Holder
	for _, s := range p.sources {
		if s.Holders == nil {
			continue
		}
		list, err := s.Holders(ctx, r, scope, p.clock())
		if err != nil {
			return nil, err
		}
		for i := range list {
			list[i].Source.Plugin = s.plugin
		}
		all = append(all, list...)
	}
	return all, nil
}

// Subjects of principals that are no people.
const (
	ServerSubject      = "job" // the server's own jobs
	CommandLineSubject = "command-line"
)

// System is the principal of work that no person asked for.
func System(name string) *Principal {
	return NewPrincipal(Principal{Subject: name, Scheme: name, Name: name}, nil, time.Time{})
}
