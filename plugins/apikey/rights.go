package apikey

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// keyFor is who a key is made for, or belongs to, as forms need it.
type keyFor struct {
	Owner
	Org  string // the organization it belongs to
	Name words.Text
	// Held is what a service account may do; nil for other owners.
	Held auth.ScopeSet
}

// ownerOption is an owner as the value of a field.
func (o Owner) option() string { return o.Kind + ":" + o.ID }

// keyFor finds an owner that the principal of the context may make keys for, in a place.
func (s *Service) keyFor(ctx context.Context, h head, to Owner) (*keyFor, error) {
	found := &keyFor{Owner: to}
	switch to.Kind {
	case OwnerUser:
		return found, nil
	case OwnerOrganization:
		org, err := s.organization(ctx, to.ID)
		if err != nil {
			return nil, err
		}
		if org == nil || h.at == inOrganization && org.ID != h.in() {
			return nil, ErrInvalidReference
		}
		found.Org, found.Name = org.ID, words.Raw(org.Name)
		return found, nil
	}
	o, err := s.owningAccount(ctx, to.ID)
	if err != nil {
		return nil, err
	}
	if h.at == inOrganization && o.organization != h.in() {
		return nil, ErrInvalidReference
	}
	grants, err := s.accountGrants(ctx, o.account)
	if err != nil {
		return nil, err
	}
	org, err := s.organization(ctx, o.organization)
	if err != nil {
		return nil, err
	}
	found.Org, found.Name, found.Held = o.organization, h.accountName(o.name, org), auth.ScopeSet{}
	for _, g := range grants {
		found.Held[g.Scope] = true
	}
	return found, nil
}

// accountName is a service account where there may be others of the same name: on the
// platform it says whose it is.
func (h head) accountName(name string, org *plugins.Organization) words.Text {
	if h.at != onPlatform || org == nil {
		return words.Raw(name)
	}
	return words.Join(words.Dot, words.Raw(name), shownOwner{Kind: OwnerServiceAccount, Org: org}.kind())
}

// rights are the permissions that a form offers for a key.
type rights struct {
	Scopes []auth.Scope
	Groups map[string]words.Text // by name of the scope: the part it is of
	Whole  bool                  // the key may have all that its owner has
	Custom bool                  // permissions of apps may be written
}

// any reports whether there is something to choose.
func (r rights) any() bool { return len(r.Scopes) > 0 || r.Custom }

// rightsFor are the permissions that the principal of the context can give a key: no more
// than they hold, and of a service account than it holds itself. What no key does on this
// server is offered only where the key has it, for apps.
func (s *Service) rightsFor(ctx context.Context, to *keyFor, has Permissions) (rights, error) {
	p := auth.PrincipalOf(ctx)
	r := rights{Groups: map[string]words.Text{}, Whole: to.Kind == OwnerServiceAccount, Custom: shapes(p, to.Kind)}
	all, holds := s.host.Scopes.Scopes(), p.Can
	if to.Org != "" {
		wide, err := s.host.Principals.In(ctx, p, to.Org)
		if err != nil {
			return r, err
		}
		all, holds = s.host.Scopes.ScopesIn(), func(scope string) bool { return wide.CanIn(to.Org, scope) }
	}
	names := map[string]words.Text{}
	for _, part := range s.host.Registry.Parts {
		names[part.ID] = part.Name
	}
	had := has.set()
	byGroup, order := map[string][]auth.Scope{}, []string{}
	for _, scope := range all {
		name := scope.Name()
		if !holds(name) || to.Held != nil && !to.Held[name] || scope.Interactive && !had[name] {
			continue
		}
		part := s.host.Scopes.Owner(name)
		if byGroup[part] == nil {
			order = append(order, part)
		}
		byGroup[part] = append(byGroup[part], scope)
		r.Groups[name] = names[part]
	}
	for _, part := range order {
		r.Scopes = append(r.Scopes, byGroup[part]...)
	}
	return r, nil
}

// matrix are the permissions as boxes.
func (r rights) matrix(chosen []string) web.Matrix {
	m := web.Matrix{Caption: "What the key may do", Corner: "Permission", Name: fieldScope, Columns: []words.Text{"Allowed"}}
	for _, scope := range r.Scopes {
		name, label := scope.Name(), scope.Words
		if scope.Interactive {
			label = words.Join(words.Dot, label, "for apps only")
		}
		m.Rows = append(m.Rows, web.MatrixRow{Group: r.Groups[name], Label: label, Code: name, Cells: []web.MatrixCell{{Value: name, Checked: slices.Contains(chosen, name)}}})
	}
	return m
}

// Fields of the forms of keys.
const (
	fieldOwner     = "owner"
	fieldKind      = "kind"
	fieldName      = "name"
	fieldLife      = "life"
	fieldWhole     = "whole"
	fieldScope     = "scope"
	fieldCustom    = "custom"
	fieldRate      = "rate"
	fieldWindow    = "window"
	fieldRemaining = "remaining"
	fieldRefill    = "refill"
	fieldEvery     = "every"
	fieldOnce      = "once"

	wholeAll = "all"
)

// Bounds of permissions that are written, and of numbers.
const (
	maxCustom = 100
	maxNumber = 1_000_000_000
)

var customForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}:[A-Za-z0-9*][A-Za-z0-9_.*-]{0,63}$`)

// written are the permissions in a text, one a line.
func written(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' || r == '\t' })
}

// permissions reads what a form gives a key; nil is what the kind of keys gives, and of a
// service account all that it has.
func (r rights) permissions(f web.Form) (Permissions, []web.FieldError) {
	if r.Whole && f.Or(fieldWhole, wholeAll) == wholeAll {
		return nil, nil
	}
	names, custom := slices.Clone(f.Values[fieldScope]), []string(nil)
	if r.Custom {
		custom = written(f.Value(fieldCustom))
	}
	if len(custom) > maxCustom {
		return nil, []web.FieldError{{Field: fieldCustom, Text: "These are too many permissions."}}
	}
	for _, name := range custom {
		if !customForm.MatchString(name) {
			return nil, []web.FieldError{{Field: fieldCustom, Text: words.F("%s is no permission. Write them as resource:action.", name)}}
		}
	}
	p := Permissions{}
	for _, name := range append(names, custom...) {
		resource, action, ok := strings.Cut(name, ":")
		if ok && !slices.Contains(p[resource], action) {
			p[resource] = append(p[resource], action)
		}
	}
	if len(p) == 0 {
		if r.Whole {
			return nil, []web.FieldError{{Field: fieldWhole, Text: "Choose at least one permission."}}
		}
		return nil, nil
	}
	return p, nil
}

// split tells the permissions of a key apart: those that a form offers as boxes, and others.
func (r rights) split(p Permissions) (boxes, others []string) {
	for _, name := range p.names() {
		if slices.ContainsFunc(r.Scopes, func(s auth.Scope) bool { return s.Name() == name }) {
			boxes = append(boxes, name)
		} else {
			others = append(others, name)
		}
	}
	return boxes, others
}

// keyLimits are how often a key may be used, as a form says it; nil is without a limit.
type keyLimits struct {
	Rate, Window, Remaining, Refill, Every *int64
}

// limitsOf reads the limits of a form. A kind whose keys are not limited has no rate.
func limitsOf(f web.Form, rated bool) (keyLimits, []web.FieldError) {
	var l keyLimits
	var errs []web.FieldError
	number := func(field string, least int64) *int64 {
		text := strings.TrimSpace(f.Value(field))
		if text == "" {
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < least || n > maxNumber {
			errs = append(errs, web.FieldError{Field: field, Text: words.F("Enter a whole number from %d to %d.", int(least), maxNumber)})
			return nil
		}
		return &n
	}
	span := func(field string, among []time.Duration) *int64 {
		n, _ := strconv.ParseInt(f.Value(field), 10, 64)
		if n <= 0 {
			n = among[0].Milliseconds()
		}
		return &n
	}
	if rated {
		if l.Rate = number(fieldRate, 1); l.Rate != nil {
			l.Window = span(fieldWindow, windows)
		}
	}
	l.Remaining = number(fieldRemaining, 0)
	if l.Refill = number(fieldRefill, 1); l.Refill != nil {
		l.Every = span(fieldEvery, refills)
		if l.Remaining == nil {
			errs = append(errs, web.FieldError{Field: fieldRemaining, Text: "Say with how many uses the key begins."})
		}
	}
	return l, errs
}

// Spans that forms offer.
var (
	windows = []time.Duration{time.Minute, time.Second, time.Hour, 24 * time.Hour}
	refills = []time.Duration{24 * time.Hour, time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}
	lives   = []int{1, 7, 30, 90, 180, 365} // days
	overlap = []time.Duration{0, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}
)

// spanOptions are spans in milliseconds, with the one that is chosen although it is not
// offered.
func spanOptions(among []time.Duration, chosen string) []web.Option {
	var options []web.Option
	all := slices.Sorted(slices.Values(among))
	if n, err := strconv.ParseInt(chosen, 10, 64); err == nil && n > 0 && n < int64(400*24*time.Hour/time.Millisecond) {
		if d := time.Duration(n) * time.Millisecond; !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	for _, d := range all {
		options = append(options, web.Option{Value: strconv.FormatInt(d.Milliseconds(), 10), Label: web.Span(d)})
	}
	return options
}

// lifeOptions are the lives that keys of a kind may have from now on, the standard one first.
func (c *configuration) lifeOptions() []web.Option {
	standard := web.Option{Label: "Never"}
	if c.Expiration.Default > 0 {
		standard.Label = words.F("After %s", web.Span(c.Expiration.Default))
	}
	return append([]web.Option{standard}, c.chosenLives()...)
}

func (c *configuration) chosenLives() []web.Option {
	var options []web.Option
	for _, days := range lives {
		d := time.Duration(days) * 24 * time.Hour
		if c.checkLife(d.Seconds()) == nil && d != c.Expiration.Default {
			options = append(options, web.Option{Value: strconv.Itoa(days), Label: words.F("After %s", web.Span(d))})
		}
	}
	return options
}

// usualLife is the life that a form proposes.
func (c *configuration) usualLife() string {
	for _, o := range c.chosenLives() {
		if o.Value == "90" && c.Expiration.Default == 0 {
			return o.Value
		}
	}
	return ""
}

// seconds reads a life in days; nil for the standard one.
func seconds(days string) *float64 {
	n, err := strconv.Atoi(days)
	if err != nil || n <= 0 || n > 36_500 {
		return nil
	}
	life := (time.Duration(n) * 24 * time.Hour).Seconds()
	return &life
}

// kindsFor are the kinds of keys that an owner may have.
func (s *Service) kindsFor(to *keyFor) []*configuration {
	var list []*configuration
	for _, c := range s.configurations() {
		if c.ofOrganizations() == (to.Org != "") {
			list = append(list, c)
		}
	}
	return list
}

// chosenKind is the kind that a form chose, or the first.
func chosenKind(list []*configuration, id string) *configuration {
	for _, c := range list {
		if c.id == id {
			return c
		}
	}
	if len(list) > 0 {
		return list[0]
	}
	return nil
}

// fieldOf is the field that a refusal is about; empty for the whole form.
func fieldOf(e *auth.Error) string {
	if !e.HeldUntil.IsZero() {
		return fieldLife
	}
	switch e.Code {
	case ErrNameLength.Code, ErrNameRequired.Code:
		return fieldName
	case ErrExpiresTooSoon.Code, ErrExpiresTooLate.Code, ErrExpirationDisabled.Code:
		return fieldLife
	case ErrTooMuch.Code:
		return fieldScope
	case ErrInvalidReference.Code, ErrDisabled.Code:
		return fieldOwner
	}
	return ""
}

// refusedForm is a form that came back, with the refusal at its field; answer has what
// fields are refused in any case.
func refusedForm(f, answer web.Form, err error) web.Form {
	e := auth.AsError(err)
	f.Errors = answer.Errors
	field, text := fieldOf(e), e.Message
	if field == fieldName {
		text = "The name is too long or too short."
	}
	switch {
	case len(f.Errors) > 0:
	case field == "":
		f.Message = text
	default:
		f.Errors = []web.FieldError{{Field: field, Text: text}}
	}
	return f
}

// label is a permission in words, or as it is.
func (s *Service) label(name, org string) words.Text {
	if scope, ok := s.lookup(name, org); ok {
		return scope.Words
	}
	return words.Raw(name)
}

// declared reports whether a permission is one of this server; others are of apps.
func (s *Service) declared(name, org string) bool {
	_, ok := s.lookup(name, org)
	return ok
}

func (s *Service) lookup(name, org string) (auth.Scope, bool) {
	if org != "" {
		return s.host.Scopes.LookupIn(name)
	}
	return s.host.Scopes.Lookup(name)
}

// rateWords says how often a key may be used; empty for no limit.
func rateWords(row *ent.APIKey) words.Text {
	if !row.RateLimitEnabled || row.RateLimitMax == nil || row.RateLimitTimeWindow == nil {
		return ""
	}
	return perSpan(*row.RateLimitMax, *row.RateLimitTimeWindow)
}

func perSpan(n, milliseconds int64) words.Text {
	return words.F("%s in %s", words.N(int(n), "%d use", "%d uses"), web.Span(time.Duration(milliseconds)*time.Millisecond))
}

// secretText is what is done with a new key.
func (c *configuration) secretText() words.Text {
	return words.F("Programs send it in the header %s.", c.Headers[0])
}

// curl is a line that tries a new key: it asks who the key is.
func (s *Service) curl(c *configuration, secret string) string {
	return fmt.Sprintf("curl -H '%s: %s' %s", c.Headers[0], secret, s.host.Link("/api/v1/auth/me"))
}
