package settings

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Cookies are the names and attributes of cookies (better-auth core 5).
type Cookies struct {
	_ struct{} `title:"Cookies" help:"Names and attributes of cookies. The defaults are right for one host." area:"sessions" advanced:"true"`

	Prefix         string `setting:"prefix" label:"Prefix of cookies" help:"First part of all names" check:"required;max=64"`
	Secure         Toggle `setting:"secure" label:"Secure cookies" help:"Send cookies over https only, with the __Secure- name; auto follows url" choices:"auto=If the public address is https|true=Always|false=Never"`
	SameSite       string `setting:"same_site" label:"SameSite" help:"Whether browsers send cookies with requests from other sites" check:"oneof=lax|strict|none" choices:"lax=Lax (links only)|strict=Strict (never)|none=None (always)"`
	CrossSubdomain bool   `setting:"cross_subdomain" label:"Shared with subdomains" help:"Send cookies to the hosts below cookies.domain too"`
	Domain         string `setting:"domain" label:"Domain of shared cookies" help:"Empty for the host of the public address"`
	Partitioned    bool   `setting:"partitioned" label:"Partitioned cookies" help:"Keep cookies apart for each embedding site"`
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
	_ struct{} `title:"Rate limits" help:"How many requests one address may make, and how failures slow down an account." area:"security"`

	Enabled bool          `setting:"enabled" label:"Limit by address" help:"Limit how many requests one client address may make" level:"console"`
	Window  time.Duration `setting:"window" label:"Period of the general limit" help:"Time over which requests are counted" level:"console" check:"min=1s;max=1d"`
	Max     int           `setting:"max" label:"Requests in that period" help:"Most requests of one address to paths without a rule" level:"console" check:"min=1;max=1000000"`
	Store   string        `setting:"store" label:"Storage of counters" help:"Where requests are counted; auto is memory with SQLite, otherwise the database" advanced:"true" check:"oneof=auto|memory|database" choices:"auto=Automatic|memory=Memory|database=Database"`
	Rules   []RateRule    `setting:"rules" label:"Rules for paths" help:"Limits that come before the built-in ones; the first that fits counts" advanced:"true" level:"console"`
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
	Enabled    bool          `setting:"enabled" label:"Slow down after failures" help:"Delay sign-in to an account after failed attempts, whatever their addresses"`
	DelayAfter int           `setting:"delay_after" label:"Failures before a delay" help:"Failed attempts in a row before delays begin; each further one doubles the delay" check:"min=1;max=100"`
	MaxDelay   time.Duration `setting:"max_delay" label:"Longest delay" help:"The delay does not grow beyond this" check:"min=1s;max=1d"`
	Max        int           `setting:"max" label:"Failures until the longest delay" help:"Failed attempts in a row after which only the longest delay applies" check:"min=1;max=100"`
}

func rateLimitDefaults() RateLimit {
	return RateLimit{
		Enabled: true, Window: 10 * time.Second, Max: 100, Store: "auto",
		Account: AccountLimit{Enabled: true, DelayAfter: 5, MaxDelay: 15 * time.Minute, Max: 100},
	}
}

// Addresses says how the client's address is found and used (better-auth core 8.6).
type Addresses struct {
	_ struct{} `title:"Client addresses" help:"How the address of a client is found. Headers count only if they come from trusted proxies." area:"security"`

	Headers    []string `setting:"headers" label:"Headers with the address" help:"Headers of trusted proxies that carry the client's address, in order" advanced:"true" check:"headers"`
	IPv6Subnet int      `setting:"ipv6_subnet" label:"IPv6 subnet" help:"Leading bits of an IPv6 address that count as one client" advanced:"true" check:"min=32;max=128"`
	Track      bool     `setting:"track" label:"Record client addresses" help:"Keep them in sessions and limit requests by them"`
}

// Limits bound what one request may cost.
type Limits struct {
	_ struct{} `title:"Limits of a request" help:"What one request may cost." area:"security" advanced:"true"`

	Body           Size          `setting:"body" label:"Largest body" help:"Most bytes of a request's body" check:"min=1KiB;max=64MiB"`
	Header         Size          `setting:"header" label:"Largest head" help:"Most bytes of a request's head" check:"min=4KiB;max=1MiB"`
	HeaderTimeout  time.Duration `setting:"header_timeout" label:"Time for the head" help:"Time a client has to send the head" check:"min=1s;max=5m"`
	BodyTimeout    time.Duration `setting:"body_timeout" label:"Time for the body" help:"Time a client has to send the body" check:"min=1s;max=1h"`
	IdleTimeout    time.Duration `setting:"idle_timeout" label:"Idle time" help:"Time an unused connection stays open" check:"min=1s;max=1h"`
	RequestTimeout time.Duration `setting:"request_timeout" label:"Time for the answer" help:"Longest time a request may take" check:"min=1s;max=1h"`
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
	_ struct{} `title:"Shutdown" help:"How the server ends on SIGTERM: unready first, then without new requests." area:"general" advanced:"true"`

	Delay   time.Duration `setting:"delay" label:"Time before closing" help:"How long requests are still answered while /health/ready says no, so that a load balancer notices" check:"min=0s;max=5m"`
	Timeout time.Duration `setting:"timeout" label:"Time to finish" help:"How long running requests may take after that" check:"min=1s;max=10m"`
}
