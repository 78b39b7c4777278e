package origin

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"gatehouse/auth/text"
	"gatehouse/auth/text/glob"
	"gatehouse/auth/text/weburl"
	"gatehouse/auth/words"
)

// value is a parsed origin, Referer or redirect target.
type value struct {
	web    bool // http or https
	origin string
	host   string // host[:port]
	custom custom
}

// custom is what is compared of an address with another scheme.
type custom struct{ scheme, authority, path string }

// pattern matches values of one shape.
type pattern interface{ match(value) bool }

// read parses s; ok is false for what no pattern may match.
func read(s string) (value, bool) {
	u, err := weburl.Parse(s)
	if err != nil || executed(u.Scheme) {
		return value{}, false
	}
	v := value{host: u.HostPort()}
	if u.Scheme == "http" || u.Scheme == "https" {
		v.web = true
		v.origin, _ = u.Origin()
		return v, true
	}
	v.custom, err = readCustom(s)
	return v, err == nil
}

// executed tells schemes that a browser runs or reads locally.
func executed(scheme string) bool {
	switch scheme {
	case "javascript", "data", "vbscript", "blob", "file", "filesystem", "about", "view-source":
		return true
	}
	return false
}

func compile(s string) (pattern, error) {
	if text.HasControl(s) || strings.ContainsAny(s, " ") {
		return nil, words.Err("has a space or control character")
	}
	scheme, _, hasScheme := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	web := scheme == "http" || scheme == "https"
	switch {
	case glob.Has(s) && !hasScheme:
		return compileHost(s)
	case glob.Has(s) && (web || glob.Has(scheme)):
		return compileOrigin(s)
	case glob.Has(s):
		return compileCustom(s)
	case web:
		return compilePlain(s)
	}
	return compileScheme(s)
}

// plain is one exact origin.
type plain string

func compilePlain(s string) (pattern, error) {
	u, err := weburl.Parse(s)
	if err != nil {
		return nil, words.Err("is not an address")
	}
	origin, _ := u.Origin()
	if u.HasUser || u.Path != "/" || u.HasQuery || u.HasFrag {
		return nil, words.Err("must be scheme://host[:port] alone")
	}
	return plain(origin), nil
}

func (p plain) match(v value) bool { return v.web && v.origin == string(p) }

// originGlob is a wildcard against the whole origin of http and https.
type originGlob struct {
	glob    *glob.Glob
	numbers bool
}

func compileOrigin(s string) (pattern, error) {
	_, rest, _ := strings.Cut(s, "://")
	authority, path := splitPath(rest)
	if path != "" && path != "/" && path != "/**" {
		return nil, words.Err("an origin has no path")
	}
	if err := wildHost(authority); err != nil {
		return nil, err
	}
	g, err := glob.Compile(strings.ToLower(strings.TrimSuffix(s, path)))
	if err != nil {
		return nil, err
	}
	return originGlob{g, numbers(s)}, nil
}

func (p originGlob) match(v value) bool {
	return v.web && p.glob.Match(v.origin) && (!p.numbers || isIPv4(v.host))
}

// hostGlob is a wildcard without scheme against host[:port] of any scheme.
type hostGlob struct {
	glob    *glob.Glob
	numbers bool
}

func compileHost(s string) (pattern, error) {
	if strings.Contains(s, "/") {
		return nil, words.Err("a pattern without scheme:// is host[:port] alone")
	}
	if err := wildHost(s); err != nil {
		return nil, err
	}
	g, err := glob.Compile(strings.ToLower(s))
	if err != nil {
		return nil, err
	}
	return hostGlob{g, numbers(s)}, nil
}

func (p hostGlob) match(v value) bool {
	return v.host != "" && p.glob.Match(strings.ToLower(v.host)) && (!p.numbers || isIPv4(v.host))
}

// numbers reports whether a pattern's host is an address range: digits, dots
// and wildcards with at least one digit.
func numbers(s string) bool {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, ":")
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789.*?") == ""
}

// wildHost checks the host of a pattern for the web.
func wildHost(authority string) error {
	host := hostOf(authority)
	switch {
	case strings.Contains(authority, `\`):
		return words.Err("has a backslash")
	case strings.HasPrefix(host, "[") && glob.Has(host):
		return words.Err("a range of IPv6 addresses cannot be trusted: name each")
	case !ascii(host):
		return words.Err("write the name as browsers send it, in ASCII (xn--…)")
	}
	if err := wholeLabels(authority); err != nil {
		return err
	}
	return owned(authority)
}

// wholeLabels refuses a * that shares one of the last two labels of a host
// with other text: *x.com would trust evilx.com.
func wholeLabels(authority string) error {
	labels := strings.Split(hostOf(authority), ".")
	for _, label := range labels[max(0, len(labels)-2):] {
		if strings.Contains(label, "*") && strings.Trim(label, "*") != "" {
			return words.Err("the wildcard must stand for a whole label of the domain")
		}
	}
	return nil
}

// owned refuses a wildcard that stands for names or addresses anybody can get: alone,
// right beneath a public suffix such as com, co.uk or github.io (publicsuffix.org) or
// beneath a hoster of several, or in a public range. What it trusts may call with the
// credentials of whoever visits it. Names that are not on that list, as internal or
// localhost, belong to the network they are used in; part of a name beneath a hoster's
// suffix, as my-app-*.github.io, is for the operator to judge.
func owned(authority string) error {
	host := strings.ToLower(hostOf(authority))
	if !glob.Has(host) {
		return nil
	}
	if numbers(host) {
		return private(host)
	}
	last := strings.LastIndexAny(host, "*?")
	_, suffix, _ := strings.Cut(host[last:], ".") // of the label that holds the wildcard
	suffix = strings.TrimSuffix(suffix, ".")
	if suffix == "" {
		return words.Err("would trust anybody's sites: name the domain, as in https://*.example.com")
	}
	if homes[suffix] {
		return nil
	}
	label, _, _ := strings.Cut(host[strings.LastIndexByte(host[:last], '.')+1:], ".")
	switch suffixKind(suffix) {
	case registry:
		return words.Err(words.F("would trust anybody's sites under %s: name your own, as in https://*.example.%s", suffix, suffix))
	case hoster:
		if strings.IndexAny(label, "*?") < minNamed {
			return words.Err(words.F("would trust anybody's sites under %s: begin with the name of your own, as in https://my-app-*.%s", suffix, suffix))
		}
	}
	return nil
}

// minNamed is how many characters a name beneath a hoster's suffix must begin with.
const minNamed = 3

// kind is who can get a name right beneath a suffix.
type kind int

const (
	owner    kind = iota // who owns the suffix
	registry             // anybody who registers one
	hoster               // every customer
)

// Shared reports whether anybody gets a name right beneath a domain, as beneath co.uk and
// github.io, so that it is nobody's own.
func Shared(domain string) bool { return !homes[domain] && suffixKind(domain) != owner }

func suffixKind(suffix string) kind {
	if hosters[suffix] {
		return hoster
	}
	for _, name := range []string{suffix, "x." + suffix} { // the second where a rule is *.ck
		listed, icann := publicsuffix.PublicSuffix(name)
		switch {
		case listed != name:
		case icann:
			return registry
		case strings.Contains(listed, "."): // one label that is not listed is its own suffix
			return hoster
		}
	}
	return owner
}

// homes are suffixes of the list that belong to the network they are used in (RFC 8375).
var homes = map[string]bool{"home.arpa": true}

// hosters have customers' names further below than the list says of them, or are not
// on it.
var hosters = map[string]bool{
	"amazonaws.com": true, "amazonaws.com.cn": true, "on.aws": true, "azure.com": true, "windows.net": true, "core.windows.net": true, "googleusercontent.com": true,
	"run.app": true, "digitaloceanspaces.com": true, "linodeobjects.com": true, "vultrobjects.com": true, "ngrok.com": true, "nip.io": true, "sslip.io": true, "glitch.me": true,
}

// private refuses a range of IPv4 addresses that are not of one's own network.
func private(host string) error {
	for _, own := range []string{"10.", "127.", "192.168.", "169.254."} {
		if strings.HasPrefix(host, own) {
			return nil
		}
	}
	for n := 16; n < 32; n++ {
		if strings.HasPrefix(host, fmt.Sprintf("172.%d.", n)) {
			return nil
		}
	}
	return words.Err("would trust anybody's addresses: a range must be private, as 10.* or 192.168.1.*; name others one by one")
}

// hostOf is an authority without its port.
func hostOf(authority string) string {
	if i := strings.LastIndexByte(authority, ']'); i >= 0 {
		return authority[:i+1]
	}
	host, _, _ := strings.Cut(authority, ":")
	return host
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func isIPv4(hostPort string) bool {
	a, err := netip.ParseAddr(hostOf(hostPort))
	return err == nil && a.Is4()
}
