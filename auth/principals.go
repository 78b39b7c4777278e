package auth

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/ent"
)

// Principals builds principals from the grant sources of the plugins.
type Principals struct {
	clock   Clock
	scopes  *Catalogue
	sources []namedSource
	fields  *Fields
	// subjects are what questions can be asked about, kinds which plugin knows a kind.
	subjects []SubjectSource
	kinds    map[string]string
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
	principal, err := p.build(ctx, Facts{Subject: c.User.ID, User: c.User, Session: facts, Row: c.Session, At: p.clock()}, c.Scheme)
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
	return p.build(ctx, Facts{Subject: u.ID, User: u, At: p.clock()}, SchemeSession)
}

// Denied is why a person has no principal now, such as a ban; nil for none. It is OfUser
// without the cost of a principal.
func (p *Principals) Denied(u *ent.User) *Error {
	return p.denied(Facts{Subject: u.ID, User: u, At: p.clock()})
}

func (p *Principals) denied(f Facts) *Error {
	for _, s := range p.sources {
		if s.Deny != nil {
			if deny := s.Deny(f); deny != nil {
				return deny
			}
		}
	}
	return nil
}

// Explained is OfUser with what is over and what has not begun beside it (Lapsed): for
// explanations. It may do the same.
func (p *Principals) Explained(ctx context.Context, u *ent.User) (*Principal, error) {
	return p.build(ctx, Facts{Subject: u.ID, User: u, At: p.clock(), Whole: true}, SchemeSession)
}

// In returns the principal with what it holds in one organization besides, asked anew
// unless that is in it already. A principal whose grants are fixed, such as that of a key,
// is returned as it is; nobody stays nobody.
func (p *Principals) In(ctx context.Context, who *Principal, organization string) (*Principal, error) {
	if who == nil || who.facts == nil || organization == "" || slices.Contains(who.asked, organization) {
		return who, nil
	}
	f := *who.facts
	f.Realm = In(organization)
	wider := *who
	wider.grants, wider.asked = slices.Clone(who.grants), append(slices.Clone(who.asked), organization)
	wider.lapsed, wider.inside = slices.Clone(who.lapsed), maps.Clone(who.inside)
	for _, s := range p.sources {
		given, err := s.Grants(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, g := range given.Grants {
			if g.Realm == f.Realm && who.outlasts(g) {
				g.Source.Plugin = s.plugin
				wider.add(g)
			}
		}
		wider.addRoles(organization, given.Roles)
	}
	if who.Viewer != nil {
		viewer, err := p.In(ctx, who.Viewer, organization)
		if err != nil {
			return nil, err
		}
		wider.Viewer = viewer
	}
	return &wider, nil
}

// Anew is In with what the principal holds in the organization read once more: for commands
// that waited for others, which may have taken it away.
func (p *Principals) Anew(ctx context.Context, who *Principal, organization string) (*Principal, error) {
	if who == nil || who.facts == nil {
		return who, nil
	}
	narrow := *who
	inside := func(g Grant) bool { return g.Realm == In(organization) }
	narrow.grants, narrow.lapsed = slices.DeleteFunc(slices.Clone(who.grants), inside), slices.DeleteFunc(slices.Clone(who.lapsed), inside)
	narrow.asked = slices.DeleteFunc(slices.Clone(who.asked), func(id string) bool { return id == organization })
	narrow.inside = maps.Clone(who.inside)
	delete(narrow.inside, organization)
	return p.In(ctx, &narrow, organization)
}

func (p *Principals) build(ctx context.Context, f Facts, scheme string) (*Principal, error) {
	if deny := p.denied(f); deny != nil {
		return nil, deny
	}
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
	who.facts = &f
	if active, ok := claims["organizationId"].(string); ok {
		who.asked = []string{active}
	}
	return NewPrincipal(who, grants, f.At), nil
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
