package auth

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"gatehouse/auth/settings"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/preference"
)

// Languages chooses the language in which the server speaks to somebody.
type Languages struct {
	db        *DB
	cfg       *settings.Core
	catalogue atomic.Pointer[words.Catalogue]
}

// Use makes the translations known. The server calls it while it is built; before that
// there is English alone.
func (l *Languages) Use(c *words.Catalogue) { l.catalogue.Store(c) }

// Offered lists the languages that people may choose from, English or the default one
// first. It is never empty.
func (l *Languages) Offered() []string {
	c := l.catalogue.Load()
	if c == nil {
		return []string{words.English().Language()}
	}
	wanted := l.cfg.Languages.Get().Offered
	var list []string
	for _, tag := range c.Languages() {
		if tag != words.Pseudo && (len(wanted) == 0 || slices.Contains(wanted, tag)) {
			list = append(list, tag)
		}
	}
	if fallback := l.Default().Language(); !slices.Contains(list, fallback) {
		list = append([]string{fallback}, list...)
	}
	return list
}

// Known lists every language that the server has texts in, English first.
func (l *Languages) Known() []string {
	c := l.catalogue.Load()
	if c == nil {
		return []string{words.English().Language()}
	}
	return slices.DeleteFunc(slices.Clone(c.Languages()), func(tag string) bool { return tag == words.Pseudo })
}

// Speaker returns the speaker of a language; false when the server has no texts in it.
func (l *Languages) Speaker(tag string) (*words.Speaker, bool) {
	if c := l.catalogue.Load(); c != nil {
		return c.Speaker(tag)
	}
	s := words.English()
	return s, tag == s.Language()
}

// Default is the language of the setting, English where there are no texts in that.
func (l *Languages) Default() *words.Speaker {
	if s, ok := l.Speaker(l.cfg.Languages.Get().Default); ok {
		return s
	}
	return words.English()
}

// Match is the offered language that suits a list as browsers send it, else the default.
func (l *Languages) Match(accept string) *words.Speaker {
	if c := l.catalogue.Load(); c != nil {
		if s, ok := c.Match(accept, l.Offered()); ok {
			return s
		}
	}
	return l.Default()
}

// Of is the language for a person: what they chose, else what suits the request that the
// context belongs to, else the default. user may be empty.
func (l *Languages) Of(ctx context.Context, user string) (*words.Speaker, error) {
	chosen, err := l.preference(ctx, user, PreferLanguage)
	if err != nil {
		return nil, err
	}
	if s, ok := l.Speaker(chosen); ok && chosen != "" {
		return s, nil
	}
	return l.Match(OriginOf(ctx).Language), nil
}

// Zone is the time zone that a person chose, else UTC.
func (l *Languages) Zone(ctx context.Context, user string) (*time.Location, error) {
	name, err := l.preference(ctx, user, PreferZone)
	if err != nil || name == "" {
		return time.UTC, err
	}
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" { // the machine's
		return zone, nil
	}
	return time.UTC, nil
}

func (l *Languages) preference(ctx context.Context, user, name string) (string, error) {
	if user == "" {
		return "", nil
	}
	row, err := l.db.Access(ctx).Preference().Query().Where(preference.UserID(user), preference.Name(name)).First(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading a preference: %w", err)
	}
	return row.Value, nil
}

// LanguageName is what a language calls itself.
func LanguageName(tag string) string {
	switch tag {
	case "en":
		return "English"
	case "de":
		return "Deutsch"
	}
	return tag
}
