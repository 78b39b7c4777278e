package console

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/event"
	"gatehouse/plugins"
	"gatehouse/plugins/happened"
	"gatehouse/web"
	"gatehouse/web/page"
)

// recentEvents is how many of the last events the overview lists.
const recentEvents = 10

// recent is the last events of the platform. The session that follows every sign-in is
// left out.
func (p *console) recent(ctx context.Context, principal *auth.Principal) (page.Panel, error) {
	rows, err := p.host.DB.Access(ctx).Event().Query().Where(event.KindNEQ(eventSession)).Order(ent.Desc(event.FieldOccurredAt), ent.Desc(event.FieldID)).Limit(recentEvents).All(ctx)
	if err != nil {
		return page.Panel{}, err
	}
	panel := page.Panel{Title: "Recent activity", Text: "What happened last.", Flush: true}
	if len(rows) == 0 {
		panel.Body = web.Empty{Icon: "activity", Title: "Nothing has happened yet", Text: "Sign-ins and changes appear here."}
		return panel, nil
	}
	names, err := p.namesOf(ctx, rows)
	if err != nil {
		return page.Panel{}, err
	}
	people := p.screenPath("users", principal)
	list := web.Rows{}
	for _, row := range rows {
		list = append(list, p.eventRow(row, names, people))
	}
	panel.Body = list
	return panel, nil
}

// namesOf reads the names of the people that events are about or were done by.
func (p *console) namesOf(ctx context.Context, rows []*ent.Event) (map[string]string, error) {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ActorID)
		if row.SubjectType == "user" {
			ids = append(ids, row.SubjectID)
		}
	}
	found, err := p.host.Users.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, u := range found {
		names[u.ID] = cmp.Or(u.Name, u.Email)
	}
	return names, nil
}

// eventRow says what happened to whom, by whom and from where. people is the address of
// the list of people, "" where the reader may not see it.
func (p *console) eventRow(row *ent.Event, names map[string]string, people string) web.Row {
	kind, _ := p.host.Events.Kind(row.Kind)
	tell := happened.For(p.host)
	r := web.Row{Icon: iconOf(kind, row.Kind), Title: tell.What(row), Badges: tell.Result(row), Dot: true, Detail: web.Time{At: row.OccurredAt}}
	subject, own := subjectOf(row, names)
	if row.SubjectType != "user" {
		subject = tell.Subject(row)
	}
	if row.SubjectType == "user" && names[row.SubjectID] != "" && people != "" {
		r.Href = people + "/" + row.SubjectID
	}
	by := alone(row, names)
	if own {
		by = ""
	} else if subject != "" {
		by = byWhom(row, names)
	}
	r.Text = words.Join(words.Dot, subject, by, words.Raw(row.IPAddress))
	return r
}

// subjectOf names the person an event is about, and says whether it is whoever did it.
func subjectOf(row *ent.Event, names map[string]string) (words.Text, bool) {
	if row.SubjectID == "" || row.SubjectType != "user" {
		return "", false
	}
	if name := names[row.SubjectID]; name != "" {
		return words.Raw(name), row.SubjectID == row.ActorID
	}
	if text, ok := row.Data["email"].(string); ok && text != "" {
		return words.Raw(text), row.SubjectID == row.ActorID
	}
	if row.SubjectID == row.ActorID && row.ActorName != "" {
		return words.Raw(row.ActorName), true
	}
	return "Somebody who is gone", row.SubjectID == row.ActorID
}

// alone names who did something.
func alone(row *ent.Event, names map[string]string) words.Text {
	return cmp.Or(happened.ActorOf(row).Words(), words.Raw(nameOf(row, names)))
}

// byWhom is alone after the name of what it was done to.
func byWhom(row *ent.Event, names map[string]string) words.Text {
	switch happened.ActorOf(row) {
	case happened.Anonymous:
		return "by somebody not signed in"
	case happened.Server:
		return "by the server"
	case happened.CommandLine:
		return "by the command line"
	}
	return words.F("by %s", nameOf(row, names))
}

func nameOf(row *ent.Event, names map[string]string) string {
	return cmp.Or(row.ActorName, names[row.ActorID], row.ActorID)
}

// families are the icons of kinds that declare none, by the part before the dot.
var families = map[string]web.Icon{
	"user": "user", "session": "monitor", "sign-in": "log-in", "password": "key-round", "email": "mail", "account": "unlink", "invitation": "mail-plus",
	"setting": "settings", "outbox": "inbox", "message": "message-square", "mail": "send", "task": "layers", "lockout": "lock", "role": "shield",
}

func iconOf(kind auth.EventKind, name string) web.Icon {
	if kind.Icon != "" {
		return web.Icon(kind.Icon)
	}
	family, _, _ := strings.Cut(name, ".")
	if icon, ok := families[family]; ok {
		return icon
	}
	return "activity"
}

// preferHidden is the preference of those who have seen enough of the first steps.
const preferHidden = "overview.steps-hidden"

// checklistPath hides the first steps for whoever asks, or shows them again.
const checklistPath = page.ConsolePath + "/checklist"

func (p *console) hideSteps(c *plugins.Call) error {
	value := ""
	if c.Form("hide") == "yes" {
		value = "yes"
	}
	if err := p.host.Preferences.Set(c.Context(), c.Principal().Subject, preferHidden, value); err != nil {
		return err
	}
	if value != "" {
		c.FlashUndo("The first steps are hidden.", plugins.Undo{Path: checklistPath, Fields: url.Values{"hide": {"no"}}})
	}
	return c.SeeOther(page.ConsolePath)
}
