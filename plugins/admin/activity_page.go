package admin

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/plugins/admin/adminapi"
	"gatehouse/web"
)

// activityView is what a person did and what was done to them.
type activityView struct {
	userHead
	Side   auth.Side
	Cursor string
	Next   string
	Rows   []activityRow
}

// activityRow is one event as the list draws it.
type activityRow struct {
	Event *ent.Event
	What  words.Text
	Bad   bool
	// Who did it, with the address of their page where there is one.
	Who     words.Text
	WhoURL  string
	Details []web.Fact
}

// activityPage lists events about a person, the newest first.
func (s *Service) activityPage(c *plugins.Call) error {
	head, err := s.head(c)
	if err != nil {
		return err
	}
	view := activityView{userHead: head, Side: auth.Side(c.Form("side")), Cursor: c.Form("page")}
	if view.Side != auth.DoneTo && view.Side != auth.DoneBy {
		view.Side = auth.BothSides
	}
	found, err := s.Activity(c.Context(), head.User.ID, view.Side, view.Cursor, 0)
	if err != nil {
		return err
	}
	view.Next = found.Next
	names, err := s.actors(c, found.Events)
	if err != nil {
		return err
	}
	for _, e := range found.Events {
		view.Rows = append(view.Rows, s.activityRow(e, head.User, names))
	}
	return c.Page(http.StatusOK, view)
}

// actors are the people who did something, by id.
func (s *Service) actors(c *plugins.Call, events []*ent.Event) (map[string]*ent.User, error) {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ActorID, e.SubjectID)
	}
	slices.Sort(ids)
	people, err := s.host.DB.Access(c.Context()).User().Query().Where(user.IDIn(slices.Compact(ids)...)).All(c.Context())
	known := map[string]*ent.User{}
	for _, u := range people {
		known[u.ID] = u
	}
	return known, err
}

func (s *Service) activityRow(e *ent.Event, about *ent.User, known map[string]*ent.User) activityRow {
	row := activityRow{Event: e, What: words.Raw(e.Kind), Bad: e.Result != "success"}
	if kind, declared := s.host.Events.Kind(e.Kind); declared {
		row.What = kind.Words
	}
	row.Who, row.WhoURL = actorWords(e, known)
	if e.SubjectID != about.ID && e.SubjectID != "" {
		row.Details = append(row.Details, web.Fact{Term: "About", Text: words.Raw(subjectName(e, known))})
	}
	if e.Reason != "" {
		row.Details = append(row.Details, web.Fact{Term: "Reason", Text: words.Raw(e.Reason)})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Data)) {
		if text := detail(e.Data[name]); text != "" {
			row.Details = append(row.Details, web.Fact{Term: words.Raw(name), Text: words.Raw(text)})
		}
	}
	if e.UserAgent != "" {
		name, _ := device(e.UserAgent)
		row.Details = append(row.Details, web.Fact{Term: "Device", Text: name})
	}
	return row
}

func actorWords(e *ent.Event, known map[string]*ent.User) (words.Text, string) {
	switch {
	case known[e.ActorID] != nil:
		return words.Raw(shownName(known[e.ActorID])), userURL(e.ActorID, "")
	case e.ActorID == "":
		return "Nobody signed in", ""
	case e.ActorID == adminapi.CommandLineSubject:
		return "Command line", ""
	case e.ActorID == "job" || e.ActorID == "system":
		return "The server", ""
	case e.ActorName != "":
		return words.Raw(e.ActorName), ""
	}
	return "Somebody who is gone", ""
}

func subjectName(e *ent.Event, known map[string]*ent.User) string {
	if u := known[e.SubjectID]; u != nil {
		return shownName(u)
	}
	return e.SubjectType + " " + e.SubjectID
}

// maxDetail bounds how much of a value of an event is shown, in characters.
const maxDetail = 300

func detail(v any) string {
	text, ok := v.(string)
	if !ok {
		if v == nil {
			return ""
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		text = string(raw)
	}
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail]) + "…"
	}
	return text
}

// sideWords names the sides, in the order of the filter.
func sideWords() []web.Option {
	return []web.Option{{Label: "By and about them"}, {Value: string(auth.DoneBy), Label: "What they did"}, {Value: string(auth.DoneTo), Label: "What was done to them"}}
}

func (v activityView) address(side auth.Side, cursor string) string {
	values := url.Values{}
	if side != auth.BothSides {
		values.Set("side", string(side))
	}
	if cursor != "" {
		values.Set("page", cursor)
	}
	at := userURL(v.User.ID, "activity")
	if len(values) == 0 {
		return at
	}
	return at + "?" + values.Encode()
}

func (v activityView) filters() web.Filters {
	at := userURL(v.User.ID, "activity")
	f := web.Filters{URL: at, Fields: []templ.Component{web.Select{Name: "side", Label: "Which", HideLabel: true, Apply: true, Value: string(v.Side), Options: sideWords()}}}
	for _, o := range sideWords()[1:] {
		if o.Value == string(v.Side) {
			f.Chips = []web.Chip{{Name: "Only", Value: o.Label, Remove: at}}
		}
	}
	return f
}
