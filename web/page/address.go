package page

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// withReturn adds the address to return to to a link.
func withReturn(address, returnTo string) string {
	if returnTo == "" {
		return address
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + "returnTo=" + url.QueryEscape(returnTo)
}

// destination returns an address that a page may pass on to: anything that
// opens another page or app, nothing that runs in this one. An address that is
// refused becomes the start page.
func destination(address string) templ.SafeURL {
	parsed, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "\x00\r\n\t\\") {
		return "/"
	}
	switch strings.ToLower(parsed.Scheme) {
	case "javascript", "data", "vbscript", "blob", "file", "about", "view-source", "filesystem":
		return "/"
	case "":
		if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
			return "/"
		}
	}
	return templ.SafeURL(address)
}

// hostOf returns what a person should know about an address: its host, or its
// scheme when it opens an app.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	switch {
	case err != nil:
		return ""
	case parsed.Host != "":
		return parsed.Host
	}
	return parsed.Scheme
}
