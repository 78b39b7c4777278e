package words

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Speaker says texts in one language. It is immutable.
type Speaker struct {
	tag     language.Tag
	texts   map[Text]entry
	printer *message.Printer
	pseudo  bool
}

// entry is the translation of a key: forms by the plural of the language; texts without
// a number have the form Other alone.
type entry map[plural.Form]string

const other = plural.Other

var english = newSpeaker(language.English, nil)

// English is the speaker of the language that the keys are written in.
func English() *Speaker { return english }

func newSpeaker(tag language.Tag, texts map[Text]entry) *Speaker {
	return &Speaker{tag: tag, texts: texts, printer: message.NewPrinter(tag)}
}

type speakerKey struct{}

// With returns a context whose texts are said by a speaker.
func With(ctx context.Context, s *Speaker) context.Context {
	return context.WithValue(ctx, speakerKey{}, s)
}

// Of returns the speaker of a context, the English one where none was set.
func Of(ctx context.Context) *Speaker {
	if s, ok := ctx.Value(speakerKey{}).(*Speaker); ok && s != nil {
		return s
	}
	return english
}

// Language is the language as BCP 47 writes it: "de".
func (s *Speaker) Language() string { return s.tag.String() }

// Direction is "rtl" for scripts that run from right to left, else "ltr".
func (s *Speaker) Direction() string {
	switch script, _ := s.tag.Script(); script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg":
		return "rtl"
	}
	return "ltr"
}

// Say returns the words of a text.
func (s *Speaker) Say(t Text) string {
	switch {
	case t == "":
		return ""
	case !strings.HasPrefix(string(t), mark):
		return s.marked(s.form(t, plural.Other, string(t)))
	case strings.HasPrefix(string(t), rawMark):
		return string(t[len(rawMark):])
	}
	b, ok := t.built()
	if !ok {
		return ""
	}
	return s.sayBuilt(b)
}

func (s *Speaker) sayBuilt(b built) string {
	var format string
	translated := true
	switch {
	case b.Date != nil:
		return s.marked(s.sayDate(*b.Date, s.form(Text(b.Other), other, string(b.Other))))
	case strings.HasPrefix(string(b.Other), rawMark):
		format, translated = string(b.Other[len(rawMark):]), false
	case b.Count != nil:
		form := plural.Cardinal.MatchPlural(s.tag, *b.Count, 0, 0, 0, 0)
		fallback := string(b.Other)
		if *b.Count == 1 {
			fallback = string(b.One)
		}
		format = s.form(Text(b.Other), form, fallback)
	default:
		format = s.form(Text(b.Other), plural.Other, string(b.Other))
	}
	args := make([]any, len(b.Args))
	for i, a := range b.Args {
		switch {
		case a.Text != nil:
			args[i] = s.Say(Text(*a.Text))
		case a.String != nil:
			args[i] = *a.String
		case a.Int != nil:
			args[i] = *a.Int
		case a.Float != nil:
			args[i] = *a.Float
		}
	}
	if b.Count != nil && !strings.Contains(format, "%d") && !strings.Contains(format, "%[") {
		args = args[1:] // the form for one may leave the number out
	}
	said := s.printer.Sprintf(format, args...)
	if b.Begin {
		said = begun(said)
	}
	if b.Whole && said != "" && !strings.ContainsAny(said[len(said)-1:], ".!?") {
		said += "."
	}
	if translated && b.Other != "%d" {
		return s.marked(said)
	}
	return said
}

func begun(said string) string {
	said = strings.TrimSpace(said)
	first, size := utf8.DecodeRuneInString(said)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + said[size:]
}

// form returns the translation of a key, or the fallback.
func (s *Speaker) form(key Text, form plural.Form, fallback string) string {
	e, ok := s.texts[key]
	if !ok {
		return fallback
	}
	if text, ok := e[form]; ok {
		return text
	}
	if text, ok := e[plural.Other]; ok {
		return text
	}
	return fallback
}

// marked shows in the test locale what came through the catalogue.
func (s *Speaker) marked(text string) string {
	if !s.pseudo {
		return text
	}
	return "⟦" + text + "⟧"
}
