package account

import (
	"net/http"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/handlers/core"
	"gatehouse/handlers/pages/further"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// showAccount draws the overview.
func (p *Part) showAccount(c *plugins.Call) error {
	ctx, u, cfg := c.Context(), c.Current.User, p.h.Core.Settings.User.Get()
	drawn := page.Account{Person: person(u), Verified: u.EmailVerified, Created: u.CreatedAt, Role: auth.RolesWords(c.Principal().Roles),
		ChangeEmail: cfg.ChangeEmail, DeleteAllowed: cfg.Delete}
	accounts, err := p.core().ListAccounts(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		switch {
		case a.ProviderID != auth.ProviderCredential:
			drawn.Linked++
		case a.Password != nil:
			drawn.HasPassword, drawn.PasswordSet = true, a.UpdatedAt
		}
	}
	sessions, err := p.core().ListSessions(ctx, u.ID)
	if err != nil {
		return err
	}
	drawn.Sessions = len(sessions)
	waiting, err := p.core().PendingEmail(ctx, u)
	if err != nil {
		return err
	}
	if waiting != nil {
		drawn.Pending = waiting.NewEmail
	}
	if !u.EmailVerified && p.core().MailPossible(ctx) {
		drawn.VerifyURL = verifyPath
	}
	drawn.Waiting = p.waiting(c)
	return c.Page(http.StatusOK, drawn)
}

// waiting is what waits for the person, of all plugins. One that fails is named and keeps the
// others.
func (p *Part) waiting(c *plugins.Call) []templ.Component {
	var list []templ.Component
	for _, part := range p.h.Registry.Parts {
		for _, panel := range part.Panels {
			if panel.Waiting == nil {
				continue
			}
			alert, err := panel.Waiting(c)
			if err != nil {
				p.h.Log.ErrorContext(c.Context(), "what waits for a person", "plugin", part.ID, "panel", panel.ID, "error", err)
				alert = web.Broken(part.Name, page.AccountPath, auth.OriginOf(c.Context()).RequestID)
			}
			if alert != nil {
				list = append(list, alert)
			}
		}
	}
	return list
}

// person is somebody as pages draw them. A picture elsewhere is never loaded
// (decisions 35).
func person(u *ent.User) web.Person {
	drawn := web.Person{ID: u.ID, Name: u.Name, Email: u.Email}
	if u.Image != nil {
		drawn.Image = *u.Image
	}
	return drawn
}

// furtherPrefix begins the names of inputs of further fields, which may be called as
// other inputs are.
const furtherPrefix = "further."

func (p *Part) showProfile(c *plugins.Call) error {
	return p.drawProfile(c, http.StatusOK, web.Form{}, web.Form{})
}

func (p *Part) drawProfile(c *plugins.Call, status int, form, picture web.Form) error {
	drawn := page.Profile{Form: form, Picture: picture, Person: person(c.Current.User)}
	drawn.Remote = drawn.Person.Image != "" && p.h.Pictures.ID(drawn.Person.Image) == ""
	stored := map[string]any{}
	for _, f := range p.h.Core.WireUser(c.Current.User) {
		stored[f.Key] = f.Value
	}
	drawn.Further = further.Draw(further.Own(p.h), form, furtherPrefix, stored)
	return c.Page(status, drawn)
}

func (p *Part) changeProfile(c *plugins.Call) error {
	next, err := p.storeProfile(c)
	if err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawProfile(c, status, form, web.Form{})
	}
	return p.changed(c, next, "Your profile is saved.", page.AccountPath)
}

func (p *Part) storeProfile(c *plugins.Call) (*auth.Current, error) {
	name := c.Form("name")
	if name == "" {
		return nil, auth.ErrValidation.Saying("A name is needed").At("name")
	}
	values, err := further.Read(c, further.Own(p.h), furtherPrefix)
	if err != nil {
		return nil, err
	}
	return p.core().UpdateUser(c.Context(), core.UpdateUser{Current: c.Current, Name: &name, Fields: values})
}

// changePicture takes the file of the form as the person's picture.
func (p *Part) changePicture(c *plugins.Call) error {
	file, err := c.File("picture")
	if err != nil {
		return err
	}
	next, err := p.core().SetPicture(c.Context(), c.Current, file)
	if err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawProfile(c, status, web.Form{}, form)
	}
	return p.changed(c, next, "Your picture is saved.", page.ProfilePath)
}

func (p *Part) removePicture(c *plugins.Call) error {
	next, err := p.core().RemovePicture(c.Context(), c.Current)
	if err != nil {
		return err
	}
	return p.changed(c, next, "Your picture is removed.", page.ProfilePath)
}

// changed writes the cookies again after a change of the person, and goes on.
func (p *Part) changed(c *plugins.Call, next *auth.Current, said words.Text, to string) error {
	if err := c.Desk.Reissue(c, next); err != nil {
		return err
	}
	c.Flash("good", said)
	return c.SeeOther(to)
}
