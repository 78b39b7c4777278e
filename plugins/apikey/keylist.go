package apikey

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/database"
	"gatehouse/ent/predicate"
	"gatehouse/ent/serviceaccount"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// What a key is like now; the first that fits.
const (
	stateOver     = "over"
	stateKindless = "kindless" // the settings have its kind no more
	stateDisabled = "disabled"
	stateUsedUp   = "used-up"
	stateReplaced = "replaced"
	stateActive   = "active"
)

var states = []string{stateActive, stateReplaced, stateUsedUp, stateDisabled, stateKindless, stateOver}

// stateOf says what a key is like at a time.
func (s *Service) stateOf(row *ent.APIKey, now time.Time) string {
	_, known := s.kindOf(row)
	switch {
	case row.ExpiresAt != nil && !now.Before(*row.ExpiresAt):
		return stateOver
	case !known:
		return stateKindless
	case !row.Enabled:
		return stateDisabled
	case exhausted(row):
		return stateUsedUp
	case row.RotatedTo != nil:
		return stateReplaced
	}
	return stateActive
}

// isIn are the keys in a state, as stateOf tells them.
func (s *Service) isIn(state string, now time.Time) predicate.APIKey {
	if state == stateOver {
		return apikey.ExpiresAtLTE(now)
	}
	lives := apikey.Or(apikey.ExpiresAtIsNil(), apikey.ExpiresAtGT(now))
	if state == stateKindless {
		return apikey.And(lives, apikey.Not(s.ofKnownKinds()))
	}
	lives = apikey.And(lives, s.ofKnownKinds())
	if state == stateDisabled {
		return apikey.And(lives, apikey.Enabled(false))
	}
	left := apikey.Or(apikey.RemainingIsNil(), apikey.RemainingGT(0), apikey.RefillAmountNotNil())
	works := apikey.And(lives, apikey.Enabled(true))
	switch state {
	case stateUsedUp:
		return apikey.And(works, isExhausted())
	case stateReplaced:
		return apikey.And(works, left, apikey.RotatedToNotNil())
	}
	return apikey.And(works, left, apikey.RotatedToIsNil())
}

// Filters of lists, and how long they look back and ahead.
const (
	filterState  = "state"
	filterOwner  = "owner"
	filterOf     = "of"
	filterUnused = "unused"
	filterEnds   = "ends"

	neverUsed   = "never"
	longUnused  = "long"
	endsSoon    = "soon"
	unusedAfter = 90 * 24 * time.Hour
	soonBefore  = 14 * 24 * time.Hour
)

// keysAt reaches the keys of a place, for those who may see them.
func (s *Service) keysAt(ctx context.Context, at place, org string) (func() *ent.APIKeyQuery, error) {
	p, access := auth.PrincipalOf(ctx), s.host.DB.Access(ctx)
	switch at {
	case inOrganization:
		if _, err := s.mayIn(ctx, org, ScopeRead); err != nil {
			return nil, err
		}
		return func() *ent.APIKeyQuery { return access.Organization(org).APIKey().Query() }, nil
	case inAccount:
		return func() *ent.APIKeyQuery {
			return access.Platform().APIKey().Query().Where(apikey.OwnerKind(OwnerUser), apikey.ReferenceID(p.Subject))
		}, nil
	}
	if !p.Can(ScopeRead) {
		return nil, auth.ErrForbidden.For(ScopeRead)
	}
	return func() *ent.APIKeyQuery { return access.Platform().APIKey().Query() }, nil
}

// keyList lists the keys of a place, the newest first where nothing else is asked for. Text is
// found in the name and in the beginning. It needs apiKey:read there, but for one's own.
func (s *Service) keyList(ctx context.Context, at place, q list.Query) (list.Page[*ent.APIKey], error) {
	base, err := s.keysAt(ctx, at, q.In)
	if err != nil {
		return list.Page[*ent.APIKey]{}, err
	}
	where, err := s.keyFilter(ctx, at, q)
	if err != nil {
		return list.Page[*ent.APIKey]{}, err
	}
	query := func() *ent.APIKeyQuery { return base().Where(where...) }
	page, err := list.Keyset[*ent.APIKey]{List: keyListID(at), Sort: "created", Keys: s.host.Keys, ID: func(k *ent.APIKey) string { return k.ID },
		Orders: keyOrders,
		Rows: func(span list.Span) ([]*ent.APIKey, error) {
			return query().Where(span.Where).Order(span.Order).Limit(span.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) {
			return query().Where(func(q *sql.Selector) { q.Limit(limit) }).Count(ctx)
		},
	}.Page(q)
	if err != nil {
		return page, fmt.Errorf("listing keys: %w", err)
	}
	for i, row := range page.Rows {
		page.Rows[i] = s.usage.current(row)
	}
	return page, nil
}

// keyOrders are the orders of lists of keys, by column.
var keyOrders = map[string]list.Order[*ent.APIKey]{
	"created":  {Column: apikey.FieldCreatedAt, Value: func(k *ent.APIKey) any { return k.CreatedAt }},
	"name":     {Column: apikey.FieldName, Optional: true, Value: func(k *ent.APIKey) any { return orNil(k.Name) }},
	"lastUsed": {Column: apikey.FieldLastUsedAt, Optional: true, Value: func(k *ent.APIKey) any { return orNil(k.LastUsedAt) }},
	filterEnds: {Column: apikey.FieldExpiresAt, Optional: true, Value: func(k *ent.APIKey) any { return orNil(k.ExpiresAt) }},
}

func orNil[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// keyFilter are the conditions of a query of keyList.
func (s *Service) keyFilter(ctx context.Context, at place, q list.Query) ([]predicate.APIKey, error) {
	var where []predicate.APIKey
	text, now := strings.TrimSpace(q.Text), s.now()
	switch {
	case text == "":
	case at == onPlatform: // of many: by the index
		hits, err := s.host.DB.Search().Find(ctx, "APIKey", text, "", database.MaxHits)
		if err != nil {
			return nil, err
		}
		where = append(where, apikey.IDIn(hits.IDs...))
	default:
		found := []predicate.APIKey{apikey.NameContainsFold(text), apikey.StartHasPrefix(text)}
		if len(text) >= database.MinID {
			found = append(found, predicate.APIKey(sql.FieldHasPrefix(apikey.FieldID, text)))
		}
		where = append(where, apikey.Or(found...))
	}
	var inStates []predicate.APIKey
	for _, state := range q.Filters[filterState] {
		inStates = append(inStates, s.isIn(state, now))
	}
	if len(inStates) > 0 {
		where = append(where, apikey.Or(inStates...))
	}
	if kinds := q.Filters[filterOwner]; len(kinds) > 0 {
		where = append(where, apikey.OwnerKindIn(kinds...))
	}
	if of := q.Filters[filterOf]; len(of) > 0 {
		where = append(where, apikey.ReferenceIDIn(of...))
	}
	switch ago := now.Add(-unusedAfter); q.One(filterUnused) {
	case neverUsed:
		where = append(where, apikey.LastUsedAtIsNil())
	case longUnused:
		where = append(where, apikey.Or(apikey.LastUsedAtLT(ago), apikey.And(apikey.LastUsedAtIsNil(), apikey.CreatedAtLT(ago))))
	}
	if q.One(filterEnds) == endsSoon {
		where = append(where, endingSoon(now))
	}
	return where, nil
}

// endingSoon are the keys that end in the next days.
func endingSoon(now time.Time) predicate.APIKey {
	return apikey.And(apikey.ExpiresAtGT(now), apikey.ExpiresAtLTE(now.Add(soonBefore)))
}

// keyAt finds a key that the principal of the context may act on, in a place. One of
// elsewhere is like none.
func (s *Service) keyAt(ctx context.Context, at place, id, scope string) (*ent.APIKey, error) {
	_, row, err := s.mayKey(ctx, id, scope)
	if row == nil {
		return nil, err
	}
	h := headIn(ctx, at)
	if at == inOrganization && auth.ValueOf(row.OrganizationID) != h.in() ||
		at == inAccount && (row.OwnerKind != OwnerUser || row.ReferenceID != h.p.Subject) {
		return nil, ErrNotFound
	}
	return s.usage.current(row), err
}

// shownOwner is who owns a key, for people.
type shownOwner struct {
	Kind string
	Name string // empty: gone
	URL  string // of their page, for readers who may open it
	// Org is the organization that the key belongs to; nil for others.
	Org *plugins.Organization
	// inside says that the page is about Org itself.
	inside bool
}

// ownersOf reads who owns keys, by id of the key.
func (s *Service) ownersOf(ctx context.Context, h head, rows []*ent.APIKey) (map[string]shownOwner, error) {
	ids := map[string][]string{}
	for _, row := range rows {
		ids[row.OwnerKind] = append(ids[row.OwnerKind], row.ReferenceID)
	}
	names := map[string]string{} // ids of people and accounts differ
	if of := ids[OwnerUser]; len(of) > 0 {
		people, err := s.host.DB.Access(ctx).User().Query().Where(user.IDIn(of...)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the owners of keys: %w", err)
		}
		for _, u := range people {
			names[u.ID] = cmp.Or(strings.TrimSpace(u.Name), u.Email)
		}
	}
	if of := ids[OwnerServiceAccount]; len(of) > 0 {
		accounts, err := s.host.DB.Access(ctx).Platform().ServiceAccount().Query().Where(serviceaccount.IDIn(of...)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the owners of keys: %w", err)
		}
		for _, a := range accounts {
			names[a.ID] = a.Name
		}
	}
	orgs, list := map[string]*plugins.Organization{}, map[string]shownOwner{}
	for _, row := range rows {
		org, err := s.organizationOnce(ctx, orgs, auth.ValueOf(row.OrganizationID))
		if err != nil {
			return nil, err
		}
		list[row.ID] = h.shown(row, names[row.ReferenceID], org)
	}
	return list, nil
}

// organizationOnce finds an organization, each once; nil for none.
func (s *Service) organizationOnce(ctx context.Context, known map[string]*plugins.Organization, id string) (*plugins.Organization, error) {
	if id == "" {
		return nil, nil
	}
	if org, ok := known[id]; ok {
		return org, nil
	}
	org, err := s.organization(ctx, id)
	known[id] = org
	return org, err
}

// Scopes of other parts, for links to their pages.
const (
	scopeUser         = "user:get"
	scopeEvents       = "event:read"
	scopeMembers      = "member:read"
	scopeOrganization = "organization:read"
)

func (h head) shown(row *ent.APIKey, name string, org *plugins.Organization) shownOwner {
	o := shownOwner{Kind: row.OwnerKind, Name: name, Org: org, inside: h.at == inOrganization}
	switch {
	case row.OwnerKind == OwnerUser:
		if h.at == onPlatform && h.p.Can(scopeUser) && name != "" {
			o.URL = "/admin/users/" + row.ReferenceID
		}
	case row.OwnerKind == OwnerOrganization && org != nil:
		o.Name = org.Name
		if h.p.CanIn(org.ID, scopeOrganization) {
			o.URL = org.Path("")
		}
	case row.OwnerKind == OwnerServiceAccount && name != "":
		o.URL = h.accountURL(row.ReferenceID, org)
	}
	return o
}

// accountURL is the page of a service account, for readers who may open it.
func (h head) accountURL(id string, org *plugins.Organization) string {
	switch {
	case org != nil && h.p.CanIn(org.ID, ScopeAccountRead):
		return head{at: inOrganization, org: org}.account(id, "")
	case org == nil && h.p.Can(ScopeAccountRead):
		return head{}.account(id, "")
	}
	return ""
}
