// Package address finds out who is at the other end of a request: the client's
// address, and the scheme and host it used, with proxies trusted by name only.
package address

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Config names the proxies; zero fields take the defaults.
type Config struct {
	Trusted    []string // addresses and CIDR ranges of trusted proxies
	Headers    []string // in order of preference, default X-Forwarded-For
	IPv6Subnet int      // bits of an IPv6 client in limiter keys, default 64
	Disabled   bool     // no address is ever taken or stored
}

// Resolver is immutable and safe for use from several goroutines.
type Resolver struct {
	trusted  []netip.Prefix
	headers  []string
	subnet   int
	disabled bool
}

// New refuses malformed entries, all named in one error.
func New(c Config) (*Resolver, error) {
	r := &Resolver{headers: c.Headers, subnet: c.IPv6Subnet, disabled: c.Disabled}
	if len(r.headers) == 0 {
		r.headers = []string{"X-Forwarded-For"}
	}
	if r.subnet == 0 {
		r.subnet = 64
	}
	var failed []error
	if r.subnet < 16 || r.subnet > 128 {
		failed = append(failed, fmt.Errorf("IPv6 subnet of %d bits is not within 16 and 128", r.subnet))
	}
	for _, s := range c.Trusted {
		p, err := prefix(strings.TrimSpace(s))
		if err != nil {
			failed = append(failed, fmt.Errorf("trusted proxy %q is neither an address nor a range", s))
			continue
		}
		r.trusted = append(r.trusted, p)
	}
	return r, errors.Join(failed...)
}

func prefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		a = canonical(a)
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(a.Unmap(), p.Bits()-96).Masked(), nil
	}
	return p.Masked(), nil
}

func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Client is where a request came from.
type Client struct {
	addr   netip.Addr
	subnet int
}

// Known reports whether there is an address.
func (c Client) Known() bool { return c.addr.IsValid() }

// String is the form for records: the plain address, IPv4-mapped ones as
// IPv4, empty when unknown.
func (c Client) String() string {
	if !c.Known() {
		return ""
	}
	return c.addr.String()
}

// Key is the form for limits: IPv4 as it is, IPv6 masked to the subnet and
// written in full (better-auth core 8.6), empty when unknown.
func (c Client) Key() string {
	if !c.Known() {
		return ""
	}
	if c.addr.Is4() {
		return c.addr.String()
	}
	p, err := c.addr.Prefix(c.subnet)
	if err != nil {
		return ""
	}
	return p.Addr().StringExpanded()
}

// Client takes the address from peer, the socket's host:port, unless peer is
// a trusted proxy: then the first header that yields an address counts, read
// from its right end over trusted hops. When none does, it is the proxy's own.
func (r *Resolver) Client(peer string, h http.Header) Client {
	if r.disabled {
		return Client{}
	}
	addr, ok := parseHop(peer)
	if !ok {
		return Client{}
	}
	if r.trusts(addr) {
		for _, name := range r.headers {
			if a, ok := r.walk(hops(name, h)); ok {
				addr = a
				break
			}
		}
	}
	return Client{addr, r.subnet}
}

// TrustedPeer reports whether the socket's other end is a trusted proxy.
func (r *Resolver) TrustedPeer(peer string) bool {
	addr, ok := parseHop(peer)
	return ok && r.trusts(addr)
}

func (r *Resolver) trusts(a netip.Addr) bool {
	for _, p := range r.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// walk goes from the right over trusted hops to the first other one; a
// malformed hop or only trusted ones yield nothing.
func (r *Resolver) walk(chain []string) (netip.Addr, bool) {
	for i := len(chain) - 1; i >= 0; i-- {
		a, ok := parseHop(chain[i])
		if !ok {
			return netip.Addr{}, false
		}
		if !r.trusts(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}
