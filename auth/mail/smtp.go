package mail

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"time"
)

// Transport delivers messages.
type Transport interface {
	// Send hands a message over. When it returns nil, the next server has taken
	// responsibility for it. Otherwise see Permanent.
	Send(ctx context.Context, m Message) error
	// Check connects as Send does, sends nothing, and says in words what is wrong.
	Check(ctx context.Context) error
}

const defaultTimeout = 30 * time.Second

// Options are what a transport needs beside its address.
type Options struct {
	From    string         // sender, with or without a name; empty means no-reply@Host
	Host    string         // public host of this server: ends the Message-ID, greets the other side
	Timeout time.Duration  // for one message, connection included; zero means 30 s; the address may say else
	RootCAs *x509.CertPool // authorities trusted; nil means the system's
}

// SMTP is a Transport that opens one connection for each message. It is safe for
// concurrent use.
type SMTP struct {
	server  server
	from    *netmail.Address
	host    string // as it stands in Message-ID and EHLO
	timeout time.Duration
	roots   *x509.CertPool
}

// New returns a transport for an address: smtp://[user:password@]host[:587], or
// smtps://…[:465] for TLS from the first byte. The query may hold tls=opportunistic (the
// default: STARTTLS if the server offers it), tls=starttls or tls=required (else refuse),
// tls=none, and timeout=30s.
//
// Certificates are checked, save that of an opportunistic connection to this machine. A
// password is sent over an unencrypted connection only to this machine or with tls=none.
// Errors do not repeat the address.
func New(address string, o Options) (*SMTP, error) {
	s, err := parseServer(address)
	if err != nil {
		return nil, fmt.Errorf("mail: server address: %w", err)
	}
	t := &SMTP{server: s, host: greetingHost(o.Host), timeout: defaultTimeout, roots: o.RootCAs}
	if o.Timeout > 0 {
		t.timeout = o.Timeout
	}
	if s.timeout > 0 {
		t.timeout = s.timeout
	}
	if o.From == "" {
		t.from = &netmail.Address{Address: "no-reply@" + t.host}
		return t, nil
	}
	if t.from, err = parseAddress(o.From); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	return t, nil
}

// greetingHost writes a host as RFC 5321 §4.1.3 wants it: addresses in brackets.
func greetingHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "" {
		return "localhost"
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return host
	case ip.Is4():
		return "[" + ip.String() + "]"
	}
	return "[IPv6:" + ip.String() + "]"
}

// Send implements Transport. The error is an *Error.
func (t *SMTP) Send(ctx context.Context, m Message) error {
	p, err := m.pack(t.from, t.host, time.Now())
	if err != nil {
		return &Error{Stage: StageMessage, Err: err}
	}
	return t.with(ctx, func(s *session) error { return s.deliver(p) })
}

// Check implements Transport. The error is an *Error.
func (t *SMTP) Check(ctx context.Context) error {
	return t.with(ctx, func(s *session) error { return nil })
}

// with opens a session, signed in where the address says so, and ends it politely.
func (t *SMTP) with(ctx context.Context, do func(*session) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	s, err := t.open(ctx)
	if err != nil {
		return t.failure(ctx, err)
	}
	defer s.close()
	if err := do(s); err != nil {
		return t.failure(ctx, err)
	}
	return nil
}
