package origin

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gatehouse/auth/text"
	"gatehouse/auth/text/weburl"
)

const base = "http://localhost:3000/api/auth"

func list(t testing.TB, patterns ...string) *List {
	t.Helper()
	l, err := New(base, patterns)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRelativeRedirects(t *testing.T) {
	l := list(t)
	for _, s := range []string{
		"/", "/ok", "/a/b?x=1&y=%20", "/@user", "/a b", "/a#b", "/a:b", "/a~b", "/a;b", "/a%20b", "/a%00b", "/ü",
		"/a?x=http://y", "/a?x=[1]&y={z}", "/a?x=%2f", "/a?u=//evil", "/a#//e", "/../x", "/..//evil", "/.//evil", "/a#%5c", "/a?%5C",
	} {
		if !l.Redirect(s) {
			t.Errorf("%q refused", s)
		}
		if l.Trusted(s) {
			t.Errorf("%q taken as an origin", s)
		}
	}
	for _, s := range []string{
		"", "//evil.com", `/\evil`, `/a\b`, "/%2fevil", "/a%2fb", "/a%2Fb", "/%5cevil", "/%5Cevil", "/a\tb", "\t/a", "/a\nb", "/\x00", "/a?\r\nb", "/a#\u0085",
		"/\u007f", "relative", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", `/a?b\c`, "/\xff", " /a",
		"/" + strings.Repeat("a", maxTarget), "http://localhost:3000@evil.com/", "///evil.com", "null", "about:blank", "blob:http://localhost:3000/x",
	} {
		if l.Redirect(s) {
			t.Errorf("%q accepted", s)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{"http://localhost:3000", "http://LOCALHOST:3000/x", "http://localhost:3000/a?b#c", "http:\\\\localhost:3000", "http://user@localhost:3000/"},
			[]string{"http://localhost", "https://localhost:3000", "http://localhost:3001", "http://localhost:3000.evil.com", "http://xlocalhost:3000", "http://localhost:3000@evil.com/", "http://evil.com/localhost:3000", "http://evil.com?http://localhost:3000", "http://localhost.:3000", "http:/\tlocalhost:3000", " http://localhost:3000"}},
		{"https://app.example.com", []string{"https://app.example.com/x", "https://APP.example.com:443"},
			[]string{"http://app.example.com", "https://app.example.com:8443", "https://example.com", "https://app.example.com.evil.com", "https://app.example.comx", "https://xapp.example.com"}},
		{"https://APP.example.com:443/", []string{"https://app.example.com"}, nil},
		{"https://*.trusted.com", []string{"https://a.trusted.com/x", "https://a.b.trusted.com"},
			[]string{"https://trusted.com", "http://a.trusted.com", "https://a.trusted.com.evil.com", "https://evil.com/a.trusted.com", "https://a.trusted.com@evil.com", "https://evil.com#.trusted.com", "https://evil.com\\.trusted.com", "https://a.trusted.com:8443", "https://atrusted.com"}},
		{"*.trusted.com", []string{"https://a.trusted.com", "http://b.trusted.com/x", "my://a.trusted.com/"},
			[]string{"https://trusted.com", "https://a.trusted.com:81", "my:a.trusted.com", "relative.trusted.com", "javascript://a.trusted.com/%0aalert(1)"}},
		{"http://localhost:*", []string{"http://localhost:81", "http://localhost:9999/x"}, []string{"http://localhost", "http://localhost.evil:81"}},
		{"https://pr-*.preview.example.com", []string{"https://pr-12.preview.example.com"}, []string{"https://x.preview.example.com"}},
		{"exp://host/cb", []string{"exp://host/cb", "exp://host/cb/x", "EXP://host/cb", "exp://host/a/../cb", "exp://host/%63b?x#y", "exp://HOST/cb", "exp://host//cb/"},
			[]string{"exp://host/other", "exp://host/cbx", "exp://host/cb/../other", "exp://host/cb/%2e%2e/other", "exp://host2/cb", "exp://u@host/cb", "exq://host/cb", "exp://host/cb/..\\x", "exp://host/cb/%5c", "exp://host/cb/%zz", "exp://host", "exp://host/c"}},
		{"myapp://", []string{"myapp://any/y", "myapp://", "myapp:x"}, []string{"myappx://any", "myapp://x\ny"}},
		{"com.example.app:/cb", []string{"com.example.app:/cb"}, []string{"com.example.app:/x"}},
		{"http://192.168.*.*", []string{"http://192.168.1.4", "http://192.168.1.4:8080/"}, []string{"http://192.168.attacker.com/", "https://192.168.1.4"}},
		{"http://192.168.*.*:*", []string{"http://192.168.1.4:8080/"}, []string{"http://192.168.1.evil.com:8080/"}},
		{"10.*", []string{"http://10.1.2.3/", "https://10.1.2.3", "exp://10.1.2.3/x", "http://10.1"}, []string{"http://10.evil.com/", "http://11.1.2.3/", "http://10.1.2.evil/"}},
		{"exp://10.0.*.*/**", []string{"exp://10.0.1.2/a/b", "exp://10.0.1.2"}, []string{"exp://10.0.evil.com/a", "exp://10.1.1.2/a", "exp://10.0.1.2@evil/a"}},
		{"myapp://*", []string{"myapp://any/y", "myapp://"}, []string{"myapp://x\ny", "myapp://u@any/y", "other://any"}},
		{"my2://*.host", []string{"my2://a.host/x"}, []string{"my2://u@a.host/x", "my2://host/x", "my2://a.hostx"}},
		{"my3://h/p*", []string{"my3://h/pq", "my3://h/x/../pq"}, []string{"my3://h/x", "my3://h/p/x", "my3://h/pq/../x", "my3://h/p%2Fx"}},
		{"https://*.Trusted.com/", []string{"https://a.trusted.com/x"}, []string{"https://trusted.com"}},
		{"MY5://*.Host", []string{"my5://A.hosT/x"}, nil},
		{"my4://h?/a?", []string{"my4://hx/ab"}, []string{"my4://h/ab", "my4://hx/a"}},
	} {
		l := list(t, c.pattern)
		for _, s := range c.yes {
			if !l.Redirect(s) || !l.Trusted(s) {
				t.Errorf("%q must trust %q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if l.Redirect(s) {
				t.Errorf("%q must not trust %q", c.pattern, s)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, s := range []string{
		"example.com", "https://example.com/app", "https://u@example.com", "https://", "javascript://*", "javascript:x", "data:*/x", "1a://x", "*x.com",
		"https://*x.com", "https://x.com*", "my://*host", "a b", "https://*.x.com/y", `https://*.c\om`, "http://[2a01:*]", "https://*.müller.de", "a\n*", strings.Repeat("*", 4000),
	} {
		if _, err := New(base, []string{s}); err == nil || len(s) < 100 && !strings.Contains(err.Error(), strings.Trim(s, "\n*")[:1]) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, b := range []string{"", "localhost:3000", "/x", "ftp://x", "myapp://x"} {
		if _, err := New(b, nil); err == nil {
			t.Errorf("base %q accepted", b)
		}
	}
	if _, err := New(base, []string{"bad1", "https://ok.com", "bad2"}); err == nil || !strings.Contains(err.Error(), "bad1") || !strings.Contains(err.Error(), "bad2") {
		t.Errorf("all faults must be named: %v", err)
	}
}

// TestWideOpen has patterns that would trust sites of anybody (SEC-057, SEC-060), and
// their neighbours that have an owner.
func TestWideOpen(t *testing.T) {
	for _, s := range []string{
		"*", "**", "?", "*:*", "*:3000", "https://*", "http*://*", "https://**", "https://*:443", "*.*", "https://*.*.*", "example.*", "https://localhost.*",
		"*.com", "https://*.co.uk", "https://*.CO.UK", "https://*.com.", "https://*.*.com", "https://examp?e.com", "https://a*.co.uk", "*.github.io", "https://*.vercel.app", "https://*.*.vercel.app",
		"https://*.sch.uk", "*.ck", "*.kawasaki.jp", "*.code.run", "https://*.amazonaws.com", "*.s3.amazonaws.com", "*.run.app", "https://*-*.vercel.app", "https://*e*.vercel.app", "https://*-app.vercel.app",
		"http://3.*", "https://*.1", "https://*.*.*.1", "http://1?.*", "http://172.2?.1.1", "chrome-extension://*", "chrome-extension://", "chrome-extension:", "chrome-extension:///*", "https://?*-app.vercel.app", "https://a*app.vercel.app", "https://a??b.vercel.app",
	} {
		if _, err := New(base, []string{s}); err == nil || !strings.Contains(err.Error(), "anybody") {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{
		"*.internal", "https://*.localhost:*", "http://localhost:*", "http*://localhost", "https://*.example.co.uk", "https://my-app-*.vercel.app", "https://*.my.github.io", "*.dev.test", "10.*", "myapp://*", "http://172.16.*.*", "https://*.home.arpa", "http://[::1]:*", "https://*.xn--mller-kva.de", "*.lan", "chrome-extension://abcdef", "https://*.my.example.ck",
	} {
		if _, err := New(base, []string{s}); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestWith(t *testing.T) {
	l := list(t, "https://a.com", "", "https://a.com")
	more, err := l.With([]string{"https://b.com"})
	if err != nil || !more.Trusted("https://a.com") || !more.Trusted("https://b.com") || l.Trusted("https://b.com") {
		t.Errorf("With: %v", err)
	}
	if own := more.OwnOnly(); !own.Trusted("http://localhost:3000") || own.Trusted("https://a.com") || len(own.Patterns()) != 1 || !more.Trusted("https://a.com") {
		t.Errorf("the own origin only: %q", own.Patterns())
	}
	if got := strings.Join(more.Patterns(), " "); got != "http://localhost:3000 https://a.com https://b.com" {
		t.Errorf("patterns %q", got)
	}
	if more.Own() != "http://localhost:3000" {
		t.Errorf("own %q", more.Own())
	}
}

func FuzzRedirect(f *testing.F) {
	l, _ := New("https://own.example", []string{"https://*.trusted.com", "myapp://cb/x", "10.*", "exp://10.0.*.*/**"})
	for _, s := range []string{"/ok", "//e", `/\e`, "https://a.trusted.com@e", "https:e", "myapp://cb/x/../y", "https://own.example\\.trusted.com", "/..//e", "exp://10.0.1.1/%2e"} {
		f.Add(s)
	}
	own, _ := weburl.Parse("https://own.example/")
	f.Fuzz(func(t *testing.T, s string) {
		if !l.Redirect(s) {
			if l.Trusted(s) {
				t.Errorf("%q trusted as origin but not as target", s)
			}
			return
		}
		if text.HasControl(s) || !utf8.ValidString(s) {
			t.Errorf("control characters pass: %q", s)
		}
		u, err := weburl.ParseRef(s, own)
		if err != nil {
			t.Fatalf("%q does not parse: %v", s, err)
		}
		switch u.Scheme {
		case "http", "https":
			host := u.Host
			if host != "own.example" && !strings.HasSuffix(host, ".trusted.com") && !isIPv4(host) {
				t.Errorf("%q leads to %q", s, host)
			}
		case "javascript", "data", "vbscript":
			t.Errorf("%q is executed", s)
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"https://*.a.com", "my://h/p*", "10.*", "**", `\*`, "exp://10.0.*.*/**"} {
		f.Add(s, "https://x.a.com/")
	}
	f.Fuzz(func(t *testing.T, pattern, target string) {
		l, err := New("https://own.example", []string{pattern})
		if err == nil {
			l.Redirect(target)
		}
	})
}
