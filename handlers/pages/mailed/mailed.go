// Package mailed remembers over a redirect to which address a mail went, so that the
// page that says so needs no address in its URL.
package mailed

import (
	"net/url"

	"gatehouse/plugins"
)

// key of the signed cookie, and its life in seconds.
const (
	key  = "mailed_to"
	life = 15 * 60
)

// Keep remembers an address for the next page.
func Keep(c *plugins.Call, address string) {
	c.Desk.SetSigned(c, key, url.QueryEscape(address), life)
}

// To returns the remembered address, "" when there is none.
func To(c *plugins.Call) string {
	value, ok := c.Desk.Signed(c, key)
	if !ok {
		return ""
	}
	address, err := url.QueryUnescape(value)
	if err != nil {
		return ""
	}
	return address
}

// Forget drops the remembered address: it is personal, and goes with the session.
func Forget(c *plugins.Call) {
	if To(c) != "" {
		c.Desk.SetSigned(c, key, "", -1)
	}
}
