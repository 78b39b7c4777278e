package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/email"
	"gatehouse/auth/mail"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// testMessagePath sends a message to the person who asks.
const testMessagePath = page.SettingsPath + "/test-message"

// settings shows one area of the settings with the values in force.
func (p *console) settings(c *plugins.Call) error {
	return p.drawSettings(c, http.StatusOK, web.Form{})
}

func (p *console) drawSettings(c *plugins.Call, status int, form web.Form) error {
	return p.drawSettingsWith(c, status, form, page.MailTest{})
}

func (p *console) drawSettingsWith(c *plugins.Call, status int, form web.Form, test page.MailTest) error {
	a, ok := findArea(c.Param("section"))
	if !ok {
		return notFound()
	}
	if a.ID == appearanceArea {
		return p.drawAppearance(c, status, form, nil)
	}
	view := page.Settings{Section: a.ID, Sections: tabs(p.host.Settings.Groups()), Form: form}
	mayChange := c.Principal().Can(ScopeSettingsUpdate)
	for i, d := range a.cards(p.host.Settings.Groups()) {
		part := d.drawn(mayChange)
		if i == 0 {
			view.Title, view.Text, view.List = part.Title, part.Text, part.List
			continue
		}
		view.More = append(view.More, part)
	}
	if a.ID == "mail" && mayChange {
		view.Panels = append(view.Panels, p.testPanel(c, test))
	}
	// The answer to a test message stands at an address of its own, which nobody can return to.
	return c.View.Draw(c, plugins.Page{Status: status, Component: view, Look: func(r *web.Request) { r.Path = addressOf(a.ID) }})
}

// mailServer is the setting that names the mail server.
const mailServer = "smtp"

// drawn describes a card for the page.
func (d card) drawn(mayChange bool) page.SettingGroup {
	part := page.SettingGroup{Title: d.title, Text: d.text}
	for _, f := range d.fields {
		part.List = append(part.List, setting(f, d.prefix, mayChange))
	}
	return part
}

// setting describes one setting for the page. The value of a secret stays away.
func setting(f settings.Field, prefix string, mayChange bool) page.Setting {
	s := page.Setting{Key: f.Key, Label: label(f, prefix), Help: words.Sentence(words.Text(f.Help)), Kind: kindOf(f), Value: f.Value, Advanced: f.Advanced,
		Source: source(f.Source), Default: words.Raw(f.Default), Changed: f.Source == settings.FromConsole, Locked: locked(f, mayChange)}
	switch s.Kind {
	case page.SettingSecret:
		s.Set, s.Value = f.Value != "", ""
		if !s.Set {
			s.Unset = unset[f.Key]
		}
	case page.SettingList:
		s.Value = strings.ReplaceAll(f.Value, ",", "\n")
	case page.SettingChoice:
		s.Options = options(f)
	case page.SettingChoices:
		s.Options, s.Chosen = options(f), chosen(f)
	}
	return s
}

// source says where a value comes from.
func source(from settings.Source) words.Text {
	kind, name, _ := strings.Cut(string(from), " ")
	switch {
	case from == settings.FromDefault:
		return "default"
	case from == settings.FromConsole:
		return "console"
	case kind == "environment":
		return words.F("environment %s", name)
	case kind == "file":
		return words.F("file %s", name)
	}
	return words.F("flag %s", name)
}

// unset is what happens where a secret is not set, if it is not nothing.
var unset = map[string]words.Text{"database": "SQLite in the data folder"}

// locked says why a setting cannot be changed here, "" when it can.
func locked(f settings.Field, mayChange bool) words.Text {
	switch {
	case f.Locked:
		return words.F("Set by %s", source(f.Source))
	case f.Level == settings.Boot:
		return words.F("Needs a restart: %s", f.Env)
	case !mayChange:
		return "Read only for you"
	}
	return ""
}

func kindOf(f settings.Field) page.SettingKind {
	if f.Secret {
		return page.SettingSecret
	}
	switch f.Kind {
	case settings.Bool:
		return page.SettingBool
	case settings.Integer, settings.Number:
		return page.SettingNumber
	case settings.Duration:
		return page.SettingDuration
	case settings.List:
		if len(f.Choices) > 0 {
			return page.SettingChoices
		}
		return page.SettingList
	case settings.Table, settings.Tables:
		return page.SettingTable
	case settings.Choice:
		return page.SettingChoice
	}
	if len(f.Choices) > 0 {
		return page.SettingChoice
	}
	return page.SettingText
}

// options are the choices of a setting, and its value where that is none of them.
func options(f settings.Field) []web.Option {
	var list []web.Option
	for _, choice := range f.Choices {
		list = append(list, web.Option{Value: choice, Label: choiceName(f, choice)})
	}
	if kindOf(f) == page.SettingChoice && !slices.Contains(f.Choices, f.Value) {
		list = append([]web.Option{{Value: f.Value, Label: words.Raw(cmp.Or(f.Value, f.Default))}}, list...)
	}
	return list
}

// choiceName names a choice: as its setting declares, languages by themselves, and what
// has no name as it is written.
func choiceName(f settings.Field, choice string) words.Text {
	switch name := f.ChoiceNames[choice]; {
	case name != "":
		return words.Text(name)
	case strings.HasPrefix(f.Key, "languages."):
		return words.Raw(auth.LanguageName(choice))
	case f.Kind == settings.Choice:
		return positions[choice]
	}
	return words.Raw(choice)
}

// positions are the names of the positions of a toggle.
var positions = map[string]words.Text{"auto": "Automatic", "true": "Yes", "false": "No"}

// chosen are the values in force of a list with known values.
func chosen(f settings.Field) []string {
	if f.Value == "" && f.EmptyIsAll {
		return f.Choices
	}
	return strings.FieldsFunc(f.Value, func(r rune) bool { return r == ',' })
}

// label names a setting for people.
func label(f settings.Field, prefix string) words.Text {
	if f.Label != "" {
		return words.Text(f.Label)
	}
	return words.Text(derived(prefix, f.Key))
}

// derived makes words of a key that has no label: "fussy.max_age" in the group fussy is
// "Max age".
func derived(prefix, key string) string {
	if prefix != "" {
		key = strings.TrimPrefix(key, prefix+".")
	}
	return sentenceCase(strings.NewReplacer("_", " ", ".", ", ").Replace(key))
}

// refusedForm draws a form that came back: each problem beside its field, the rest above.
func refusedForm(c *plugins.Call, err error, keys map[string]bool) (web.Form, bool) {
	var problems settings.Problems
	if !errors.As(err, &problems) {
		return web.Form{}, false
	}
	form := web.Form{Values: c.Request.PostForm}
	var rest []words.Text
	for _, problem := range problems {
		field := problem.Key
		for !keys[field] && strings.Contains(field, ".") { // an entry of a table, as rate_limit.rules.1.path
			field = field[:strings.LastIndexByte(field, '.')]
		}
		text := problem.Text
		if entry := strings.TrimPrefix(problem.Key, field+"."); keys[field] && entry != problem.Key {
			text = words.F("%s: %s", entry, text)
		}
		text = words.Sentence(text)
		if problem.Fix != settings.Overriding { // the form is there to mend it
			text = words.Join(" ", text, words.Sentence(problem.Fix))
		}
		if keys[field] {
			form.Errors = append(form.Errors, web.FieldError{Field: field, Text: text})
		} else {
			rest = append(rest, words.F("%s: %s", problem.Key, text))
		}
	}
	form.Message = words.Join(" ", rest...)
	return form, true
}

// testPanel offers a message to an address, to see whether mail works.
func (p *console) testPanel(c *plugins.Call, test page.MailTest) page.Panel {
	if test.To == "" {
		test.To = c.Principal().Email
	}
	text := words.Text("Connects, signs in and delivers a message, and shows what the mail server answers. It takes at most 15 seconds.")
	if p.host.Messages.Ready(c.Context(), "mail") != nil {
		text, test.Off = "No mail server is set.", true
	}
	test.URL = testMessagePath
	return page.Panel{Title: "Test message", Text: text, Body: test}
}

// sendTest sends the test message past the outbox and shows what the mail server said.
func (p *console) sendTest(c *plugins.Call) error {
	test := page.MailTest{To: cmp.Or(c.Form("to"), c.Principal().Email)}
	to, err := email.Parse(test.To)
	if err != nil {
		test.Error = "This is not an email address."
		return p.drawMail(c, http.StatusUnprocessableEntity, test)
	}
	started := p.host.Clock()
	failure := p.host.Messages.Try(c.Context(), testKind, "mail", to, auth.MessageData{User: c.Principal().Subject, Name: c.Principal().Name})
	data := map[string]any{"to": to}
	if failure != nil {
		data["error"] = failure.Error()
	}
	ev := auth.Event{Kind: eventTested, SubjectType: "setting", Subject: mailServer, Data: data}
	if failure != nil {
		ev.Result = "failure"
	}
	if err := p.host.Events.Record(c.Context(), ev); err != nil {
		return err
	}
	if failure != nil {
		test.Problem = failureOf(failure)
		return p.drawMail(c, http.StatusUnprocessableEntity, test)
	}
	c.Flash("good", words.F("The mail server accepted the message for %s within %s.", to, took(p.host.Clock().Sub(started))))
	return c.SeeOther(addressOf("mail"))
}

// took is a short time to the tenth of a second.
func took(d time.Duration) string {
	return fmt.Sprintf("%.1f s", max(d, 100*time.Millisecond).Seconds())
}

// drawMail shows the settings of mails with the outcome of a test.
func (p *console) drawMail(c *plugins.Call, status int, test page.MailTest) error {
	c.Params["section"] = "mail"
	return p.drawSettingsWith(c, status, web.Form{}, test)
}

// failureOf says where a delivery failed, and what the other side said.
func failureOf(err error) page.MailProblem {
	problem := page.MailProblem{Text: strings.TrimPrefix(err.Error(), "mail: ")}
	var e *mail.Error
	if errors.As(err, &e) {
		problem.Stage, problem.Code, problem.Server = stages[e.Stage], e.Code, e.Server
	}
	return problem
}

// stages say how far a delivery came.
var stages = map[mail.Stage]words.Text{
	mail.StageMessage: "The message itself is invalid", mail.StageConnect: "Connecting failed", mail.StageGreeting: "The greeting failed",
	mail.StageTLS: "Encrypting the connection failed", mail.StageSignIn: "Signing in failed", mail.StageSender: "The sender was refused",
	mail.StageRecipient: "The recipient was refused", mail.StageContent: "The message was refused",
}

// SettingTexts lists what the console says about a group: its title and purpose, and of
// each setting the name, the explanation, the title of the card it stands on and the
// names of its choices. They are keys of the catalogue that stand in declarations.
func SettingTexts(g settings.Group) []words.Text {
	list := []words.Text{titleOf(g), helpOf(g)}
	for _, f := range g.Fields() {
		list = append(list, label(f, g.Prefix()), words.Text(f.Help), words.Text(f.Part))
		for _, o := range options(f) {
			list = append(list, o.Label)
		}
	}
	return slices.DeleteFunc(list, func(t words.Text) bool { _, ok := t.Key(); return !ok })
}
