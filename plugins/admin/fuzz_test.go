package admin

import (
	"testing"

	"gatehouse/auth"
	"gatehouse/auth/schema"
)

// FuzzData reads the free objects of create-user and update-user.
func FuzzData(f *testing.F) {
	for _, seed := range []string{`{}`, `{"banned":true,"banReason":"x","banExpires":"2030-01-01"}`, `{"role":["a",1]}`, `{"role":"a,b"}`,
		`{"email":null,"name":3,"image":[],"emailVerified":"x"}`, `{"banExpires":1e300}`, `{"createdAt":"0000-00-00T00:00:00Z"}`, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := schema.Decode(raw)
		if err != nil || v.Object() == nil {
			return
		}
		data := v.Object()
		if roles, err := rolesOf(data); err == nil && roles == nil && data.Has("role") {
			t.Error("a role was lost")
		}
		ban, err := banOf(data)
		if err == nil && ban != nil && ban.Expires.Present && !ban.Expires.Null {
			if y := ban.Expires.Value.Year(); y < 1 || y > 9999 {
				t.Errorf("year %d", y)
			}
		}
		for _, read := range []func() error{
			func() error { _, err := textOf(data, "email"); return err },
			func() error { _, err := flagOf(data, "emailVerified"); return err },
			func() error { _, err := maybeText(data, "image"); return err },
			func() error { _, err := maybeDate(data, "createdAt"); return err },
		} {
			if err := read(); err != nil && auth.AsError(err).Status >= 500 {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestAuthorizes(t *testing.T) {
	held := auth.ScopeSet{"user:list": true, "user:get": true, "session:list": true}
	for _, c := range []struct {
		name  string
		asked map[string][]string
		want  bool
	}{
		{"all", map[string][]string{"user": {"list", "get"}, "session": {"list"}}, true},
		{"one lacks", map[string][]string{"user": {"list", "ban"}}, false},
		{"unknown resource", map[string][]string{"order": {"list"}}, false},
		{"nothing", nil, false},
		{"no actions", map[string][]string{"user": {}}, false},
		{"a name that joins", map[string][]string{"user:list": {""}}, false},
	} {
		if got := auth.ScopeSet.Authorizes(held, c.asked); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
