package account

import (
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/plugins"
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
		drawn.List[i] = p.happened(auth.EventOf(row), c.Current.User.ID)
	}
	if from.ID != "" {
		drawn.Start = page.ActivityPath
	}
	if next.ID != "" {
		drawn.Older = page.ActivityPath + "?after=" + url.QueryEscape(next.String())
	}
	return c.Page(http.StatusOK, drawn)
}

func (p *Part) happened(ev auth.Event, user string) page.Happened {
	h := page.Happened{At: ev.At, What: words.Raw(ev.Kind), Failure: ev.Result == "failure" || ev.Result == "denied"}
	if kind, known := p.h.Events.Kind(ev.Kind); known {
		h.What = kind.Words
	}
	switch {
	case ev.Actor == user || ev.Actor == "":
		h.Address = ev.Origin.Address
		h.Device, _ = auth.Browser(ev.Origin.UserAgent)
	case ev.Actor == "system" || ev.Actor == "command-line" || ev.Actor == "configuration":
		h.By = "This server"
	default:
		h.By = "An administrator"
	}
	return h
}
