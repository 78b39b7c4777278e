package page

import (
	"net/url"
	"strings"
	"testing"
)

func TestDestination(t *testing.T) {
	tests := map[string]string{
		"https://app.example.com/x?a=1&b=2": "https://app.example.com/x?a=1&b=2", "/account": "/account", "myapp://callback": "myapp://callback", "http://localhost:5173/": "http://localhost:5173/",
		"javascript:alert(1)": "/", "JavaScript:alert(1)": "/", "data:text/html,x": "/", "//other.example": "/", "/\\other.example": "/", "": "/", "relative": "/", "vbscript:x": "/",
		" javascript:alert(1)": "/", "java\nscript:alert(1)": "/", "blob:https://x": "/", "%zz": "/",
	}
	for address, want := range tests {
		if got := string(destination(address)); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func FuzzDestination(f *testing.F) {
	for _, seed := range []string{"https://a.example", "javascript:alert(1)", "\tjavascript:x", "/x", "data:,", "a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got := strings.ToLower(string(destination(address)))
		parsed, err := url.Parse(got)
		if err != nil || strings.HasPrefix(got, "javascript:") || strings.HasPrefix(got, "data:") || strings.HasPrefix(got, "//") || parsed.Scheme == "" && !strings.HasPrefix(got, "/") {
			t.Errorf("%q leads to %q", address, got)
		}
	})
}

func TestWithReturn(t *testing.T) {
	tests := []struct{ address, returnTo, want string }{
		{"/sign-in", "", "/sign-in"}, {"/sign-in", "/a?b=1&c=2", "/sign-in?returnTo=%2Fa%3Fb%3D1%26c%3D2"}, {"/sign-in?x=1", "/a", "/sign-in?x=1&returnTo=%2Fa"},
	}
	for _, test := range tests {
		if got := withReturn(test.address, test.returnTo); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
