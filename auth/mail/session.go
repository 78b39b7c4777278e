package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// session is one conversation with a server.
type session struct {
	client *smtp.Client
	conn   net.Conn
	stop   func() bool // ends the watch of the context
}

// open connects, encrypts and signs in. Its errors are *Error.
func (t *SMTP) open(ctx context.Context) (*session, error) {
	conn, err := t.dial(ctx)
	if err != nil {
		return nil, at(StageConnect, err)
	}
	// A context that ends closes the connection under whatever waits for it.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err := t.begin(conn)
	if err != nil {
		stop()
		_ = conn.Close()
		return nil, err
	}
	return &session{client: client, conn: conn, stop: stop}, nil
}

// begin brings a connection to where messages can be sent.
func (t *SMTP) begin(conn net.Conn) (*smtp.Client, error) {
	client, err := smtp.NewClient(conn, t.server.host)
	if err != nil {
		return nil, at(StageGreeting, err)
	}
	client.SkipSMTPUTF8(true) // all addresses are ASCII
	if err := client.Hello(t.host); err != nil {
		return nil, at(StageGreeting, err)
	}
	if err := t.encrypt(client); err != nil {
		return nil, at(StageTLS, err)
	}
	if err := t.signIn(client); err != nil {
		return nil, at(StageSignIn, err)
	}
	return client, nil
}

func (t *SMTP) dial(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	if t.server.encryption == implicit {
		secure := tls.Dialer{NetDialer: &dialer, Config: t.tlsConfig()}
		return secure.DialContext(ctx, "tcp", t.server.address())
	}
	return dialer.DialContext(ctx, "tcp", t.server.address())
}

func (t *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: t.server.host,
		RootCAs:    t.roots,
		MinVersion: tls.VersionTLS12,
		// A relay on this machine has, as a rule, a certificate that it made itself, and
		// nobody stands between.
		InsecureSkipVerify: t.server.encryption == opportunistic && t.server.isLoopback(),
	}
}

func (t *SMTP) encrypt(client *smtp.Client) error {
	offered, _ := client.Extension("STARTTLS")
	switch t.server.encryption {
	case plain, implicit:
		return nil
	case required:
		if !offered {
			return errors.New("the server does not offer STARTTLS, which the address requires")
		}
	}
	if !offered {
		return nil
	}
	return client.StartTLS(t.tlsConfig())
}

func (t *SMTP) signIn(client *smtp.Client) error {
	if t.server.user == "" {
		return nil
	}
	_, secure := client.TLSConnectionState()
	if !secure && t.server.encryption != plain && !t.server.isLoopback() {
		return errors.New("the connection is not encrypted, so the password was not sent; tls=none in the address would allow it")
	}
	takes, mechanisms := client.Extension("AUTH")
	if !takes {
		return errors.New("the server takes no user name and password")
	}
	auth := t.mechanism(strings.Fields(strings.ToUpper(mechanisms)), secure)
	if auth == nil {
		return fmt.Errorf("the server offers no supported way to sign in, only %.100q", mechanisms)
	}
	return client.Auth(auth)
}

// mechanism chooses: no password in the clear where the connection is clear, if it can be helped.
func (t *SMTP) mechanism(offered []string, secure bool) smtp.Auth {
	user, password, host := t.server.user, t.server.password, t.server.host
	switch {
	case slices.Contains(offered, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(user, password)
	case !secure && slices.Contains(offered, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(user, password)
	case slices.Contains(offered, "PLAIN"):
		return smtp.PlainAuth("", user, password, host, true)
	case slices.Contains(offered, "LOGIN"):
		return smtp.LoginAuth(user, password, host, true)
	case slices.Contains(offered, "CRAM-MD5"):
		return smtp.CRAMMD5Auth(user, password)
	}
	return nil
}

// deliver sends one message. Its errors are *Error.
func (s *session) deliver(p *parcel) error {
	if err := s.client.Mail("<" + p.from + ">"); err != nil {
		return at(StageSender, err)
	}
	if err := s.client.Rcpt("<" + p.to + ">"); err != nil {
		return at(StageRecipient, err)
	}
	w, err := s.client.Data()
	if err != nil {
		return at(StageContent, err)
	}
	if _, err := p.body.WriteTo(w); err != nil {
		return at(StageContent, err)
	}
	// Only the answer to the final dot says that the message was taken.
	if err := w.Close(); err != nil {
		return at(StageContent, err)
	}
	return nil
}

// close says goodbye; what is said to that no longer matters.
func (s *session) close() {
	_ = s.client.Quit()
	s.stop()
	_ = s.conn.Close()
}
