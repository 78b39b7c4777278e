package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/predicate"
	"gatehouse/ent/timedrole"
	"gatehouse/ent/user"
)

// adminOption is the setting that makes people administrators by their ids.
const adminOption = "admin.admin_user_ids"

// deny is a ban in force: it denies everything, whatever the credential (SEC-036).
func (s *Service) deny(f auth.Facts) *auth.Error {
	if f.User != nil && Banned(f.User, f.At) {
		return auth.ErrUnauthorized
	}
	return nil
}

// grants turns the roles of a person into grants, those for a time included.
func (s *Service) grants(ctx context.Context, f auth.Facts) (auth.Given, error) {
	var given auth.Given
	if f.User == nil || f.Realm != auth.Platform {
		return given, nil
	}
	timed, err := s.timedRoles(ctx, f.User.ID, f.At, f.Whole)
	if err != nil {
		return given, err
	}
	given.Roles = s.RolesOf(f.User)
	for _, role := range given.Roles {
		given.Grants = append(given.Grants, s.grantsOf(role, time.Time{}, time.Time{})...)
	}
	for _, t := range timed {
		if inForce(t, f.At) {
			given.Roles = append(given.Roles, t.Role)
		}
		given.Grants = append(given.Grants, s.grantsOf(t.Role, auth.ValueOf(t.StartsAt), auth.ValueOf(t.EndsAt))...)
	}
	if s.isNamed(f.User.ID) {
		for _, scope := range s.host.Scopes.Scopes() {
			given.Grants = append(given.Grants, auth.Grant{Scope: scope.Name(), Source: auth.Source{Kind: auth.SourceOption, Name: adminOption}})
		}
	}
	if f.Row != nil && f.Row.ImpersonatedBy != nil {
		given.ImpersonatedBy = *f.Row.ImpersonatedBy
		given.ReadOnly, given.APIWrites = !f.Row.ImpersonationWrites, s.cfg.Get().ImpersonationWrites
	}
	slices.SortStableFunc(given.Grants, func(a, b auth.Grant) int { return strings.Compare(a.Scope, b.Scope) })
	return given, nil
}

// grantsOf are what a role of the platform gives from a start to an end.
func (s *Service) grantsOf(role string, start, end time.Time) []auth.Grant {
	var list []auth.Grant
	for scope := range s.host.Scopes.OfRole(role) {
		list = append(list, auth.Grant{Scope: scope, Source: auth.Source{Kind: auth.SourceRole, Name: role}, Start: start, End: end})
	}
	return list
}

// fewHolders is how many holders are collected and put into order in memory; more are read
// in the order of the index on names.
const fewHolders = 2_000

// holding is what makes people hold a scope of the platform.
type holding struct {
	at    time.Time
	roles []string // that give it
	texts *roleFilter
	named []string // ids in the settings
}

// holding finds out what gives a scope; nil when nothing does.
func (s *Service) holding(ctx context.Context, q auth.HolderQuery) (*holding, error) {
	if _, known := s.host.Scopes.Lookup(q.Scope); !known || q.Realm != auth.Platform {
		return nil, nil
	}
	h := &holding{at: q.At, roles: s.rolesGiving(q.Scope), named: s.cfg.Get().AdminUserIDs}
	if len(h.roles) == 0 && len(h.named) == 0 {
		return nil, nil
	}
	var err error
	h.texts, err = s.roleFilter(ctx, h.roles...)
	return h, err
}

func (s *Service) rolesGiving(scope string) []string {
	return slices.DeleteFunc(s.host.Scopes.RoleNames(), func(role string) bool { return !s.host.Scopes.OfRole(role)[scope] })
}

// holders is the inverse of grants: everyone unbanned who holds a platform scope, by name.
func (s *Service) holders(ctx context.Context, q auth.HolderQuery) ([]auth.Holder, bool, error) {
	h, err := s.holding(ctx, q)
	if h == nil || err != nil {
		return nil, false, err
	}
	few, err := s.few(ctx, h)
	if err != nil {
		return nil, false, err
	}
	query := s.host.DB.Access(ctx).User().Query()
	if few == nil {
		query = query.Where(notBanned(h.at), h.many(), behind(q.After))
	} else {
		ids := few.behind(q.After, q.Limit+1)
		if len(ids) == 0 {
			return nil, false, nil
		}
		query = query.Where(user.IDIn(ids...))
	}
	rows, err := query.Order(ent.Asc(user.FieldName, user.FieldID)).Limit(q.Limit + 1).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("looking for holders of %s: %w", q.Scope, err)
	}
	if few != nil { // not in the order of the database, whose idea of letters is its own
		slices.SortFunc(rows, func(a, b *ent.User) int { return placeIn(a).compare(placeIn(b)) })
	}
	more := len(rows) > q.Limit
	list, err := s.described(ctx, h, rows[:min(len(rows), q.Limit)])
	return list, more, err
}

// countHolders counts the people who hold a scope: by the index on roles, however many
// they are.
func (s *Service) countHolders(ctx context.Context, q auth.HolderQuery) (int, error) {
	h, err := s.holding(ctx, q)
	if h == nil || err != nil {
		return 0, err
	}
	people := func(where predicate.User) *ent.UserQuery {
		return s.host.DB.Access(ctx).User().Query().Where(where, notBanned(h.at)).Limit(q.Limit)
	}
	ids, err := people(h.texts.few()).IDs(ctx)
	if err != nil || len(ids) == q.Limit {
		return len(ids), err
	}
	others, err := s.timedOrNamed(ctx, h, q.Limit)
	if err != nil {
		return 0, err
	}
	n := len(ids)
	for part := range slices.Chunk(others, 500) {
		rows, err := people(user.IDIn(part...)).Select(user.FieldRole).All(ctx)
		if err != nil {
			return 0, err
		}
		for _, u := range rows { // those who hold it by their own roles were counted
			if !slices.ContainsFunc(s.RolesOf(u), func(role string) bool { return slices.Contains(h.roles, role) }) {
				n++
			}
		}
	}
	return min(n, q.Limit), nil
}

// timedOrNamed are the people who have a role for a time now that gives the scope, and
// those whom the settings name, each once.
func (s *Service) timedOrNamed(ctx context.Context, h *holding, limit int) ([]string, error) {
	ids, err := s.host.DB.Access(ctx).TimedRole().Query().Where(timedrole.RoleIn(h.roles...), timedInForce(h.at)).
		Limit(limit).Select(timedrole.FieldUserID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for roles for a time: %w", err)
	}
	ids = append(ids, h.named...)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// place is where a person stands among the others.
type place struct{ name, id string }

func (p place) compare(q place) int {
	return cmp.Or(strings.Compare(p.name, q.name), strings.Compare(p.id, q.id))
}

func placeIn(row *ent.User) place { return place{row.Name, row.ID} }

func (p place) key() string { return p.name + "\x00" + p.id }

func placeOf(key string) place {
	name, id, _ := strings.Cut(key, "\x00")
	return place{name, id}
}

// places are people in their order.
type places []place

func (p places) behind(key string, limit int) []string {
	from := 0
	if key != "" {
		at := placeOf(key)
		from, _ = slices.BinarySearchFunc(p, at, place.compare)
		if from < len(p) && p[from] == at {
			from++
		}
	}
	var ids []string
	for _, one := range p[from:min(len(p), from+limit)] {
		ids = append(ids, one.id)
	}
	return ids
}

// few collects the holders where they are few, by the index on roles; nil where they are
// many.
func (s *Service) few(ctx context.Context, h *holding) (places, error) {
	read := func(where predicate.User) (places, error) {
		rows, err := s.host.DB.Access(ctx).User().Query().Where(where, notBanned(h.at)).Limit(fewHolders+1).Select(user.FieldID, user.FieldName).All(ctx)
		list := make(places, len(rows))
		for i, row := range rows {
			list[i] = placeIn(row)
		}
		return list, err
	}
	list, err := read(h.texts.few())
	if err != nil || len(list) > fewHolders {
		return nil, err
	}
	others, err := s.timedOrNamed(ctx, h, fewHolders+1)
	if err != nil || len(others) > fewHolders {
		return nil, err
	}
	for part := range slices.Chunk(others, 500) {
		more, err := read(user.IDIn(part...))
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, place.compare)
	return slices.Compact(list), nil
}

// many is the predicate of the holders where they are many.
func (h *holding) many() predicate.User {
	texts := user.IDIn()
	if h.texts.empty || len(h.texts.texts) > 0 {
		texts = h.texts.many()
	}
	return user.Or(texts, func(q *sql.Selector) {
		timed := sql.Table(timedrole.Table)
		q.Where(sql.In(q.C(user.FieldID), sql.Select(timed.C(timedrole.FieldUserID)).From(timed).Where(sql.And(
			sql.In(timed.C(timedrole.FieldRole), anys(h.roles)...),
			sql.Or(sql.IsNull(timed.C(timedrole.FieldStartsAt)), sql.LTE(timed.C(timedrole.FieldStartsAt), h.at)),
			sql.Or(sql.IsNull(timed.C(timedrole.FieldEndsAt)), sql.GT(timed.C(timedrole.FieldEndsAt), h.at))))))
	}, user.IDIn(h.named...))
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// behind are the people after a place in the order of names. The first half lets the index
// on names begin there.
func behind(key string) predicate.User {
	if key == "" {
		return func(*sql.Selector) {}
	}
	at := placeOf(key)
	return user.And(user.NameGTE(at.name), user.Or(user.NameGT(at.name), user.IDGT(at.id)))
}

// described says by what each person holds the scope.
func (s *Service) described(ctx context.Context, h *holding, rows []*ent.User) ([]auth.Holder, error) {
	ids := make([]string, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	given, err := s.host.DB.Access(ctx).TimedRole().Query().Where(timedrole.UserIDIn(ids...), timedrole.RoleIn(h.roles...), timedInForce(h.at)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles for a time: %w", err)
	}
	var list []auth.Holder
	for _, u := range rows {
		one := auth.Holder{Subject: u.ID, Kind: auth.KindUser, Name: shownName(u), Detail: u.Email, Image: personOf(u).Image, Key: placeIn(u).key()}
		by := func(kind, name string, start, end time.Time) {
			held := one
			held.Source, held.Start, held.End = auth.Source{Kind: kind, Name: name}, start, end
			list = append(list, held)
		}
		for _, role := range s.RolesOf(u) {
			if slices.Contains(h.roles, role) {
				by(auth.SourceRole, role, time.Time{}, time.Time{})
			}
		}
		for _, t := range given {
			if t.UserID == u.ID {
				by(auth.SourceRole, t.Role, auth.ValueOf(t.StartsAt), auth.ValueOf(t.EndsAt))
			}
		}
		if s.isNamed(u.ID) {
			by(auth.SourceOption, adminOption, time.Time{}, time.Time{})
		}
	}
	return list, nil
}

// givers are what gives a scope of the platform: its roles.
func (s *Service) givers(_ context.Context, r auth.Realm, scope string) ([]auth.Giver, error) {
	if r != auth.Platform {
		return nil, nil
	}
	var list []auth.Giver
	for _, role := range s.rolesGiving(scope) {
		list = append(list, auth.Giver{Source: auth.Source{Kind: auth.SourceRole, Name: role}, By: ScopeSetRole})
	}
	return list, nil
}
