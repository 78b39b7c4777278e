package mail

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestRender(t *testing.T) {
	c := Content{
		Product: "Gatehouse", Title: "Verify your address", Code: "123456", ActionURL: "https://auth.example.org/verify-email?token=a&callbackURL=%2Fx", Footer: "Not you? Do nothing.",
		Parts: []Part{{Text: "Hello Ada,"}, {Text: "Someone asked.\nIt ends in 1 hour."}, {Kind: PartCode}, {Text: "Or:"}, {Kind: PartAction, Text: "Verify"}, {Text: "Bye."}},
	}
	text, page, err := Render(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := "Verify your address\n\nHello Ada,\n\nSomeone asked.\nIt ends in 1 hour.\n\n123456\n\nOr:\n\nVerify:\nhttps://auth.example.org/verify-email?token=a&callbackURL=%2Fx\n\nBye.\n\n-- \nNot you? Do nothing.\n"
	if text != want {
		t.Errorf("text is %q", text)
	}
	doc := parse(t, page)
	if len(doc.links) != 1 || doc.links[0] != c.ActionURL {
		t.Errorf("links: %q", doc.links)
	}
	for _, part := range []string{c.Product, c.Title, c.Code, c.ActionURL, c.Footer, "Hello Ada,", "Someone asked.\nIt ends in 1 hour.", "Verify", "Bye."} {
		if !strings.Contains(doc.text, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if doc.lang != "en" || doc.dir != "ltr" {
		t.Errorf("lang is %q, dir %q", doc.lang, doc.dir)
	}
}

func TestRenderOnlyTitle(t *testing.T) {
	text, page, err := Render(t.Context(), Content{Title: "T", Lang: "ar", Dir: "rtl", ActionURL: "http://127.0.0.1:3000/x", Parts: []Part{{Kind: PartAction}}})
	if err != nil || text != "T\n\nhttp://127.0.0.1:3000/x\n" {
		t.Errorf("%q, %v", text, err)
	}
	if doc := parse(t, page); doc.lang != "ar" || doc.dir != "rtl" || len(doc.links) != 1 {
		t.Errorf("%+v", doc)
	}
}

// everywhere is a wording with a name in every part.
var everywhere = Template{Subject: "For {{name}}", Body: "# {{name}}\n\nHello {{name}},\n\n{{other}} invites you.\n\n{{code}}\n\nOpen {{name}}: {{link}}\n\n-- {{name}}"}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</p><a href="https://evil.example">here</a>`, "a\r\nhttps://evil.example/\r\n", "a\u2028b",
		"https://evil.example/x", "www.evil.example", "sub.evil.example", "https://x@evil.example", "javascript:alert(1)", "evil。example", "evil.example@", "(@)evil.example", "\u202egnp.exe", "{{link}}", "{{code}}", "a\x00b", "\xff\xfe",
		"x\n\n# heading", "x\n\n-- small print", "x\n\nOpen: {{link}}",
	} {
		subject, c := everywhere.Fill(map[string]string{"name": name, "other": name, "code": "42", "link": "https://auth.example.org/a"})
		c.Product = Name(name)
		text, page, err := Render(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(t, page)
		if len(doc.links) != 1 || doc.links[0] != c.ActionURL || doc.odd != "" {
			t.Errorf("%q: links %q, element %q", name, doc.links, doc.odd)
		}
		for _, part := range []string{subject, text, doc.text} {
			rest := strings.ReplaceAll(part, c.ActionURL, "")
			if strings.Contains(rest, "https:/") || strings.Contains(rest, "evil.example") || strings.Contains(rest, "javascript:a") || strings.ContainsAny(rest, "\r\x00\u2028\u202e") || !utf8.ValidString(rest) {
				t.Errorf("%q: %q", name, rest)
			}
		}
		if n := strings.Count(text, "\n"); n != 13 || strings.Count(text, "42") != 1 {
			t.Errorf("%q: %d lines in %q", name, n, text)
		}
	}
}

// TestFill: places without a value take their paragraph with them, lines of a paragraph
// stay apart, and what a wording leaves out is left out.
func TestFill(t *testing.T) {
	body := "Hello {{ name }},\n\nKind regards\r\nThe team\n\n\n{{link}}\n\n-- {{app}}"
	subject, c := Template{Subject: "  Hi {{name}} from {{app}} ", Body: body}.Fill(map[string]string{"app": "Gate", "link": "https://a.example/x"})
	if subject != "Hi from Gate" || c.Title != subject {
		t.Errorf("subject %q, title %q", subject, c.Title)
	}
	want := []Part{{Text: "Kind regards\nThe team"}, {Kind: PartAction}}
	if !slices.Equal(c.Parts, want) || c.Footer != "Gate" {
		t.Errorf("%+v", c)
	}
	_, c = Template{Subject: "s", Body: "Your code: {{code}}\n\n{{code}}\n\nGo: {{link}}"}.Fill(map[string]string{"code": "123 456"})
	if len(c.Parts) != 2 || c.Parts[0].Text != "Your code: 123 456" || c.Parts[1].Kind != PartCode {
		t.Errorf("%+v", c.Parts)
	}
}

func TestCheckTemplate(t *testing.T) {
	known := []string{"name", "app", "link", "code"}
	good := Template{Subject: "S {{app}}", Body: "Hello {{ name }}\n\nOpen: {{link}}\n\n{{code}}"}
	if faults := good.Check(known, []string{"link", "code"}); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
	for _, c := range []struct {
		name string
		t    Template
		want Fault
	}{
		{"no subject", Template{" ", good.Body}, Fault{Subject: true, Kind: FaultEmpty}},
		{"long subject", Template{strings.Repeat("ä", 201), good.Body}, Fault{Subject: true, Kind: FaultLong}},
		{"two lines", Template{"a\nBcc: x@y.example", good.Body}, Fault{Subject: true, Kind: FaultLines}},
		{"code in the subject", Template{"{{code}}", good.Body}, Fault{Subject: true, Kind: FaultSecret, Name: "code"}},
		{"unknown in the subject", Template{"{{who}}", good.Body}, Fault{Subject: true, Kind: FaultUnknown, Name: "who"}},
		{"no body", Template{"s", "\n "}, Fault{Kind: FaultEmpty}},
		{"long body", Template{"s", good.Body + strings.Repeat("a", MaxBody)}, Fault{Kind: FaultLong}},
		{"unknown", Template{"s", good.Body + "\n\n{{secret}}"}, Fault{Kind: FaultUnknown, Name: "secret"}},
		{"code of a template language", Template{"s", good.Body + `{{ if .X }}`}, Fault{Kind: FaultBraces}},
		{"half a place", Template{"s", good.Body + "{{name"}, Fault{Kind: FaultBraces}},
		{"no link", Template{"s", "{{code}}"}, Fault{Kind: FaultMissing, Name: "link"}},
		{"no code", Template{"s", "Open: {{link}}"}, Fault{Kind: FaultMissing, Name: "code"}},
		{"link inside a paragraph", Template{"s", "{{code}}\n\nOpen {{link}} now"}, Fault{Kind: FaultLink, Name: "link"}},
		{"link under other lines", Template{"s", "{{code}}\n\nMore\nOpen: {{link}}"}, Fault{Kind: FaultLink, Name: "link"}},
	} {
		faults := c.t.Check(known, []string{"link", "code"})
		if len(faults) == 0 || faults[0] != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, faults, c.want)
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
		_, c := everywhere.Fill(map[string]string{"name": name, "other": name, "link": "https://auth.example.org/a"})
		text, page, err := Render(t.Context(), c)
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
	links                []string
	text, lang, dir, odd string
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
		case "dir":
			if n.Data == "html" {
				d.dir = a.Val
			}
		case "style", "class", "name", "content", "charset":
		default:
			d.odd = n.Data + " " + a.Key
		}
	}
}
