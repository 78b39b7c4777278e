// Package cookie reads and writes the cookies of the wire: names, attributes,
// pieces of long values and the cookie cache (better-auth core 5).
package cookie

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/auth/text"
)

// MaxAge is the longest life browsers keep, 400 days, in seconds.
const MaxAge = 34_560_000

// SameSite is the text of the attribute; empty leaves it out.
type SameSite string

// The values of RFC 6265bis §4.1.2.7.
const (
	Lax    SameSite = "Lax"
	Strict SameSite = "Strict"
	None   SameSite = "None"
)

// ParseSameSite reads lax, strict or none in any letter case; empty is Lax.
func ParseSameSite(s string) (SameSite, error) {
	switch strings.ToLower(s) {
	case "", "lax":
		return Lax, nil
	case "strict":
		return Strict, nil
	case "none":
		return None, nil
	}
	return "", fmt.Errorf("same-site %q is not lax, strict or none", s)
}

// Attributes are those of one cookie.
type Attributes struct {
	MaxAge      int // seconds; 0 lasts for the browser session, negative deletes
	Domain      string
	Path        string
	Expires     time.Time // zero leaves it out
	HTTPOnly    bool
	Secure      bool
	SameSite    SameSite
	Partitioned bool
}

// Default is what every core cookie starts from: Path=/, HttpOnly, Lax.
func Default(secure bool) Attributes {
	return Attributes{Path: "/", HTTPOnly: true, Secure: secure, SameSite: Lax}
}

// Check refuses what would break a Set-Cookie line or what browsers cut: a
// life over 400 days, separators or control characters in domain and path.
func (a Attributes) Check() error {
	switch {
	case a.MaxAge > MaxAge:
		return errors.New("a cookie lives at most 400 days")
	case unfit(a.Domain) || unfit(a.Path):
		return errors.New("cookie domain or path has a separator, space or control character")
	}
	return nil
}

func unfit(s string) bool { return strings.ContainsAny(s, ";, ") || text.HasControl(s) }

// Cookie is one outgoing cookie; the value is written percent-encoded.
type Cookie struct {
	Name  string
	Value string
	Attributes
}

// String is the text of the Set-Cookie line (better-auth core 5.2). Secure is
// forced by SameSite=None, Partitioned and the __Secure- and __Host-
// prefixes; __Host- also fixes the path and drops the domain.
func (c Cookie) String() string {
	return c.Name + "=" + text.EscapeURI(c.Value) + c.attributes()
}

func (c Cookie) attributes() string {
	a := c.forced()
	var b strings.Builder
	put := func(on bool, s string) {
		if on {
			b.WriteString("; ")
			b.WriteString(s)
		}
	}
	put(a.MaxAge != 0, "Max-Age="+strconv.Itoa(max(0, min(a.MaxAge, MaxAge))))
	put(a.Domain != "", "Domain="+a.Domain)
	put(a.Path != "", "Path="+a.Path)
	put(!a.Expires.IsZero(), "Expires="+a.Expires.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	put(a.HTTPOnly, "HttpOnly")
	put(a.Secure, "Secure")
	put(a.SameSite != "", "SameSite="+string(a.SameSite))
	put(a.Partitioned, "Partitioned")
	return b.String()
}

func (c Cookie) forced() Attributes {
	a := c.Attributes
	name := strings.ToLower(c.Name)
	host := strings.HasPrefix(name, "__host-")
	if host {
		a.Path, a.Domain = "/", ""
	}
	if host || strings.HasPrefix(name, "__secure-") || a.SameSite == None || a.Partitioned {
		a.Secure = true
	}
	return a
}

// deleted is the cookie that removes c: no value, Max-Age=0.
func (c Cookie) deleted() Cookie {
	c.Value, c.MaxAge, c.Expires = "", -1, time.Time{}
	return c
}

// Names makes cookie names of keys such as session_token.
type Names struct {
	Prefix  string            // default better-auth
	Secure  bool              // puts __Secure- in front
	Renamed map[string]string // key to whole name
}

// Name is <prefix>.<key> or the renamed one, with __Secure- when secure.
func (n Names) Name(key string) string {
	name := n.Renamed[key]
	if name == "" {
		prefix := n.Prefix
		if prefix == "" {
			prefix = "better-auth"
		}
		name = prefix + "." + key
	}
	if n.Secure {
		return "__Secure-" + name
	}
	return name
}

// ValidName reports whether s is a token of RFC 9110 §5.6.2, as cookie names
// must be.
func ValidName(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') && strings.IndexByte(marks, c) < 0 {
			return false
		}
	}
	return s != ""
}
