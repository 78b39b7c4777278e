package web

import (
	"strings"
	"testing"
)

func TestPolicy(t *testing.T) {
	want := "default-src 'none'; script-src 'self' 'nonce-abc'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx"
	if got := Policy("abc", Sources{}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPolicyWithSources(t *testing.T) {
	got := Policy("n", Sources{
		Script: []string{"https://captcha.example", "https://captcha.example"}, Frame: []string{"https://captcha.example"},
		Connect: []string{"http://localhost:9000", "http://evil.example", "https://x; script-src *", "'unsafe-inline'", "https://", "*", "data:"},
	})
	for _, part := range []string{"script-src 'self' 'nonce-n' https://captcha.example;", "frame-src https://captcha.example", "connect-src 'self' http://localhost:9000;"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in %s", part, got)
		}
	}
	for _, part := range []string{"evil", "script-src *", "unsafe-inline", "trusted-types"} {
		if strings.Contains(got, part) {
			t.Errorf("%q is in %s", part, got)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{"https://a.example", "https://a; b", "https://a,b", "http://localhost:1", "https://a 'unsafe-eval'"} {
		f.Add(seed)
	}
	plain := strings.Count(Policy("n", Sources{}), ";")
	f.Fuzz(func(t *testing.T, source string) {
		policy := Policy("n", Sources{Image: []string{source}})
		if strings.Count(policy, ";") != plain || strings.ContainsAny(policy, "\r\n,") || strings.Contains(policy, "unsafe") && !strings.HasPrefix(source, "http") {
			t.Errorf("%q changed the policy: %s", source, policy)
		}
	})
}
