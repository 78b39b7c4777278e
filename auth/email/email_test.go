package email

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	good := map[string]string{
		"ann@example.com":                   "ann@example.com",
		"Ann.Smith+x@EXAMPLE.com":           "ann.smith+x@example.com",
		"a@b.co":                            "a@b.co",
		"_@b-c.museum":                      "_@b-c.museum",
		"o'neil@x.org":                      "o'neil@x.org",
		"-@1.2.xx":                          "-@1.2.xx",
		"'a@x.org":                          "'a@x.org",
		"a@b-.co":                           "a@b-.co",
		strings.Repeat("a", 300) + "@x.org": strings.Repeat("a", 300) + "@x.org",
	}
	for in, want := range good {
		if got, err := Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v", in, got, err)
		}
	}
	bad := []string{
		"", "@", "a", "a@", "@b.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a'@b.co", "a@b", "a@b.c",
		"a@b.c1", "a@-b.co", "a@b..co", "a@.b.co", "a b@c.co", " a@b.co", "a@b.co ", "a@b.co\n", "\na@b.co",
		"a@b@c.co", "a\uFF20b.co", "a@b\uFF0Eco", "ä@b.co", "a@ü.co", "a\x00@b.co", "a@b.co\r\nBcc: x@y.zz",
		"\u212A@b.co", `"a b"@c.co`, "a@[127.0.0.1]", "a/b@c.co", "a=b@c.co", "a@b_c.co", "a\xff@b.co",
	}
	for _, in := range bad {
		if got, err := Parse(in); !errors.Is(err, ErrInvalid) || got != "" {
			t.Errorf("Parse(%q) = %q, %v; want ErrInvalid", in, got, err)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Ann@Example.com", "ann@example.COM", true},
		{"e\u0301@x.org", "\u00e9@x.org", true},
		{"e@x.org", "\u00e9@x.org", false},
		{"ann@example.com", "ann@example.com ", false},
	} {
		if got := Equal(c.a, c.b); got != c.want {
			t.Errorf("Equal(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"ann@example.com", "A.b+c@D.co", "a..b@c.co", "\u212A@b.co", "a@b@c.co"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if err != nil {
			return
		}
		if strings.Count(got, "@") != 1 || strings.ContainsAny(got, " \r\n\x00<>,;\"") || len(got) != len(s) {
			t.Errorf("accepted %q as %q", s, got)
		}
		for i := range len(got) {
			if got[i] >= utf8.RuneSelf || got[i] >= 'A' && got[i] <= 'Z' {
				t.Errorf("not canonical: %q", got)
			}
		}
		if again, err := Parse(got); err != nil || again != got || !Equal(s, got) {
			t.Errorf("%q is not stable: %q, %v", got, again, err)
		}
	})
}
