package auth

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/words"
)

// ScopeExplain lets its holders ask what others may do, and why: everywhere as a scope of
// the platform, or among the subjects of one organization.
const ScopeExplain = "principal:explain"

// Kinds of subjects that plugins of this program know.
const (
	KindUser           = "user"
	KindAPIKey         = "api-key"
	KindServiceAccount = "service-account"
)

// SubjectSource knows the subjects of one kind: people, keys, service accounts. What it
// shows is for those who may look: on the platform the plugin's own scopes decide; in an
// organization, whoever holds ScopeExplain there, and only what belongs to it is known.
type SubjectSource struct {
	Kind  string
	Words words.Text // "People"
	Icon  string
	// Find returns at most limit subjects that the principal of the context may know in a
	// realm, what fits the text best first.
	Find func(ctx context.Context, r Realm, text string, limit int) ([]SubjectFound, error)
	// Get names one subject; nil when there is none in the realm that the principal of the
	// context may know.
	Get func(ctx context.Context, r Realm, id string) (*SubjectFound, error)
	// Principal is what a subject may do, with what is over or has not begun, and what bars
	// it (Principal.Barred) in place of a refusal; nil when there is none. It asks nobody's
	// permission.
	Principal func(ctx context.Context, id string) (*Principal, error)
}

// SubjectFound is a subject as people know it.
type SubjectFound struct {
	ID, Name string
	Detail   string // an address, the beginning of a key
	Image    string // address of a picture as the wire has it
	URL      string // of its page, for those who may open it
}

// Subject is a subject with its kind.
type Subject struct {
	Kind string
	Icon string
	SubjectFound
}

// ErrNoSuchSubject answers questions about a subject that does not exist, or is not for
// the eyes of whoever asks.
var ErrNoSuchSubject = E(http.StatusNotFound, "SUBJECT_NOT_FOUND", "There is nobody like that here.")

// AddSubjects adds the subject sources of a plugin. Two plugins may not know one kind.
func (p *Principals) AddSubjects(plugin string, sources ...SubjectSource) error {
	for _, s := range sources {
		if other, taken := p.kinds[s.Kind]; taken {
			return fmt.Errorf("subjects of the kind %q are contributed by plugin %q and by plugin %q", s.Kind, other, plugin)
		}
		if p.kinds == nil {
			p.kinds = map[string]string{}
		}
		p.kinds[s.Kind] = plugin
		p.subjects = append(p.subjects, s)
	}
	return nil
}

// SubjectKinds lists the kinds of subjects in the order of the plugins.
func (p *Principals) SubjectKinds() []SubjectSource { return slices.Clone(p.subjects) }

func (p *Principals) kind(kind string) (SubjectSource, bool) {
	i := slices.IndexFunc(p.subjects, func(s SubjectSource) bool { return s.Kind == kind })
	if i < 0 {
		return SubjectSource{}, false
	}
	return p.subjects[i], true
}

// FindSubjects finds subjects of all kinds in a realm that the principal of the context
// may know, at most limit of each.
func (p *Principals) FindSubjects(ctx context.Context, r Realm, text string, limit int) ([]Subject, error) {
	var list []Subject
	for _, s := range p.subjects {
		found, err := s.Find(ctx, r, text, limit)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			list = append(list, Subject{s.Kind, s.Icon, f})
		}
	}
	return list, nil
}

// Subject names one subject; nil when the principal of the context may not know of it in
// the realm, or nobody knows the kind.
func (p *Principals) Subject(ctx context.Context, r Realm, kind, id string) (*Subject, error) {
	s, ok := p.kind(kind)
	if !ok || id == "" {
		return nil, nil
	}
	f, err := s.Get(ctx, r, id)
	if err != nil || f == nil {
		return nil, err
	}
	return &Subject{s.Kind, s.Icon, *f}, nil
}

// OfSubject builds the principal of a subject for questions about it: with what is over
// and what has not begun (Lapsed), and with what bars it. It asks nobody's permission.
func (p *Principals) OfSubject(ctx context.Context, kind, id string) (*Principal, error) {
	s, ok := p.kind(kind)
	if !ok {
		return nil, ErrNoSuchSubject
	}
	who, err := s.Principal(ctx, id)
	if err == nil && who == nil {
		err = ErrNoSuchSubject
	}
	return who, err
}

// Answer says whether a subject may do something, and why.
type Answer struct {
	Realm Realm
	Scope string
	// May reports whether it may: grants in force give the scope, nothing bars it, and it is
	// not for people alone.
	May bool
	// PeopleAlone says that the subject is a key or a service account, and the server asks
	// for the scope of people who are signed in ([Scope.Interactive]).
	PeopleAlone bool
	// Grants give the scope, those of the platform included.
	Grants []Grant
	// Lapsed would give it, and are over or have not begun.
	Lapsed []Grant
	// Barred says why none of it counts at the moment.
	Barred words.Text
	// Givers would give it; told where nothing gives it now.
	Givers []Giver
}

// Judge answers whether a subject may do something in a realm. The principal is one of
// OfSubject, or any other.
func (p *Principals) Judge(ctx context.Context, who *Principal, r Realm, scope string) (Answer, error) {
	who, err := p.In(ctx, who, r.Organization)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Realm: r, Scope: scope, Grants: who.Explain(r, scope), Lapsed: who.Lapsed(r, scope)}
	if who != nil {
		a.Barred = who.Barred
	}
	a.PeopleAlone = p.PeopleAlone(who, r, scope)
	a.May = len(a.Grants) > 0 && a.Barred == "" && !a.PeopleAlone
	if len(a.Grants) == 0 {
		a.Givers, err = p.Givers(ctx, r, scope)
	}
	return a, err
}

// PeopleAlone reports whether a scope does nothing for a principal because it is a key or a
// service account ([Scope.Interactive]).
func (p *Principals) PeopleAlone(who *Principal, r Realm, scope string) bool {
	return who != nil && who.Scheme == SchemeAPIKey && p.scopes.interactive(r, scope)
}

// Giver is a source that gives a scope to those who get it.
type Giver struct {
	Source Source
	Realm  Realm
	// By is the scope whose holders give the source to others, in the same realm; empty
	// where nobody does, as with a setting.
	By string
}

// Givers lists what gives a scope in a realm, such as roles; for an organization, what
// gives it in all of them as well.
func (p *Principals) Givers(ctx context.Context, r Realm, scope string) ([]Giver, error) {
	realms := []Realm{r}
	if r.Organization != "" {
		realms = append(realms, Platform)
	}
	var list []Giver
	for _, realm := range realms {
		for _, s := range p.sources {
			if s.Givers == nil {
				continue
			}
			found, err := s.Givers(ctx, realm, scope)
			if err != nil {
				return nil, err
			}
			for _, g := range found {
				g.Realm, g.Source.Plugin = realm, s.plugin
				list = append(list, g)
			}
		}
	}
	return list, nil
}

// HolderQuery asks who holds a scope in one realm; who holds it in another, such as the
// platform, is another question.
type HolderQuery struct {
	Realm Realm
	Scope string
	At    time.Time // zero: now
	After string    // HolderPage.Next, or for a source the Key of the last holder
	Limit int       // subjects, not sources
}

// Holder is a subject that holds a scope by one source. A subject with several has as
// many holders, one after the other.
type Holder struct {
	Subject, Kind string
	Name, Detail  string
	Image         string
	Source        Source
	Start, End    time.Time // zero: open
	// Key is where the list goes on behind this subject.
	Key string
}

// HolderPage is a part of the holders.
type HolderPage struct {
	Holders []Holder
	Next    string // the next part; empty at the end
}

// maxHolders is how many holders are listed where no limit is given.
const maxHolders = 10_000

// WhoHolds lists the subjects that hold a scope in a realm, source by source. Whoever asks
// has to be allowed to.
func (p *Principals) WhoHolds(ctx context.Context, q HolderQuery) (HolderPage, error) {
	q = p.bounded(q)
	first, after := 0, ""
	if q.After != "" {
		number, key, ok := strings.Cut(q.After, ":")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n >= len(p.sources) {
			return HolderPage{}, ErrValidation.Saying("This address of a page is not valid. Begin again from the first page.")
		}
		first, after = n, key
	}
	var page HolderPage
	left := q.Limit
	for i := first; i < len(p.sources); i++ {
		s := p.sources[i]
		if s.Holders == nil {
			continue
		}
		part := q
		part.After, part.Limit, after = after, left, ""
		if left == 0 {
			part.Limit = 1 // is there anybody at all?
		}
		found, more, err := s.Holders(ctx, part)
		if err != nil {
			return HolderPage{}, err
		}
		if left == 0 {
			if len(found) > 0 {
				page.Next = strconv.Itoa(i) + ":"
				return page, nil
			}
			continue
		}
		for j := range found {
			found[j].Source.Plugin = s.plugin
		}
		page.Holders = append(page.Holders, found...)
		if more && len(found) > 0 {
			page.Next = strconv.Itoa(i) + ":" + found[len(found)-1].Key
			return page, nil
		}
		left -= subjects(found)
	}
	return page, nil
}

// CountHolders counts the subjects that hold a scope in a realm, up to the limit of the
// query; more says that there are further ones. Who holds it from two plugins counts twice.
func (p *Principals) CountHolders(ctx context.Context, q HolderQuery) (n int, more bool, err error) {
	q = p.bounded(q)
	for _, s := range p.sources {
		if s.CountHolders == nil {
			continue
		}
		part := q
		part.After, part.Limit = "", q.Limit-n+1
		found, err := s.CountHolders(ctx, part)
		if err != nil {
			return 0, false, err
		}
		if n += found; n > q.Limit {
			return q.Limit, true, nil
		}
	}
	return n, false, nil
}

func (p *Principals) bounded(q HolderQuery) HolderQuery {
	if q.At.IsZero() {
		q.At = p.clock()
	}
	if q.Limit <= 0 || q.Limit > maxHolders {
		q.Limit = maxHolders
	}
	return q
}

// subjects counts the different subjects of holders.
func subjects(list []Holder) (n int) {
	for i, h := range list {
		if i == 0 || h.Subject != list[i-1].Subject || h.Kind != list[i-1].Kind {
			n++
		}
	}
	return n
}
