package bearer

import (
	"context"
	"strings"

	"gatehouse/auth/cookie"
	"gatehouse/auth/text"
	"gatehouse/plugins"
)

// header carries the token to the client, as better-auth's documentation reads it.
const header = "set-auth-token"

// announce sends a session token that goes out in a cookie in a header as well
// (better-auth tokens A2).
func announce(h *plugins.Host) func(context.Context, *plugins.Call) error {
	return func(_ context.Context, c *plugins.Call) error {
		name := cookieName(h)
		if !c.Cookies.Has(name) {
			return nil
		}
		if token := value(c.Cookies.Lines(), name); token != "" {
			c.Header.Set(header, token)
			plugins.Expose(c.Header, header)
		}
		return nil
	}
}

// cookieName is the name of the session's cookie in this configuration.
func cookieName(h *plugins.Host) string {
	cookies, top := h.Core.Settings.Cookies.Get(), h.Core.Settings.Top.Get()
	return cookie.Names{Prefix: cookies.Prefix, Secure: cookies.Secure.Or(top.Secure())}.Name("session_token")
}

// value reads the decoded value of a cookie from Set-Cookie lines.
func value(lines []string, name string) string {
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, name+"=")
		if !ok {
			continue
		}
		escaped, _, _ := strings.Cut(rest, ";")
		plain, _ := text.UnescapeURI(escaped)
		return plain
	}
	return ""
}
