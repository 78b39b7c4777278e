package happened

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/ent/predicate"
	"gatehouse/plugins"
	"gatehouse/plugins/list"
	"gatehouse/web"
)

// Newest is the column that orders a log: when things happened.
const Newest = "created"

// Log declares a list of events with its filters and columns.
type Log struct {
	Host *plugins.Host
	// ID, Path and Export are those of the list.
	ID, Path, Export string
	// Inside says that the log is of one organization.
	Inside bool
	// Filters stand before those that every log has.
	Filters []list.Filter
	// Load reads one page; see Page. It judges access itself.
	Load func(context.Context, list.Query) (list.Page[*ent.Event], error)
	// Link is the page of a person; "" is none.
	Link func(ctx context.Context, user string) string
	// About is whom the log is about, who is not named in each line; "" is nobody.
	About func(list.Query) string
}

// Row is one event as the list draws it.
type Row struct {
	Event *ent.Event
	What  words.Text
	// About is the person it happened to, where What does not speak of who did it and the log
	// is not about them, or what it happened to, where that is no person.
	About words.Text
	// Who did it, with the address of their page where there is one.
	Who     words.Text
	WhoURL  string
	Result  templ.Component
	Details web.Facts
	own     bool // What speaks of the one who did it
}

// List makes the list.
func (l Log) List() *list.List[Row] {
	return &list.List[Row]{
		ID: l.ID, Path: l.Path, Caption: "Activity", Sort: Newest, Export: l.Export,
		What: func(n int) words.Text { return words.N(n, "%d event", "%d events") },
		Load: l.rows,
		Empty: func(*plugins.Call) web.Empty {
			return web.Empty{Icon: "history", Title: "Nothing happened yet", Text: "Sign-ins and changes appear here."}
		},
		Filters: append(slices.Clone(l.Filters),
			list.Filter{ID: "kind", Label: "Event", Options: l.kinds},
			list.Filter{ID: "result", Label: "Result", Options: Choices(web.Option{Value: "success", Label: "Done"}, web.Option{Value: "failure", Label: "Failed"}, web.Option{Value: "denied", Label: "Refused"})},
			list.Filter{ID: "since", Label: "Period", Single: true, Options: Choices(web.Option{Value: "1d", Label: "The last 24 hours"}, web.Option{Value: "7d", Label: "The last 7 days"}, web.Option{Value: "30d", Label: "The last 30 days"})},
		),
		Columns: []list.Column[Row]{
			{ID: "kind", Value: func(r Row) any { return r.Event.Kind }},
			{ID: "what", Label: "What", Fixed: true, Draw: func(r Row) templ.Component { return r.what() }, Value: func(r Row) any { return r.What.English() }},
			{ID: "result", Value: func(r Row) any { return r.Event.Result }},
			{ID: "by", Label: "By", Wide: true, Draw: func(r Row) templ.Component { return r.who() }, Value: func(r Row) any { return r.Who.English() }},
			{ID: "byId", Value: func(r Row) any { return r.Event.ActorID }},
			{ID: "about", Value: func(r Row) any { return strings.TrimSpace(r.Event.SubjectType + " " + r.Event.SubjectID) }},
			{ID: "reason", Value: func(r Row) any { return r.Event.Reason }},
			{ID: "address", Label: "Address", Wide: true, Draw: func(r Row) templ.Component { return r.address() }, Value: func(r Row) any { return r.Event.IPAddress }},
			{ID: "reference", Label: "Reference", Hidden: true, Wide: true, Draw: func(r Row) templ.Component { return r.reference() }, Value: func(r Row) any { return r.Event.RequestID }},
			{ID: "data", Value: func(r Row) any { return whole(r.Event.Data) }},
			{ID: Newest, Label: "When", Sort: true, End: true, Draw: func(r Row) templ.Component { return web.Time{At: r.Event.OccurredAt} }, Value: func(r Row) any { return r.Event.OccurredAt }},
		},
	}
}

// Choices are the options of a filter whose values do not change.
func Choices(options ...web.Option) func(context.Context) []web.Option {
	return func(context.Context) []web.Option { return options }
}

// kinds are the kinds of events that the log may have, in the order of their words in the reader's language.
func (l Log) kinds(ctx context.Context) []web.Option {
	var options []web.Option
	for _, k := range l.Host.Events.Kinds() {
		if l.Inside && !k.Organization {
			continue
		}
		options = append(options, web.Option{Value: k.Name, Label: k.Words})
	}
	slices.SortStableFunc(options, func(a, b web.Option) int { return strings.Compare(a.Label.In(ctx), b.Label.In(ctx)) })
	return options
}

// Match are the predicates of the filters that every log has.
func Match(q list.Query, now time.Time) []predicate.Event {
	var match []predicate.Event
	if kinds := q.Filters["kind"]; len(kinds) > 0 {
		match = append(match, event.KindIn(kinds...))
	}
	if results := q.Filters["result"]; len(results) > 0 {
		match = append(match, event.ResultIn(results...))
	}
	if back, ok := spans[q.One("since")]; ok {
		match = append(match, event.OccurredAtGT(now.Add(-back)))
	}
	return match
}

// spans are the values of the filter since.
var spans = map[string]time.Duration{"1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}

// Page reads one page of a log by key. rows reads a span of the events, count counts them.
func (l Log) Page(q list.Query, rows func(list.Span) ([]*ent.Event, error), count func(limit int) (int, error)) (list.Page[*ent.Event], error) {
	return list.Keyset[*ent.Event]{
		List: l.ID, Sort: Newest, Keys: l.Host.Keys, ID: func(e *ent.Event) string { return e.ID },
		Orders: map[string]list.Order[*ent.Event]{Newest: {Column: event.FieldOccurredAt, Value: func(e *ent.Event) any { return e.OccurredAt }}},
		Rows:   rows, Count: count,
	}.Page(q)
}

func (l Log) rows(ctx context.Context, q list.Query) (list.Page[Row], error) {
	found, err := l.Load(ctx, q)
	if err != nil {
		return list.Page[Row]{}, err
	}
	people, err := l.people(ctx, found.Rows)
	if err != nil {
		return list.Page[Row]{}, err
	}
	about := ""
	if l.About != nil {
		about = l.About(q)
	}
	return list.Of(found, func(e *ent.Event) (Row, error) { return l.row(ctx, e, about, people), nil })
}

// Lines says some events in short.
func (l Log) Lines(ctx context.Context, events []*ent.Event) (web.Rows, error) {
	people, err := l.people(ctx, events)
	var lines web.Rows
	for _, e := range events {
		row := l.row(ctx, e, "", people)
		kind, _ := l.Host.Events.Kind(e.Kind)
		lines = append(lines, web.Row{Icon: web.Icon(cmp.Or(kind.Icon, "history")), Title: row.What, Badges: row.Result, Text: words.Join(words.Dot, row.About, row.by()), Detail: web.Time{At: e.OccurredAt}, Dot: true})
	}
	return lines, err
}

// people are those who did something or had it done to them, by id.
func (l Log) people(ctx context.Context, events []*ent.Event) (map[string]*ent.User, error) {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ActorID, e.SubjectID)
	}
	slices.Sort(ids)
	return l.Host.Users.ByIDs(ctx, slices.Compact(ids))
}

func (l Log) row(ctx context.Context, e *ent.Event, about string, known map[string]*ent.User) Row {
	tell := For(l.Host)
	kind, _ := l.Host.Events.Kind(e.Kind)
	row := Row{Event: e, What: tell.What(e), Result: tell.Result(e), own: own(kind, e)}
	if row.Who = actorWords(e, known); known[e.ActorID] != nil && l.Link != nil {
		row.WhoURL = l.Link(ctx, e.ActorID)
	}
	switch {
	case e.SubjectType != "user":
		row.About = tell.Subject(e)
	case e.SubjectID != about && (e.SubjectID != e.ActorID || kind.Organization && !row.own): // members are spoken of as of others
		row.About = personWords(e, known)
	}
	row.Details = append(row.Details, tell.Facts(e)...)
	if e.UserAgent != "" {
		name, _ := auth.Browser(e.UserAgent)
		row.Details = append(row.Details, web.Fact{Term: "Device", Text: cmp.Or(name, "Unknown device")})
	}
	return row
}

// by says who did it where that stands beside whom it is about.
func (r Row) by() words.Text {
	switch ActorOf(r.Event) {
	case Anonymous:
		return "by somebody not signed in"
	case Server:
		return "by the server"
	case CommandLine:
		return "by the command line"
	}
	if r.own {
		return r.Who
	}
	if r.Who == gone {
		return "by somebody who is gone"
	}
	return words.F("by %s", r.Who)
}

// gone stands for people who are no longer known.
const gone words.Text = "Somebody who is gone"

func called(u *ent.User) words.Text {
	return words.Raw(web.PersonCell{Person: web.Person{Name: u.Name, Email: u.Email}}.Name())
}

func actorWords(e *ent.Event, known map[string]*ent.User) words.Text {
	if u := known[e.ActorID]; u != nil {
		return called(u)
	}
	return cmp.Or(Doer(e), gone)
}

// Doer names who did something, as far as the event itself says it; "" where it does not.
func Doer(e *ent.Event) words.Text {
	if ActorOf(e) != Person {
		return ActorOf(e).Words()
	}
	return words.Raw(e.ActorName)
}

// personWords name the person an event is about; "" when it is about something else.
func personWords(e *ent.Event, known map[string]*ent.User) words.Text {
	switch {
	case e.SubjectType != "user" || e.SubjectID == "":
		return ""
	case known[e.SubjectID] != nil:
		return called(known[e.SubjectID])
	}
	return gone
}

// whole is a value as JSON; nothing is "".
func whole(v any) string {
	raw, err := json.Marshal(v)
	if text := string(raw); err == nil && text != "null" {
		return text
	}
	return ""
}
