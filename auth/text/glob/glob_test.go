package glob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"https://*.x.com", []string{"https://a.x.com", "https://a.b.x.com"},
			[]string{"https://x.com", "http://a.x.com", "https://a.x.com.evil", "https://a.x.community", "https://evil/a.x.com", `https://evil\a.x.com`, "xhttps://a.x.com"}},
		{"http://a?.com", []string{"http://ab.com", "http://aé.com"}, []string{"http://a.com", "http://abc.com"}},
		{"/sign-in/*", []string{"/sign-in/email", "/sign-in/", "/sign-in/email/"}, []string{"/sign-in/a/b", "/sign-in", "x/sign-in/a"}},
		{"/a/**", []string{"/a/b", "/a/b/c/", "/a", "/a/"}, []string{"/ab", "/b/a/c"}},
		{"/a/", []string{"/a/", "//a/"}, []string{"/a", "/a/b"}},
		{"/a/**/z", []string{"/a/z", "/a/b/c/z"}, []string{"/a/bz", "/az"}},
		{"**", []string{"", "a", "/a/b/"}, nil},
		{"a**b", []string{"ab", "axxb"}, []string{"a/b"}},
		{`a\*b`, []string{"a*b"}, []string{"axb", "ab"}},
		{"a.b(c)+", []string{"a.b(c)+"}, []string{"axb(c)+", "a.bcc"}},
		{"é*", []string{"éx"}, []string{"e"}},
		{"10.*", []string{"10.1.2.3", "10.evil.com"}, []string{"110.1"}},
	} {
		g, err := Compile(c.pattern)
		if err != nil {
			t.Fatalf("%q: %v", c.pattern, err)
		}
		for _, s := range c.yes {
			if !g.Match(s) {
				t.Errorf("%q must match %q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if g.Match(s) {
				t.Errorf("%q must not match %q", c.pattern, s)
			}
		}
	}
	if _, err := Compile(strings.Repeat("*", 4000)); err == nil {
		t.Error("a pattern without bound was accepted")
	}
	if Has("abc") || !Has("a?") || !Has("*") {
		t.Error("Has")
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("https://*.x.com", "https://a.x.com")
	f.Add(`\`, `\`)
	f.Add("**/**", "a/b")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		g, err := Compile(pattern)
		if err != nil {
			return
		}
		got := g.Match(s)
		if !Has(pattern) && !strings.ContainsAny(pattern, `\/`) && !strings.ContainsAny(s, `\/`) && got != (pattern == s) &&
			strings.ToValidUTF8(pattern, "") == pattern && strings.ToValidUTF8(s, "") == s {
			t.Errorf("%q against %q: %v", pattern, s, got)
		}
	})
}
