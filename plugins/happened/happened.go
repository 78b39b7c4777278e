// Package happened says events in words for people: what happened, to what, and the
// details as people read them. What is stored and exported stays as it was recorded.
package happened

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/plugins"
	"gatehouse/web"
)

// Settings names settings and their values. The console offers it.
type Settings interface {
	SettingName(key string) words.Text
	SettingValue(key, value string) words.Text
	// SettingURL is the place where the console shows a setting; "" for a key that is none.
	SettingURL(key string) string
}

// Teller says events. It may be kept from the start on and used from the first request on.
type Teller struct{ host *plugins.Host }

// For makes the teller of a server.
func For(h *plugins.Host) Teller { return Teller{h} }

// Actor is who did something, where that is no person.
type Actor int

// The actors. Anything that is not one of the others is a person, or a key of theirs.
const (
	Person    Actor = iota
	Anonymous       // nobody was signed in
	Server          // by itself: its jobs and its settings
	CommandLine
)

// ActorOf tells what did something.
func ActorOf(e *ent.Event) Actor {
	switch e.ActorID {
	case "":
		return Anonymous
	case auth.ServerSubject:
		return Server
	case auth.CommandLineSubject:
		return CommandLine
	}
	return Person
}

// Words name an actor; "" for a person.
func (a Actor) Words() words.Text {
	switch a {
	case Anonymous:
		return "Somebody not signed in"
	case Server:
		return "The server"
	case CommandLine:
		return "The command line"
	}
	return ""
}

// own says that the words of a kind are those of the person who did it themselves.
func own(kind auth.EventKind, e *ent.Event) bool {
	return kind.Own != "" && e.SubjectType == "user" && e.SubjectID != "" && e.SubjectID == e.ActorID
}

// What says what happened. A kind that no plugin declares any more stands as it is.
func (t Teller) What(e *ent.Event) words.Text {
	kind, _ := t.host.Events.Kind(e.Kind)
	if own(kind, e) {
		return kind.Own
	}
	return cmp.Or(kind.Words, words.Raw(e.Kind))
}

// Result marks what did not succeed; nil where What says so itself.
func (t Teller) Result(e *ent.Event) templ.Component {
	if kind, _ := t.host.Events.Kind(e.Kind); kind.Failure {
		return nil
	}
	switch e.Result {
	case "failure":
		return web.Badge{Label: "Failed", Tone: web.Bad}
	case "denied":
		return web.Badge{Label: "Refused", Tone: web.Warn}
	}
	return nil
}

// Subject names what an event is about, where that is not a person; "" where nothing
// better than an id is known.
func (t Teller) Subject(e *ent.Event) words.Text {
	if e.SubjectType == "message" {
		if name := t.host.Messages.Called(e.SubjectID); name != "" {
			return name
		}
	}
	kind, _ := t.host.Events.Kind(e.Kind)
	for _, f := range kind.Fields {
		if text, ok := t.shown(e, f).(words.Text); ok && !number(e.Data[f.Name]) {
			return text
		}
	}
	return ""
}

// Facts are the reason of an event, the kind of message it is about and what its data
// says, in the order in which its fields are declared. Empty and hidden fields are left out.
func (t Teller) Facts(e *ent.Event) web.Facts {
	kind, _ := t.host.Events.Kind(e.Kind)
	var facts web.Facts
	if e.Reason != "" {
		facts = append(facts, web.Fact{Term: "Reason", Value: words.Capital(cmp.Or(kind.Reasons[e.Reason], t.code(e.Reason)))})
	}
	if name := t.host.Messages.Called(e.SubjectID); e.SubjectType == "message" && name != "" {
		facts = append(facts, web.Fact{Term: "Message", Value: name})
	}
	for _, f := range kind.Fields {
		if value := t.shown(e, f); value != nil {
			facts = append(facts, web.Fact{Term: f.Words, Value: value})
		}
	}
	return facts
}

// shown is the value of a field; nil where there is nothing to show.
func (t Teller) shown(e *ent.Event, f auth.EventField) templ.Component {
	v := e.Data[f.Name]
	if f.Hidden || empty(v) {
		return nil
	}
	value := t.value(e, f, v)
	if text, ok := value.(words.Text); ok {
		if text == "" {
			return nil
		}
		if _, said := text.Key(); said {
			return words.Capital(text)
		}
	}
	return value
}

func empty(v any) bool {
	text, ok := v.(string)
	return v == nil || ok && text == ""
}

func number(v any) bool {
	switch v.(type) {
	case bool, int, float64:
		return true
	}
	return false
}

// value is a value as people read it: a [words.Text] unless it takes a time zone.
func (t Teller) value(e *ent.Event, f auth.EventField, v any) templ.Component {
	if f.Mark == auth.Secret {
		return words.Text("changed")
	}
	if f.Value == auth.AsChanges {
		return t.changes(v)
	}
	text, ok := v.(string)
	if !ok {
		return stored(v)
	}
	switch f.Value {
	case auth.AsSetting:
		if s, ok := plugins.Offer[Settings](t.host); ok {
			return s.SettingName(text)
		}
	case auth.AsSettingOf:
		key, _ := e.Data["key"].(string)
		if s, ok := plugins.Offer[Settings](t.host); ok {
			return s.SettingValue(key, text)
		}
	case auth.AsMethod:
		return t.host.Registry.MethodName(text)
	case auth.AsMessage:
		return cmp.Or(t.host.Messages.Called(text), words.Raw(text))
	case auth.AsTask:
		kind, _ := t.host.Tasks.Kind(text)
		return cmp.Or(kind.Words, words.Raw(text))
	case auth.AsScreen:
		return cmp.Or(f.Choices[text], t.screen(text), words.Raw(text))
	case auth.AsCode:
		return t.code(text)
	case auth.AsPermissions:
		return t.permissions(text)
	}
	if chosen := f.Choices[text]; chosen != "" {
		return chosen
	}
	return plain(f.Value, text)
}

// plain says a text whose meaning is in itself.
func plain(as auth.EventValue, text string) templ.Component {
	switch as {
	case auth.AsRoles:
		return auth.RolesWords(auth.SplitRoles(text))
	case auth.AsMoment:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return web.Time{At: at, Exact: true}
		}
	case auth.AsProofs:
		return auth.ProofWords(text)
	case auth.AsLanguage:
		return words.Raw(auth.LanguageName(text))
	case auth.AsQuery:
		return query(text)
	}
	return words.Raw(bounded(text))
}

// stored says a value that is no text.
func stored(v any) templ.Component {
	switch v := v.(type) {
	case bool:
		if v {
			return words.Text("yes")
		}
		return words.Text("no")
	case int:
		return words.Number(v)
	case float64:
		if n := int(v); float64(n) == v {
			return words.Number(n)
		}
		return words.Raw(strconv.FormatFloat(v, 'g', -1, 64))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return words.Text("")
	}
	return words.Raw(bounded(string(raw)))
}

func (t Teller) screen(id string) words.Text {
	for _, p := range t.host.Registry.Parts {
		for _, s := range p.Screens {
			if s.ID == id {
				return s.Label
			}
		}
	}
	return ""
}

// code says a code by the message of the error it belongs to.
func (t Teller) code(code string) words.Text {
	return cmp.Or(t.host.Events.Message(code), words.Raw(bounded(code)))
}

// permissions says each permission of a role in an organization on a line of its own, with
// its code.
func (t Teller) permissions(text string) templ.Component {
	var byResource map[string][]string
	if json.Unmarshal([]byte(text), &byResource) != nil {
		return words.Raw(bounded(text))
	}
	var lines lines
	for _, resource := range slices.Sorted(maps.Keys(byResource)) {
		for _, action := range byResource[resource] {
			name := resource + ":" + action
			scope, _ := t.host.Scopes.LookupIn(name) // what is of apps has its code alone
			lines = append(lines, words.Join(words.Dot, scope.Words, words.Raw(name)))
		}
	}
	if len(lines) == 0 {
		return words.Text("none")
	}
	return lines
}

// query lists what a list was narrowed down to, without its order.
func query(text string) words.Text {
	values, err := url.ParseQuery(text)
	if err != nil {
		return words.Raw(bounded(text))
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "sort" && name != "order" && name != "page" {
			list = append(list, values[name]...)
		}
	}
	return words.Raw(bounded(strings.Join(list, ", ")))
}

// changes says each changed field of a user on a line of its own: "Banned: no → yes".
func (t Teller) changes(v any) templ.Component {
	fields, ok := v.(map[string]any)
	if !ok {
		return stored(v)
	}
	var lines lines
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		pair, ok := fields[name].([]any)
		if !ok || len(pair) != 2 {
			continue
		}
		field, known := t.host.Fields.Find("user", name)
		if !known {
			field = auth.Field{Name: name}
		}
		lines = append(lines, web.Sentence("%s: %s → %s", field.Called(), changed(field, pair[0]), changed(field, pair[1])))
	}
	if len(lines) == 0 {
		return words.Text("")
	}
	return lines
}

func changed(f auth.Field, v any) templ.Component {
	text, ok := v.(string)
	switch {
	case empty(v):
		return words.Text("none")
	case !ok:
		return stored(v)
	case f.Type == "date":
		return plain(auth.AsMoment, text)
	}
	return plain(f.Value, text)
}

// lines draws components one below the other.
type lines []templ.Component

// Render implements [templ.Component].
func (l lines) Render(ctx context.Context, w io.Writer) error { return l.view().Render(ctx, w) }

// most bounds how much of a text of an event is shown, in characters.
const most = 300

func bounded(text string) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
