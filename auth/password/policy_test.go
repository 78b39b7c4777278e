package password

import (
	"errors"
	"strings"
	"testing"
)

func TestPolicy(t *testing.T) {
	list, err := LoadBlocklist()
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Min: 8, Max: 128, Blocklist: list}
	words := append(ContextWords("Gatehouse", "login.acme-corp.example.com", "Ann.Smith@example.com"), "")
	for password, want := range map[string]error{
		"correct-Horse-7-battery": nil, "another-Good-1-password": nil, "initial-Admin-9-password": nil,
		"eight888": nil, "not the password": nil,

		"1234567": ErrTooShort, "": ErrTooShort, "😀😀😀": ErrTooShort, "😀😀😀😀": nil,
		strings.Repeat("x", 128): nil, strings.Repeat("x", 129): ErrTooLong, strings.Repeat("😀", 64): nil, strings.Repeat("😀", 65): ErrTooLong,

		"password": ErrCompromised, "Password1": ErrCompromised, "QWERTYUIOP": ErrCompromised, "12345678": ErrCompromised,
		"ｐassword": ErrCompromised, "password and more": nil,

		"gatehouse": ErrCompromised, "Gatehouse2026!": ErrCompromised, "!!gate-house!!": ErrCompromised, "gatehouse rocks": nil,
		"annsmith99": ErrCompromised, "ann.smith": ErrCompromised, "annsmithson": nil, "acmecorp-1": ErrCompromised,
		"login.acme-corp.example.com": ErrCompromised, "example.2026": ErrCompromised, "?!*#+~.,-1": nil, "com.12345!": nil,
	} {
		if got := p.Check(password, words...); !errors.Is(got, want) || want == nil && got != nil {
			t.Errorf("Check(%q) = %v, want %v", password, got, want)
		}
	}
	if err := (Policy{Min: 8, Max: 128}).Check("password", "password"); err != nil {
		t.Errorf("without a blocklist: %v", err)
	}
	if p.TooLong(strings.Repeat("é", 128)) || !p.TooLong(strings.Repeat("é", 129)) {
		t.Error("TooLong counts UTF-16 units")
	}
}

func TestContextWordsOfLittle(t *testing.T) {
	if got := ContextWords("", "", ""); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(ContextWords("", "localhost", "@x"), " "); got != "localhost" {
		t.Errorf("got %q", got)
	}
}

func TestBlocklist(t *testing.T) {
	list, err := LoadBlocklist()
	if err != nil {
		t.Fatal(err)
	}
	if list.Len() < 3000 {
		t.Errorf("only %d passwords", list.Len())
	}
	for _, s := range list.sorted {
		if len(s) < 8 || s != strings.ToLower(s) {
			t.Errorf("%q does not belong on the list", s)
		}
	}
	for _, s := range []string{"password", "iloveyou", "1qaz2wsx", "trustno1", "Sunshine"} {
		if !list.Has(s) {
			t.Errorf("%q is missing", s)
		}
	}
}
