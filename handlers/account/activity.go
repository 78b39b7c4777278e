package account

import (
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/web/page"
)

// activityPage is how many events a page shows.
const activityPage = 30

// steps are kinds that always come with another event of the same moment.
var steps = []string{"session.created"}

// showActivity lists what the person did and what was done to their account. Who acted on
// them is an administrator, whoever it was.
func (p *Part) showActivity(c *plugins.Call) error {
	from := auth.ParseCursor(c.Request.URL.Query().Get("after"))
	list, next, err := p.h.Events.Activity(c.Context(), auth.ActivityQuery{User: c.Current.User.ID, From: from, Limit: activityPage, Without: steps})
	if err != nil {
		return err
	}
	drawn := page.Activity{List: make([]page.Happened, len(list))}
	for i, row := range list {
		drawn.List[i] = p.happened(row, c.Current.User.ID)
	}
	if from.ID != "" {
		drawn.Start = page.ActivityPath
	}
	if next.ID != "" {
		drawn.Older = page.ActivityPath + "?after=" + url.QueryEscape(next.String())
	}
	return c.Page(http.StatusOK, drawn)
}

// happened is an event as its person sees it. What they did not do themselves, tries to
// sign in aside, is told without its details, which are notes of administrators.
func (p *Part) happened(row *ent.Event, user string) page.Happened {
	tell := happened.For(p.h)
	h := page.Happened{At: row.OccurredAt, What: tell.What(row), Result: tell.Result(row), Failure: row.Result == "failure" || row.Result == "denied"}
	switch actor := happened.ActorOf(row); {
	case actor == happened.Anonymous, row.ActorID == user:
		h.Address = row.IPAddress
		h.Device, _ = auth.Browser(row.UserAgent)
		if row.ActorID == user || h.Failure { // a sign-in that ends a ban tells what it changed
			h.Details = happened.Details(tell.Facts(row))
		}
	case actor != happened.Person:
		h.By = "This server"
	default:
		h.By = "An administrator"
	}
	return h
}
