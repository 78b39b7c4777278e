package words

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Pseudo is the test locale: English between ⟦ and ⟧ from right to left, so that texts
// that passed the catalogue by, and layouts that know left and right only, are seen.
const Pseudo = "ar-XB"

// Catalogue holds the translations of all languages. It is immutable once made.
type Catalogue struct {
	speakers []*Speaker // English first
	matcher  language.Matcher
}

// NewCatalogue reads translations: in every file system all files <language>.toml and
// <language>/*.toml, also below a folder words. A key is the English text; its value a text, or a table of plural
// forms (zero, one, two, few, many, other). A key that two files translate must have one
// translation.
func NewCatalogue(sources ...fs.FS) (*Catalogue, error) {
	texts := map[language.Tag]map[Text]entry{}
	for _, source := range sources {
		if source == nil {
			continue
		}
		err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".toml" {
				return err
			}
			return readFile(source, name, texts)
		})
		if err != nil {
			return nil, err
		}
	}
	c := &Catalogue{speakers: []*Speaker{english}}
	for tag, list := range texts {
		c.speakers = append(c.speakers, newSpeaker(tag, list))
	}
	slices.SortFunc(c.speakers[1:], func(a, b *Speaker) int { return strings.Compare(a.Language(), b.Language()) })
	c.match()
	return c, nil
}

// WithPseudo returns a catalogue that also has the test locale.
func (c *Catalogue) WithPseudo() *Catalogue {
	pseudo := newSpeaker(language.MustParse(Pseudo), nil)
	pseudo.printer, pseudo.pseudo = english.printer, true
	all := &Catalogue{speakers: append(slices.Clone(c.speakers), pseudo), matcher: c.matcher}
	return all
}

func (c *Catalogue) match() {
	tags := make([]language.Tag, len(c.speakers))
	for i, s := range c.speakers {
		tags[i] = s.tag
	}
	c.matcher = language.NewMatcher(tags)
}

// Languages lists the languages, English first.
func (c *Catalogue) Languages() []string {
	list := make([]string, len(c.speakers))
	for i, s := range c.speakers {
		list[i] = s.Language()
	}
	return list
}

// Speaker returns the speaker of a language exactly; false when there is none.
func (c *Catalogue) Speaker(tag string) (*Speaker, bool) {
	for _, s := range c.speakers {
		if strings.EqualFold(s.Language(), tag) {
			return s, true
		}
	}
	return nil, false
}

// Match returns the speaker that suits a list of languages as a browser sends it
// (RFC 9110, Accept-Language), false when none of them is offered. only narrows the
// offer; empty is all.
func (c *Catalogue) Match(accept string, only []string) (*Speaker, bool) {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return nil, false
	}
	offered, matcher := c.offered(only)
	if len(offered) == 0 {
		return nil, false
	}
	_, i, confidence := matcher.Match(wanted...)
	return offered[i], confidence > language.No
}

func (c *Catalogue) offered(only []string) ([]*Speaker, language.Matcher) {
	if len(only) == 0 {
		return c.speakers, c.matcher
	}
	var list []*Speaker
	var tags []language.Tag
	for _, tag := range only {
		if s, ok := c.Speaker(tag); ok {
			list, tags = append(list, s), append(tags, s.tag)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, language.NewMatcher(tags)
}

// Has reports whether a language translates a key.
func (c *Catalogue) Has(tag string, key Text) bool {
	s, ok := c.Speaker(tag)
	if !ok {
		return false
	}
	_, ok = s.texts[key]
	return ok
}

// Keys lists what a language translates, sorted.
func (c *Catalogue) Keys(tag string) []Text {
	s, ok := c.Speaker(tag)
	if !ok {
		return nil
	}
	list := make([]Text, 0, len(s.texts))
	for key := range s.texts {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

var forms = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}

func readFile(source fs.FS, name string, texts map[language.Tag]map[Text]entry) error {
	word, _, nested := strings.Cut(strings.TrimPrefix(name, "words/"), "/")
	if !nested {
		word = strings.TrimSuffix(word, ".toml")
	}
	tag, err := language.Parse(word)
	if err != nil {
		return fmt.Errorf("words: %s does not begin with a language: %w", name, err)
	}
	data, err := fs.ReadFile(source, name)
	if err != nil {
		return err
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("words: %s: %w", name, err)
	}
	if texts[tag] == nil {
		texts[tag] = map[Text]entry{}
	}
	for key, value := range file {
		e, err := entryOf(value)
		if err != nil {
			return fmt.Errorf("words: %s: %q: %w", name, key, err)
		}
		if former, ok := texts[tag][Text(key)]; ok && former[plural.Other] != e[plural.Other] {
			return fmt.Errorf("words: %s: %q has another translation elsewhere: %q and %q", name, key, former[plural.Other], e[plural.Other])
		}
		texts[tag][Text(key)] = e
	}
	return nil
}

func entryOf(value any) (entry, error) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return nil, fmt.Errorf("is empty")
		}
		return entry{plural.Other: v}, nil
	case map[string]any:
		e := entry{}
		for name, text := range v {
			form, ok := forms[name]
			words, isText := text.(string)
			if !ok || !isText || words == "" {
				return nil, fmt.Errorf("%s is no plural form with a text", name)
			}
			e[form] = words
		}
		if e[plural.Other] == "" {
			return nil, fmt.Errorf("lacks the form other")
		}
		return e, nil
	}
	return nil, fmt.Errorf("is neither a text nor a table of plural forms")
}

// Forms are the translations of a key in all plural forms.
func (s *Speaker) Forms(key Text) []string {
	var list []string
	for _, text := range s.texts[key] {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}
