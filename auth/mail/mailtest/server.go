// Package mailtest is a small SMTP server on loopback for tests: it keeps what it gets.
package mailtest

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// Options change how a server behaves.
type Options struct {
	TLS      *tls.Config       // offers STARTTLS, or TLS from the first byte with Implicit
	Implicit bool              // as smtps
	User     string            // offers AUTH PLAIN and LOGIN and wants this user …
	Password string            // … with this password
	Replies  map[string]string // reply to a command in place of the usual one: "MAIL", "RCPT", "DATA", "." …; "close" drops the connection
	Silent   bool              // never says a word
}

// Mail is one message received.
type Mail struct {
	From, To string // of the envelope
	Raw      string
	Secure   bool // the connection was encrypted
	Header   netmail.Header
	Subject  string // decoded
	Text     string
	HTML     string
}

// Server is a running SMTP server.
type Server struct {
	Addr     string // host:port
	options  Options
	listener net.Listener
	mu       sync.Mutex
	mails    []Mail
	commands []string
	arrived  chan struct{}
	open     map[net.Conn]bool
	done     sync.WaitGroup
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s := &Server{Addr: listener.Addr().String(), options: o, listener: listener, arrived: make(chan struct{}, 1), open: map[net.Conn]bool{}}
	s.done.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

// URL is the address for a transport, without encryption.
func (s *Server) URL() string { return "smtp://" + s.Addr + "?tls=none" }

// Mails returns what has come so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Commands returns the lines received so far, without messages and secrets.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// Wait returns the first n messages once they are there. It ends with the test's context.
func (s *Server) Wait(t testing.TB, n int) []Mail {
	t.Helper()
	for {
		if mails := s.Mails(); len(mails) >= n {
			return mails[:n]
		}
		select {
		case <-s.arrived:
		case <-t.Context().Done():
			t.Fatalf("mailtest: %d of %d messages", len(s.Mails()), n)
		}
	}
}

func (s *Server) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[conn] = true
		s.mu.Unlock()
		s.done.Go(func() {
			s.serve(conn)
			_ = conn.Close()
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		})
	}
}

// talk is one connection.
type talk struct {
	server   *Server
	conn     net.Conn
	text     *textproto.Reader
	secure   bool
	from, to string
}

func (s *Server) serve(conn net.Conn) {
	if s.options.Silent {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	c := &talk{server: s, conn: conn}
	if s.options.Implicit {
		c.conn, c.secure = tls.Server(conn, s.options.TLS), true
	}
	c.text = textproto.NewReader(bufio.NewReader(c.conn))
	if !c.say("220 mailtest") {
		return
	}
	for {
		line, err := c.text.ReadLine()
		if err != nil || !c.answer(line) {
			return
		}
	}
}

func (c *talk) say(line string) bool {
	_, err := io.WriteString(c.conn, line+"\r\n")
	return err == nil
}

// answer deals with one command and reports whether the conversation goes on.
func (c *talk) answer(line string) bool {
	verb, argument, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	c.server.note(verb, line)
	if reply, ok := c.server.options.Replies[verb]; ok {
		return reply != "close" && c.say(reply)
	}
	switch verb {
	case "EHLO":
		return c.hello()
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.auth(argument)
	case "MAIL":
		c.from = between(argument, "<", ">")
	case "RCPT":
		c.to = between(argument, "<", ">")
	case "DATA":
		return c.data()
	case "QUIT":
		c.say("221 bye")
		return false
	}
	return c.say("250 ok")
}

func (s *Server) note(verb, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if verb == "AUTH" {
		line = verb
	}
	s.commands = append(s.commands, line)
}

func (c *talk) hello() bool {
	lines := "250-mailtest\r\n"
	if c.server.options.TLS != nil && !c.secure {
		lines += "250-STARTTLS\r\n"
	}
	if c.server.options.User != "" {
		lines += "250-AUTH PLAIN LOGIN\r\n"
	}
	return c.say(lines + "250 8BITMIME")
}

func (c *talk) startTLS() bool {
	if !c.say("220 go") {
		return false
	}
	c.conn, c.secure = tls.Server(c.conn, c.server.options.TLS), true
	c.text = textproto.NewReader(bufio.NewReader(c.conn))
	return true
}

// auth knows AUTH PLAIN with an initial response.
func (c *talk) auth(argument string) bool {
	_, response, _ := strings.Cut(argument, " ")
	raw, _ := base64.StdEncoding.DecodeString(response)
	if string(raw) == "\x00"+c.server.options.User+"\x00"+c.server.options.Password {
		return c.say("235 welcome")
	}
	return c.say("535 5.7.8 bad credentials")
}

func (c *talk) data() bool {
	if !c.say("354 go on") {
		return false
	}
	raw, err := c.text.ReadDotBytes()
	if err != nil {
		return false
	}
	if reply, ok := c.server.options.Replies["."]; ok {
		return reply != "close" && c.say(reply)
	}
	m := Mail{From: c.from, To: c.to, Raw: string(raw), Secure: c.secure}
	if err := m.read(); err != nil {
		return c.say("554 " + strings.ReplaceAll(err.Error(), "\n", " "))
	}
	c.server.keep(m)
	return c.say("250 taken")
}

func (s *Server) keep(m Mail) {
	s.mu.Lock()
	s.mails = append(s.mails, m)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// read takes a message apart.
func (m *Mail) read() error {
	message, err := netmail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		return fmt.Errorf("mailtest: %w", err)
	}
	m.Header = message.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return fmt.Errorf("mailtest: subject: %w", err)
	}
	return m.part(textproto.MIMEHeader(message.Header), message.Body)
}

func (m *Mail) part(header textproto.MIMEHeader, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("mailtest: content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.parts(multipart.NewReader(body, parameters["boundary"]))
	}
	if strings.EqualFold(header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if kind == "text/html" {
		m.HTML = string(text)
	} else {
		m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return err
}

func (m *Mail) parts(r *multipart.Reader) error {
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("mailtest: %w", err)
		}
		if err := m.part(part.Header, part); err != nil {
			return err
		}
	}
}

func between(s, left, right string) string {
	_, s, _ = strings.Cut(s, left)
	s, _, _ = strings.Cut(s, right)
	return s
}
