package weburl

import (
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// forbiddenHost are the characters no host may have (WHATWG URL 3.2).
const forbiddenHost = "\x00\t\n\r #/:<>?@[\\]^|"

// forbidden are those no domain may have.
func forbidden(r rune) bool {
	return r <= ' ' || r >= 0x7F || r == '%' || strings.ContainsRune(forbiddenHost, r)
}

// authority reads user@host:port.
func (u *URL) authority(s string) error {
	u.HasHost = true
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		u.setUser(s[:i])
		s = s[i+1:]
		if s == "" {
			return ErrInvalid
		}
	}
	host, port, err := splitPort(s)
	if err != nil {
		return err
	}
	if host == "" && (special(u.Scheme) || s != "" || u.HasUser) {
		return ErrInvalid
	}
	if u.Host, err = u.parseHost(host); err != nil {
		return err
	}
	return u.setPort(port)
}

func (u *URL) setUser(s string) {
	name, password, _ := strings.Cut(s, ":")
	u.User = encode(name, userSet)
	if password != "" {
		u.User += ":" + encode(password, userSet)
	}
	u.HasUser = u.User != ""
}

func splitPort(s string) (host, port string, err error) {
	from := 0
	if strings.HasPrefix(s, "[") {
		if from = strings.IndexByte(s, ']'); from < 0 {
			return "", "", ErrInvalid
		}
	}
	i := strings.IndexByte(s[from:], ':')
	if i < 0 {
		return s, "", nil
	}
	return s[:from+i], s[from+i+1:], nil
}

func (u *URL) setPort(port string) error {
	if port == "" {
		return nil
	}
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return ErrInvalid
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ErrInvalid
	}
	if n != defaultPort(u.Scheme) {
		u.Port = strconv.FormatUint(n, 10)
	}
	return nil
}

func defaultPort(scheme string) uint64 {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	}
	return math.MaxUint64
}

func (u *URL) parseHost(host string) (string, error) {
	if strings.HasPrefix(host, "[") {
		return bracketed(host)
	}
	if !special(u.Scheme) {
		if strings.ContainsAny(host, forbiddenHost) {
			return "", ErrInvalid
		}
		return encode(host, ""), nil
	}
	return domain(host)
}

func bracketed(host string) (string, error) {
	if !strings.HasSuffix(host, "]") {
		return "", ErrInvalid
	}
	a, err := netip.ParseAddr(host[1 : len(host)-1])
	if err != nil || !a.Is6() || a.Zone() != "" {
		return "", ErrInvalid
	}
	return "[" + a.String() + "]", nil
}

// domain is WHATWG's "domain to ASCII" with the IPv4 forms browsers take.
func domain(host string) (string, error) {
	decoded, err := url.PathUnescape(host)
	if err != nil {
		return "", ErrInvalid
	}
	ascii, err := toASCII(decoded)
	if err != nil || ascii == "" || strings.ContainsFunc(ascii, forbidden) {
		return "", ErrInvalid
	}
	if !numeric(ascii) {
		return ascii, nil
	}
	return ipv4(ascii)
}

func toASCII(host string) (string, error) {
	if !utf8.ValidString(host) {
		return "", ErrInvalid
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false)).ToASCII(host)
		}
	}
	return strings.ToLower(host), nil
}

// numeric reports whether the last label is a number, which makes the whole
// host an IPv4 address or nothing.
func numeric(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := number(last)
	return ok
}

func ipv4(host string) (string, error) {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) > 4 {
		return "", ErrInvalid
	}
	var value uint64
	for i, label := range labels {
		n, ok := number(label)
		limit := uint64(255)
		shift := 8 * (3 - i)
		if i == len(labels)-1 {
			limit, shift = 1<<(8*(5-len(labels)))-1, 0
		}
		if !ok || n > limit {
			return "", ErrInvalid
		}
		value |= n << shift
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}).String(), nil
}

// number reads decimal, 0-octal and 0x-hexadecimal.
func number(s string) (uint64, bool) {
	base, digits := 10, s
	switch {
	case strings.HasPrefix(s, "0x"):
		base, digits = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base, digits = 8, s[1:]
	}
	if s == "" {
		return 0, false
	}
	if digits == "" {
		return 0, true
	}
	for i := range len(digits) {
		if c := digits[i]; c == '_' || c == '+' || c == '-' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, err == nil
}
