package origin

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/auth/text"
)

func TestCheck(t *testing.T) {
	l := list(t, "https://app.example.com")
	const own, evil = "http://localhost:3000", "https://evil.com"
	for name, c := range map[string]struct {
		r    Request
		want Code
	}{
		"no cookies":             {Request{Origin: evil}, Passed},
		"own":                    {Request{Cookies: true, Origin: own}, Passed},
		"trusted":                {Request{Cookies: true, Origin: "https://app.example.com"}, Passed},
		"referer":                {Request{Cookies: true, Referer: own + "/page?x"}, Passed},
		"origin beats referer":   {Request{Cookies: true, Origin: evil, Referer: own}, Invalid},
		"foreign":                {Request{Cookies: true, Origin: evil}, Invalid},
		"foreign referer":        {Request{Cookies: true, Referer: evil + "/" + own}, Invalid},
		"neither":                {Request{Cookies: true}, MissingOrNull},
		"null":                   {Request{Cookies: true, Origin: "null"}, MissingOrNull},
		"null with referer":      {Request{Cookies: true, Origin: "null", Referer: own}, MissingOrNull},
		"null, same origin":      {Request{Cookies: true, Origin: "null", FetchSite: "same-origin", Self: own}, Passed},
		"null, same foreign":     {Request{Cookies: true, Origin: "null", FetchSite: "same-origin", Self: evil}, Invalid},
		"null, same, no self":    {Request{Cookies: true, Origin: "null", FetchSite: "same-origin"}, MissingOrNull},
		"null, same site":        {Request{Cookies: true, Origin: "null", FetchSite: "same-site", Self: own}, MissingOrNull},
		"relative":               {Request{Cookies: true, Origin: "/x"}, Invalid},
		"same site, no origin":   {Request{Cookies: true, FetchSite: "same-origin"}, MissingOrNull},
		"look-alike with a port": {Request{Cookies: true, Origin: own + "0"}, Invalid},
	} {
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "post", "TRACE"} {
			c.r.Method = method
			if got := l.Check(c.r); got != c.want {
				t.Errorf("%s %s: %q, want %q", method, name, got, c.want)
			}
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			c.r.Method = method
			if got := l.Check(c.r); got != Passed {
				t.Errorf("%s %s: %q", method, name, got)
			}
		}
	}
}

func TestCheckForm(t *testing.T) {
	l := list(t)
	const own, evil = "http://localhost:3000", "https://evil.com"
	for name, c := range map[string]struct {
		r    Request
		want Code
	}{
		"nothing at all":           {Request{}, Passed},
		"blank metadata":           {Request{FetchSite: " ", FetchMode: "\t"}, Passed},
		"cookie, own":              {Request{Cookies: true, Origin: own}, Passed},
		"cookie, none":             {Request{Cookies: true}, MissingOrNull},
		"cookie, cross navigation": {Request{Cookies: true, Origin: own, FetchSite: "cross-site", FetchMode: "navigate"}, Passed},
		"cross navigation":         {Request{FetchSite: "cross-site", FetchMode: "navigate", Origin: evil}, CrossSiteNavigation},
		"cross navigation trusted": {Request{FetchSite: "cross-site", FetchMode: "navigate", Origin: own}, CrossSiteNavigation},
		"cross cors trusted":       {Request{FetchSite: "cross-site", FetchMode: "cors", Origin: own}, Passed},
		"cross cors foreign":       {Request{FetchSite: "cross-site", FetchMode: "cors", Origin: evil}, Invalid},
		"same origin, no origin":   {Request{FetchSite: "same-origin", FetchMode: "cors"}, MissingOrNull},
		"only dest":                {Request{FetchDest: "empty"}, MissingOrNull},
		"same origin navigation":   {Request{FetchSite: "same-origin", FetchMode: "navigate", Origin: own}, Passed},
		"null same origin":         {Request{FetchSite: "same-origin", FetchMode: "navigate", Origin: "null", Self: own}, Passed},
		"foreign origin":           {Request{Origin: evil}, Invalid},
		"foreign referer":          {Request{Referer: evil}, Invalid},
		"own referer":              {Request{Referer: own + "/x"}, Passed},
		"null":                     {Request{Origin: "null"}, MissingOrNull},
	} {
		c.r.Method = "POST"
		if got := l.CheckForm(c.r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFromHeader(t *testing.T) {
	h := http.Header{}
	for k, v := range map[string]string{"Cookie": "a=b", "Origin": "o", "Referer": "r", "Sec-Fetch-Site": "s", "Sec-Fetch-Mode": "m", "Sec-Fetch-Dest": "d"} {
		h.Set(k, v)
	}
	want := Request{Method: "POST", Cookies: true, Origin: "o", Referer: "r", FetchSite: "s", FetchMode: "m", FetchDest: "d", Self: "self"}
	if got := FromHeader("POST", h, "self"); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestResetRedirect(t *testing.T) {
	for _, c := range []struct{ target, want string }{
		{"/r?a=b%20c#f", "http://localhost:3000/r?a=b+c&token=t%7E#f"},
		{"/r", "http://localhost:3000/r?token=t%7E"},
		{"/r?token=old&x&token=older", "http://localhost:3000/r?token=t%7E&x="},
		{"https://H:443", "https://h/?token=t%7E"},
		{"/..//evil", "http://localhost:3000//evil?token=t%7E"},
		{"/ü?ü=~", "http://localhost:3000/%C3%BC?%C3%BC=%7E&token=t%7E"},
		{"myapp://cb", "myapp://cb?token=t%7E"},
		{"", "http://localhost:3000/api/auth?token=t%7E"},
	} {
		got, err := ResetRedirect(c.target, base, text.Pair{Key: "token", Value: "t~"})
		if err != nil || got != c.want {
			t.Errorf("ResetRedirect(%q) = %q, %v, want %q", c.target, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"http://[", base}, {"/x", "x"}} {
		if got, err := ResetRedirect(c[0], c[1]); err == nil {
			t.Errorf("%q: %q", c, got)
		}
	}
}

func FuzzResetRedirect(f *testing.F) {
	for _, s := range []string{"/r?a=b%20c#f", "/..//e", "https://h?token=x", "/\r\n", "my:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got, err := ResetRedirect(target, base, text.Pair{Key: "token", Value: "a&b=c#d"})
		if err != nil {
			return
		}
		if text.HasControl(got) || strings.Count(got, "token=a%26b%3Dc%23d") < 1 {
			t.Errorf("%q gave %q", target, got)
		}
	})
}
