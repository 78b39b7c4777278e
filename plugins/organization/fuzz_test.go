package organization

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gatehouse/auth/schema"
)

func FuzzRoles(f *testing.F) {
	for _, seed := range []string{"member, owner", "", "  ", " , ", "a,,b", "owner,owner", "\t owner\n", "ownér, ö,"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		roles := parseRoles([]string{a, b})
		for i, r := range roles {
			if r == "" || strings.TrimSpace(r) != r || strings.Contains(r, ",") || slices.Contains(roles[:i], r) {
				t.Errorf("%q among %q", r, roles)
			}
		}
		// What is stored reads as what was stored.
		if again := parseRoles([]string{joined(roles)}); !slices.Equal(again, roles) {
			t.Errorf("%q reads as %q", roles, again)
		}
	})
}

func FuzzRoleName(f *testing.F) {
	for _, seed := range []string{"editor", "ed, x", " ed", "", "a b", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if goodRoleName(name) && !slices.Equal(parseRoles([]string{name}), []string{name}) {
			t.Errorf("%q cannot be found again", name)
		}
	})
}

func FuzzPermission(f *testing.F) {
	for _, seed := range []string{`{"a":["b","c"]}`, `{}`, `{"z":[],"a":["x"]}`, `{"a:b":["c"]}`, `{"a":["b"],"a":["c"]}`, `[]`, `{"a":"b"}`} {
		f.Add([]byte(seed))
	}
	shape := schema.Of[map[string][]string]()
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := schema.Decode(raw)
		if err != nil {
			return
		}
		if _, err := shape.Parse("body", v); err != nil {
			return
		}
		text, err := permissionOf(v.Object()).text()
		if err != nil {
			t.Fatal(err)
		}
		read, err := readPermission(text)
		if err != nil || !json.Valid([]byte(text)) {
			t.Fatalf("%s: %v", text, err)
		}
		for resource, actions := range v.Object().All() {
			if len(read[resource]) != len(actions.Items()) {
				t.Errorf("%q lost actions", resource)
			}
		}
	})
}

func TestMembershipKey(t *testing.T) { // the vector of better-auth organization 2.4
	key, err := membershipKey("team_1", "user_1")
	if err != nil || key != "MhMSJCcNuqkHw-nBYJFt3e_Y5ZkAf1e_V99PIZxRjYk" {
		t.Errorf("%s %v", key, err)
	}
	if key, _ := membershipKey("<team>", "&"); key == "" {
		t.Error("no key")
	}
}
