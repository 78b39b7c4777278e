package ratelimit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func policy(t testing.TB, c Config) *Policy {
	t.Helper()
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPrecedence(t *testing.T) {
	rule := func(n int) Rule { return Rule{Window: time.Second, Max: n} }
	p := policy(t, Config{
		Plugins: [][]PathRule{
			{{"/two-factor/", true, rule(7)}},
			{{"/sign-in/magic-link", false, rule(8)}, {"/sign-in/*", false, rule(9)}},
			{{"/sign-in/magic-link", false, rule(10)}, {"/two-factor/x", false, rule(11)}, {"/change-email", false, Rule{Window: time.Hour, Max: 1000}}},
		},
		Custom: []PathRule{{"/sign-up/email", false, rule(12)}, {"/a/**", false, Rule{Off: true}}, {"/a/b", false, rule(13)}, {"/two-factor/off", false, Rule{Off: true}}},
	})
	three := Rule{Window: 10 * time.Second, Max: 3}
	minute := Rule{Window: time.Minute, Max: 3}
	for path, want := range map[string]Rule{
		"/get-session": DefaultRule(), "/change-password": three, "/change-passwords": three, "/x/sign-in": DefaultRule(),
		"/request-password-reset": minute, "/request-password-reset/callback": DefaultRule(), "/forget-password/email-otp": minute,
		"/send-verification-email": minute, "/email-otp/send-verification-otp": minute, "/email-otp/request-password-reset": minute,
		"/sign-in/magic-link": rule(8), "/sign-in/email": rule(9), "/sign-in/a/b": three, "/two-factor/x": rule(7),
		"/change-email": {Window: time.Hour, Max: 1000}, "/sign-up/email": rule(12), "/a/b": {Off: true}, "/two-factor/off": {Off: true},
	} {
		if got := p.Rule(path); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
	if got := policy(t, Config{Default: Rule{Max: 5}, Core: []PathRule{}}).Rule("/sign-in"); got != (Rule{Window: 10 * time.Second, Max: 5}) {
		t.Errorf("own default: %+v", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"negative default": {Default: Rule{Max: -1}},
		"no path":          {Custom: []PathRule{{Rule: DefaultRule()}}},
		"no maximum":       {Custom: []PathRule{{"/a", false, Rule{Window: time.Second}}}},
		"no window":        {Plugins: [][]PathRule{{{"/a", false, Rule{Max: 1}}}}},
		"core":             {Core: []PathRule{{"/a", true, Rule{}}}},
		"bad pattern":      {Custom: []PathRule{{strings.Repeat("*", 5000), false, DefaultRule()}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

func TestWindowSlidesWithAcceptedRequests(t *testing.T) {
	rule := Rule{Window: 10 * time.Second, Max: 3}
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, script := range [][]struct {
		at      time.Duration
		allowed bool
		retry   time.Duration
	}{
		{{0, true, 0}, {4e9, true, 0}, {8e9, true, 0}, {9e9, false, 9e9}, {17999e6, false, 1e6}, {18e9, true, 0}, {18e9, true, 0}},
		// Refused requests do not move the window; accepted ones do.
		{{0, true, 0}, {0, true, 0}, {0, true, 0}, {5e9, false, 5e9}, {9e9, false, 1e9}, {10e9, true, 0}},
		// A steady stream inside the window is never forgiven.
		{{0, true, 0}, {9e9, true, 0}, {18e9, true, 0}, {27e9, false, 1e9}},
		// The clock goes back.
		{{0, true, 0}, {0, true, 0}, {0, true, 0}, {-time.Hour, false, 10e9}},
	} {
		m := NewMemory(0)
		for i, s := range script {
			allowed, retry, err := m.Take(context.Background(), "k", rule, start.Add(s.at))
			if allowed != s.allowed || retry != s.retry || err != nil {
				t.Errorf("step %d of %v: %v, %v, %v", i, script, allowed, retry, err)
			}
		}
	}
}

func TestKeysAreSeparate(t *testing.T) {
	m := NewMemory(0)
	now := time.Unix(1, 0)
	one := Rule{Window: time.Minute, Max: 1}
	for _, key := range []string{Key("1.2.3.4", "/a"), Key("1.2.3.4", "/b"), Key("1.2.3.5", "/a"), Key("", "/a")} {
		if ok, _, _ := m.Take(context.Background(), key, one, now); !ok {
			t.Errorf("%s was counted with another", key)
		}
		if ok, _, _ := m.Take(context.Background(), key, one, now); ok {
			t.Errorf("%s was not counted", key)
		}
	}
	if Key("", "/a") != "no-trusted-ip|/a" || Key("1.2.3.4", "/a") != "1.2.3.4|/a" {
		t.Error("form of the key")
	}
	for range 5 {
		if ok, _, _ := m.Take(context.Background(), "off", Rule{Off: true}, now); !ok {
			t.Error("a rule that is off refused")
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := NewMemory(100)
	now := time.Unix(1000, 0)
	one := Rule{Window: time.Minute, Max: 1}
	take := func(key string, at time.Time) bool {
		ok, _, _ := m.Take(context.Background(), key, one, at)
		return ok
	}
	for i := range 100 {
		take(fmt.Sprint(i), now)
	}
	if take("0", now) || m.Len() != 100 {
		t.Errorf("%d keys, all of them must be remembered", m.Len())
	}
	take("new", now)
	if m.Len() != 100 || take("1", now) {
		t.Errorf("%d keys; only the oldest may be dropped", m.Len())
	}
	if !take("0", now) {
		t.Error("the oldest key was not the one dropped")
	}
	for i := range 60 {
		take(fmt.Sprint("later", i), now.Add(time.Minute))
	}
	if m.Len() != 60 {
		t.Errorf("%d keys; ended windows must go", m.Len())
	}
	long := strings.Repeat("k", 2000)
	if !take(long, now.Add(time.Hour)) || take(long+"x", now.Add(time.Hour)) {
		t.Error("overlong keys share a bucket by their beginning")
	}
}

func TestTakeIsAtomic(t *testing.T) {
	m := NewMemory(0)
	now := time.Unix(1, 0)
	rule := Rule{Window: time.Minute, Max: 50}
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if ok, _, _ := m.Take(context.Background(), "k", rule, now); ok {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d passed, want 50", passed.Load())
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[time.Duration]int{0: 1, 1: 1, time.Second: 1, time.Second + 1: 2, 59500 * time.Millisecond: 60} {
		if got := Seconds(in); got != want {
			t.Errorf("Seconds(%v) = %d", in, got)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("/sign-in/*", "/sign-in/email")
	f.Add("**", "/")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		p, err := New(Config{Custom: []PathRule{{pattern, false, Rule{Off: true}}}})
		if err != nil {
			return
		}
		if r := p.Rule(path); pattern == path && !strings.ContainsAny(pattern, `*?\`) && !r.Off {
			t.Errorf("%q does not match itself", pattern)
		}
	})
}
