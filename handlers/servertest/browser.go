package servertest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// Browser is one client: its cookies, its address, its headers. It follows no
// redirects.
type Browser struct {
	rig     *Rig
	t       testing.TB
	Jar     *cookiejar.Jar
	Address string      // peer address
	Header  http.Header // sent with every request; an empty value removes a standard one
}

// Browser makes a client without cookies.
func (r *Rig) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.T.Fatal(err)
	}
	return &Browser{rig: r, t: r.T, Jar: jar, Address: "192.0.2.10:40000", Header: http.Header{}}
}

// In returns the browser for a subtest or a fuzz target, cookies shared.
func (b *Browser) In(t testing.TB) *Browser {
	c := *b
	c.t = t
	return &c
}

// Answer is what came back.
type Answer struct {
	Path   string // that was asked for
	Status int
	Header http.Header
	Body   []byte
	t      testing.TB
}

// Get asks for a path, which starts at the root of the server.
func (b *Browser) Get(path string) *Answer { return b.Do(http.MethodGet, path, "", nil) }

// Post sends a value as JSON; nil sends {}. A string is sent as it is.
func (b *Browser) Post(path string, body any) *Answer {
	b.t.Helper()
	raw := []byte("{}")
	switch v := body.(type) {
	case nil:
	case string:
		raw = []byte(v)
	default:
		var err error
		if raw, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	return b.Do(http.MethodPost, path, "application/json", raw)
}

// Form posts a form.
func (b *Browser) Form(path string, form url.Values) *Answer {
	return b.Do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// Do sends a request. Requests that may change something carry the server's own origin,
// as those of a browser on its pages do.
func (b *Browser) Do(method, path, media string, body []byte) *Answer {
	b.t.Helper()
	r := httptest.NewRequest(method, b.rig.Origin+path, bytes.NewReader(body))
	r.RemoteAddr = b.Address
	if body == nil {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Origin", b.rig.Origin)
	}
	at, err := url.Parse(b.rig.Origin + path)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.Jar.Cookies(at) {
		r.AddCookie(c)
	}
	for name, values := range b.Header {
		r.Header[name] = values
		if len(values) == 1 && values[0] == "" {
			r.Header.Del(name)
		}
	}
	rec := httptest.NewRecorder()
	b.rig.Server.ServeHTTP(rec, r)
	res := rec.Result()
	b.Jar.SetCookies(at, res.Cookies())
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &Answer{Path: path, Status: res.StatusCode, Header: res.Header, Body: raw, t: b.t}
}

// Visit opens an absolute link of this server, as one in a mail is.
func (b *Browser) Visit(link string) *Answer {
	b.t.Helper()
	path, ok := strings.CutPrefix(link, b.rig.Origin)
	if !ok {
		b.t.Fatalf("the link %q leads elsewhere", link)
	}
	return b.Get(path)
}

// Cookie returns the value of a cookie the browser holds; "" when it has none.
func (b *Browser) Cookie(name string) string {
	at, _ := url.Parse(b.rig.Origin)
	for _, c := range b.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Want fails the test unless status and, for errors of the wire, code are as wanted.
func (a *Answer) Want(status int, code string) *Answer {
	a.t.Helper()
	if a.Status != status || code != "" && a.Text("code") != code {
		a.t.Fatalf("status %d body %s, want %d %s", a.Status, a.Body, status, code)
	}
	return a
}

// Value finds a member of the JSON answer by a dotted path; numbers index lists. nil
// when there is none.
func (a *Answer) Value(path string) any {
	var v any
	if json.Unmarshal(a.Body, &v) != nil {
		return nil
	}
	if path == "" {
		return v
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// Text is Value for strings; "" otherwise.
func (a *Answer) Text(path string) string {
	s, _ := a.Value(path).(string)
	return s
}

// Location is where a redirect leads.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// Cookies are the lines that set cookies, by name; a name set twice keeps its last.
func (a *Answer) Cookies() map[string]*http.Cookie {
	set := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		set[c.Name] = c
	}
	return set
}
