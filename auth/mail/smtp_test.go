package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"gatehouse/auth/mail/mailtest"
)

func transport(t *testing.T, address string, o Options) *SMTP {
	t.Helper()
	if o.Host == "" {
		o.Host = "auth.example.org"
	}
	tr, err := New(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestSendPlain(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	tr := transport(t, s.URL(), Options{From: "Gatehouse <no-reply@example.org>"})
	text := "A long line with the address https://auth.example.org/verify?token=" + strings.Repeat("x", 200) + "\n.\n.dot\nÄ😀\n"
	m := Message{ID: "row-1", To: `"Ada, L" <ada@example.org>`, Subject: "Prüfe <dies> " + strings.Repeat("sehr ", 30) + "genau", Text: text, HTML: "<p>ä</p>", Headers: map[string]string{"X-Kind": "verify"}}
	if err := tr.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Wait(t, 1)[0]
	if got.From != "no-reply@example.org" || got.To != "ada@example.org" || got.Secure {
		t.Errorf("envelope: %s → %s, secure %v", got.From, got.To, got.Secure)
	}
	if got.Subject != m.Subject || got.Text != text || got.HTML != m.HTML {
		t.Errorf("subject %q\ntext %q\nhtml %q", got.Subject, got.Text, got.HTML)
	}
	want := map[string]string{
		"Message-Id": "<row-1@auth.example.org>", "X-Kind": "verify", "Auto-Submitted": "auto-generated",
		"From": `"Gatehouse" <no-reply@example.org>`, "To": `"Ada, L" <ada@example.org>`,
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if _, err := got.Header.Date(); err != nil {
		t.Errorf("Date: %v", err)
	}
	if c := s.Commands(); c[0] != "EHLO auth.example.org" || slices.Contains(c, "STARTTLS") || c[len(c)-1] != "QUIT" {
		t.Errorf("commands: %q", c)
	}
}

func TestSenderAndHeadersOfTheMessageWin(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	tr := transport(t, s.URL(), Options{})
	m := message()
	for _, from := range []string{"", "Other <other@example.org>"} {
		m.From, m.Headers = from, map[string]string{"auto-submitted": "no"}
		if err := tr.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Wait(t, 2)
	if got[0].From != "no-reply@auth.example.org" || got[1].From != "other@example.org" {
		t.Errorf("senders: %s, %s", got[0].From, got[1].From)
	}
	if a := got[1].Header["Auto-Submitted"]; !slices.Equal(a, []string{"no"}) {
		t.Errorf("Auto-Submitted: %q", a)
	}
	if first, second := got[0].Header.Get("Message-Id"), got[1].Header.Get("Message-Id"); first == second || first == "" {
		t.Errorf("Message-IDs: %s, %s", first, second)
	}
}

func TestEncryption(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	good, pool := mailtest.Certificate(t, soon, "127.0.0.1")
	other, otherPool := mailtest.Certificate(t, soon, "mail.example.org")
	old, oldPool := mailtest.Certificate(t, time.Now().Add(-time.Hour), "127.0.0.1")
	tests := []struct {
		name    string
		server  mailtest.Options
		address string // of %, the server
		options Options
		secure  bool
		stage   Stage
		want    string // part of the error
	}{
		{name: "opportunistic without offer", address: "smtp://%"},
		{name: "opportunistic on this machine", server: mailtest.Options{TLS: good}, address: "smtp://%", secure: true},
		{name: "none though offered", server: mailtest.Options{TLS: good}, address: "smtp://%?tls=none"},
		{name: "required", server: mailtest.Options{TLS: good}, address: "smtp://%?tls=required", options: Options{RootCAs: pool}, secure: true},
		{name: "required without offer", address: "smtp://%?tls=starttls", stage: StageTLS, want: "does not offer STARTTLS"},
		{name: "unknown authority", server: mailtest.Options{TLS: good}, address: "smtp://%?tls=required", options: Options{RootCAs: otherPool}, stage: StageTLS, want: "authority that is not trusted"},
		{name: "other name", server: mailtest.Options{TLS: other}, address: "smtp://%?tls=required", options: Options{RootCAs: otherPool}, stage: StageTLS, want: "for another host name"},
		{name: "expired", server: mailtest.Options{TLS: old}, address: "smtp://%?tls=required", options: Options{RootCAs: oldPool}, stage: StageTLS, want: "expired"},
		{name: "implicit", server: mailtest.Options{TLS: good, Implicit: true}, address: "smtps://%", options: Options{RootCAs: pool}, secure: true},
		{name: "implicit, unknown authority", server: mailtest.Options{TLS: good, Implicit: true}, address: "smtps://%", options: Options{RootCAs: otherPool}, stage: StageConnect, want: "not trusted"},
		{name: "implicit where there is none", address: "smtps://%", options: Options{RootCAs: pool}, stage: StageConnect, want: "does not speak TLS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mailtest.Start(t, tt.server)
			tr := transport(t, strings.Replace(tt.address, "%", s.Addr, 1), tt.options)
			err := tr.Send(t.Context(), message())
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := s.Wait(t, 1)[0].Secure; got != tt.secure {
					t.Errorf("secure: %v", got)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Stage != tt.stage || Permanent(err) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), s.Addr) {
				t.Errorf("got %v", err)
			}
			if len(s.Mails()) > 0 {
				t.Error("a message came through")
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	guarded := mailtest.Options{User: "us er", Password: "p@ss/word"}
	s := mailtest.Start(t, guarded)
	if err := transport(t, "smtp://us%20er:p%40ss%2Fword@"+s.Addr, Options{}).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	err := transport(t, "smtp://us%20er:geheim@"+s.Addr, Options{}).Check(t.Context())
	var e *Error
	if !errors.As(err, &e) || e.Stage != StageSignIn || e.Code != 535 || Permanent(err) || !strings.Contains(err.Error(), "refused the user name or password") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("wrong password: %v", err)
	}
	open := mailtest.Start(t, mailtest.Options{})
	if err := transport(t, "smtp://u:p@"+open.Addr, Options{}).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "takes no user name") {
		t.Errorf("server without sign-in: %v", err)
	}
}

func TestPasswordStaysHomeOnClearConnections(t *testing.T) {
	for address, allowed := range map[string]bool{"smtp://user:word@mail.example.org": false, "smtp://user:word@mail.example.org?tls=none": true} {
		s := mailtest.Start(t, mailtest.Options{User: "user", Password: "word"})
		conn, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		client, err := smtp.NewClient(conn, "mail.example.org")
		if err != nil {
			t.Fatal(err)
		}
		err = transport(t, address, Options{}).signIn(client)
		sent := slices.Contains(s.Commands(), "AUTH")
		if (err == nil) != allowed || sent != allowed {
			t.Errorf("%s: %v, password sent: %v", address, err, sent)
		}
		_ = conn.Close()
	}
}

func TestMechanism(t *testing.T) {
	tr := transport(t, "smtp://u:p@mail.example.org", Options{})
	for _, tt := range []struct {
		offered string
		secure  bool
		want    string
	}{
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", true, "SCRAM-SHA-256"},
		{"PLAIN LOGIN CRAM-MD5", true, "PLAIN"},
		{"PLAIN LOGIN CRAM-MD5", false, "CRAM-MD5"},
		{"LOGIN", true, "LOGIN"},
		{"CRAM-MD5", true, "CRAM-MD5"},
	} {
		name, _, err := tr.mechanism(strings.Fields(tt.offered), tt.secure).Start(&smtp.ServerInfo{Name: "mail.example.org", TLS: tt.secure})
		if err != nil || name != tt.want {
			t.Errorf("%s: %s, %v", tt.offered, name, err)
		}
	}
	if tr.mechanism([]string{"GSSAPI"}, true) != nil {
		t.Error("GSSAPI is chosen")
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		command, reply string
		stage          Stage
		code           int
		permanent      bool
	}{
		{"EHLO", "close", StageGreeting, 0, false},
		{"MAIL", "451 later", StageSender, 451, false},
		{"MAIL", "550 not from you", StageSender, 550, false},
		{"RCPT", "450 grey", StageRecipient, 450, false},
		{"RCPT", "550 5.1.1 no such user\x1b[31m", StageRecipient, 550, true},
		{"RCPT", "close", StageRecipient, 0, false},
		{"DATA", "452 full", StageContent, 452, false},
		{"DATA", "554 no", StageContent, 554, true},
		{".", "421 shutting down", StageContent, 421, false},
		{".", "552 too big", StageContent, 552, true},
		{".", "close", StageContent, 0, false},
	}
	for _, tt := range tests {
		s := mailtest.Start(t, mailtest.Options{Replies: map[string]string{tt.command: tt.reply, "HELO": "close"}})
		err := transport(t, s.URL(), Options{}).Send(t.Context(), message())
		var e *Error
		if !errors.As(err, &e) || e.Stage != tt.stage || e.Code != tt.code || Permanent(err) != tt.permanent {
			t.Errorf("%s %s: %v (%+v)", tt.command, tt.reply, err, e)
			continue
		}
		if strings.ContainsFunc(err.Error(), isBreak) {
			t.Errorf("%s %s: control characters in %q", tt.command, tt.reply, err)
		}
	}
}

func TestInvalidMessageIsPermanent(t *testing.T) {
	err := transport(t, "smtp://127.0.0.1:1", Options{}).Send(t.Context(), Message{To: "x"})
	if !Permanent(err) || !errors.Is(err, ErrInvalidMessage) {
		t.Errorf("got %v", err)
	}
	if Permanent(nil) || Permanent(errors.New("other")) {
		t.Error("other errors are permanent")
	}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	if err := transport(t, s.URL(), Options{}).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if c := s.Commands(); !slices.Equal(c, []string{"EHLO auth.example.org", "QUIT"}) {
		t.Errorf("commands: %q", c)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	_ = listener.Close()
	silent := mailtest.Start(t, mailtest.Options{Silent: true})
	for address, want := range map[string]string{
		"smtp://" + free: "nothing listens there",
		"smtp://" + silent.Addr + "?timeout=50ms": "no answer in time",
	} {
		err := transport(t, address, Options{}).Check(t.Context())
		if err == nil || Permanent(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestContextEndsAWait(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{Silent: true})
	tr := transport(t, s.URL(), Options{Timeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	err := tr.Send(ctx, message())
	if !errors.Is(err, context.Canceled) || Permanent(err) {
		t.Errorf("got %v", err)
	}
}

func TestWords(t *testing.T) {
	tr := transport(t, "smtp://mail.example.org:465", Options{})
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for want, err := range map[string]error{
		"the host name is not known": at(StageConnect, &net.DNSError{IsNotFound: true}),
		"does not speak TLS":         at(StageConnect, tls.RecordHeaderError{}),
		"strange":                    errors.New("strange\r\nerror"),
	} {
		if got := tr.failure(context.Background(), err).Error(); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := tr.failure(ended, at(StageGreeting, net.ErrClosed)).Error(); !strings.Contains(got, "cancelled") || !strings.Contains(got, "smtps://") {
		t.Errorf("got %q", got)
	}
}

func TestConcurrentSends(t *testing.T) {
	s := mailtest.Start(t, mailtest.Options{})
	tr := transport(t, s.URL(), Options{})
	errs := make(chan error)
	const n = 8
	for range n {
		go func() { errs <- tr.Send(t.Context(), message()) }()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := len(s.Wait(t, n)); got != n {
		t.Errorf("%d messages", got)
	}
}
