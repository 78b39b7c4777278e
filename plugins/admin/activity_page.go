package admin

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/user"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// activityView is what a person did and what was done to them.
type activityView struct {
	userHead
	List list.View[activityRow]
}

// activityRow is one event as the list draws it.
type activityRow struct {
	Event *ent.Event
	What  words.Text
	// Who did it, with the address of their page where there is one.
	Who     words.Text
	WhoURL  string
	Result  templ.Component
	Details web.Facts
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

// activityList declares the list of what happened around one person.
func (s *Service) activityList() *list.List[activityRow] {
	return &list.List[activityRow]{
		ID: listActivity, Path: usersPath + "/:id/activity", Caption: "Activity", Sort: byNewest, Export: ScopeEvents,
		What: func(n int) words.Text { return words.N(n, "%d event", "%d events") },
		Load: s.loadActivity,
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "history", Title: "Nothing happened yet", Text: "Sign-ins and changes appear here."}
		},
		Filters: []list.Filter{
			{ID: "side", Label: "Side", Single: true, Options: options(web.Option{Value: string(auth.DoneBy), Label: "What they did"}, web.Option{Value: string(auth.DoneTo), Label: "What was done to them"})},
			{ID: "kind", Label: "Event", Options: s.kindOptions},
			{ID: "result", Label: "Result", Options: options(web.Option{Value: "success", Label: "Done"}, web.Option{Value: "failure", Label: "Failed"}, web.Option{Value: "denied", Label: "Refused"})},
			{ID: "since", Label: "Period", Single: true, Options: options(web.Option{Value: "1d", Label: "The last 24 hours"}, web.Option{Value: "7d", Label: "The last 7 days"}, web.Option{Value: "30d", Label: "The last 30 days"})},
		},
		Columns: []list.Column[activityRow]{
			{ID: "kind", Value: func(r activityRow) any { return r.Event.Kind }},
			{ID: "what", Label: "What", Fixed: true, Draw: func(r activityRow) templ.Component { return r.what() }, Value: func(r activityRow) any { return r.What.English() }},
			{ID: "result", Value: func(r activityRow) any { return r.Event.Result }},
			{ID: "by", Label: "By", Wide: true, Draw: func(r activityRow) templ.Component { return r.who() }, Value: func(r activityRow) any { return r.Who.English() }},
			{ID: "byId", Value: func(r activityRow) any { return r.Event.ActorID }},
			{ID: "about", Value: func(r activityRow) any { return strings.TrimSpace(r.Event.SubjectType + " " + r.Event.SubjectID) }},
			{ID: "reason", Value: func(r activityRow) any { return r.Event.Reason }},
			{ID: "address", Label: "Address", Wide: true, Draw: func(r activityRow) templ.Component { return r.address() }, Value: func(r activityRow) any { return r.Event.IPAddress }},
			{ID: "reference", Label: "Reference", Hidden: true, Wide: true, Draw: func(r activityRow) templ.Component { return r.reference() }, Value: func(r activityRow) any { return r.Event.RequestID }},
			{ID: "data", Value: func(r activityRow) any { return whole(r.Event.Data) }},
			{ID: byNewest, Label: "When", Sort: true, End: true, Draw: func(r activityRow) templ.Component { return web.Time{At: r.Event.OccurredAt} }, Value: func(r activityRow) any { return r.Event.OccurredAt }},
		},
	}
}

// options are those of a filter whose values do not change.
func options(list ...web.Option) func(context.Context) []web.Option {
	return func(context.Context) []web.Option { return list }
}

// kindOptions are the kinds of events, in the order of their words in the reader's language.
func (s *Service) kindOptions(ctx context.Context) []web.Option {
	var list []web.Option
	for _, k := range s.host.Events.Kinds() {
		list = append(list, web.Option{Value: k.Name, Label: k.Words})
	}
	slices.SortStableFunc(list, func(a, b web.Option) int { return strings.Compare(a.Label.In(ctx), b.Label.In(ctx)) })
	return list
}

func (s *Service) loadActivity(ctx context.Context, q list.Query) (list.Page[activityRow], error) {
	found, err := s.Activity(ctx, q.Of, q)
	if err != nil {
		return list.Page[activityRow]{}, err
	}
	names, err := s.actors(ctx, found.Rows)
	if err != nil {
		return list.Page[activityRow]{}, err
	}
	return list.Of(found, func(e *ent.Event) (activityRow, error) { return s.activityRow(e, q.Of, names), nil })
}

// actors are the people who did something, by id.
func (s *Service) actors(ctx context.Context, events []*ent.Event) (map[string]*ent.User, error) {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ActorID, e.SubjectID)
	}
	slices.Sort(ids)
	people, err := s.host.DB.Access(ctx).User().Query().Where(user.IDIn(slices.Compact(ids)...)).All(ctx)
	known := map[string]*ent.User{}
	for _, u := range people {
		known[u.ID] = u
	}
	return known, err
}

func (s *Service) activityRow(e *ent.Event, about string, known map[string]*ent.User) activityRow {
	tell := happened.For(s.host)
	row := activityRow{Event: e, What: tell.What(e), Result: tell.Result(e)}
	row.Who, row.WhoURL = actorWords(e, known)
	if e.SubjectID != about {
		if subject := personWords(e, known); subject != "" {
			row.Details = append(row.Details, web.Fact{Term: "About", Text: subject})
		}
	}
	row.Details = append(row.Details, tell.Facts(e)...)
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
	case happened.ActorOf(e) != happened.Person:
		return happened.ActorOf(e).Words(), ""
	case e.ActorName != "":
		return words.Raw(e.ActorName), ""
	}
	return "Somebody who is gone", ""
}

// personWords name the person an event is about; "" when it is about something else.
func personWords(e *ent.Event, known map[string]*ent.User) words.Text {
	switch {
	case e.SubjectType != "user" || e.SubjectID == "":
		return ""
	case known[e.SubjectID] != nil:
		return words.Raw(shownName(known[e.SubjectID]))
	}
	return "Somebody who is gone"
}

// whole is a value as JSON; nothing is "".
func whole(v any) string {
	raw, err := json.Marshal(v)
	if text := string(raw); err == nil && text != "null" {
		return text
	}
	return ""
}
