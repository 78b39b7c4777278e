package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Content is what one mail says, in one language. Its texts are drawn as text; what people
// chose comes into them by [Template.Fill], which keeps it from turning into links.
type Content struct {
	Product   string // name of this server, at the top
	Lang      string // language tag (BCP 47); empty means en
	Dir       string // "rtl" for scripts that run from right to left
	Title     string // heading
	Parts     []Part
	Code      string // drawn where a part says so
	ActionURL string // optional; absolute http or https; drawn where a part says so
	Footer    string // optional
}

// PartKind is how a part of a mail is drawn.
type PartKind string

// Kinds of parts. The zero value is a paragraph.
const (
	PartCode   PartKind = "code"   // the code, large
	PartAction PartKind = "action" // the button, labelled with the text
)

// Part is one part of a mail. Lines of a paragraph stay apart.
type Part struct {
	Kind PartKind `json:",omitempty"`
	Text string   `json:",omitempty"`
}

// Render returns both parts of a mail. The plain part shows the code and the address of
// the action each on a line of its own, the address as it was given.
func Render(ctx context.Context, c Content) (text, html string, err error) {
	if err := checkAction(c.ActionURL); err != nil {
		return "", "", err
	}
	c = c.tidy()
	var b strings.Builder
	if err := page(c).Render(ctx, &b); err != nil {
		return "", "", fmt.Errorf("mail: layout: %w", err)
	}
	return c.plain(), b.String(), nil
}

func checkAction(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsFunc(address, unicode.IsSpace) {
		return errors.New("mail: the address of the action is not an absolute http or https URL")
	}
	return nil
}

// tidy returns c without control characters.
func (c Content) tidy() Content {
	for _, s := range []*string{&c.Product, &c.Title, &c.Footer, &c.Code} {
		*s = Line(*s)
	}
	parts := make([]Part, len(c.Parts))
	for i, part := range c.Parts {
		lines := strings.Split(part.Text, "\n")
		for n, line := range lines {
			lines[n] = Line(line)
		}
		parts[i] = Part{Kind: part.Kind, Text: strings.Join(lines, "\n")}
	}
	c.Parts = parts
	if c.Lang == "" {
		c.Lang = "en"
	}
	return c
}

// plain lays out the plain part: paragraphs with blank lines between.
func (c Content) plain() string {
	list := []string{c.Title}
	for _, part := range c.Parts {
		list = append(list, c.words(part))
	}
	if c.Footer != "" {
		list = append(list, "-- \n"+c.Footer)
	}
	var b strings.Builder
	for _, text := range list {
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(text)
	}
	return b.String() + "\n"
}

// words are a part in the plain form.
func (c Content) words(p Part) string {
	switch p.Kind {
	case PartCode:
		return c.Code
	case PartAction:
		if p.Text == "" || c.ActionURL == "" {
			return c.ActionURL
		}
		return p.Text + ":\n" + c.ActionURL
	}
	return p.Text
}

// label is what the button says.
func (c Content) label(p Part) string {
	if p.Text != "" {
		return p.Text
	}
	return c.Title
}

// Line makes s one line for a subject or a paragraph: control characters, line breaks and
// characters that change the writing direction become spaces, several spaces one.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		if isBreak(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// Name makes a name that a person chose fit for a mail or its subject: one line of 100
// characters at most that no mail program turns into a link.
func Name(s string) string { return unlink(clip(Line(s), 100)) }

// clip cuts s to limit runes.
func clip(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit-1]) + "…"
}

// mailAddress is a word that is an e-mail address, perhaps with punctuation around it.
var mailAddress = regexp.MustCompile(`^[("'<]*[A-Za-z0-9._+'-]+@[A-Za-z0-9.-]+[)"'>,;:!?]*$`)

// unlink parts what mail programs make links of, a dot or a scheme's colon inside a word,
// with a space of no width: it looks the same and leads nowhere. E-mail addresses stay
// whole, so that they can be copied.
func unlink(s string) string {
	words := strings.Split(s, " ")
	for i, word := range words {
		if !mailAddress.MatchString(word) {
			words[i] = part(word)
		}
	}
	return strings.Join(words, " ")
}

func part(word string) string {
	const noWidth = '\u200b'
	runes := []rune(word)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if i > 0 && i+1 < len(runes) && joins(runes[i-1], r, runes[i+1]) {
			out = append(out, noWidth)
		}
		out = append(out, r)
	}
	return string(out)
}

// joins reports whether r holds a host name or an address together. Other scripts have
// dots of their own (UTS #46).
func joins(before, r, after rune) bool {
	isDot := strings.ContainsRune(".:\u3002\uff0e\uff61", r)
	return isDot && (unicode.IsLetter(before) || unicode.IsDigit(before)) && (unicode.IsLetter(after) || after == '/')
}
