package weburl

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"http://h": "http://h/",
		" HTTP://User:Pa%20ss@EXAMPLE.com:80/a b?c d'#e f\n": "http://User:Pa%20ss@example.com/a%20b?c%20d%27#e%20f",
		"https://h:443/":               "https://h/",
		"https://h:80":                 "https://h:80/",
		"http:h/x":                     "http://h/x",
		"http:///h\\x":                 "http://h/x",
		"http:\\\\h\\..\\x":            "http://h/x",
		"ht\ntp://h/\tx":               "http://h/x",
		"http://h/a/./b/../%2e%2E/c/.": "http://h/c/",
		"http://h//evil":               "http://h//evil",
		"http://h/é?é#é":               "http://h/%C3%A9?%C3%A9#%C3%A9",
		"http://h/%zz%2f":              "http://h/%zz%2f",
		"http://127.1/":                "http://127.0.0.1/",
		"http://0x7f.0.0.1":            "http://127.0.0.1/",
		"http://1.2.3.0x":              "http://1.2.3.0/",
		"http://2130706433":            "http://127.0.0.1/",
		"http://017700000001":          "http://127.0.0.1/",
		"http://[::FFFF:1]:8080/":      "http://[::ffff:1]:8080/",
		"http://ex%41mple.com":         "http://example.com/",
		"http://bücher.de":             "http://xn--bcher-kva.de/",
		"http://ｅｘample.com":           "http://example.com/",
		"http://a@b@c/":                "http://a%40b@c/",
		"http://@h":                    "http://h/",
		"myapp://Host/a/../b?c#d":      "myapp://Host/b?c#d",
		"myapp://":                     "myapp://",
		"myapp:/a/../..//b":            "myapp:/.//b",
		"mailto:a@b c":                 "mailto:a@b c",
		"javascript:alert(1)":          "javascript:alert(1)",
		"a+b-c.1:x":                    "a+b-c.1:x",
	} {
		u, err := Parse(in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
			continue
		}
		if got := u.String(); got != want {
			t.Errorf("Parse(%q) = %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{
		"", "x", "/x", "//h", "1a:x", ":x", "http://", "http://?x", "http://u@/", "http://:80", "http://h:x", "http://h:65536",
		"http://h:80:80", "http://[::1", "http://[::1%eth0]/", "http://[127.0.0.1]/", "http://a b/", "http://a%2fb/", "http://a%00/",
		"http://1.2.3.4.5/", "http://256.1.1.1", "http://a.1", "http:\x8f\x100", "http://a\x10b", "http://a\x7f", "http://%zz", "myapp://a<b/", "myapp://:80/x", "myapp://:", "file:///etc",
	} {
		if u, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", in, u)
		}
	}
}

func TestParseRef(t *testing.T) {
	base, err := Parse("http://u@h:3000/api/auth?q#f")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"/r":         "http://u@h:3000/r",
		"r?x#y":      "http://u@h:3000/api/r?x#y",
		"":           "http://u@h:3000/api/auth?q",
		"?x":         "http://u@h:3000/api/auth?x",
		"#x":         "http://u@h:3000/api/auth?q#x",
		"//evil/x":   "http://evil/x",
		`/\evil`:     "http://evil/",
		`\\evil`:     "http://evil/",
		"/..//evil":  "http://u@h:3000//evil",
		"http:x":     "http://u@h:3000/api/x",
		"http:/x":    "http://u@h:3000/x",
		"http://e":   "http://e/",
		"https:/e/x": "https://e/x",
		"my:x":       "my:x",
	} {
		u, err := ParseRef(in, base)
		if err != nil {
			t.Errorf("ParseRef(%q): %v", in, err)
			continue
		}
		if got := u.String(); got != want {
			t.Errorf("ParseRef(%q) = %q, want %q", in, got, want)
		}
	}
	opaque, _ := Parse("mailto:x")
	if _, err := ParseRef("y", opaque); err == nil {
		t.Error("an opaque base resolves nothing")
	}
}

func TestOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"http://LOCALHOST:3000/x":           "http://localhost:3000",
		"http://localhost:3000@evil.com/":   "http://evil.com",
		"https://h:443/x?y":                 "https://h",
		"http://[::1]:3000":                 "http://[::1]:3000",
		"myapp://h":                         "",
		"https://a.trusted.com\\@evil.com/": "https://a.trusted.com",
	} {
		u, err := Parse(in)
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		if got, ok := u.Origin(); got != want || ok != (want != "") {
			t.Errorf("origin of %q = %q, %v", in, got, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://h/a?b#c", "http://[::1]:1/", "my://h/p", "http:\\\\e\\x", "a:b", "http://0x7f.1/%2e/", "my:/.//x", "http://é/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Parse(s)
		if err != nil {
			return
		}
		text := u.String()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q → %q: %v", s, text, err)
		}
		a, _ := u.Origin()
		b, _ := again.Origin()
		if a != b || strings.ContainsAny(a, " \r\n\\@?#") {
			t.Errorf("%q: origin %q, reread %q", s, a, b)
		}
	})
}
