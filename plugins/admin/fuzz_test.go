package admin

import (
	"testing"
	"time"

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

func FuzzFilterValue(f *testing.F) {
	f.Add("time", "2030-01-01T00:00:00.000Z")
	f.Add("bool", "true")
	f.Add("int", "1e9")
	f.Add("string", "%_!")
	f.Fuzz(func(t *testing.T, kind, value string) {
		c := column{name: "x", kind: kind}
		got, err := c.value(schema.Text(value))
		if err != nil && auth.AsError(err).Status >= 500 {
			t.Errorf("%v", err)
		}
		if at, ok := got.(time.Time); ok && (at.Year() < 1 || at.Year() > 9999) {
			t.Errorf("date %v", at)
		}
		for _, operator := range []string{"eq", "ne", "lt", "in", "not_in", "contains", "starts_with", "ends_with"} {
			if _, err := c.where(operator, schema.Text(value)); err != nil && auth.AsError(err).Status != 400 {
				t.Errorf("%s: %v", operator, err)
			}
		}
	})
}

func FuzzPageNumber(f *testing.F) {
	for _, seed := range []string{"", "7", "-3", "1e400", "NaN", "Infinity", " 5 ", "0x10", "1.5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n := numberOf(schema.Text(text)); n > 1<<31-1 || n < -1<<31 {
			t.Errorf("%q is %d", text, n)
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
