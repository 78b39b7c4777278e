package admin

import (
	"context"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// activityView is what a person did and what was done to them.
type activityView struct {
	userHead
	List list.View[happened.Row]
}

// activityPage lists events about a person, the newest first.
func (s *Service) activityPage(c *plugins.Call) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	view, err := s.lists.activity.View(c)
	if err != nil {
		return err
	}
	return c.Page(view.Status(), activityView{head, view})
}

// activityLog declares the list of what happened around one person.
func (s *Service) activityLog() happened.Log {
	return happened.Log{
		Host: s.host, ID: listActivity, Path: usersPath + "/:id/activity", Export: ScopeEvents,
		Filters: []list.Filter{{ID: "side", Label: "Side", Single: true, Options: happened.Choices(
			web.Option{Value: string(auth.DoneBy), Label: "What they did"}, web.Option{Value: string(auth.DoneTo), Label: "What was done to them"})}},
		Load:  func(ctx context.Context, q list.Query) (ActivityPage, error) { return s.Activity(ctx, q.Of, q) },
		Link:  func(_ context.Context, user string) string { return userURL(user, "") },
		About: func(q list.Query) string { return q.Of },
	}
}
