package admin

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/database"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
	"gatehouse/ent/session"
	"gatehouse/ent/user"
	"gatehouse/plugins"
)

// palettes find people by name, mail and id, sessions by id, and what a reference on an
// error page was about.
func (s *Service) palettes() []plugins.Palette {
	return []plugins.Palette{
		{Label: "People", Scope: ScopeList, Find: s.findPeople, More: func(_ context.Context, text string) string { return usersPath + "?" + url.Values{"q": {text}}.Encode() }},
		{Label: "Sessions", Scope: ScopeSessionList, Find: s.findSessions},
		{Label: "Events", Scope: ScopeEvents, Find: s.findEvents},
	}
}

func (s *Service) findPeople(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
	rows, err := s.bestPeople(ctx, text, limit)
	if err != nil {
		return nil, err
	}
	list := make([]plugins.Found, len(rows))
	for i, u := range rows {
		list[i] = plugins.Found{Icon: "user", Title: words.Raw(shownName(u)), Detail: words.Raw(u.Email), URL: userURL(u.ID, "")}
	}
	return list, nil
}

// bestPeople finds at most limit people by a piece of text, what fits best first. It needs
// user:list.
func (s *Service) bestPeople(ctx context.Context, text string, limit int) ([]*ent.User, error) {
	if _, err := s.actor(ctx, ScopeList, ErrMayNotList); err != nil {
		return nil, err
	}
	var exact []*ent.User
	for _, is := range []predicate.User{user.Email(strings.ToLower(text)), user.Name(text)} { // each has its index
		rows, err := s.host.DB.Access(ctx).User().Query().Where(is).Limit(limit).All(ctx)
		if err != nil {
			return nil, err
		}
		exact = append(exact, rows...)
	}
	page, err := s.List(ctx, ListQuery{Text: text, Limit: max(limit, ranked)})
	if err != nil {
		return nil, err
	}
	begins := func(u *ent.User) int {
		if strings.HasPrefix(strings.ToLower(u.Name), strings.ToLower(text)) || strings.HasPrefix(u.Email, strings.ToLower(text)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(page.Rows, func(a, b *ent.User) int { return begins(a) - begins(b) })
	var best []*ent.User
	seen := map[string]bool{}
	for _, u := range append(exact, page.Rows...) {
		if !seen[u.ID] && len(best) < limit {
			best = append(best, u)
		}
		seen[u.ID] = true
	}
	return best, nil
}

// ranked is how many of the newest hits the best are taken from, besides exact ones.
const ranked = 50

func (s *Service) findSessions(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
	if len(text) < database.MinID || strings.ContainsAny(text, " @") {
		return nil, nil
	}
	rows, err := s.host.DB.Access(ctx).Session().Query().Where(session.ExpiresAtGT(s.now()), session.ID(text)).WithUser().Limit(limit).All(ctx)
	var list []plugins.Found
	for _, row := range rows {
		if u := row.Edges.User; u != nil {
			name, icon := device(row.UserAgent)
			list = append(list, plugins.Found{Icon: string(icon), Title: words.F("Session of %s", shownName(u)), Detail: name, URL: userURL(u.ID, "sessions")})
		}
	}
	return list, err
}

// findEvents looks for the reference of an error page, which is the id of its request.
func (s *Service) findEvents(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
	if len(text) < database.MinID || strings.ContainsAny(text, " @") {
		return nil, nil
	}
	rows, err := s.host.DB.Access(ctx).Event().Query().Where(event.RequestID(text)).Order(ent.Desc(event.FieldOccurredAt)).Limit(limit).All(ctx)
	var list []plugins.Found
	for _, row := range rows {
		about := row.SubjectID
		if row.SubjectType != "user" || about == "" {
			about = row.ActorID
		}
		at := userURL(about, "activity")
		if about == "" { // nobody's: it stands among the last events
			at = overviewPath
		}
		kind, _ := s.host.Events.Kind(row.Kind)
		list = append(list, plugins.Found{Icon: "activity", Title: kind.Words, Detail: words.Minute(row.OccurredAt), URL: at})
	}
	return list, err
}
