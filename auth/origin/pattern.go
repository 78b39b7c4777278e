package origin

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"gatehouse/auth/text"
	"gatehouse/auth/text/glob"
	"gatehouse/auth/text/weburl"
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
		return nil, errors.New("has a space or control character")
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
		return nil, err
	}
	origin, _ := u.Origin()
	if u.HasUser || u.Path != "/" || u.HasQuery || u.HasFrag {
		return nil, errors.New("must be scheme://host[:port] alone")
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
		return nil, errors.New("an origin has no path")
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
		return nil, errors.New("a pattern without scheme:// is host[:port] alone")
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
	if err := wholeLabels(authority); err != nil {
		return err
	}
	return owned(authority)
}

// wholeLabels refuses a * that shares one of the last two labels of a host
// with other text: *x.com would trust evilx.com.
func wholeLabels(authority string) error {
	host, _, _ := strings.Cut(authority, ":")
	labels := strings.Split(host, ".")
	for _, label := range labels[max(0, len(labels)-2):] {
		if strings.Contains(label, "*") && strings.Trim(label, "*") != "" {
			return errors.New("the wildcard must stand for a whole label of the domain")
		}
	}
	return nil
}

// owned refuses a wildcard that stands for names anybody can get: alone, or right
// beneath a public suffix such as com, co.uk or github.io (publicsuffix.org). What it
// trusts may call with the credentials of whoever visits it. Names that are not on
// that list, as internal or localhost, belong to the network they are used in; part of
// a name beneath a hoster's suffix, as my-app-*.github.io, is for the operator to judge.
func owned(authority string) error {
	host, _, _ := strings.Cut(strings.ToLower(authority), ":")
	if !glob.Has(host) || numbers(authority) {
		return nil
	}
	last := strings.LastIndexAny(host, "*?")
	_, suffix, _ := strings.Cut(host[last:], ".") // of the label that holds the wildcard
	suffix = strings.TrimSuffix(suffix, ".")
	if suffix == "" {
		return errors.New("would trust sites of anybody: name the domain, as in https://*.example.com")
	}
	label, _, _ := strings.Cut(host[strings.LastIndexByte(host[:last], '.')+1:], ".")
	whole := strings.Trim(label, "*?") == ""
	listed, icann := publicsuffix.PublicSuffix(suffix)
	hoster := !icann && strings.Contains(listed, ".")
	if listed == suffix && (icann || hoster && whole) {
		return fmt.Errorf("would trust sites of anybody under %s: name your own, as in https://*.example.%s", suffix, suffix)
	}
	return nil
}

func isIPv4(hostPort string) bool {
	host, _, _ := strings.Cut(hostPort, ":")
	a, err := netip.ParseAddr(host)
	return err == nil && a.Is4()
}
