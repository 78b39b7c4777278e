package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"gatehouse/e2e/product"
)

// Kinds of keys that are measured: one that each use writes, and one that none does.
const (
	limitedKeys = `{default = {sessions = true, rate_limit = {max = 1000000000}}}`
	freeKeys    = `{default = {sessions = true, rate_limit = {enabled = false}}}`
)

// BenchmarkKeySession is BenchmarkSessionRead with a key in the header in place of a
// session in a cookie: the two are the ratio of keys to sessions.
func BenchmarkKeySession(b *testing.B) {
	for name, kind := range map[string]string{"limited": limitedKeys, "free": freeKeys} {
		b.Run(name, func(b *testing.B) {
			s := start(b, "--api_key.configurations="+kind)
			load(b, s.URL+"/api/auth/get-session", http.Header{"X-Api-Key": {newKey(b, s)}}, product.AdminEmail)
		})
	}
}

// BenchmarkKeyVerify asks for a service whether a key is good: two credentials are read,
// that of the service and the key.
func BenchmarkKeyVerify(b *testing.B) {
	for name, kind := range map[string]string{"limited": limitedKeys, "free": freeKeys} {
		b.Run(name, func(b *testing.B) {
			s := start(b, "--api_key.configurations="+kind)
			h := signIn(b, s)
			h["Origin"] = []string{s.URL}
			calls(b, http.MethodPost, s.URL+"/api/auth/api-key/verify", fmt.Sprintf(`{"key":%q}`, newKey(b, s)), h, `"valid":true`)
		})
	}
}

// BenchmarkManyKeys verifies a thousand keys with limits in turn: no two uses of one key
// meet, so each is a statement of its own.
func BenchmarkManyKeys(b *testing.B) {
	s := start(b, "--api_key.configurations="+limitedKeys)
	keys := make(chan string, 1000)
	for range cap(keys) {
		keys <- newKey(b, s)
	}
	c := client()
	b.SetParallelism(callers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			key := <-keys
			r, _ := http.NewRequest(http.MethodGet, s.URL+"/api/auth/get-session", nil)
			r.Header["X-Api-Key"] = []string{key}
			res, err := c.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				b.Error(res.Status)
			}
			keys <- key
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// newKey makes a key of the administrator.
func newKey(b *testing.B, s *product.Server) string {
	b.Helper()
	r, _ := http.NewRequest(http.MethodPost, s.URL+"/api/auth/api-key/create", strings.NewReader("{}"))
	r.Header = session(b, s)
	r.Header["Content-Type"], r.Header["Origin"] = []string{"application/json"}, []string{s.URL}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var made struct {
		Key string `json:"key"`
	}
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.Key == "" {
		b.Fatalf("no key: %s %v", res.Status, err)
	}
	return made.Key
}

// sessions are those of servers under way, so that a thousand keys need one sign-in.
var sessions = map[*product.Server]http.Header{}

func session(b *testing.B, s *product.Server) http.Header {
	b.Helper()
	if sessions[s] == nil {
		sessions[s] = signIn(b, s)
	}
	return sessions[s].Clone()
}
