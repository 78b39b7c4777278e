package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/e2e/product"
)

// Kinds of keys that are measured: one that each use writes, and one that none does.
const (
	limitedKeys = `{default = {sessions = true, rate_limit = {max = 1000000000}}}`
	bothKeys    = `{default = {sessions = true, rate_limit = {max = 1000000000}}, free = {sessions = true, headers = ["x-free-key"], rate_limit = {enabled = false}}}`
)

// BenchmarkKeys takes turns at one server: sessions by cookies, sessions by keys, and a
// service that asks whether keys are good, which reads two credentials. It reports, against
// reads of sessions, how many calls there are in the same time and how much processor time
// of the server one takes, which is what other work on the machine changes least.
func BenchmarkKeys(b *testing.B) {
	s := start(b, "--api_key.configurations="+bothKeys)
	cookie, service := session(b, s), session(b, s)
	service["Origin"] = []string{s.URL}
	limited, free := newKey(b, s, "default"), newKey(b, s, "free")
	read, verify := s.URL+"/api/auth/get-session", s.URL+"/api/auth/api-key/verify"
	type call struct {
		name, method, url, body string
		h                       http.Header
		want                    string
		calls                   int
		took, cpu               time.Duration
	}
	all := []*call{
		{name: "session", method: http.MethodGet, url: read, h: cookie, want: product.AdminEmail},
		{name: "free", method: http.MethodGet, url: read, h: http.Header{"X-Free-Key": {free}}, want: product.AdminEmail},
		{name: "limited", method: http.MethodGet, url: read, h: http.Header{"X-Api-Key": {limited}}, want: product.AdminEmail},
		{name: "verify-free", method: http.MethodPost, url: verify, body: fmt.Sprintf(`{"key":%q,"configId":"free"}`, free), h: service, want: `"valid":true`},
		{name: "verify-limited", method: http.MethodPost, url: verify, body: fmt.Sprintf(`{"key":%q}`, limited), h: service, want: `"valid":true`},
	}
	c := client()
	for b.Loop() {
		for _, k := range all {
			began, spent := time.Now(), processorTime(b, s.Pid())
			k.calls += burst(b, c, k.method, k.url, k.body, k.h, k.want)
			k.took, k.cpu = k.took+time.Since(began), k.cpu+processorTime(b, s.Pid())-spent
		}
	}
	rate := func(k *call) float64 { return float64(k.calls) / k.took.Seconds() }
	cost := func(k *call) float64 { return float64(k.cpu.Microseconds()) / float64(k.calls) }
	b.ReportMetric(rate(all[0]), "sessions/s")
	b.ReportMetric(cost(all[0]), "session-us")
	for _, k := range all[1:] {
		b.ReportMetric(rate(k)/rate(all[0]), k.name+"-rate")
		b.ReportMetric(cost(all[0])/cost(k), k.name+"-cpu")
	}
}

// burst makes some calls, from as many callers as load, and returns how many.
func burst(b *testing.B, c *http.Client, method, url, body string, h http.Header, want string) int {
	b.Helper()
	const each = 100
	var wait sync.WaitGroup
	for range callers * runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for range each {
				if err := one(c, method, url, body, h, want); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	return each * callers * runtime.GOMAXPROCS(0)
}

// processorTime is what a process has used of the processors.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("no /proc")
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // a hundred ticks a second
}

// BenchmarkManyKeys verifies a thousand keys with limits in turn: no two uses of one key
// meet, so each is a statement of its own.
func BenchmarkManyKeys(b *testing.B) {
	s := start(b, "--api_key.configurations="+limitedKeys)
	keys := make(chan string, 1000)
	for range cap(keys) {
		keys <- newKey(b, s, "default")
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

// newKey makes a key of the administrator, of a kind.
func newKey(b *testing.B, s *product.Server, kind string) string {
	b.Helper()
	r, _ := http.NewRequest(http.MethodPost, s.URL+"/api/auth/api-key/create", strings.NewReader(fmt.Sprintf(`{"configId":%q}`, kind)))
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
