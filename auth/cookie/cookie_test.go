package cookie

import (
	"strings"
	"testing"
	"time"

	"gatehouse/auth/secret"
	"gatehouse/auth/text"
)

const vectorSecret = "0123456789abcdef0123456789abcdef"

func ring(t testing.TB, value string) *secret.Ring {
	t.Helper()
	r, err := secret.NewRing(nil, value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSetCookieVectors(t *testing.T) {
	r, plugin := ring(t, vectorSecret), ring(t, "better-auth-test-vector-secret-0123456789")
	aged := func(a Attributes, seconds int) Attributes { a.MaxAge = seconds; return a }
	domain := aged(Default(true), 604800)
	domain.Domain = "example.com"
	split := Default(false)
	split.Domain, split.SameSite, split.Partitioned = ".example.com", None, true
	const token = "abcdefghijklmnopqrstuvwxyzABCDEF"
	for _, c := range []struct {
		cookie Cookie
		want   string
	}{
		{Cookie{Names{}.Name("session_token"), r.Sign(token), aged(Default(false), 604800)},
			"better-auth.session_token=abcdefghijklmnopqrstuvwxyzABCDEF.M2ywRDp5rcBzPkujXjncHeiPyZUNaplgYBDEjlr95jQ%3D; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"},
		{Cookie{Names{Secure: true}.Name("session_token"), r.Sign(token), domain},
			"__Secure-better-auth.session_token=abcdefghijklmnopqrstuvwxyzABCDEF.M2ywRDp5rcBzPkujXjncHeiPyZUNaplgYBDEjlr95jQ%3D; Max-Age=604800; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{Cookie{"x", "a b;c/é=+", Attributes{Path: "/"}}, "x=a%20b%3Bc%2F%C3%A9%3D%2B; Path=/"},
		{Cookie{Names{Prefix: "gh", Secure: true}.Name("dont_remember"), "true.s", split},
			"__Secure-gh.dont_remember=true.s; Domain=.example.com; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"},
		{Cookie{Names{}.Name("session_token"), plugin.Sign("abcdefghijklmnopqrstuvwxyz012345"), aged(Default(false), 604800)},
			"better-auth.session_token=abcdefghijklmnopqrstuvwxyz012345.bRZw1VZ6HGD%2ByzsmYDVwKW%2BYNy1E1R1RMlS3adJ311I%3D; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"},
		{Cookie{Names{}.Name("two_factor"), plugin.Sign("2fa-ABCDEFGHIJKLMNOPQRST"), aged(Default(false), 600)},
			"better-auth.two_factor=2fa-ABCDEFGHIJKLMNOPQRST.Jn5Rz8ck3Dld2HF4BtsLVQ7Ej%2BwIoTD9vZj3IcTfry0%3D; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"},
		{Cookie{Names{}.Name("dont_remember"), plugin.Sign("true"), Default(false)},
			"better-auth.dont_remember=true.O0pbkUd%2FHZxiOfCyjgNRPWP04ZkSSp8t8Q45lqB2JMQ%3D; Path=/; HttpOnly; SameSite=Lax"},
		{Cookie{"a", "b", Attributes{Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)), SameSite: Strict}},
			"a=b; Expires=Wed, 02 Jan 2030 02:04:05 GMT; SameSite=Strict"},
		{Cookie{"a", "b", aged(Attributes{}, MaxAge+1)}, "a=b; Max-Age=34560000"},
	} {
		if got := c.cookie.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestForcedAttributes(t *testing.T) {
	for name, c := range map[string]struct {
		cookie Cookie
		want   string
	}{
		"none":      {Cookie{"a", "b", Attributes{SameSite: None}}, "a=b; Secure; SameSite=None"},
		"partition": {Cookie{"a", "b", Attributes{Partitioned: true}}, "a=b; Secure; Partitioned"},
		"secure":    {Cookie{"__sEcUrE-a", "b", Attributes{Domain: "d"}}, "__sEcUrE-a=b; Domain=d; Secure"},
		"host":      {Cookie{"__HOST-a", "b", Attributes{Domain: "d", Path: "/x"}}, "__HOST-a=b; Path=/; Secure"},
		"neither":   {Cookie{"x__Secure-a", "b", Attributes{}}, "x__Secure-a=b"},
	} {
		if got := c.cookie.String(); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestNames(t *testing.T) {
	for want, n := range map[string]Names{
		"better-auth.k":  {},
		"gh.k":           {Prefix: "gh"},
		"__Secure-gh.k":  {Prefix: "gh", Secure: true},
		"mine":           {Prefix: "gh", Renamed: map[string]string{"k": "mine"}},
		"__Secure-mine":  {Secure: true, Renamed: map[string]string{"k": "mine"}},
		"better-auth.k ": {Prefix: "better-auth", Renamed: map[string]string{"k": "better-auth.k "}},
	} {
		if got := n.Name("k"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for s, want := range map[string]bool{"better-auth.x": true, "__Host-a": true, "": false, "a b": false, "a=b": false, "a;": false, "é": false, "a\n": false} {
		if ValidName(s) != want {
			t.Errorf("ValidName(%q) = %v", s, !want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, a := range []Attributes{{MaxAge: MaxAge + 1}, {Domain: "a;b"}, {Path: "/\n"}, {Domain: "a b"}, {Path: "/,"}} {
		if a.Check() == nil {
			t.Errorf("%+v accepted", a)
		}
	}
	if err := (Attributes{MaxAge: MaxAge, Domain: ".example.com", Path: "/"}).Check(); err != nil {
		t.Error(err)
	}
	for in, want := range map[string]SameSite{"": Lax, "LAX": Lax, "strict": Strict, "None": None} {
		if got, err := ParseSameSite(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := ParseSameSite("lax; Secure"); err == nil {
		t.Error("unknown same-site accepted")
	}
}

func TestParse(t *testing.T) {
	r := Parse([]string{`a=1; b="q%20x" ;c=%zz; ; =x; novalue; d=a=b==; a=2;e=;f="`, "g=%C3%A9; a=3"})
	for name, want := range map[string]string{"a": "1", "b": "q x", "c": "%zz", "d": "a=b==", "e": "", "f": `"`, "g": "é"} {
		if got, ok := r.Get(name); !ok || got != want {
			t.Errorf("%s = %q, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "novalue", "A", "h"} {
		if v, ok := r.Get(name); ok {
			t.Errorf("%q found as %q", name, v)
		}
	}
	if !Parse(nil).Empty() || !Parse([]string{"", ";;"}).Empty() || r.Empty() {
		t.Error("Empty")
	}
	if got := strings.Join(Parse([]string{"p_b=1; x=2; p_a=3; p_b=4"}).Names("p_"), ","); got != "p_b,p_a" {
		t.Errorf("Names: %s", got)
	}
	if !Parse([]string{"a=" + strings.Repeat("x", maxHeader)}).Empty() || !Parse([]string{strings.Repeat("a=1;", maxReceived+1)}).Empty() {
		t.Error("an oversized header must count as none")
	}
}

func TestPieces(t *testing.T) {
	r := Parse([]string{"d.10=k; d.2=c; d.0=x; d.00=n; d.1e0=n; d.-1=n; d.+0=n; d.01=n; d.=n; d.1 =b; dd.0=n; d.0=a; d.18446744073709551616=n; D.0=n; d.9007199254740993=n"})
	if got := strings.Join(r.Pieces("d"), " "); got != "d.0 d.1 d.2 d.10" {
		t.Errorf("pieces %q", got)
	}
	if v, ok := r.Joined("d"); !ok || v != "abck" {
		t.Errorf("joined %q, %v", v, ok)
	}
	if v, ok := Parse([]string{"d=; d.0=a"}).Joined("d"); !ok || v != "a" {
		t.Errorf("empty base: %q, %v", v, ok)
	}
	if v, ok := Parse([]string{"d=base; d.0=a"}).Joined("d"); !ok || v != "base" {
		t.Errorf("base: %q, %v", v, ok)
	}
	if v, ok := Parse(nil).Joined("d"); ok || v != "" {
		t.Errorf("none: %q, %v", v, ok)
	}
}

func data(value string) Cookie {
	a := Default(false)
	a.MaxAge = 300
	return Cookie{"better-auth.session_data", value, a}
}

const gone = "=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"

func TestChunking(t *testing.T) {
	j := NewJar(Received{})
	value := strings.Repeat("abcdefgh", 1200)
	if !j.SetChunked(data(value)) {
		t.Fatal("refused")
	}
	lines := j.Lines()
	if len(lines) != 3 || len(lines[0]) != 4049 || len(lines[1]) != 4049 || !strings.HasPrefix(lines[2], "better-auth.session_data.2=") {
		t.Fatalf("%d lines, first %d", len(lines), len(lines[0]))
	}
	var sent []string
	for _, l := range lines {
		sent = append(sent, l[:strings.Index(l, ";")])
	}
	back := Parse([]string{strings.Join(sent, "; ")})
	if v, ok := back.Joined("better-auth.session_data"); !ok || v != value {
		t.Error("pieces do not join to the value")
	}

	shrunk := NewJar(back)
	shrunk.SetChunked(data("small"))
	want := []string{"better-auth.session_data.0" + gone, "better-auth.session_data.1" + gone, "better-auth.session_data.2" + gone,
		"better-auth.session_data=small; Max-Age=300; Path=/; HttpOnly; SameSite=Lax"}
	if got := shrunk.Lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("shrinking: %q", got)
	}

	grown := NewJar(Parse([]string{"better-auth.session_data=small; better-auth.session_data.7=x; better-auth.session_data.1=y"}))
	grown.SetChunked(data(value))
	got := grown.Lines()
	if len(got) != 5 || got[0] != "better-auth.session_data"+gone || got[1] != "better-auth.session_data.7"+gone {
		t.Errorf("growing: %d lines, %.60q", len(got), got)
	}
}

func TestChunkingAtTheLimit(t *testing.T) {
	room := maxLine - len(data("").String())
	for n, lines := range map[int]int{room: 1, room + 1: 2} {
		j := NewJar(Received{})
		if !j.SetChunked(data(strings.Repeat("a", n))) || len(j.Lines()) != lines {
			t.Errorf("%d characters in %d lines", n, len(j.Lines()))
		}
		for _, l := range j.Lines() {
			if len(l) > maxLine {
				t.Errorf("a line of %d", len(l))
			}
		}
	}
	held := Parse([]string{"better-auth.session_data.0=x"})
	for _, value := range []string{strings.Repeat("a", maxCache), strings.Repeat("é", 4000)} {
		j := NewJar(held)
		if j.SetChunked(data(value)) {
			t.Error("an impossible value was set")
		}
		if got := j.Lines(); len(got) != 1 || got[0] != "better-auth.session_data.0"+gone {
			t.Errorf("the old pieces must go: %q", got)
		}
	}
}

func TestExpire(t *testing.T) {
	j := NewJar(Parse([]string{"better-auth.session_data.0=x; better-auth.session_data.1=y; better-auth.session_data.x=z"}))
	j.Set(Cookie{"other", "1", Attributes{}})
	j.Set(data("live"))
	j.SetChunked(data(strings.Repeat("a", 9000)))
	if !j.Has("better-auth.session_data.2") || j.Has("better-auth.session_data") {
		t.Error("Has before expiry")
	}
	j.ExpireAll(data("live"))
	want := []string{"other=1", "better-auth.session_data" + gone, "better-auth.session_data.0" + gone, "better-auth.session_data.1" + gone}
	if got := j.Lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
	if j.Has("better-auth.session_data") || !j.Has("other") {
		t.Error("Has after expiry")
	}
	j.Set(data("again"))
	if got := j.Lines(); len(got) != 4 || !strings.Contains(got[3], "=again; Max-Age=300") {
		t.Errorf("the last word counts: %q", got)
	}
	j.ExpirePieces(data(""))
	if got := j.Lines(); len(got) != 4 || !j.Has("better-auth.session_data") {
		t.Errorf("pieces only: %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`a=1; b="%20"`, "d.0=a; d.01=b", ";;=;", "a=%", "x=\"", "d=\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Parse([]string{s})
		r.Joined("d")
		for _, name := range r.Pieces("d") {
			if _, ok := r.Get(name); !ok {
				t.Errorf("%q: piece %q was not received", s, name)
			}
		}
		j := NewJar(r)
		j.SetChunked(Cookie{"d", s, Default(true)})
		j.ExpireAll(Cookie{"d", s, Default(true)})
		for _, line := range j.Lines() {
			if len(line) > 4096 || text.HasControl(line) {
				t.Errorf("%q: line %q", s, line)
			}
		}
		name, value, _ := strings.Cut(Cookie{"c", s, Attributes{}}.String(), "=")
		if got, ok := Parse([]string{name + "=" + value}).Get("c"); len(s) < 1000 && (!ok || got != s) && strings.ToValidUTF8(s, "") == s {
			t.Errorf("%q reads back as %q", s, got)
		}
	})
}
