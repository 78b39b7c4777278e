package apikey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
	"gatehouse/ent/serviceaccount"
)

// maxHolders bounds how many accounts, and how many keys, one question looks at.
const maxHolders = 2000

// holders is who of service accounts and keys holds a scope, the accounts first.
func (s *Service) holders(ctx context.Context, q auth.HolderQuery) ([]auth.Holder, bool, error) {
	all, err := s.allHolders(ctx, q)
	if err != nil {
		return nil, false, err
	}
	var list []auth.Holder
	subjects := 0
	for _, h := range all {
		if h.Key <= q.After {
			continue
		}
		if n := len(list); n == 0 || list[n-1].Key != h.Key {
			if subjects++; subjects > q.Limit {
				return list, true, nil
			}
		}
		list = append(list, h)
	}
	return list, false, nil
}

// countHolders counts the subjects that hold a scope.
func (s *Service) countHolders(ctx context.Context, q auth.HolderQuery) (int, error) {
	all, err := s.allHolders(ctx, q)
	seen := map[string]bool{}
	for _, h := range all {
		seen[h.Key] = true
	}
	return len(seen), err
}

// allHolders are all holders in the order of their keys.
func (s *Service) allHolders(ctx context.Context, q auth.HolderQuery) ([]auth.Holder, error) {
	if q.Realm.Apps {
		return nil, nil
	}
	accounts, err := s.accountHolders(ctx, q.Realm, q.Scope, q.At)
	if err != nil {
		return nil, err
	}
	keys, err := s.keyHolders(ctx, q.Realm, q.Scope, q.At)
	all := append(accounts, keys...)
	for i := range all {
		all[i].Key = map[string]string{auth.KindServiceAccount: "a", auth.KindAPIKey: "k"}[all[i].Kind] + all[i].Subject
	}
	slices.SortStableFunc(all, func(a, b auth.Holder) int { return strings.Compare(a.Key, b.Key) })
	return all, err
}

// accountHolders are the service accounts of a realm whose roles give a scope.
func (s *Service) accountHolders(ctx context.Context, r auth.Realm, scope string, at time.Time) ([]auth.Holder, error) {
	rows, err := s.accounts(ctx, r.Organization).Where(serviceaccount.Enabled(true), serviceaccount.RoleNEQ(""),
		serviceaccount.Or(serviceaccount.EndsAtIsNil(), serviceaccount.EndsAtGT(at))).Order(ent.Asc(serviceaccount.FieldID)).Limit(maxHolders).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for service accounts that hold %s: %w", scope, err)
	}
	gives := map[string][]auth.Grant{} // by role text: few differ
	var list []auth.Holder
	for _, row := range rows {
		grants, known := gives[row.Role]
		if !known {
			if grants, err = s.accountGrants(ctx, row); err != nil {
				return nil, err
			}
			gives[row.Role] = grants
		}
		for _, g := range grants {
			if g.Scope == scope && g.Realm == r {
				list = append(list, auth.Holder{Subject: row.ID, Kind: auth.KindServiceAccount, Name: row.Name, Source: g.Source, Start: g.Start, End: g.End})
			}
		}
	}
	return list, nil
}

// keyHolders are the keys whose own permissions give a scope. Those of service accounts
// give nothing that their account does not.
func (s *Service) keyHolders(ctx context.Context, r auth.Realm, scope string, at time.Time) ([]auth.Holder, error) {
	resource, action, ok := strings.Cut(scope, ":")
	if !ok {
		return nil, nil
	}
	where := []predicate.APIKey{apikey.Enabled(true), s.ofKnownKinds(), apikey.Or(apikey.ExpiresAtIsNil(), apikey.ExpiresAtGT(at)),
		apikey.PermissionsContains(`"` + resource + `"`), apikey.PermissionsContains(`"` + action + `"`)}
	query := s.host.DB.Access(ctx).Platform().APIKey().Query().Where(apikey.OrganizationIDIsNil(), apikey.OwnerKind(OwnerUser))
	if r.Organization != "" {
		query = s.host.DB.Access(ctx).Organization(r.Organization).APIKey().Query().Where(apikey.OwnerKind(OwnerOrganization))
	}
	rows, err := query.Where(where...).Order(ent.Asc(apikey.FieldID)).Limit(maxHolders).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for keys that hold %s: %w", scope, err)
	}
	var list []auth.Holder
	for _, row := range rows {
		o, err := s.ownerOf(ctx, row)
		if _, refused := asRefusal(err); refused {
			continue
		}
		if err != nil {
			return nil, err
		}
		grants, err := s.grantsOf(ctx, row, o)
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			if g.Scope == scope && g.Realm == r {
				list = append(list, auth.Holder{Subject: row.ID, Kind: auth.KindAPIKey, Name: called(row), Detail: o.name, Source: g.Source, Start: g.Start, End: g.End})
			}
		}
	}
	return list, nil
}
