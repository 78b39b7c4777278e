package console

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/auth/color"
	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/handlers/theme"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// Addresses and keys of the appearance.
const (
	appearanceArea    = "appearance"
	appearancePreview = page.AppearancePath + "/preview"
	appearanceLogo    = page.AppearancePath + "/logo"
	keyAccent         = "appearance.accent"
	keyTitle          = "appearance.sign_in_title"
	keyText           = "appearance.sign_in_text"
	keyLogo           = "appearance.logo"
	keyLogoDark       = "appearance.logo_dark"
)

// maxLogo bounds an uploaded file with the form around it.
const maxLogo = 6 << 20

// composeAppearance brings what the form of the appearance has into the texts of its
// settings, and returns the names of the fields that stand for one setting together.
func (p *console) composeAppearance(form url.Values) []string {
	if form.Has("accent_choice") {
		form.Set(keyAccent, chosenAccent(form))
	}
	cfg := p.host.Core.Settings.Appearance.Get()
	var fields []string
	for key, current := range map[string]map[string]string{keyTitle: cfg.SignInTitle, keyText: cfg.SignInText} {
		given := false
		texts := map[string]string{}
		maps.Copy(texts, current)
		for _, tag := range p.host.Languages.Known() {
			name := key + "." + tag
			fields = append(fields, name)
			if !form.Has(name) {
				continue
			}
			given = true
			delete(texts, tag)
			if text := strings.TrimSpace(form.Get(name)); text != "" {
				texts[tag] = text
			}
		}
		if !given { // the whole table may come, as from the button that takes a change back
			continue
		}
		form.Del(key)
		if !maps.Equal(texts, current) {
			form.Set(key, inlineTable(texts))
		}
	}
	return fields
}

func chosenAccent(form url.Values) string {
	if choice := form.Get("accent_choice"); choice != page.CustomAccent {
		return choice
	}
	return form.Get("accent_custom")
}

// inlineTable writes texts as TOML does; its strings are those of JSON.
func inlineTable(texts map[string]string) string {
	var parts []string
	for name, text := range texts {
		raw, err := json.Marshal(text)
		if err != nil {
			continue // cannot be: a text
		}
		parts = append(parts, name+" = "+string(raw))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// drawAppearance shows the form beside a picture of the sign-in page.
func (p *console) drawAppearance(c *plugins.Call, status int, form web.Form, refused map[string]words.Text) error {
	cfg := p.host.Core.Settings.Appearance.Get()
	reader, err := p.host.Languages.Of(c.Context(), c.Principal().Subject)
	if err != nil {
		return err
	}
	view := page.Appearance{Sections: tabs(p.host.Settings.Groups()), Form: form, Name: p.host.Core.Settings.App.Get().Name, Accent: cfg.Accent,
		Adjusted: adjusted(cfg.Accent), Editable: c.Principal().Can(ScopeSettingsUpdate), Reader: reader.Language(), Locked: map[string]words.Text{},
		Logos: []page.Logo{
			{Purpose: string(auth.PictureLogo), Title: "Logo", Text: "On pages, beside the name.", URL: pictureURL(cfg.Logo), Error: refused[string(auth.PictureLogo)]},
			{Purpose: string(auth.PictureLogoDark), Title: "Logo on dark ground", Text: "Without one, the other logo is used.", URL: pictureURL(cfg.LogoDark),
				Error: refused[string(auth.PictureLogoDark)], Dark: true},
		}}
	for _, key := range []string{"app.name", keyAccent, keyTitle, keyText, keyLogo, keyLogoDark} {
		if f, ok := p.host.Settings.Field(key); ok {
			if why := locked(f, view.Editable); why != "" {
				view.Locked[key] = why
			}
		}
	}
	for _, tag := range p.host.Languages.Known() {
		view.Tongues = append(view.Tongues, page.Tongue{Tag: tag, Name: auth.LanguageName(tag), Title: cfg.SignInTitle[tag], Text: cfg.SignInText[tag]})
	}
	return c.View.Draw(c, plugins.Page{Status: status, Component: view, Policy: []plugins.Source{{Directive: "frame-src", Value: "'self'"}}})
}

func pictureURL(id string) string {
	if id == "" {
		return ""
	}
	return auth.PicturePath + id
}

// adjusted says how a colour was moved so that it can be read.
func adjusted(accent string) words.Text {
	chosen, err := color.Parse(accent)
	if err != nil {
		return ""
	}
	light, dark := color.Accent(chosen)
	switch {
	case light.Moved && dark.Moved:
		return words.F("For contrast it is drawn as %s in the light theme and as %s in the dark one.", light.Accent.Hex(), dark.Accent.Hex())
	case light.Moved:
		return words.F("For contrast it is drawn as %s in the light theme.", light.Accent.Hex())
	case dark.Moved:
		return words.F("For contrast it is drawn as %s in the dark theme.", dark.Accent.Hex())
	}
	return ""
}

// previewAppearance draws the sign-in page as it would be: with the values in force, or
// on POST with those of the form, which are not saved.
func (p *console) previewAppearance(c *plugins.Call) error {
	reader, err := p.host.Languages.Of(c.Context(), c.Principal().Subject)
	if err != nil {
		return err
	}
	cfg, name := p.host.Core.Settings.Appearance.Get(), p.host.Core.Settings.App.Get().Name
	how := p.host.Core.Settings.SignIn.Get()
	look := page.SignIn{Password: how.Password, Forgot: how.ForgotLink, Remember: how.Remember == settings.RememberChecked, Forget: how.Remember == settings.RememberNever,
		SignUp: how.SignUpLink && p.host.Core.Settings.SignUp.Get().Enabled, Still: true,
		Titles: cfg.SignInTitle, Texts: cfg.SignInText}
	if form := c.Request.PostForm; c.Request.Method == http.MethodPost {
		look.Titles, look.Texts = p.unsaved(form, keyTitle, cfg.SignInTitle), p.unsaved(form, keyText, cfg.SignInText)
		if form.Has("accent_choice") {
			cfg.Accent = chosenAccent(form)
		}
		if form.Has("app.name") {
			name = bounded(strings.TrimSpace(form.Get("app.name")))
		}
		if s, ok := p.host.Languages.Speaker(form.Get("preview_language")); ok {
			reader = s
		}
	}
	shown := web.Theme(c.Form("preview_theme"))
	return c.View.Draw(c, plugins.Page{Component: look, Framed: true, Look: func(r *web.Request) {
		r.Still, r.Signed, r.Nav, r.Menu, r.Mask, r.Flash = true, nil, nil, nil, nil, nil
		r.AppName, r.Speaker, r.Stylesheet = name, reader, theme.URL(cfg.Accent)
		if shown == web.Light || shown == web.Dark {
			r.Theme = shown
		}
	}})
}

// unsaved are the texts of a form, by language.
func (p *console) unsaved(form url.Values, key string, current map[string]string) map[string]string {
	texts := map[string]string{}
	maps.Copy(texts, current)
	for _, tag := range p.host.Languages.Known() {
		if name := key + "." + tag; form.Has(name) {
			texts[tag] = strings.TrimSpace(form.Get(name))
		}
	}
	return texts
}

// changeLogo stores a logo, encoded anew, or takes it away.
func (p *console) changeLogo(c *plugins.Call) error {
	purpose, key := auth.PictureLogo, keyLogo
	if c.Form("purpose") == string(auth.PictureLogoDark) {
		purpose, key = auth.PictureLogoDark, keyLogoDark
	}
	f, ok := p.host.Settings.Field(key)
	if !ok || !f.Editable() {
		return notFound()
	}
	if c.Form("remove") != "" {
		return p.removeLogo(c, purpose, f)
	}
	file, err := c.File("picture")
	if err != nil {
		return err
	}
	made, err := p.host.Pictures.Make(c.Context(), purpose, file)
	if e := auth.AsError(err); err != nil && e.Fields["picture"] != "" {
		return p.drawAppearance(c, e.Status, web.Form{}, map[string]words.Text{string(purpose): e.Fields["picture"]})
	}
	if err != nil {
		return err
	}
	err = p.host.DB.InTx(c.Context(), func(ctx context.Context, tx *auth.Tx) error {
		path, err := p.host.Pictures.Put(ctx, "", purpose, made)
		if err != nil {
			return err
		}
		return p.write(ctx, map[string]settings.Field{key: f}, change{set: map[string]string{key: strings.TrimPrefix(path, auth.PicturePath)}})
	})
	if err != nil {
		return err
	}
	return p.saidLogo(c, "The logo was changed.")
}

func (p *console) removeLogo(c *plugins.Call, purpose auth.PicturePurpose, f settings.Field) error {
	err := p.host.DB.InTx(c.Context(), func(ctx context.Context, tx *auth.Tx) error {
		if err := p.host.Pictures.Remove(ctx, "", purpose); err != nil {
			return err
		}
		return p.takeAway(ctx, tx, f)
	})
	if err != nil {
		return err
	}
	return p.saidLogo(c, "The logo was removed.")
}

func (p *console) saidLogo(c *plugins.Call, said words.Text) error {
	if err := p.adopt(c.Context()); err != nil {
		return err
	}
	c.Flash("good", said)
	return c.SeeOther(page.AppearancePath)
}
