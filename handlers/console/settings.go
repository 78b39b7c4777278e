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
	groups := a.groups(p.host.Settings.Groups())
	view := page.Settings{Section: a.ID, Sections: tabs(p.host.Settings.Groups()), Form: form}
	mayChange := c.Principal().Can(ScopeSettingsUpdate)
	for i, g := range groups {
		part := group(g, mayChange)
		part.List = slices.DeleteFunc(part.List, func(s page.Setting) bool { return s.Key == mailServer })
		if a.ID == "mail" && i == 0 {
			part.List = append(p.mailServer(mayChange), part.List...)
		}
		if i == 0 {
			view.Title, view.Text, view.List = part.Title, part.Text, part.List
			continue
		}
		view.More = append(view.More, part)
	}
	if a.ID == "mail" && mayChange {
		view.Panels = append(view.Panels, p.testPanel(c, test))
	}
	return c.Page(status, view)
}

// mailServer is the setting that names the mail server. It is one of the keys that every
// installation meets first, but people look for it beside the other settings of mails.
const mailServer = "smtp"

func (p *console) mailServer(mayChange bool) []page.Setting {
	f, ok := p.host.Settings.Field(mailServer)
	if !ok {
		return nil
	}
	return []page.Setting{setting(f, "", mayChange)}
}

// group describes a group of settings for the page.
func group(g settings.Group, mayChange bool) page.SettingGroup {
	part := page.SettingGroup{Title: words.Text(g.Title())}
	if h, ok := g.(interface{ Help() string }); ok {
		part.Text = words.Text(h.Help())
	}
	if part.Title == "" {
		part.Title = words.Text(label("", g.Prefix()))
	}
	for _, f := range g.Fields() {
		part.List = append(part.List, setting(f, g.Prefix(), mayChange))
	}
	return part
}

// setting describes one setting for the page. The value of a secret stays away.
func setting(f settings.Field, prefix string, mayChange bool) page.Setting {
	s := page.Setting{Key: f.Key, Label: words.Text(label(prefix, f.Key)), Help: words.Sentence(words.Text(f.Help)), Kind: kindOf(f), Value: f.Value,
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

func options(f settings.Field) []web.Option {
	choices := f.Choices
	if f.Kind == settings.Choice {
		choices = []string{"auto", "true", "false"}
	}
	var list []web.Option
	known := false
	for _, w := range choices {
		known = known || w == f.Value
		list = append(list, web.Option{Value: w, Label: words.Text(label("", w))})
	}
	if !known {
		list = append([]web.Option{{Value: f.Value, Label: words.Raw(f.Default)}}, list...)
	}
	return list
}

// label makes words of a key: "session.cookie_cache.max_age" in the group session is
// "Cookie cache, max age".
func label(prefix, key string) string {
	if name, ok := names[key]; ok {
		return name
	}
	if prefix != "" {
		key = strings.TrimPrefix(key, prefix+".")
	}
	words := strings.NewReplacer("_", " ", ".", ", ").Replace(key)
	if words == "" {
		return ""
	}
	for short, long := range map[string]string{"url": "URL", "smtp": "SMTP", "tls": "TLS", "openapi": "OpenAPI", "ipv6 subnet": "IPv6 subnet"} {
		if words == short {
			return long
		}
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// names are the labels of keys that say too little by themselves.
var names = map[string]string{"data": "Data folder", "config": "Configuration file", "tls.cert": "Certificate file", "tls.key": "Key file"}

// refusedForm draws a form that came back: each problem beside its field, the rest above.
func refusedForm(c *plugins.Call, err error, keys map[string]bool) (web.Form, bool) {
	var problems settings.Problems
	if !errors.As(err, &problems) {
		return web.Form{}, false
	}
	form := web.Form{Values: c.Request.PostForm}
	var rest []string
	for _, problem := range problems {
		field := problem.Key
		for !keys[field] && strings.Contains(field, ".") { // an entry of a table, as rate_limit.rules.1.path
			field = field[:strings.LastIndexByte(field, '.')]
		}
		text := problem.Text
		if entry := strings.TrimPrefix(problem.Key, field+"."); keys[field] && entry != problem.Key {
			text = entry + ": " + text
		}
		text = sentence(text)
		if problem.Fix != "" && problem.Fix != settings.Overriding { // the form is there to mend it
			text += " " + sentence(problem.Fix)
		}
		if keys[field] {
			form.Errors = append(form.Errors, web.FieldError{Field: field, Text: words.Raw(text)})
		} else {
			rest = append(rest, problem.Key+": "+text)
		}
	}
	form.Message = words.Raw(strings.Join(rest, " "))
	return form, true
}

// testPanel offers a message to an address, to see whether mail works.
func (p *console) testPanel(c *plugins.Call, test page.MailTest) page.Panel {
	if test.To == "" {
		test.To = c.Principal().Email
	}
	text := words.Text("Connects, signs in and hands a message over, and shows what the mail server says. It takes 15 seconds at most.")
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
	c.Flash("good", words.F("The mail server took the message for %s within %s.", to, took(p.host.Clock().Sub(started))))
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
	mail.StageMessage: "The message itself is not in order", mail.StageConnect: "Connecting failed", mail.StageGreeting: "The greeting failed",
	mail.StageTLS: "Encrypting the connection failed", mail.StageSignIn: "Signing in failed", mail.StageSender: "The sender was refused",
	mail.StageRecipient: "The recipient was refused", mail.StageContent: "The message was refused",
}

// SettingTexts lists what the console says about a group: its title and purpose, and of
// each setting the name, the explanation and the names of its choices. They are keys of
// the catalogue that stand in declarations.
func SettingTexts(g settings.Group) []words.Text {
	part := group(g, true)
	list := []words.Text{part.Title, part.Text}
	for i, s := range part.List {
		list = append(list, s.Label, words.Text(g.Fields()[i].Help))
		for _, o := range s.Options {
			list = append(list, o.Label)
		}
	}
	return slices.DeleteFunc(list, func(t words.Text) bool { _, ok := t.Key(); return !ok })
}
