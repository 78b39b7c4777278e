package pages

import (
	"net/http"
	"net/url"
	"strings"

	"gatehouse/auth"
	"gatehouse/plugins"
	"gatehouse/web"
)

// errTarget refuses a post that would lead somewhere foreign. The pages never write
// such an address into a form.
var errTarget = auth.E(http.StatusForbidden, "INVALID_CALLBACK_URL", "The address to go to afterwards does not belong to this server or its apps.")

// wanted is the address to go to afterwards. A foreign one is dropped: a page may be
// opened by any link.
func (p *Part) wanted(c *plugins.Call, name string) string {
	if to := c.Form(name); to != "" && p.h.Targets.Allowed(to) {
		return to
	}
	return ""
}

// asked is wanted for posts, where a foreign address stops the act before any effect
// (SEC-055).
func (p *Part) asked(c *plugins.Call) (string, error) {
	to := c.Form("returnTo")
	if to != "" && !p.h.Targets.Allowed(to) {
		return "", errTarget
	}
	return to, nil
}

// own reports whether an address is a path of this server.
func (p *Part) own(to string) bool { return strings.HasPrefix(to, "/") && p.h.Targets.Allowed(to) }

func orHome(to string) string {
	if to == "" {
		return web.HomePath
	}
	return to
}

// with adds a return address to a page of ours, when there is one.
func with(path, to string) string {
	if to == "" {
		return path
	}
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	return path + joint + "returnTo=" + url.QueryEscape(to)
}
