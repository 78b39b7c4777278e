package handlers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"gatehouse/auth/settings"
)

// errPrivate refuses a connection to an address inside.
var errPrivate = errors.New("the address is private; the setting outgoing.allow_private lets requests reach it")

// outgoingClient is the one client for requests to other hosts: the resolved address is
// judged before a packet leaves, redirects are not followed, time is bounded (SEC-184).
func outgoingClient(cfg *settings.Core) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return dialPublic(ctx, dialer, network, addr, cfg.Outgoing.Get().AllowPrivate)
		},
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second, MaxIdleConns: 20, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &http.Client{Transport: transport, Timeout: cfg.Outgoing.Get().Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// dialPublic resolves once and connects to the address that was judged, so that a name
// cannot change between the two.
func dialPublic(ctx context.Context, d *net.Dialer, network, addr string, private bool) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var last error = errPrivate
	for _, ip := range ips {
		if !private && !public(ip.Unmap()) {
			continue
		}
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, last
}

// shared ranges that netip does not call private.
var shared = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("0.0.0.0/8")}

func public(ip netip.Addr) bool {
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() || ip.IsMulticast() || ip.IsUnspecified() || ip.IsInterfaceLocalMulticast() {
		return false
	}
	for _, p := range shared {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
