package address

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func resolver(t testing.TB, c Config) *Resolver {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestClient(t *testing.T) {
	behind := Config{Trusted: []string{"10.0.0.0/8", "::1", "2001:db8:ffff::/48"}}
	for name, c := range map[string]struct {
		config Config
		peer   string
		header http.Header
		want   string
	}{
		"socket":                 {Config{}, "203.0.113.9:4711", nil, "203.0.113.9"},
		"socket IPv6":            {Config{}, "[2001:db8::1]:4711", nil, "2001:db8::1"},
		"mapped":                 {Config{}, "[::ffff:203.0.113.9]:1", nil, "203.0.113.9"},
		"zone":                   {Config{}, "[fe80::1%eth0]:1", nil, "fe80::1"},
		"loopback":               {Config{}, "127.0.0.1:1", nil, "127.0.0.1"},
		"no peer":                {Config{}, "", nil, ""},
		"unix socket":            {Config{}, "@", nil, ""},
		"untrusted, forwarded":   {Config{}, "203.0.113.9:1", header("X-Forwarded-For", "1.2.3.4", "Forwarded", "for=1.2.3.4", "X-Real-IP", "1.2.3.4", "CF-Connecting-IP", "1.2.3.4"), "203.0.113.9"},
		"other untrusted":        {behind, "203.0.113.9:1", header("X-Forwarded-For", "1.2.3.4"), "203.0.113.9"},
		"one hop":                {behind, "10.0.0.1:1", header("X-Forwarded-For", "1.2.3.4"), "1.2.3.4"},
		"spoofed left":           {behind, "10.0.0.1:1", header("X-Forwarded-For", "6.6.6.6, 1.2.3.4"), "1.2.3.4"},
		"two proxies":            {behind, "10.0.0.1:1", header("X-Forwarded-For", "6.6.6.6, 1.2.3.4 , 10.9.9.9"), "1.2.3.4"},
		"two lines":              {behind, "10.0.0.1:1", header("X-Forwarded-For", "1.2.3.4", "X-Forwarded-For", "10.2.2.2"), "1.2.3.4"},
		"lines in order":         {behind, "10.0.0.1:1", header("X-Forwarded-For", "6.6.6.6", "X-Forwarded-For", "1.2.3.4"), "1.2.3.4"},
		"mapped hop":             {behind, "10.0.0.1:1", header("X-Forwarded-For", "1.2.3.4, ::ffff:10.0.0.2"), "1.2.3.4"},
		"with ports":             {behind, "[::1]:1", header("X-Forwarded-For", "[2001:db8::5]:80, 10.0.0.3:99"), "2001:db8::5"},
		"brackets":               {behind, "[::1]:1", header("X-Forwarded-For", "[2001:db8::5]"), "2001:db8::5"},
		"malformed":              {behind, "10.0.0.1:1", header("X-Forwarded-For", "1.2.3.4, unknown"), "10.0.0.1"},
		"malformed after others": {behind, "10.0.0.1:1", header("X-Forwarded-For", "junk, 10.0.0.2"), "10.0.0.1"},
		"malformed further left": {behind, "10.0.0.1:1", header("X-Forwarded-For", "junk, 1.2.3.4"), "1.2.3.4"},
		"only trusted":           {behind, "10.0.0.1:1", header("X-Forwarded-For", "10.0.0.3, 10.0.0.2"), "10.0.0.1"},
		"empty entry":            {behind, "10.0.0.1:1", header("X-Forwarded-For", "1.2.3.4,"), "10.0.0.1"},
		"no header":              {behind, "10.0.0.1:1", header("X-Real-IP", "1.2.3.4"), "10.0.0.1"},
		"second header":          {Config{Trusted: behind.Trusted, Headers: []string{"CF-Connecting-IP", "x-real-ip"}}, "10.0.0.1:1", header("X-Real-Ip", "1.2.3.4", "X-Forwarded-For", "9.9.9.9"), "1.2.3.4"},
		"first that yields":      {Config{Trusted: behind.Trusted, Headers: []string{"CF-Connecting-IP", "x-real-ip"}}, "10.0.0.1:1", header("X-Real-Ip", "1.2.3.4", "CF-Connecting-IP", "junk"), "1.2.3.4"},
		"forwarded":              {Config{Trusted: behind.Trusted, Headers: []string{"Forwarded"}}, "10.0.0.1:1", header("Forwarded", `for=6.6.6.6;proto=http, By=x; For="[2001:db8::7]:4711", for=10.0.0.8`), "2001:db8::7"},
		"forwarded hidden":       {Config{Trusted: behind.Trusted, Headers: []string{"Forwarded"}}, "10.0.0.1:1", header("Forwarded", "for=_hidden"), "10.0.0.1"},
		"disabled":               {Config{Disabled: true}, "203.0.113.9:1", nil, ""},
		"long chain":             {behind, "10.0.0.1:1", header("X-Forwarded-For", strings.Repeat("6.6.6.6,", 5000)+"1.2.3.4"), "1.2.3.4"},
		"long trusted chain":     {behind, "10.0.0.1:1", header("X-Forwarded-For", "6.6.6.6,"+strings.Repeat("10.0.0.2,", 5000)+"10.0.0.3"), "10.0.0.1"},
	} {
		got := resolver(t, c.config).Client(c.peer, c.header)
		if got.String() != c.want || got.Known() != (c.want != "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestKey(t *testing.T) {
	r := resolver(t, Config{})
	for peer, want := range map[string]string{
		"203.0.113.9:1":               "203.0.113.9",
		"[::ffff:cb00:7109]:1":        "203.0.113.9",
		"[2001:db8::1]:1":             "2001:0db8:0000:0000:0000:0000:0000:0000",
		"[2001:DB8:0:0:ffff::abcd]:1": "2001:0db8:0000:0000:0000:0000:0000:0000",
		"[2001:db8:0:1::]:1":          "2001:0db8:0000:0001:0000:0000:0000:0000",
		"x":                           "",
	} {
		if got := r.Client(peer, nil).Key(); got != want {
			t.Errorf("%s: %q, want %q", peer, got, want)
		}
	}
	if got := resolver(t, Config{IPv6Subnet: 48}).Client("[2001:db8:1:2::1]:1", nil).Key(); got != "2001:0db8:0001:0000:0000:0000:0000:0000" {
		t.Errorf("/48: %q", got)
	}
	if got := (Client{}).Key(); got != "" {
		t.Errorf("zero: %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	_, err := New(Config{Trusted: []string{"10.0.0.1", "proxy", "10.0.0.0/33"}, IPv6Subnet: 200})
	for _, part := range []string{`"proxy"`, `"10.0.0.0/33"`, "200"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %s", err, part)
		}
	}
	if r := resolver(t, Config{Trusted: []string{" ::ffff:10.0.0.0/104", "::ffff:1.2.3.4"}}); !r.TrustedPeer("10.1.1.1:1") || !r.TrustedPeer("1.2.3.4") || r.TrustedPeer("11.0.0.1:1") || r.TrustedPeer("") {
		t.Error("mapped ranges count as IPv4")
	}
}

func TestExternal(t *testing.T) {
	r := resolver(t, Config{Trusted: []string{"10.0.0.1"}})
	good := header("X-Forwarded-Proto", "https", "X-Forwarded-Host", "auth.example.com")
	for name, c := range map[string]struct {
		peer         string
		header       http.Header
		scheme, host string
	}{
		"untrusted": {"1.1.1.1:1", good, "http", "h"},
		"trusted":   {"10.0.0.1:1", good, "https", "auth.example.com"},
		"malformed": {"10.0.0.1:1", header("X-Forwarded-Proto", "https,http", "X-Forwarded-Host", "a,b"), "http", "h"},
		"absent":    {"10.0.0.1:1", nil, "http", "h"},
	} {
		if scheme, host := r.External(c.peer, c.header, "http", "h"); scheme != c.scheme || host != c.host {
			t.Errorf("%s: %s %s", name, scheme, host)
		}
	}
}

func TestValidHost(t *testing.T) {
	for _, s := range []string{"localhost", "localhost:3000", "a.b-c.example", "A_b.com", "1.2.3.4:80", "[::1]", "[::1]:443", "x:65535"} {
		if !ValidHost(s) {
			t.Errorf("%q refused", s)
		}
	}
	for _, s := range []string{
		"", "a..b", ".a", "a.", "a b", "a\x00b", "<a>", "'a'", "a/b", "a@b", "a:", "a:x", "a:0", "a:65536", "a:123456", "[::1", "[1.2.3.4]", "[::1]x", "[::1]:", "[::1%z]",
		"javascript:1x", "-a", "a-", "a,b", "ä.de", strings.Repeat("a", 64), strings.Repeat("a.", 140) + "a", "a:80:80", "[", "a`b", "a{b",
	} {
		if ValidHost(s) {
			t.Errorf("%q accepted", s)
		}
	}
}

func FuzzClient(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "6.6.6.6, [::1]:80", `for="[2001:db8::7]:4711"`, "::ffff:1.2.3.4", "fe80::1%e"} {
		f.Add(s)
	}
	r, _ := New(Config{Trusted: []string{"10.0.0.1"}, Headers: []string{"Forwarded", "X-Forwarded-For"}})
	f.Fuzz(func(t *testing.T, s string) {
		c := r.Client("10.0.0.1:1", header("Forwarded", s, "X-Forwarded-For", s))
		a, err := netip.ParseAddr(c.String())
		if err != nil || a.Is4In6() || a.Zone() != "" {
			t.Errorf("%q gave %q", s, c)
		}
		if _, err := netip.ParseAddr(c.Key()); err != nil {
			t.Errorf("%q gave key %q", s, c.Key())
		}
		if other := r.Client("9.9.9.9:1", header("Forwarded", s, "X-Forwarded-For", s)); other.String() != "9.9.9.9" {
			t.Errorf("%q moved an untrusted peer to %q", s, other)
		}
		ValidHost(s)
	})
}
