package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
	"testing"
	"time"
)

func message() Message {
	return Message{To: "Ada <ada@example.org>", Subject: "Hello", Text: "text"}
}

func TestMessagesThatAreRefused(t *testing.T) {
	from := &netmail.Address{Address: "a@example.org"}
	long := strings.Repeat("x", maxHeader+1)
	tests := map[string]func(*Message){
		"no recipient":                func(m *Message) { m.To = "" },
		"two recipients":              func(m *Message) { m.To = "a@example.org, b@example.org" },
		"line break in recipient":     func(m *Message) { m.To = "a@example.org\r\nBcc: b@example.org" },
		"encoded break in the name":   func(m *Message) { m.To = "=?utf-8?q?a=0d=0aBcc:_x?= <a@example.org>" },
		"quoted local part":           func(m *Message) { m.To = `"a> NOTIFY=NEVER <b"@example.org` },
		"two at signs":                func(m *Message) { m.To = `"a@b"@example.org` },
		"address literal":             func(m *Message) { m.To = "a@[127.0.0.1]" },
		"not ASCII":                   func(m *Message) { m.To = "ä@example.org" },
		"long recipient":              func(m *Message) { m.To = strings.Repeat("a", 400) + "@example.org" },
		"line break in sender":        func(m *Message) { m.From = "a@example.org\nX: y" },
		"line break in subject":       func(m *Message) { m.Subject = "a\r\nBcc: b@example.org" },
		"lone line feed in subject":   func(m *Message) { m.Subject = "a\nb" },
		"line separator in subject":   func(m *Message) { m.Subject = "a\u2028b" },
		"NUL in subject":              func(m *Message) { m.Subject = "a\x00" },
		"long subject":                func(m *Message) { m.Subject = long },
		"no subject":                  func(m *Message) { m.Subject = "" },
		"no text":                     func(m *Message) { m.Text = "" },
		"long text":                   func(m *Message) { m.Text = strings.Repeat("x", maxBody+1) },
		"line break in header":        func(m *Message) { m.Headers = map[string]string{"X-A": "b\r\nBcc: x"} },
		"long header":                 func(m *Message) { m.Headers = map[string]string{"X-A": long} },
		"line break in a header name": func(m *Message) { m.Headers = map[string]string{"X-A\r\nBcc": "b"} },
		"colon in a header name":      func(m *Message) { m.Headers = map[string]string{"X:": "b"} },
		"own header":                  func(m *Message) { m.Headers = map[string]string{"bCc": "b@example.org"} },
		"MIME header":                 func(m *Message) { m.Headers = map[string]string{"content-type": "text/html"} },
		"resent header":               func(m *Message) { m.Headers = map[string]string{"Resent-To": "b@example.org"} },
		"id with a bracket":           func(m *Message) { m.ID = "a>b" },
		"id with a line break":        func(m *Message) { m.ID = "a\r\nb" },
		"long id":                     func(m *Message) { m.ID = strings.Repeat("a", 101) },
	}
	for name, spoil := range tests {
		m := message()
		spoil(&m)
		if _, err := m.pack(from, "h", time.Now()); !errors.Is(err, ErrInvalidMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzPack(f *testing.F) {
	f.Add("ada@example.org", "Hello", "X-A", "b", "id")
	f.Add("Ada <ada@example.org>", "a\r\nBcc: x", "Bcc", "=?utf-8?q?=0a?=", "")
	f.Add("\"a\\\r\nb\"@x.org", "=?utf-8?q?=0d=0a?=", "X", "\xff", "a.b")
	f.Fuzz(func(t *testing.T, to, subject, name, value, id string) {
		m := Message{ID: id, To: to, Subject: subject, Text: "text", Headers: map[string]string{name: value}}
		p, err := m.pack(&netmail.Address{Address: "f@example.org"}, "h", time.Unix(0, 0))
		if err != nil {
			return
		}
		var b strings.Builder
		if _, err := p.body.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		read, err := netmail.ReadMessage(strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%q is no message: %v", b.String(), err)
		}
		// what the mail always has, and at most the one header that was asked for
		allowed := 10
		if len(read.Header) > allowed || len(read.Header["To"]) != 1 || read.Header["Bcc"] != nil {
			t.Fatalf("headers: %v", read.Header)
		}
		if strings.ContainsAny(p.to, "\r\n <>") {
			t.Fatalf("recipient %q", p.to)
		}
	})
}
