package mail

import (
	"strings"
	"testing"
	"time"
)

func TestParseServer(t *testing.T) {
	tests := []struct {
		raw  string
		want server
	}{
		{"smtp://mail.example.org", server{host: "mail.example.org", port: "587"}},
		{"smtp://u:p%40%2f@mail.example.org:25", server{host: "mail.example.org", port: "25", user: "u", password: "p@/"}},
		{"smtps://u%40x:p@mail.example.org/", server{host: "mail.example.org", port: "465", user: "u@x", password: "p", encryption: implicit}},
		{"smtp://127.0.0.1:2525?tls=none", server{host: "127.0.0.1", port: "2525", encryption: plain}},
		{"smtp://[::1]:2525?tls=starttls", server{host: "::1", port: "2525", encryption: required}},
		{"smtp://h?tls=required&timeout=5s", server{host: "h", port: "587", encryption: required, timeout: 5 * time.Second}},
		{"SMTP://h?tls=opportunistic", server{host: "h", port: "587"}},
	}
	for _, tt := range tests {
		if got, err := parseServer(tt.raw); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v", tt.raw, got, err)
		}
	}
}

func TestParseServerRefuses(t *testing.T) {
	for _, raw := range []string{
		"", "mail.example.org", "mail.example.org:25", "http://u:secret@h", "smtp://", "smtp:h", "smtp://u:secret@h/path", "smtp://u:secret@h#f",
		"smtp://u:secret@h:0", "smtp://u:secret@h:65536", "smtp://u:secret@h:x", "smtp://u:secret@h?tls=ssl", "smtps://u:secret@h?tls=none",
		"smtp://u:secret@h?tsl=none", "smtp://u:secret@h?timeout=0", "smtp://u:secret@h?timeout=1h", "smtp://u:secret%0d%0a@h", "smtp://u:sec/ret@h:25", "smtp://u:secret@h?tls=%zz",
		"smtp://u:sec%ret@h",
	} {
		_, err := New(raw, Options{})
		if err == nil {
			t.Errorf("%q is accepted", raw)
			continue
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "ret@") {
			t.Errorf("%q: the error shows the password: %v", raw, err)
		}
	}
	if _, err := New("smtp://h", Options{From: "nobody"}); err == nil {
		t.Error("a sender that is no address is accepted")
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "LOCALHOST": true, "a.localhost": true, "127.9.0.1": true, "::1": true, "10.0.0.1": false, "localhost.example.org": false, "": false} {
		if got := (server{host: host}).isLoopback(); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestGreetingHost(t *testing.T) {
	for host, want := range map[string]string{"": "localhost", "auth.example.org": "auth.example.org", "auth.example.org:8443": "auth.example.org", "127.0.0.1:3000": "[127.0.0.1]", "::1": "[IPv6:::1]", "[::1]:3000": "[IPv6:::1]"} {
		if got := greetingHost(host); got != want {
			t.Errorf("%q: %s, want %s", host, got, want)
		}
	}
}

func FuzzParseServer(f *testing.F) {
	for _, seed := range []string{"smtp://u:p@h:25?tls=none", "smtps://[::1]", "smtp://%40:@h?timeout=1s&tls=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := parseServer(raw)
		if err == nil && (s.host == "" || s.port == "" || strings.ContainsAny(s.host+s.user+s.password, "\r\n\x00")) {
			t.Fatalf("%q: %+v", raw, s)
		}
	})
}
