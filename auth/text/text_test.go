package text

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

func TestEscapeURI(t *testing.T) {
	for in, want := range map[string]string{
		"a b;c/é=+":     "a%20b%3Bc%2F%C3%A9%3D%2B",
		"-_.!~*'()":     "-_.!~*'()",
		"AZaz09":        "AZaz09",
		"":              "",
		"http://h/?a&b": "http%3A%2F%2Fh%2F%3Fa%26b",
		"\x00\x7f😀":     "%00%7F%F0%9F%98%80",
	} {
		if got := EscapeURI(in); got != want {
			t.Errorf("EscapeURI(%q) = %q, want %q", in, got, want)
		}
		if back, ok := UnescapeURI(want); !ok || back != in {
			t.Errorf("UnescapeURI(%q) = %q, %v", want, back, ok)
		}
	}
	for _, in := range []string{"%", "%2", "%zz", "a%ff", "%C3"} {
		if got, ok := UnescapeURI(in); ok || got != in {
			t.Errorf("UnescapeURI(%q) = %q, %v; want it refused", in, got, ok)
		}
	}
	if got, ok := UnescapeURI("a+b"); !ok || got != "a+b" {
		t.Errorf("plus must stay: %q", got)
	}
}

func TestEncodeForm(t *testing.T) {
	got := EncodeForm(Pair{"z", "a b~*-._"}, Pair{"a", "é&=+'!()"}, Pair{"z", ""})
	if want := "z=a+b%7E*-._&a=%C3%A9%26%3D%2B%27%21%28%29&z="; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if EncodeForm() != "" {
		t.Error("no pairs must give no text")
	}
}

func TestDecodeForm(t *testing.T) {
	got := DecodeForm("&a=b+c%20d&&e&=f&%zz=%C3%A9=%ff&")
	want := []Pair{{"a", "b c d"}, {"e", ""}, {"", "f"}, {"%zz", "é=\uFFFD"}}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("pair %d: got %q, want %q", i, got[i], want[i])
		}
	}
}

func TestAddQuery(t *testing.T) {
	abc := []Pair{{"error", "abc"}, {"error_description", "d e"}}
	invalid := []Pair{{"error", "INVALID_TOKEN"}}
	const base = "http://localhost:3000/api/auth"
	for _, c := range []struct {
		target string
		pairs  []Pair
		want   string
	}{
		{"http://h/err?x=1#f", abc, "http://h/err?x=1&error=abc&error_description=d+e#f"},
		{"/err?x=1#f", abc, "/err?x=1&error=abc&error_description=d+e#f"},
		{"/a?x=%20&y=1#f", invalid, "/a?x=%20&y=1&error=INVALID_TOKEN#f"},
		{"http://h", invalid, "http://h/?error=INVALID_TOKEN"},
		{"HTTP://H:80/a/../b", invalid, "http://h/b?error=INVALID_TOKEN"},
		{"/a", invalid, "/a?error=INVALID_TOKEN"},
		{"/a?", invalid, "/a?error=INVALID_TOKEN"},
		{"/a?x&", invalid, "/a?x&error=INVALID_TOKEN"},
		{"/a#f?g", invalid, "/a?error=INVALID_TOKEN#f?g"},
		{"/..//evil", invalid, "/..//evil?error=INVALID_TOKEN"},
		{"next", invalid, "http://localhost:3000/api/next?error=INVALID_TOKEN"},
		{"myapp://cb", invalid, "myapp://cb?error=INVALID_TOKEN"},
		{"http://h/?a=b#c", nil, "http://h/?a=b#c"},
		{"http://[bad", invalid, "http://[bad?error=INVALID_TOKEN"},
	} {
		if got := AddQuery(c.target, base, c.pairs...); got != c.want {
			t.Errorf("AddQuery(%q) = %q, want %q", c.target, got, c.want)
		}
	}
	if got := AddQuery("next", "", invalid...); got != "next?error=INVALID_TOKEN" {
		t.Errorf("without base: %q", got)
	}
}

func TestSetQuery(t *testing.T) {
	pairs := []Pair{{"response_type", "code"}, {"state", "s t"}}
	for in, want := range map[string]string{
		"https://h/a?keep=a%20b&state=1": "https://h/a?keep=a%20b&response_type=code&state=s+t",
		"https://h/a":                    "https://h/a?response_type=code&state=s+t",
		"https://h?%73tate=1&state#f":    "https://h/?response_type=code&state=s+t#f",
	} {
		if got := SetQuery(in, pairs...); got != want {
			t.Errorf("SetQuery(%q) = %q, want %q", in, got, want)
		}
	}
	if got := SetQuery("https://h/a"); got != "https://h/a" {
		t.Errorf("no pairs: %q", got)
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 51, 48, 508_999_999, time.FixedZone("", 3600))
	if got := FormatTime(at); got != "2026-11-23T07:51:48.508Z" {
		t.Errorf("got %q", got)
	}
	if got := FormatTime(time.Unix(0, 0)); got != "1970-01-01T00:00:00.000Z" {
		t.Errorf("got %q", got)
	}
	back, err := ParseTime("2026-11-23T08:51:48.508999+01:00")
	if err != nil || !back.Equal(Truncate(at)) || back != Truncate(at) {
		t.Errorf("got %v, %v", back, err)
	}
	for _, bad := range []string{"", "2026-11-23", "2026-11-23 07:51:48Z", "x"} {
		if _, err := ParseTime(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestLength(t *testing.T) {
	for _, s := range []string{"", "abc", "é", "😀😀", "a\u0301", "日本"} {
		if got, want := Length(s), len(utf16.Encode([]rune(s))); got != want {
			t.Errorf("Length(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestFormsAndClean(t *testing.T) {
	if NFKC("ﬁ") != "fi" || NFC("e\u0301") != "é" || NFC("ﬁ") != "ﬁ" {
		t.Error("normal forms")
	}
	for s, want := range map[string]error{"": nil, "é\n": nil, "a\x00": ErrUnclean, "\xff": ErrUnclean} {
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q) = %v", s, got)
		}
	}
	for s, want := range map[string]bool{"a b": false, "\u00a0é": false, "a\t": true, "\x7f": true, "\u0085": true} {
		if HasControl(s) != want {
			t.Errorf("HasControl(%q) = %v", s, !want)
		}
	}
}

func FuzzAddQuery(f *testing.F) {
	for _, s := range []string{"/a?x=%20&y=1#f", "http://h", "HTTP://u@H:80/../a?b#c?d", "myapp:x", "//e", "http:\\\\e", ""} {
		f.Add(s, "d e&=#?%\r\n")
	}
	f.Fuzz(func(t *testing.T, target, value string) {
		const base = "http://localhost:3000/api/auth"
		got := AddQuery(target, base, Pair{"error", value})
		head, _, _ := strings.Cut(got, "#")
		_, query, ok := strings.Cut(head, "?")
		pairs := DecodeForm(query)
		if !ok || len(pairs) == 0 || pairs[len(pairs)-1] != (Pair{"error", strings.ToValidUTF8(value, "\uFFFD")}) && utf8.ValidString(value) {
			t.Errorf("AddQuery(%q, %q) = %q: pair is not last", target, value, got)
		}
		if strings.HasPrefix(target, "/") && !strings.HasPrefix(got, "/") {
			t.Errorf("%q became absolute: %q", target, got)
		}
		if values, err := url.ParseQuery(query); err == nil && utf8.ValidString(value) && !strings.Contains(query, ";") {
			all := values["error"]
			if len(all) == 0 || all[len(all)-1] != value {
				t.Errorf("net/url reads %q from %q", all, got)
			}
		}
	})
}
