package account

import (
	"context"
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/words"
	"gatehouse/handlers/pages/refusal"
	"gatehouse/plugins"
	"gatehouse/web"
	"gatehouse/web/page"
)

// zoneNames are the names of zone.tab of the time zone database, one a line, sorted.
//
//go:embed zones.txt
var zoneNames string

// regions are the first parts of the names.
var regions = map[string]words.Text{"Africa": "Africa", "America": "America", "Antarctica": "Antarctica", "Arctic": "Arctic", "Asia": "Asia",
	"Atlantic": "Atlantic", "Australia": "Australia", "Europe": "Europe", "Indian": "Indian Ocean", "Pacific": "Pacific"}

// zoneGroups are the time zones by part of the world.
func zoneGroups(chosen string) []page.ZoneGroup {
	groups := []page.ZoneGroup{{Name: "Everywhere", Zones: []web.Option{{Value: "Etc/UTC", Label: words.Raw("UTC")}}}}
	known := chosen == "" || chosen == "Etc/UTC"
	for name := range strings.Lines(zoneNames) {
		name = strings.TrimSpace(name)
		known = known || name == chosen
		part, city, _ := strings.Cut(name, "/")
		if groups[len(groups)-1].Name != regions[part] {
			groups = append(groups, page.ZoneGroup{Name: regions[part]})
		}
		last := &groups[len(groups)-1]
		last.Zones = append(last.Zones, web.Option{Value: name, Label: words.Raw(strings.ReplaceAll(strings.ReplaceAll(city, "_", " "), "/", ", "))})
	}
	if !known { // an older name, which browsers may still use
		groups[0].Zones = append(groups[0].Zones, web.Option{Value: chosen, Label: words.Raw(chosen)})
	}
	return groups
}

// languageNames are what languages call themselves.
var languageNames = map[string]string{"en": "English", "de": "Deutsch"}

// languages are the offered ones.
func (p *Part) languages() []web.Option {
	var list []web.Option
	for _, tag := range p.h.Words.Languages() {
		name := languageNames[tag]
		if name == "" {
			name = tag
		}
		list = append(list, web.Option{Value: tag, Label: words.Raw(name)})
	}
	return list
}

func (p *Part) showPreferences(c *plugins.Call) error {
	return p.drawPreferences(c, http.StatusOK, web.Form{})
}

func (p *Part) drawPreferences(c *plugins.Call, status int, form web.Form) error {
	chosen := c.Preferences()
	return c.Page(status, page.Preferences{Form: form, Languages: p.languages(), Zones: zoneGroups(chosen[auth.PreferZone]),
		Language: chosen[auth.PreferLanguage], Theme: chosen[auth.PreferTheme], Zone: chosen[auth.PreferZone],
		Now: web.Time{At: p.h.Clock(), Exact: true}})
}

func (p *Part) changePreferences(c *plugins.Call) error {
	if err := p.storePreferences(c); err != nil {
		form, status, err := refusal.Form(c, err, nil)
		if err != nil {
			return err
		}
		return p.drawPreferences(c, status, form)
	}
	c.Flash("good", "Your choices are saved.")
	return c.SeeOther(page.PreferencesPath)
}

func (p *Part) storePreferences(c *plugins.Call) error {
	chosen := []struct {
		name, value string
		good        bool
		wrong       words.Text
	}{
		{auth.PreferLanguage, c.Form("language"), slices.Contains(p.h.Words.Languages(), c.Form("language")), "This language is not offered."},
		{auth.PreferTheme, c.Form("theme"), slices.Contains([]string{string(web.Light), string(web.Dark)}, c.Form("theme")), "There is no such theme."},
		{auth.PreferZone, c.Form("zone"), goodZone(c.Form("zone")), "There is no such time zone."},
	}
	for _, choice := range chosen {
		if choice.value != "" && !choice.good {
			return auth.ErrUnknownChoice.Saying(choice.wrong).At(choice.name)
		}
	}
	return p.h.DB.InTx(c.Context(), func(ctx context.Context, _ *auth.Tx) error {
		for _, choice := range chosen {
			if err := p.h.Preferences.Set(ctx, c.Current.User.ID, choice.name, choice.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// goodZone reports whether a name is one of the time zone database.
func goodZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
