package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/auth/schema"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/apikey"
	"gatehouse/ent/predicate"
	"gatehouse/ent/serviceaccount"
	"gatehouse/plugins"
)

type listInput struct {
	ConfigID       *string `json:"configId"`
	OrganizationID *string `json:"organizationId"`
	Limit          *int    `json:"limit" schema:"coerce,min=0"`
	Offset         *int    `json:"offset" schema:"coerce,min=0"`
	SortBy         *string `json:"sortBy"`
	SortDirection  *string `json:"sortDirection" schema:"enum=asc|desc"`
}

type listOutput struct {
	Keys   []ent.WireObject `json:"apiKeys"`
	Total  int              `json:"total"`
	Limit  *int             `json:"limit,omitempty"`
	Offset *int             `json:"offset,omitempty"`
}

// Bounds of lists on the wire, and of what is merged in memory.
const (
	wireLimit = 1000
	maxMerged = 10_000
)

// sortable are the columns that a list can be ordered by.
var sortable = []string{apikey.FieldConfigID, apikey.FieldName, apikey.FieldStart, apikey.FieldReferenceID, apikey.FieldPrefix, apikey.FieldRefillInterval,
	apikey.FieldRefillAmount, apikey.FieldLastRefillAt, apikey.FieldEnabled, apikey.FieldRateLimitEnabled, apikey.FieldRateLimitTimeWindow, apikey.FieldRateLimitMax,
	apikey.FieldRequestCount, apikey.FieldRemaining, apikey.FieldLastRequest, apikey.FieldExpiresAt, apikey.FieldCreatedAt, apikey.FieldUpdatedAt, apikey.FieldID}

// getList lists the keys of the person, or of an organization.
func (s *Service) getList(c *plugins.Call) (any, error) {
	in := plugins.QueryOf[listInput](c)
	q := listing{kind: OwnerUser, owner: c.Current.User.ID, limit: in.Limit, offset: in.Offset, sort: auth.ValueOf(in.SortBy), descending: auth.ValueOf(in.SortDirection) == "desc"}
	if org := auth.ValueOf(in.OrganizationID); org != "" {
		if _, err := s.mayIn(c.Context(), org, ScopeRead); err != nil {
			return nil, err
		}
		q.kind, q.owner = OwnerOrganization, org
	}
	if q.sort != "" && !slices.Contains(sortable, q.sort) {
		return nil, auth.ErrValidation.Saying(words.Raw("[query.sortBy] Invalid option"))
	}
	if id := auth.ValueOf(in.ConfigID); id != "" {
		conf, err := s.choose(id)
		if err != nil {
			return nil, err
		}
		q.only, q.named = conf, id
	}
	rows, total, err := s.list(c.Context(), q)
	if err != nil {
		return nil, err
	}
	s.sweepSoon(c.Context())
	out := listOutput{Keys: make([]ent.WireObject, len(rows)), Total: total, Limit: in.Limit, Offset: in.Offset}
	for i, row := range rows {
		out.Keys[i] = s.wire(s.repaired(c.Context(), row))
	}
	return out, nil
}

// listing is what a list is asked for. An organization's are those of its service accounts
// too.
type listing struct {
	kind, owner   string
	only          *configuration // nil: of all kinds
	named         string         // the id of the kind, as it was asked for
	limit, offset *int
	sort          string // a column; empty is the time of creation
	descending    bool
}

// list reads a page of an owner's keys. What lies in the database alone is paged there;
// keys of several places are merged (better-auth api-key 5.3).
func (s *Service) list(ctx context.Context, q listing) ([]*ent.APIKey, int, error) {
	places := map[string]bool{}
	var sources []*configuration
	for _, c := range s.configurations() {
		if q.only != nil && c.id != q.only.id || places[c.place()] {
			continue
		}
		places[c.place()] = true
		sources = append(sources, c)
	}
	if len(sources) == 1 && sources[0].Storage == inDatabase {
		return s.pageOf(ctx, q)
	}
	owners, err := s.ownersIn(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	var all []*ent.APIKey
	seen := map[string]bool{}
	for _, c := range sources {
		for _, owner := range owners {
			rows, err := s.gather(ctx, c, owner)
			if err != nil {
				return nil, 0, err
			}
			for _, row := range rows {
				if !seen[row.ID] {
					seen[row.ID] = true
					all = append(all, row)
				}
			}
		}
	}
	all = slices.DeleteFunc(all, func(row *ent.APIKey) bool { return !s.fits(row, q) })
	slices.SortStableFunc(all, q.compare)
	from := min(len(all), orInt(q.offset, 0))
	to := min(len(all), from+min(orInt(q.limit, wireLimit), wireLimit))
	return all[from:to], len(all), nil
}

// ownersIn are the owners whose keys a list has.
func (s *Service) ownersIn(ctx context.Context, q listing) ([]string, error) {
	owners := []string{q.owner}
	if q.kind != OwnerOrganization {
		return owners, nil
	}
	ids, err := s.accounts(ctx, q.owner).Order(ent.Asc(serviceaccount.FieldID)).Limit(maxMerged).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing service accounts: %w", err)
	}
	return append(owners, ids...), nil
}

func orInt(n *int, standard int) int {
	if n == nil {
		return standard
	}
	return *n
}

// pageOf pages in the database.
func (s *Service) pageOf(ctx context.Context, q listing) ([]*ent.APIKey, int, error) {
	query := s.keys(ctx).Query().Where(s.where(q)...)
	total, err := query.Clone().Count(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("counting keys: %w", err)
	}
	if q.limit != nil && *q.limit == 0 {
		return nil, total, nil
	}
	rows, err := query.Order(q.order).Limit(min(orInt(q.limit, wireLimit), wireLimit)).Offset(orInt(q.offset, 0)).All(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("listing keys: %w", err)
	}
	return rows, total, nil
}

// where are the conditions of a list: keys whose own kind is owned as the list asks.
func (s *Service) where(q listing) []predicate.APIKey {
	where := []predicate.APIKey{apikey.ReferenceID(q.owner)}
	if q.kind == OwnerOrganization {
		where = []predicate.APIKey{apikey.Or(apikey.ReferenceID(q.owner), apikey.OrganizationID(q.owner))}
	}
	if q.only != nil {
		if !sameKind(q.only.id, q.named) { // an unknown kind has no keys
			return append(where, apikey.ConfigID(q.named))
		}
		ids := []string{q.only.id}
		if q.only.id == defaultID {
			ids = append(ids, "")
		}
		where = append(where, apikey.ConfigIDIn(ids...))
	}
	fitting, others := []string{}, []string{}
	standardFits := false
	for _, c := range s.configurations() {
		fits := c.ofOrganizations() == (q.kind == OwnerOrganization)
		if fits {
			fitting = append(fitting, c.id)
		} else {
			others = append(others, c.id)
		}
		standardFits = standardFits || fits && c.id == defaultID
	}
	if standardFits { // which unknown ids count as
		return append(where, apikey.ConfigIDNotIn(others...))
	}
	return append(where, apikey.ConfigIDIn(fitting...))
}

// fits is where for rows in memory.
func (s *Service) fits(row *ent.APIKey, q listing) bool {
	c, err := s.choose(row.ConfigID)
	owned := row.ReferenceID == q.owner || q.kind == OwnerOrganization && auth.ValueOf(row.OrganizationID) == q.owner
	return err == nil && owned && c.ofOrganizations() == (q.kind == OwnerOrganization) &&
		(q.only == nil || sameKind(row.ConfigID, q.named))
}

// order orders by the column, what has no value first, and by the id.
func (q listing) order(sel *sql.Selector) {
	column := sel.C(cmp.Or(q.sort, apikey.FieldCreatedAt))
	direct, empty := sql.Asc, "DESC"
	if q.descending {
		direct, empty = sql.Desc, "ASC"
	}
	sel.OrderExpr(sql.Expr("(" + column + " IS NULL) " + empty))
	sel.OrderBy(direct(column), direct(sel.C(apikey.FieldID)))
}

// compare orders rows in memory as order does.
func (q listing) compare(a, b *ent.APIKey) int {
	way := 1
	if q.descending {
		way = -1
	}
	column := cmp.Or(q.sort, apikey.FieldCreatedAt)
	x, okX := valueOf(a, column)
	y, okY := valueOf(b, column)
	switch {
	case okX && okY:
		return way * cmp.Or(strings.Compare(x, y), strings.Compare(a.ID, b.ID))
	case okX:
		return way
	case okY:
		return -way
	}
	return way * strings.Compare(a.ID, b.ID)
}

// valueOf is a column of a row as a text that sorts like it; false for none.
func valueOf(row *ent.APIKey, column string) (string, bool) {
	v, _ := row.Wire(nil).Get(column)
	switch v := v.(type) {
	case string:
		return v, true
	case *string:
		return auth.ValueOf(v), v != nil
	case int64:
		return fmt.Sprintf("%020d", v), true
	case *int64:
		if v != nil {
			return fmt.Sprintf("%020d", *v), true
		}
	case bool:
		return fmt.Sprint(v), true
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000000000"), true
	case *time.Time:
		if v != nil {
			return v.UTC().Format("2006-01-02T15:04:05.000000000"), true
		}
	}
	return "", false
}

// gather reads all keys of an owner from the place of a kind.
func (s *Service) gather(ctx context.Context, c *configuration, owner string) ([]*ent.APIKey, error) {
	storage := s.storage(c)
	if c.Storage == inSecondary && storage != nil {
		ids, err := idsIn(ctx, storage, owner)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 || c.inStorage() {
			return s.recallAll(ctx, c, ids)
		}
	}
	if c.inStorage() {
		return nil, nil
	}
	rows, err := s.keysOwnedBy(ctx, owner)
	if err != nil {
		return nil, err
	}
	if c.cached() && storage != nil && len(rows) > 0 {
		return rows, s.fill(ctx, c, storage, owner, rows)
	}
	return rows, nil
}

// fill writes the keys of an owner into the storage that stands before the database, and
// their list once; the list goes again when keys came or went meanwhile.
func (s *Service) fill(ctx context.Context, c *configuration, storage Storage, reference string, rows []*ent.APIKey) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
		text, err := encode(row)
		if err != nil {
			return err
		}
		for _, name := range []string{byHash(row.Key), byID(row.ID)} {
			if err := storage.Set(ctx, name, text, s.life(row)); err != nil {
				return fmt.Errorf("storing a key: %w", err)
			}
		}
	}
	raw, err := schema.Marshal(ids)
	if err != nil {
		return err
	}
	if err := storage.Set(ctx, byReference(reference), string(raw), 0); err != nil {
		return fmt.Errorf("storing a list of keys: %w", err)
	}
	after, err := s.keysOwnedBy(ctx, reference)
	if err != nil {
		return err
	}
	now := map[string]*ent.APIKey{}
	for _, row := range after {
		now[row.ID] = row
	}
	changed := len(after) != len(rows)
	for _, row := range rows {
		if next := now[row.ID]; next != nil && sameEntry(row, next) {
			continue
		}
		changed = true
		if err := s.cache(ctx, c, row); err != nil { // which sees what became of it
			return err
		}
	}
	if changed {
		return storage.Delete(ctx, byReference(reference))
	}
	return nil
}

// keysOwnedBy reads the keys of an owner from the database.
func (s *Service) keysOwnedBy(ctx context.Context, reference string) ([]*ent.APIKey, error) {
	rows, err := s.keys(ctx).Query().Where(apikey.ReferenceID(reference)).Order(ent.Asc(apikey.FieldCreatedAt, apikey.FieldID)).Limit(maxMerged).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	return rows, nil
}

// repair stores repaired metadata, if it is still as it was read.
func (s *Service) repair(ctx context.Context, c *configuration, before, after *ent.APIKey) error {
	return s.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		update := tx.Platform().APIKey().Update().Where(apikey.ID(before.ID), apikey.Metadata(*before.Metadata)).SetUpdatedAt(before.UpdatedAt)
		if after.Metadata == nil {
			update.ClearMetadata()
		} else {
			update.SetMetadata(*after.Metadata)
		}
		n, err := update.Save(ctx)
		if err == nil && n == 1 {
			s.cacheAfter(tx, c, after)
		}
		return err
	})
}
