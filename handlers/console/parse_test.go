package console

import (
	"strings"
	"testing"
)

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
	for _, tt := range [][3]string{{"session", "session.cookie_cache.max_age", "Cookie cache, max age"}, {"", "trusted_origins", "Trusted origins"},
		{"mail", "mail.from", "From"}, {"", "", ""}, {"shop", "shop.key", "Key"}} {
		if got := derived(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s is %q, want %q", tt[1], got, tt[2])
		}
	}
}
