package mail

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestRender(t *testing.T) {
	c := Content{
		Product: "Gatehouse", Title: "Verify your address", Greeting: "Hello Ada,", Lines: []string{"Someone asked.", "It ends in 1 hour."},
		Code: "123456", ActionLabel: "Verify", ActionURL: "https://auth.example.org/verify-email?token=a&callbackURL=%2Fx", Footer: "Not you? Do nothing.",
	}
	text, page, err := Render(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := "Verify your address\n\nHello Ada,\n\nSomeone asked.\n\nIt ends in 1 hour.\n\n123456\n\nVerify:\nhttps://auth.example.org/verify-email?token=a&callbackURL=%2Fx\n\n-- \nNot you? Do nothing.\n"
	if text != want {
		t.Errorf("text is %q", text)
	}
	doc := parse(t, page)
	if len(doc.links) != 1 || doc.links[0] != c.ActionURL {
		t.Errorf("links: %q", doc.links)
	}
	for _, part := range append(c.Lines, c.Product, c.Title, c.Greeting, c.Code, c.ActionLabel, c.ActionURL, c.Footer) {
		if !strings.Contains(doc.text, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if doc.lang != "en" {
		t.Errorf("lang is %q", doc.lang)
	}
}

func TestRenderOnlyTitle(t *testing.T) {
	text, page, err := Render(t.Context(), Content{Title: "T", Lang: "de", ActionURL: "http://127.0.0.1:3000/x"})
	if err != nil || text != "T\n\nhttp://127.0.0.1:3000/x\n" {
		t.Errorf("%q, %v", text, err)
	}
	if doc := parse(t, page); doc.lang != "de" || len(doc.links) != 1 {
		t.Errorf("%+v", doc)
	}
}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</p><a href="https://evil.example">here</a>`, "a\r\nhttps://evil.example/\r\n", "a\u2028b",
		"https://evil.example/x", "www.evil.example", "sub.evil.example", "https://x@evil.example", "javascript:alert(1)", "evil。example", "evil.example@", "(@)evil.example", "\u202egnp.exe", "{{.}}", "a\x00b", "\xff\xfe",
	} {
		c := Content{
			Product: name, Title: name, Greeting: "Hello " + name + ",", Lines: []string{name + " invites you."}, Code: name,
			ActionLabel: name, ActionURL: "https://auth.example.org/a", Footer: name,
		}
		c.Code = "42"
		text, page, err := Render(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(t, page)
		if len(doc.links) != 1 || doc.links[0] != c.ActionURL || doc.odd != "" {
			t.Errorf("%q: links %q, element %q", name, doc.links, doc.odd)
		}
		for _, part := range []string{text, doc.text} {
			rest := strings.ReplaceAll(part, c.ActionURL, "")
			if strings.Contains(rest, "https:/") || strings.Contains(rest, "evil.example") || strings.Contains(rest, "javascript:a") || strings.ContainsAny(rest, "\r\x00\u2028\u202e") || !utf8.ValidString(rest) {
				t.Errorf("%q: %q", name, rest)
			}
		}
		if n := strings.Count(text, "\n"); n != 13 {
			t.Errorf("%q: %d lines in %q", name, n, text)
		}
	}
}

func TestNamesShowLiterally(t *testing.T) {
	for name, want := range map[string]string{
		"Ada O'Neil & Söhne <GmbH>": "Ada O'Neil & Söhne <GmbH>",
		"ada@example.org":           "ada@example.org",
		"St. John, v1.2 at 10:30":   "St. John, v1.2 at 10:30",
		" a \t b ":                  "a b",
		"(ada@example.org),":        "(ada@example.org),",
		"evil.com":                  "evil\u200b.com",
		"x.evil.com":                "x\u200b.evil\u200b.com",
		"ftp://h":                   "ftp\u200b://h",
		strings.Repeat("ä", 101):    strings.Repeat("ä", 99) + "…",
		"مرحبا\u200f":               "مرحبا\u200f",
	} {
		if got := Name(name); got != want {
			t.Errorf("Name(%q) = %q, want %q", name, got, want)
		}
		if again := Name(Name(name)); again != Name(name) {
			t.Errorf("Name twice: %q", again)
		}
	}
}

func TestActionMustBeAWebAddress(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "/relative", "//host/x", "mailto:a@b.co", "https://", "http://a b", "https://h/\nx", "ftp://h"} {
		if _, _, err := Render(t.Context(), Content{Title: "T", ActionURL: address}); err == nil {
			t.Errorf("%q is accepted", address)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{"Ada", "<b>", "https://evil.example", "a\r\n\r\nb", "\"'`&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		text, page, err := Render(t.Context(), Content{Title: "T" + name, Lines: []string{name}, ActionURL: "https://auth.example.org/a"})
		if err != nil {
			t.Fatal(err)
		}
		if doc := parse(t, page); len(doc.links) != 1 || doc.odd != "" {
			t.Fatalf("links %q, element %q", doc.links, doc.odd)
		}
		if rest := strings.Replace(text, "https://auth.example.org/a\n", "", 1); strings.Contains(rest, "http://") || strings.Contains(rest, "https://") {
			t.Fatalf("a link in %q", text)
		}
	})
}

// document is what a test wants to know of an HTML part.
type document struct {
	links           []string
	text, lang, odd string
}

func parse(t *testing.T, page string) document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			d.text += n.Data + "\n"
		case n.Type == html.ElementNode:
			d.element(n)
		}
	}
	return d
}

func (d *document) element(n *html.Node) {
	known := " html head meta title body div p h1 a "
	layout := n.Data == "style" && n.Parent.Data == "head"
	if !layout && !strings.Contains(known, " "+n.Data+" ") {
		d.odd = n.Data
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "href", "src":
			d.links = append(d.links, a.Val)
		case "lang":
			d.lang = a.Val
		case "style", "class", "name", "content", "charset":
		default:
			d.odd = n.Data + " " + a.Key
		}
	}
}
