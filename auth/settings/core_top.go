package settings

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"gatehouse/auth/words"
)

// Top are the keys without a section, first the few that a beginner needs.
type Top struct {
	_ struct{} `title:"Server" help:"The settings every installation meets first." area:"general"`

	URL            string   `setting:"url" label:"Public address" help:"URL at which browsers reach the server; a loopback host means development mode" check:"required;url" alias:"BETTER_AUTH_URL"`
	Listen         string   `setting:"listen" label:"Listening address" help:"Address and port on which the server accepts connections" advanced:"true" check:"required;listen"`
	Data           string   `setting:"data" label:"Data folder" help:"Holds the database file, uploads and generated keys" check:"required"`
	Database       Secret   `setting:"database" label:"Database" help:"Address that begins with sqlite:, postgres:// or mysql://; empty for a SQLite file in the data folder" secret:"url"`
	SMTP           Secret   `setting:"smtp" label:"Mail server" help:"Address smtp://user:password@host:port or smtps://…; without one no mail is sent" area:"mail" part:"Sending" level:"console" secret:"url" check:"smtp"`
	Secret         Secret   `setting:"secret" label:"Secret" help:"Signs cookies and protects stored secrets, at least 32 bytes; with SQLite it is generated when empty" advanced:"true" secret:"true" alias:"BETTER_AUTH_SECRET"`
	Secrets        Secrets  `setting:"secrets" label:"Rotated secrets" help:"Numbered secrets, the newest first, such as 2:new,1:old" advanced:"true" secret:"true" alias:"BETTER_AUTH_SECRETS"`
	TrustedProxies []string `setting:"trusted_proxies" label:"Trusted proxies" help:"Addresses or networks of proxies whose forwarded headers count" area:"security" part:"Origins and proxies" advanced:"true" check:"networks"`
	TrustedOrigins []string `setting:"trusted_origins" label:"Trusted origins" help:"Further origins that may call the server and to which people may be sent back; * and ? are wildcards" area:"security" part:"Origins and proxies" level:"console" check:"origins"`
	DisabledPaths  []string `setting:"disabled_paths" label:"Disabled paths" help:"Paths below /api/auth that answer 404, such as /sign-up/email" area:"security" part:"Origins and proxies" advanced:"true" check:"path"`
	AdminEmail     string   `setting:"admin_email" label:"First administrator's address" help:"The account is created while there is no administrator" advanced:"true" check:"email"`
	AdminPassword  Secret   `setting:"admin_password" label:"First administrator's password" help:"Password with which that account is created" advanced:"true" secret:"true"`
	AdminRole      string   `setting:"admin_role" label:"First administrator's role" help:"Role with which that account is created" advanced:"true" check:"oneof=owner|admin" choices:"owner=Owner|admin=Admin"`
	Config         string   `setting:"config" label:"Configuration file" help:"File with settings; the one with the default name may be missing" advanced:"true"`
}

func topDefaults() Top {
	return Top{
		URL: "http://localhost:3000", Listen: "127.0.0.1:3000", Data: "./gatehouse-data",
		AdminRole: "owner", Config: "gatehouse.toml",
	}
}

// Check refuses addresses with a path, weak secrets in production, and an
// administrator's password without an address.
func (t *Top) Check() error {
	var problems []error
	if u, err := url.Parse(t.URL); err == nil && !rootPath(u.Path) {
		problems = append(problems, Invalid("url", "has a path, but the server needs the root of a host", "leave out the path"))
	}
	if t.AdminEmail == "" && !t.AdminPassword.Empty() {
		problems = append(problems, Invalid("admin_password", "is set without admin_email", "set both"))
	}
	if !t.Development() {
		problems = append(problems, t.weakSecrets()...)
	}
	return errors.Join(problems...)
}

// rootPath accepts the path that better-auth addresses may end in.
func rootPath(path string) bool {
	return path == "" || path == "/" || strings.TrimSuffix(path, "/") == "/api/auth"
}

func (t *Top) weakSecrets() []error {
	const fix = "make one with: openssl rand -base64 32"
	var problems []error
	if !t.Secret.Empty() && weak(t.Secret.Reveal()) {
		problems = append(problems, Invalid("secret", "is too weak for production", fix))
	}
	if v := t.Secrets; len(v) > 0 && weak(v[0].Value.Reveal()) {
		problems = append(problems, Invalid("secrets", "has a first entry that is too weak for production", fix))
	}
	return problems
}

// Development reports whether the public host is loopback: localhost, a name
// under it, 127.0.0.0/8 or ::1. Nothing else turns development mode on.
func (t *Top) Development() bool { return Loopback(t.Host()) }

// Origin is the public address without path: "https://auth.example.com".
// Host names are in lower case and the default port is left away.
func (t *Top) Origin() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && !(u.Scheme == "http" && port == "80") && !(u.Scheme == "https" && port == "443") {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}

// Host is the public host without port and brackets, in lower case.
func (t *Top) Host() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Secure reports whether the public address is https.
func (t *Top) Secure() bool { return strings.HasPrefix(strings.ToLower(t.URL), "https://") }

// SQLite reports whether the database is a SQLite file.
func (t *Top) SQLite() bool {
	address := strings.ToLower(t.Database.Reveal())
	return address == "" || strings.HasPrefix(address, "sqlite:") || strings.HasPrefix(address, "file:")
}

// NeedsSecret returns the problem of a server that may not generate its own
// secret and has none: with PostgreSQL or MySQL each replica would make its
// own. For commands that serve.
func (t *Top) NeedsSecret() error {
	if t.SQLite() || !t.Secret.Empty() || len(t.Secrets) > 0 {
		return nil
	}
	return Problems{{Key: "secret", Text: "is missing; it is generated with SQLite only, as replicas would each make their own",
		Fix: words.F("set %s to the output of: openssl rand -base64 32", envName("secret"))}}
}

// Loopback reports whether a host name or address, without port, is this
// machine's own: localhost, *.localhost, 127.0.0.0/8 or ::1.
func Loopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if len(host) > 2 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && net.IP(addr.AsSlice()).IsLoopback()
}
