package routes

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"gatehouse/ent/database"
	"gatehouse/ent/database/dbtest"
	"gatehouse/handlers/servertest"
)

// guess tries a wrong password at an address of its own, so that no account's limit acts.
func (h *house) guess(b *servertest.Browser) *servertest.Answer {
	h.n++
	return b.Post("/api/auth/sign-in/email", map[string]any{"email": fmt.Sprintf("guess-%d@example.test", h.n), "password": "wrong-Horse-7-battery"})
}

// TestSharedLimits: counters in the database are those of all servers, and end with
// their window.
func TestSharedLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *database.DB) {
		set := map[string]string{"rate_limit.enabled": "true", "rate_limit.store": "database"}
		one := openWith(t, db, set)
		two := openWith(t, dbtest.Reopen(t, db), set)
		one.guess(one.Browser()).Want(http.StatusUnauthorized, "")
		two.guess(two.Browser()).Want(http.StatusUnauthorized, "")
		one.guess(one.Browser()).Want(http.StatusUnauthorized, "")
		for _, h := range []*house{one, two} {
			a := h.guess(h.Browser()).Want(http.StatusTooManyRequests, "")
			if wait := a.Header.Get("Retry-After"); wait == "" || wait != a.Header.Get("X-Retry-After") {
				t.Errorf("how long to wait: %v", a.Header)
			}
		}
		other := two.Browser()
		other.Address = "198.51.100.7:1000"
		two.guess(other).Want(http.StatusUnauthorized, "")
		two.Clock.Advance(11 * time.Second)
		two.guess(two.Browser()).Want(http.StatusUnauthorized, "")
	})
}

// TestForgedAddress: a header names the client only when a trusted proxy sends it, and
// then the entry that this proxy wrote.
func TestForgedAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, proxies, forwarded string // %d is another number in each request
		limited                  bool
	}{
		{"without proxies", "", "203.0.113.%d", true},
		{"another's proxy", "192.0.2.99", "203.0.113.%d", true},
		{"the proxy", "192.0.2.10", "203.0.113.%d", false},
		{"forged before the proxy", "192.0.2.10", "203.0.113.%d, 198.51.100.7", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := openWith(t, dbtest.SQLite(t), map[string]string{"rate_limit.enabled": "true", "rate_limit.store": "database", "trusted_proxies": c.proxies})
			for i := range 4 {
				b := h.Browser() // its address is 192.0.2.10
				b.Header.Set("X-Forwarded-For", fmt.Sprintf(c.forwarded, i))
				want := http.StatusUnauthorized
				if c.limited && i == 3 {
					want = http.StatusTooManyRequests
				}
				h.guess(b).Want(want, "")
			}
		})
	}
}
