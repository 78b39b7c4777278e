package auth

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPrincipal(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	role := Source{Plugin: "admin", Kind: "role", Name: "support"}
	member := Source{Plugin: "organization", Kind: "membership", Name: "owner"}
	p := NewPrincipal(Principal{Subject: "u", Roles: []string{"support", "organization:owner", "support"},
		Claims: map[string]any{"organizationId": "o1"}}, []Grant{
		{Scope: "user:list", Source: role},
		{Scope: "member:create", Realm: In("o1"), Source: member},
		{Scope: "user:list", Realm: In("o2"), Source: member},
		{Scope: "over", Source: role, End: now},
		{Scope: "later", Source: role, Start: now.Add(time.Second)},
		{Scope: "now", Source: role, Start: now, End: now.Add(time.Second)},
	}, now)

	can := map[string]bool{"user:list": true, "member:create": false, "over": false, "later": false, "now": true, "platform:user:list": false}
	for scope, want := range can {
		if p.Can(scope) != want {
			t.Errorf("Can(%s) = %v", scope, !want)
		}
	}
	for _, c := range []struct {
		org, scope string
		want       bool
	}{{"o1", "member:create", true}, {"o2", "member:create", false}, {"o1", "user:list", true}, {"", "member:create", false}} {
		if p.CanIn(c.org, c.scope) != c.want {
			t.Errorf("CanIn(%q, %s) = %v", c.org, c.scope, !c.want)
		}
	}
	if d := cmp.Diff([]string{"member:create", "platform:user:list", "platform:now"}, p.Scopes()); d != "" {
		t.Error("Scopes", d)
	}
	if d := cmp.Diff([]string{"support", "organization:owner"}, p.Roles); d != "" {
		t.Error("Roles", d)
	}
	if got := p.Explain(In("o2"), "user:list"); len(got) != 2 {
		t.Errorf("Explain names %d sources, want the platform's and the organization's", len(got))
	}
	if got := p.Explain(Platform, "member:create"); got != nil {
		t.Errorf("Explain of a refusal: %v", got)
	}
}

func TestNobody(t *testing.T) {
	var p *Principal
	if p.Can("x") || p.CanIn("o", "x") || p.Impersonated() || p.Scopes() != nil || p.Explain(Platform, "x") != nil || len(p.PlatformScopes()) != 0 {
		t.Error("nobody holds something")
	}
}

func TestSplitRoles(t *testing.T) {
	for text, want := range map[string][]string{
		"": {}, " , ,": {}, "admin": {"admin"}, "user, admin": {"user", "admin"}, "a,b,a": {"a", "b"}, " a\t,\nb ": {"a", "b"},
	} {
		if d := cmp.Diff(want, SplitRoles(text)); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func FuzzSplitRoles(f *testing.F) {
	f.Add("a, b,,a")
	f.Fuzz(func(t *testing.T, text string) {
		roles := SplitRoles(text)
		if d := cmp.Diff(roles, SplitRoles(joined(roles))); d != "" {
			t.Errorf("not stable: %s", d)
		}
	})
}

func joined(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += ","
		}
		out += s
	}
	return out
}

func TestCatalogue(t *testing.T) {
	c := NewCatalogue()
	if err := c.Declare("one", Scope{Resource: "user", Action: "list", Roles: []string{"viewer", "admin"}}, Scope{Resource: "user", Action: "ban", Roles: []string{"admin"}},
		Scope{Resource: "member", Action: "create", Organization: true}); err != nil {
		t.Fatal(err)
	}
	err := c.Declare("two", Scope{Resource: "user", Action: "list"})
	if err == nil || err.Error() != `scope "user:list" is declared by plugin "one" and by plugin "two"` {
		t.Errorf("clash: %v", err)
	}
	if err := c.Custom("auditor", []string{"user:list", "platform:user:ban"}); err != nil {
		t.Error(err)
	}
	if err := c.Custom("broken", []string{"user:fly"}); err == nil {
		t.Error("a role with an unknown scope")
	}
	if !c.OfRoles([]string{"admin"}).Covers(c.OfRoles([]string{"viewer", "auditor"})) {
		t.Error("admin does not cover viewer and auditor")
	}
	if c.OfRole("viewer").Covers(c.OfRole("admin")) || !c.OfRole("viewer").Covers(c.OfRole("nobody")) {
		t.Error("rank is not inclusion")
	}
	if c.OfRole("admin")["member:create"] {
		t.Error("an organization scope is in a platform role")
	}
	if _, ok := c.Lookup("member:create"); ok {
		t.Error("realms are mixed")
	}
}
