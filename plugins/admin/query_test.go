package admin

import (
	"net/url"
	"testing"
)

// FuzzUsersQuery reads any address of the list without failing, and writes it back so
// that reading it again gives the same.
func FuzzUsersQuery(f *testing.F) {
	for _, seed := range []string{"", "q=ada&role=user", "status=banned&verified=no&sort=name&order=ascending&limit=50&page=x", "q=%ff%00", "limit=-1&sort=password"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q := readUsersQuery(values)
		if q.Limit < 20 || q.Limit > 100 || len([]rune(q.Text)) > maxSearch {
			t.Errorf("unbounded: %+v", q)
		}
		again, err := url.Parse(q.address())
		if err != nil || again.Path != usersPath {
			t.Fatalf("address %q: %v", q.address(), err)
		}
		if back := readUsersQuery(again.Query()); back != q {
			t.Errorf("%+v came back as %+v", q, back)
		}
	})
}

// TestDevice names what a browser says of itself.
func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"": "Unknown device",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Windows",
	} {
		if got, _ := device(agent); got.English() != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
