package apikey

import (
	"context"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
)

// palettes find keys and service accounts, of everybody and of the organization that the
// reader is in.
func (s *Service) palettes() []plugins.Palette {
	var sources []plugins.Palette
	for _, at := range []place{inOrganization, onPlatform} {
		more := func(path func(h head) string) func(context.Context, string) string {
			return func(ctx context.Context, text string) string {
				return path(headIn(ctx, at)) + "?" + url.Values{"q": {text}}.Encode()
			}
		}
		sources = append(sources,
			plugins.Palette{Label: keysLabel(at), Scope: ScopeRead, Organization: at == inOrganization, Find: s.findKeysAt(at),
				More: more(func(h head) string { return h.keys("") })},
			plugins.Palette{Label: accountsLabel(at), Scope: ScopeAccountRead, Organization: at == inOrganization, Find: s.findAccountsAt(at),
				More: more(func(h head) string { return h.accounts("") })})
	}
	return sources
}

// The labels say which are of the organization, as both stand in one list of results.
func keysLabel(at place) words.Text {
	if at == inOrganization {
		return "API keys of the organization"
	}
	return "API keys"
}

func accountsLabel(at place) words.Text {
	if at == inOrganization {
		return "Service accounts of the organization"
	}
	return "Service accounts"
}

// findKeysAt finds keys that the list of a place shows.
func (s *Service) findKeysAt(at place) func(context.Context, string, int) ([]plugins.Found, error) {
	return func(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
		h := headIn(ctx, at)
		page, err := s.keyList(ctx, at, list.Query{Text: text, In: h.in(), Sort: "created", Limit: limit})
		if err != nil {
			return nil, err
		}
		owners, err := s.ownersOf(ctx, h, page.Rows)
		if err != nil {
			return nil, err
		}
		var found []plugins.Found
		o := plugins.OrganizationOf(ctx)
		for _, row := range page.Rows {
			if at == onPlatform && o != nil && auth.ValueOf(row.OrganizationID) == o.ID && h.p.ShowsIn(o.ID, ScopeRead) {
				continue // stands among those of the organization
			}
			owner := ownerWords(row.OwnerKind)
			if name := owners[row.ID].Name; name != "" {
				owner = words.Raw(name)
			}
			start := ""
			if row.Start != nil {
				start = *row.Start + "…"
			}
			found = append(found, plugins.Found{Icon: "key", Title: words.Raw(called(row)), Detail: words.Join(words.Dot, words.Raw(start), owner), URL: h.key(row.ID, "")})
		}
		return found, nil
	}
}

// findAccountsAt finds service accounts that the list of a place shows.
func (s *Service) findAccountsAt(at place) func(context.Context, string, int) ([]plugins.Found, error) {
	return func(ctx context.Context, text string, limit int) ([]plugins.Found, error) {
		h := headIn(ctx, at)
		page, err := s.ListAccounts(ctx, h.in(), list.Query{Text: text, Sort: "name", Ascending: true, Limit: limit})
		if err != nil {
			return nil, err
		}
		var found []plugins.Found
		for _, a := range page.Rows {
			found = append(found, plugins.Found{Icon: "bot", Title: words.Raw(a.Name), Detail: words.Join(words.Dot, words.Raw(a.Description), auth.RolesWords(auth.SplitRoles(a.Role))), URL: h.account(a.ID, "")})
		}
		return found, nil
	}
}
