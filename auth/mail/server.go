package mail

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/words"
)

// encryption says how a connection is protected.
type encryption int

const (
	opportunistic encryption = iota // STARTTLS if the server offers it
	required                        // STARTTLS or nothing
	implicit                        // TLS from the first byte (smtps)
	plain                           // none
)

// server is what the address of a transport says.
type server struct {
	host, port     string
	user, password string
	encryption     encryption
	timeout        time.Duration // zero when not said
}

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

// isLoopback reports whether the connection never leaves the machine.
func (s server) isLoopback() bool {
	host := strings.ToLower(s.host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// CheckServer says what is wrong with an address of a server as New takes it. It connects
// nowhere, and its error never repeats the address.
func CheckServer(address string) error {
	_, err := parseServer(address)
	return err
}

// parseServer reads smtp://[user:password@]host[:port][?tls=…&timeout=…] and smtps://….
// Errors never repeat the address, as it holds a password.
func parseServer(raw string) (server, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return server{}, words.Err("not a URL: write special characters of user name and password in percent form, such as %40 for @")
	}
	s := server{host: u.Hostname(), port: u.Port(), user: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.host == "" || u.Opaque != "" {
		return s, words.Err("no host: expected smtp://user:password@host:port")
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return s, words.Err("nothing but ?tls= and ?timeout= may follow host and port")
	}
	if strings.ContainsFunc(s.host+s.user+s.password, isBreak) {
		return s, words.Err("a line break or control character")
	}
	if err := s.setScheme(u.Scheme); err != nil {
		return s, err
	}
	if n, err := strconv.Atoi(s.port); err != nil || n < 1 || n > 65535 {
		return s, words.Err("the port is not between 1 and 65535")
	}
	return s, s.setOptions(u.RawQuery)
}

func (s *server) setScheme(scheme string) error {
	port := "587"
	switch scheme {
	case "smtp":
	case "smtps":
		port, s.encryption = "465", implicit
	default:
		return words.Err("the scheme must be smtp or smtps")
	}
	if s.port == "" {
		s.port = port
	}
	return nil
}

func (s *server) setOptions(rawQuery string) error {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return words.Err("the part after ? is not a query")
	}
	for name, values := range query {
		switch name {
		case "tls":
			err = s.setTLS(values[len(values)-1])
		case "timeout":
			s.timeout, err = time.ParseDuration(values[len(values)-1])
			if err != nil || s.timeout <= 0 || s.timeout > 10*time.Minute {
				err = words.Err("timeout must be a time up to 10m, such as 30s")
			}
		default:
			err = words.Err(words.F("unknown option %s: there are tls and timeout", fmt.Sprintf("%.40q", name)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *server) setTLS(mode string) error {
	if s.encryption == implicit {
		return words.Err("smtps is always encrypted: leave tls out")
	}
	switch mode {
	case "opportunistic":
		s.encryption = opportunistic
	case "starttls", "required":
		s.encryption = required
	case "none":
		s.encryption = plain
	default:
		return words.Err("tls must be opportunistic, starttls, required or none")
	}
	return nil
}
