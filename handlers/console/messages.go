package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"gatehouse/auth"
	"gatehouse/auth/mail"
	"gatehouse/auth/words"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// messageKinds lists what the server writes to people, in the order of the plugins.
func (p *console) messageKinds(c *plugins.Call) error {
	changed, err := p.host.Messages.Changed(c.Context())
	if err != nil {
		return err
	}
	var view page.Messages
	for _, k := range p.host.Messages.Kinds() {
		item := page.MessageKind{Kind: k.Kind, Words: k.Words}
		if part, ok := p.host.Registry.Part(p.host.Messages.Owner(k.Kind)); ok {
			item.Plugin = part.Name
		}
		for _, tag := range changed[k.Kind] {
			item.Changed = append(item.Changed, auth.LanguageName(tag))
		}
		view.List = append(view.List, item)
	}
	return c.Page(http.StatusOK, view)
}

// kindOptions are the kinds of messages, in the order of the plugins.
func (p *console) kindOptions() []web.Option {
	var list []web.Option
	for _, k := range p.host.Messages.Kinds() {
		list = append(list, web.Option{Value: k.Kind, Label: k.Words})
	}
	return list
}

// kindTitle is what a kind is called; one of a plugin that is off has its name only.
func (p *console) kindTitle(kind string) words.Text {
	return cmp.Or(p.host.Messages.Called(kind), words.Raw(kind))
}

// messageKind leads to the words of a message in the reader's language.
func (p *console) messageKind(c *plugins.Call) error {
	speaker, err := p.host.Languages.Of(c.Context(), c.Principal().Subject)
	if err != nil {
		return err
	}
	tag := speaker.Language()
	if _, _, err := p.host.Messages.Message(c.Param("kind"), tag); err != nil {
		return err
	}
	return c.SeeOther(page.MessagesPath + "/" + c.Param("kind") + "/" + tag)
}

// wording shows the words of a message in one language.
func (p *console) wording(c *plugins.Call) error {
	return p.drawWording(c, http.StatusOK, web.Form{})
}

func (p *console) drawWording(c *plugins.Call, status int, form web.Form) error {
	ctx := c.Context()
	k, speaker, err := p.host.Messages.Message(c.Param("kind"), c.Param("language"))
	if err != nil {
		return err
	}
	w, err := p.host.Messages.Wording(ctx, k.Kind, speaker)
	if err != nil {
		return err
	}
	view := page.Wording{Kind: k.Kind, Language: speaker.Language(), Title: k.Words, Subject: w.Subject, Body: w.Body, Version: w.Version, Form: form,
		Changed: w.Changed, ChangedAt: w.UpdatedAt, Editable: c.Principal().Can(ScopeMessageUpdate)}
	for _, tag := range p.host.Languages.Known() {
		view.Languages = append(view.Languages, web.NavItem{Label: words.Raw(auth.LanguageName(tag)), Icon: "globe", Exact: true,
			Href: page.MessagesPath + "/" + k.Kind + "/" + tag})
	}
	for _, place := range k.Known() {
		view.Places = append(view.Places, page.Place{Name: place.Name, Words: place.Words})
	}
	if w.UpdatedBy != "" {
		if u, err := p.host.Users.ByID(ctx, w.UpdatedBy); err == nil && u != nil {
			view.ChangedBy = u.Name
		}
	}
	subject, content := p.host.Messages.Draft(k.Kind, speaker, w.Template)
	view.SampleSubject = subject
	if view.SampleText, _, err = mail.Render(ctx, content); err != nil {
		return err
	}
	return c.View.Draw(c, plugins.Page{Status: status, Component: view, Policy: []plugins.Source{{Directive: "frame-src", Value: "'self'"}}})
}

// reword stores changed words, or sets them back.
func (p *console) reword(c *plugins.Call) error {
	kind, language := c.Param("kind"), c.Param("language")
	here := page.MessagesPath + "/" + kind + "/" + language
	if c.Form("reset") != "" {
		_, speaker, err := p.host.Messages.Message(kind, language)
		if err != nil {
			return err
		}
		before, err := p.host.Messages.Wording(c.Context(), kind, speaker)
		if err != nil {
			return err
		}
		if err := p.host.Messages.ResetWording(c.Context(), kind, language); err != nil {
			return err
		}
		c.FlashUndo("The built-in words hold again.", plugins.Undo{Path: here, Fields: url.Values{"subject": {before.Subject}, "body": {before.Body}}})
		return c.SeeOther(here)
	}
	err := p.host.Messages.Reword(c.Context(), auth.Reword{Kind: kind, Language: language, Template: draft(c), Version: c.Form("version")})
	switch e := auth.AsError(err); {
	case err == nil:
		c.Flash("good", "Saved. Messages written from now on have these words.")
		return c.SeeOther(here)
	case errors.Is(err, auth.ErrStale):
		form := web.Form{Values: c.Request.PostForm, Message: e.Message}
		return p.drawWording(c, http.StatusConflict, form)
	case e.Code == auth.ErrWording.Code:
		return p.drawWording(c, http.StatusUnprocessableEntity, wrongWords(c, e))
	}
	return err
}

// draft are the words of a posted form.
func draft(c *plugins.Call) mail.Template {
	return mail.Template{Subject: c.Form("subject"), Body: c.FormRaw("body")}
}

func wrongWords(c *plugins.Call, e *auth.Error) web.Form {
	form := web.Form{Values: c.Request.PostForm}
	for _, field := range []string{"subject", "body"} {
		if text := e.Fields[field]; text != "" {
			form.Errors = append(form.Errors, web.FieldError{Field: field, Text: text})
		}
	}
	return form
}

// previewWording draws a message as its recipient sees it, with sample data: the words in
// force, or on POST those of the form. It is shown in a frame of the page.
func (p *console) previewWording(c *plugins.Call) error {
	k, speaker, err := p.host.Messages.Message(c.Param("kind"), c.Param("language"))
	if err != nil {
		return err
	}
	w, err := p.host.Messages.Wording(c.Context(), k.Kind, speaker)
	if err != nil {
		return err
	}
	shown := w.Template
	if c.Request.Method == http.MethodPost {
		shown = draft(c)
		if err := p.host.Messages.Judge(k.Kind, shown); err != nil {
			e := auth.AsError(err)
			reader, err := p.host.Languages.Of(c.Context(), c.Principal().Subject)
			if err != nil {
				return err
			}
			return framed(c, http.StatusUnprocessableEntity, "text/plain", reader.Say(words.Join("\n", e.Fields["subject"], e.Fields["body"])))
		}
	}
	_, content := p.host.Messages.Draft(k.Kind, speaker, shown)
	text, html, err := mail.Render(c.Context(), content)
	if err != nil {
		return err
	}
	if c.Form("part") == "text" {
		return framed(c, http.StatusOK, "text/plain", text)
	}
	return framed(c, http.StatusOK, "text/html", html)
}

// framePolicy is that of a mail in a frame: nothing is loaded, nothing runs, nothing is
// sent, and only pages of this server may show it. Mails have their styles inside.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

func framed(c *plugins.Call, status int, media, body string) error {
	h := c.Header
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Security-Policy", framePolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	c.Writer.WriteHeader(status)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	_, err := c.Writer.Write([]byte(body))
	return err
}
