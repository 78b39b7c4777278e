package apikey

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
	"gatehouse/plugins/list"
)

// Whose says whose keys a list shows: those of one owner, else of an organization, else all.
type Whose struct {
	Owner        Owner
	Organization string
}

// Keys is a list of keys in the console, the newest first. Its filters are state (enabled,
// disabled, expired, unused) and owner (the kinds). One's own keys need no scope, those of
// an organization apiKey:read there, all others apiKey:read on the platform.
func (s *Service) Keys(ctx context.Context, of Whose, q list.Query) (list.Page[*ent.APIKey], error) {
	where, err := s.keysOf(ctx, of)
	if err != nil {
		return list.Page[*ent.APIKey]{}, err
	}
	where = append(where, s.narrowedBy(q)...)
	query := func() *ent.APIKeyQuery {
		if of.Organization != "" {
			return s.host.DB.Access(ctx).Organization(of.Organization).APIKey().Query().Where(where...)
		}
		return s.keys(ctx).Query().Where(where...)
	}
	page, err := list.Keyset[*ent.APIKey]{List: "api-keys", Sort: "created", Keys: s.host.Keys,
		Orders: map[string]list.Order[*ent.APIKey]{
			"created": {Column: apikey.FieldCreatedAt, Value: func(k *ent.APIKey) any { return k.CreatedAt }},
		},
		ID: func(k *ent.APIKey) string { return k.ID },
		Rows: func(span list.Span) ([]*ent.APIKey, error) {
			return query().Where(span.Where).Order(span.Order).Limit(span.Limit).All(ctx)
		},
		Count: func(limit int) (int, error) {
			return query().Where(func(q *sql.Selector) { q.Limit(limit) }).Count(ctx)
		},
	}.Page(q)
	if err != nil {
		return page, err
	}
	for i, row := range page.Rows {
		page.Rows[i] = s.usage.current(row)
	}
	return page, nil
}

// keysOf judges who may see a list, and says which keys are in it.
func (s *Service) keysOf(ctx context.Context, of Whose) ([]predicate.APIKey, error) {
	p := auth.PrincipalOf(ctx)
	if p == nil {
		return nil, auth.ErrUnauthorized
	}
	var where []predicate.APIKey
	if of.Owner.ID != "" {
		where = append(where, apikey.ReferenceID(of.Owner.ID), apikey.OwnerKind(of.Owner.Kind))
	}
	switch {
	case of.Organization != "":
		_, err := s.mayIn(ctx, of.Organization, ScopeRead)
		return where, err
	case of.Owner.Kind == OwnerUser && of.Owner.ID == p.Subject, p.Can(ScopeRead):
		return where, nil
	}
	return nil, auth.ErrForbidden.For(ScopeRead)
}

// narrowedBy are the conditions of search and filters.
func (s *Service) narrowedBy(q list.Query) []predicate.APIKey {
	var where []predicate.APIKey
	if q.Text != "" {
		where = append(where, apikey.Or(apikey.NameContainsFold(q.Text), apikey.StartHasPrefix(q.Text), apikey.ID(q.Text)))
	}
	now := s.now()
	switch q.One("state") {
	case "enabled":
		where = append(where, apikey.Enabled(true), apikey.Or(apikey.ExpiresAtIsNil(), apikey.ExpiresAtGT(now)))
	case "disabled":
		where = append(where, apikey.Enabled(false))
	case "expired":
		where = append(where, apikey.ExpiresAtLTE(now))
	case "unused":
		where = append(where, apikey.LastRequestIsNil())
	}
	if kinds := q.Filters["owner"]; len(kinds) > 0 {
		where = append(where, apikey.OwnerKindIn(kinds...))
	}
	return where
}

// OwnerName is what the owner of a key is called, for lists; the id of one who is gone.
func (s *Service) OwnerName(ctx context.Context, row *ent.APIKey) (string, error) {
	o, err := s.ownerOf(ctx, row)
	if _, refused := asRefusal(err); refused {
		return row.ReferenceID, nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the owner of a key: %w", err)
	}
	return o.name, nil
}
