package auth

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/auth/words"
)

// Schemes a principal can be established by. Plugins may add more.
const (
	SchemeSession = "session"
	SchemeBearer  = "bearer"
	SchemeJWT     = "jwt"
	SchemeAPIKey  = "api-key"
)

// Realm is where a scope holds: the platform (zero value), one organization, or Apps.
type Realm struct {
	Organization string
	Apps         bool
}

// Apps is the realm of scopes that apps define for themselves, as in the permissions of an
// API key. This server never asks for them.
var Apps = Realm{Apps: true}

// In is the realm of one organization; the empty id is the platform.
func In(organization string) Realm { return Realm{Organization: organization} }

// Platform is the realm of the whole server.
var Platform = Realm{}

// Source says which plugin gave a grant, and by what.
type Source struct {
	Plugin string // plugin id
	Kind   string // SourceRole and others, or a plugin's own
	Name   string // the role's name, the key's id
}

// Grant is one scope in one realm, with its source and the time it holds.
type Grant struct {
	Scope  string // name inside its realm, resource:action (decisions 43)
	Realm  Realm
	Source Source
	Start  time.Time // zero: since ever
	End    time.Time // zero: for ever
}

// Holds reports whether the grant is in force at a time.
func (g Grant) Holds(at time.Time) bool {
	return !at.Before(g.Start) && (g.End.IsZero() || at.Before(g.End))
}

// Principal answers who is asking and what they may do, whatever the credential was.
// It is a value computed for one request; it is not changed afterwards.
type Principal struct {
	// Subject is the user id, "organization:<id>" for a key of an organization, or
	// the id of a service account.
	Subject string
	// Scheme is how the principal was established.
	Scheme string
	// Roles are the platform roles, then those of the active organization written
	// "organization:<role>". Distinct, ordered.
	Roles []string
	// Claims are verified facts. Never a token.
	Claims map[string]any
	// Session is the session behind the principal; nil for credentials without one.
	Session *SessionFacts
	// Name and Email are for display.
	Name, Email string
	// Viewer is who really looks when somebody sees the console as this principal would;
	// else nil. Such a principal changes nothing, and what is recorded is the viewer's.
	Viewer *Principal
	// Image is the address of a picture as the wire has it; empty when there is none.
	Image string

	// Barred says why nothing counts of what a subject holds, such as a ban. It is only
	// said where somebody asks about the subject: else there is no principal.
	Barred words.Text

	grants []Grant
	lapsed []Grant // over, or not begun
	at     time.Time
	facts  *Facts   // what the sources were asked; nil: the principal is what it is
	asked  []string // organizations whose grants are in it
	inside map[string][]string
	until  []time.Time // what it was narrowed to ([Principal.Lasting])
}

// SessionFacts are what policies may know of a session.
type SessionFacts struct {
	ID              string
	UserID          string
	CreatedAt       time.Time
	AuthenticatedAt time.Time // last proof of identity
	ExpiresAt       time.Time
	AMR             []string // methods of authentication, RFC 8176
	ImpersonatedBy  string
	Virtual         bool // no row holds it (session mode of an API key)
	// SeesSessions lets a virtual session list sessions and accounts all the same, as on
	// better-auth's wire.
	SeesSessions bool
	// ReadOnly sessions look at pages and change nothing on them; APIWrites lets them
	// change things through the API all the same.
	ReadOnly, APIWrites bool
}

// NewPrincipal makes a principal from its grants as they hold at a time.
func NewPrincipal(p Principal, grants []Grant, at time.Time) *Principal {
	p.at = at
	p.Roles = distinct(p.Roles)
	for _, g := range grants {
		p.add(g)
	}
	if p.Claims == nil {
		p.Claims = map[string]any{}
	}
	return &p
}

// add puts a grant where it belongs at the principal's time.
func (p *Principal) add(g Grant) {
	if g.Holds(p.at) {
		p.grants = append(p.grants, g)
	} else {
		p.lapsed = append(p.lapsed, g)
	}
}

func (p *Principal) addRoles(organization string, roles []string) {
	if len(roles) == 0 {
		return
	}
	if p.inside == nil {
		p.inside = map[string][]string{}
	}
	p.inside[organization] = append(slices.Clone(p.inside[organization]), roles...)
}

// RolesIn returns the roles of an organization that the principal was widened by, written
// "organization:<role>".
func (p *Principal) RolesIn(organization string) []string {
	if p == nil {
		return nil
	}
	return distinct(p.inside[organization])
}

// Lasting is the principal with only what it holds until a moment at least; a zero one is
// for good. It stays as narrow where it is widened later ([Principals.In]). Nobody gives for
// longer what they hold for a time.
func (p *Principal) Lasting(until time.Time) *Principal {
	if p == nil {
		return nil
	}
	lasting := *p
	lasting.until = append(slices.Clone(p.until), until)
	lasting.grants = slices.DeleteFunc(slices.Clone(p.grants), func(g Grant) bool { return !lasting.outlasts(g) })
	return &lasting
}

// HeldTo is how long the principal holds a scope in exactly one realm: the last end of what gives
// it, zero for good; ok is false where nothing does.
func (p *Principal) HeldTo(r Realm, scope string) (end time.Time, ok bool) {
	if p == nil {
		return end, false
	}
	for _, g := range p.grants {
		if g.Realm != r || g.Scope != scope {
			continue
		}
		if g.End.IsZero() {
			return time.Time{}, true
		}
		if ok = true; g.End.After(end) {
			end = g.End
		}
	}
	return end, ok
}

// Within asks whether the principal may something until a moment, a zero one being for good; may
// judges one end and answers with an *Error where it refuses. Where the principal may with an
// earlier end, as they hold it for a time, the refusal says so ([Error.Until]) at the field of
// the end.
func (p *Principal) Within(until time.Time, field string, may func(until time.Time) error) error {
	err := may(until)
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Until(p.heldUntil(func(end time.Time) bool { return may(end) == nil }), field)
	}
	return err
}

// heldUntil is the last end for which the principal may something, where they hold it for a time
// only; zero where no end helps.
func (p *Principal) heldUntil(may func(until time.Time) bool) time.Time {
	var ends []time.Time
	for _, g := range p.Grants() {
		if !g.End.IsZero() {
			ends = append(ends, g.End)
		}
	}
	slices.SortFunc(ends, func(a, b time.Time) int { return b.Compare(a) })
	for _, end := range slices.CompactFunc(ends, time.Time.Equal) {
		if may(end) {
			return end
		}
	}
	return time.Time{}
}

// outlasts reports whether a grant holds as long as the principal was narrowed to.
func (p *Principal) outlasts(g Grant) bool {
	return g.End.IsZero() || !slices.ContainsFunc(p.until, func(until time.Time) bool { return until.IsZero() || g.End.Before(until) })
}

// Can reports whether the principal holds a scope of the platform. A nil principal
// holds nothing.
func (p *Principal) Can(scope string) bool { return p.holds(Platform, scope) }

// CanIn reports whether the principal holds a scope in one organization, by a grant
// there or by the same scope of the platform.
func (p *Principal) CanIn(organization, scope string) bool {
	return organization != "" && p.holds(In(organization), scope) || p.Can(scope)
}

// ShowsIn reports whether pages show what a scope allows in an organization: who sees the
// console as this principal would holds it there as well.
func (p *Principal) ShowsIn(organization, scope string) bool {
	return p.CanIn(organization, scope) && (p.Viewer == nil || p.Viewer.CanIn(organization, scope))
}

func (p *Principal) holds(r Realm, scope string) bool {
	return p != nil && slices.ContainsFunc(p.grants, func(g Grant) bool { return g.Realm == r && g.Scope == scope })
}

// OneCovers reports whether one single source, such as a role, gives everything that is
// asked in an organization: actions by resource (decisions 21). Nothing asked, or a
// resource without actions, is no.
func (p *Principal) OneCovers(organization string, asked map[string][]string) bool {
	if p == nil || organization == "" {
		return false
	}
	bySource := map[Source]ScopeSet{}
	for _, g := range p.grants {
		if g.Realm == In(organization) {
			if bySource[g.Source] == nil {
				bySource[g.Source] = ScopeSet{}
			}
			bySource[g.Source][g.Scope] = true
		}
	}
	for _, held := range bySource {
		if held.Authorizes(asked) {
			return true
		}
	}
	return false
}

// Explain returns every grant that gives a scope in a realm, those of the platform
// included. An empty answer means "no".
func (p *Principal) Explain(r Realm, scope string) []Grant {
	if p == nil {
		return nil
	}
	var found []Grant
	for _, g := range p.grants {
		if g.Scope == scope && (g.Realm == r || g.Realm == Platform) {
			found = append(found, g)
		}
	}
	return found
}

// Lapsed returns every grant that would give a scope in a realm, those of the platform
// included, and is over or has not begun. Only principals of explanations know them.
func (p *Principal) Lapsed(r Realm, scope string) []Grant {
	if p == nil {
		return nil
	}
	var found []Grant
	for _, g := range p.lapsed {
		if g.Scope == scope && (g.Realm == r || g.Realm == Platform) {
			found = append(found, g)
		}
	}
	return found
}

// LapsedGrants returns a copy of all grants that are over or have not begun.
func (p *Principal) LapsedGrants() []Grant {
	if p == nil {
		return nil
	}
	return slices.Clone(p.lapsed)
}

// At is the time for which the principal was built; zero for some that are no people.
func (p *Principal) At() time.Time { return p.at }

// Grants returns a copy of all grants.
func (p *Principal) Grants() []Grant {
	if p == nil {
		return nil
	}
	return slices.Clone(p.grants)
}

// Scopes is the exported flat form: the scopes of the active organization, or of the
// organization that owns a key, and those of apps as resource:action, then those of the
// platform as platform:resource:action. What another realm has with that prefix is left out:
// whoever reads the list would take it for one of the platform.
func (p *Principal) Scopes() []string {
	if p == nil {
		return nil
	}
	active, _ := p.Claims["organizationId"].(string)
	var org, platform []string
	for _, g := range p.grants {
		switch {
		case g.Realm == Platform:
			platform = append(platform, PlatformPrefix+g.Scope)
		case strings.HasPrefix(g.Scope, PlatformPrefix): // forged
		case g.Realm == Apps || g.Realm.Organization == active:
			org = append(org, g.Scope)
		}
	}
	return distinct(append(org, platform...))
}

// PlatformScopes returns the scopes held on the platform, for comparing ranks.
func (p *Principal) PlatformScopes() ScopeSet { return p.ScopesIn(Platform) }

// ScopesIn returns the scopes that grants of one realm give.
func (p *Principal) ScopesIn(r Realm) ScopeSet {
	s := ScopeSet{}
	if p != nil {
		for _, g := range p.grants {
			if g.Realm == r {
				s[g.Scope] = true
			}
		}
	}
	return s
}

// Impersonated reports whether the session is one that an administrator opened as
// this user.
func (p *Principal) Impersonated() bool {
	return p != nil && p.Session != nil && p.Session.ImpersonatedBy != ""
}

// ScopeSet is a set of scope names of one realm.
type ScopeSet map[string]bool

// Covers reports whether every scope of other is in s. Rank is inclusion (decisions 42).
func (s ScopeSet) Covers(other ScopeSet) bool {
	for scope := range other {
		if !s[scope] {
			return false
		}
	}
	return true
}

// Authorizes reports whether the set holds everything that is asked: actions by resource.
// Nothing asked, or a resource without actions, is no (better-auth organization 4.1).
func (s ScopeSet) Authorizes(asked map[string][]string) bool {
	for resource, actions := range asked {
		if len(actions) == 0 {
			return false
		}
		for _, action := range actions {
			if !s[resource+":"+action] {
				return false
			}
		}
	}
	return len(asked) > 0
}

// Add puts the scopes of other into s.
func (s ScopeSet) Add(other ScopeSet) { maps.Copy(s, other) }

// Sorted are the names in their order; never nil.
func (s ScopeSet) Sorted() []string {
	names := slices.AppendSeq(make([]string, 0, len(s)), maps.Keys(s))
	slices.Sort(names)
	return names
}

// SplitRoles is the one parser of stored role text: split on commas, trimmed,
// empties and duplicates dropped (decisions 22).
func SplitRoles(text string) []string {
	var roles []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			roles = append(roles, part)
		}
	}
	return distinct(roles)
}

// distinct keeps the first of equal texts and the order.
func distinct(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
