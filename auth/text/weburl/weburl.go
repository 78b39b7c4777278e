// Package weburl reads addresses the way browsers do (WHATWG URL Standard), so
// that a check on the server and the navigation that follows agree about
// scheme, host and path.
package weburl

import (
	"errors"
	"strings"
)

// ErrInvalid reports text that a browser would not take as an address.
var ErrInvalid = errors.New("not an address")

// URL is a parsed address. Components are normalised and percent-encoded.
type URL struct {
	Scheme   string // lower case, without the colon
	User     string // userinfo as written, encoded
	HasUser  bool
	Host     string // lower case for http and https; IPv6 in brackets
	HasHost  bool   // an authority is present, maybe empty
	Port     string // empty for the scheme's default
	Path     string // starts with "/", or is opaque (mailto:x) when Opaque
	Opaque   bool
	Query    string
	HasQuery bool
	Fragment string
	HasFrag  bool
}

// Parse reads an absolute address.
func Parse(raw string) (*URL, error) { return ParseRef(raw, nil) }

// ParseRef reads raw, resolved against base when it is relative; base may be
// nil. file: addresses are refused.
func ParseRef(raw string, base *URL) (*URL, error) {
	raw = trim(raw)
	scheme, rest, ok := cutScheme(raw)
	if !ok {
		if base == nil || base.Opaque {
			return nil, ErrInvalid
		}
		return relative(raw, base)
	}
	if scheme == "file" {
		return nil, ErrInvalid
	}
	u := &URL{Scheme: scheme}
	rest = u.tail(rest)
	if !special(scheme) {
		return u.generic(rest)
	}
	if base != nil && base.Scheme == scheme && !strings.HasPrefix(slashes(rest), "//") {
		return relative(raw[len(scheme)+1:], base)
	}
	return u.web(strings.TrimLeft(rest, `/\`))
}

// Origin is scheme://host[:port] for http, https, ws and wss; other schemes
// have none.
func (u *URL) Origin() (string, bool) {
	if !special(u.Scheme) {
		return "", false
	}
	return u.Scheme + "://" + u.HostPort(), true
}

// HostPort is host[:port] without a default port, as in location.host.
func (u *URL) HostPort() string {
	if u.Port == "" {
		return u.Host
	}
	return u.Host + ":" + u.Port
}

// String writes the normalised address.
func (u *URL) String() string {
	var b strings.Builder
	b.WriteString(u.Scheme + ":")
	if u.HasHost {
		b.WriteString("//")
		if u.HasUser {
			b.WriteString(u.User + "@")
		}
		b.WriteString(u.HostPort())
	} else if strings.HasPrefix(u.Path, "//") {
		b.WriteString("/.")
	}
	b.WriteString(u.Path)
	if u.HasQuery {
		b.WriteString("?" + u.Query)
	}
	if u.HasFrag {
		b.WriteString("#" + u.Fragment)
	}
	return b.String()
}

// trim drops what browsers drop before they look: C0 controls and spaces at
// both ends, tabs and line ends anywhere.
func trim(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
}

func cutScheme(s string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i <= 0 {
		return "", s, false
	}
	scheme = strings.ToLower(s[:i])
	for j := range i {
		c := scheme[j]
		letter := c >= 'a' && c <= 'z'
		other := c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
		if !letter && (j == 0 || !other) {
			return "", s, false
		}
	}
	return scheme, s[i+1:], true
}

// tail takes the fragment and the query off s and keeps them.
func (u *URL) tail(s string) string {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		u.Fragment, u.HasFrag = encode(s[i+1:], fragmentSet), true
		s = s[:i]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		set := querySet
		if special(u.Scheme) {
			set += "'"
		}
		u.Query, u.HasQuery = encode(s[i+1:], set), true
		s = s[:i]
	}
	return s
}

// web reads authority and path of an http-like address.
func (u *URL) web(rest string) (*URL, error) {
	authority, path := rest, ""
	if i := strings.IndexAny(rest, `/\`); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if err := u.authority(authority); err != nil {
		return nil, err
	}
	u.Path = cleanPath(slashes(path))
	return u, nil
}

// generic reads authority and path of any other scheme.
func (u *URL) generic(rest string) (*URL, error) {
	switch {
	case strings.HasPrefix(rest, "//"):
		authority, path := rest[2:], ""
		if i := strings.IndexByte(authority, '/'); i >= 0 {
			authority, path = authority[:i], authority[i:]
		}
		if err := u.authority(authority); err != nil {
			return nil, err
		}
		if path != "" {
			u.Path = cleanPath(path)
		}
	case strings.HasPrefix(rest, "/"):
		u.Path = cleanPath(rest)
	default:
		u.Opaque, u.Path = true, encode(rest, "")
	}
	return u, nil
}

func relative(raw string, base *URL) (*URL, error) {
	u := &URL{Scheme: base.Scheme}
	path := u.tail(raw)
	web := special(u.Scheme)
	if web {
		path = slashes(path)
	}
	if strings.HasPrefix(path, "//") {
		if web {
			return u.web(strings.TrimLeft(path, "/"))
		}
		return u.generic(path)
	}
	u.User, u.HasUser, u.Host, u.HasHost, u.Port = base.User, base.HasUser, base.Host, base.HasHost, base.Port
	switch {
	case strings.HasPrefix(path, "/"):
		u.Path = cleanPath(path)
	case path == "":
		u.Path = base.Path
		if !u.HasQuery {
			u.Query, u.HasQuery = base.Query, base.HasQuery
		}
	default:
		u.Path = cleanPath(base.Path[:strings.LastIndexByte(base.Path, '/')+1] + path)
	}
	return u, nil
}

func special(scheme string) bool {
	return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss"
}

func slashes(s string) string { return strings.ReplaceAll(s, `\`, "/") }
