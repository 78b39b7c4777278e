package account

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"gatehouse/auth"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// askAgain leads to the page that asks for a new proof of identity and comes back.
func askAgain(c *plugins.Call, back string) error {
	return c.SeeOther(confirmPath + "?returnTo=" + url.QueryEscape(back))
}

// back is the page of this server to return to.
func (p *Part) back(c *plugins.Call) string {
	if to := c.Form("returnTo"); strings.HasPrefix(to, "/") && p.h.Targets.Allowed(to) {
		return to
	}
	return page.AccountPath
}

func (p *Part) showConfirm(c *plugins.Call) error {
	if p.recent(c.Current.Session) {
		return c.SeeOther(p.back(c))
	}
	return p.drawConfirm(c, http.StatusOK, web.Form{})
}

func (p *Part) drawConfirm(c *plugins.Call, status int, form web.Form) error {
	credential, err := p.password(c)
	if err != nil {
		return err
	}
	return c.Page(status, confirmation{Form: form, Email: c.Current.User.Email, ReturnTo: p.back(c), HasPassword: credential != nil, Others: p.proofs(c)})
}

// proofs draws the ways of the plugins to prove the identity again.
func (p *Part) proofs(c *plugins.Call) []templ.Component {
	var list []templ.Component
	for _, part := range p.h.Registry.Parts {
		for _, m := range part.SignInMethods {
			if !slices.Contains(m.Purposes, plugins.ForStepUp) || m.Available != nil && !m.Available(c.Context()) {
				continue
			}
			switch {
			case m.Form != nil:
				list = append(list, m.Form(c, plugins.ForStepUp))
			case m.Start != page.SignInPath:
				list = append(list, web.PostButton{URL: m.Start, Hidden: map[string]string{"returnTo": p.back(c)},
					Button: web.Button{Label: m.Label, Icon: web.Icon(m.Icon), Block: true}})
			}
		}
	}
	return list
}

// confirm takes the password as a new proof of identity.
func (p *Part) confirm(c *plugins.Call) error {
	if err := p.core().VerifyPassword(c.Context(), c.Current, c.FormRaw("password")); err != nil {
		form, status, err := refusal.Form(c, err, refusal.Passwords("password").With(auth.ErrInvalidPassword.Code, "password"))
		if err != nil {
			return err
		}
		return p.drawConfirm(c, status, form)
	}
	return c.SeeOther(p.back(c))
}
