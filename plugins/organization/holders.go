package organization

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/ent/member"
	"gatehouse/ent/memberrole"
	"gatehouse/ent/organizationrole"
	"gatehouse/ent/predicate"
)

// Bounds of the answer to "who holds this scope".
const (
	// fewHolders is how many are collected and put into order in memory; more are read in
	// the order of the index on names.
	fewHolders = 2_000
	// maxRoleTexts bounds the different role texts of an organization that are looked at.
	maxRoleTexts = 2_000
)

// holding is what makes members of one organization hold a scope.
type holding struct {
	org      string
	at       time.Time
	everyone bool     // every member does
	roles    []string // that give it
	texts    []string // stored role texts that name one of them
}

// holding finds out what gives a scope in an organization; nil when nothing does.
func (s *Service) holding(ctx context.Context, q auth.HolderQuery) (*holding, error) {
	org := q.Realm.Organization
	if org == "" {
		return nil, nil
	}
	roles, err := s.rolesGiving(ctx, org, q.Scope)
	if err != nil {
		return nil, err
	}
	h := &holding{org: org, at: q.At, everyone: slices.Contains(s.implied(), q.Scope), roles: roles}
	if len(roles) == 0 || h.everyone {
		if !h.everyone {
			h = nil
		}
		return h, nil
	}
	h.texts, err = s.namingTexts(ctx, org, roles)
	return h, err
}

// rolesGiving are the roles that give a scope in an organization: those of every
// organization, the widest first, and those that it made for itself.
func (s *Service) rolesGiving(ctx context.Context, org, scope string) ([]string, error) {
	var giving, own []string
	for _, name := range s.host.Scopes.RoleNamesIn() {
		if held, _ := s.host.Scopes.OfRoleIn(name); held[scope] {
			giving = append(giving, name)
		}
	}
	if !s.cfg.Get().DynamicRoles.Enabled {
		return giving, nil
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationRole().Query().Order(ent.Asc(organizationrole.FieldRole)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles of an organization: %w", err)
	}
	for _, row := range rows {
		if p, err := readPermission(row.Permission); err == nil && p.scopes()[scope] && !slices.Contains(giving, row.Role) {
			own = append(own, row.Role)
		}
	}
	return append(giving, own...), nil
}

// namingTexts are the stored role texts of an organization that name one of some roles,
// alone or among others, found by stepping through the index from text to text.
func (s *Service) namingTexts(ctx context.Context, org string, roles []string) ([]string, error) {
	var found []string
	last := ""
	for range maxRoleTexts {
		row, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(member.RoleGT(last)).
			Order(ent.Asc(member.FieldRole)).Select(member.FieldRole).First(ctx)
		if ent.IsNotFound(err) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for role texts: %w", err)
		}
		last = row.Role
		if slices.ContainsFunc(auth.SplitRoles(last), func(r string) bool { return slices.Contains(roles, r) }) {
			found = append(found, last)
		}
	}
	return found, nil
}

// holders is the inverse of grants for one organization: the members in force that hold a
// scope there, by name.
func (s *Service) holders(ctx context.Context, q auth.HolderQuery) ([]auth.Holder, bool, error) {
	h, err := s.holding(ctx, q)
	if h == nil || err != nil {
		return nil, false, err
	}
	few, err := s.few(ctx, h)
	if err != nil {
		return nil, false, err
	}
	query := s.host.DB.Access(ctx).Organization(h.org).Member().Query()
	if few == nil {
		query = query.Where(inForce(h.at), h.many(), behind(q.After))
	} else {
		ids := few.behind(q.After, q.Limit+1)
		if len(ids) == 0 {
			return nil, false, nil
		}
		query = query.Where(member.IDIn(ids...))
	}
	rows, err := query.Order(ent.Asc(member.FieldUserName, member.FieldID)).Limit(q.Limit + 1).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("looking for holders of %s: %w", q.Scope, err)
	}
	if few != nil { // not in the order of the database, whose idea of letters is its own
		slices.SortFunc(rows, func(a, b *ent.Member) int { return placeIn(a).compare(placeIn(b)) })
	}
	more := len(rows) > q.Limit
	list, err := s.described(ctx, h, rows[:min(len(rows), q.Limit)])
	return list, more, err
}

// countHolders counts the members that hold a scope: by the index on roles, however many
// they are.
func (s *Service) countHolders(ctx context.Context, q auth.HolderQuery) (int, error) {
	h, err := s.holding(ctx, q)
	if h == nil || err != nil {
		return 0, err
	}
	count := func(limit int, where ...predicate.Member) (int, error) {
		ids, err := s.host.DB.Access(ctx).Organization(h.org).Member().Query().Where(append(where, inForce(h.at))...).Limit(limit).IDs(ctx)
		return len(ids), err
	}
	if h.everyone {
		return count(q.Limit)
	}
	n, err := count(q.Limit, member.RoleIn(h.texts...))
	if err != nil || n == q.Limit {
		return n, err
	}
	timed, err := s.timed(ctx, h, q.Limit)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(timed, 500) {
		more, err := count(q.Limit-n, member.IDIn(part...), member.RoleNotIn(h.texts...))
		if n += more; err != nil || n >= q.Limit {
			return n, err
		}
	}
	return n, nil
}

// timed are the members that have a role for a time now that gives the scope, each once.
func (s *Service) timed(ctx context.Context, h *holding, limit int) ([]string, error) {
	ids, err := s.host.DB.Access(ctx).Organization(h.org).MemberRole().Query().Where(memberrole.RoleIn(h.roles...), roleInForce(h.at)).
		Limit(limit).Select(memberrole.FieldMemberID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for roles for a time: %w", err)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// place is where a member stands among the others.
type place struct{ name, id string }

func (p place) compare(q place) int {
	return cmp.Or(strings.Compare(p.name, q.name), strings.Compare(p.id, q.id))
}

func placeIn(row *ent.Member) place { return place{row.UserName, row.ID} }

func (p place) key() string { return p.name + "\x00" + p.id }

func placeOf(key string) place {
	name, id, _ := strings.Cut(key, "\x00")
	return place{name, id}
}

// places are members in their order.
type places []place

func (p places) behind(key string, limit int) []string {
	from := 0
	if key != "" {
		from, _ = slices.BinarySearchFunc(p, placeOf(key), place.compare)
		if from < len(p) && p[from] == placeOf(key) {
			from++
		}
	}
	var ids []string
	for _, m := range p[from:min(len(p), from+limit)] {
		ids = append(ids, m.id)
	}
	return ids
}

// few collects the holders where they are few, by the index on roles; nil where they are
// many.
func (s *Service) few(ctx context.Context, h *holding) (places, error) {
	if h.everyone {
		return nil, nil
	}
	members := s.host.DB.Access(ctx).Organization(h.org).Member
	read := func(where predicate.Member) (places, error) {
		rows, err := members().Query().Where(where, inForce(h.at)).Limit(fewHolders+1).Select(member.FieldID, member.FieldUserName).All(ctx)
		list := make(places, len(rows))
		for i, row := range rows {
			list[i] = placeIn(row)
		}
		return list, err
	}
	list, err := read(member.RoleIn(h.texts...))
	if err != nil || len(list) > fewHolders {
		return nil, err
	}
	timed, err := s.timed(ctx, h, fewHolders+1)
	if err != nil || len(timed) > fewHolders {
		return nil, err
	}
	for part := range slices.Chunk(timed, 500) {
		more, err := read(member.IDIn(part...))
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, place.compare)
	list = slices.Compact(list)
	if list == nil {
		list = places{}
	}
	return list, nil
}

// many is the predicate of the holders where they are many: the index on roles is kept out
// of it, since that of the order finds a page of them sooner.
func (h *holding) many() predicate.Member {
	return func(q *sql.Selector) {
		if h.everyone {
			return
		}
		timed := sql.Table(memberrole.Table)
		q.Where(sql.Or(
			sql.P(func(b *sql.Builder) {
				if len(h.texts) == 0 {
					b.WriteString("1 = 0")
					return
				}
				b.WriteString("COALESCE(").Ident(q.C(member.FieldRole)).WriteString(", '') IN (").Args(anys(h.texts)...).WriteString(")")
			}),
			sql.In(q.C(member.FieldID), sql.Select(timed.C(memberrole.FieldMemberID)).From(timed).Where(sql.And(
				sql.EQ(timed.C(memberrole.FieldOrganizationID), h.org),
				sql.In(timed.C(memberrole.FieldRole), anys(h.roles)...),
				sql.Or(sql.IsNull(timed.C(memberrole.FieldStartsAt)), sql.LTE(timed.C(memberrole.FieldStartsAt), h.at)),
				sql.Or(sql.IsNull(timed.C(memberrole.FieldEndsAt)), sql.GT(timed.C(memberrole.FieldEndsAt), h.at)))))))
	}
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// behind are the members after a place in the order of names. The first half lets the
// index on names begin there.
func behind(key string) predicate.Member {
	if key == "" {
		return func(*sql.Selector) {}
	}
	at := placeOf(key)
	return member.And(member.UserNameGTE(at.name), member.Or(member.UserNameGT(at.name), member.IDGT(at.id)))
}

func roleInForce(at time.Time) predicate.MemberRole {
	return memberrole.And(memberrole.Or(memberrole.StartsAtIsNil(), memberrole.StartsAtLTE(at)), roleNotOver(at))
}

// roleNotOver are roles for a time that count or will.
func roleNotOver(at time.Time) predicate.MemberRole {
	return memberrole.Or(memberrole.EndsAtIsNil(), memberrole.EndsAtGT(at))
}

// described says by what each member holds the scope.
func (s *Service) described(ctx context.Context, h *holding, rows []*ent.Member) ([]auth.Holder, error) {
	ids, people := make([]string, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		ids[i], people[i] = row.ID, row.UserID
	}
	timed := map[string][]*ent.MemberRole{}
	if len(h.roles) > 0 {
		given, err := s.host.DB.Access(ctx).Organization(h.org).MemberRole().Query().
			Where(memberrole.MemberIDIn(ids...), memberrole.RoleIn(h.roles...), roleInForce(h.at)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading roles for a time: %w", err)
		}
		for _, t := range given {
			timed[t.MemberID] = append(timed[t.MemberID], t)
		}
	}
	users, err := s.host.Users.ByIDs(ctx, people)
	if err != nil {
		return nil, err
	}
	var list []auth.Holder
	for _, row := range rows {
		start, end := auth.ValueOf(row.StartsAt), auth.ValueOf(row.EndsAt)
		one := auth.Holder{Subject: row.UserID, Kind: auth.KindUser, Name: row.UserName, Detail: row.UserEmail, Start: start, End: end,
			Key: placeIn(row).key()}
		if u := users[row.UserID]; u != nil {
			one.Name, one.Detail = u.Name, u.Email
			if u.Image != nil {
				one.Image = *u.Image
			}
		}
		by := func(source auth.Source, start, end time.Time) {
			held := one
			held.Source, held.Start, held.End = source, start, end
			list = append(list, held)
		}
		for _, name := range auth.SplitRoles(row.Role) {
			if slices.Contains(h.roles, name) {
				by(auth.Source{Kind: sourceRole, Name: name}, start, end)
			}
		}
		for _, t := range timed[row.ID] {
			by(auth.Source{Kind: sourceRole, Name: t.Role}, latest(start, auth.ValueOf(t.StartsAt)), earliest(end, auth.ValueOf(t.EndsAt)))
		}
		if h.everyone {
			by(auth.Source{Kind: sourceMembership, Name: row.ID}, start, end)
		}
	}
	return list, nil
}

// givers are what gives a scope in an organization: roles, and being a member.
func (s *Service) givers(ctx context.Context, r auth.Realm, scope string) ([]auth.Giver, error) {
	if r.Organization == "" {
		return nil, nil
	}
	var list []auth.Giver
	if slices.Contains(s.implied(), scope) {
		list = append(list, auth.Giver{Source: auth.Source{Kind: sourceMembership}, By: ScopeMemberCreate})
	}
	roles, err := s.rolesGiving(ctx, r.Organization, scope)
	for _, name := range roles {
		list = append(list, auth.Giver{Source: auth.Source{Kind: sourceRole, Name: name}, By: ScopeMemberUpdate})
	}
	return list, err
}

// FindMembers implements plugins.Members.
func (s *Service) FindMembers(ctx context.Context, org, text string, limit int) ([]*ent.User, error) {
	query := s.host.DB.Access(ctx).Organization(org).Member().Query()
	if text = strings.TrimSpace(text); text != "" {
		found, err := s.matching(ctx, org, text)
		if err != nil {
			return nil, err
		}
		query = query.Where(found)
	}
	rows, err := query.WithUser().Order(ent.Asc(member.FieldUserName, member.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("searching members: %w", err)
	}
	people := make([]*ent.User, len(rows))
	for i, row := range rows {
		people[i] = row.Edges.User
	}
	return people, nil
}

// Bounds of matching.
const (
	largeOrganization = 5_000
	fewFound          = 2_000
)

// matching finds members by a piece of their name or address. In a large organization a
// piece that few people of the server have is found by their index: to look through the
// members would take as long as they are many.
func (s *Service) matching(ctx context.Context, org, text string) (predicate.Member, error) {
	piece := member.Or(member.UserNameContainsFold(text), member.UserEmailContainsFold(text))
	search := s.host.DB.Search()
	if search.OnlyBeginnings() || utf8.RuneCountInString(text) < 3 {
		return piece, nil
	}
	large, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Order(ent.Asc(member.FieldUserID)).Offset(largeOrganization).Limit(1).IDs(ctx)
	if err != nil || len(large) == 0 {
		return piece, err
	}
	hits, err := search.Find(ctx, "User", text, "", fewFound)
	if err != nil || hits.Next != "" {
		return piece, err
	}
	return member.And(member.UserIDIn(hits.IDs...), piece), nil
}

// Belongs implements plugins.Members.
func (s *Service) Belongs(ctx context.Context, org, person string) (bool, error) {
	in, err := s.host.DB.Access(ctx).Organization(org).Member().Query().Where(member.UserID(person)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("looking for a member: %w", err)
	}
	return in, nil
}
