package web

import (
	"slices"
	"strings"
)

// Sources are origins that one page needs beside its own, such as those of a
// captcha provider. A source that is not a plain https or loopback http origin
// is left out.
type Sources struct {
	Script, Connect, Frame, Style, Image []string
	Framed                               bool // pages of this server may show it in a frame
}

// Policy returns the Content-Security-Policy of a response with the given nonce.
// Every response, fragments too, carries a nonce of its own. The policy forbids
// inline script, inline style, eval, framing and forms that leave the origin,
// and lets only htmx write markup (Trusted Types).
func Policy(nonce string, extra Sources) string {
	directives := []string{
		"default-src 'none'",
		directive("script-src 'self' 'nonce-"+nonce+"'", extra.Script),
		directive("style-src 'self'", extra.Style),
		directive("img-src 'self' data:", extra.Image),
		directive("connect-src 'self'", extra.Connect),
		"font-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors " + extra.ancestors(),
	}
	if frames := directive("frame-src", extra.Frame); frames != "frame-src" {
		directives = append(directives, frames)
	}
	// A foreign script cannot be held to Trusted Types it does not know.
	if len(extra.Script) == 0 {
		directives = append(directives, "require-trusted-types-for 'script'", "trusted-types htmx")
	}
	return strings.Join(directives, "; ")
}

func (s Sources) ancestors() string {
	if s.Framed {
		return "'self'"
	}
	return "'none'"
}

// directive appends the acceptable sources to a directive, each once.
func directive(start string, sources []string) string {
	seen := []string{start}
	for _, source := range sources {
		if isOrigin(source) && !slices.Contains(seen, source) {
			seen = append(seen, source)
		}
	}
	return strings.Join(seen, " ")
}

// isOrigin reports whether a source is an origin, or the server's own, and nothing
// that could change the rest of the policy.
func isOrigin(source string) bool {
	if source == "'self'" {
		return true
	}
	host, ok := strings.CutPrefix(source, "https://")
	if !ok {
		host, ok = strings.CutPrefix(source, "http://")
		name, _, _ := strings.Cut(host, ":")
		ok = ok && (name == "localhost" || name == "127.0.0.1")
	}
	return ok && host != "" && strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:*/_") == ""
}
