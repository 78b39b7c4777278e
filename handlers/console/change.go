package console

import (
	"context"
	"encoding/json"
	"gatehouse/auth/words"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/settings"
	"gatehouse/handlers/core"
	"gatehouse/handlers/stored"
	"gatehouse/plugins"
	"gatehouse/web/page"
)

// changeSettings stores what differs from the values in force, or takes one stored value
// away.
func (p *console) changeSettings(c *plugins.Call) error {
	a, ok := findArea(c.Param("section"))
	if !ok {
		return notFound()
	}
	fields := p.fieldsOf(a)
	var parts []string
	if a.ID == appearanceArea {
		parts = p.composeAppearance(c.Request.PostForm)
	}
	keys := map[string]bool{}
	for key := range fields {
		keys[key] = true
	}
	for _, key := range parts {
		keys[key] = true
	}
	var err error
	said := words.Text("Saved.")
	if p.wantsProof(c, a, fields) {
		return auth.ErrStepUpRequired
	}
	change := changeOf(c.Request.PostForm, fields)
	var undo url.Values
	if err = p.misfit(c.Context(), fields, change); err == nil {
		switch {
		case len(change.set) > 0:
		case len(change.drop) > 0:
			said = "Back to the default."
		default:
			said = "Nothing was changed."
		}
		undo = change.undo(fields)
		err = p.store(c, fields, change)
	}
	if err != nil {
		if form, ok := refusedForm(c, err, keys); ok {
			return p.drawSettings(c, http.StatusUnprocessableEntity, form)
		}
		return err
	}
	if len(undo) > 0 {
		c.FlashUndo(said, plugins.Undo{Path: addressOf(a.ID), Fields: undo})
	} else {
		c.Flash("good", said)
	}
	return c.SeeOther(addressOf(a.ID))
}

// change is what a form asks of settings.
type change struct {
	set   map[string]string // texts
	drop  []string          // go back to what holds where nothing is stored
	empty []string          // lists of everything in which nothing is chosen
}

// changeOf reads a form. Its button "reset" takes one stored value away and leaves the
// rest of the form alone; "default" names those that the button Undo takes away.
func changeOf(form url.Values, fields map[string]settings.Field) change {
	if key := form.Get("reset"); key != "" {
		return change{drop: []string{key}}
	}
	ch := change{set: changed(form, fields), drop: form["default"]}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if f := fields[key]; f.EmptyIsAll && f.Editable() && slices.Contains(form["present"], key) && len(form[key]) == 0 {
			ch.empty = append(ch.empty, key)
		}
	}
	return ch
}

// keys are the settings that change.
func (ch change) keys() []string { return append(slices.Sorted(maps.Keys(ch.set)), ch.drop...) }

// undo is the form that sets settings back to what they are now; nil when one of them is
// a secret.
func (ch change) undo(fields map[string]settings.Field) url.Values {
	form := url.Values{}
	for _, key := range ch.keys() {
		f := fields[key]
		if kindOf(f) != page.SettingSecret && f.Source == settings.FromDefault {
			form.Add("default", key)
			continue
		}
		switch kindOf(f) {
		case page.SettingSecret:
			return nil
		case page.SettingBool:
			form.Add("present", key)
			if f.Value == "true" {
				form.Set(key, "on")
			}
		case page.SettingChoices:
			form.Add("present", key)
			form[key] = chosen(f)
		default:
			form.Set(key, f.Value)
		}
	}
	return form
}

// fieldsOf are the settings that the form of an area has, by key.
func (p *console) fieldsOf(a area) map[string]settings.Field {
	fields := map[string]settings.Field{}
	for _, d := range a.cards(p.host.Settings.Groups()) {
		for _, f := range d.fields {
			fields[f.Key] = f
		}
	}
	return fields
}

// changed reads the texts of a form that differ from the values in force. A switch that
// is off posts nothing, so the form says by "present" which were drawn.
func changed(form url.Values, fields map[string]settings.Field) map[string]string {
	changes := map[string]string{}
	for key, f := range fields {
		text, given := posted(form, f)
		if given && f.Editable() && text != f.Value {
			changes[key] = text
		}
	}
	return changes
}

func posted(form url.Values, f settings.Field) (string, bool) {
	switch kindOf(f) {
	case page.SettingBool:
		if !slices.Contains(form["present"], f.Key) {
			return "", false
		}
		if form.Get(f.Key) == "on" {
			return "true", true
		}
		return "false", true
	case page.SettingChoices:
		picked := slices.DeleteFunc(slices.Clone(f.Choices), func(choice string) bool { return !slices.Contains(form[f.Key], choice) })
		before := slices.DeleteFunc(slices.Clone(f.Choices), func(choice string) bool { return !slices.Contains(chosen(f), choice) })
		switch {
		case slices.Equal(picked, before):
			return f.Value, slices.Contains(form["present"], f.Key)
		case f.EmptyIsAll && len(picked) == len(f.Choices):
			picked = nil // those that a later release brings belong to all, too
		}
		return strings.Join(picked, ","), slices.Contains(form["present"], f.Key)
	case page.SettingSecret:
		return form.Get(f.Key), form.Get(f.Key) != ""
	case page.SettingList:
		return lines(form.Get(f.Key)), form.Has(f.Key)
	}
	return strings.TrimSpace(form.Get(f.Key)), form.Has(f.Key)
}

// misfit refuses what only this server can judge: a list of everything in which nothing
// is chosen, and switching off the only way to sign in.
func (p *console) misfit(ctx context.Context, fields map[string]settings.Field, ch change) error {
	var problems settings.Problems
	for _, key := range ch.empty {
		problems = append(problems, settings.Problem{Key: key, Text: "choose at least one"})
	}
	if ch.set[passwordSignIn] == "false" && !p.canSignIn(ctx, core.MethodEmail) {
		problems = append(problems, settings.Problem{Key: passwordSignIn, Text: "is the only way to sign in", Fix: "switch another one on first"})
	}
	for _, key := range ch.drop {
		if f, ok := fields[key]; !ok || !f.Editable() {
			return notFound()
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// passwordSignIn switches signing in with a password.
const passwordSignIn = "sign_in.password"

// signInPossible fails when nobody could sign in any more.
func (p *console) signInPossible(ctx context.Context) error {
	if p.canSignIn(ctx, "") {
		return nil
	}
	return words.Err("passwords are off and no other way to sign in is on")
}

// canSignIn reports whether there is a way to sign in, one method left aside.
func (p *console) canSignIn(ctx context.Context, without string) bool {
	for _, part := range p.host.Registry.Parts {
		for _, m := range part.SignInMethods {
			if m.ID != without && m.Decorates == "" && m.Serves(ctx, plugins.ForSignIn) {
				return true
			}
		}
	}
	return false
}

// lines joins the lines of a box with commas, the form lists have in settings.
func lines(text string) string {
	var entries []string
	for line := range strings.Lines(text) {
		if line = strings.Trim(line, " \t\r\n,"); line != "" {
			entries = append(entries, line)
		}
	}
	return strings.Join(entries, ",")
}

// store checks the changes together with everything else and keeps them.
func (p *console) store(c *plugins.Call, fields map[string]settings.Field, ch change) error {
	if len(ch.keys()) == 0 {
		return nil
	}
	if err := p.write(c.Context(), fields, ch); err != nil {
		return err
	}
	return p.adopt(c.Context())
}

// write is store without effect on this process; adopt follows the commit.
func (p *console) write(ctx context.Context, fields map[string]settings.Field, ch change) error {
	values, err := p.host.Settings.Propose(ch.set, ch.drop)
	if err != nil {
		return err
	}
	return p.host.DB.InTx(ctx, func(ctx context.Context, tx *auth.Tx) error {
		if err := stored.Write(ctx, tx, p.host.Settings, p.host.Keys, auth.PrincipalOf(ctx).Subject, values); err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(ch.set)) {
			if err := p.recordChange(ctx, fields[key], ch.set[key]); err != nil {
				return err
			}
		}
		for _, key := range ch.drop {
			if err := p.takeAway(ctx, tx, fields[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

// recordChange stores the event of one changed setting, of a secret without any value.
func (p *console) recordChange(ctx context.Context, f settings.Field, after string) error {
	data := map[string]any{"key": f.Key, "before": f.Value, "after": after}
	if f.Secret {
		data["before"], data["after"] = "", "changed"
	}
	return p.host.Events.Record(ctx, auth.Event{Kind: eventSetting, SubjectType: "setting", Subject: f.Key, Data: data})
}

// takeAway removes a stored value.
func (p *console) takeAway(ctx context.Context, tx *auth.Tx, f settings.Field) error {
	if err := stored.Remove(ctx, tx, f.Key); err != nil {
		return err
	}
	return p.recordChange(ctx, f, f.Default)
}

// adopt puts in force what the database holds, whoever wrote it.
func (p *console) adopt(ctx context.Context) error {
	values, err := stored.Load(ctx, p.host.DB, p.host.Settings, p.host.Keys)
	if err != nil {
		return err
	}
	return p.apply(values)
}

func (p *console) apply(values map[string]json.RawMessage) error {
	if err := p.host.Settings.Apply(values); err != nil {
		return err
	}
	return p.host.Server.Refresh()
}
