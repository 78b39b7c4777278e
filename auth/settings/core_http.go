package settings

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Cookies are the names and attributes of cookies (better-auth core 5).
type Cookies struct {
	_ struct{} `title:"Cookies" help:"Names and attributes of cookies. The defaults are right for one host."`

	Prefix         string `setting:"prefix" help:"First part of all names" check:"required;max=64"`
	Secure         Toggle `setting:"secure" help:"Send over https only, with the __Secure- name; auto follows url"`
	SameSite       string `setting:"same_site" help:"The SameSite attribute" check:"oneof=lax|strict|none"`
	CrossSubdomain bool   `setting:"cross_subdomain" help:"Share cookies with the hosts below cookies.domain"`
	Domain         string `setting:"domain" help:"Domain of shared cookies; empty for the host of url"`
	Partitioned    bool   `setting:"partitioned" help:"Keep cookies apart for each embedding site"`
}

var (
	cookieToken  = regexp.MustCompile(`^[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*$`)
	cookieDomain = regexp.MustCompile(`^[.]?[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$`)
)

// Check refuses names and attributes that browsers would not take.
func (c *Cookies) Check() error {
	var problems []error
	if !cookieToken.MatchString(c.Prefix) || strings.HasPrefix(c.Prefix, "__") {
		problems = append(problems, Invalid("prefix", "must be letters, digits, -, _ and dots, not beginning with __", ""))
	}
	if c.Domain != "" && !cookieDomain.MatchString(c.Domain) {
		problems = append(problems, Invalid("domain", "must be a host name", ""))
	}
	if c.Domain != "" && !c.CrossSubdomain {
		problems = append(problems, Invalid("domain", "has no effect without cookies.cross_subdomain", "set both, or none"))
	}
	if c.Secure == Off && (c.SameSite == "none" || c.Partitioned) {
		problems = append(problems, Invalid("secure", "cannot be false with same_site none or with partitioned", ""))
	}
	return errors.Join(problems...)
}

// RateLimit bounds requests by client address and failures by account
// (better-auth core 8.7).
type RateLimit struct {
	_ struct{} `title:"Rate limits" help:"How many requests one address may make, and how failures slow an account."`

	Enabled bool          `setting:"enabled" help:"Limit requests by client address" level:"console"`
	Window  time.Duration `setting:"window" help:"Window of the general limit" level:"console" check:"min=1s;max=1d"`
	Max     int           `setting:"max" help:"Requests in a window for paths without a rule" level:"console" check:"min=1;max=1000000"`
	Store   string        `setting:"store" help:"Where counters are kept; auto is memory with SQLite, else the database" check:"oneof=auto|memory|database"`
	Rules   []RateRule    `setting:"rules" help:"Rules before the built-in ones, the first that fits counts" level:"console"`
	Account AccountLimit  `setting:"account" level:"console"`
}

// RateRule is a limit for paths.
type RateRule struct {
	Path   string        `setting:"path" help:"Path below /api/auth; * and ? are wildcards"`
	Window time.Duration `setting:"window" help:"Window"`
	Max    int           `setting:"max" help:"Requests in a window"`
	Off    bool          `setting:"off" help:"No limit for the path"`
}

// Check refuses rules that limit nothing.
func (r *RateRule) Check() error {
	switch {
	case !strings.HasPrefix(r.Path, "/"):
		return Invalid("path", "must begin with /", "")
	case r.Off && (r.Window != 0 || r.Max != 0):
		return Invalid("off", "excludes window and max", "")
	case !r.Off && (r.Window < time.Second || r.Window > day || r.Max < 1):
		return Invalid("max", "a rule needs a window of 1s to 1d and a max of at least 1", "or off = true")
	}
	return nil
}

// AccountLimit slows guessing at one account, whatever the addresses.
type AccountLimit struct {
	Enabled    bool          `setting:"enabled" help:"Slow sign-in to an account after failures"`
	DelayAfter int           `setting:"delay_after" help:"Failures in a row before delays begin; each further one doubles the delay" check:"min=1;max=100"`
	MaxDelay   time.Duration `setting:"max_delay" help:"Longest delay" check:"min=1s;max=1d"`
	Max        int           `setting:"max" help:"Failures in a row after which only the longest delay remains" check:"min=1;max=100"`
}

func rateLimitDefaults() RateLimit {
	return RateLimit{
		Enabled: true, Window: 10 * time.Second, Max: 100, Store: "auto",
		Account: AccountLimit{Enabled: true, DelayAfter: 5, MaxDelay: 15 * time.Minute, Max: 100},
	}
}

// Addresses says how the client's address is found and used (better-auth core 8.6).
type Addresses struct {
	_ struct{} `title:"Client addresses" help:"How the client's address is found. Headers count from trusted_proxies only."`

	Headers    []string `setting:"headers" help:"Headers of trusted proxies that carry the client's address, in order" check:"headers"`
	IPv6Subnet int      `setting:"ipv6_subnet" help:"Leading bits of an IPv6 address that count as one client" check:"min=32;max=128"`
	Track      bool     `setting:"track" help:"Record client addresses in sessions and limit by them"`
}

// Limits bound what one request may cost.
type Limits struct {
	_ struct{} `title:"Limits" help:"What one request may cost."`

	Body           Size          `setting:"body" help:"Longest body of a request" check:"min=1KiB;max=64MiB"`
	Header         Size          `setting:"header" help:"Longest head of a request" check:"min=4KiB;max=1MiB"`
	HeaderTimeout  time.Duration `setting:"header_timeout" help:"Time to send the head" check:"min=1s;max=5m"`
	BodyTimeout    time.Duration `setting:"body_timeout" help:"Time to send the body" check:"min=1s;max=1h"`
	IdleTimeout    time.Duration `setting:"idle_timeout" help:"Time a connection may rest" check:"min=1s;max=1h"`
	RequestTimeout time.Duration `setting:"request_timeout" help:"Time to answer a request" check:"min=1s;max=1h"`
}

func limitsDefaults() Limits {
	return Limits{
		Body: MiB, Header: 64 * KiB, HeaderTimeout: 10 * time.Second, BodyTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, RequestTimeout: time.Minute,
	}
}

// Shutdown is how a server ends: unready at once, but answering for Delay; then its
// ports close, and what runs may end within Timeout.
type Shutdown struct {
	_ struct{} `title:"Shutdown" help:"How the server ends on SIGTERM: unready first, then without new requests."`

	Delay   time.Duration `setting:"delay" help:"Time to go on answering while /health/ready says no, for a balancer to notice" check:"min=0s;max=5m"`
	Timeout time.Duration `setting:"timeout" help:"Time for running requests to end after that" check:"min=1s;max=10m"`
}
