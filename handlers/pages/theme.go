package pages

import (
	"gatehouse/auth"
	"gatehouse/auth/cookie"
	"gatehouse/plugins"
	"gatehouse/web"
)

// The cookie of the colour scheme, and its life in seconds. Pages read it unsigned: it
// is no secret.
const (
	themeCookie = "gatehouse_theme"
	themeLife   = 365 * 24 * 3600
)

// theme keeps the chosen colour scheme, in this browser and for somebody signed in also
// in their account, and goes back to the page, which is always one of this server.
func (p *Part) theme(c *plugins.Call) error {
	top := p.h.Core.Settings.Top.Get()
	chosen := cookie.Cookie{Name: themeCookie, Attributes: cookie.Default(top.Secure())}
	switch theme := web.Theme(c.Form("theme")); theme {
	case web.Light, web.Dark:
		chosen.Value, chosen.MaxAge = string(theme), themeLife
		c.Cookies.Set(chosen)
	default:
		c.Cookies.Expire(chosen)
	}
	if c.Current != nil && !c.Principal().Impersonated() {
		if err := p.h.Preferences.Set(c.Context(), c.Current.User.ID, auth.PreferTheme, chosen.Value); err != nil {
			return err
		}
	}
	if to := c.Form("returnTo"); p.own(to) {
		return c.SeeOther(to)
	}
	return c.SeeOther(web.HomePath)
}
