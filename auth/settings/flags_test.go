package settings

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitArgs(t *testing.T) {
	groups := append(NewCore().Groups(), newShop())
	for _, tt := range []struct{ args, settings, rest []string }{
		{nil, nil, nil},
		{[]string{"serve"}, nil, []string{"serve"}},
		{[]string{"--url", "http://x", "serve"}, []string{"--url", "http://x"}, []string{"serve"}},
		{[]string{"user", "create", "--name", "x", "--data=d"}, []string{"--data=d"}, []string{"user", "create", "--name", "x"}},
		{[]string{"--shop.open", "serve"}, []string{"--shop.open"}, []string{"serve"}},
		{[]string{"--shop.open", "false", "serve"}, []string{"--shop.open", "false"}, []string{"serve"}},
		{[]string{"--shop.wide", "-4", "x"}, []string{"--shop.wide", "-4"}, []string{"x"}},
		{[]string{"--shop.name", "--url=http://x"}, []string{"--shop.name", "--url=http://x"}, nil},
		{[]string{"--shop.unknown", "value", "x"}, nil, []string{"--shop.unknown", "value", "x"}},
		{[]string{"--shop.unknown", "-v"}, nil, []string{"--shop.unknown", "-v"}},
		{[]string{"--", "--url", "x"}, nil, []string{"--", "--url", "x"}},
		{[]string{"-h", "--help", "--version"}, nil, []string{"-h", "--help", "--version"}},
		{[]string{"--url"}, []string{"--url"}, nil},
		{[]string{"-", "a.b", "--x=a.b"}, nil, []string{"-", "a.b", "--x=a.b"}},
	} {
		settings, rest := SplitArgs(tt.args, groups...)
		if !slices.Equal(settings, tt.settings) || !slices.Equal(rest, tt.rest) {
			t.Errorf("SplitArgs(%q) = %q, %q; want %q, %q", tt.args, settings, rest, tt.settings, tt.rest)
		}
	}
}

func TestFlagsNeedValues(t *testing.T) {
	for _, args := range [][]string{{"--shop.name"}, {"--shop.name", "--shop.open"}} {
		mustContain(t, refused(t, Sources{Args: args}), "shop.name (flag --shop.name): needs a value", "--shop.name=VALUE")
	}
	section, _ := load(t, Sources{Args: []string{"--shop.name=--x=y"}})
	if got := section.Get().Name; got != "--x=y" {
		t.Errorf("the value is %q", got)
	}
}

func TestUnknownFlag(t *testing.T) {
	for name, want := range map[string]string{
		"urll": "--url?", "ulr": "--url?", "databse": "--database?", "listn": "--listen?", "trusted_origin": "--trusted_origins?", "smpt": "--smtp?",
		"session.expire_in": "--session.expires_in?", "mail-from": "--mail.from?", "al": "--all?", "limt": "--limit?",
		"env": "", "beta": "", "base": "", "host": "", "verbose": "", "x": "",
	} {
		text := UnknownFlag(name, []string{"all", "limit", "json"}, NewCore().Groups()...).Error()
		if want == "" && strings.Contains(text, "did you mean") || !strings.Contains(text, want) || !strings.Contains(text, "--"+name+":") {
			t.Errorf("%s: %s, want %q", name, text, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"mail.from", "trusted_proxies", "session.expires_in", "password.min", "limits.body"}
	for name, want := range map[string]string{
		"mial.from": "mail.from", "trustedProxies": "trusted_proxies", "trusted-proxies": "trusted_proxies", "session.expiresIn": "session.expires_in",
		"from": "mail.from", "smtp.from": "mail.from", "pasword.min": "password.min", "totally.else": "", "": "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := edits("kitten", "sitting"); got != 3 {
		t.Errorf("edits = %d, want 3", got)
	}
	if got := edits("smpt", "smtp"); got != 1 {
		t.Errorf("edits of swapped letters = %d, want 1", got)
	}
}
