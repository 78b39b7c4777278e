package organization

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth/words"
	"gatehouse/ent/organization"
	"gatehouse/plugins"
	"gatehouse/web"
)

// newFor is how long an organization counts as new on the overview.
const newFor = 7 * 24 * time.Hour

// tiles are the figures of the overview of the server.
func (s *Service) tiles() []plugins.Tile {
	return []plugins.Tile{{ID: "organizations", Order: 10, Scope: ScopeList, Draw: func(ctx context.Context) (templ.Component, error) {
		all := s.host.DB.Access(ctx).Platform().Organization().Query()
		n, err := all.Clone().Count(ctx)
		if err != nil {
			return nil, err
		}
		recent, err := all.Where(organization.CreatedAtGTE(s.now().Add(-newFor))).Count(ctx)
		stat := web.Stat{Label: "Organizations", Icon: "building-2", Figure: words.Number(n), Href: organizationsPath}
		if recent > 0 {
			stat.Trend, stat.Tone = words.F("+%d in 7 days", recent), web.Good
		}
		return stat, err
	}}}
}
