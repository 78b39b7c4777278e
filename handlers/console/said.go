package console

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/web"
	"gatehouse/web/page"
)

// SettingName implements happened.Settings: the name on the settings page, after that of
// its group.
func (p *console) SettingName(key string) words.Text {
	s, title := p.named(key)
	return cmp.Or(words.Join(": ", title, s.Label), words.Raw(key))
}

// SettingValue implements happened.Settings.
func (p *console) SettingValue(key, value string) words.Text {
	s, _ := p.named(key)
	switch {
	case s.Kind == page.SettingSecret && value != "":
		return "changed"
	case value == "":
		return "none"
	case s.Kind == page.SettingBool:
		if value == "true" {
			return "yes"
		}
		return "no"
	case s.Kind == page.SettingDuration:
		if d, err := settings.ParseDuration(value); err == nil && d > 0 {
			return web.Span(d)
		}
	case s.Kind == page.SettingChoices:
		var list []words.Text
		for _, o := range s.Options {
			if slices.Contains(strings.Split(value, ","), o.Value) {
				list = append(list, o.Label)
			}
		}
		return words.Join(", ", list...)
	case s.Kind == page.SettingList:
		return words.Raw(strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '\n' }), ", "))
	}
	for _, o := range s.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return words.Raw(value)
}

// SettingURL implements happened.Settings.
func (p *console) SettingURL(key string) string {
	f, ok := p.host.Settings.Field(key)
	if !ok {
		return ""
	}
	return addressOfField(f)
}

// named is a setting as the settings page draws it, with the title of its group; nothing
// for a key that is no setting any more.
func (p *console) named(key string) (page.Setting, words.Text) {
	for _, g := range p.host.Settings.Groups() {
		for _, f := range g.Fields() {
			if f.Key != key {
				continue
			}
			if g.Prefix() == "" {
				return setting(f, "", true), ""
			}
			return setting(f, g.Prefix(), true), titleOf(g)
		}
	}
	return page.Setting{}, ""
}
