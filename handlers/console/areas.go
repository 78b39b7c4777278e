package console

import (
	"slices"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/web"
	"gatehouse/web/page"
)

// area is one tab of the settings page. Which settings stand there, their declarations
// say.
type area struct {
	ID    string
	Label words.Text
	Icon  web.Icon
}

// pluginsArea shows all settings that name no other area.
const pluginsArea = "plugins"

// areas are the tabs in their order.
func areas() []area {
	return []area{
		{"general", "General", "settings"},
		{appearanceArea, "Appearance", "palette"},
		{"languages", "Languages", "globe"},
		{"sign-in", "Sign-in methods", "log-in"},
		{"sign-up", "Sign-up", "user-plus"},
		{"passwords", "Password policy", "key-round"},
		{"people", "Accounts", "users"},
		{"organizations", "Organizations", "building-2"},
		{"sessions", "Sessions", "monitor"},
		{"mail", "Mail", "mail"},
		{"security", "Security", "shield"},
		{pluginsArea, "Plugins", "puzzle"},
	}
}

// findArea returns the area of an id; "" is the first.
func findArea(id string) (area, bool) {
	list := areas()
	if id == "" {
		return list[0], true
	}
	i := slices.IndexFunc(list, func(a area) bool { return a.ID == id })
	if i < 0 {
		return area{}, false
	}
	return list[i], true
}

// areaOf names the area that shows a setting.
func areaOf(f settings.Field) string {
	if _, ok := findArea(f.Area); ok && f.Area != "" {
		return f.Area
	}
	return pluginsArea
}

// card is a titled part of an area.
type card struct {
	title, text words.Text
	prefix      string // of the keys
	fields      []settings.Field
}

// cards are the parts of an area: settings that stand apart from their group come first.
func (a area) cards(all []settings.Group) []card {
	var apart, list []card
	for _, g := range all {
		own := card{title: titleOf(g), text: helpOf(g), prefix: g.Prefix()}
		for _, f := range g.Fields() {
			switch {
			case areaOf(f) != a.ID:
			case f.Part == "":
				own.fields = append(own.fields, f)
			default:
				i := slices.IndexFunc(apart, func(c card) bool { return string(c.title) == f.Part })
				if i < 0 {
					i, apart = len(apart), append(apart, card{title: words.Text(f.Part), prefix: g.Prefix()})
				}
				apart[i].fields = append(apart[i].fields, f)
			}
		}
		if len(own.fields) > 0 {
			list = append(list, own)
		}
	}
	return append(apart, list...)
}

func titleOf(g settings.Group) words.Text {
	if g.Title() == "" {
		return words.Text(derived("", g.Prefix()))
	}
	return words.Text(g.Title())
}

func helpOf(g settings.Group) words.Text {
	if h, ok := g.(interface{ Help() string }); ok {
		return words.Text(h.Help())
	}
	return ""
}

// addressOf is the page of an area; the first one is at the address of all settings.
func addressOf(area string) string {
	if area == areas()[0].ID {
		return page.SettingsPath
	}
	return page.SettingsPath + "/" + area
}

// addressOfField is the place of a setting on its page.
func addressOfField(f settings.Field) string { return addressOf(areaOf(f)) + "#f-" + f.Key }

// tabs leads to the areas that have something to show.
func tabs(all []settings.Group) []web.NavItem {
	var items []web.NavItem
	for _, a := range areas() {
		if len(a.cards(all)) > 0 {
			items = append(items, web.NavItem{Label: a.Label, Icon: a.Icon, Href: addressOf(a.ID), Exact: true})
		}
	}
	return items
}
