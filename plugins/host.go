package plugins

import (
	"context"
	"fmt"
	"gatehouse/auth/words"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"gatehouse/auth"
	"gatehouse/auth/settings"
)

// Host is what a plugin gets from the server. All of it may be used from the first
// request on; during Contribute it may be kept, not called.
type Host struct {
	*auth.Core
	Log *slog.Logger
	// Outgoing is the HTTP client for requests to other hosts: private addresses are
	// refused unless the setting outgoing.allow_private is on; redirects are not
	// followed; time and size are bounded (SEC-184).
	Outgoing *http.Client
	// Settings are all settings with their sources.
	Settings *settings.Set
	// Targets judges where people may be sent.
	Targets Targets
	// Server is the running server, for readiness and the route table.
	Server Server
	// Registry is everything that was contributed; filled before the server serves.
	Registry *Registry
	// Link builds an absolute URL below the public one.
	Link func(path string) string
	// Words is the catalogue of all translations, filled before the server serves.
	Words *words.Catalogue
}

// Targets judges redirect targets and origins by the trusted ones.
type Targets interface {
	// Allowed reports whether a path or URL may be redirected to (better-auth core 8.5).
	Allowed(target string) bool
	// Origin reports whether an origin is trusted.
	Origin(origin string) bool
}

// Server is what plugins may ask of the server itself.
type Server interface {
	// Routes lists every declared method and path.
	Routes() []string
	// Ready returns nil when the server can serve, or the reason in words.
	Ready(context.Context) error
	// Refresh makes changed settings take effect.
	Refresh() error
	// Throttled lists the addresses that made as many requests as a limit allows, those
	// who wait longest first, at most 1,000.
	Throttled(context.Context) ([]Throttled, error)
	// ReleaseThrottled lets an address go on at a path and records that it was done; false
	// when nothing was counted. The caller has asked whether the principal may.
	ReleaseThrottled(ctx context.Context, address, path string) (bool, error)
	// Console reports whether a principal may see any screen of the console, of the server
	// or of an organization.
	Console(context.Context, *auth.Principal) bool
	// Places lists the organizations that a person belongs to, by name, a few at most.
	Places(context.Context, *auth.Principal) []Organization
}

// Throttled is an address that has to wait at a path.
type Throttled struct {
	Address string // as it is counted: of IPv6 a network
	Path    string // below /api/auth, or of a form; "/page" for looking at pages
	Count   int    // requests that were let through
	Until   time.Time
}

// Offer returns the value another plugin offers for an interface type; false when no
// enabled plugin does. Call it when it is needed, not during Contribute.
func Offer[T any](h *Host) (T, bool) {
	for _, o := range h.Registry.Offers {
		if v, ok := o.(T); ok {
			return v, true
		}
	}
	var none T
	return none, false
}

// MustOffer is Offer for what the manifest declares as required.
func MustOffer[T any](h *Host) T {
	v, ok := Offer[T](h)
	if !ok {
		panic(fmt.Sprintf("no plugin offers %v", reflect.TypeFor[T]()))
	}
	return v
}
