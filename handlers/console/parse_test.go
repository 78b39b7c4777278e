package console

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth/secret"
)

func ring(t testing.TB) *secret.Ring {
	t.Helper()
	keys, err := secret.NewRing(nil, strings.Repeat("0123456789abcdef", 4))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestMark opens what it sealed, and nothing that was changed or sealed for something
// else.
func TestMark(t *testing.T) {
	keys := ring(t)
	m := pageMark{At: time.Date(2030, 1, 2, 3, 4, 5, 6e6, time.UTC), ID: "x", Row: 50}
	text := m.seal(keys)
	if got, err := openPage(keys, text); err != nil || got != m {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := openPage(keys, ""); err != nil || got != (pageMark{}) {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{text[:len(text)-1], text + "A", "x", keys.Seal("outbox", `{"id":"x"}`), keys.Seal(markPurpose, "[")} {
		if _, err := openPage(keys, bad); err == nil {
			t.Errorf("%q opened", bad)
		}
	}
}

// FuzzOpenPage never takes a mark that was not sealed here.
func FuzzOpenPage(f *testing.F) {
	keys := ring(f)
	for _, seed := range []string{"x", "$gh$", "$gh$abcdef$AAAA", strings.Repeat("A", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := openPage(keys, text); err == nil && text != "" {
			t.Errorf("%q opened as %+v", text, m)
		}
	})
}

// FuzzLines gives entries without space, line ends or commas around them, and is stable.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "a", "a\r\nb\n\n c ,", ",,\n,", "a,b", "\r", " \n\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		joined := lines(text)
		if joined == "" {
			return
		}
		if strings.Contains(joined, "\n") {
			t.Errorf("%q has a line end", joined)
		}
		if again := lines(strings.ReplaceAll(joined, ",", "\n")); strings.Trim(again, ",") != again {
			t.Errorf("%q begins or ends with a comma", again)
		}
	})
}

// TestWordsOfKeys makes labels and sentences.
func TestWordsOfKeys(t *testing.T) {
	for _, tt := range [][3]string{{"session", "session.cookie_cache.max_age", "Cookie cache, max age"}, {"", "url", "URL"}, {"", "trusted_origins", "Trusted origins"},
		{"mail", "mail.from", "From"}, {"", "", ""}, {"", "smtp", "SMTP"}, {"tls", "tls.key", "Key file"}, {"shop", "shop.key", "Key"}, {"", "data", "Data folder"}} {
		if got := label(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s is %q, want %q", tt[1], got, tt[2])
		}
	}
	for text, want := range map[string]string{"": "", "no mail": "No mail.", " done! ": "Done!", "ärger": "Ärger.", "ends\u00e9": "Ends\u00e9."} {
		if got := sentence(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
