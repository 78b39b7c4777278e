package console

import (
	"gatehouse/auth/words"
	"slices"

	"gatehouse/auth/settings"
	"gatehouse/web"
	"gatehouse/web/page"
)

// area is one tab of the settings page: several groups of settings.
type area struct {
	ID       string
	Label    words.Text
	Icon     web.Icon
	Prefixes []string // of the groups; the last area has all that no other names
}

// areas are the tabs in their order.
func areas() []area {
	return []area{
		{"general", "General", "settings", []string{"", "plugins", "openapi", "log", "metrics", "tls", "shutdown"}},
		{appearanceArea, "Appearance", "palette", []string{"app", "appearance"}},
		{"languages", "Languages", "globe", []string{"languages"}},
		{"people", "People", "users", []string{"sign_up", "email_verification", "user"}},
		{"passwords", "Passwords", "key-round", []string{"password"}},
		{"sessions", "Sessions", "monitor", []string{"session", "cookies"}},
		{"mail", "Mail", "mail", []string{"mail"}},
		{"security", "Security", "shield", []string{"rate_limit", "addresses", "limits", "outgoing"}},
		{"plugins", "Plugins", "puzzle", nil},
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

// groups are the groups of an area, in its order.
func (a area) groups(all []settings.Group) []settings.Group {
	var list []settings.Group
	if a.Prefixes == nil {
		for _, g := range all {
			if areaOf(g.Prefix()) == a.ID {
				list = append(list, g)
			}
		}
		return list
	}
	for _, prefix := range a.Prefixes {
		for _, g := range all {
			if g.Prefix() == prefix {
				list = append(list, g)
			}
		}
	}
	return list
}

// areaOf names the area that shows a group.
func areaOf(prefix string) string {
	for _, a := range areas() {
		if slices.Contains(a.Prefixes, prefix) {
			return a.ID
		}
	}
	return "plugins"
}

// addressOf is the page of an area; the first one is at the address of all settings.
func addressOf(area string) string {
	if area == areas()[0].ID {
		return page.SettingsPath
	}
	return page.SettingsPath + "/" + area
}

// tabs leads to the areas that have something to show.
func tabs(all []settings.Group) []web.NavItem {
	var items []web.NavItem
	for _, a := range areas() {
		if len(a.groups(all)) > 0 {
			items = append(items, web.NavItem{Label: a.Label, Icon: a.Icon, Href: addressOf(a.ID), Exact: true})
		}
	}
	return items
}
