package auth

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestBrowser(t *testing.T) {
	cases := []struct {
		agent, name string
		mobile      bool
	}{
		{"", "", false},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0", "Firefox on Linux", false},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0", "Edge on Windows", false},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15", "Safari on macOS", false},
		{"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36", "Chrome on Android", true},
		{"Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1", "Safari on iOS", true},
		{"curl/8.14.1", "curl", false},
	}
	for _, c := range cases {
		if name, mobile := Browser(c.agent); name.English() != c.name || mobile != c.mobile {
			t.Errorf("%q is %q (mobile %v), want %q (%v)", c.agent, name, mobile, c.name, c.mobile)
		}
	}
}

func FuzzBrowser(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0")
	f.Add("((((;;;)) \x00 é")
	f.Fuzz(func(t *testing.T, agent string) {
		said, _ := Browser(agent)
		name := said.English()
		if len(name) > 2*maxAgent || utf8.ValidString(agent) && len(agent) <= maxAgent && !utf8.ValidString(name) {
			t.Errorf("%q is named %q", agent, strings.ToValidUTF8(name, "?"))
		}
	})
}
