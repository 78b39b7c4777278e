package address

import (
	"net/http"
	"net/netip"
	"strings"
)

const (
	maxHeader = 4096 // bytes of a chain that are looked at
	maxHops   = 32
)

// hops lists the entries of a header of addresses, oldest first. Of an
// oversized chain only the right end is kept, with its first entry spoilt.
func hops(name string, h http.Header) []string {
	chain := strings.Join(h.Values(name), ",")
	if chain == "" {
		return nil
	}
	if len(chain) > maxHeader {
		chain = "cut" + chain[len(chain)-maxHeader:]
	}
	entries := strings.Split(chain, ",")
	if len(entries) > maxHops {
		entries = entries[len(entries)-maxHops:]
		entries[0] = ""
	}
	if strings.EqualFold(name, "Forwarded") {
		for i, e := range entries {
			entries[i] = forwardedFor(e)
		}
	}
	return entries
}

// forwardedFor takes the for parameter out of an element of RFC 7239 §4.
func forwardedFor(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, "for") {
			return unquote(value)
		}
	}
	return ""
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// parseHop reads an address with or without port, IPv6 bare or in brackets.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil {
		return canonical(a), true
	}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return canonical(a), err == nil && a.Is6()
	}
	p, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.Addr{}, false
	}
	return canonical(p.Addr()), true
}

// External returns the scheme and host the client used. Those of the request
// itself are kept unless peer is a trusted proxy and its X-Forwarded-Proto
// and X-Forwarded-Host are well formed (better-auth core 1.1). A proxy may pass
// a client's own X-Forwarded-Host on: compare the host with the configured
// ones before it decides anything.
func (r *Resolver) External(peer string, h http.Header, scheme, host string) (string, string) {
	if !r.TrustedPeer(peer) {
		return scheme, host
	}
	if p := h.Get("X-Forwarded-Proto"); p == "http" || p == "https" {
		scheme = p
	}
	if f := h.Get("X-Forwarded-Host"); ValidHost(f) {
		host = f
	}
	return scheme, host
}

// ValidHost reports whether s looks like host[:port]: a DNS name, an IPv4
// address or a bracketed IPv6 address.
func ValidHost(s string) bool {
	const maxHost = 253 + len(":65535")
	if s == "" || len(s) > maxHost {
		return false
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return false
		}
		a, err := netip.ParseAddr(s[1:end])
		if err != nil || !a.Is6() || a.Zone() != "" {
			return false
		}
		return s[end+1:] == "" || s[end+1] == ':' && validPort(s[end+2:])
	}
	name, port, hasPort := strings.Cut(s, ":")
	return validName(name) && (!hasPort || validPort(port))
}

func validName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i] | 0x20
			if (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' && label[i] != '_' {
				return false
			}
		}
	}
	return true
}

func validPort(s string) bool {
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n > 0 && n <= 65535
}
